//! An operator's first day: an empty database, the facts, a payer's file, and the bank's file that comes of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use primitives::{Clock, SystemClock, next_bank_day};
use sqlx::{Connection, PgConnection};

use crate::program::{self, Program};

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

/// A wish waits for its letter: the letter gets out, and is the same when the program was killed before it was noted as printed.
#[test]
fn letters_and_notices_leave_the_register() {
    let program = Program::new("outgoing");
    program.file("nemkonto.toml", SETTINGS);
    program.run(&["migrate"]).quietly();
    program.run(&["import", "holders", &example("holders.jsonl")]).quietly();
    let accounts = fs::read_to_string(example("accounts.jsonl")).unwrap();
    let wish = accounts.lines().next().unwrap().replace("migration", "form");
    let wish = program.file("wish.jsonl", &wish);
    assert_eq!(program.run(&["import", "accounts", wish.to_str().unwrap()]).quietly(), "1 recorded, 0 refused\n");
    for (what, file) in [("letters", "1.pdf"), ("notices", "notices-1-1.jsonl")] {
        let folder = program.folder().join(what);
        let killed =
            program.command(&[what, what]).env("NEMKONTO_CRASH_AT", format!("nemkonto.{what}.written")).output().unwrap();
        assert_eq!(killed.status.code(), None, "killed");
        let first = fs::read(folder.join(file)).unwrap();
        fs::remove_file(folder.join(file)).unwrap();
        assert_eq!(program.run(&[what, what]).quietly(), format!("1 {what}\n"));
        assert_eq!(fs::read(folder.join(file)).unwrap(), first, "the same once more");
        assert_eq!(program.run(&[what, what]).quietly(), format!("0 {what}\n"), "once it is noted, no more");
        let modes = [folder.clone(), folder.join(file)].map(|path| fs::metadata(path).unwrap().permissions().mode() & 0o777);
        assert_eq!(modes, [0o700, 0o600], "nobody else looks into them");
    }
    assert!(fs::read(program.folder().join("letters/1.pdf")).unwrap().starts_with(b"%PDF-"));
    let list = fs::read_to_string(program.folder().join("letters/letters-1-1.jsonl")).unwrap();
    let letter: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!((&letter["file"], &letter["name"]), (&"1.pdf".into(), &"Ane Strand (demo)".into()));
    let notice = fs::read_to_string(program.folder().join("notices/notices-1-1.jsonl")).unwrap();
    assert!(notice.contains("0101905001") && !notice.contains("9901"), "{notice}");
}

/// What an agreement locks is locked in the register, and told once.
#[tokio::test]
async fn an_agreements_lock_holds_in_the_register() {
    let program = Program::new("locks");
    program.file("nemkonto.toml", SETTINGS);
    program.run(&["migrate"]).quietly();
    let parties = fs::read_to_string(example("parties.jsonl")).unwrap();
    let (rest, payer) = parties.trim_end().rsplit_once('\n').unwrap();
    let payer = payer.replace(r#""name": "Social pension""#, r#""name": "Social pension", "locked": true"#);
    let parties = program.file("parties.jsonl", &format!("{rest}\n{payer}\n"));
    program.run(&["import", "parties", parties.to_str().unwrap()]).quietly();
    for _ in 0..2 {
        program.run(&["work", "--until-idle"]).quietly();
        let mut admin = PgConnection::connect(&program.database_url("nemkonto")).await.unwrap();
        let sql = "select payer, benefit, is_locked from register.specific_rule";
        let rules: Vec<(String, String, bool)> = sqlx::query_as(sql).fetch_all(&mut admin).await.unwrap();
        assert_eq!(rules, [("90000101".to_owned(), "NKSSOP".to_owned(), true)]);
    }
}
