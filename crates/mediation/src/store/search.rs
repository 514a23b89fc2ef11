//! Payments as they are found and told of: sealed, to be opened by the verb.

use contracts::mediation::{PaymentState, PaymentSummary};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use primitives::{AgreementNumber, BenefitCode, DataSupplierId, DeliveryId, Identifier, PaymentRef, UnitCode};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::error::Error;
use crate::payment::Carry;
use crate::store::payment::amount;
use crate::vault::Vault;

/// The code of a payment's state in `mediation.payment_standing`.
pub(crate) fn state_code(state: PaymentState) -> i16 {
    match state {
        PaymentState::Waiting => 1,
        PaymentState::Allocated => 2,
        PaymentState::Sent => 3,
        PaymentState::Accepted => 4,
        PaymentState::Rejected => 5,
        PaymentState::Returned => 6,
        PaymentState::Stopped => 7,
    }
}

fn state_from_code(code: i16) -> Result<PaymentState, Error> {
    Ok(match code {
        1 => PaymentState::Waiting,
        2 => PaymentState::Allocated,
        3 => PaymentState::Sent,
        4 => PaymentState::Accepted,
        5 => PaymentState::Rejected,
        6 => PaymentState::Returned,
        7 => PaymentState::Stopped,
        _ => return Err(Error::Corrupt("a payment's state")),
    })
}

/// What a search asks of the database.
#[derive(Clone, Debug)]
pub(crate) struct Conditions {
    pub payer: Option<AgreementNumber>,
    pub delivery: Option<DeliveryId>,
    pub from: Option<Date>,
    pub until: Option<Date>,
    /// Any when empty.
    pub states: Vec<i16>,
    /// Only these benefits, and whether payments without one are seen; all when `None`.
    pub benefits: Option<(Vec<String>, bool)>,
    /// Units, and beside each a benefit that is seen there: `*` for all, empty for payments without one.
    pub units: (Vec<String>, Vec<String>),
    /// Continue after this payment; the newest first.
    pub after: Option<PaymentRef>,
    pub limit: i64,
}

impl Conditions {
    fn listed_benefits(&self) -> (bool, Vec<String>, bool) {
        match &self.benefits {
            None => (true, Vec::new(), true),
            Some((benefits, without)) => (false, benefits.clone(), *without),
        }
    }
}

/// A payment as stored.
#[derive(Clone, Debug)]
pub(crate) struct FoundPayment {
    pub slice_id: i64,
    pub row_no: i32,
    pub delivery_id: i64,
    pub payer: String,
    pub due_date: jiff_sqlx::Date,
    pub amount_minor: i64,
    pub currency: String,
    pub payee_kind: Option<i16>,
    pub payee: Option<Vec<u8>>,
    pub benefit: Option<String>,
    pub carry: Vec<u8>,
    pub state: i16,
    pub unit: Option<String>,
}

impl FoundPayment {
    pub fn reference(&self) -> PaymentRef {
        PaymentRef::new(self.slice_id, self.row_no)
    }

    /// The unit (LOS-enhed) whose account it is paid from.
    pub fn unit(&self) -> Result<Option<UnitCode>, Error> {
        self.unit.as_deref().map(UnitCode::parse).transpose().map_err(|_| Error::Corrupt("a unit"))
    }

    /// Opens it.
    pub fn summary(&self, vault: &Vault) -> Result<PaymentSummary, Error> {
        let opened = vault.open_carry(&self.carry)?;
        let payee: Option<Identifier> = match (self.payee_kind, &self.payee) {
            (Some(kind), Some(sealed)) => Some(vault.open_payee(kind, sealed)?),
            _ => None,
        };
        Ok(PaymentSummary {
            payment: self.reference(),
            delivery: DeliveryId::new(self.delivery_id),
            payer: AgreementNumber::parse(&self.payer).map_err(|_| Error::Corrupt("a slice's payer"))?,
            payee,
            end_to_end_id: Carry::decode(&opened)?.end_to_end_id.to_owned(),
            benefit: self.benefit.as_deref().map(BenefitCode::parse).transpose().map_err(|_| Error::Corrupt("a benefit"))?,
            amount: amount(self.amount_minor, self.currency.trim_end())?,
            on: self.due_date.to_jiff(),
            state: state_from_code(self.state)?,
        })
    }
}

/// How many payments of a payee one statement looks at.
const HITS_AT_A_TIME: usize = 1_000;

/// Payments to a payee, the newest first, among those the index led to (`hits`, the newest first).
pub(crate) async fn by_payee(
    pool: &PgPool, payee: (i16, &[u8]), hits: &[PaymentRef], conditions: &Conditions,
) -> Result<Vec<FoundPayment>, Error> {
    let seen = conditions.after.map_or(0, |after| hits.partition_point(|hit| *hit >= after));
    let mut found = Vec::new();
    for hits in hits[seen..].chunks(HITS_AT_A_TIME) {
        let rest = conditions.limit - i64::try_from(found.len()).unwrap_or(i64::MAX);
        if rest <= 0 {
            break;
        }
        found.extend(among(pool, payee, hits, &Conditions { limit: rest, ..conditions.clone() }).await?);
    }
    Ok(found)
}

/// The payments among `hits` that are to the payee and fulfil the conditions, the newest first.
async fn among(
    pool: &PgPool, payee: (i16, &[u8]), hits: &[PaymentRef], conditions: &Conditions,
) -> Result<Vec<FoundPayment>, Error> {
    let (any_benefit, benefits, without) = conditions.listed_benefits();
    let (slices, rows): (Vec<i64>, Vec<i32>) = hits.iter().map(|hit| (hit.slice, hit.row)).unzip();
    let rows = sqlx::query_as!(
        FoundPayment,
        r#"select p.slice_id, p.row_no, s.delivery_id, s.payer, s.due_date as "due_date: _", p.amount_minor, p.currency, p.payee_kind,
                  p.payee, p.benefit, p.carry, st.state as "state!",
                  (select b.unit from mediation.payment_block b
                   where b.delivery_id = s.delivery_id and b.block_no = p.block_no) as unit
           from unnest($11::bigint[], $12::int[]) hit (slice_id, row_no)
           join mediation.payment p on p.slice_id = hit.slice_id and p.row_no = hit.row_no
           join mediation.slice s on s.slice_id = p.slice_id
           join mediation.payment_standing st on st.slice_id = p.slice_id and st.row_no = p.row_no
           where p.payee_kind = $1 and p.payee = $2
             and ($3::text is null or s.payer = $3) and ($4::bigint is null or s.delivery_id = $4)
             and ($5::date is null or s.due_date >= $5) and ($6::date is null or s.due_date <= $6)
             and (cardinality($7::smallint[]) = 0 or st.state = any($7))
             and ($8 or p.benefit = any($9::text[]) or ($10 and p.benefit is null)
                  or exists (select from mediation.payment_block b
                             join unnest($14::text[], $15::text[]) seen (unit, benefit) on seen.unit = b.unit
                             where b.delivery_id = s.delivery_id and b.block_no = p.block_no
                               and seen.benefit in ('*', coalesce(p.benefit, ''))))
           order by p.slice_id desc, p.row_no desc limit $13"#,
        payee.0,
        payee.1,
        conditions.payer.as_ref().map(AgreementNumber::digits),
        conditions.delivery.map(DeliveryId::get),
        conditions.from.map(|day| day.to_sqlx()) as Option<jiff_sqlx::Date>,
        conditions.until.map(|day| day.to_sqlx()) as Option<jiff_sqlx::Date>,
        &conditions.states,
        any_benefit,
        &benefits,
        without,
        &slices,
        &rows,
        conditions.limit,
        &conditions.units.0,
        &conditions.units.1,
    );
    Ok(rows.fetch_all(pool).await?)
}

/// The payer's slices a search goes through, the newest first.
pub(crate) async fn slices_of_payer(
    pool: &PgPool, payer: AgreementNumber, conditions: &Conditions, below: i64, limit: i64,
) -> Result<Vec<i64>, Error> {
    let rows = sqlx::query_scalar!(
        "select slice_id from mediation.slice
         where payer = $1 and slice_id <= $2 and ($3::bigint is null or delivery_id = $3)
           and ($4::date is null or due_date >= $4) and ($5::date is null or due_date <= $5)
         order by slice_id desc limit $6",
        payer.digits(),
        below,
        conditions.delivery.map(DeliveryId::get),
        conditions.from.map(|day| day.to_sqlx()) as Option<jiff_sqlx::Date>,
        conditions.until.map(|day| day.to_sqlx()) as Option<jiff_sqlx::Date>,
        limit,
    );
    Ok(rows.fetch_all(pool).await?)
}

/// The payments of a slice that fulfil the conditions, the newest first.
pub(crate) async fn in_slice(pool: &PgPool, slice: i64, conditions: &Conditions, limit: i64) -> Result<Vec<FoundPayment>, Error> {
    let (any_benefit, benefits, without) = conditions.listed_benefits();
    let below = match conditions.after {
        Some(after) if after.slice == slice => after.row,
        _ => i32::MAX,
    };
    let rows = sqlx::query_as!(
        FoundPayment,
        r#"select p.slice_id, p.row_no, s.delivery_id, s.payer, s.due_date as "due_date: _", p.amount_minor, p.currency, p.payee_kind,
                  p.payee, p.benefit, p.carry, st.state as "state!",
                  (select b.unit from mediation.payment_block b
                   where b.delivery_id = s.delivery_id and b.block_no = p.block_no) as unit
           from mediation.payment p
           join mediation.slice s on s.slice_id = p.slice_id
           join mediation.payment_standing st on st.slice_id = p.slice_id and st.row_no = p.row_no
           where p.slice_id = $1 and p.row_no < $2
             and (cardinality($3::smallint[]) = 0 or st.state = any($3))
             and ($4 or p.benefit = any($5::text[]) or ($6 and p.benefit is null)
                  or exists (select from mediation.payment_block b
                             join unnest($8::text[], $9::text[]) seen (unit, benefit) on seen.unit = b.unit
                             where b.delivery_id = s.delivery_id and b.block_no = p.block_no
                               and seen.benefit in ('*', coalesce(p.benefit, ''))))
           order by p.row_no desc limit $7"#,
        slice,
        below,
        &conditions.states,
        any_benefit,
        &benefits,
        without,
        limit,
        &conditions.units.0,
        &conditions.units.1,
    );
    Ok(rows.fetch_all(pool).await?)
}

/// One payment.
pub(crate) async fn one(pool: &PgPool, payment: PaymentRef) -> Result<Option<FoundPayment>, Error> {
    let row = sqlx::query_as!(
        FoundPayment,
        r#"select p.slice_id, p.row_no, s.delivery_id, s.payer, s.due_date as "due_date: _", p.amount_minor, p.currency, p.payee_kind,
                  p.payee, p.benefit, p.carry, st.state as "state!",
                  (select b.unit from mediation.payment_block b
                   where b.delivery_id = s.delivery_id and b.block_no = p.block_no) as unit
           from mediation.payment p
           join mediation.slice s on s.slice_id = p.slice_id
           join mediation.payment_standing st on st.slice_id = p.slice_id and st.row_no = p.row_no
           where p.slice_id = $1 and p.row_no = $2"#,
        payment.slice,
        payment.row,
    );
    Ok(row.fetch_optional(pool).await?)
}

/// The states of payments, each with its place in `payments`; references of no payment are missing.
pub(crate) async fn states(pool: &PgPool, payments: &[PaymentRef]) -> Result<Vec<(usize, PaymentState)>, Error> {
    let (slices, numbers): (Vec<i64>, Vec<i32>) = payments.iter().map(|payment| (payment.slice, payment.row)).unzip();
    let rows = sqlx::query!(
        r#"select asked.n as "n!", st.state as "state!"
           from unnest($1::bigint[], $2::int[]) with ordinality as asked (slice_id, row_no, n)
           cross join lateral (
               select state from mediation.payment_standing s where s.slice_id = asked.slice_id and s.row_no = asked.row_no) st"#,
        &slices,
        &numbers,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = usize::try_from(row.n - 1).map_err(|_| Error::Corrupt("the place of a payment"))?;
            Ok((place, state_from_code(row.state)?))
        })
        .collect()
}

/// The data suppliers that have delivered for a payer.
pub(crate) async fn suppliers(pool: &PgPool, payer: AgreementNumber) -> Result<Vec<DataSupplierId>, Error> {
    let rows = sqlx::query_scalar!(
        "select distinct d.supplier from mediation.delivery_header h
         join mediation.delivery d on d.delivery_id = h.delivery_id where h.payer = $1",
        payer.digits(),
    )
    .fetch_all(pool)
    .await?;
    rows.iter().map(|text| DataSupplierId::parse(text).map_err(|_| Error::Corrupt("a data supplier"))).collect()
}

/// The payments with these references.
pub(crate) async fn referenced(pool: &PgPool, references: &[Uuid]) -> Result<Vec<PaymentRef>, Error> {
    let rows = sqlx::query!("select slice_id, row_no from mediation.payment_reference where reference = any($1)", references)
        .fetch_all(pool)
        .await?;
    Ok(rows.into_iter().map(|row| PaymentRef::new(row.slice_id, row.row_no)).collect())
}

/// Which payees the answer is about, for the access record: their sealed numbers.
pub(crate) fn sealed_payees(found: &[FoundPayment]) -> impl Iterator<Item = &[u8]> {
    found.iter().filter_map(|payment| payment.payee.as_deref())
}

/// Where a leg goes and what the bank said of it.
#[derive(Clone, Debug)]
pub(crate) struct StoredLeg {
    pub destination: i16,
    pub amount_minor: i64,
    pub currency: String,
    pub account: Option<Vec<u8>>,
    pub entry: Option<i64>,
    pub reason: Option<String>,
    pub sent_at: Option<jiff_sqlx::Timestamp>,
    /// The bank's last word: 1 accepted, 2 rejected, 3 returned after acceptance.
    pub outcome: Option<i16>,
}

/// The legs of a payment, in order, with the file each went in.
pub(crate) async fn legs(connection: &mut PgConnection, payment: PaymentRef) -> Result<Vec<StoredLeg>, Error> {
    let rows = sqlx::query_as!(
        StoredLeg,
        r#"select l.destination, l.amount_minor, l.currency, l.account, l.entry, l.reason,
                  fs.sent_at as "sent_at?: _", st.outcome
           from mediation.leg l
           join mediation.leg_standing st on st.slice_id = l.slice_id and st.row_no = l.row_no and st.leg_no = l.leg_no
           left join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no
           left join mediation.batch b on b.batch_id = g.batch_id
           left join mediation.file_sending fs on fs.file_id = b.file_id
           where l.slice_id = $1 and l.row_no = $2 order by l.leg_no"#,
        payment.slice,
        payment.row,
    );
    Ok(rows.fetch_all(connection).await?)
}

/// A moment in a payment's life.
#[derive(Clone, Debug)]
pub(crate) struct StoredMoment {
    /// 1 received, 2 completed, 3 stopped, 4 accepted, 5 rejected, 6 returned.
    pub kind: i16,
    pub at: jiff_sqlx::Timestamp,
    pub reason: Option<String>,
}

/// What happened to a payment, oldest first, except that it was sent.
pub(crate) async fn moments(connection: &mut PgConnection, payment: PaymentRef) -> Result<Vec<StoredMoment>, Error> {
    let rows = sqlx::query_as!(
        StoredMoment,
        r#"select kind as "kind!", at as "at!: _", reason from (
               select 1::smallint as kind, d.received_at as at, null::text as reason
               from mediation.slice s join mediation.delivery d on d.delivery_id = s.delivery_id where s.slice_id = $1
               union all
               select 2::smallint, s.allocated_at, null from mediation.slice s where s.slice_id = $1 and s.allocated_at is not null
               union all
               select 3::smallint, t.stopped_at, null from mediation.stop t where t.slice_id = $1 and t.row_no = $2
               union all
               select (o.status + 3)::smallint, o.told_at, o.reason from mediation.leg_outcome o where o.slice_id = $1 and o.row_no = $2
               union all
               select (o.status + 3)::smallint, o.told_at, o.reason
               from mediation.leg l
               join mediation.leg_group g on g.slice_id = l.slice_id and g.group_no = l.group_no
               join mediation.batch_outcome o on o.batch_id = g.batch_id
               where l.slice_id = $1 and l.row_no = $2
                 and not exists (select from mediation.stop t where t.slice_id = $1 and t.row_no = $2)
                 and not exists (select from mediation.leg_outcome own
                                 where own.slice_id = l.slice_id and own.row_no = l.row_no and own.leg_no = l.leg_no)) happened
           order by at, kind"#,
        payment.slice,
        payment.row,
    );
    Ok(rows.fetch_all(connection).await?)
}
