//! Cutting a file into pieces, as far as one can tell between two rows.

use super::Shared;
use crate::engine::{DETECTION_BYTES, PADDING, count_lines};
use std::io::{self, Read};

/// Bytes of a file, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    /// The bytes, and [`PADDING`] more behind them.
    pub buffer: Vec<u8>,
    pub length: usize,
    /// Its number in the file, from 0.
    pub number: u64,
    /// Where it begins.
    pub offset: u64,
    /// Line where it begins, from 1.
    pub line: u64,
    /// Whether it seems to begin and to end between two rows.
    pub fits: bool,
    /// Whether the file ends with it.
    pub is_last: bool,
}

/// A file being cut.
pub(super) struct Splitter<R> {
    input: R,
    shared: Shared,
    /// What was read behind the last piece.
    rest: Vec<u8>,
    number: u64,
    offset: u64,
    line: u64,
    /// Whether the next piece begins before a row.
    at_row: bool,
    ended: bool,
}

impl<R: Read> Splitter<R> {
    pub fn new(input: R, shared: Shared) -> Self {
        Splitter { input, shared, rest: Vec::new(), number: 0, offset: 0, line: 1, at_row: false, ended: false }
    }

    /// Whether all of the file is cut.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Reads the next piece.
    ///
    /// # Errors
    /// Those of the input; nothing comes behind one.
    pub fn next(&mut self, piece: &mut Bytes) -> io::Result<()> {
        (piece.number, piece.offset, piece.line) = (self.number, self.offset, self.line);
        self.number += 1;
        // The encoding is found from the first bytes, so they stay together.
        let least = if piece.number == 0 { DETECTION_BYTES } else { 1 };
        let filled = self.fill(piece, self.shared.piece_bytes.max(least)).inspect_err(|_| self.ended = true)?;
        let bytes = &piece.buffer[..filled];
        let row = if self.ended { None } else { last_row(bytes, least, self.shared.row) };
        piece.length = row.unwrap_or(filled);
        self.rest.extend_from_slice(&bytes[piece.length..]);
        (piece.fits, piece.is_last) = (self.at_row && row.is_some(), self.ended);
        self.at_row = row.is_some();
        self.offset += piece.length as u64;
        self.line += count_lines(&bytes[..piece.length]);
        let end = piece.length;
        piece.buffer[end..end + PADDING].fill(0);
        Ok(())
    }

    /// Fills a piece with the rest of the last one and with what the input gives; gives the number of its bytes.
    fn fill(&mut self, piece: &mut Bytes, most: usize) -> io::Result<usize> {
        piece.buffer.resize(most.max(self.rest.len()) + PADDING, 0);
        let mut filled = self.rest.len();
        piece.buffer[..filled].copy_from_slice(&self.rest);
        self.rest.clear();
        while filled < most {
            match self.input.read(&mut piece.buffer[filled..most]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

/// Where the last start tag of a row begins, from `least` on. What looks like one in a comment or CDATA section is taken
/// for one: the walk will tell.
fn last_row(bytes: &[u8], least: usize, row: &str) -> Option<usize> {
    let mut end = bytes.len();
    loop {
        let name = memchr::memmem::rfind(&bytes[..end], row.as_bytes())?;
        let tag = memchr::memrchr(b'<', &bytes[..name])?;
        if tag < least {
            return None;
        }
        let prefix = &bytes[tag + 1..name];
        if prefix.is_empty() || (prefix.ends_with(b":") && !prefix.iter().any(|byte| matches!(byte, b'/' | b'>'))) {
            return Some(tag);
        }
        end = name;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<usize>) {
        assert_eq!(last_row(text.as_bytes(), 1, "Row"), expect, "{text}");
    }

    #[test]
    fn rows_are_found_by_their_start_tags() {
        check("<a><Row>1</Row><Row>2</Row></a>", Some(15));
        check("<a><x:Row>1</x:Row></a>", Some(3));
        check("<a><Row", Some(3));
        check("<Row>1</Row>", None);
        check("<a><Ro", None);
        check("<a>Row</a>", None);
    }

    #[test]
    fn pieces_put_together_are_the_file() {
        let file: String = (0..200).map(|number| format!("<Row>{number}</Row>\n")).collect();
        for piece_bytes in [1, 5, 30, 1000, 100_000] {
            let shared = Shared { row: "Row", piece_bytes };
            let mut splitter = Splitter::new(file.as_bytes(), shared);
            let (mut piece, mut joined) = (Bytes::default(), Vec::new());
            while !splitter.has_ended() {
                splitter.next(&mut piece).expect("no I/O error");
                assert_eq!(piece.offset, joined.len() as u64);
                assert_eq!(piece.line, 1 + count_lines(&joined));
                joined.extend_from_slice(&piece.buffer[..piece.length]);
            }
            assert!(piece.is_last && joined == file.as_bytes(), "{piece_bytes}");
        }
    }
}
