//! Which encoding a file is in, from its byte order mark and XML declaration.

use super::problem::Problem;

/// The encodings that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Ascii,
    Latin1,
    Latin9,
}

/// What the first bytes tell.
#[derive(Debug)]
pub(crate) struct Detected {
    pub encoding: Encoding,
    /// Length of the byte order mark.
    pub mark_bytes: u64,
}

impl Encoding {
    /// The encoding of a file that begins so, and the length of its byte order mark; UTF-8 where it is none that is read.
    pub fn of_file(first: &[u8]) -> (Encoding, u64) {
        detect(first).map_or((Encoding::Utf8, 0), |detected| (detected.encoding, detected.mark_bytes))
    }

    /// Whether the file's bytes are UTF-8 as they are.
    pub fn is_utf8(self) -> bool {
        matches!(self, Encoding::Utf8 | Encoding::Ascii)
    }

    fn from_name(name: &[u8]) -> Option<Encoding> {
        let name = name.to_ascii_uppercase();
        match name.as_slice() {
            b"UTF-8" | b"UTF8" => Some(Encoding::Utf8),
            b"US-ASCII" | b"ASCII" => Some(Encoding::Ascii),
            b"ISO-8859-1" | b"ISO_8859-1" | b"ISO-LATIN-1" | b"LATIN1" => Some(Encoding::Latin1),
            b"ISO-8859-15" | b"ISO_8859-15" | b"LATIN-9" | b"LATIN9" => Some(Encoding::Latin9),
            _ => None,
        }
    }

    /// The character of a byte in a one-byte encoding.
    #[inline]
    pub fn decode(self, byte: u8) -> char {
        if self == Encoding::Latin9 {
            match byte {
                0xA4 => return '€',
                0xA6 => return 'Š',
                0xA8 => return 'š',
                0xB4 => return 'Ž',
                0xB8 => return 'ž',
                0xBC => return 'Œ',
                0xBD => return 'œ',
                0xBE => return 'Ÿ',
                _ => {}
            }
        }
        char::from(byte)
    }
}

/// Enough to hold a byte order mark and an XML declaration.
pub(crate) const DETECTION_BYTES: usize = 1024;

/// Finds the encoding of a file from its first bytes, [`DETECTION_BYTES`] of them where the file has so many.
#[expect(clippy::result_large_err, reason = "once for a file")]
pub(crate) fn detect(first: &[u8]) -> Result<Detected, Problem> {
    if first.starts_with(&[0xFE, 0xFF]) || first.starts_with(&[0xFF, 0xFE]) || first.iter().take(4).any(|byte| *byte == 0) {
        return Err(Problem::encoding("UTF-16 or UTF-32"));
    }
    let (mark_bytes, text) = match first.strip_prefix(b"\xEF\xBB\xBF") {
        Some(text) => (3, text),
        None => (0, first),
    };
    if first.len() >= DETECTION_BYTES && text.starts_with(b"<?xml") && memchr::memmem::find(text, b"?>").is_none() {
        // An encoding declared further on would not be seen here, and the file be read in another one.
        return Err(Problem::limit("a tag, value or comment of a bounded length"));
    }
    let encoding = match declared(text) {
        None => Encoding::Utf8,
        Some(name) => Encoding::from_name(name).ok_or_else(|| Problem::encoding("another encoding"))?,
    };
    if mark_bytes > 0 && encoding != Encoding::Utf8 {
        return Err(Problem::encoding("a byte order mark of UTF-8 with another declared encoding"));
    }
    Ok(Detected { encoding, mark_bytes })
}

/// The encoding named by the XML declaration. Its syntax is checked when it is walked.
fn declared(text: &[u8]) -> Option<&[u8]> {
    let declaration = text.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(declaration, b"?>")?;
    let declaration = &declaration[..end];
    let place = memchr::memmem::find(declaration, b"encoding")?;
    let rest = declaration[place + 8..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *rest.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    rest[1..].split(|byte| *byte == quote).next()
}
