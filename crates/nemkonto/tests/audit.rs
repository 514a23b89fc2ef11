//! An auditor's day: the change log is verified and exported, and what was touched is told.

use std::path::Path;

use sqlx::{Connection, PgConnection};

use crate::program::Program;

const SETTINGS: &str = r#"
    [state]
    recovery_account = "DK3799010000000091"
    holding_account = "DK6499010000000090"
    holding_agreement = "99000001"
    [channel]
    folder = "out"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_change_log_is_verified_and_exported() {
    let program = Program::new("audit");
    program.file("nemkonto.toml", SETTINGS);
    program.run(&["audit", "verify"]).refused("migrate");
    program.run(&["migrate"]).quietly();
    let empty = |house: &str| format!("{house}: 0 changes in the chain, 0 waiting for it, 0 contents erased, 0 findings\n");
    let houses = ["register", "parties", "holding", "setoff", "mediation"];
    assert_eq!(program.run(&["audit", "verify"]).quietly(), houses.map(empty).concat());
    let parties = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/operator/parties.jsonl");
    program.run(&["import", "parties", parties.to_str().unwrap()]).quietly();
    assert!(program.run(&["audit", "verify"]).quietly().contains("\nparties: 0 changes in the chain, 3 waiting"));
    program.run(&["work", "--until-idle"]).quietly();
    let all = program.run(&["audit", "verify"]).quietly();
    let told = program.run(&["audit", "verify", "--house", "parties"]).quietly();
    assert!(told.starts_with("parties: 3 changes in the chain, 0 waiting for it, 0 contents erased, 0 findings\n"), "{told}");
    let rest = ["holding", "setoff", "mediation"].map(empty).concat();
    assert_eq!(all, format!("{}{told}{rest}", empty("register")));
    let end = told.trim_end().rsplit(' ').next().unwrap();
    let anchored = program.run(&["audit", "verify", "--house", "parties", "--anchor", end]).quietly();
    assert_eq!(anchored, told);

    assert_eq!(program.run(&["audit", "export", "log.jsonl"]).quietly(), format!("parties: end {end}\n"));
    program.run(&["audit", "export", "log.jsonl"]).refused("log.jsonl");
    let export = std::fs::read_to_string(program.folder().join("log.jsonl")).unwrap();
    assert!(export.lines().count() >= 5 && export.contains("agreement:90000101"), "{export}");
    let keys = program.run(&["audit", "keys"]).quietly();
    assert_eq!((keys.lines().count(), keys.len()), (1, 67), "{keys}");

    // A line that nobody signed accuses the file, not the log.
    let file = program.data_dir().with_extension("anchors");
    let anchors = std::fs::read_to_string(&file).unwrap();
    assert_eq!(anchors.lines().count(), 1, "one checkpoint: {anchors}");
    program.file("forged", &anchors.replacen("\"anchor\":\"3:", "\"anchor\":\"9:", 1));
    let forged = program.run(&["audit", "verify", "--house", "parties", "--anchors", "forged"]);
    assert_eq!(forged.code, Some(1), "{}", forged.out);
    assert!(forged.out.contains("1 findings\nparties: forged, line 1: no key of the house"), "{}", forged.out);

    touch(&program).await;
    let ended = program.run(&["audit", "verify"]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    assert!(ended.out.contains("1 findings\nparties: position 2: change 2"), "{}", ended.out);
}

/// The end of a log is cut off whole, with its checkpoints: the file outside the database tells.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_end_was_cut_off_whole_is_told() {
    let program = Program::new("cut-off");
    program.file("nemkonto.toml", SETTINGS);
    program.run(&["migrate"]).quietly();
    let parties = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/operator/parties.jsonl");
    program.run(&["import", "parties", parties.to_str().unwrap()]).quietly();
    program.run(&["work", "--until-idle"]).quietly();
    let before = program.run(&["audit", "verify"]).quietly();
    let mut admin = PgConnection::connect(&program.database_url("nemkonto")).await.unwrap();
    let cut = "delete from parties.change_link; delete from parties.change_checkpoint; delete from parties.change";
    sqlx::raw_sql(cut).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    let ended = program.run(&["audit", "verify"]);
    assert_eq!(ended.code, Some(1), "{before}{}", ended.out);
    let told = "1 findings\nparties: position 0: the end of the chain was cut off here; it led to position 3\n";
    assert!(ended.out.contains(told), "{}", ended.out);
}

/// As somebody with all rights to the database would.
async fn touch(program: &Program) {
    let mut admin = PgConnection::connect(&program.database_url("nemkonto")).await.unwrap();
    sqlx::query("update parties.change set actor = 'operator:nobody' where change_id = 2").execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
}
