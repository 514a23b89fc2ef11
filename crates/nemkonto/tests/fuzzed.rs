//! The open interface of the register under schemathesis: calls made from its document, valid and not, with no answer the document does not tell.

use std::process::Command;

use nemkonto::places::HouseName;
use platform::testing::{TemporaryFolder, TestDatabase};

use crate::support::served::{Served, System};

/// Calls made for each operation and kind of fault.
const EXAMPLES: &str = "25";

/// Its answer has a pair in a list (`prefixItems` of JSON Schema 2020-12), which schemathesis 4.32 takes for a mistake of the document.
const PAIRS: &str = "/v1/register/source-progress";

/// Checks left out. What a document can say of a value is its form: that a number has a check digit, or a day exists, is said by the answer, so a call
/// of the right form may be refused. And who has no token is told what whoever lacks a right is told: 403, not 401.
const LEFT_OUT: &str = "positive_data_acceptance,missing_required_header";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a campaign of minutes; `./x test --full` installs schemathesis for it"]
async fn the_register_answers_as_its_document_says() {
    let Some(schemathesis) = std::env::var_os("NEMKONTO_SCHEMATHESIS") else {
        eprintln!("there is no schemathesis here (NEMKONTO_SCHEMATHESIS): skipped");
        return;
    };
    let folder = TemporaryFolder::new();
    let system = System::new(folder.path(), None);
    let (url, database) = (system.new_url(), TestDatabase::new(&[]).await);
    let _register = Served::start(system.serve(HouseName::Register, &url, database.url(), &system.elsewhere(&[])));
    let documents = nemkonto::openapi::documents();
    let (_, document) = documents.iter().find(|(house, _)| *house == "register").unwrap();
    let file = folder.path().join("register.json");
    std::fs::write(&file, document).unwrap();
    let token = format!("Authorization: Bearer {}", std::fs::read_to_string(system.secret()).unwrap());
    let mut command = Command::new(schemathesis);
    command.arg("run").arg(&file).args(["--url", &url, "--header", &token, "--max-examples", EXAMPLES]);
    command
        .args([
            "--exclude-checks",
            LEFT_OUT,
            "--exclude-path",
            PAIRS,
            "--suppress-health-check",
            "all",
            "--seed",
            "1",
            "--no-color",
        ])
        .current_dir(folder.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
