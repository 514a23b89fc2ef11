//! A whole day through the public interface, and what must hold of everything it leaves behind.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and say what it skipped")]

mod support;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use platform::testing::{TestDatabase, check_recorded_queries};
use primitives::Identifier;
use simulation::World;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, postgres::PgConnectOptions};
use support::Scene;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_balances_every_file_is_valid_and_no_number_stands_readable_on_disk() {
    let scene = Scene::with_own_server("story").await;
    let recount = scene.day(None).await;
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

    let mut admin = scene.url().parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    admin.execute("checkpoint").await.unwrap();
    let numbers = numbers_of(&scene.world);
    let readable = |folder: &Path| files_with_a_number(folder, &numbers);
    assert_eq!(readable(scene.data_dir()), Vec::<PathBuf>::new());

    // The search finds what it is there to find: a number written by hand.
    let planted = numbers.iter().next().unwrap();
    let statement = format!("create table public.planted as select '{planted}'::text as number");
    admin.execute(AssertSqlSafe(statement)).await.unwrap();
    admin.execute("checkpoint").await.unwrap();
    assert!(!readable(scene.data_dir()).is_empty(), "the planted number is not found");
    admin.execute("drop table public.planted").await.unwrap();
}

/// CPR numbers of everybody in the Denmark. Eight-digit numbers occur by chance in binary files, ten-digit ones of nobody do not.
fn numbers_of(world: &World) -> HashSet<String> {
    let people = world.holders().flat_map(|holder| holder.identifiers);
    people
        .filter_map(|identifier| match identifier {
            Identifier::Cpr(cpr) => Some(cpr.digits().to_owned()),
            _ => None,
        })
        .collect()
}

/// The files below the folder (the server's log and write-ahead log too) that hold one of the numbers as text.
fn files_with_a_number(folder: &Path, numbers: &HashSet<String>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(&path).is_ok_and(|bytes| holds_a_number(&bytes, numbers)) {
                found.push(path);
            }
        }
    }
    found
}

fn holds_a_number(bytes: &[u8], numbers: &HashSet<String>) -> bool {
    let runs = bytes.split(|byte| !byte.is_ascii_digit()).filter(|run| run.len() >= 10);
    runs.flat_map(|run| run.windows(10)).any(|digits| numbers.contains(std::str::from_utf8(digits).unwrap()))
}

/// Every file for banks and payers, judged by libxml2 against the official schemas, where both are there.
fn valid_by_xmllint(out: &Path) {
    let schemas = workspace().join("../shared/iso20022/xsd");
    if !schemas.is_dir() || Command::new("xmllint").arg("--version").output().is_err() {
        println!("skipped: xmllint or the schemas are not here");
        return;
    }
    let mut judged = 0;
    for side in ["bank", "reports"] {
        for folder in std::fs::read_dir(out.join(side)).unwrap() {
            for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
                let file = file.unwrap().path();
                let text = std::fs::read_to_string(&file).unwrap();
                let message = text.split("urn:iso:std:iso:20022:tech:xsd:").nth(1).unwrap().split('"').next().unwrap();
                let schema = schemas.join(format!("{message}.xsd"));
                let judgement = Command::new("xmllint").args(["--noout", "--schema"]).arg(&schema).arg(&file).output().unwrap();
                assert!(judgement.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&judgement.stderr));
                judged += 1;
            }
        }
    }
    assert!(judged > 20, "only {judged} files were judged");
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
