//! The demo as a stranger runs it.
#![allow(clippy::print_stdout, reason = "a test says what it skipped")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::program::{Ended, Program, ended};

const SMALL: [&str; 4] = ["--people", "200", "--companies", "20"];

fn demo(program: &Program, more: &[&str]) -> Ended {
    program.run(&[&["demo"], &SMALL[..], more].concat())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The reports below a run's folder, one after the other.
fn reports(out: &Path) -> String {
    let mut all = String::new();
    for folder in fs::read_dir(out.join("reports")).into_iter().flatten() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            all.push_str(&fs::read_to_string(file.unwrap().path()).unwrap());
        }
    }
    all
}

/// The first main file of a seeded day.
fn a_main_file(program: &Program) -> PathBuf {
    let mut folders: Vec<_> =
        fs::read_dir(program.folder().join("demo-out/in")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders[0].join("01-main.xml")
}

/// One server for the whole story: the runs follow each other as they do at a stranger's hands.
#[test]
fn a_stranger_tries_the_demo() {
    let program = Program::new("demo");
    a_seeded_day(&program);
    a_file_of_that_day_is_paid_again(&program);
    a_wrong_sum_is_said_to_be_one(&program);
    a_fault_the_seeded_files_do_not_have_is_no_wrong_balance(&program);
    what_is_no_matter_for_nemkonto_gets_a_report(&program);
    what_cannot_be_read_is_named(&program);
    files_of_others_are_left_alone(&program);
    two_at_once_are_one_too_many(&program);
}

fn a_seeded_day(program: &Program) {
    let object = json(&demo(program, &["--json"]).quietly());
    let keys: BTreeSet<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    let promised = "accounts balanced error_account holding received recovery rejected returned seconds waiting";
    assert_eq!(keys, promised.split(' ').collect());
    assert_eq!(object["balanced"], Value::Bool(true));
    // On every day of the week the main part is paid; what waits is dated later on purpose.
    let count = |place: &str| object[place]["count"].as_u64().unwrap();
    assert!(count("accounts") * 2 > count("received") && count("waiting") * 4 < count("received"), "{object}");
}

fn a_file_of_that_day_is_paid_again(program: &Program) {
    let file = a_main_file(program);
    let before = fs::read(&file).unwrap();
    let object = json(&demo(program, &["--json", "--file", text(&file)]).quietly());
    assert_eq!(object["balanced"], Value::Bool(true));
    assert!(object["accounts"]["count"].as_u64().unwrap() > 5, "{object}");
    assert!(fs::read(&file).unwrap() == before, "the input was changed");
    assert!(program.folder().join("demo-out/bank").is_dir(), "the files of the seeded day are gone");
    let told = demo(program, &["--file", text(&file)]).quietly();
    assert!(told.contains("in = out, to the øre") && told.contains("demo-out/file/bank/"), "{told}");

    let own = program.folder().join("demo-out/file/in");
    let own = fs::read_dir(own).unwrap().next().unwrap().unwrap().path().join("01-main.xml");
    demo(program, &["--file", text(&own)]).refused("which is emptied first");
    assert!(own.is_file());
}

fn a_wrong_sum_is_said_to_be_one(program: &Program) {
    let file = a_main_file(program);
    let sound = fs::read_to_string(&file).unwrap();
    for (element, reason) in [("CtrlSum", "AM16"), ("NbOfTxs", "AM19")] {
        let wrong = program.file("wrong.xml", &sound.replacen(&format!("<{element}>"), &format!("<{element}>1"), 1));
        let object = json(&demo(program, &["--json", "--file", text(&wrong)]).quietly());
        assert_eq!(object["rejected"], object["received"], "{element}");
        let report = reports(&program.folder().join("demo-out/file"));
        assert!(report.contains(reason) && !report.contains("AG01"), "{report}");
    }
}

fn a_fault_the_seeded_files_do_not_have_is_no_wrong_balance(program: &Program) {
    let sound = fs::read_to_string(a_main_file(program)).unwrap();
    let invalid = program.file("invalid.xml", &sound.replacen("<RmtInf>", "<Unheard/><RmtInf>", 1));
    let object = json(&demo(program, &["--json", "--file", text(&invalid)]).quietly());
    assert_eq!(object["rejected"], object["received"]);
    let unknown = sound.replace("<Prtry>NKSKOH<", "<Prtry>XXXKOH<");
    assert!(unknown != sound, "the file does not name the benefit");
    let unknown = program.file("unknown.xml", &unknown);
    let object = json(&demo(program, &["--json", "--file", text(&unknown)]).quietly());
    assert!(object["rejected"]["count"].as_u64().unwrap() > 0, "{object}");
}

fn what_is_no_matter_for_nemkonto_gets_a_report(program: &Program) {
    let sound = fs::read_to_string(a_main_file(program)).unwrap();
    let agreement = sound.split("<InitgPty>").nth(1).unwrap().split("<Id>").nth(2).unwrap().split('<').next().unwrap();
    let strangers = sound.replace(agreement, "90009999");
    // What is a pain.001 gets a pain.002; what cannot be read as any message is refused by admi.002.
    let answered = ("BE05", "<OrgnlGrpInfAndSts>");
    let unreadable = ("admi.002", "<RjctgPtyRsn>FF01");
    for (content, (reason, shown)) in
        [(strangers.as_str(), answered), ("", unreadable), ("no XML at all", unreadable), ("<a/>", unreadable)]
    {
        let file = program.file("outside.xml", content);
        let told = demo(program, &["--file", text(&file)]).quietly();
        let report = reports(&program.folder().join("demo-out/file"));
        assert!(report.contains(reason), "{report}");
        // A short report is shown with its text, so that one sees at once why.
        assert!(told.contains(shown), "{told}");
    }
}

fn what_cannot_be_read_is_named(program: &Program) {
    demo(program, &["--file", text(program.folder())]).refused("is a folder");
    demo(program, &["--file", "not-there.xml"]).refused("not-there.xml: No such file");
}

fn files_of_others_are_left_alone(program: &Program) {
    let mine = program.file("mine/in/letter.txt", "dear aunt");
    demo(program, &["--out", "mine"]).refused("not ours");
    demo(program, &["--out", "mine", "--file", text(&a_main_file(program))]).refused("not ours");
    assert_eq!(fs::read_to_string(mine).unwrap(), "dear aunt");
}

fn two_at_once_are_one_too_many(program: &Program) {
    let mut first = program.command(&["demo", "--people", "3000", "--out", "first"]);
    let first = first.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_holder(&program.data_dir().join("nemkonto_demo.lock"), first.id());
    demo(program, &["--out", "second"]).refused(&format!("nemkonto demo (process {})", first.id()));
    let balanced = ended(first.wait_with_output().unwrap()).quietly();
    assert!(balanced.contains("in = out"), "{balanced}");
    let out = program.folder().join("first");
    each_bank_is_written_to_in_its_characters(&out);
    every_message_of_the_flow_is_walked(&out, &balanced);
}

/// The messages that each side sends on a seeded day; a header counts as one.
const FLOW: [(&str, &[&str]); 4] = [
    ("in", &["camt.055.001.01", "camt.055.001.08", "head.001.001.02", "pain.001.001.03", "pain.001.001.09", "pain.001.001.12"]),
    ("bank", &["camt.055.001.01", "camt.055.001.08", "pain.001.001.03", "pain.001.001.09"]),
    (
        "from-bank",
        &[
            "camt.029.001.03",
            "camt.029.001.09",
            "camt.054.001.02",
            "camt.054.001.08",
            "pain.002.001.03",
            "pain.002.001.10",
            "pain.002.001.14",
        ],
    ),
    ("reports", &["admi.002.001.01", "camt.029.001.03", "camt.029.001.09", "pain.002.001.03", "pain.002.001.10"]),
];

fn every_message_of_the_flow_is_walked(out: &Path, told: &str) {
    for (side, expect) in FLOW {
        let mut found = BTreeSet::new();
        for file in files_below(&out.join(side)) {
            let bytes = fs::read(&file).unwrap();
            let verdict = iso20022::validate(bytes.as_slice(), iso20022::Limits::default()).unwrap();
            let is_broken = text(&file).ends_with("-broken.xml");
            assert_eq!(verdict.valid, !is_broken, "{}: {:?}", file.display(), verdict.findings);
            found.extend(verdict.message.map(iso20022::MessageKind::name));
            found.extend(String::from_utf8_lossy(&bytes).contains("<AppHdr").then_some("head.001.001.02"));
        }
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expect, "{side}");
    }
    let count = |name: &str| {
        let line = told.lines().find(|line| line.contains(name)).unwrap();
        let words = line.split(name).nth(1).unwrap();
        words.split_whitespace().next().unwrap().replace('.', "").parse::<u64>().unwrap()
    };
    let (rejected, stopped, back) = (count("rejected"), count("stopped in time"), count("sent back by banks"));
    assert!(stopped > 10 && back > 10 && rejected > stopped + back, "{told}");
}

/// A bank that takes the characters of SEPA gets no other, and one that takes all gets what the payers wrote.
fn each_bank_is_written_to_in_its_characters(out: &Path) {
    let of_bank = |code: &str| files_below(&out.join("bank").join(code)).into_iter().map(|file| fs::read(file).unwrap());
    let sepa: Vec<_> = of_bank("DEMO-2").collect();
    assert!(!sepa.is_empty() && sepa.iter().all(|file| file.is_ascii()));
    assert!(of_bank("DEMO-1").any(|file| !file.is_ascii()));
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let below = |entry: fs::DirEntry| if entry.path().is_dir() { files_below(&entry.path()) } else { vec![entry.path()] };
    fs::read_dir(folder).unwrap().flat_map(|entry| below(entry.unwrap())).collect()
}

fn wait_for_holder(lock: &Path, process: u32) {
    for _ in 0..6_000 {
        if fs::read_to_string(lock).is_ok_and(|holder| holder.contains(&format!("process {process})"))) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the first demo never took the database");
}

/// Messages of banks and standards bodies, none of them a matter for NemKonto: never a crash, always an answer that adds up.
#[test]
fn foreign_orders_are_answered() {
    answer_samples(|name| name.contains("pain_001"));
}

#[test]
#[ignore = "each sample is a day of its own: minutes"]
fn every_foreign_sample_is_answered() {
    answer_samples(|_| true);
}

fn answer_samples(is_wanted: impl Fn(&str) -> bool) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/iso20022/samples");
    let Ok(samples) = fs::read_dir(samples) else {
        println!("skipped: the samples are not here");
        return;
    };
    let program = Program::new("samples");
    let samples = samples.map(|entry| entry.unwrap().path()).filter(|sample| is_wanted(text(sample)));
    let samples: BTreeSet<PathBuf> = samples.collect();
    assert!(samples.len() > 3, "{samples:?}");
    for sample in samples {
        let told = demo(&program, &["--file", text(&sample)]).quietly();
        assert!(told.contains("in = out") && told.contains("reports/"), "{}: {told}", sample.display());
    }
}
