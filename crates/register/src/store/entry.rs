//! `register.entry`: the bitemporal history of designations.

use contracts::register::{AccountPurpose, DesignationRoute};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::{AgreementNumber, BankCode, BenefitCode, EntryRef, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::dossier::EntryChanges;
use crate::entry::{Entry, State};
use crate::fault::Fault;
use crate::span::Span;

/// A row of the table.
struct Row {
    holder_ref: Uuid,
    entry_id: i64,
    version: i32,
    payer: String,
    benefit: String,
    account: Vec<u8>,
    state: String,
    valid_from: jiff_sqlx::Date,
    valid_until: Option<jiff_sqlx::Date>,
    expires_at: Option<jiff_sqlx::Timestamp>,
    recorded_from: jiff_sqlx::Timestamp,
    route: String,
    bank: Option<String>,
    recorded_by: String,
    reason: Vec<u8>,
    form: Option<String>,
}

impl TryFrom<Row> for Entry {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            holder: HolderRef(row.holder_ref),
            entry: EntryRef(row.entry_id),
            version: row.version,
            purpose: parse_purpose(&row.payer, &row.benefit)?,
            account: row.account,
            state: parse_state(&row.state, row.expires_at.map(|at| at.to_jiff()))?,
            valid: Span { from: Some(row.valid_from.to_jiff()), until: row.valid_until.map(|day| day.to_jiff()) },
            recorded_from: row.recorded_from.to_jiff(),
            route: parse_route(&row.route, row.bank.as_deref(), row.form.as_deref())?,
            recorded_by: row.recorded_by,
            reason: row.reason,
        })
    }
}

/// The open versions of holders' entries.
pub(crate) async fn open_of(conn: &mut PgConnection, holders: &[Uuid]) -> Result<Vec<Entry>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        r#"select e.holder_ref, e.entry_id, e.version, e.payer, e.benefit, e.account, e.state, e.valid_from, e.valid_until, e.expires_at,
                  e.recorded_from, e.route, e.bank, e.recorded_by, e.reason, e.form
           from unnest($1::uuid[]) as asked (holder_ref)
           cross join lateral (
               select e.* from register.entry e where e.holder_ref = asked.holder_ref and e.recorded_until is null offset 0
           ) e"#,
        holders,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// The versions of holders' entries that were believed at `at`, newest first.
pub(crate) async fn known_at(conn: &mut PgConnection, holders: &[Uuid], at: Timestamp) -> Result<Vec<Entry>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select holder_ref, entry_id, version, payer, benefit, account, state, valid_from, valid_until, expires_at,
                recorded_from, route, bank, recorded_by, reason, form
         from register.entry
         where holder_ref = any($1) and recorded_from <= $2 and (recorded_until is null or recorded_until > $2)
         order by entry_id desc",
        holders,
        at.to_sqlx(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// The holders whose account it is on the day, for any purpose.
pub(crate) async fn holders_of_account(conn: &mut PgConnection, account: &[u8], day: Date) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select distinct holder_ref from register.entry
         where account = $1 and recorded_until is null and state = 'active' and valid_from <= $2
           and (valid_until is null or valid_until > $2) order by holder_ref",
        account,
        day.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await
}

/// Writes changes: first what is no longer believed, then what is.
pub(crate) async fn write(conn: &mut PgConnection, changes: &EntryChanges, at: Timestamp) -> Result<(), sqlx::Error> {
    close(conn, &changes.closed, at).await?;
    insert(conn, &changes.added).await
}

async fn close(conn: &mut PgConnection, versions: &[Entry], at: Timestamp) -> Result<(), sqlx::Error> {
    if versions.is_empty() {
        return Ok(());
    }
    let holders: Vec<Uuid> = versions.iter().map(|closed| closed.holder.get()).collect();
    let (entries, numbers): (Vec<i64>, Vec<i32>) = versions.iter().map(|closed| (closed.entry.get(), closed.version)).unzip();
    let done = sqlx::query!(
        "update register.entry e set recorded_until = $4
         from unnest($1::uuid[], $2::bigint[], $3::int[]) as closed (holder_ref, entry_id, version)
         where e.holder_ref = closed.holder_ref and e.entry_id = closed.entry_id and e.version = closed.version
           and e.recorded_until is null",
        &holders,
        &entries,
        &numbers,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), versions.len(), "close entries")
}

/// The columns of new versions.
#[derive(Default)]
struct Columns<'e> {
    holders: Vec<Uuid>,
    entries: Vec<i64>,
    versions: Vec<i32>,
    payers: Vec<&'e str>,
    benefits: Vec<&'e str>,
    accounts: Vec<&'e [u8]>,
    states: Vec<&'static str>,
    valid_from: Vec<Option<jiff_sqlx::Date>>,
    valid_until: Vec<Option<jiff_sqlx::Date>>,
    expires_at: Vec<Option<jiff_sqlx::Timestamp>>,
    recorded_from: Vec<jiff_sqlx::Timestamp>,
    routes: Vec<&'static str>,
    banks: Vec<Option<&'e str>>,
    recorded_by: Vec<&'e str>,
    reasons: Vec<&'e [u8]>,
    forms: Vec<Option<String>>,
}

impl<'e> Columns<'e> {
    fn push(&mut self, entry: &'e Entry) {
        let (payer, benefit) = purpose_columns(&entry.purpose);
        let (state, expires_at) = state_columns(entry.state);
        let (route, bank) = route_columns(&entry.route);
        self.holders.push(entry.holder.get());
        self.entries.push(entry.entry.get());
        self.versions.push(entry.version);
        self.payers.push(payer);
        self.benefits.push(benefit);
        self.accounts.push(&entry.account);
        self.states.push(state);
        self.valid_from.push(entry.valid.from.map(ToSqlx::to_sqlx));
        self.valid_until.push(entry.valid.until.map(ToSqlx::to_sqlx));
        self.expires_at.push(expires_at.map(ToSqlx::to_sqlx));
        self.recorded_from.push(entry.recorded_from.to_sqlx());
        self.routes.push(route);
        self.banks.push(bank);
        self.recorded_by.push(&entry.recorded_by);
        self.reasons.push(&entry.reason);
        self.forms.push(form_column(&entry.route));
    }
}

async fn insert(conn: &mut PgConnection, entries: &[Entry]) -> Result<(), sqlx::Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut columns = Columns::default();
    entries.iter().for_each(|entry| columns.push(entry));
    let done = sqlx::query!(
        "insert into register.entry (holder_ref, entry_id, version, payer, benefit, account, state, valid_from, valid_until, expires_at,
                                     recorded_from, route, bank, recorded_by, reason, form)
         select * from unnest($1::uuid[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::date[], $9::date[],
                              $10::timestamptz[], $11::timestamptz[], $12::text[], $13::text[], $14::text[], $15::bytea[],
                              $16::text[])",
        &columns.holders,
        &columns.entries,
        &columns.versions,
        &columns.payers as _,
        &columns.benefits as _,
        &columns.accounts as _,
        &columns.states as _,
        &columns.valid_from as _,
        &columns.valid_until as _,
        &columns.expires_at as _,
        &columns.recorded_from,
        &columns.routes as _,
        &columns.banks as _,
        &columns.recorded_by as _,
        &columns.reasons as _,
        &columns.forms as _,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), entries.len(), "insert entries")
}

/// Payer and benefit; both empty for the NemKonto.
pub(crate) fn purpose_columns(purpose: &AccountPurpose) -> (&str, &str) {
    match purpose {
        AccountPurpose::NemKonto => ("", ""),
        AccountPurpose::Specific { payer, benefit } => (payer.digits(), benefit.as_str()),
    }
}

fn parse_purpose(payer: &str, benefit: &str) -> Result<AccountPurpose, Fault> {
    if payer.is_empty() {
        return Ok(AccountPurpose::NemKonto);
    }
    Ok(AccountPurpose::Specific {
        payer: AgreementNumber::parse(payer).map_err(|_| Fault::Corrupt("payer"))?,
        benefit: BenefitCode::parse(benefit).map_err(|_| Fault::Corrupt("benefit"))?,
    })
}

pub(crate) fn state_columns(state: State) -> (&'static str, Option<Timestamp>) {
    match state {
        State::Pending { expires_at } => ("pending", Some(expires_at)),
        State::Active => ("active", None),
        State::Withdrawn => ("withdrawn", None),
    }
}

fn parse_state(text: &str, expires_at: Option<Timestamp>) -> Result<State, Fault> {
    match (text, expires_at) {
        ("pending", Some(expires_at)) => Ok(State::Pending { expires_at }),
        ("active", _) => Ok(State::Active),
        ("withdrawn", _) => Ok(State::Withdrawn),
        _ => Err(Fault::Corrupt("entry state")),
    }
}

pub(crate) fn route_columns(route: &DesignationRoute) -> (&'static str, Option<&str>) {
    match route {
        DesignationRoute::Bank { bank } => ("bank", Some(bank.as_str())),
        DesignationRoute::SelfService => ("self_service", None),
        DesignationRoute::Guardian => ("guardian", None),
        DesignationRoute::Caseworker => ("caseworker", None),
        DesignationRoute::Form => ("form", None),
        DesignationRoute::ForeignForm { .. } => ("foreign_form", None),
        DesignationRoute::Estate { .. } => ("estate", None),
        DesignationRoute::Migration => ("migration", None),
    }
}

/// The signatures of a form, or a court's document; they hold no personal value.
fn form_column(route: &DesignationRoute) -> Option<String> {
    match route {
        DesignationRoute::ForeignForm { signatures } => serde_json::to_string(signatures).ok(),
        DesignationRoute::Estate { document } => serde_json::to_string(document).ok(),
        _ => None,
    }
}

fn parse_route(text: &str, bank: Option<&str>, form: Option<&str>) -> Result<DesignationRoute, Fault> {
    if let ("foreign_form", Some(form)) = (text, form) {
        let signatures = serde_json::from_str(form).map_err(|_| Fault::Corrupt("form"))?;
        return Ok(DesignationRoute::ForeignForm { signatures });
    }
    if let ("estate", Some(form)) = (text, form) {
        let document = serde_json::from_str(form).map_err(|_| Fault::Corrupt("form"))?;
        return Ok(DesignationRoute::Estate { document });
    }
    match (text, bank) {
        ("bank", Some(bank)) => Ok(DesignationRoute::Bank { bank: BankCode::parse(bank).map_err(|_| Fault::Corrupt("bank"))? }),
        ("self_service", None) => Ok(DesignationRoute::SelfService),
        ("guardian", None) => Ok(DesignationRoute::Guardian),
        ("caseworker", None) => Ok(DesignationRoute::Caseworker),
        ("form", None) => Ok(DesignationRoute::Form),
        ("migration", None) => Ok(DesignationRoute::Migration),
        _ => Err(Fault::Corrupt("route")),
    }
}
