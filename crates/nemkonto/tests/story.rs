//! A whole day through the public interface, and what must hold of everything it leaves behind.

use std::path::{Path, PathBuf};

use contracts::IdempotencyKey;
use contracts::register::HolderStatus;
use nemkonto::demo::operator;
use platform::testing::{TestDatabase, check_recorded_queries};
use primitives::Identifier;
use simulation::denmark::Payee;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, postgres::PgConnectOptions};

use crate::support::planted::Planted;
use crate::support::schemas::{objection, schemas};
use crate::support::{Scene, files_below};

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_balances_every_file_is_valid_and_no_number_stands_readable_on_disk_or_in_a_log() {
    let scene = Scene::with_own_server("story").await;
    let new_numbers = give_new_numbers(&scene).await;
    let log = scene.logged_day().await;
    old_numbers_are_told_and_new_ones_are_not(&scene, &new_numbers, &log);
    let recount = scene.recount();
    assert!(recount.balanced, "{:?}", recount.differences);
    for (place, tally) in [
        ("accounts", &recount.accounts),
        ("recovery", &recount.recovery),
        ("holding", &recount.holding),
        ("error_account", &recount.error_account),
        ("returned", &recount.returned),
        ("rejected", &recount.rejected),
        ("waiting", &recount.waiting),
    ] {
        assert!(tally.count > 0, "nothing went to {place}");
    }
    valid_by_xmllint(&scene.out());

    let planted = Planted::of(&scene.world, &scene.out());
    assert!(!planted.is_in(&log), "a number or account stands in the log");
    let (length, traced) = (log.len(), String::from_utf8_lossy(&log).contains("DEBUG"));
    assert!(length > 100_000 && traced, "not everything was logged: {length} bytes, {traced}");
    the_search_finds_what_is_there(&planted, &log);

    let mut admin = scene.url().parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    admin.execute("checkpoint").await.unwrap();
    assert_eq!(planted.files_below(scene.data_dir()), Vec::<PathBuf>::new());
    let statement = format!("create table public.planted as select '{}'::text as number", planted.any_number());
    admin.execute(AssertSqlSafe(statement)).await.unwrap();
    admin.execute("checkpoint").await.unwrap();
    assert!(!planted.files_below(scene.data_dir()).is_empty(), "what is planted in the database is not found");
}

/// Every fifth person gets a new CPR number before the day, on which the payers still use the old one. Answers the new ones.
async fn give_new_numbers(scene: &Scene) -> Vec<Identifier> {
    let mut records = Vec::new();
    for payee in scene.world.payees().step_by(5) {
        let mut record = scene.world.record(payee);
        if let Payee::Person(index) = payee
            && record.status == HolderStatus::Active
        {
            record.identifiers.insert(0, scene.world.unknown_person(7_000_000 + index));
            records.push(record);
        }
    }
    let new_numbers = records.iter().map(|record| record.identifiers[0].clone()).collect();
    let key = IdempotencyKey::new("new-numbers").unwrap();
    let answers = scene.street.register.record_holders(&operator(), &key, records).await.unwrap();
    assert!(answers.len() > 20 && answers.iter().all(Result::is_ok), "{answers:?}");
    new_numbers
}

/// The payees of old numbers are paid (the recount holds), their payers are told that the number is old, and nobody is told the new one.
fn old_numbers_are_told_and_new_ones_are_not(scene: &Scene, new_numbers: &[Identifier], log: &[u8]) {
    let mut notices = 0;
    for side in ["bank", "from-bank", "reports"] {
        for (_, file) in files_below(&scene.out().join(side)) {
            let text = std::fs::read_to_string(&file).unwrap();
            notices += text.split("<TxInfAndSts>").filter(|row| row.contains(">ACWC<") && row.contains(">NARR<")).count();
            let told = new_numbers.iter().any(|number| text.contains(number.canonical().as_ref()));
            assert!(!told, "a new number stands in {}", file.display());
        }
    }
    assert!(notices > 10, "{notices} payers were told of an old number");
    let log = String::from_utf8_lossy(log);
    assert!(!new_numbers.iter().any(|number| log.contains(number.canonical().as_ref())), "a new number stands in the log");
}

/// A number and an account, planted in the middle of the log in each way they may be written, are found.
fn the_search_finds_what_is_there(planted: &Planted, log: &[u8]) {
    let number = planted.any_number();
    let (day, serial) = number.split_at(6);
    for secret in [
        number.to_owned(),
        format!("{day}-{serial}"),
        format!("cpr={number}&x"),
        format!("0040{number}"),
        planted.any_account().to_owned(),
        format!("\"{}\"", planted.any_account()),
    ] {
        let (before, after) = log.split_at(log.len() / 2);
        let line = [before, b" ", secret.as_bytes(), b" ", after].concat();
        assert!(planted.is_in(&line), "a planted secret of {} characters is not found", secret.len());
    }
}

/// Every file in and out, judged by libxml2 against the official schemas, where both are there.
fn valid_by_xmllint(out: &Path) {
    let Some(schemas) = schemas() else { return };
    let mut judged = 0;
    for side in ["in", "bank", "from-bank", "reports"] {
        let files = files_below(&out.join(side));
        assert!(files.len() > 5, "{side} has {} files", files.len());
        for (_, file) in files {
            let is_broken = file.file_name().unwrap().to_str().unwrap().ends_with("-broken.xml");
            let parts = parts_of(&file);
            let objection = parts.iter().find_map(|part| objection(&schemas, part));
            for part in parts.iter().filter(|part| **part != file) {
                std::fs::remove_file(part).unwrap();
            }
            assert_eq!(objection.is_some(), is_broken, "{}: {objection:?}", file.display());
            judged += 1;
        }
    }
    assert!(judged > 50, "only {judged} files were judged");
}

/// The parts of a file that have a schema: itself, or header and message of an envelope, each in a file of its own.
fn parts_of(file: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(file).unwrap();
    if !text.contains("<Envelope") {
        return vec![file.to_owned()];
    }
    let part = |tag: &str| {
        let (begin, end) = (text.find(&format!("<{tag} ")).unwrap(), text.find(&format!("</{tag}>")).unwrap() + tag.len() + 3);
        let part = file.with_extension(tag);
        std::fs::write(&part, &text[begin..end]).unwrap();
        part
    };
    vec![part("AppHdr"), part("Document")]
}

#[tokio::test]
async fn every_recorded_query_fits_the_migrated_database() {
    let database = TestDatabase::new(nemkonto::street::SCHEMAS).await;
    let mut admin = database.admin().await;
    for schema in nemkonto::street::SCHEMAS {
        let folder = workspace().join("crates").join(schema.name).join(".sqlx");
        let checked = check_recorded_queries(&mut admin, &folder).await;
        assert!(checked > 5, "{} has {checked} recorded queries", schema.name);
    }
}

#[tokio::test]
async fn a_houses_role_can_read_no_other_house() {
    let database = TestDatabase::new(nemkonto::street::SCHEMAS).await;
    for house in nemkonto::street::SCHEMAS {
        let own = database.connect(house.name).await;
        for other in nemkonto::street::SCHEMAS {
            let statement = format!("select count(*) from {}.idempotency", other.name);
            let answer = sqlx::query(AssertSqlSafe(statement)).fetch_one(own.pool()).await;
            if other.name == house.name {
                answer.unwrap();
            } else {
                let refusal = answer.unwrap_err().to_string();
                assert!(refusal.contains("permission denied"), "{} in {}: {refusal}", house.name, other.name);
            }
        }
    }
}
