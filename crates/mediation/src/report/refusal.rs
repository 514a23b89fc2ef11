//! The refusal (admi.002) of a delivery that is not readable as a message, or of a recall that is not carried out. Pure.

use std::io::{self, Write};

use iso20022::{MessageKind, Prose, RefusalRecord, RefusalWriter, RefusedMessage};
use jiff::Timestamp;

use crate::store::report_task::{Original, StoredFinding};

/// The code where a refusal has no finding: the file is not readable.
const UNREADABLE: &str = "FF01";

/// Writes the refusal: the first finding as its reason, all of them as data, a line each, in Danish and in English. It names the delivery by
/// its own identification, or where that could not be read by the number of its receipt.
pub(super) fn write<W: Write>(out: W, original: &Original, findings: &[StoredFinding], at: Timestamp) -> io::Result<W> {
    let receipt = original.delivery.get().to_string();
    let first = findings.first();
    let location = first.map(|finding| format!("{}: {}", finding.line, finding.path));
    let description = first.map(|finding| format!("{} {}", finding.da, finding.en));
    let line =
        |finding: &StoredFinding| format!("{} {} {} {} {}", finding.line, finding.path, finding.code, finding.da, finding.en);
    let data = findings.iter().map(line).collect::<Vec<_>>().join("\n");
    let record = RefusedMessage {
        reference: original.message_id.as_deref().unwrap_or(&receipt),
        reason: first.map_or(UNREADABLE, |finding| &finding.code),
        rejected: Some(at),
        location: location.as_deref().map(Prose),
        description: description.as_deref().map(Prose),
        data: Some(Prose(&data)).filter(|_| !data.is_empty()),
    };
    let mut writer = RefusalWriter::new(out, MESSAGE)?;
    writer.write(&RefusalRecord::Message(record))?;
    writer.finish()
}

/// The message that refuses.
pub(super) const MESSAGE: MessageKind = MessageKind::Admi002V01;
