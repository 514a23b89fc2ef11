//! What is told: counts, and a line for each difference.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;

use super::ShadowError;
use super::compare::{AnswerKind, Compared, Told};
use super::questions::{Group, Question};
use crate::step::key::StepKey;

/// How the answers compare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShadowReport {
    /// Lines that are no questions.
    pub set_aside: u64,
    counts: BTreeMap<AnswerKind, u64>,
}

impl ShadowReport {
    /// How many answers are of the kind.
    #[must_use]
    pub fn count(&self, kind: AnswerKind) -> u64 {
        self.counts.get(&kind).copied().unwrap_or(0)
    }

    /// How many questions were asked.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Whether every line was a question, and every answer the same.
    #[must_use]
    pub fn equal(&self) -> bool {
        self.set_aside == 0 && self.counts.keys().all(|kind| kind.is_same())
    }
}

/// The report while it is made.
pub(super) struct Telling<'t> {
    pub key: &'t StepKey,
    pub differences: &'t mut (dyn Write + Send),
    pub report: ShadowReport,
}

impl Telling<'_> {
    /// Counts the answers, and writes a line where they differ: never a number or an account.
    pub fn tell(&mut self, (payer, on): &Group, question: &Question, compared: &Compared) -> Result<(), ShadowError> {
        let kind = compared.kind();
        *self.report.counts.entry(kind).or_default() += 1;
        if kind.is_same() {
            return Ok(());
        }
        let payee = &question.payee;
        let line = json!({
            "question": question.place,
            "holder": self.key.reference(&payee.identifier),
            "kind": payee.identifier.kind().as_str(),
            "payer": payer.digits(),
            "on": on.to_string(),
            "benefit": payee.benefit.as_ref().map(|benefit| benefit.as_str().to_owned()),
            "difference": kind.word(),
            "here": said(&compared.here),
            "there": said(&compared.there),
        });
        Ok(writeln!(self.differences, "{line}")?)
    }
}

fn said(told: &Told) -> serde_json::Value {
    json!({ "outcome": told.outcome, "by_fallback": told.by_fallback, "by_old_number": told.by_old_number })
}
