//! Verification by message: `acmt.023.001.03` in, `acmt.024.001.03` out.
//!
//! The rules are those of [`verify`](crate::verify): who may ask, what is logged, and how many wrong accounts a day. The report says yes or no to each
//! question by its id; it repeats neither number nor account, and names nobody.

use std::io;

use contracts::register::{MessageText, Verification};
use contracts::{Context, Problem, ProblemCode};
use iso20022::{
    CaseParty, Limits, MessageKind, PartyRef, Prose, Refused, VerificationReportHead, VerificationReportRecord,
    VerificationReportWriter, VerificationRequest, VerificationRequestHead, VerificationRequestRecord, VerificationResult, Whole,
};
use jiff::Timestamp;

use crate::House;

/// Who answers, by name.
const ANSWERER: &str = "NemKonto";

/// Why a question was not asked of the register: about the question itself, never about who is in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unasked {
    /// Not exactly one number that is valid and of a known scheme.
    Number,
    /// No valid account.
    Account,
}

impl Unasked {
    /// The reason in the report: our own words, at most 35 characters, since the reason codes of ISO 20022 speak of accounts at a bank.
    fn text(self) -> &'static str {
        match self {
            Self::Number => "NOT ONE VALID NUMBER",
            Self::Account => "NO VALID ACCOUNT",
        }
    }
}

/// A question by its id: with what is to be verified, or why it cannot be.
struct Question<'m> {
    id: &'m str,
    asked: Result<Verification, Unasked>,
}

impl House {
    pub(crate) async fn answer_verification(&self, context: &Context, request: MessageText) -> Result<MessageText, Problem> {
        let read = Whole::<VerificationRequest>::read(request.xml.as_bytes(), Limits::default());
        let request = read.map_err(|error| written(&error))?.map_err(|refused| unreadable(&refused))?;
        let (head, questions) = questions(&request)?;
        let asked = questions.iter().filter_map(|question| question.asked.as_ref().ok()).cloned().collect();
        let answers = self.verify_all(context, asked).await?;
        let id = self.ids.uuid_v4().simple().to_string();
        let report = report(&head, &questions, answers, (&id, self.clock.now())).map_err(|error| written(&error))?;
        Ok(MessageText { xml: String::from_utf8(report).map_err(|_| Problem::unavailable())? })
    }
}

/// The head, and the questions in the order of the message.
fn questions(request: &Whole<VerificationRequest>) -> Result<(VerificationRequestHead<'_>, Vec<Question<'_>>), Problem> {
    let mut head = VerificationRequestHead::default();
    let mut questions = Vec::new();
    for told in request.records() {
        // What breaks a rule beyond the schema (a time that is none) is refused as a whole: nothing is answered by halves.
        if let Some(finding) = told.findings.first() {
            let text = finding.sentence();
            return Err(refused(text.da, text.en));
        }
        match told.record {
            VerificationRequestRecord::Head(told) => head = told,
            VerificationRequestRecord::Verification(told) => {
                questions.push(Question { id: told.id, asked: question(&told) });
            }
        }
    }
    Ok((head, questions))
}

fn question(told: &iso20022::Verification<'_>) -> Result<Verification, Unasked> {
    let mut numbers = told.party.identifiers();
    let (Some(identifier), None) = (numbers.next(), numbers.next()) else {
        return Err(Unasked::Number);
    };
    let account = told.account.account(&told.bank).ok_or(Unasked::Account)?;
    Ok(Verification { identifier, account })
}

/// Writes the report: an answer to each question, in order.
fn report(
    request: &VerificationRequestHead<'_>, questions: &[Question<'_>], answers: Vec<bool>, (id, at): (&str, Timestamp),
) -> io::Result<Vec<u8>> {
    let head = VerificationReportHead {
        message_id: id,
        created: Some(at),
        assigner: CaseParty::of_party(PartyRef { name: Some(Prose(ANSWERER)), ..PartyRef::default() }),
        assignee: request.assigner,
        original_message_id: Some(request.message_id),
        original_created: request.created,
    };
    let mut writer = VerificationReportWriter::new(Vec::new(), MessageKind::Acmt024V03)?;
    writer.write(&VerificationReportRecord::Head(head))?;
    let mut answers = answers.into_iter();
    for question in questions {
        let (verified, text) = match &question.asked {
            Ok(_) => (answers.next().ok_or(io::ErrorKind::InvalidData)?, None),
            Err(why) => (false, Some(why.text())),
        };
        let result = VerificationResult { original_id: question.id, verified, code: None, text };
        writer.write(&VerificationReportRecord::Result(result))?;
    }
    writer.finish()
}

/// The reader's finding repeats nothing of the message, so it may be told.
fn unreadable(refusal: &Refused) -> Problem {
    let said = refusal.findings.first().map(|finding| {
        let text = finding.sentence();
        let place = format!("{} {}", finding.line, finding.path);
        (format!("Linje {place}: {}", text.da), format!("Line {place}: {}", text.en))
    });
    let (da, en) = said.unwrap_or_else(|| ("Meddelelsen kan ikke læses.".into(), "The message cannot be read.".into()));
    refused(da, en)
}

fn refused(da: String, en: String) -> Problem {
    Problem::new(ProblemCode::InvalidInput, da, en).in_field("xml")
}

/// Reading from memory and writing to it fail only where this house is wrong.
fn written(error: &io::Error) -> Problem {
    tracing::error!(house = "register", kind = %error.kind(), "a message could not be read from memory or written to it");
    Problem::unavailable()
}
