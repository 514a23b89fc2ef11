//! The declared rights (`access/data/authorization.csv`) held against everything there is: every page and every operation, by every role, on what
//! is its own and what is not, is called, and must be allowed or refused as the table says.

mod operations;
mod pages;
mod systems;

use std::collections::BTreeSet;

use access::authorization::Authorization;

/// The endpoints that are only in the program, or only in the table.
fn undeclared(present: &[String], table: &Authorization) -> Vec<String> {
    let present: BTreeSet<&str> = present.iter().map(String::as_str).collect();
    let declared: BTreeSet<&str> = table.endpoints().collect();
    present.symmetric_difference(&declared).map(|endpoint| (*endpoint).to_owned()).collect()
}

fn present() -> Vec<String> {
    portal::Portal::endpoints().into_iter().chain(operations::endpoints()).collect()
}

#[test]
fn the_table_declares_every_endpoint_and_no_other() {
    assert_eq!(undeclared(&present(), Authorization::declared()), Vec::<String>::new());
}

#[test]
fn an_endpoint_without_a_row_is_found() {
    let mut present = present();
    present.push("GET /hole".to_owned());
    assert_eq!(undeclared(&present, Authorization::declared()), ["GET /hole"]);
}
