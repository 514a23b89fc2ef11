//! An operator's first day: an empty database, the facts, a payer's file, and the bank's file that comes of it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use std::fs;
use std::path::Path;

use primitives::{Clock, SystemClock, next_bank_day};
use program::Program;

const SETTINGS: &str = r#"
    [state]
    recovery_account = "DK3799010000000091"
    holding_account = "DK6499010000000090"
    holding_agreement = "99000001"
    [channel]
    folder = "out"
"#;

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/operator").join(name);
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

/// A payer's file with one payment to the person of the example.
fn pain001() -> String {
    let today = next_bank_day(SystemClock.today());
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
<GrpHdr><MsgId>STRANDBY-1</MsgId><CreDtTm>{today}T06:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs><CtrlSum>1234.50</CtrlSum>
<InitgPty><Id><OrgId><Othr><Id>90000101</Id><SchmeNm><Prtry>NKS</Prtry></SchmeNm></Othr></OrgId></Id></InitgPty></GrpHdr>
<PmtInf><PmtInfId>1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>{today}</Dt></ReqdExctnDt>
<Dbtr><Nm>Strandby Kommune</Nm></Dbtr><DbtrAcct><Id><IBAN>DK4299010000000001</IBAN></Id></DbtrAcct>
<DbtrAgt><FinInstnId><BICFI>DEMADKKK</BICFI></FinInstnId></DbtrAgt>
<CdtTrfTxInf><PmtId><EndToEndId>P-1</EndToEndId></PmtId><Amt><InstdAmt Ccy="DKK">1234.50</InstdAmt></Amt>
<Cdtr><Nm>Ane Strand</Nm><Id><PrvtId><Othr><Id>0101905001</Id><SchmeNm><Prtry>CPR</Prtry></SchmeNm></Othr></PrvtId></Id></Cdtr>
<Purp><Prtry>NKSSOP</Prtry></Purp></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>"#
    )
}

#[test]
fn an_operators_first_day() {
    let program = Program::new("operator");
    let file = program.file("strandby.xml", &pain001());
    let deliver = ["deliver", file.to_str().unwrap(), "--supplier", "STRANDBY-IT"];

    program.run(&deliver).refused("run `nemkonto migrate` first");
    program.run(&["work", "--until-idle"]).refused("run `nemkonto migrate` first");
    program.run(&["migrate"]).quietly();
    program.run(&deliver).refused("[state]");
    program.run(&[&deliver[..], &["--settings", "nowhere.toml"]].concat()).refused("nowhere.toml");
    let misspelt = program.file("misspelt.toml", &SETTINGS.replace("folder", "floder"));
    program.run(&[&deliver[..], &["--settings", misspelt.to_str().unwrap()]].concat()).refused("floder");

    // From here on the file of the folder is taken.
    program.file("nemkonto.toml", SETTINGS);
    program.run(&["deliver", ".", "--supplier", "STRANDBY-IT"]).refused("is a folder");
    for (what, recorded) in [("parties", 3), ("holders", 2), ("accounts", 2)] {
        let told = program.run(&["import", what, &example(&format!("{what}.jsonl"))]).quietly();
        assert_eq!(told, format!("{recorded} recorded, 0 refused\n"), "{what}");
    }
    program.run(&deliver).quietly();
    program.run(&["work", "--until-idle"]).quietly();
    let bank = program.folder().join("out/bank/DEMO-1");
    let sent = fs::read_dir(&bank).unwrap().next().unwrap().unwrap().path();
    let sent = fs::read_to_string(sent).unwrap();
    assert!(sent.contains("DK6399010000000011") && sent.contains("1234.50") && !sent.contains("0101905001"), "{sent}");
}

#[test]
fn what_a_house_refuses_is_named_by_its_line() {
    let program = Program::new("refused");
    program.file("nemkonto.toml", SETTINGS);
    program.run(&["migrate"]).quietly();
    let holders = fs::read_to_string(example("holders.jsonl")).unwrap();
    program.run(&["import", "holders", &example("holders.jsonl")]).quietly();
    let accounts = fs::read_to_string(example("accounts.jsonl")).unwrap();
    let strange = accounts.lines().next().unwrap().replace("0101905001", "0201905002");
    let file = program.file("accounts.jsonl", &format!("{accounts}\n{strange}\n"));
    let ended = program.run(&["import", "accounts", file.to_str().unwrap()]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), "2 recorded, 1 refused\n"), "{}", ended.errors);
    assert!(ended.errors.contains("line 4: ") && !ended.errors.contains("020190"), "{}", ended.errors);
    let broken = program.file("broken.jsonl", &holders.replace("\"name\"", "\"nam\""));
    program.run(&["import", "holders", broken.to_str().unwrap()]).refused("line 1: ");
}

#[test]
fn the_environment_alone_is_enough() {
    let program = Program::new("environment");
    program.run(&["migrate"]).quietly();
    let mut command = program.command(&["work", "--until-idle"]);
    command.env("NEMKONTO_STATE__RECOVERY_ACCOUNT", "DK3799010000000091");
    command.env("NEMKONTO_STATE__HOLDING_ACCOUNT", "DK6499010000000090");
    command.env("NEMKONTO_STATE__HOLDING_AGREEMENT", "99000001");
    command.env("NEMKONTO_CHANNEL__FOLDER", "out");
    command.env("NEMKONTO_TELEMETRY__FORMAT", "json").env("NEMKONTO_LOG", "info");
    let ended = program::ended(command.output().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert!(ended.errors.lines().count() > 0, "nothing was logged");
    for line in ended.errors.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(line["level"].is_string(), "{line}");
    }
    program.command(&["work"]).env("NEMKONTO_WORKRES__COUNT", "2").output().map(program::ended).unwrap().refused("workres");
}
