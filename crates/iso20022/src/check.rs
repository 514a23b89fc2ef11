//! Checking a file of any known message.

use crate::engine::{Engine, Flow, Place, Sink};
use crate::finding::Finding;
use crate::grammar::binding::{Binding, Field};
use crate::limits::Limits;
use crate::message::MessageKind;
use std::io::{self, Read};
use std::sync::OnceLock;

/// What [`validate`] came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The message; `None` when the file is none we know.
    pub message: Option<MessageKind>,
    /// Whether the file is well-formed and follows its message's schema.
    pub valid: bool,
    /// What is wrong, in the order of the file.
    pub findings: Vec<Finding>,
    /// Bytes walked: all of a valid file.
    pub bytes: u64,
    /// Elements walked.
    pub elements: u64,
    /// Lines walked.
    pub lines: u64,
}

/// Checks a file against the schema of its message, whichever of [`MessageKind::ALL`] it is.
///
/// # Errors
/// Only those of the input itself; what is wrong with the file is in the verdict.
pub fn validate(input: impl Read, limits: Limits) -> io::Result<Verdict> {
    let mut findings = Collector(Vec::new());
    let bind = |kind| Some(nothing_bound(kind));
    let mut engine = match Engine::new(input, limits, bind, "a message of ISO 20022 with a known version")? {
        Ok(engine) => engine,
        Err(problem) => {
            let findings = vec![problem.at(1, "/".to_owned())];
            return Ok(Verdict { message: None, valid: false, findings, bytes: 0, elements: 0, lines: 1 });
        }
    };
    engine.run(&mut findings)?;
    Ok(Verdict {
        message: engine.kind(),
        valid: findings.0.is_empty(),
        findings: findings.0,
        bytes: engine.bytes(),
        elements: engine.elements(),
        lines: engine.lines(),
    })
}

/// The binding that asks for nothing.
pub(crate) fn nothing_bound(kind: MessageKind) -> &'static Binding {
    static BINDINGS: [OnceLock<Binding>; MessageKind::ALL.len()] = [const { OnceLock::new() }; MessageKind::ALL.len()];
    BINDINGS[kind as usize].get_or_init(|| Binding::new(kind.tables(), &[]).expect("no path is no unknown path"))
}

struct Collector(Vec<Finding>);

impl Sink for Collector {
    fn open(&mut self, _: Field, _: Place) -> Flow {
        Flow::Continue
    }

    fn value(&mut self, _: Field, _: &str, _: &str, _: u64) {}

    fn close(&mut self, _: Field, _: u64) -> Flow {
        Flow::Continue
    }

    fn finding(&mut self, finding: Finding) {
        self.0.push(finding);
    }
}
