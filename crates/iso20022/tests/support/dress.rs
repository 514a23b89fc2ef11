//! The same content in another dress: what XML allows to be written in more than one way.

use crate::dice::Dice;
use crate::outline::{Span, outline};
use crate::types::Types;

/// Another way to write the text; nearly all leave a valid file valid.
pub fn dress(text: &str, types: &Types, dice: &mut Dice) -> String {
    let spans = outline(text, types);
    if spans.is_empty() {
        return text.to_owned();
    }
    match dice.below(14) {
        0 => text.replace('\n', "\r\n"),
        1 => text.replace('\n', dice.pick(&["\r", "\n\n\t  ", " ", ""])),
        2 => comments(text, &spans, dice),
        3 | 4 => values_in_other_form(text, &spans, dice),
        5 => prefixed(text, &spans, &types.namespace()),
        6 => redeclared(text, &spans, &types.namespace(), dice),
        7 => tags_with_blanks(text, &spans, dice),
        8 => text.replace("=\"", "='").replace("\">", "'>").replace("\" ", "' ").replace("\"?>", "'?>"),
        9 => format!("{text}{}", dice.pick(&["<!-- after -->", "<?and after?>\n", "\r\n\t "])),
        10 => root_attributes(text, &spans, &types.namespace(), dice),
        11 => text.split_once("?>").map_or(text, |(_, rest)| rest.trim_start()).to_owned(),
        12 => format!("\u{FEFF}{text}"),
        _ => self_closed(text, &spans),
    }
}

/// Puts pieces into a text; the places may come in any order.
fn inserted(text: &str, mut pieces: Vec<(usize, String)>) -> String {
    pieces.sort_by_key(|(place, _)| *place);
    let mut out = String::with_capacity(text.len() * 2);
    let mut done = 0;
    for (place, piece) in pieces {
        out += &text[done..place];
        out += &piece;
        done = place;
    }
    out + &text[done..]
}

/// Comments and instructions, between elements and inside values.
fn comments(text: &str, spans: &[Span], dice: &mut Dice) -> String {
    const PIECES: &[&str] = &[
        "<!-- a -->",
        "<!---->",
        "<!--<Nm>&amp;--->x-->",
        "<?p?>",
        "<?p q=\"r\" ?>",
        "<!-- æ -->",
        "<!--\n<?xml?>\n-->",
        "<?p <a>??>",
        "<?xml-stylesheet href='a'?>",
    ];
    let piece = |place: usize, dice: &mut Dice| (place, dice.pick(PIECES).replace("--->x", "x").to_owned());
    let pieces = (0..1 + dice.below(6)).map(|_| {
        let span = &spans[dice.below(spans.len())];
        let place = if dice.once_in(2) { span.content } else { span.start };
        piece(place, dice)
    });
    inserted(text, pieces.collect())
}

/// Characters of values as references, and values in CDATA sections.
fn values_in_other_form(text: &str, spans: &[Span], dice: &mut Dice) -> String {
    let leaves: Vec<&Span> = spans.iter().filter(|span| span.leaf && span.content < span.content_end).collect();
    let mut out = text.to_owned();
    for leaf in leaves.iter().rev() {
        let value = &text[leaf.content..leaf.content_end];
        if !dice.once_in(4) || value.contains(['<', '&']) {
            continue;
        }
        let new = match dice.below(6) {
            0 => format!("<![CDATA[{value}]]>"),
            1 => format!("<![CDATA[]]>{value}<![CDATA[]]>"),
            2 => value.chars().map(|character| format!("&#{};", u32::from(character))).collect(),
            3 => value.chars().map(|character| format!("&#x{:X};", u32::from(character))).collect(),
            4 => {
                let (before, after) = value.split_at(dice.place(value));
                format!("{before}<![CDATA[{after}]]>")
            }
            _ => {
                let (before, after) = value.split_at(dice.place(value));
                let mut rest = after.chars();
                let first = rest.next().map_or(String::new(), |character| format!("&#x{:06x};", u32::from(character)));
                format!("{before}{first}{}", rest.as_str())
            }
        };
        out.replace_range(leaf.content..leaf.content_end, &new);
    }
    out
}

/// Whether an element's name has no prefix and its default namespace was not changed on the way: it is the message's own.
fn is_plain(text: &str, span: &Span) -> bool {
    span.type_name.is_some() && !text[span.start..span.name_end].contains(':')
}

/// All elements of the message with a prefix, which the root element declares.
fn prefixed(text: &str, spans: &[Span], namespace: &str) -> String {
    let mut pieces = Vec::new();
    for span in spans.iter().filter(|span| is_plain(text, span)) {
        pieces.push((span.start + 1, "p:".to_owned()));
        if !span.is_self_closing() {
            pieces.push((span.content_end + 2, "p:".to_owned()));
        }
    }
    let root = &spans[0];
    pieces.push((root.name_end, format!(" xmlns:p=\"{namespace}\"")));
    inserted(text, pieces)
}

/// Some elements with a prefix or a default namespace of their own.
fn redeclared(text: &str, spans: &[Span], namespace: &str, dice: &mut Dice) -> String {
    let mut pieces = Vec::new();
    for span in spans.iter().filter(|span| is_plain(text, span)) {
        match dice.below(12) {
            0 if !span.is_self_closing() => {
                pieces.push((span.start + 1, "n1:".to_owned()));
                pieces.push((span.name_end, format!(" xmlns:n1='{namespace}'")));
                pieces.push((span.content_end + 2, "n1:".to_owned()));
            }
            1 if !text[span.name_end..span.attributes_end].contains("xmlns") => {
                pieces.push((span.name_end, format!(" xmlns='{namespace}'")))
            }
            2 => pieces.push((span.attributes_end, " xmlns:unused='urn:unused'".to_owned())),
            _ => {}
        }
    }
    inserted(text, pieces)
}

fn tags_with_blanks(text: &str, spans: &[Span], dice: &mut Dice) -> String {
    let mut pieces = Vec::new();
    for span in spans {
        if dice.once_in(3) {
            pieces.push((span.attributes_end, dice.pick(&[" ", "\n", "\t", "\r\n", "  \n  "]).to_owned()));
        }
        if dice.once_in(3) && !span.is_self_closing() {
            pieces.push((span.end - 1, dice.pick(&[" ", "\n", "\t", "\r\n"]).to_owned()));
        }
    }
    inserted(text, pieces)
}

fn root_attributes(text: &str, spans: &[Span], namespace: &str, dice: &mut Dice) -> String {
    let xsi = "http://www.w3.org/2001/XMLSchema-instance";
    let new = match dice.below(5) {
        0 => format!(" xmlns:xsi=\"{xsi}\" xsi:schemaLocation=\"{namespace} some.xsd\""),
        1 => format!(" xmlns:i='{xsi}' i:schemaLocation='{namespace}\n\tsome.xsd' i:noNamespaceSchemaLocation='other.xsd'"),
        2 => format!(" xmlns:xsi=\"{xsi}\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""),
        3 => format!(" xmlns:xsi=\"{xsi}\" xsi:type=\"{}\"", spans[0].type_name.unwrap_or("Document")),
        _ => " xmlns:a='urn:a' xmlns:b='urn:b&amp;c'".to_owned(),
    };
    inserted(text, vec![(spans[0].attributes_end, new)])
}

/// Empty elements in one tag.
fn self_closed(text: &str, spans: &[Span]) -> String {
    let mut out = text.to_owned();
    for span in spans.iter().rev().filter(|span| span.leaf && span.content == span.content_end && !span.is_self_closing()) {
        out.replace_range(span.attributes_end..span.end, "/>");
    }
    out
}

/// The text in an encoding, mostly UTF-8; the declaration says which.
pub fn encode(text: &str, dice: &mut Dice) -> Vec<u8> {
    let labelled = |label: &str| text.replacen("UTF-8", label, 1);
    let narrow = |text: &str, code: fn(char) -> Option<u8>| {
        let mut bytes = Vec::with_capacity(text.len());
        for character in text.chars() {
            match code(character) {
                Some(byte) => bytes.push(byte),
                None => bytes.extend(format!("&#{};", u32::from(character)).bytes()),
            }
        }
        bytes
    };
    match dice.below(60) {
        0 => narrow(&labelled("ISO-8859-1"), latin1),
        1 => narrow(&labelled("iso-8859-15"), latin9),
        2 => narrow(&labelled("US-ASCII"), |character| u8::try_from(character).ok().filter(u8::is_ascii)),
        3 => narrow(&labelled("windows-1252"), |character| {
            if character == '€' { Some(0x80) } else { u8::try_from(character).ok().filter(|byte| !(0x80..0xA0).contains(byte)) }
        }),
        4 => labelled(dice.pick(&[
            "UTF-16",
            "ISO-8859-1",
            "ISO-8859-15",
            "US-ASCII",
            "utf-8",
            "ISO-8859-2",
            "UTF-32",
            "x-unknown",
        ]))
        .into_bytes(),
        5 if dice.once_in(3) => labelled("UTF-16").encode_utf16().fold(b"\xFF\xFE".to_vec(), |mut bytes, unit| {
            bytes.extend(unit.to_le_bytes());
            bytes
        }),
        6 if dice.once_in(3) => labelled("utf-16").encode_utf16().fold(b"\xFE\xFF".to_vec(), |mut bytes, unit| {
            bytes.extend(unit.to_be_bytes());
            bytes
        }),
        _ => text.as_bytes().to_vec(),
    }
}

fn latin1(character: char) -> Option<u8> {
    u8::try_from(character).ok()
}

fn latin9(character: char) -> Option<u8> {
    match character {
        '€' => Some(0xA4),
        'Š' => Some(0xA6),
        'š' => Some(0xA8),
        'Ž' => Some(0xB4),
        'ž' => Some(0xB8),
        'Œ' => Some(0xBC),
        'œ' => Some(0xBD),
        'Ÿ' => Some(0xBE),
        '¤' | '¦' | '¨' | '´' | '¸' | '¼' | '½' | '¾' => None,
        other => latin1(other),
    }
}
