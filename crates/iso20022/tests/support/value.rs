//! Values by type: valid ones, and ones at the edges of what is valid.

use crate::dice::Dice;
use iso20022::grammar::model::{Base, Facets, SimpleDefinition};

/// A value the type allows.
pub fn valid(simple: &SimpleDefinition, dice: &mut Dice) -> String {
    let facets = &simple.facets;
    match simple.base {
        Base::Text => valid_text(facets, dice),
        Base::Decimal => {
            let (total, fraction) = digits_of(facets);
            let fraction = dice.below(fraction.min(4) + 1);
            decimal(total.saturating_sub(fraction).min(1 + dice.below(9)), fraction, dice)
        }
        Base::Boolean => dice.pick(&["true", "false", "1", "0"]).to_owned(),
        Base::Date => format!("{}{}", dice.pick(DAYS), dice.pick(ZONES)),
        Base::DateTime => format!("{}T{}{}", dice.pick(DAYS), dice.pick(HOURS), dice.pick(ZONES)),
        Base::Time => format!("{}{}", dice.pick(HOURS), dice.pick(ZONES)),
        Base::Year => dice.pick(&["2026", "1999", "0001", "12026", "-0044"]).to_owned(),
        Base::YearMonth => dice.pick(&["2026-01", "2026-12", "0001-02"]).to_owned(),
        Base::Base64 => dice.pick(&["QUJD", "QUI=", "QQ==", "Q U\nJD", "+/A8"]).to_owned(),
    }
}

/// A value that may just be allowed, or just not.
pub fn edge(simple: &SimpleDefinition, dice: &mut Dice) -> String {
    let near = match simple.base {
        Base::Text => edge_text(&simple.facets, dice),
        Base::Decimal => edge_decimal(&simple.facets, dice),
        Base::Boolean => dice.pick(&["true", "false", "1", "0", "TRUE", "True", "yes", "", "01", "10", "t"]).to_owned(),
        Base::Date => edge_day(dice),
        Base::DateTime => {
            let (day, hour) = if dice.once_in(2) {
                (edge_day(dice), "10:00:00Z".to_owned())
            } else {
                ("2024-02-29".to_owned(), edge_hour(dice))
            };
            format!("{day}{}{hour}", dice.pick(&["T", "T", "T", "T", "T", "T", " ", "t", "", "TT", "T "]))
        }
        Base::Time => edge_hour(dice),
        Base::Year => format!("{}{}", dice.pick(YEARS), dice.pick(EDGE_ZONES)),
        Base::YearMonth => format!("{}-{}{}", dice.pick(YEARS), dice.pick(MONTHS), dice.pick(EDGE_ZONES)),
        Base::Base64 => edge_base64(&simple.facets, dice),
    };
    match dice.below(24) {
        0 => format!(" {near}"),
        1 => format!("{near} "),
        2 => format!("\n\t{near}\n"),
        3 => format!("\u{A0}{near}"),
        4 => damaged(&near, dice),
        _ => near,
    }
}

/// One character changed, removed or added.
fn damaged(value: &str, dice: &mut Dice) -> String {
    let place = dice.place(value);
    let (before, after) = value.split_at(place);
    let mut rest = after.chars();
    let first = rest.next();
    let new =
        dice.pick(&["0", "9", "A", "z", "-", "+", ".", ",", ":", " ", "Æ", "٣", "０", "\u{200B}", "\t", "/", "T", "Z", "e"]);
    match (dice.below(4), first) {
        (0, _) => format!("{before}{new}{after}"),
        (1, Some(_)) => format!("{before}{new}{}", rest.as_str()),
        (2, Some(_)) => format!("{before}{}", rest.as_str()),
        (_, Some(first)) => format!("{before}{first}{after}"),
        (_, None) => format!("{new}{value}"),
    }
}

const DAYS: &[&str] =
    &["2026-03-02", "2024-02-29", "2000-02-29", "1999-12-31", "-0004-02-29", "12026-01-01", "2026-12-31", "0001-01-01"];
const HOURS: &[&str] = &["10:00:00", "00:00:00", "23:59:59", "24:00:00", "12:30:15.123456", "23:59:59.999", "24:00:00.00"];
const ZONES: &[&str] = &["", "Z", "+01:00", "-05:30", "+14:00", "-14:00", "+00:00", "-00:00"];
const EDGE_ZONES: &[&str] = &[
    "",
    "",
    "",
    "Z",
    "+01:00",
    "-13:59",
    "+14:00",
    "-14:00",
    "+14:01",
    "-14:01",
    "+13:60",
    "+15:00",
    "z",
    "ZZ",
    "+1:00",
    "+0100",
    "+01",
    "UTC",
    "+01:00Z",
    "-",
    "+24:00",
    " Z",
    "+00:00:00",
    "+99:99",
];
const YEARS: &[&str] = &[
    "2026",
    "2024",
    "2000",
    "1900",
    "2100",
    "0000",
    "0001",
    "-0001",
    "-0000",
    "-0004",
    "9999",
    "10000",
    "02026",
    "12026",
    "999",
    "26",
    "",
    "+2026",
    "123456789",
    "1234567890",
    "99999999999999",
    "-99999",
    "00000",
    "20 26",
    "1600",
    "0400",
    "-0400",
    "2400",
    "9223372036854775807",
    "9223372036854775808",
    "922337203685477580700",
    "2147483648",
];
const MONTHS: &[&str] = &["01", "02", "12", "00", "13", "1", "1a", "", "012", "06"];
const MONTH_ENDS: &[&str] = &[
    "01-31", "01-32", "02-28", "02-29", "02-30", "03-31", "04-30", "04-31", "05-31", "06-30", "06-31", "07-31", "08-31", "09-30",
    "09-31", "10-31", "11-30", "11-31", "12-31", "12-32", "01-00", "00-01", "13-01", "1-1", "01-1", "1-01", "0101", "01/01",
    "01-01-", "01- 1",
];

fn edge_day(dice: &mut Dice) -> String {
    let (mut year, mut day, mut zone) = ("2026", "03-02", "");
    match dice.below(6) {
        0 => year = dice.pick(YEARS),
        1 => day = dice.pick(MONTH_ENDS),
        2 => zone = dice.pick(EDGE_ZONES),
        3 => {
            (year, day) = (
                dice.pick(&["2023", "2024", "1900", "2000", "2100", "2400", "-0004", "-0001", "-0005", "0004", "10000"]),
                "02-29",
            )
        }
        4 => {
            return dice
                .pick(&[
                    "",
                    "2026-03",
                    "2026",
                    "20260302",
                    "2026-061",
                    "02-03-2026",
                    "2026-W10-1",
                    "2026-03-02T10:00:00",
                    "+2026-03-02",
                ])
                .to_owned();
        }
        _ => (year, day, zone) = (dice.pick(YEARS), dice.pick(MONTH_ENDS), dice.pick(EDGE_ZONES)),
    }
    format!("{year}-{day}{zone}")
}

fn edge_hour(dice: &mut Dice) -> String {
    const TIMES: &[&str] = &[
        "00:00:00",
        "23:59:59",
        "24:00:00",
        "24:00:01",
        "24:01:00",
        "24:00:00.0",
        "24:00:00.1",
        "24:00:00.000000001",
        "23:59:60",
        "23:60:00",
        "25:00:00",
        "12:00",
        "12",
        "",
        "12:0:0",
        "1:00:00",
        "120000",
        "12:00:00.",
        "12:00:00.5",
        "12:00:00,5",
        ".5",
        "12:00:.5",
        "-12:00:00",
        "12:00:00.0000000001",
        "12:00:59.9999999999999",
        "12:00:59.99999999999999",
        "12:00:59.999999999999999",
        "12:00:59.99999999999999999999",
        "12:00:58.99999999999999999999",
        "12:00:00.1234567890123456789012345678901234567890",
        "12:00:61",
        "00:00:00.0",
        "12:00:00.1.2",
        "012:00:00",
        "12:00:00 ",
        "12:00:00.1e1",
    ];
    format!("{}{}", dice.pick(TIMES), dice.pick(EDGE_ZONES))
}

fn digits_of(facets: &Facets) -> (usize, usize) {
    (facets.total_digits.unwrap_or(18) as usize, facets.fraction_digits.unwrap_or(5) as usize)
}

/// So many digits before the point, the first not zero, and so many behind it, the last not zero.
fn decimal(whole: usize, fraction: usize, dice: &mut Dice) -> String {
    let mut digit = |last: bool| char::from(b'1' + u8::try_from(dice.below(9)).expect("a digit") - u8::from(!last));
    let mut text: String = (0..whole).map(|place| digit(place == 0)).collect();
    if whole == 0 {
        text.push('0');
    }
    if fraction > 0 {
        text.push('.');
        text.extend((0..fraction).map(|place| digit(place + 1 == fraction)));
    }
    text
}

fn edge_decimal(facets: &Facets, dice: &mut Dice) -> String {
    let (total, fraction) = digits_of(facets);
    let around = |middle: usize, dice: &mut Dice| (middle + dice.below(3)).saturating_sub(1);
    let number = match dice.below(8) {
        0 => decimal(around(total, dice), 0, dice),
        1 => decimal(1, around(fraction, dice), dice),
        2 => {
            let behind = dice.below(fraction + 1);
            decimal(around(total, dice).saturating_sub(behind), behind, dice)
        }
        3 => decimal(0, around(fraction, dice), dice),
        4 => {
            return dice
                .pick(&[
                    "", ".", "-", "+", "0", "-0", "+0", "-0.0", "00", "1.", ".1", "-.1", "+.1", "1e3", "1E3", "1,0", "1 000",
                    "INF", "NaN", "-INF", "0x1", "1.2.3", "--1", "+-1", "- 1", "1-", "٣", "−1", "1_000", "1'000", "Infinity",
                    "0.", ".0", "..1", "-1", "-0.00001", "1/2", "1.0f",
                ])
                .to_owned();
        }
        5 => {
            // Longer than the facets allow, by zeros that do not count.
            let zeros = |dice: &mut Dice| "0".repeat(*dice.pick(&[&0, &1, &5, &17, &18, &19, &20, &22, &23, &24, &25, &26, &40]));
            let (before, behind) = (zeros(dice), zeros(dice));
            format!("{before}{}.{}{behind}", dice.pick(&["", "1", "12", "0"]), dice.pick(&["", "5", "05"]))
        }
        6 => format!("{}.{}", decimal(total.saturating_sub(1), 0, dice), "0".repeat(dice.below(9))),
        _ => decimal(1 + dice.below(20), dice.below(20), dice),
    };
    format!("{}{number}", dice.pick(&["", "", "", "", "+", "-", "0", "-0", "+00"]))
}

fn edge_base64(facets: &Facets, dice: &mut Dice) -> String {
    let max = facets.max_length.unwrap_or(9) as usize;
    let octets = *dice.pick(&[&0, &1, &2, &3, &4, &7, &(max - 1), &max, &(max + 1), &(max + 2)]);
    let mut text = "QUJD".repeat(octets / 3);
    text += match octets % 3 {
        0 => "",
        1 => dice.pick(&["QQ==", "QQ= =", "Qg==", "QR==", "QQ=", "QQ"]),
        _ => dice.pick(&["QUI=", "QUJ=", "QUI", "QUI ="]),
    };
    match dice.below(8) {
        0 => text.replace("QUJDQUJD", "QUJD QUJD"),
        1 => text.replace("QUJDQUJD", "QUJD\n  QUJD"),
        2 => text.replace('Q', "Q "),
        3 => text.replacen('J', "-", 1),
        4 => text + "=",
        _ => text,
    }
}

/// Characters of one to four bytes, some of them beyond the first plane.
const LETTERS: &[&str] =
    &["a", "B", "7", " ", "æ", "Å", "ß", "€", "—", "한", "😀", "\u{1D11E}", "'", "\"", "&", "<", ">", "]", "-", "/"];

fn letters(count: usize, dice: &mut Dice) -> String {
    // Long texts repeat one character, so that their length in bytes goes to its extremes as well.
    let one = dice.pick(LETTERS);
    match count {
        40.. => one.repeat(count),
        _ => (0..count).map(|_| dice.pick(LETTERS)).collect(),
    }
}

fn valid_text(facets: &Facets, dice: &mut Dice) -> String {
    if let Some(pattern) = &facets.pattern {
        return matching(&pattern.to_string(), dice);
    }
    if !facets.enumeration.is_empty() {
        return facets.enumeration[dice.below(facets.enumeration.len())].clone();
    }
    let min = facets.min_length.unwrap_or(0) as usize;
    let max = facets.max_length.map_or(200, |max| max as usize);
    let length = match dice.below(12) {
        0 => min,
        1 if max < 400 => max,
        _ => min + dice.below((max - min).min(14) + 1),
    };
    if dice.once_in(3) { letters(length, dice) } else { "Ab1 ".chars().cycle().take(length).collect() }
}

fn edge_text(facets: &Facets, dice: &mut Dice) -> String {
    if let Some(pattern) = &facets.pattern {
        let value = matching(&pattern.to_string(), dice);
        return match dice.below(6) {
            0 => value.to_lowercase(),
            1 => value.to_uppercase(),
            2 => format!("{value}{value}"),
            3 => value,
            _ => damaged(&value, dice),
        };
    }
    if !facets.enumeration.is_empty() {
        let value = &facets.enumeration[dice.below(facets.enumeration.len())];
        return match dice.below(7) {
            0 => value.to_lowercase(),
            1 => format!("{value} "),
            2 => format!("{value}{value}"),
            3 => value.chars().skip(1).collect(),
            4 => String::new(),
            _ => value.clone(),
        };
    }
    let edges = [facets.min_length.unwrap_or(1) as usize, facets.max_length.unwrap_or(40) as usize];
    // The longest texts would make most of the files' bytes.
    let edge = if edges[1] < 400 || dice.once_in(6) { edges[dice.below(2)] } else { edges[0] };
    letters((edge + dice.below(3)).saturating_sub(1), dice)
}

/// A random text that matches a pattern in our notation: classes with counts, and an optional group at the end.
fn matching(pattern: &str, dice: &mut Dice) -> String {
    let (steps, group) = match pattern.find('(').filter(|place| !pattern[..*place].ends_with('\\')) {
        Some(place) => (&pattern[..place], pattern[place + 1..].split(')').next().unwrap_or_default()),
        None => (pattern, ""),
    };
    let mut text = String::new();
    expand(steps, dice, &mut text);
    if dice.once_in(2) {
        expand(group, dice, &mut text);
    }
    text
}

fn expand(steps: &str, dice: &mut Dice, text: &mut String) {
    let mut rest = steps;
    while let Some(start) = rest.strip_prefix('[') {
        let end = class_end(start);
        let members = class_members(&start[..end]);
        rest = &start[end + 1..];
        let (mut min, mut max) = (1, 1);
        if let Some(count) = rest.strip_prefix('{') {
            let (numbers, after) = count.split_once('}').expect("a count ends");
            let (low, high) = numbers.split_once(',').expect("a count has two bounds");
            (min, max, rest) = (low.parse().expect("a number"), high.parse().expect("a number"), after);
        }
        let count = match dice.below(4) {
            0 => min,
            1 => max,
            _ => min + dice.below(max - min + 1),
        };
        text.extend((0..count).map(|_| members[dice.below(members.len())]));
    }
}

fn class_end(class: &str) -> usize {
    let bytes = class.as_bytes();
    (0..bytes.len()).find(|place| bytes[*place] == b']' && (*place == 0 || bytes[place - 1] != b'\\')).expect("a class ends")
}

fn class_members(class: &str) -> Vec<char> {
    let mut members: Vec<char> = Vec::new();
    let mut rest = class.chars();
    while let Some(next) = rest.next() {
        match next {
            '\\' => members.extend(rest.next()),
            '-' => {
                let (first, last) = (members.pop().expect("a range begins"), rest.next().expect("a range ends"));
                members.extend(first..=last);
            }
            plain => members.push(plain),
        }
    }
    members
}
