//! The return answers (retursvar) of the old system and the messages that say the same now: one table, read both ways.
//!
//! What a report says is taken from here, and [`answer_of`] reads it back. The page `HOW_TO_SEND.md` shows the table; a test holds the two
//! against each other.

use iso20022::{CancellationStatus, Status};

/// Which message says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// `pain.002` in the generation of the order.
    Status,
    /// `pain.002.001.03` only: it has no status for a cancelled payment.
    OldStatus,
    /// `camt.029` in the generation of the recall.
    Resolution,
    /// `admi.002`.
    Refusal,
}

/// What of the message says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The message itself: an `admi.002` says nothing else.
    Message,
    /// `GrpSts`: the report is a receipt.
    Group,
    /// `PmtInfSts` of a receipt.
    ReceiptBlock,
    /// `TxSts` of a receipt.
    ReceiptPayment,
    /// `PmtInfSts` of a later report, which has no `GrpSts`.
    Block,
    /// `TxSts` of a later report.
    Payment,
    /// `TxCxlSts`.
    Cancellation,
}

/// The status that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Of a `pain.002`.
    Status(Status),
    /// Of a `camt.029`.
    Cancellation(CancellationStatus),
    /// An `admi.002` has none.
    Refused,
}

/// The reason that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No reason.
    None,
    /// No reason, or NARR: what is said beside, of elements that do not pass on to the bank.
    Noted,
    /// The fault's own.
    Finding,
    /// FF01, where the file is not readable.
    Unreadable,
    /// Stopped at the payer's request.
    Stopped,
    /// The payee cannot be paid.
    Unpayable,
    /// The bank's, with the bank as its originator.
    Bank,
    /// NARR: none of the list, said in words.
    Narrative,
}

/// The reason of a file that is not readable.
const FF01: &str = "FF01";
/// The reason of a payment stopped at the payer's request.
const CUST: &str = "CUST";
/// A reason said in words.
const NARR: &str = "NARR";
/// The reasons of a payee who cannot be paid: no account, a closed one, nobody known by that number.
const UNPAYABLE: [&str; 3] = ["AC03", "AC04", "BE17"];

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The return answer.
    pub answer: i16,
    /// What it means.
    pub meaning: &'static str,
    /// The message.
    pub message: Message,
    /// The element.
    pub place: Place,
    /// The status.
    pub said: Said,
    /// The reason.
    pub reason: Reason,
}

const fn line(answer: i16, meaning: &'static str, place: Place, status: Status, reason: Reason) -> Line {
    Line { answer, meaning, message: Message::Status, place, said: Said::Status(status), reason }
}

pub(crate) const UNREADABLE: Line = Line {
    answer: 0,
    meaning: "the delivery is not readable as a message",
    message: Message::Refusal,
    place: Place::Message,
    said: Said::Refused,
    reason: Reason::Unreadable,
};
pub(crate) const RECALL_REFUSED: Line =
    Line { answer: 1, meaning: "a recall is refused whole: it stops nothing", reason: Reason::Finding, ..UNREADABLE };
pub(crate) const RECEIVED: Line =
    line(1, "the delivery is received, no payment has a fault", Place::Group, Status::Actc, Reason::Noted);
pub(crate) const REFUSED: Line = line(1, "the delivery is refused whole", Place::Group, Status::Rjct, Reason::Finding);
pub(crate) const IN_PART: Line =
    line(2, "the delivery is received, some payments have faults", Place::Group, Status::Part, Reason::Noted);
pub(crate) const ALL_REJECTED: Line =
    line(2, "the delivery is received, all payments have faults", Place::Group, Status::Rjct, Reason::Noted);
pub(crate) const FAULTY_BLOCK: Line =
    line(2, "a block has a fault, and so all its payments", Place::ReceiptBlock, Status::Rjct, Reason::Finding);
pub(crate) const FAULTY: Line = line(2, "a payment has a fault", Place::ReceiptPayment, Status::Rjct, Reason::Finding);
pub(crate) const STOPPED: Line = line(5, "a payment is stopped", Place::Payment, Status::Canc, Reason::Stopped);
pub(crate) const STOPPED_OLD: Line = Line { message: Message::OldStatus, said: Said::Status(Status::Rjct), ..STOPPED };
pub(crate) const RECALLED: Line = Line {
    answer: 5,
    meaning: "a payment is stopped as a recall asked",
    message: Message::Resolution,
    place: Place::Cancellation,
    said: Said::Cancellation(CancellationStatus::Accepted),
    reason: Reason::None,
};
pub(crate) const BACK_TO_PAYER: Line =
    line(7, "the payee cannot be paid: back to the payer", Place::Payment, Status::Rjct, Reason::Unpayable);
pub(crate) const ELSEWHERE: Line = line(
    7,
    "the payee cannot be paid: to the error account or the holding account; then 8",
    Place::Payment,
    Status::Acwc,
    Reason::Unpayable,
);
pub(crate) const ACCEPTED_BLOCK: Line =
    line(8, "the bank has accepted all payments of a block", Place::Block, Status::Acsp, Reason::None);
pub(crate) const ACCEPTED: Line = line(8, "the bank has accepted a payment", Place::Payment, Status::Acsp, Reason::None);
pub(crate) const REJECTED_BY_BANK: Line =
    line(9, "the bank has rejected a payment, or it came back", Place::Payment, Status::Rjct, Reason::Bank);

/// What the old system had no answer for, so it is no line of the table: the payee was found by a number that a new one has replaced.
pub(crate) const REPLACED_NUMBER: Line = Line {
    meaning: "the payee's number has been replaced by a new one, and the payee is paid; then 8",
    reason: Reason::Narrative,
    ..line(crate::report::REPLACED_NUMBER, "", Place::Payment, Status::Acwc, Reason::None)
};

/// The whole table.
pub const TABLE: [Line; 16] = [
    UNREADABLE,
    RECEIVED,
    REFUSED,
    RECALL_REFUSED,
    IN_PART,
    ALL_REJECTED,
    FAULTY_BLOCK,
    FAULTY,
    STOPPED,
    STOPPED_OLD,
    RECALLED,
    BACK_TO_PAYER,
    ELSEWHERE,
    ACCEPTED_BLOCK,
    ACCEPTED,
    REJECTED_BY_BANK,
];

/// What a message of ours says of something, as its reader finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement<'m> {
    /// Whether the message is `pain.002.001.03`.
    pub is_old: bool,
    /// The element.
    pub place: Place,
    /// The status.
    pub said: Said,
    /// The first reason's code.
    pub reason: Option<&'m str>,
    /// Whether the reason has an originator other than NemKonto.
    pub by_another: bool,
}

/// The return answer that a statement of ours gives; `None` for what the old system had no answer for.
#[must_use]
pub fn answer_of(statement: Statement<'_>) -> Option<i16> {
    TABLE.iter().find(|line| line.says(statement)).map(|line| line.answer)
}

impl Line {
    /// The status of a `pain.002`; of a line that another message says, the one nearest to it.
    pub(crate) fn status(&self) -> Status {
        match self.said {
            Said::Status(status) => status,
            Said::Cancellation(_) => Status::Canc,
            Said::Refused => Status::Rjct,
        }
    }

    fn says(&self, statement: Statement<'_>) -> bool {
        let of_us = || statement.reason.filter(|_| !statement.by_another);
        let reason = match self.reason {
            Reason::None => statement.reason.is_none(),
            Reason::Noted => statement.reason.is_none() || of_us() == Some(NARR),
            Reason::Finding => of_us().is_some_and(|code| match self.place {
                Place::Message => code != FF01,
                Place::Group => code != NARR,
                _ => true,
            }),
            Reason::Unreadable => of_us() == Some(FF01),
            Reason::Stopped => of_us() == Some(CUST),
            Reason::Unpayable => of_us().is_some_and(|code| UNPAYABLE.contains(&code)),
            Reason::Narrative => of_us() == Some(NARR),
            Reason::Bank => statement.reason.is_none() || statement.by_another,
        };
        let message = self.message != Message::OldStatus || statement.is_old;
        reason && message && (self.place, self.said) == (statement.place, statement.said)
    }
}

#[cfg(test)]
mod tests {
    use iso20022::{Limits, MessageKind, Pain002Reader, StatusEvent};

    use super::*;

    impl Line {
        /// The line as the page shows it.
        fn row(&self) -> String {
            let message = match self.message {
                Message::Status if self.said == Said::Status(Status::Canc) => "`pain.002`, from .10 on",
                Message::Status => "`pain.002`",
                Message::OldStatus => "`pain.002.001.03`",
                Message::Resolution => "`camt.029`",
                Message::Refusal => "`admi.002`",
            };
            let place = match self.place {
                Place::Message => "–",
                Place::Cancellation => "`TxCxlSts`",
                Place::Group => "`GrpSts`",
                Place::ReceiptBlock => "`PmtInfSts`, with a `GrpSts`",
                Place::ReceiptPayment => "`TxSts`, with a `GrpSts`",
                Place::Block => "`PmtInfSts`",
                Place::Payment => "`TxSts`",
            };
            let reason = match self.reason {
                Reason::None => "–".to_owned(),
                Reason::Noted => "–, or NARR: elements that do not pass on".to_owned(),
                Reason::Finding => "the fault's".to_owned(),
                Reason::Unreadable => FF01.to_owned(),
                Reason::Stopped => CUST.to_owned(),
                Reason::Unpayable => UNPAYABLE.join(", "),
                Reason::Narrative => NARR.to_owned(),
                Reason::Bank => "the bank's, with its name (`Orgtr`)".to_owned(),
            };
            let status = match self.said {
                Said::Status(status) => status.as_str(),
                Said::Cancellation(_) => "ACCR",
                Said::Refused => "–",
            };
            format!("| {} | {} | {message} | {place} | {status} | {reason} |", self.answer, self.meaning)
        }
    }

    #[test]
    fn every_line_is_read_back_as_its_answer_and_as_no_other() {
        for line in TABLE {
            let reasons: Vec<(Option<&str>, bool)> = match line.reason {
                Reason::None => vec![(None, false)],
                Reason::Noted => vec![(None, false), (Some(NARR), false)],
                Reason::Finding => vec![(Some("AC03"), false), (Some("DU04"), false), (Some("AG01"), false)],
                Reason::Unreadable => vec![(Some(FF01), false)],
                Reason::Stopped => vec![(Some(CUST), false)],
                Reason::Unpayable => UNPAYABLE.iter().map(|code| (Some(*code), false)).collect(),
                Reason::Narrative => vec![(Some(NARR), false)],
                Reason::Bank => vec![(None, false), (Some("AC03"), true), (Some(CUST), true), (Some("NARR"), true)],
            };
            for (reason, by_another) in reasons {
                let is_old = line.message == Message::OldStatus;
                let statement = Statement { is_old, place: line.place, said: line.said, reason, by_another };
                let answers: Vec<i16> = TABLE.iter().filter(|line| line.says(statement)).map(|line| line.answer).collect();
                assert_eq!(answers, [line.answer], "{statement:?}");
                assert_eq!(answer_of(statement), Some(line.answer));
            }
        }
        let pending = Said::Cancellation(CancellationStatus::Pending);
        let unknown = Statement { is_old: false, place: Place::Cancellation, said: pending, reason: None, by_another: false };
        assert_eq!(answer_of(unknown), None);
    }

    #[test]
    fn the_page_shows_the_table() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../HOW_TO_SEND.md")).unwrap();
        for line in TABLE {
            assert!(page.contains(&line.row()), "HOW_TO_SEND.md lacks\n{}", line.row());
        }
        for answer in [0, 1, 2, 5, 7, 8, 9] {
            assert!(page.lines().any(|line| line.starts_with(&format!("| {answer} | "))), "answer {answer}");
        }
    }

    /// A report that another test writes, read back: the answers it gives, in its order.
    fn check(name: &str, expect: &[i16]) {
        assert_eq!(answers_in(name), expect.iter().copied().map(Some).collect::<Vec<_>>(), "{name}");
    }

    fn answers_in(name: &str) -> Vec<Option<i16>> {
        let path = format!("{}/../../fixtures/mediation/{name}", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read(&path).unwrap();
        let is_old = iso20022::recognise(file.as_slice(), Limits::default()).unwrap() == Some(MessageKind::Pain002V03);
        let by_another = String::from_utf8_lossy(&file).contains("<Orgtr>");
        let mut reader = Pain002Reader::new(file.as_slice(), Limits::default());
        let (mut is_receipt, mut found) = (false, Vec::new());
        loop {
            let (place, status, reasons) = match reader.next_event().unwrap() {
                StatusEvent::Group(group) => {
                    is_receipt = group.status.is_some();
                    (Place::Group, group.status, group.reasons.clone())
                }
                StatusEvent::PaymentInformation(block) => {
                    (if is_receipt { Place::ReceiptBlock } else { Place::Block }, block.status, block.reasons.clone())
                }
                StatusEvent::Transaction(payment) => {
                    (if is_receipt { Place::ReceiptPayment } else { Place::Payment }, payment.status, payment.reasons.to_vec())
                }
                StatusEvent::Finding(finding) => panic!("{name}: {finding}"),
                StatusEvent::End(_) => break,
            };
            let reason = reasons.first().map(|reason| reason.code.as_str());
            let statement = |status| Statement { is_old, place, said: Said::Status(status), reason, by_another };
            found.extend(status.map(|status| answer_of(statement(status))));
        }
        found.dedup();
        found
    }

    #[test]
    fn what_the_old_system_had_no_answer_for_is_read_as_none() {
        assert_eq!(answers_in("report-replaced-number.pain.002.001.10.xml"), [None]);
        let statement = Statement {
            is_old: false,
            place: REPLACED_NUMBER.place,
            said: REPLACED_NUMBER.said,
            reason: Some(NARR),
            by_another: false,
        };
        assert!(REPLACED_NUMBER.says(statement));
        assert_eq!(answer_of(statement), None);
    }

    #[test]
    fn our_reports_are_read_back_as_the_answers_they_are_named_for() {
        for (name, answers) in [
            ("report-1-received.pain.002.001.10.xml", &[1][..]),
            ("report-1-refused.pain.002.001.10.xml", &[1]),
            ("report-2-received-in-part.pain.002.001.10.xml", &[2]),
            ("report-5-stopped.pain.002.001.10.xml", &[5]),
            ("report-5-stopped.pain.002.001.03.xml", &[5]),
            ("report-7-no-account.pain.002.001.10.xml", &[7]),
            ("report-8-accepted.pain.002.001.10.xml", &[8]),
            ("report-8-accepted-in-part.pain.002.001.10.xml", &[8]),
            ("report-9-rejected.pain.002.001.10.xml", &[9]),
            ("report-9-returned.pain.002.001.10.xml", &[9]),
        ] {
            check(name, answers);
        }
    }
}
