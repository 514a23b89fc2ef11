//! The commands on files, as the program that is built runs them: no database, no settings, no home.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/how-to-send")
}

fn nemkonto(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nemkonto"));
    // A command that wanted a database would find none, and no place to make one.
    command.args(arguments).current_dir(fixtures()).env_clear().env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing");
    command
}

fn run(arguments: &[&str]) -> Output {
    nemkonto(arguments).output().unwrap()
}

/// Runs with a file on standard input.
fn run_on(input: &[u8], arguments: &[&str]) -> Output {
    let mut child = nemkonto(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn one_object_a_line_and_a_file_and_the_status_says_whether_all_are_valid() {
    let good = ["check", "--json", "incomplete-danish-03.xml", "stop-camt055-08.xml"];
    let output = run(&good);
    assert_eq!(code(&output), 0);
    let objects: Vec<Value> = text(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let messages: Vec<&str> = objects.iter().map(|object| object["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["pain.001.001.03", "camt.055.001.08"]);
    assert!(objects.iter().all(|object| object["valid"] == true && object["findings"].as_array().unwrap().is_empty()));

    let output = run(&[&good[..], &["faulty/control-sum.xml"]].concat());
    assert_eq!(code(&output), 1);
    let last: Value = serde_json::from_str(text(&output).lines().last().unwrap()).unwrap();
    assert_eq!((&last["file"], &last["valid"]), (&Value::from("faulty/control-sum.xml"), &Value::from(false)));
    let finding = &last["findings"][0];
    assert_eq!((finding["line"].as_u64(), finding["code"].as_str()), (Some(9), Some("AM16")));
    assert_eq!(finding["path"], "/Document/CstmrCdtTrfInitn/GrpHdr/CtrlSum");
    assert!(finding["text"].as_str().unwrap().contains("Expected: 100.00. Found: 1000.00."));
}

#[test]
fn schema_only_leaves_the_rules_out() {
    assert_eq!(code(&run(&["check", "faulty/control-sum.xml"])), 1);
    assert_eq!(code(&run(&["check", "--schema-only", "faulty/control-sum.xml"])), 0);
    assert_eq!(code(&run(&["check", "--schema-only", "faulty/schema.xml"])), 1);
}

#[test]
fn standard_input_is_a_file_too() {
    let file = std::fs::read(fixtures().join("faulty/payee-missing.xml")).unwrap();
    let output = run_on(&file, &["check", "-"]);
    assert_eq!(code(&output), 1);
    assert!(text(&output).contains("BE17") && text(&output).contains("| <Cdtr><Nm>Karen Ingen</Nm></Cdtr>"), "{}", text(&output));
    let output = run_on(b"nothing", &["check", "--json", "-"]);
    let object: Value = serde_json::from_str(&text(&output)).unwrap();
    assert_eq!((&object["message"], &object["valid"]), (&Value::Null, &Value::from(false)));
}

#[test]
fn no_number_is_shown_with_a_fault() {
    for entry in std::fs::read_dir(fixtures().join("faulty")).unwrap() {
        let path = entry.unwrap().path();
        for arguments in [&["check"][..], &["check", "--json"], &["show"]] {
            let output = run(&[arguments, &[path.to_str().unwrap()]].concat());
            for number in ["3111581234", "0101587003", "12345674", "DK51", "0440116243"] {
                assert!(!text(&output).contains(number), "{number} in {}", text(&output));
            }
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_others_are_checked() {
    let files = ["incomplete-danish-03.xml", "nowhere.xml", "faulty/payee-missing.xml"];
    let output = run(&[&["check"][..], &files].concat());
    assert_eq!(code(&output), 1);
    assert!(text(&output).contains("incomplete-danish-03.xml: pain.001.001.03, valid") && text(&output).contains("BE17"));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("nowhere.xml: "));

    let output = run(&[&["check", "--json"][..], &files].concat());
    assert_eq!((code(&output), output.stderr.len()), (1, 0));
    let objects: Vec<Value> = text(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let valid: Vec<bool> = objects.iter().map(|object| object["valid"].as_bool().unwrap()).collect();
    assert_eq!(valid, [true, false, false]);
    assert_eq!(objects[1]["file"], "nowhere.xml");
    assert!(objects[1]["error"].is_string() && objects[1]["message"].is_null());
    assert!(objects[0]["error"].is_null() && objects[2]["error"].is_null(), "only a file that cannot be read has an error");
    assert_eq!(code(&run(&["check", "--json", "nowhere.xml", "incomplete-danish-03.xml"])), 1);
}

#[test]
fn a_file_that_is_not_there_is_an_error_and_no_finding() {
    let output = run(&["check", "nowhere.xml"]);
    assert_eq!((code(&output), text(&output).as_str()), (1, ""));
    assert!(String::from_utf8(output.stderr).unwrap().contains("nowhere.xml"));
}

#[test]
fn the_dates_are_judged_by_the_day_of_receipt_only() {
    let file = "faulty/date-too-late.xml";
    assert_eq!(code(&run(&["check", file])), 0);
    assert_eq!(code(&run(&["check", "--received", "2026-02-26", file])), 1);
    assert_eq!(code(&run(&["check", "--received", "2027-02-26", file])), 0);
    assert_eq!(code(&run(&["check", "--received", "soon", file])), 2);
}

#[test]
fn a_converted_file_is_valid_and_an_obstacle_leaves_nothing() {
    let output = run(&["convert", "incomplete-danish-03.xml", "--to", "09"]);
    assert_eq!(code(&output), 0);
    let checked = run_on(&output.stdout, &["check", "--json", "-"]);
    let object: Value = serde_json::from_str(&text(&checked)).unwrap();
    assert_eq!((&object["message"], &object["valid"]), (&Value::from("pain.001.001.09"), &Value::from(true)));

    let target = std::env::temp_dir().join(format!("nemkonto-converted-{}.xml", std::process::id()));
    let name = target.to_str().unwrap();
    let refused = run(&["convert", "../iso20022/incomplete-09.xml", "--to", "03", "--out", name]);
    assert_eq!(code(&refused), 1);
    assert!(
        String::from_utf8(refused.stderr)
            .unwrap()
            .contains("line 35: /Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[1]/PmtId/UETR")
    );
    assert!(!target.exists());
    assert_eq!(code(&run(&["convert", "../iso20022/incomplete-09.xml", "--to", "03", "--out", name, "--lossy"])), 0);
    assert_eq!(code(&run(&["check", name])), 0);
    std::fs::remove_file(target).unwrap();
}

#[test]
fn a_table_has_the_blocks_the_sums_and_the_rows() {
    let output = run(&["show", "incomplete-danish-12.xml"]);
    assert_eq!(code(&output), 0);
    let table = text(&output);
    for part in [
        "delivery    VEJ-INK-12",
        "block 2     LEVERANDOER-12",
        "SOP-2026-03-0002",
        "CPR ••••••••••",
        "total       4 payments, sum 21500.75",
    ] {
        assert!(table.contains(part), "{part} is not in\n{table}");
    }
    assert!(text(&run(&["show", "--unmasked", "incomplete-danish-12.xml"])).contains("CPR 0202606002"));
    assert_eq!(code(&run(&["show", "faulty/cut-off.xml"])), 1);
}

/// The pieces of an order of many payments.
fn long_order(payments: usize) -> impl Iterator<Item = Vec<u8>> {
    let head = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03\"><CstmrCdtTrfInitn><GrpHdr><MsgId>M</MsgId>\
        <CreDtTm>2026-03-02T10:00:00Z</CreDtTm><NbOfTxs>COUNT</NbOfTxs><InitgPty><Id><OrgId><Othr><Id>12345678</Id><SchmeNm>\
        <Prtry>NKS</Prtry></SchmeNm></Othr></OrgId></Id></InitgPty></GrpHdr><PmtInf><PmtInfId>B</PmtInfId><PmtMtd>TRF</PmtMtd>\
        <ReqdExctnDt>2026-03-02</ReqdExctnDt><Dbtr/><DbtrAcct><Id><IBAN>DK5000400440116243</IBAN></Id></DbtrAcct>\
        <DbtrAgt><FinInstnId/></DbtrAgt>";
    // Texts of the greatest length: much to hold, and little to judge.
    let texts = format!("<Ustrd>{}</Ustrd>", "x".repeat(140)).repeat(200);
    let row = format!(
        "<CdtTrfTxInf><PmtId><EndToEndId>REFERENCE</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"DKK\">1.00</InstdAmt></Amt><Cdtr><Id><PrvtId><Othr>\
         <Id>0101587003</Id><SchmeNm><Cd>SOSE</Cd></SchmeNm></Othr></PrvtId></Id></Cdtr><RmtInf>{texts}</RmtInf></CdtTrfTxInf>\n"
    );
    let head = head.replace("COUNT", &payments.to_string()).into_bytes();
    let tail = b"</PmtInf></CstmrCdtTrfInitn></Document>".to_vec();
    let rows = (0..payments).map(move |number| row.replacen("REFERENCE", &format!("E-{number}"), 1).into_bytes());
    std::iter::once(head).chain(rows).chain(std::iter::once(tail))
}

/// Runs with these pieces on standard input; gives the most anonymous memory it held, in kilobytes (`RssAnon`, proc(5)), and how it ended.
fn peak_on(pieces: impl Iterator<Item = Vec<u8>>, arguments: &[&str]) -> (u64, Output) {
    let mut child = nemkonto(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let drained = std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()).unwrap());
    let mut peak = 0;
    for piece in pieces {
        // A command may have seen enough before the end.
        if stdin.write_all(&piece).is_err() {
            break;
        }
        peak = peak.max(crate::memory::anonymous_kb(&child));
    }
    drop(stdin);
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(crate::memory::anonymous_kb(&child));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(drained.join().unwrap() > 0 || arguments[0] == "convert", "something is said");
    (peak, child.wait_with_output().unwrap())
}

#[test]
fn what_comes_on_standard_input_is_not_held_in_memory() {
    const PAYMENTS: usize = 650;
    /// Three times what reading any file takes (the window, a payment, the program's own), and two thirds of what comes.
    const BOUND_KB: u64 = 12 * 1024;
    let bytes: usize = long_order(PAYMENTS).map(|piece| piece.len()).sum();
    assert!(bytes > 18 << 20);
    for arguments in [&["check", "-"][..], &["show", "-"], &["convert", "-", "--to", "09"]] {
        let (peak, output) = peak_on(long_order(PAYMENTS), arguments);
        assert_eq!(code(&output), 0, "{arguments:?} {}", String::from_utf8_lossy(&output.stderr));
        assert!((1..BOUND_KB).contains(&peak), "{arguments:?} took {peak} kB for {} kB", bytes / 1024);
    }
    // However much comes behind what cannot be read.
    let noise = std::iter::repeat_n(vec![b'x'; 1 << 20], 300);
    let (peak, output) = peak_on(noise, &["check", "-"]);
    assert_eq!(code(&output), 1);
    assert!((1..BOUND_KB).contains(&peak), "{peak} kB for 300 MB");
}

#[test]
fn a_pipe_with_a_name_is_read_once() {
    let pipe = std::env::temp_dir().join(format!("nemkonto-pipe-{}", std::process::id()));
    let name = pipe.to_str().unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // A second opening would wait for a second writer for ever.
    for (file, arguments, expect) in [
        ("faulty/payee-missing.xml", &["check", name][..], "| <Cdtr><Nm>Karen Ingen</Nm></Cdtr>"),
        ("stop-camt055-08.xml", &["check", name], "camt.055.001.08, valid"),
        ("incomplete-danish-12.xml", &["show", name], "total       4 payments, sum 21500.75"),
        ("incomplete-danish-03.xml", &["convert", name, "--to", "09"], "pain.001.001.09"),
    ] {
        let (from, to) = (fixtures().join(file), pipe.clone());
        let writer = std::thread::spawn(move || std::fs::write(to, std::fs::read(from).unwrap()).unwrap());
        let output = run(arguments);
        writer.join().unwrap();
        assert!(text(&output).contains(expect), "{arguments:?}: {}", text(&output));
    }
    std::fs::remove_file(pipe).unwrap();
}

#[test]
fn nothing_is_converted_to_standard_output_where_something_stands_in_the_way_late() {
    // Far behind the first 64 KiB a payment has what the other version has no place for.
    let file = std::fs::read_to_string(fixtures().join("incomplete-danish-09.xml")).unwrap();
    let (head, rest) = file.split_once("<CdtTrfTxInf>").unwrap();
    let (row, rest) = rest.split_once("</CdtTrfTxInf>").unwrap();
    let row = format!("<CdtTrfTxInf>{row}</CdtTrfTxInf>\n");
    let with_uetr = row.replace("</EndToEndId>", "</EndToEndId><UETR>8a562c67-ca16-48ba-b074-65581be6f001</UETR>");
    let of = |last: &str| format!("{head}{}{last}{rest}", row.repeat(1_000));
    let late = run_on(of(&with_uetr).as_bytes(), &["convert", "-", "--to", "03"]);
    assert_eq!((code(&late), late.stdout.len()), (1, 0));
    assert!(String::from_utf8(late.stderr).unwrap().contains("/PmtId/UETR"));
    let whole = run_on(of(&row).as_bytes(), &["convert", "-", "--to", "03"]);
    assert_eq!(code(&whole), 0);
    assert_eq!(text(&whole).matches("<CdtTrfTxInf>").count(), 1_001 + rest.matches("<CdtTrfTxInf>").count());
}

#[test]
fn the_counts_of_a_recall_are_judged() {
    let file = std::fs::read_to_string(fixtures().join("stop-camt055-08.xml")).unwrap();
    let counted = |count: u32| {
        file.replace(
            "</Assgnmt>",
            &format!("</Assgnmt><CtrlData><NbOfTxs>{count}</NbOfTxs><CtrlSum>1500.00</CtrlSum></CtrlData>"),
        )
    };
    assert_eq!(code(&run_on(counted(1).as_bytes(), &["check", "-"])), 0);
    let output = run_on(counted(2).as_bytes(), &["check", "-"]);
    assert_eq!(code(&output), 1);
    assert!(text(&output).contains("AM19") && text(&output).contains("Expected: 1. Found: 2."), "{}", text(&output));
    assert_eq!(code(&run_on(counted(2).as_bytes(), &["check", "--schema-only", "-"])), 0);
}
