//! Examining a file of any message: by its schema, and by the rules of its message where there are some.

use crate::check::validate;
use crate::extras::AllLeftOut;
use crate::finding::{Finding, Level};
use crate::limits::Limits;
use crate::message::MessageKind;
use crate::pain001::{Event, Outcome, Pain001Reader, Rules, Totals};
use crate::recall::Recall;
use crate::record::Whole;
use std::io::{self, Read};

/// How a file is examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// What the reader refuses to go beyond.
    pub limits: Limits,
    /// The rules beyond the schema; without them only the schema speaks.
    pub rules: Option<Rules>,
    /// The most findings kept; more are counted.
    pub most_findings: usize,
}

impl Default for Options {
    /// All rules, references of a million payments remembered, a thousand findings.
    fn default() -> Self {
        let rules = Rules { remembered_payments: 1_000_000, ..Rules::default() };
        Options { limits: Limits::default(), rules: Some(rules), most_findings: 1_000 }
    }
}

/// What an examination came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Examination {
    /// The message; `None` when it is none we know.
    pub message: Option<MessageKind>,
    /// What is wrong, in the order of the file.
    pub findings: Vec<Finding>,
    /// Findings beyond [`Options::most_findings`].
    pub untold: u64,
    /// References that were not compared with earlier ones ([`Rules::remembered_payments`]).
    pub uncompared_references: u64,
    /// What of an order is valid and does not pass on to the bank.
    pub left_out: AllLeftOut,
}

impl Examination {
    /// Whether nothing is wrong with the file.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.findings.is_empty() && self.untold == 0
    }
}

/// Examines a file, which is opened once to three times: a `pain.001` and a `camt.055` as they are read when they come in, any other message by
/// its schema.
///
/// # Errors
/// Only those of the input itself.
pub fn examine<R: Read>(mut open: impl FnMut() -> io::Result<R>, options: &Options) -> io::Result<Examination> {
    if let Some(rules) = options.rules
        && let Some(examination) = examine_order(Pain001Reader::with_rules(open()?, options.limits, rules), options)?
    {
        return Ok(examination);
    }
    let verdict = validate(open()?, options.limits)?;
    let mut kept = Kept::new(options);
    kept.extend(&verdict.findings);
    let is_recall = matches!(verdict.message, Some(MessageKind::Camt055V01 | MessageKind::Camt055V08));
    if is_recall && verdict.valid && options.rules.is_some() {
        kept.extend(&recall_findings(open()?, options)?);
    }
    Ok(kept.examination(verdict.message))
}

/// The findings on a `pain.001`; `None` when the file is another message.
fn examine_order<R: Read>(mut reader: Pain001Reader<R>, options: &Options) -> io::Result<Option<Examination>> {
    let mut kept = Kept::new(options);
    loop {
        match reader.next_event()? {
            Event::GroupHeader(header) => kept.extend(&header.findings),
            Event::PaymentInformation(block) => {
                kept.left_out.join(block.left_out);
                kept.extend(&block.findings);
            }
            Event::Payment(row) => {
                kept.left_out.join(row.left_out);
                kept.extend(row.findings);
            }
            Event::PaymentInformationEnd(block) => kept.extend(&block.findings),
            Event::Finding(finding) => kept.extend(std::slice::from_ref(finding)),
            Event::End(totals) => return Ok(kept.close(totals)),
        }
    }
}

/// What is wrong with a recall beyond its schema.
fn recall_findings(input: impl Read, options: &Options) -> io::Result<Vec<Finding>> {
    Ok(match Whole::<Recall>::read(input, options.limits)? {
        Ok(recall) => recall.findings().cloned().chain(recall.requests().1).collect(),
        Err(refused) => refused.findings,
    })
}

/// Findings kept, up to the number asked for.
struct Kept {
    findings: Vec<Finding>,
    untold: u64,
    left_out: AllLeftOut,
    most: usize,
}

impl Kept {
    fn new(options: &Options) -> Self {
        Kept { findings: Vec::new(), untold: 0, left_out: AllLeftOut::default(), most: options.most_findings }
    }

    fn extend(&mut self, findings: &[Finding]) {
        let room = self.most.saturating_sub(self.findings.len());
        self.findings.extend(findings.iter().take(room).cloned());
        self.untold += findings.len().saturating_sub(room) as u64;
    }

    fn close(mut self, totals: &Totals) -> Option<Examination> {
        let message = totals.message?;
        self.extend(&totals.findings);
        self.left_out.join(totals.left_out);
        if totals.outcome != Outcome::Readable {
            // The file is refused whole: what was said of its parts before is void.
            self.findings.retain(|finding| matches!(finding.level, Level::Unreadable | Level::Schema));
            (self.untold, self.left_out) = (0, AllLeftOut::default());
        }
        let uncompared_references = totals.uncompared_references;
        Some(Examination { uncompared_references, ..self.examination(Some(message)) })
    }

    fn examination(mut self, message: Option<MessageKind>) -> Examination {
        self.findings.sort_by_key(|finding| finding.line);
        let Kept { findings, untold, left_out, .. } = self;
        Examination { message, findings, untold, left_out, uncompared_references: 0 }
    }
}
