//! Verification by message: acmt.023.001.03 in, acmt.024.001.03 out.

use contracts::register::{AccessQuery, MessageText, Register, RegisterServices};
use contracts::{Actor, Context, ProblemCode};
use iso20022::{
    AccountRef, BankRef, CaseParty, Limits, List, MessageKind, OtherId, PartyRef, Prose, Verification, VerificationReport,
    VerificationReportRecord, VerificationRequestHead, VerificationRequestRecord, VerificationRequestWriter, Whole,
};
use register::Settings;

use crate::support::{
    account_digits, citizen, context, cpr, key, nemkonto, number, operator, payer, person, street, street_with,
};

/// A question: its id, the schemes and values of the party's numbers, and the account as a Danish national number.
type Question<'q> = (&'q str, &'q [OtherId<'q>], &'q str);

fn request(questions: &[Question<'_>]) -> MessageText {
    let asker = CaseParty::of_party(PartyRef { name: Some(Prose("A payer")), ..PartyRef::default() });
    let head = VerificationRequestHead {
        message_id: "V-1",
        created: Some("2026-03-02T10:00:00Z".parse().unwrap()),
        assigner: asker,
        assignee: asker,
    };
    let mut writer = VerificationRequestWriter::new(Vec::new(), MessageKind::Acmt023V03).unwrap();
    writer.write(&VerificationRequestRecord::Head(head)).unwrap();
    for (id, numbers, account) in questions {
        let party = PartyRef { person: List::of(numbers), ..PartyRef::default() };
        let account = AccountRef::of_bban(account);
        writer
            .write(&VerificationRequestRecord::Verification(Verification { id, party, account, bank: BankRef::default() }))
            .unwrap();
    }
    MessageText { xml: String::from_utf8(writer.finish().unwrap()).unwrap() }
}

/// The answers by the questions' ids, with the reason where there is one; and to which message they are.
fn told(report: &MessageText) -> (String, Vec<(String, bool, Option<String>)>) {
    let report = Whole::<VerificationReport>::read(report.xml.as_bytes(), Limits::default()).unwrap().unwrap();
    assert_eq!(report.message(), MessageKind::Acmt024V03);
    let (mut original, mut answers) = (String::new(), Vec::new());
    for told in report.records() {
        match told.record {
            VerificationReportRecord::Head(head) => {
                assert_eq!(head.assignee.party.unwrap().name.unwrap().as_str(), "A payer");
                original = head.original_message_id.unwrap().to_owned();
            }
            VerificationReportRecord::Result(result) => {
                answers.push((result.original_id.to_owned(), result.verified, result.text.map(str::to_owned)));
            }
        }
    }
    (original, answers)
}

fn bban(n: u32) -> String {
    format!("5479{}", account_digits(n))
}

fn caseworker() -> Context {
    context(Actor::Caseworker { user: "anne".into(), authority: payer() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_answered_yes_or_no_and_names_nobody() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    street.house.designate(&operator(), &key("accounts"), vec![nemkonto(1)]).await.unwrap();
    let digits = [1, 2, 9].map(|n| cpr(n).digits().to_owned());
    let ids = [0, 1, 2].map(|at: usize| [OtherId::coded("NIDN", &digits[at])]);
    let both = [ids[0][0], ids[1][0]];
    let malformed = [OtherId::coded("NIDN", "0000000000")];
    let (first, second) = (bban(1), bban(2));
    let asked = request(&[
        ("1", &ids[0], &first),
        ("2", &ids[0], &second),
        ("3", &ids[1], &first),
        ("4", &ids[2], &first),
        ("5", &both, &first),
        ("6", &malformed, &first),
        ("7", &ids[0], "12"),
    ]);
    let report = street.house.verify_message(&caseworker(), asked).await.unwrap();
    let (original, answers) = told(&report);
    assert_eq!(original, "V-1");
    let answers: Vec<_> = answers.iter().map(|(id, verified, text)| (&**id, *verified, text.as_deref())).collect();
    let (no_number, no_account) = (Some("NOT ONE VALID NUMBER"), Some("NO VALID ACCOUNT"));
    // An account of another and a number of nobody are told the same: no.
    assert_eq!(
        answers,
        [
            ("1", true, None),
            ("2", false, None),
            ("3", false, None),
            ("4", false, None),
            ("5", false, no_number),
            ("6", false, no_number),
            ("7", false, no_account),
        ]
    );
    for personal in ["Ingen Nummer".to_owned(), digits[0].clone(), account_digits(1)] {
        assert!(!report.xml.contains(&personal), "the report repeats {personal}");
    }
    let query = AccessQuery { identifier: number(1), limit: 10 };
    let accesses = street.house.accesses(&operator(), query).await.unwrap();
    assert!(accesses.iter().any(|access| access.operation == "verify" && access.actor == "caseworker:12345678:anne"));
}

/// The limit of a day is one for both ways of asking.
#[tokio::test(flavor = "multi_thread")]
async fn who_scans_by_message_is_stopped_too() {
    let street = street_with(Settings { verification_misses_a_day: 1, ..Settings::default() }).await;
    street.record("people", vec![person(1)]).await;
    street.house.designate(&operator(), &key("accounts"), vec![nemkonto(1)]).await.unwrap();
    let digits = cpr(1).digits().to_owned();
    let (one, right, wrong) = ([OtherId::coded("NIDN", &digits)], bban(1), bban(2));
    let ask = async |account: &str| {
        let asked = request(&[("1", &one, account)]);
        street.house.verify_message(&caseworker(), asked).await.map(|report| told(&report).1[0].1)
    };
    assert_eq!(ask(&wrong).await, Ok(false));
    assert_eq!(ask(&wrong).await.unwrap_err().code, ProblemCode::Forbidden);
    assert_eq!(ask(&right).await.unwrap_err().code, ProblemCode::Forbidden, "for the day");
    let asked = request(&[("1", &one, &right)]);
    assert_eq!(street.house.verify_message(&citizen(1), asked).await.unwrap_err().code, ProblemCode::Forbidden);
}

/// What is no acmt.023.001.03 is refused with the place of the fault, and nothing of it is repeated.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_refused() {
    let street = street().await;
    let good = request(&[("1", &[], "12")]).xml;
    let renamed = good.replace("acmt.023.001.03", "acmt.024.001.03");
    let cut = good.replace("<MsgId>V-1</MsgId>", "");
    for xml in ["".to_owned(), "0101585001".to_owned(), renamed, cut] {
        let problem = street.house.verify_message(&caseworker(), MessageText { xml }).await.unwrap_err();
        assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::InvalidInput, Some("xml")));
        assert!(problem.detail.en.starts_with("Line ") && !problem.detail.en.contains("0101585001"), "{problem:?}");
    }
}
