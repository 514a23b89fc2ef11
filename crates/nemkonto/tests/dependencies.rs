//! The dependencies the program is built from, held against `deny.toml`: licences, banned crates, sources, and a digest for each. The same policy
//! as `cargo deny --offline check licenses bans sources`, without the minutes it takes to build that.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn toml_file(name: &str) -> toml::Table {
    std::fs::read_to_string(workspace().join(name)).unwrap().parse().unwrap()
}

/// What the policy allows and forbids.
struct Policy {
    licences: BTreeSet<String>,
    banned: BTreeSet<String>,
    registries: BTreeSet<String>,
}

impl Policy {
    fn read() -> Self {
        let policy = toml_file("deny.toml");
        let texts =
            |value: &toml::Value| value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
        let banned = policy["bans"]["deny"].as_array().unwrap();
        let registries: BTreeSet<String> = texts(&policy["sources"]["allow-registry"]);
        Self {
            licences: texts(&policy["licenses"]["allow"]),
            banned: banned.iter().map(|entry| entry["crate"].as_str().unwrap().to_owned()).collect(),
            registries: registries.into_iter().map(|registry| format!("registry+{registry}")).collect(),
        }
    }

    /// What is wrong with a package.
    fn faults(&self, package: &Value) -> Vec<String> {
        let name = package["name"].as_str().unwrap();
        let mut faults = Vec::new();
        match package["license"].as_str() {
            Some(expression) if self.allows(expression) => {}
            licence => faults.push(format!("{name}: licence {licence:?}")),
        }
        if self.banned.contains(name) {
            faults.push(format!("{name}: banned"));
        }
        // Without a source it is one of our own, in this folder.
        let is_ours = package["source"].is_null()
            && Path::new(package["manifest_path"].as_str().unwrap_or_default()).starts_with(workspace());
        if !is_ours && !package["source"].as_str().is_some_and(|source| self.registries.contains(source)) {
            faults.push(format!("{name}: source {}", package["source"]));
        }
        faults
    }

    /// Whether the licence expression (SPDX 2.3, annex D) can be met: of `OR` one side, of `AND` both. The older `A/B` is `A OR B`.
    fn allows(&self, expression: &str) -> bool {
        let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = expression.split_whitespace().collect();
        let (allowed, rest) = self.any(&words);
        allowed && rest.is_empty()
    }

    fn any<'w>(&self, words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
        let (mut allowed, mut rest) = self.all(words);
        while let ["OR", more @ ..] = rest {
            let (other, after) = self.all(more);
            (allowed, rest) = (allowed || other, after);
        }
        (allowed, rest)
    }

    fn all<'w>(&self, words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
        let (mut allowed, mut rest) = self.one(words);
        while let ["AND", more @ ..] = rest {
            let (other, after) = self.one(more);
            (allowed, rest) = (allowed && other, after);
        }
        (allowed, rest)
    }

    fn one<'w>(&self, words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
        match words {
            ["(", inner @ ..] => match self.any(inner) {
                (allowed, [")", rest @ ..]) => (allowed, rest),
                (_, rest) => (false, rest),
            },
            [licence, "WITH", exception, rest @ ..] => (self.licences.contains(&format!("{licence} WITH {exception}")), rest),
            [licence, rest @ ..] => (self.licences.contains(*licence), rest),
            [] => (false, words),
        }
    }
}

/// Every package the program is built from on this kind of machine. Nothing is fetched.
fn packages() -> Vec<Value> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"]);
    let output = cargo.current_dir(workspace()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().clone();
    assert!(packages.len() > 100);
    packages
}

#[test]
fn every_dependency_keeps_to_the_policy() {
    let policy = Policy::read();
    let faults: Vec<String> = packages().iter().flat_map(|package| policy.faults(package)).collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_package_from_elsewhere_has_a_digest() {
    let lock = toml_file("Cargo.lock");
    let without: Vec<&str> = lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| package.get("source").is_some() && package.get("checksum").is_none())
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    assert_eq!(without, Vec::<&str>::new());
}

#[test]
fn a_planted_fault_is_found() {
    let policy = Policy::read();
    let package = |name: &str, licence: Option<&str>, source: &str| serde_json::json!({ "name": name, "license": licence, "source": source, "manifest_path": "/elsewhere/Cargo.toml" });
    let registry = "registry+https://github.com/rust-lang/crates.io-index";
    for (planted, expect) in [
        (package("fine", Some("MIT OR Apache-2.0"), registry), None),
        (package("gpl", Some("GPL-3.0-only"), registry), Some("gpl: licence")),
        (package("both", Some("MIT AND GPL-3.0-only"), registry), Some("both: licence")),
        (package("none", None, registry), Some("none: licence")),
        (package("openssl", Some("Apache-2.0"), registry), Some("openssl: banned")),
        (package("fork", Some("MIT"), "git+https://example.org/fork"), Some("fork: source")),
    ] {
        let faults = policy.faults(&planted);
        assert_eq!(faults.first().map(|fault| fault.starts_with(expect.unwrap_or("-"))), expect.map(|_| true), "{faults:?}");
    }
}

#[test]
fn licence_expressions_are_understood() {
    let policy = Policy::read();
    for (expression, expect) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only AND MIT", false),
        ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", true),
        ("GPL-2.0-only WITH Classpath-exception-2.0", false),
        ("(MIT", false),
        ("MIT)", false),
        ("", false),
    ] {
        assert_eq!(policy.allows(expression), expect, "{expression}");
    }
}
