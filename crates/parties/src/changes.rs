//! How changes stand in the change log: what they are about, from what to what.

use contracts::parties::PartyKey;
use platform::change_log::NewChange;
use platform::fault::Fault;
use primitives::{AgreementNumber, BankCode};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::words::Spelled;

pub(crate) fn agreement(number: AgreementNumber) -> String {
    format!("agreement:{number}")
}

pub(crate) fn bank(code: BankCode) -> String {
    format!("bank:{code}")
}

pub(crate) fn user(id: &str) -> String {
    format!("user:{id}")
}

pub(crate) fn terms(party: &PartyKey) -> String {
    format!("terms:{}:{}", party.kind.word(), party.id)
}

pub(crate) fn routing(payer: AgreementNumber) -> String {
    format!("routing:{payer}")
}

pub(crate) fn proposal(id: Uuid) -> String {
    format!("proposal:{id}")
}

pub(crate) fn grant(id: Uuid) -> String {
    format!("grant:{id}")
}

pub(crate) fn mandate(id: Uuid) -> String {
    format!("mandate:{id}")
}

pub(crate) fn conflict(one: &str, other: &str) -> String {
    format!("conflict:{one}:{other}")
}

/// A change of the subject by the caller alone.
pub(crate) fn change<'c, T: Serialize>(
    subject: String, from: Option<&T>, to: Option<&T>, why: &'c str,
) -> Result<NewChange<'c>, Fault> {
    Ok(NewChange { subject, from: value(from)?, to: value(to)?, why, by: None, approved_by: None })
}

fn value<T: Serialize>(content: Option<&T>) -> Result<Value, Fault> {
    content.map_or(Ok(Value::Null), |content| serde_json::to_value(content).map_err(|_| Fault::Stored("change")))
}
