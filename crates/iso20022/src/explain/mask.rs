//! Hiding people's numbers in a line of a file that is shown.

use std::ops::Range;

/// The character shown in place of each hidden one.
const BULLET: char = '•';
/// Elements whose text is a number of a person, a company or an account, whatever it looks like.
const NUMBERED: &[&str] = &["Id", "IBAN"];
/// From so many digits on a number may be somebody's: 9 are the shortest account numbers in use, 10 a CPR number.
const DIGITS: usize = 9;

/// A piece of XML with each digit and letter hidden that may belong to a CPR number or an account: the text of `Id` and
/// `IBAN` elements, runs of nine digits or more (also with blanks between them), a CPR number with its hyphen, and
/// whatever looks like an IBAN. Hides too much rather than too little.
#[must_use]
pub fn mask_numbers(xml: &str) -> String {
    let mut hidden = numbered_texts(xml);
    hidden.extend(numbers(xml));
    let mut masked = String::with_capacity(xml.len());
    for (place, character) in xml.char_indices() {
        let hide = character.is_alphanumeric() && hidden.iter().any(|range| range.contains(&place));
        masked.push(if hide { BULLET } else { character });
    }
    masked
}

/// The texts of the elements that hold numbers; a text that is cut off reaches to the end.
fn numbered_texts(xml: &str) -> Vec<Range<usize>> {
    let mut texts = Vec::new();
    for (start, _) in xml.match_indices('<') {
        let Some(length) = xml[start..].find('>') else { break };
        let name = xml[start + 1..start + length].split([' ', '\t', '\r', '\n']).next().unwrap_or("");
        let local = name.rsplit(':').next().unwrap_or(name);
        if NUMBERED.contains(&local) {
            let text = start + length + 1;
            let end = xml[text..].find('<').map_or(xml.len(), |length| text + length);
            texts.push(text..end);
        }
    }
    texts
}

/// Numbers wherever they stand.
fn numbers(xml: &str) -> Vec<Range<usize>> {
    let bytes = xml.as_bytes();
    let mut found = Vec::new();
    let mut place = 0;
    while place < bytes.len() {
        let run = digits_from(bytes, place);
        if run > 0 {
            let end = spread_from(bytes, place + run);
            let digits = bytes[place..end].iter().filter(|byte| byte.is_ascii_digit()).count();
            // With the letters before and behind it: the number may be the middle of an account's.
            if digits >= DIGITS {
                found.push(word_start(bytes, place)..word_end(bytes, end));
            } else if is_hyphenated(bytes, place, run) {
                found.push(word_start(bytes, place)..word_end(bytes, place + 11));
            } else if is_iban(bytes, place, run) {
                found.push(word_start(bytes, place)..word_end(bytes, place + run));
            }
            place += run;
        } else {
            place += 1;
        }
    }
    found
}

fn digits_from(bytes: &[u8], place: usize) -> usize {
    bytes[place..].iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The end of a number whose groups have one blank between them.
fn spread_from(bytes: &[u8], mut end: usize) -> usize {
    while bytes.get(end) == Some(&b' ') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end += 1 + digits_from(bytes, end + 1);
    }
    end
}

/// Six digits, a hyphen, four digits.
fn is_hyphenated(bytes: &[u8], place: usize, run: usize) -> bool {
    run == 6 && bytes.get(place + 6) == Some(&b'-') && bytes.len() > place + 7 && digits_from(bytes, place + 7) == 4
}

/// Two capital letters before two digits, in a word of an IBAN's length.
fn is_iban(bytes: &[u8], place: usize, run: usize) -> bool {
    let start = word_start(bytes, place);
    let length = word_end(bytes, place + run) - start;
    run >= 2 && place - start == 2 && bytes[start..place].iter().all(u8::is_ascii_uppercase) && (15..=34).contains(&length)
}

fn word_start(bytes: &[u8], place: usize) -> usize {
    place - bytes[..place].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count()
}

fn word_end(bytes: &[u8], place: usize) -> usize {
    let place = place.min(bytes.len());
    place + bytes[place..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(xml: &str, expect: &str) {
        assert_eq!(mask_numbers(xml), expect);
    }

    #[test]
    fn numbers_are_hidden_and_the_rest_is_not() {
        check("<Id>0101587003</Id>", "<Id>••••••••••</Id>");
        check("<p:Id a=\"b\">12345674</p:Id>", "<p:Id a=\"b\">••••••••</p:Id>");
        check("<IBAN>DK5000400440116243</IBAN>", "<IBAN>••••••••••••••••••</IBAN>");
        check("<Id>01015", "<Id>•••••");
        check("0101587003", "••••••••••");
        check("<Ustrd>Til 010158-7003 og 0101587003</Ustrd>", "<Ustrd>Til ••••••-•••• og ••••••••••</Ustrd>");
        check("<Ustrd>konto 0040 0440116243</Ustrd>", "<Ustrd>konto •••• ••••••••••</Ustrd>");
        check("<Ustrd>DK50 0040 0440 1162 43</Ustrd>", "<Ustrd>•••• •••• •••• •••• ••</Ustrd>");
        check("<Ustrd>NO9386011117947</Ustrd>", "<Ustrd>•••••••••••••••</Ustrd>");
        check("<Ustrd>GB29NWBK60161331926819</Ustrd>", "<Ustrd>••••••••••••••••••••••</Ustrd>");
        check("<EndToEndId>SOP-2026-03-0001</EndToEndId>", "<EndToEndId>SOP-2026-03-0001</EndToEndId>");
        check("<ReqdExctnDt>2026-03-02</ReqdExctnDt>", "<ReqdExctnDt>2026-03-02</ReqdExctnDt>");
        check("<InstdAmt Ccy=\"DKK\">7000.255</InstdAmt>", "<InstdAmt Ccy=\"DKK\">7000.255</InstdAmt>");
        check("<Nm>Søren Ærø</Nm> ø6", "<Nm>Søren Ærø</Nm> ø6");
    }

    proptest! {
        #[test]
        fn no_number_comes_through(before in "[ <>a-zæ/\"=-]{0,8}", number in "[0-9]{10}", after in "[ <>a-zæ/\"=-]{0,8}") {
            let plain = format!("{before}{number}{after}");
            let hyphenated = format!("{before}{}-{}{after}", &number[..6], &number[6..]);
            prop_assert!(!mask_numbers(&plain).contains(&number[..6]));
            prop_assert!(!mask_numbers(&hyphenated).contains(&number[6..]));
        }
    }
}
