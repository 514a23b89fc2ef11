//! The street plan, held against the manifests: no house names another house, and nothing points uphill.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Which of our own crates each crate may depend on. What is not listed is forbidden.
const ALLOWED: &[(&str, &[&str])] = &[
    ("primitives", &[]),
    ("iso20022", &["primitives"]),
    ("contracts", &["primitives"]),
    ("platform", &["primitives", "contracts"]),
    ("register", HOUSE),
    ("parties", HOUSE),
    ("holding", HOUSE),
    ("setoff", HOUSE),
    ("mediation", &["primitives", "contracts", "platform", "iso20022"]),
    ("portal", HOUSE),
    ("simulation", &["primitives", "contracts", "iso20022"]),
    (
        "nemkonto",
        &[
            "primitives",
            "contracts",
            "platform",
            "iso20022",
            "register",
            "parties",
            "holding",
            "setoff",
            "mediation",
            "portal",
            "simulation",
        ],
    ),
];
const HOUSE: &[&str] = &["primitives", "contracts", "platform"];

/// Houses whose schemas no other house may name.
const SCHEMAS: &[&str] = &["register", "parties", "holding", "setoff", "mediation"];

/// The portal's tests walk its pages over real houses; its code never names one.
const ALLOWED_IN_TESTS: &[(&str, &[&str])] =
    &[("portal", &["register", "parties", "holding", "setoff", "mediation", "simulation"])];

type Manifests = BTreeMap<String, toml::Table>;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate stands two folders below the workspace")
}

fn manifests() -> Manifests {
    std::fs::read_dir(workspace().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path().join("Cargo.toml")).unwrap();
            (entry.file_name().into_string().unwrap(), text.parse().unwrap())
        })
        .collect()
}

fn names(manifest: &toml::Table, section: &str) -> BTreeSet<String> {
    manifest.get(section).and_then(toml::Value::as_table).map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn allowed<'a>(list: &[(&str, &'a [&'a str])], name: &str) -> &'a [&'a str] {
    list.iter().find(|(crate_name, _)| *crate_name == name).map_or(&[], |(_, allowed)| allowed)
}

/// Every edge between our own crates that the plan does not allow, as "from -> to".
fn forbidden_edges(manifests: &Manifests) -> Vec<String> {
    let mut forbidden = Vec::new();
    for (name, manifest) in manifests {
        let mut may = allowed(ALLOWED, name).to_vec();
        let sections = [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)];
        for (section, in_tests) in sections {
            if in_tests {
                may.extend(allowed(ALLOWED_IN_TESTS, name));
            }
            for dependency in names(manifest, section) {
                let ours = manifests.contains_key(&dependency);
                if ours && dependency != *name && !may.contains(&dependency.as_str()) {
                    forbidden.push(format!("{name} -> {dependency}"));
                }
            }
        }
    }
    forbidden
}

#[test]
fn every_crate_has_its_place_in_the_plan() {
    let planned: BTreeSet<_> = ALLOWED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let present: BTreeSet<_> = manifests().into_keys().collect();
    assert_eq!(planned, present);
}

#[test]
fn no_house_names_another_house() {
    assert_eq!(forbidden_edges(&manifests()), Vec::<String>::new());
}

#[test]
fn a_planted_edge_is_found() {
    let mut manifests = manifests();
    for (name, section) in [("register", "dependencies"), ("setoff", "dev-dependencies")] {
        let planted = toml::Table::from_iter([("holding".to_owned(), toml::Value::from(true))]);
        manifests.get_mut(name).unwrap().insert(section.to_owned(), planted.into());
    }
    assert_eq!(forbidden_edges(&manifests), ["register -> holding", "setoff -> holding"]);
}

/// Places in a house's SQL that name another house's schema, as "house/file: schema".
fn foreign_schemas(house: &str, file: &str, text: &str) -> Vec<String> {
    SCHEMAS
        .iter()
        .filter(|schema| **schema != house)
        .filter(|schema| {
            ["from", "join", "into", "update", "references", "on"]
                .iter()
                .any(|word| text.to_lowercase().contains(&format!("{word} {schema}.")))
        })
        .map(|schema| format!("{house}/{file}: {schema}"))
        .collect()
}

fn sql_bearing_files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sql_bearing_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "sql") {
            found.push(path);
        }
    }
}

#[test]
fn no_house_names_anothers_schema() {
    let mut found = Vec::new();
    for house in SCHEMAS {
        let root = workspace().join("crates").join(house);
        let mut files = Vec::new();
        sql_bearing_files(&root, &mut files);
        assert!(!files.is_empty(), "{house} has files");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let name = file.strip_prefix(&root).unwrap().display().to_string();
            found.extend(foreign_schemas(house, &name, &text));
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_planted_foreign_schema_is_found() {
    let planted = "select 1 FROM register.entry";
    assert_eq!(foreign_schemas("holding", "store.rs", planted), ["holding/store.rs: register"]);
    assert!(foreign_schemas("register", "store.rs", planted).is_empty());
}
