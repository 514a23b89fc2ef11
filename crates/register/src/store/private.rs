//! `register.private_choice` and `register.private_lookup`: what payees have chosen about private payers, and what these have asked.

use std::collections::HashSet;

use contracts::register::PayeeChoice;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use primitives::{AgreementNumber, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

/// What payees have chosen about a payer.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    pub opted_out: HashSet<HolderRef>,
    pub consented: HashSet<HolderRef>,
}

/// A payout that was asked for.
pub(crate) struct Asked {
    /// Its place in the bundle.
    pub place: usize,
    pub payout: String,
    pub holder: HolderRef,
}

/// What holders have chosen about a payer: the latest choices of each.
pub(crate) async fn choices_of(
    conn: &mut PgConnection, payer: AgreementNumber, holders: &[HolderRef],
) -> Result<Choices, sqlx::Error> {
    let asked: Vec<Uuid> = holders.iter().map(|holder| holder.get()).collect();
    let rows = sqlx::query!(
        "select distinct on (holder_ref, is_consent) holder_ref, is_consent, is_given from register.private_choice
         where payer = $1 and holder_ref = any($2) order by holder_ref, is_consent, recorded_at desc",
        payer.digits(),
        &asked,
    )
    .fetch_all(conn)
    .await?;
    let mut choices = Choices::default();
    for row in rows.into_iter().filter(|row| row.is_given) {
        let chosen = if row.is_consent { &mut choices.consented } else { &mut choices.opted_out };
        chosen.insert(HolderRef(row.holder_ref));
    }
    Ok(choices)
}

/// Keeps a choice.
pub(crate) async fn choose(
    conn: &mut PgConnection, payer: AgreementNumber, holder: HolderRef, choice: PayeeChoice, at: Timestamp,
) -> Result<(), sqlx::Error> {
    let (is_consent, is_given) = match choice {
        PayeeChoice::OptOut => (false, true),
        PayeeChoice::OptIn => (false, false),
        PayeeChoice::Consent => (true, true),
        PayeeChoice::WithdrawConsent => (true, false),
    };
    sqlx::query!(
        "insert into register.private_choice (payer, holder_ref, is_consent, is_given, recorded_at) values ($1, $2, $3, $4, $5)
         on conflict (payer, holder_ref, is_consent, recorded_at) do nothing",
        payer.digits(),
        holder.get(),
        is_consent,
        is_given,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What one holder has chosen counts for the other, too; the latest choice of both.
pub(crate) async fn follow(conn: &mut PgConnection, from: HolderRef, into: HolderRef) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into register.private_choice (payer, holder_ref, is_consent, is_given, recorded_at)
         select payer, $2, is_consent, is_given, recorded_at from register.private_choice where holder_ref = $1
         on conflict (payer, holder_ref, is_consent, recorded_at) do nothing",
        from.get(),
        into.get(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Which of the payouts a payer has asked for before.
pub(crate) async fn asked(
    conn: &mut PgConnection, payer: AgreementNumber, payouts: &[&str],
) -> Result<HashSet<String>, sqlx::Error> {
    let known = sqlx::query_scalar!(
        "select payout from register.private_lookup where payer = $1 and payout = any($2)",
        payer.digits(),
        payouts as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(known.into_iter().collect())
}

/// Keeps what was asked for; answers the payouts that were kept. One that another call asks for at the same time is waited for, and kept once;
/// in one order, so that no two calls wait for each other.
pub(crate) async fn keep(
    conn: &mut PgConnection, payer: AgreementNumber, asked: &[Asked], today: Date,
) -> Result<HashSet<String>, sqlx::Error> {
    let payouts: Vec<&str> = asked.iter().map(|asked| &asked.payout[..]).collect();
    let holders: Vec<Uuid> = asked.iter().map(|asked| asked.holder.get()).collect();
    let kept = sqlx::query_scalar!(
        "insert into register.private_lookup (payer, payout, holder_ref, asked_on)
         select $1, told.payout, told.holder_ref, $4::date from unnest($2::text[], $3::uuid[]) as told (payout, holder_ref)
         order by told.payout on conflict (payer, payout) do nothing returning payout",
        payer.digits(),
        &payouts as _,
        &holders,
        today.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(kept.into_iter().collect())
}

/// How many payouts a payer has asked for on days from `first` to `last`.
pub(crate) async fn count(conn: &mut PgConnection, payer: AgreementNumber, first: Date, last: Date) -> Result<u64, sqlx::Error> {
    let lookups = sqlx::query_scalar!(
        r#"select count(*) as "lookups!" from register.private_lookup where payer = $1 and asked_on between $2 and $3"#,
        payer.digits(),
        first.to_sqlx() as _,
        last.to_sqlx() as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(lookups.unsigned_abs())
}
