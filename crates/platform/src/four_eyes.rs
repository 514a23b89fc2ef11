//! Four eyes: what one person proposes takes effect only when another person approves it, in time.
//!
//! A proposal is a row of `<schema>.proposal` (see [`ddl`]). It is open until it is decided once: approved or rejected by another person than
//! the proposer, or withdrawn by the proposer; what nobody decides in time has expired. The rules hold in the database too, by constraints and
//! a trigger: the runtime role may write nothing of a proposal but its decision, and that once. What an approval puts into effect the house does in
//! the transaction of [`decide`].

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

use crate::database::expect_rows;

/// A proposal to write.
#[derive(Clone, Debug)]
pub struct NewProposal<'p> {
    /// Its id.
    pub id: Uuid,
    /// What kind of thing is proposed, in the house's own words.
    pub kind: &'p str,
    /// What it is about, free of personal numbers: whoever may see the subject may see the proposal.
    pub subject: &'p str,
    /// What is proposed, in the house's own encoding, sealed.
    pub payload: &'p [u8],
    /// The person who proposes: a label that is the same for the same person.
    pub by: &'p str,
    /// When.
    pub at: Timestamp,
    /// From then on it can no longer be decided.
    pub expires_at: Timestamp,
}

/// How far a proposal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for another person, or has expired: see [`Stored::state_at`].
    Open,
    /// Approved by another person.
    Approved,
    /// Rejected by another person.
    Rejected,
    /// Withdrawn by who proposed it.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    fn read(word: &str) -> Result<Self, sqlx::Error> {
        [Self::Open, Self::Approved, Self::Rejected, Self::Withdrawn]
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or_else(|| sqlx::Error::Protocol("the state of a proposal is not readable".into()))
    }
}

/// A proposal as it is stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub subject: String,
    /// What is proposed.
    pub payload: Vec<u8>,
    /// Who proposed.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Until when it can be decided.
    pub expires_at: Timestamp,
    /// How it was decided; [`State::Open`] while it was not.
    decided: State,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
}

impl Stored {
    /// How far it has come at this time.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        match self.decided {
            State::Open if now >= self.expires_at => State::Expired,
            state => state,
        }
    }
}

/// What a person says to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another person approves.
    Approve,
    /// Another person rejects.
    Reject,
    /// Who proposed withdraws.
    Withdraw,
}

impl Verdict {
    /// The state it leads to.
    #[must_use]
    pub fn leads_to(self) -> State {
        match self {
            Self::Approve => State::Approved,
            Self::Reject => State::Rejected,
            Self::Withdraw => State::Withdrawn,
        }
    }
}

/// Why a verdict does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It was decided before, or has expired.
    NotOpen(State),
    /// Nobody approves or rejects the own proposal.
    OwnProposal,
    /// Only who proposed withdraws.
    NotOwnProposal,
}

/// Whether `by` may decide the proposal so, now.
///
/// # Errors
/// [`Refusal`].
pub fn judge(stored: &Stored, verdict: Verdict, by: &str, now: Timestamp) -> Result<State, Refusal> {
    match stored.state_at(now) {
        State::Open => {}
        state => return Err(Refusal::NotOpen(state)),
    }
    match (verdict, stored.proposed_by == by) {
        (Verdict::Approve | Verdict::Reject, true) => Err(Refusal::OwnProposal),
        (Verdict::Withdraw, false) => Err(Refusal::NotOwnProposal),
        _ => Ok(verdict.leads_to()),
    }
}

/// The statements that make the table in schema `schema`, for a migration of the house.
#[must_use]
pub fn ddl(schema: &str) -> String {
    format!(
        "create table {schema}.proposal (
    proposal_id uuid not null,
    kind text not null,
    subject text not null,
    payload bytea not null,
    proposed_by text not null,
    proposed_at timestamptz not null,
    expires_at timestamptz not null,
    state text not null default 'open',
    decided_by text,
    decided_at timestamptz,
    constraint proposal_pkey primary key (proposal_id),
    constraint proposal_state_known check (state in ('open', 'approved', 'rejected', 'withdrawn')),
    constraint proposal_has_time check (expires_at > proposed_at),
    constraint proposal_decision_whole check ((state = 'open') = (decided_by is null) and (state = 'open') = (decided_at is null)),
    constraint proposal_four_eyes check (state not in ('approved', 'rejected') or decided_by <> proposed_by),
    constraint proposal_withdrawn_by_proposer check (state <> 'withdrawn' or decided_by = proposed_by),
    constraint proposal_decided_in_time check (decided_at >= proposed_at and decided_at < expires_at)
);
create index proposal_open on {schema}.proposal (proposed_at) where state = 'open';
comment on table {schema}.proposal is 'What one person proposes and another approves. Only the decision is written later, once.';
comment on column {schema}.proposal.payload is 'What is proposed, sealed.';
create function {schema}.proposal_step() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' and new.state <> 'open' then
        raise exception 'a proposal begins open' using errcode = 'check_violation', constraint = 'proposal_begins_open';
    end if;
    if tg_op = 'UPDATE' and old.state <> 'open' then
        raise exception 'a proposal is decided once' using errcode = 'check_violation', constraint = 'proposal_decided_once';
    end if;
    return new;
end $$;
create trigger proposal_step before insert or update on {schema}.proposal for each row execute function {schema}.proposal_step();
grant select, insert, update (state, decided_by, decided_at) on {schema}.proposal to nemkonto_{schema};
"
    )
}

/// Writes a proposal.
///
/// # Errors
/// When the database fails or refuses it.
pub async fn propose(connection: &mut PgConnection, schema: &'static str, new: &NewProposal<'_>) -> Result<(), sqlx::Error> {
    let statement = format!(
        "insert into {schema}.proposal (proposal_id, kind, subject, payload, proposed_by, proposed_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)"
    );
    let done = sqlx::query(AssertSqlSafe(statement))
        .bind(new.id)
        .bind(new.kind)
        .bind(new.subject)
        .bind(new.payload)
        .bind(new.by)
        .bind(new.at.to_sqlx())
        .bind(new.expires_at.to_sqlx())
        .execute(connection)
        .await?;
    expect_rows(done.rows_affected(), 1, "propose")
}

/// The proposal, locked until the transaction ends, so that two verdicts come one after the other.
///
/// # Errors
/// When the database fails.
pub async fn lock(
    connection: &mut PgConnection, schema: &'static str, kind: &str, id: Uuid,
) -> Result<Option<Stored>, sqlx::Error> {
    let statement = format!("select {COLUMNS} from {schema}.proposal where proposal_id = $1 and kind = $2 for update");
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(statement)).bind(id).bind(kind).fetch_optional(connection).await?;
    row.map(Row::into_stored).transpose()
}

/// Writes the decision that [`judge`] has allowed.
///
/// # Errors
/// When the database fails or refuses it.
pub async fn decide(
    connection: &mut PgConnection, schema: &'static str, id: Uuid, verdict: Verdict, by: &str, now: Timestamp,
) -> Result<(), sqlx::Error> {
    let statement = format!(
        "update {schema}.proposal set state = $2, decided_by = $3, decided_at = $4 where proposal_id = $1 and state = 'open'"
    );
    let done = sqlx::query(AssertSqlSafe(statement))
        .bind(id)
        .bind(verdict.leads_to().word())
        .bind(by)
        .bind(now.to_sqlx())
        .execute(connection)
        .await?;
    expect_rows(done.rows_affected(), 1, "decide a proposal")
}

/// Which proposals are listed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// Of this kind.
    pub kind: &'w str,
    /// In this state now.
    pub state: State,
    /// About nothing but these subjects; about anything, where there is none. A proposal about several names them with blanks between them.
    pub within: Option<&'w [String]>,
}

/// The oldest `most` of the proposals that are wanted, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    connection: &mut PgConnection, schema: &'static str, wanted: Wanted<'_>, now: Timestamp, most: i64,
) -> Result<Vec<Stored>, sqlx::Error> {
    let Wanted { kind, state, within } = wanted;
    let stored = if state == State::Expired { State::Open } else { state };
    let statement = format!(
        "select {COLUMNS} from {schema}.proposal
         where kind = $1 and state = $2 and (state <> 'open' or (expires_at <= $3) = $4)
           and ($6::text[] is null or string_to_array(subject, ' ') <@ $6)
         order by proposed_at, proposal_id limit $5"
    );
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(statement))
        .bind(kind)
        .bind(stored.word())
        .bind(now.to_sqlx())
        .bind(state == State::Expired)
        .bind(most)
        .bind(within)
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(Row::into_stored).collect()
}

const COLUMNS: &str = "proposal_id, subject, payload, proposed_by, proposed_at, expires_at, state, decided_by, decided_at";

#[derive(FromRow)]
struct Row {
    proposal_id: Uuid,
    subject: String,
    payload: Vec<u8>,
    proposed_by: String,
    proposed_at: SqlTimestamp,
    expires_at: SqlTimestamp,
    state: String,
    decided_by: Option<String>,
    decided_at: Option<SqlTimestamp>,
}

impl Row {
    fn into_stored(self) -> Result<Stored, sqlx::Error> {
        Ok(Stored {
            id: self.proposal_id,
            subject: self.subject,
            payload: self.payload,
            proposed_by: self.proposed_by,
            proposed_at: self.proposed_at.to_jiff(),
            expires_at: self.expires_at.to_jiff(),
            decided: State::read(&self.state)?,
            decided_by: self.decided_by,
            decided_at: self.decided_at.map(SqlTimestamp::to_jiff),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    #[test]
    fn who_may_decide_what_and_when() {
        let start: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let at = |hours: i64| start.checked_add(hours.hours()).unwrap();
        let proposal = |decided| Stored {
            id: Uuid::nil(),
            subject: "agreement:00000001".into(),
            payload: vec![],
            proposed_by: "kim".into(),
            proposed_at: start,
            expires_at: at(2),
            decided,
            decided_by: None,
            decided_at: None,
        };
        let check = |decided, verdict, by, hours, expect| {
            assert_eq!(judge(&proposal(decided), verdict, by, at(hours)), expect, "{decided:?} {verdict:?} {by} {hours}");
        };
        check(State::Open, Verdict::Approve, "bo", 1, Ok(State::Approved));
        check(State::Open, Verdict::Reject, "bo", 1, Ok(State::Rejected));
        check(State::Open, Verdict::Withdraw, "kim", 1, Ok(State::Withdrawn));
        check(State::Open, Verdict::Approve, "kim", 1, Err(Refusal::OwnProposal));
        check(State::Open, Verdict::Reject, "kim", 1, Err(Refusal::OwnProposal));
        check(State::Open, Verdict::Withdraw, "bo", 1, Err(Refusal::NotOwnProposal));
        for verdict in [Verdict::Approve, Verdict::Reject, Verdict::Withdraw] {
            for by in ["kim", "bo"] {
                check(State::Open, verdict, by, 2, Err(Refusal::NotOpen(State::Expired)));
                for decided in [State::Approved, State::Rejected, State::Withdrawn] {
                    check(decided, verdict, by, 1, Err(Refusal::NotOpen(decided)));
                }
            }
        }
    }
}
