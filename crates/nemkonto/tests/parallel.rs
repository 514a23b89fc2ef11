//! Two systems beside each other: who pays a payer, a delivery sent to both, and the registers asked the same.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use contracts::parties::{
    AgreementChange, Agreements, Decision, NewProposal, PayerRouting, PayingSystem, ProposalState, Verdict,
};
use contracts::{Actor, Context, IdempotencyKey, LegalBasis, Purpose};
use jiff::ToSpan;
use nemkonto::cli::Elsewhere;
use nemkonto::places::{HouseName, Places};
use primitives::{AgreementNumber, Clock, SystemClock, next_bank_day};

use crate::program::Program;
use crate::support::served::{Served, System};

const PAYER: &str = "90000101";
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

/// A system in operation: everything recorded, nothing delivered.
fn system(name: &str) -> Program {
    let program = Program::new(name);
    program.file("nemkonto.toml", SETTINGS);
    program.run(&["migrate"]).quietly();
    for what in ["parties", "holders", "accounts"] {
        program.run(&["import", what, &example(&format!("{what}.jsonl"))]).quietly();
    }
    program
}

/// Delivers a file with one payment, and works; answers the reports and the bank files there are then.
fn deliver(program: &Program, message_id: &str) -> (String, usize) {
    let today = next_bank_day(SystemClock.today());
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>{today}T06:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs>
<InitgPty><Id><OrgId><Othr><Id>{PAYER}</Id><SchmeNm><Prtry>NKS</Prtry></SchmeNm></Othr></OrgId></Id></InitgPty></GrpHdr>
<PmtInf><PmtInfId>1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>{today}</Dt></ReqdExctnDt>
<Dbtr><Nm>Strandby Kommune</Nm></Dbtr><DbtrAcct><Id><IBAN>DK4299010000000001</IBAN></Id></DbtrAcct>
<DbtrAgt><FinInstnId><BICFI>DEMADKKK</BICFI></FinInstnId></DbtrAgt>
<CdtTrfTxInf><PmtId><EndToEndId>E-{message_id}</EndToEndId></PmtId><Amt><InstdAmt Ccy="DKK">1234.50</InstdAmt></Amt>
<Cdtr><Nm>Ane Strand</Nm><Id><PrvtId><Othr><Id>0101905001</Id><SchmeNm><Prtry>CPR</Prtry></SchmeNm></Othr></PrvtId></Id></Cdtr>
</CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>"#
    );
    let file = program.file("delivery.xml", &content);
    program.run(&["deliver", file.to_str().unwrap(), "--supplier", "STRANDBY-IT"]).quietly();
    program.run(&["work", "--until-idle"]).quietly();
    let files = |folder: &str| -> Vec<String> {
        let Ok(files) = fs::read_dir(program.folder().join(folder)) else { return Vec::new() };
        files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    };
    (files(&format!("out/reports/{PAYER}")).concat(), files("out/bank/DEMO-1").len())
}

#[test]
fn a_delivery_sent_to_both_is_paid_by_one() {
    let program = system("parallel");
    let note = |ids: &str| {
        let file = program.file("taken.txt", ids);
        program.run(&["parallel", "note", file.to_str().unwrap(), "--payer", PAYER]).quietly()
    };
    assert_eq!(note("STRANDBY-1\n\nSTRANDBY-9\n"), "taken_elsewhere\tSTRANDBY-1\ntaken_elsewhere\tSTRANDBY-9\n");
    let (reports, bank_files) = deliver(&program, "STRANDBY-1");
    assert!(reports.contains("<Cd>DU01</Cd>") && reports.contains("RJCT"), "{reports}");
    assert_eq!(bank_files, 0, "the old system pays it");
    assert_eq!(deliver(&program, "STRANDBY-2").1, 1);
    assert_eq!(note("STRANDBY-2"), "taken_here\tSTRANDBY-2\n");
    let taken = program.run(&["parallel", "taken"]).quietly();
    let taken: serde_json::Value = serde_json::from_str(&taken).unwrap();
    assert_eq!((&taken["position"], &taken["payer"], &taken["message_id"]), (&1.into(), &PAYER.into(), &"STRANDBY-2".into()));
    assert_eq!(program.run(&["parallel", "taken", "--after", "1"]).quietly(), "");
}

fn operator(user: &str) -> Context {
    Context {
        actor: Actor::Operator { user: user.to_owned() },
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025").unwrap(),
        purpose: Purpose::new("test").unwrap(),
        trace: uuid::Uuid::nil(),
        acting: None,
    }
}

/// Two operators agree on it, at the parties' open interface.
#[tokio::test(flavor = "multi_thread")]
async fn a_payer_of_the_old_system_is_told_until_when() {
    let program = system("routed");
    let shared = System::new(program.folder(), None);
    let (url, secret) = (shared.new_url(), shared.secret());
    let listen = url.strip_prefix("http://").unwrap();
    let serve = ["serve", "--only", "parties", "--listen", listen, "--service-secret", secret.to_str().unwrap()];
    let _served = Served::start(program.command(&serve));
    let elsewhere = Elsewhere { parties_url: Some(url.clone()), service_secret: Some(secret), ..Elsewhere::default() };
    let client = Places::new(&[], &elsewhere).unwrap().client(HouseName::Parties).unwrap();
    let parties = parties::Remote::new(client);
    let today = SystemClock.today();
    let until = today.checked_add(30.days()).unwrap();
    for (system, valid_from) in [(PayingSystem::Old, today), (PayingSystem::New, until)] {
        let payer = AgreementNumber::parse(PAYER).unwrap();
        let changes = vec![AgreementChange::Routing(PayerRouting { payer, system, valid_from })];
        let key = |what: &str| IdempotencyKey::new(format!("{what} {system:?}")).unwrap();
        let proposal = NewProposal { changes, why: "parallel running".to_owned() };
        let proposal = parties.propose(&operator("kim"), &key("propose"), proposal).await.unwrap();
        let decision = Decision { proposal, verdict: Verdict::Approve, why: "agreed".to_owned() };
        let decided = parties.decide(&operator("bo"), &key("decide"), decision).await.unwrap();
        assert_eq!(decided, ProposalState::Approved);
    }
    let (reports, bank_files) = deliver(&program, "STRANDBY-1");
    assert!(reports.contains("<Cd>AG01</Cd>") && reports.contains(&until.to_string()), "{reports}");
    assert_eq!(bank_files, 0);
    assert_eq!(program.run(&["parallel", "taken"]).quietly(), "", "it was not taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_registers_are_asked_the_same() {
    let (here, there) = (system("shadow-here"), system("shadow-there"));
    let shared = System::new(there.folder(), None);
    let (url, secret) = (shared.new_url(), shared.secret());
    let secret = secret.to_str().unwrap();
    let listen = url.strip_prefix("http://").unwrap();
    let _served = Served::start(there.command(&["serve", "--only", "register", "--listen", listen, "--service-secret", secret]));
    let shadow = |further: &[&str]| {
        let arguments = ["register", "shadow", "--with", &url, "--service-secret", secret, "--json", "--differences"];
        here.run(&[&arguments[..], further].concat())
    };
    let equal = shadow(&["first", "--sample", "10", "--payer", PAYER]);
    assert_eq!((equal.code, equal.errors.as_str()), (Some(0), ""));
    let answers: serde_json::Value = serde_json::from_str(&equal.out).unwrap();
    assert_eq!((&answers["asked"], &answers["equal"]), (&2.into(), &true.into()), "{answers}");

    let accounts = fs::read_to_string(example("accounts.jsonl")).unwrap();
    let other = accounts.lines().next().unwrap().replace("\"11\"", "\"13\"").replace("2026-01-01", "2026-01-02");
    let other = here.file("other.jsonl", &other);
    here.run(&["import", "accounts", other.to_str().unwrap()]).quietly();
    let question = |number: &str| {
        format!(r#"{{"identifier":{{"kind":"CPR","number":"{number}"}},"payer":"{PAYER}","on":"{}"}}"#, SystemClock.today())
    };
    let questions = here.file("questions.jsonl", &format!("{}\n{}\nnothing\n", question("0101905001"), question("0201905002")));
    let asked = shadow(&["second", "--questions", questions.to_str().unwrap()]);
    assert_eq!((asked.code, asked.errors.as_str()), (Some(1), ""));
    let answers: serde_json::Value = serde_json::from_str(&asked.out).unwrap();
    assert_eq!((&answers["asked"], &answers["set_aside"]), (&2.into(), &1.into()), "{answers}");
    assert_eq!((&answers["answers"]["other_account"], &answers["answers"]["same_without_account"]), (&1.into(), &1.into()));
    let told = here.folder().join("second");
    assert_eq!(fs::metadata(&told).unwrap().permissions().mode() & 0o777, 0o600);
    let told = fs::read_to_string(told).unwrap();
    assert!(told.lines().count() == 1 && told.contains("other_account") && !told.contains("0101905001"), "{told}");
    shadow(&["second", "--sample", "1", "--payer", PAYER]).refused("second");
    assert_eq!(shadow(&["third"]).code, Some(2), "something must be asked");
}
