//! The constructs of XML, byte by byte.
//!
//! Every function takes a window that ends in zero bytes and an index in it, and gives the index
//! after the construct; [`Halt::More`] when the window ends inside it.

use super::problem::{Halt, Problem};
use std::ops::Range;

/// A start tag with attributes.
#[derive(Debug, Default)]
pub(crate) struct Tag {
    /// The name as written, with its prefix.
    pub name: Range<usize>,
    pub attributes: Vec<Attribute>,
    pub self_closing: bool,
    /// Index after the tag.
    pub end: usize,
}

/// An attribute as written.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub name: Range<usize>,
    /// Between the quotes.
    pub value: Range<usize>,
}

/// Most attributes of one element; the messages know one, namespaces and schema hints add a few.
const MAX_ATTRIBUTES: usize = 64;

#[cold]
fn bad<T>(expected: &str, found: &str) -> Result<T, Halt> {
    Err(Halt::Bad(Box::new(Problem::syntax(expected, found))))
}

/// White space of XML.
#[inline]
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Skips white space.
#[inline]
pub(crate) fn spaces(window: &[u8], mut index: usize) -> usize {
    while is_space(window[index]) {
        index += 1;
    }
    index
}

fn expect_byte(window: &[u8], index: usize, byte: u8, expected: &str) -> Result<usize, Halt> {
    match window[index] {
        found if found == byte => Ok(index + 1),
        0 => Err(Halt::More),
        _ => bad(expected, "another character"),
    }
}

/// Compares a keyword; [`Halt::More`] when the window ends inside it.
pub(crate) fn keyword(window: &[u8], index: usize, word: &[u8]) -> Result<bool, Halt> {
    for (offset, byte) in word.iter().enumerate() {
        match window[index + offset] {
            found if found == *byte => {}
            0 => return Err(Halt::More),
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// The character at a place, for the rare non-ASCII ones.
fn character(window: &[u8], index: usize) -> Option<char> {
    let length = match window[index] {
        0 => return None,
        byte if byte < 0x80 => 1,
        byte if byte < 0xE0 => 2,
        byte if byte < 0xF0 => 3,
        _ => 4,
    };
    std::str::from_utf8(&window[index..index + length]).ok()?.chars().next()
}

fn starts_name(character: char) -> bool {
    matches!(character,
        'A'..='Z' | 'a'..='z' | '_' | ':' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn continues_name(character: char) -> bool {
    starts_name(character)
        || matches!(character, '0'..='9' | '-' | '.' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Longest name, in bytes; those of the messages have less than 30.
const MAX_NAME: usize = 1_024;

/// The end of a name.
pub(crate) fn name(window: &[u8], start: usize) -> Result<usize, Halt> {
    match character(window, start) {
        None => return Err(Halt::More),
        Some(first) if starts_name(first) => {}
        Some(_) => return bad("a name", "another character"),
    }
    let mut index = start;
    while let Some(next) = character(window, index) {
        if !continues_name(next) {
            return Ok(index);
        }
        index += next.len_utf8();
        if index - start > MAX_NAME {
            return Err(Halt::Bad(Box::new(Problem::limit("a tag, value or comment of a bounded length"))));
        }
    }
    Err(Halt::More)
}

/// The end of a name with at most one colon, inside it (Namespaces in XML).
fn qualified_name(window: &[u8], start: usize) -> Result<usize, Halt> {
    let end = name(window, start)?;
    let text = &window[start..end];
    if let Some(colon) = memchr::memchr(b':', text) {
        let local = &text[colon + 1..];
        let local_starts = character(window, start + colon + 1).is_some_and(starts_name);
        if colon == 0 || local.is_empty() || !local_starts || local.contains(&b':') {
            return bad("a qualified name", "a misplaced colon");
        }
    }
    Ok(end)
}

/// A start tag; `start` is the index of its `<`.
pub(crate) fn start_tag(window: &[u8], start: usize, tag: &mut Tag) -> Result<(), Halt> {
    tag.attributes.clear();
    let mut index = qualified_name(window, start + 1)?;
    tag.name = start + 1..index;
    loop {
        let next = spaces(window, index);
        match window[next] {
            b'>' => {
                (tag.self_closing, tag.end) = (false, next + 1);
                return Ok(());
            }
            b'/' => {
                (tag.self_closing, tag.end) = (true, expect_byte(window, next + 1, b'>', "the end of the tag")?);
                return Ok(());
            }
            0 => return Err(Halt::More),
            _ if next == index => return bad("a blank before an attribute, or the end of the tag", "another character"),
            _ => index = attribute(window, next, tag)?,
        }
    }
}

fn attribute(window: &[u8], start: usize, tag: &mut Tag) -> Result<usize, Halt> {
    let name_end = qualified_name(window, start)?;
    let name = start..name_end;
    let equals = expect_byte(window, spaces(window, name_end), b'=', "an equals sign")?;
    let (value, end) = quoted(window, spaces(window, equals))?;
    let is_known = |known: &Attribute| window[known.name.clone()] == window[name.clone()];
    if tag.attributes.iter().any(is_known) {
        return bad("attributes with different names", "an attribute twice");
    }
    if tag.attributes.len() == MAX_ATTRIBUTES {
        return Err(Halt::Bad(Box::new(Problem::limit("at most 64 attributes"))));
    }
    tag.attributes.push(Attribute { name, value });
    Ok(end)
}

/// An attribute's value with its quotes; references in it must be well-formed.
fn quoted(window: &[u8], start: usize) -> Result<(Range<usize>, usize), Halt> {
    let quote = match window[start] {
        0 => return Err(Halt::More),
        byte @ (b'"' | b'\'') => byte,
        _ => return bad("a quoted value", "another character"),
    };
    let mut index = start + 1;
    loop {
        match memchr::memchr3(quote, b'<', b'&', &window[index..]).map(|offset| index + offset) {
            None => return Err(Halt::More),
            Some(place) => match window[place] {
                b'<' => return bad("the end of the attribute's value", "<"),
                b'&' => index = reference(window, place)?.1,
                _ => return Ok((start + 1..place, place + 1)),
            },
        }
    }
}

/// A reference: the character it stands for, and its end. Only the five entities of XML itself
/// and character references are known, for there is no document type.
pub(crate) fn reference(window: &[u8], start: usize) -> Result<(char, usize), Halt> {
    let text = &window[start + 1..];
    // Any number of leading zeros is allowed.
    let length = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
    match text[length] {
        b';' => {}
        0 => return Err(Halt::More),
        _ => return bad("a character or predefined reference", "&"),
    }
    let character = match &text[..length] {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        body => body.strip_prefix(b"#").and_then(referenced_character),
    };
    match character {
        Some(character) => Ok((character, start + length + 2)),
        None => bad("a character or predefined reference", "another reference"),
    }
}

fn referenced_character(digits: &[u8]) -> Option<char> {
    let (digits, radix) = match digits.strip_prefix(b"x") {
        Some(hexadecimal) => (hexadecimal, 16),
        None => (digits, 10),
    };
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| plain)?;
    let character = char::from_u32(u32::from_str_radix(text, radix).ok()?)?;
    let allowed = matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    allowed.then_some(character)
}

/// What `<!` and `<?` begin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Misc {
    /// A comment or processing instruction.
    Ignored,
    /// A CDATA section with this content.
    CharacterData(Range<usize>),
}

/// A comment, processing instruction or CDATA section; `start` is the index of its `<`.
pub(crate) fn misc(window: &[u8], start: usize) -> Result<(Misc, usize), Halt> {
    if window[start + 1] == b'?' {
        return Ok((Misc::Ignored, instruction(window, start + 2)?));
    }
    match window[start + 2] {
        0 => Err(Halt::More),
        b'-' => Ok((Misc::Ignored, comment(window, start)?)),
        b'[' if keyword(window, start, b"<![CDATA[")? => {
            let content = start + 9;
            let length = memchr::memmem::find(&window[content..], b"]]>").ok_or(Halt::More)?;
            Ok((Misc::CharacterData(content..content + length), content + length + 3))
        }
        b'D' if keyword(window, start, b"<!DOCTYPE")? => Err(Halt::Bad(Box::new(Problem::doctype()))),
        _ => bad("a comment or a CDATA section", "another declaration"),
    }
}

fn comment(window: &[u8], start: usize) -> Result<usize, Halt> {
    if !keyword(window, start, b"<!--")? {
        return bad("a comment", "another declaration");
    }
    let content = start + 4;
    let dashes = memchr::memmem::find(&window[content..], b"--").ok_or(Halt::More)?;
    expect_byte(window, content + dashes + 2, b'>', "no double dash inside a comment")
}

fn instruction(window: &[u8], start: usize) -> Result<usize, Halt> {
    let target_end = name(window, start)?;
    let target = &window[start..target_end];
    if target.eq_ignore_ascii_case(b"xml") || target.contains(&b':') {
        return bad("an instruction whose target is not xml and has no colon", "another target");
    }
    if window[target_end] != b'?' && !is_space(window[target_end]) {
        return bad("a blank after the instruction's target", "another character");
    }
    let length = memchr::memmem::find(&window[target_end..], b"?>").ok_or(Halt::More)?;
    if window[target_end] == b'?' && length > 0 {
        return bad("the end of the instruction", "another character");
    }
    Ok(target_end + length + 2)
}

/// The XML declaration; `start` is the index of its `<`.
pub(crate) fn declaration(window: &[u8], start: usize) -> Result<usize, Halt> {
    let mut index = start + 5;
    let mut stage = 0;
    loop {
        let next = spaces(window, index);
        if window[next] == b'?' {
            if stage == 0 {
                return bad("a version", "the end of the declaration");
            }
            return expect_byte(window, next + 1, b'>', "the end of the declaration");
        }
        if window[next] == 0 {
            return Err(Halt::More);
        }
        let name_end = name(window, next)?;
        let equals = expect_byte(window, spaces(window, name_end), b'=', "an equals sign")?;
        let (value, end) = quoted(window, spaces(window, equals))?;
        let allowed = match (&window[next..name_end], &window[value]) {
            (b"version", value) => stage == 0 && value.strip_prefix(b"1.").is_some_and(is_digits),
            (b"encoding", value) => std::mem::replace(&mut stage, 1) == 1 && is_encoding_name(value),
            (b"standalone", value) => (1..3).contains(&stage) && matches!(value, b"yes" | b"no"),
            _ => false,
        };
        if !allowed || next == index {
            return bad("version, encoding and standalone, in this order", "something else");
        }
        stage = match window[next] {
            b'v' => 1,
            b'e' => 2,
            _ => 3,
        };
        index = end;
    }
}

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

fn is_encoding_name(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
