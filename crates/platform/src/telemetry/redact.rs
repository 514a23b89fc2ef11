//! Masking of what looks like a personal number or an account.

use std::borrow::Cow;

/// What stands in the place of a number.
const MASK: &str = "[number]";

/// A CPR number has 10 digits, a Danish account 14, a card 16: from here on a run of digits is masked.
const SHORTEST_RUN: usize = 10;

/// The shortest IBAN is Norway's (ISO 13616 registry), the longest allowed has 34 characters.
const IBAN_LENGTHS: std::ops::RangeInclusive<usize> = 15..=34;

/// Masks runs of ten or more digits, numbers written as six and four digits (`DDMMYY-NNNN`), and IBANs, also in groups of four.
///
/// It masks too much rather than too little: a large counter may fall to it.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut redacted = String::new();
    let (mut kept_to, mut at) = (0, 0);
    while at < bytes.len() {
        let length = secret_at(bytes, at);
        if length == 0 {
            at += 1;
            continue;
        }
        redacted.push_str(&text[kept_to..at]);
        redacted.push_str(MASK);
        at += length;
        kept_to = at;
    }
    if kept_to == 0 {
        return Cow::Borrowed(text);
    }
    redacted.push_str(&text[kept_to..]);
    Cow::Owned(redacted)
}

/// The length of the number that begins at `at`, or 0. Everything masked is ASCII, so the slices around it are whole characters.
fn secret_at(bytes: &[u8], at: usize) -> usize {
    let before = at.checked_sub(1).map(|before| bytes[before]);
    let here = &bytes[at..];
    if here[0].is_ascii_digit() && !before.is_some_and(|byte| byte.is_ascii_digit()) {
        digits(here)
    } else if here[0].is_ascii_uppercase() && !before.is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        iban(here)
    } else {
        0
    }
}

fn run(bytes: &[u8], is_part: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| is_part(byte)).count()
}

fn digits(here: &[u8]) -> usize {
    let first = run(here, u8::is_ascii_digit);
    if first >= SHORTEST_RUN {
        return first;
    }
    let cut_in_two = first == 6 && here.get(6).is_some_and(|separator| matches!(separator, b'-' | b' '));
    if cut_in_two && run(&here[7..], u8::is_ascii_digit) == 4 {
        return 11;
    }
    0
}

fn iban(here: &[u8]) -> usize {
    let begins_like_one = here.len() > 4 && here[1].is_ascii_uppercase() && here[2].is_ascii_digit() && here[3].is_ascii_digit();
    if !begins_like_one {
        return 0;
    }
    let is_part = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let whole = run(here, is_part);
    if whole > 4 {
        return if IBAN_LENGTHS.contains(&whole) { whole } else { 0 };
    }
    let (mut length, mut characters) = (whole, whole);
    // In print: groups of four parted by a space, the last one may be shorter.
    while here.get(length) == Some(&b' ') {
        let group = run(&here[length + 1..], is_part);
        if !(1..=4).contains(&group) {
            break;
        }
        length += 1 + group;
        characters += group;
        if group < 4 {
            break;
        }
    }
    if IBAN_LENGTHS.contains(&characters) { length } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_masked_and_the_rest_is_kept() {
        let check = |text: &str, expected: &str| assert_eq!(redact(text), expected);
        check("paid 0101901234.", "paid [number].");
        check("010190-1234", "[number]");
        check("010190 1234 x", "[number] x");
        check("cpr=0101901234&æ", "cpr=[number]&æ");
        check("ø0101901234ø", "ø[number]ø");
        check("00400440116243", "[number]");
        check("0040 0440116243", "0040 [number]");
        check("(DK5000400440116243)", "([number])");
        check("DK50 0040 0440 1162 43, thanks", "[number], thanks");
        check("GB82 WEST 1234 5698 7654 32", "[number]");
        check("0101901234 0202901234", "[number] [number]");
    }

    #[test]
    fn ordinary_text_is_untouched() {
        for text in [
            "2026-11-22T04:35:54.123456Z INFO mediation: 123456789 rows in 250 ms",
            "CVR 12345678",
            "DK50 is no IBAN",
            "WARN DA12 A",
            "12345-12345, 123456-12345, 1234567-1234",
            "P-12-345/2",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_run_of_ten_digits_survives(text in "[0-9a-zA-Z æ€-]{0,80}") {
            let redacted = redact(&text);
            let longest = redacted.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
            prop_assert!(longest < SHORTEST_RUN, "{}", redacted);
        }

        #[test]
        fn any_text_is_taken(text in any::<String>()) {
            let _ = redact(&text);
        }
    }
}
