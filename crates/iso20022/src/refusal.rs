//! `admi.002`: a file could not be read.

use crate::finding::Finding;
use crate::message::MessageKind;
use crate::reason::ReasonCode;
use crate::record::{Prose, RecordReader, RecordWriter, message, record};
use jiff::Timestamp;
use primitives::Language;
use std::io::{self, Write};

message! {
    /// `admi.002`, the refusal of a message that could not be read. [`refuse`] writes one from a reader's findings.
    ///
    /// ```
    /// use iso20022::*;
    /// use primitives::Language;
    ///
    /// let verdict = validate(&b"<Document>"[..], Limits::default())?;
    /// let file = refuse(Vec::new(), "FILE-1", &verdict.findings, jiff::Timestamp::UNIX_EPOCH, Language::En)?;
    ///
    /// let refusal = Whole::<Refusal>::read(file.as_slice(), Limits::default())?.expect("valid");
    /// let Some(RefusalRecord::Message(refused)) = refusal.records().next().map(|told| told.record) else { panic!("one record") };
    /// assert_eq!((refused.reference, refused.reason), ("FILE-1", "FF01"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub struct Refusal, "admi.002.001.01" [Admi002V01];
    /// The record of a [`Refusal`].
    pub enum RefusalRecord {
        /// What was refused, and why.
        Message(RefusedMessage) Group at "admi.002.001.01",
    }
}

/// Reads an `admi.002`.
pub type RefusalReader<R> = RecordReader<Refusal, R>;
/// Writes an `admi.002`.
pub type RefusalWriter<W> = RecordWriter<Refusal, W>;

record! {
    /// What was refused, and why.
    #[derive(Debug)]
    pub struct RefusedMessage<'a> {
        /// What the refused message is known by: its transport's reference, where its own cannot be read.
        reference: &'a str => "RltdRef/Ref",
        /// Reason code of the party that refuses.
        reason: &'a str => "Rsn/RjctgPtyRsn",
        /// When it was refused.
        rejected: Option<Timestamp> => "Rsn/RjctnDtTm",
        /// Where the error is.
        location: Option<Prose<'a>> => "Rsn/ErrLctn",
        /// The error in words.
        description: Option<Prose<'a>> => "Rsn/RsnDesc",
        /// Further data.
        data: Option<Prose<'a>> => "Rsn/AddtlData",
    }
}

/// Refuses a file with what a reader found in it: the first finding as the reason, all of them as data, a line each. As
/// findings repeat no content, nothing personal of the refused file gets into the refusal.
///
/// # Errors
/// A reference that is empty or longer than 35 characters, or the output's error.
pub fn refuse<W: Write>(out: W, reference: &str, findings: &[Finding], at: Timestamp, language: Language) -> io::Result<W> {
    let line = |finding: &Finding| format!("{} {} {}", finding.line, finding.path, finding.sentence().get(language));
    let location = findings.first().map(|finding| format!("{}: {}", finding.line, finding.path));
    let description = findings.first().map(|finding| finding.text.get(language).to_owned());
    let data: Vec<String> = findings.iter().map(line).collect();
    let data = data.join("\n");
    let record = RefusedMessage {
        reference,
        reason: findings.first().map_or(ReasonCode::FF01, |finding| finding.code).as_str(),
        rejected: Some(at),
        location: location.as_deref().map(Prose),
        description: description.as_deref().map(Prose),
        data: Some(Prose(&data)).filter(|_| !data.is_empty()),
    };
    let mut writer = RefusalWriter::new(out, MessageKind::Admi002V01)?;
    writer.write(&RefusalRecord::Message(record))?;
    writer.finish()
}
