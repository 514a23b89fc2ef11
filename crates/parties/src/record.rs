//! Records parties: each change is a new dated version, nothing is overwritten. A known agreement is not changed here: that takes two persons.

use contracts::{
    Context, IdempotencyKey, ItemResult, Problem, ProblemCode,
    parties::{BankProfile, PartyChange, PayerProfile, UserProfile},
};
use jiff::{Timestamp, civil::Date};
use platform::change_log::NewChange;
use platform::fault::Fault;
use platform::limits::check_count;
use primitives::copenhagen_date;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    changes::{self, change},
    checks::{check, invalid},
    house::House,
    limits::MAX_CHANGES,
    profiles,
    rights::require_recorder,
    store,
};

/// When and by whom a version was recorded.
pub(crate) struct Recorded {
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    /// The approved proposal it comes from.
    pub(crate) proposal: Option<Uuid>,
}

impl Recorded {
    /// The civil day of the record in Denmark.
    pub(crate) fn day(&self) -> Date {
        copenhagen_date(self.at)
    }
}

/// Records the changes in their order, so that a payer may name a bank recorded before it in the same call. A change that breaks a rule
/// is refused alone.
pub(crate) async fn record(
    house: &House, context: &Context, key: &IdempotencyKey, changes: &[PartyChange],
) -> Result<Vec<ItemResult<()>>, Fault> {
    require_recorder(context)?;
    check_count(changes.len(), MAX_CHANGES, "input")?;
    let once = house.answers.call_with(context, "record", key, &changes)?;
    house
        .database
        .transaction("parties.record", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let recorded = Recorded { at: house.clock.now(), by: context.actor.label(), proposal: None };
            let mut results = Vec::with_capacity(changes.len());
            let mut log = Vec::new();
            for change in changes {
                let result = record_one(&mut tx, house, change, &recorded, context.purpose.as_str()).await?;
                results.push(result.map(|logged| log.extend(logged)));
            }
            house.log.append(&mut tx, context, "record", recorded.at, &log).await?;
            once.remember(&mut tx, results).await
        })
        .await
}

/// The outer result is a fault of the house, the inner one the change's own: what it changed, if anything.
async fn record_one<'c>(
    connection: &mut PgConnection, house: &House, party: &PartyChange, recorded: &Recorded, why: &'c str,
) -> Result<ItemResult<Option<NewChange<'c>>>, Fault> {
    if let Err(problem) = check(party) {
        return Ok(Err(problem));
    }
    match party {
        PartyChange::Bank(bank) => record_bank(connection, bank, recorded, why).await,
        PartyChange::Payer(payer) => record_payer(connection, house, payer, recorded, why).await,
        PartyChange::User(user) => record_user(connection, house, user, recorded, why).await,
    }
}

async fn record_bank<'c>(
    connection: &mut PgConnection, bank: &BankProfile, recorded: &Recorded, why: &'c str,
) -> Result<ItemResult<Option<NewChange<'c>>>, Fault> {
    let before = store::bank::latest(connection, bank.code).await?;
    store::bank::insert(connection, bank, recorded).await?;
    Ok(Ok(Some(change(changes::bank(bank.code), before.as_ref(), Some(bank), why)?)))
}

async fn record_payer<'c>(
    connection: &mut PgConnection, house: &House, payer: &PayerProfile, recorded: &Recorded, why: &'c str,
) -> Result<ItemResult<Option<NewChange<'c>>>, Fault> {
    store::lock(connection, &changes::agreement(payer.agreement)).await?;
    match store::agreement::latest(connection, &house.vault, payer.agreement).await? {
        Some((_, known)) if known == *payer => Ok(Ok(None)),
        Some(_) => Ok(Err(needs_two_persons())),
        None => {
            if let Err(problem) = check_banks_known(connection, payer).await? {
                return Ok(Err(problem));
            }
            store::agreement::insert(connection, &house.vault, payer, recorded).await?;
            Ok(Ok(Some(change(changes::agreement(payer.agreement), None, Some(payer), why)?)))
        }
    }
}

async fn record_user<'c>(
    connection: &mut PgConnection, house: &House, user: &UserProfile, recorded: &Recorded, why: &'c str,
) -> Result<ItemResult<Option<NewChange<'c>>>, Fault> {
    if let Err(problem) = check_authority_known(connection, user).await? {
        return Ok(Err(problem));
    }
    store::lock(connection, &changes::user(&user.user)).await?;
    if let Err(problem) = profiles::check_profile(connection, user).await? {
        return Ok(Err(problem));
    }
    let before = store::user::latest(connection, &user.user).await?;
    store::user::insert(connection, house.ids.as_ref(), user, recorded).await?;
    Ok(Ok(Some(change(changes::user(&user.user), before.as_ref(), Some(user), why)?)))
}

fn needs_two_persons() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Aftalen er kendt med et andet indhold. En ændring foreslås af én person og godkendes af en anden.",
        "The agreement is known with another content. A change is proposed by one person and approved by another.",
    )
    .in_field("agreement")
}

pub(crate) async fn check_banks_known(connection: &mut PgConnection, payer: &PayerProfile) -> Result<Result<(), Problem>, Fault> {
    let banks: Vec<_> = payer.debtor_accounts.iter().map(|debtor| debtor.bank).collect();
    if store::bank::all_known(connection, &banks).await? {
        return Ok(Ok(()));
    }
    Ok(Err(invalid(
        "debtor_accounts",
        "En konto føres i et pengeinstitut, som ikke er registreret.",
        "An account is kept by a bank that is not recorded.",
    )))
}

async fn check_authority_known(connection: &mut PgConnection, user: &UserProfile) -> Result<Result<(), Problem>, Fault> {
    if store::agreement::is_known(connection, user.authority).await? {
        return Ok(Ok(()));
    }
    Ok(Err(invalid("authority", "Myndigheden har ingen aftale.", "The authority has no agreement.")))
}
