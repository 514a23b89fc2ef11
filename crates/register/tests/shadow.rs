//! Shadow mode: two registers are asked the same, and their answers compared.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use contracts::register::{AccessQuery, AccountPurpose, Designation, HolderRecord, HolderStatus, Register};
use jiff::civil::date;
use platform::testing::TemporaryFolder;
use primitives::BenefitCode;
use register::{AnswerKind, Questions, Sample, Shadow, ShadowReport};
use serde_json::{Value, json};

use crate::support::{Street, TODAY, account, account_digits, key, nemkonto, number, operator, payer, person, street};

/// Two registers that know the same people, of whom every third has no account.
async fn registers(people: std::ops::Range<u32>) -> [Street; 2] {
    let pair = [street().await, street().await];
    for street in &pair {
        street.record("people", people.clone().map(person).collect()).await;
        designate(street, "accounts", people.clone().filter(|n| n % 3 != 0).map(nemkonto).collect()).await;
    }
    pair
}

async fn designate(street: &Street, name: &str, wishes: Vec<Designation>) {
    for result in street.house.designate(&operator(), &key(name), wishes).await.unwrap() {
        result.unwrap();
    }
}

/// Asks both, and answers the counts and the lines of the differences.
async fn ask([here, there]: &[Street; 2], questions: Questions<'_>) -> (ShadowReport, Vec<Value>) {
    let context = operator();
    let shadow = Shadow {
        context: &context,
        registers: [&*here.house, &*there.house],
        extracts: &*here.house,
        key: here.house.step_key(),
    };
    let mut told = Vec::new();
    let report = shadow.run(questions, &mut told).await.unwrap();
    let told = String::from_utf8(told).unwrap();
    (report, told.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn question(n: u32) -> String {
    json!({ "identifier": number(n), "payer": payer(), "on": TODAY, "benefit": "NKSBFY" }).to_string()
}

fn file(folder: &TemporaryFolder, lines: &[String]) -> std::path::PathBuf {
    let path = folder.path().join("questions");
    std::fs::write(&path, lines.join("\n")).unwrap();
    path
}

fn counts(report: &ShadowReport) -> Vec<(&'static str, u64)> {
    let kinds = AnswerKind::ALL.map(|kind| (kind.word(), report.count(kind)));
    kinds.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[tokio::test]
async fn every_kind_of_difference_is_counted_and_told_without_a_number() {
    let pair = registers(1..31).await;
    let [here, there] = &pair;
    let folder = TemporaryFolder::new();
    let questions = file(&folder, &(1..32).map(question).collect::<Vec<_>>());
    let (report, told) = ask(&pair, Questions::File(&questions)).await;
    assert_eq!(counts(&report), [("same_account", 20), ("same_without_account", 11)]);
    assert!(report.equal() && told.is_empty() && report.asked() == 31);

    designate(there, "other", vec![Designation { account: account(7_001), valid_from: date(2026, 1, 1), ..nemkonto(1) }]).await;
    designate(here, "here", vec![nemkonto(3)]).await;
    designate(there, "there", vec![nemkonto(6)]).await;
    let specific = AccountPurpose::Specific { payer: payer(), benefit: BenefitCode::parse("NKSBFY").unwrap() };
    designate(there, "specific", vec![Designation { purpose: specific, ..nemkonto(2) }]).await;
    let closed = HolderRecord { status: HolderStatus::Closed, status_from: Some(date(2026, 1, 1)), ..person(9) };
    there.record("closed", vec![closed]).await;
    let (report, told) = ask(&pair, Questions::File(&questions)).await;
    let expect = [
        ("same_account", 18),
        ("same_without_account", 8),
        ("other_account", 1),
        ("only_here", 1),
        ("only_there", 1),
        ("other_status", 2),
    ];
    assert_eq!(counts(&report), expect);
    assert!(!report.equal());
    let brief = |line: &Value| {
        format!("{} {} {}/{}", line["question"], line["difference"], line["here"]["outcome"], line["there"]["outcome"])
    };
    let brief: Vec<String> = told.iter().map(|line| brief(line).replace('"', "")).collect();
    let expect = [
        "1 other_account nem_konto/nem_konto",
        "2 other_status nem_konto/specific",
        "3 only_here nem_konto/no_account",
        "6 only_there no_account/nem_konto",
        "9 other_status no_account/closed",
    ];
    assert_eq!(brief, expect);
    for (line, n) in told.iter().zip([1, 2, 3, 6, 9]) {
        assert_eq!(line["holder"], here.house.step_key().reference(&number(n)));
        let text = line.to_string();
        assert!(!text.contains(number(n).canonical().as_ref() as &str) && !text.contains(&account_digits(n)), "{text}");
    }
    // Both registers have logged who asked.
    for street in &pair {
        let query = AccessQuery { identifier: number(1), limit: 10 };
        let seen = street.house.accesses(&operator(), query).await.unwrap();
        assert!(seen.iter().any(|seen| seen.operation == "resolve" && seen.on_behalf_of == Some(payer())), "{seen:?}");
    }
}

#[tokio::test]
async fn a_line_that_is_no_question_is_told_by_field_and_set_aside() {
    let pair = registers(1..4).await;
    let folder = TemporaryFolder::new();
    let no_payer = question(2).replace(",\"payer\":\"12345678\"", "");
    let wrong_number = question(2).replace(number(2).canonical().as_ref() as &str, "0101585x01");
    let lines = [
        question(1),
        no_payer.clone(),
        wrong_number,
        "no question".to_owned(),
        question(2).replace("\"on\"", "\"at\""),
        question(3),
    ];
    let questions = file(&folder, &lines);
    let (report, told) = ask(&pair, Questions::File(&questions)).await;
    assert_eq!((report.asked(), report.set_aside, told.len(), report.equal()), (2, 4, 0, false));
    let read = |extension: &str| std::fs::read_to_string(folder.path().join(format!("questions.{extension}"))).unwrap();
    let refused: Vec<Value> = read("refused").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let fields: Vec<String> =
        refused.iter().map(|line| format!("{} {}", line["line"], line["field"].as_str().unwrap())).collect();
    assert_eq!(fields, ["2 .", "3 identifier", "4 .", "5 ?"]);
    assert_eq!(refused[0]["expected"], "a value of its form");
    assert!(!read("refused").contains("0101585x01"));
    assert_eq!(read("aside").lines().next(), Some(no_payer.as_str()));
    assert_eq!(read("aside").lines().count(), 4);
    for extension in ["refused", "aside"] {
        let mode = std::fs::metadata(folder.path().join(format!("questions.{extension}"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{extension}");
    }
}

#[tokio::test]
async fn a_sample_is_drawn_by_its_seed() {
    let pair = registers(1..61).await;
    // Whom the other register does not know is told by reference: so it is seen who was drawn.
    let alone = [street().await];
    let [stranger] = alone;
    let [here, _] = pair;
    let pair = [here, stranger];
    let draw = async |count, seed| -> BTreeSet<String> {
        let sample = Sample { count, seed, payer: payer(), on: TODAY, benefit: None };
        let (report, told) = ask(&pair, Questions::Sample(sample)).await;
        assert_eq!(report.asked(), count.min(60), "of {count} by {seed}");
        told.iter().map(|line| line["holder"].as_str().unwrap().to_owned()).collect()
    };
    let first = draw(10, 1).await;
    assert_eq!(first.len(), 10, "everybody once");
    assert_eq!(draw(10, 1).await, first, "the same seed draws the same");
    let others: Vec<BTreeSet<String>> = [draw(10, 2).await, draw(10, 3).await, draw(10, 4).await].into();
    assert!(others.iter().all(|drawn| drawn.len() == 10) && others.iter().any(|drawn| *drawn != first));
    for seed in 1..5 {
        assert_eq!(draw(100, seed).await.len(), 60, "all, wherever it begins");
    }
}
