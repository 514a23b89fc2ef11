//! A finding has the same place, however little of the file is looked at at a time.

use iso20022::{Limits, validate};
use std::io::Read;

/// Gives its bytes one at a time.
struct OneByte<'d>(&'d [u8]);

impl Read for OneByte<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let (Some(place), Some((first, rest))) = (buffer.first_mut(), self.0.split_first()) else { return Ok(0) };
        (*place, self.0) = (*first, rest);
        Ok(1)
    }
}

/// Text before and behind where something is wrong, in an element that may not be there.
fn check(before: &str, wrong: &str) {
    for length in [0, 1, 500, 1_100, 3_000] {
        let head = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03\"><Wrong>";
        let file = format!("{head}{}{wrong}</Wrong></Document>", before.repeat(length));
        let at_once = validate(file.as_bytes(), Limits::default()).expect("memory does not fail");
        let narrow = Limits { construct_bytes: 1, ..Limits::default() };
        let through_window = validate(OneByte(file.as_bytes()), narrow).expect("memory does not fail");
        assert_eq!(at_once, through_window, "{length} times {before:?}, then {wrong:?}");
        let last = at_once.findings.last().expect("the element may not be there");
        if !wrong.is_empty() {
            let place = head.len() + before.len() * length;
            assert_eq!(last.offset, place as u64, "{length} times {before:?}, then {wrong:?}");
        }
    }
}

#[test]
fn what_is_wrong_in_a_long_text_is_found_where_it_stands() {
    for before in ["&amp;", "x", " \n", "&#x20;"] {
        check(before, "");
        check(before, "&amR;");
        check(before, "]]>");
        check(before, "&amp");
    }
}
