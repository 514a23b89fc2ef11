//! The checked-in grammars are what the generator makes of the official schemas.

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/xsd.rs"]
mod xsd;

use iso20022::MessageKind;
use iso20022::generator::schema_from_xsd;
use iso20022::grammar::notation;
use iso20022::grammar::pattern::Pattern;
use proptest::prelude::*;
use regex_automata::meta::Regex;
use std::collections::BTreeSet;

#[test]
fn grammars_are_generated_from_the_official_schemas() {
    let Some(official) = oracle::official() else { return };
    let mut made = 0;
    for file in oracle::files(&official.join("xsd"), "xsd") {
        let text = std::fs::read_to_string(&file).expect("the file is readable");
        let schema = schema_from_xsd(&text).expect("the official schemas are understood");
        let kind = MessageKind::from_name(&schema.message).expect("every schema has its message");
        assert_eq!(notation::write(&schema), kind.grammar(), "{}", file.display());
        made += 1;
    }
    assert_eq!(made, MessageKind::ALL.len());
}

#[test]
fn unknown_constructs_are_errors() {
    let schema = |body: &str| {
        format!(
            "<xs:schema xmlns=\"urn:iso:std:iso:20022:tech:xsd:x\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" \
             elementFormDefault=\"qualified\" targetNamespace=\"urn:iso:std:iso:20022:tech:xsd:x\">\
             <xs:element name=\"Document\" type=\"A\"/>{body}</xs:schema>"
        )
    };
    let simple = |facet: &str| {
        format!("<xs:simpleType name=\"A\"><xs:restriction base=\"xs:string\">{facet}</xs:restriction></xs:simpleType>")
    };
    assert!(schema_from_xsd(&schema(&simple("<xs:minLength value=\"1\"/>"))).is_ok());
    let unknown = [
        simple("<xs:length value=\"1\"/>"),
        simple("<xs:pattern value=\"a*\"/>"),
        simple("<xs:whiteSpace value=\"collapse\"/>"),
        simple("<xs:totalDigits value=\"3\"/>"),
        simple("<xs:minLength value=\"1\"/><xs:minLength value=\"2\"/>"),
        simple("").replace("xs:string", "xs:anyURI"),
        "<xs:complexType name=\"A\"><xs:all/></xs:complexType>".to_owned(),
        "<xs:complexType name=\"A\" mixed=\"true\"><xs:sequence/></xs:complexType>".to_owned(),
        "<xs:complexType name=\"A\"><xs:sequence><xs:element name=\"b\" type=\"B\"/></xs:sequence></xs:complexType>".to_owned(),
        "<xs:group name=\"A\"/>".to_owned(),
        simple("") + "text",
    ];
    for body in unknown {
        assert!(schema_from_xsd(&schema(&body)).is_err(), "{body}");
    }
}

/// The pattern texts of all schemas.
fn patterns() -> BTreeSet<String> {
    MessageKind::ALL
        .iter()
        .flat_map(|kind| kind.grammar().lines())
        .filter_map(|line| line.split_once(" pattern="))
        .map(|(_, pattern)| pattern.to_owned())
        .collect()
}

#[test]
fn patterns_match_as_an_independent_matcher_says() {
    let alphabet = "AZaz09-+().N O1fg4８b";
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for text in patterns() {
        let compiled = Pattern::parse_schema(&text).expect("a known pattern");
        let reference = Regex::new(&format!("^(?:{text})$")).expect("a regular expression");
        let near = proptest::string::string_regex(&text).expect("a regular expression");
        let far = proptest::collection::vec(proptest::sample::select(alphabet.chars().collect::<Vec<_>>()), 0..40)
            .prop_map(|characters| characters.into_iter().collect::<String>());
        let changed = (near, any::<prop::sample::Index>(), proptest::sample::select(alphabet.chars().collect::<Vec<_>>()))
            .prop_map(|(value, place, new)| {
                let mut characters: Vec<char> = value.chars().collect();
                let place = place.index(characters.len() + 1);
                match characters.get_mut(place) {
                    Some(character) if new != 'N' => *character = new,
                    Some(_) => drop(characters.remove(place)),
                    None => characters.push(new),
                }
                (value, characters.into_iter().collect::<String>())
            });
        runner
            .run(&(changed, far), |((valid, changed), far)| {
                for value in [valid, changed, far] {
                    prop_assert_eq!(compiled.matches(value.as_bytes()), reference.is_match(&value));
                }
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}
