//! How changes stand in the change log. Of a call that changes little each change is a row: what, from, to and why, sealed. A call that changes much
//! (a bank's file, an extract, a first load) is one row: how much of what, and a digest over what was written, which anybody who reads the tables
//! can take again. Who changed what in it stands in the versions themselves.

mod entries;
mod holders;
mod links;

use contracts::{Actor, Context, LegalBasis, Problem, Purpose};
use jiff::Timestamp;
use platform::change_log::NewChange;
use primitives::{EntryRef, HolderRef, hex};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::House;
use crate::fault::Fault;

pub(crate) use entries::of_entries;
pub(crate) use holders::{Holders, of_holders};
pub(crate) use links::{merged, split};

/// So many changes of one call, or so many versions it writes of one kind, are told one by one. Chosen by us: what a person does in a call is less.
const SINGLY: usize = 100;

/// A change to be logged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    /// What is changed; free of personal numbers.
    pub subject: String,
    pub from: Value,
    pub to: Value,
    /// Where it is not the purpose of the call.
    pub why: Option<String>,
    /// Who, where that is more than the caller's label says.
    pub by: Option<String>,
    pub approved_by: Option<String>,
}

impl Change {
    /// A change by the caller, for the purpose of the call.
    pub(crate) fn new(subject: String, from: Value, to: Value) -> Self {
        Self { subject, from, to, why: None, by: None, approved_by: None }
    }

    /// A change by this actor, for this reason.
    pub(crate) fn by(self, by: &str, why: &str) -> Self {
        Self { by: Some(by.to_owned()), why: Some(why.to_owned()), ..self }
    }
}

/// The value as content of a change.
pub(crate) fn content(value: &impl Serialize) -> Result<Value, Fault> {
    serde_json::to_value(value).map_err(|_| Fault::Corrupt("change"))
}

pub(crate) fn holder(holder: HolderRef) -> String {
    format!("holder:{}", holder.get())
}

pub(crate) fn entry(of: HolderRef, entry: EntryRef) -> String {
    format!("{}/entry:{entry}", holder(of))
}

impl House {
    /// Appends the changes in the transaction that makes them, with one statement. None: nothing.
    pub(crate) async fn log_changes(
        &self, conn: &mut PgConnection, context: &Context, operation: &str, at: Timestamp, changes: Vec<Change>,
    ) -> Result<(), Fault> {
        let changes = if changes.len() > SINGLY { vec![together(&changes)] } else { changes };
        let rows: Vec<NewChange<'_>> = changes
            .iter()
            .map(|change| NewChange {
                subject: change.subject.clone(),
                from: change.from.clone(),
                to: change.to.clone(),
                why: change.why.as_deref().unwrap_or(context.purpose.as_str()),
                by: change.by.as_deref(),
                approved_by: change.approved_by.as_deref(),
            })
            .collect();
        Ok(self.change_log.append(conn, context, operation, at, &rows).await?)
    }
}

/// This house as a caller, for what it does by itself.
pub(crate) fn ourselves(purpose: &str) -> Result<Context, Problem> {
    Ok(Context {
        actor: Actor::House { name: "register".to_owned() },
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov nr. 696 af 20/6/2025 om nemkonto")?,
        purpose: Purpose::new(purpose)?,
        trace: Uuid::nil(),
        acting: None,
    })
}

/// Many changes as one: their count, and the digest over subject, from and to of each.
fn together(changes: &[Change]) -> Change {
    let mut digest = Sha256::new();
    for change in changes {
        digest.update(json!([change.subject, change.from, change.to]).to_string());
        digest.update("\n");
    }
    let to = json!({ "changes": changes.len(), "sha256": hex::encode(digest.finalize()) });
    Change { by: changes.first().and_then(|first| first.by.clone()), ..Change::new("several".to_owned(), Value::Null, to) }
}
