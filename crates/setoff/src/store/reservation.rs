//! Reservations and how they ended.

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use primitives::{AgreementNumber, BenefitCode, Currency, LegRef, Money, ReservationRef};
use sqlx::PgConnection;

use platform::legs::{self, LegColumns};

/// What the reservations of one call have in common.
pub(crate) struct Terms {
    pub(crate) payer: AgreementNumber,
    pub(crate) on: Date,
    pub(crate) rule_version: i32,
    pub(crate) reserved_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// A payout to redirect.
pub(crate) struct Hit<'p> {
    pub(crate) leg: LegRef,
    pub(crate) payee: &'p [u8],
    pub(crate) benefit: Option<BenefitCode>,
    pub(crate) amount: Money,
    pub(crate) marker_version: i64,
}

/// The rows of one slice a call asks about, both ends included.
pub(crate) struct RowSpan {
    pub(crate) slice: i64,
    pub(crate) first: i32,
    pub(crate) last: i32,
}

/// How a reservation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The bank has executed the redirect.
    Posted,
    /// The payment was stopped or rejected.
    Voided,
}

impl Outcome {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Voided => "voided",
        }
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        match text {
            "posted" => Ok(Self::Posted),
            "voided" => Ok(Self::Voided),
            _ => Err(Fault::Stored("outcome")),
        }
    }
}

/// A reservation as a repeated question compares it.
pub(crate) struct Reserved {
    pub(crate) leg: LegRef,
    pub(crate) reservation: ReservationRef,
    pub(crate) payee: Vec<u8>,
    pub(crate) amount: Money,
    pub(crate) rule_version: i32,
    pub(crate) outcome: Option<Outcome>,
}

/// A posted reservation as the advice tells it.
pub(crate) struct Executed {
    pub(crate) leg: LegRef,
    pub(crate) reservation: ReservationRef,
    pub(crate) payee: Vec<u8>,
    pub(crate) payer: AgreementNumber,
    pub(crate) benefit: Option<BenefitCode>,
    pub(crate) amount: Money,
    pub(crate) on: Date,
    pub(crate) at: Timestamp,
    /// When it was reversed, if it was.
    pub(crate) reversed_at: Option<Timestamp>,
}

/// Reserves the hits whose legs have no reservation yet, and keeps them among those that are open.
pub(crate) async fn insert(conn: &mut PgConnection, terms: &Terms, hits: &[Hit<'_>]) -> Result<(), sqlx::Error> {
    let legs: LegColumns = hits.iter().map(|hit| hit.leg).collect();
    let payees: Vec<&[u8]> = hits.iter().map(|hit| hit.payee).collect();
    let benefits: Vec<Option<&str>> = hits.iter().map(|hit| hit.benefit.as_ref().map(BenefitCode::as_str)).collect();
    let minor: Vec<i64> = hits.iter().map(|hit| hit.amount.minor()).collect();
    let currencies: Vec<String> = hits.iter().map(|hit| hit.amount.currency().code().to_owned()).collect();
    let markers: Vec<i64> = hits.iter().map(|hit| hit.marker_version).collect();
    sqlx::query!(
        "with reserved as (
         insert into setoff.reservation
             (leg_slice, leg_row, leg_number, payee, benefit, minor, currency, marker_version,
              reservation, payer, on_day, rule_version, reserved_at, expires_at)
         select u.*, nextval('setoff.reservation_number'), $9::text, $10::date, $11::integer, $12::timestamptz, $13::timestamptz
         from unnest($1::bigint[], $2::integer[], $3::smallint[], $4::bytea[], $5::text[], $6::bigint[], $7::text[], $8::bigint[]) u
         on conflict (leg_slice, leg_row, leg_number) do nothing
         returning leg_slice, leg_row, leg_number, expires_at)
         insert into setoff.open_reservation (leg_slice, leg_row, leg_number, expires_at) select * from reserved",
        &legs.slices,
        &legs.rows,
        &legs.numbers,
        &payees as _,
        &benefits as _,
        &minor,
        &currencies,
        &markers,
        terms.payer.digits(),
        terms.on.to_sqlx() as _,
        terms.rule_version,
        terms.reserved_at.to_sqlx() as _,
        terms.expires_at.to_sqlx() as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// All reservations in these spans: an index range per slice, so that the many payouts that are not redirected cost nothing.
pub(crate) async fn in_spans(conn: &mut PgConnection, spans: &[RowSpan]) -> Result<Vec<Reserved>, Fault> {
    let slices: Vec<i64> = spans.iter().map(|span| span.slice).collect();
    let first: Vec<i32> = spans.iter().map(|span| span.first).collect();
    let last: Vec<i32> = spans.iter().map(|span| span.last).collect();
    let rows = sqlx::query!(
        r#"select r.leg_slice, r.leg_row, r.leg_number, r.reservation, r.payee, r.minor, r.currency, r.rule_version,
                  e.outcome as "outcome?"
           from unnest($1::bigint[], $2::integer[], $3::integer[]) as span (slice, first_row, last_row)
           join setoff.reservation r
               on r.leg_slice = span.slice and r.leg_row between span.first_row and span.last_row
           left join setoff.reservation_end e using (leg_slice, leg_row, leg_number)"#,
        &slices,
        &first,
        &last,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Reserved {
                leg: legs::leg(row.leg_slice, row.leg_row, row.leg_number),
                reservation: ReservationRef(row.reservation),
                payee: row.payee,
                amount: money(row.minor, &row.currency)?,
                rule_version: row.rule_version,
                outcome: row.outcome.as_deref().map(Outcome::parse).transpose()?,
            })
        })
        .collect()
}

/// Ends those reservations of the legs that have not ended, which are open no longer; gives back the legs it ended.
pub(crate) async fn end(
    conn: &mut PgConnection, legs: &LegColumns, outcome: Outcome, at: Timestamp,
) -> Result<Vec<LegRef>, sqlx::Error> {
    let rows = sqlx::query!(
        "insert into setoff.reservation_end (leg_slice, leg_row, leg_number, outcome, ended_at)
         select r.leg_slice, r.leg_row, r.leg_number, $4::text, $5::timestamptz
         from unnest($1::bigint[], $2::integer[], $3::smallint[]) as u (slice, row, number)
         join setoff.reservation r on r.leg_slice = u.slice and r.leg_row = u.row and r.leg_number = u.number
         order by r.leg_slice, r.leg_row, r.leg_number
         on conflict (leg_slice, leg_row, leg_number) do nothing
         returning leg_slice, leg_row, leg_number",
        &legs.slices,
        &legs.rows,
        &legs.numbers,
        outcome.as_str(),
        at.to_sqlx() as _,
    )
    .fetch_all(&mut *conn)
    .await?;
    let ended: Vec<LegRef> = rows.into_iter().map(|row| legs::leg(row.leg_slice, row.leg_row, row.leg_number)).collect();
    let columns: LegColumns = ended.iter().copied().collect();
    let closed = sqlx::query!(
        "delete from setoff.open_reservation o
         using unnest($1::bigint[], $2::integer[], $3::smallint[]) as u (slice, row, number)
         where o.leg_slice = u.slice and o.leg_row = u.row and o.leg_number = u.number",
        &columns.slices,
        &columns.rows,
        &columns.numbers,
    )
    .execute(conn)
    .await?;
    expect_rows(closed.rows_affected(), ended.len(), "open reservations")?;
    Ok(ended)
}

/// Reverses those of the legs' reservations that are posted and not reversed; gives back the legs it reversed.
pub(crate) async fn reverse(conn: &mut PgConnection, legs: &LegColumns, at: Timestamp) -> Result<Vec<LegRef>, sqlx::Error> {
    let rows = sqlx::query!(
        "insert into setoff.reversal (leg_slice, leg_row, leg_number, reversed_at)
         select e.leg_slice, e.leg_row, e.leg_number, $4::timestamptz
         from unnest($1::bigint[], $2::integer[], $3::smallint[]) as u (slice, row, number)
         join setoff.reservation_end e on e.leg_slice = u.slice and e.leg_row = u.row and e.leg_number = u.number
         where e.outcome = 'posted'
         order by e.leg_slice, e.leg_row, e.leg_number
         on conflict (leg_slice, leg_row, leg_number) do nothing
         returning leg_slice, leg_row, leg_number",
        &legs.slices,
        &legs.rows,
        &legs.numbers,
        at.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| legs::leg(row.leg_slice, row.leg_row, row.leg_number)).collect())
}

/// The reservations of the legs and how they ended, by their place in `legs`; legs without a reservation are missing.
pub(crate) async fn endings(
    conn: &mut PgConnection, legs: &LegColumns,
) -> Result<Vec<(usize, ReservationRef, Option<Outcome>)>, Fault> {
    let rows = sqlx::query!(
        r#"select u.place as "place!", r.reservation, e.outcome as "outcome?"
           from unnest($1::bigint[], $2::integer[], $3::smallint[]) with ordinality as u (slice, row, number, place)
           join setoff.reservation r on r.leg_slice = u.slice and r.leg_row = u.row and r.leg_number = u.number
           left join setoff.reservation_end e using (leg_slice, leg_row, leg_number)"#,
        &legs.slices,
        &legs.rows,
        &legs.numbers,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = usize::try_from(row.place - 1).map_err(|_| Fault::Stored("place"))?;
            let outcome = row.outcome.as_deref().map(Outcome::parse).transpose()?;
            Ok((place, ReservationRef(row.reservation), outcome))
        })
        .collect()
}

/// The posted reservations of the legs.
pub(crate) async fn executed(conn: &mut PgConnection, legs: &LegColumns) -> Result<Vec<Executed>, Fault> {
    let rows = sqlx::query!(
        r#"select r.leg_slice, r.leg_row, r.leg_number, r.reservation, r.payee, r.payer, r.benefit, r.minor, r.currency, r.on_day,
                e.ended_at, v.reversed_at as "reversed_at?"
         from unnest($1::bigint[], $2::integer[], $3::smallint[]) as u (slice, row, number)
         join setoff.reservation r on r.leg_slice = u.slice and r.leg_row = u.row and r.leg_number = u.number
         join setoff.reservation_end e using (leg_slice, leg_row, leg_number)
         left join setoff.reversal v using (leg_slice, leg_row, leg_number)
         where e.outcome = 'posted'"#,
        &legs.slices,
        &legs.rows,
        &legs.numbers,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Executed {
                leg: legs::leg(row.leg_slice, row.leg_row, row.leg_number),
                reservation: ReservationRef(row.reservation),
                payee: row.payee,
                payer: AgreementNumber::parse(&row.payer).map_err(|_| Fault::Stored("payer"))?,
                benefit: row.benefit.as_deref().map(BenefitCode::parse).transpose().map_err(|_| Fault::Stored("benefit"))?,
                amount: money(row.minor, &row.currency)?,
                on: row.on_day.to_jiff(),
                at: row.ended_at.to_jiff(),
                reversed_at: row.reversed_at.map(|at| at.to_jiff()),
            })
        })
        .collect()
}

/// Legs whose reservation has passed its expiry without an ending, the longest overdue first.
pub(crate) async fn overdue(
    conn: &mut PgConnection, at: Timestamp, limit: i64,
) -> Result<Vec<(LegRef, ReservationRef, Timestamp)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select r.leg_slice, r.leg_row, r.leg_number, r.reservation, r.expires_at
         from setoff.open_reservation o join setoff.reservation r using (leg_slice, leg_row, leg_number)
         where o.expires_at < $1
         order by o.expires_at, r.reservation limit $2",
        at.to_sqlx() as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let leg = legs::leg(row.leg_slice, row.leg_row, row.leg_number);
            (leg, ReservationRef(row.reservation), row.expires_at.to_jiff())
        })
        .collect())
}

fn money(minor: i64, currency: &str) -> Result<Money, Fault> {
    let currency = Currency::parse(currency).map_err(|_| Fault::Stored("currency"))?;
    Ok(Money::new(minor, currency))
}
