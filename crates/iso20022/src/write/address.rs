//! A postal address as elements: what has a field stands in its field, what has none in lines, and nothing is lost.

use super::charset::CharacterSet;
use super::output::{Output, invalid, shorten};
use super::pain001::Pain001Version;
use super::party::{Party, Style};
use crate::address::AddressParts;
use std::borrow::Cow;
use std::io::{self, Write};

/// The most `AdrLine` of an address, and the characters of each, in all versions.
const LINES: usize = 7;
const LINE: usize = 70;

/// Between two parts on one line.
const SEPARATOR: &str = ", ";

/// Writes `PstlAdr`, where there is anything to write.
pub(super) fn address<W: Write>(out: &mut Output<W>, party: &Party<'_>, style: Style) -> io::Result<()> {
    let lines = || party.address_lines.iter().copied();
    if party.address_parts.is_empty() && party.country.is_none() && lines().all(str::is_empty) {
        return Ok(());
    }
    out.open("PstlAdr");
    let mut beside = Beside::default();
    for (part, text) in party.address_parts.iter() {
        let text = style.characters.convert(text);
        let (kept, rest) = divide(&text, part.room(style.version));
        if !kept.is_empty() {
            out.element(part.element(), kept, part.room(style.version))?;
        }
        beside.part(rest);
    }
    if let Some(country) = party.country {
        country_code(out, country)?;
    }
    for line in beside.lines(lines().map(|line| style.characters.convert(line))) {
        out.element("AdrLine", &line, LINE)?;
    }
    out.close("PstlAdr");
    Ok(())
}

pub(super) fn country_code<W: Write>(out: &mut Output<W>, country: &str) -> io::Result<()> {
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(invalid("Ctry", "is not two capital letters"));
    }
    out.element("Ctry", country, 2)
}

/// Whether an address has room in every version and character set that a bank may take.
pub(crate) fn has_room<'t>(parts: AddressParts<'t>, lines: impl Iterator<Item = &'t str> + Clone) -> bool {
    // A character becomes two at most; so nearly no address needs a closer look.
    let texts = || parts.iter().map(|(_, text)| text).chain(lines.clone());
    let bytes: usize = texts().map(|text| 2 * text.len() + SEPARATOR.len()).sum();
    bytes <= LINES * LINE || CharacterSet::ALL.iter().all(|set| has_room_in(*set, parts, lines.clone()))
}

/// The same in one character set; version 03 has the least room.
#[cold]
fn has_room_in<'t>(set: CharacterSet, parts: AddressParts<'_>, lines: impl Iterator<Item = &'t str>) -> bool {
    let mut beside = Beside::default();
    for (part, text) in parts.iter() {
        beside.part(divide(&set.convert(text), part.room(Pain001Version::V03)).1);
    }
    for line in lines {
        beside.part(&set.convert(line));
    }
    beside.0.chars().count() <= LINES * LINE
}

/// What of an address has no room in its fields, one part behind the other.
#[derive(Default)]
struct Beside(String);

impl Beside {
    fn part(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if !self.0.is_empty() {
            self.0.push_str(SEPARATOR);
        }
        self.0.push_str(text);
    }

    /// This and the payer's own lines as lines that have room: each of the payer's lines begins one, words are kept together.
    /// Where that is too many, all is written on; where also that is, the address was refused when it was read ([`has_room`]).
    fn lines<'t>(mut self, own: impl Iterator<Item = Cow<'t, str>> + Clone) -> Vec<String> {
        let mut lines = Vec::new();
        wrap(&self.0, &mut lines);
        for line in own.clone() {
            wrap(&line, &mut lines);
        }
        if lines.len() > LINES {
            own.for_each(|line| self.part(&line));
            lines.clear();
            cut(&self.0, &mut lines);
        }
        lines.truncate(LINES);
        lines
    }
}

/// Appends a text as lines of whole words.
fn wrap(text: &str, lines: &mut Vec<String>) {
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (line, behind) = divide(rest, LINE);
        lines.push(line.to_owned());
        rest = behind;
    }
}

/// Appends a text as full lines.
fn cut(mut rest: &str, lines: &mut Vec<String>) {
    while !rest.is_empty() {
        let line = shorten(rest, LINE);
        lines.push(line.to_owned());
        rest = &rest[line.len()..];
    }
}

/// The beginning of a text that has room, and what is behind it: between two words, where the first has room.
fn divide(text: &str, room: usize) -> (&str, &str) {
    let text = text.trim();
    let start = shorten(text, room);
    if start.len() == text.len() {
        return (text, "");
    }
    if text[start.len()..].starts_with(' ') {
        return (start.trim_end(), text[start.len()..].trim_start());
    }
    match start.rsplit_once(' ') {
        Some((words, _)) => (words.trim_end(), text[words.len()..].trim_start()),
        None => (start, &text[start.len()..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::AddressPart;

    #[test]
    fn texts_are_divided_between_words() {
        for (text, room, expect) in [
            ("Ingen Vej", 9, ("Ingen Vej", "")),
            ("Ingen Vej", 8, ("Ingen", "Vej")),
            ("Ingen Vej", 5, ("Ingen", "Vej")),
            ("Ingen Vej", 4, ("Inge", "n Vej")),
            ("Ingen Vej", 0, ("", "Ingen Vej")),
            (" Ærø  Å ", 3, ("Ærø", "Å")),
            ("  ", 5, ("", "")),
        ] {
            assert_eq!(divide(text, room), expect, "{text} in {room}");
        }
    }

    /// The lines for parts without a field and lines of the payer.
    fn lines(parts: &[&str], own: &[&str]) -> Vec<String> {
        let mut beside = Beside::default();
        parts.iter().for_each(|part| beside.part(part));
        beside.lines(own.iter().map(|line| Cow::Borrowed(*line)))
    }

    #[test]
    fn nothing_of_what_has_no_field_is_lost() {
        assert_eq!(lines(&["2", "tv."], &["c/o Ingen", "", "Vej 1"]), ["2, tv.", "c/o Ingen", "Vej 1"]);
        let word = "x".repeat(40);
        assert_eq!(lines(&[], &[&format!("{word} {word}")]), [word.clone(), word.clone()]);
        // Eight lines of words, that fit in seven when written on.
        let own: Vec<String> = (0..4).map(|_| format!("{word} {word}")).collect();
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let written = lines(&[], &own);
        assert_eq!((written.len(), written.concat()), (5, own.join(SEPARATOR)));
    }

    /// Whether lines of this length have room beside a part of that length.
    fn check_room(parts: &[(AddressPart, usize)], own: &[usize], letter: &str, expect: bool) {
        let texts: Vec<_> = parts.iter().map(|(part, length)| (*part, letter.repeat(*length))).collect();
        let parts: AddressParts<'_> = texts.iter().map(|(part, text)| (*part, text.as_str())).collect();
        let own: Vec<String> = own.iter().map(|length| letter.repeat(*length)).collect();
        assert_eq!(has_room(parts, own.iter().map(String::as_str)), expect, "{parts:?} and {} lines", own.len());
    }

    #[test]
    fn an_address_has_room_where_version_03_has() {
        use AddressPart::{BuildingName, CareOf, Floor, Street, Town, TownLocation};
        check_room(&[], &[70; 6], "a", true);
        check_room(&[(Street, 70), (Town, 35)], &[70; 6], "a", true);
        check_room(&[], &[35; 6], "å", true);
        check_room(&[], &[70; 4], "å", false);
        check_room(&[(CareOf, 140), (BuildingName, 140), (TownLocation, 140)], &[64], "a", true);
        check_room(&[(CareOf, 140), (BuildingName, 140), (TownLocation, 140)], &[65], "a", false);
        check_room(&[(Street, 140), (CareOf, 140), (BuildingName, 140), (Floor, 70)], &[70], "a", false);
    }
}
