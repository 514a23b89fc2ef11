//! The street plan, held against the manifests: no house names another house, and nothing points uphill. And no test is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use platform::testing::TemporaryFolder;

/// Which of our own crates each crate may depend on. What is not listed is forbidden.
const ALLOWED: &[(&str, &[&str])] = &[
    ("primitives", &[]),
    ("iso20022", &["primitives"]),
    ("contracts", &["primitives"]),
    ("platform", &["primitives", "contracts"]),
    // The houses that speak ISO 20022 with the world outside.
    ("register", &["primitives", "contracts", "platform", "iso20022"]),
    ("parties", HOUSE),
    ("holding", HOUSE),
    ("setoff", HOUSE),
    ("mediation", &["primitives", "contracts", "platform", "iso20022"]),
    ("access", HOUSE),
    ("portal", &["primitives", "contracts", "platform", "access"]),
    // Neither a house nor the reader of messages: the auditor shares no blind spot with what it audits.
    ("simulation", &["primitives", "contracts"]),
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
            "access",
            "portal",
            "simulation",
        ],
    ),
];
const HOUSE: &[&str] = &["primitives", "contracts", "platform"];

/// Houses whose schemas no other house may name.
const SCHEMAS: &[&str] = &["register", "parties", "holding", "setoff", "mediation"];

/// The portal's tests walk its pages over real houses; its code never names one. The simulation's files are read by the product's reader.
const ALLOWED_IN_TESTS: &[(&str, &[&str])] =
    &[("portal", &["register", "parties", "holding", "setoff", "mediation", "simulation"]), ("simulation", &["iso20022"])];

/// The sections of a manifest that name dependencies, and whether they are of tests alone.
const SECTIONS: [(&str, bool); 3] = [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)];

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

/// What the workspace's manifest calls a dependency, and the package it is.
fn workspace_names() -> BTreeMap<String, String> {
    let manifest: toml::Table = std::fs::read_to_string(workspace().join("Cargo.toml")).unwrap().parse().unwrap();
    let dependencies = manifest["workspace"]["dependencies"].as_table().unwrap();
    dependencies.iter().map(|(name, value)| (name.clone(), package(name, value).to_owned())).collect()
}

/// The package a dependency is, whatever it is called here.
fn package<'v>(name: &'v str, value: &'v toml::Value) -> &'v str {
    value.get("package").and_then(toml::Value::as_str).unwrap_or(name)
}

/// The packages a section names, there and for every target.
fn packages(manifest: &toml::Table, section: &str, workspace_names: &BTreeMap<String, String>) -> BTreeSet<String> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let of_targets = targets.into_iter().flat_map(|targets| targets.values()).filter_map(|target| target.get(section));
    let tables = manifest.get(section).into_iter().chain(of_targets).filter_map(toml::Value::as_table);
    tables
        .flatten()
        .map(|(name, value)| {
            let inherited = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
            let known = workspace_names.get(name).filter(|_| inherited);
            known.cloned().unwrap_or_else(|| package(name, value).to_owned())
        })
        .collect()
}

fn allowed<'a>(list: &[(&str, &'a [&'a str])], name: &str) -> &'a [&'a str] {
    list.iter().find(|(crate_name, _)| *crate_name == name).map_or(&[], |(_, allowed)| allowed)
}

/// Every edge between our own crates that the plan does not allow, as "from -> to".
fn forbidden_edges(manifests: &Manifests, workspace_names: &BTreeMap<String, String>) -> Vec<String> {
    let mut forbidden = Vec::new();
    for (name, manifest) in manifests {
        let mut may = allowed(ALLOWED, name).to_vec();
        for (section, in_tests) in SECTIONS {
            if in_tests {
                may.extend(allowed(ALLOWED_IN_TESTS, name));
            }
            for dependency in packages(manifest, section, workspace_names) {
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
    assert_eq!(forbidden_edges(&manifests(), &workspace_names()), Vec::<String>::new());
}

#[test]
fn a_planted_edge_is_found() {
    let renamed = BTreeMap::from([("kept".to_owned(), "holding".to_owned())]);
    for (name, planted, expect) in [
        ("register", "[dependencies]\nholding.workspace = true", "register -> holding"),
        ("setoff", "[dev-dependencies]\nholding.workspace = true", "setoff -> holding"),
        ("parties", "[build-dependencies]\nholding = { path = '../holding' }", "parties -> holding"),
        ("setoff", "[target.'cfg(unix)'.dependencies]\nholding.workspace = true", "setoff -> holding"),
        ("setoff", "[target.x86_64-unknown-linux-gnu.dev-dependencies]\nholding.workspace = true", "setoff -> holding"),
        ("register", "[dependencies]\nledger = { path = '../holding', package = 'holding' }", "register -> holding"),
        ("register", "[dependencies]\nkept.workspace = true", "register -> holding"),
        ("simulation", "[dependencies]\niso20022.workspace = true", "simulation -> iso20022"),
        ("simulation", "[dev-dependencies]\nmediation.workspace = true", "simulation -> mediation"),
        ("portal", "[dependencies]\nregister.workspace = true", "portal -> register"),
        ("platform", "[dependencies]\nmediation.workspace = true", "platform -> mediation"),
    ] {
        let mut manifests = manifests();
        manifests.insert(name.to_owned(), planted.parse().unwrap());
        assert_eq!(forbidden_edges(&manifests, &renamed), [expect], "{planted}");
    }
}

/// What only tests may do, they may.
#[test]
fn tests_may_depend_on_what_they_compare_with() {
    let mut manifests = manifests();
    manifests.insert("simulation".to_owned(), "[dev-dependencies]\niso20022.workspace = true".parse().unwrap());
    assert_eq!(forbidden_edges(&manifests, &workspace_names()), Vec::<String>::new());
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

/// The Rust files below a folder, by their path in it; what was installed there is not ours.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("node_modules"));
    let files = paths.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The name by which a file is a module of another.
fn module_name(file: &Path) -> &str {
    let named = if file.ends_with("mod.rs") { file.parent().unwrap() } else { file };
    named.file_stem().unwrap().to_str().unwrap()
}

/// The files of a crate's tests that stand in no program, given the crate's folder and manifest.
fn left_out(folder: &Path, manifest: &toml::Table) -> Vec<PathBuf> {
    let tests = folder.join("tests");
    let found_by_cargo = manifest["package"].get("autotests").and_then(toml::Value::as_bool) != Some(false);
    let named = manifest.get("test").and_then(toml::Value::as_array).into_iter().flatten();
    let named: Vec<_> = named.filter_map(|test| test.get("path")?.as_str()).map(|path| folder.join(path)).collect();
    let files = rust_files(&tests);
    let texts: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let is_program = |file: &Path| {
        let depth = file.strip_prefix(&tests).unwrap().components().count();
        named.iter().any(|path| path == file) || found_by_cargo && (depth == 1 || depth == 2 && file.ends_with("main.rs"))
    };
    let is_module = |file: &Path| texts.contains(&format!("mod {};", module_name(file)));
    files.into_iter().filter(|file| !is_program(file) && !is_module(file)).collect()
}

/// A file of tests that is a module of no program would never run, and nothing else would say so.
#[test]
fn every_file_of_tests_stands_in_a_program() {
    for (name, manifest) in manifests() {
        let left_out = left_out(&workspace().join("crates").join(&name), &manifest);
        assert!(left_out.is_empty(), "{left_out:?}");
    }
}

#[test]
fn a_planted_file_of_tests_is_found() {
    let folder = TemporaryFolder::new();
    let tests = folder.path().join("tests");
    std::fs::create_dir_all(tests.join("support")).unwrap();
    for (file, text) in [("all.rs", "mod known;\nmod support;\n"), ("known.rs", ""), ("support/mod.rs", ""), ("forgotten.rs", "")]
    {
        std::fs::write(tests.join(file), text).unwrap();
    }
    let manifest = |text: &str| text.parse::<toml::Table>().unwrap();
    let one_program = manifest("package.autotests = false\ntest = [{ name = 'all', path = 'tests/all.rs' }]");
    assert_eq!(left_out(folder.path(), &one_program), [tests.join("forgotten.rs")]);
    assert!(left_out(folder.path(), &manifest("package.name = 'each'")).is_empty(), "each file is a program");
}
