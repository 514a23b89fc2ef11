//! The count of what two judges say of the same files.

use crate::listed::{self, Listed};
use iso20022::{MessageKind, Verdict};
use std::collections::BTreeMap;
use std::fmt;

/// A file with what libxml2 and we say of it.
pub struct Judged {
    pub kind: MessageKind,
    pub file: Vec<u8>,
    pub verdict: Verdict,
    /// Whether libxml2 accepts it.
    pub accepted: bool,
}

#[derive(Default)]
pub struct Tally {
    pub accepted: usize,
    pub refused: usize,
    pub listed: BTreeMap<Listed, usize>,
    pub false_accepts: Vec<Judged>,
    /// Refused for a reason that is not listed.
    pub false_rejects: Vec<Judged>,
}

impl Tally {
    pub fn add(&mut self, judged: Judged) {
        match (judged.verdict.valid, judged.accepted) {
            (true, true) => self.accepted += 1,
            (false, false) => self.refused += 1,
            (true, false) => self.false_accepts.push(judged),
            (false, true) => match listed::class(&judged.verdict.findings[0]) {
                Some(class) => *self.listed.entry(class).or_default() += 1,
                None => self.false_rejects.push(judged),
            },
        }
    }

    pub fn join(&mut self, other: Tally) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        for (class, count) in other.listed {
            *self.listed.entry(class).or_default() += count;
        }
        self.false_accepts.extend(other.false_accepts);
        self.false_rejects.extend(other.false_rejects);
    }

    fn total(&self) -> usize {
        self.accepted + self.refused + self.listed.values().sum::<usize>() + self.false_accepts.len() + self.false_rejects.len()
    }

    /// No false accept, and at most one unlisted false reject in ten thousand.
    pub fn check(&self) {
        let kept = self.keep();
        kept.iter().for_each(|kept| eprintln!("{kept}"));
        assert!(self.false_accepts.is_empty(), "{} false accepts: {kept:#?}", self.false_accepts.len());
        assert!(self.false_rejects.len() <= self.total() / 10_000, "{} false rejects: {kept:#?}", self.false_rejects.len());
        let share = |count: usize| count * 100 / self.total();
        assert!(share(self.accepted) > 15 && share(self.refused) > 15, "too one-sided to mean anything: {self}");
    }

    /// Keeps the files the judges disagree on, and says where.
    fn keep(&self) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("nemkonto-disagreements-{}", std::process::id()));
        let disagreed = self
            .false_accepts
            .iter()
            .map(|judged| ("accept", judged))
            .chain(self.false_rejects.iter().map(|judged| ("reject", judged)));
        let mut kept = Vec::new();
        for (number, (what, judged)) in disagreed.take(60).enumerate() {
            std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
            let file = folder.join(format!("false-{what}-{number}-{}.xml", judged.kind));
            std::fs::write(&file, &judged.file).expect("the temporary folder can be written");
            let why = judged.verdict.findings.first().map_or(String::new(), ToString::to_string);
            kept.push(format!("{}: {why}", file.display()));
        }
        kept
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} files: {} accepted and {} refused by both", self.total(), self.accepted, self.refused)?;
        write!(out, ", {} false accepts, {} false rejects", self.false_accepts.len(), self.false_rejects.len())?;
        for (class, count) in &self.listed {
            write!(out, ", {count} refused on purpose ({class:?})")?;
        }
        Ok(())
    }
}
