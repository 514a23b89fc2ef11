//! The bytes of a file as checked UTF-8 in a window of bounded size.
//!
//! Everything visible in the window is valid UTF-8 of characters that XML allows, and is followed
//! by zero bytes, which XML never allows: a scan needs no bounds check against the end, it stops
//! at the zero.

use super::encoding::{self, Encoding};
use super::problem::Problem;
use std::io::{self, Chain, Cursor, Read};

/// Zero bytes after the visible ones; at least a name window.
const PADDING: usize = 64;
const INITIAL_CAPACITY: usize = 256 * 1024;
/// Enough to hold a byte order mark and an XML declaration.
const DETECTION_BYTES: usize = 1024;

/// What [`Source::refill`] came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refill {
    /// More bytes are visible.
    More,
    /// The file has ended.
    End,
    /// The next bytes are not valid in the encoding.
    Undecodable,
    /// The next character may not stand in XML.
    Character,
    /// The construct at the position is longer than allowed.
    TooLong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Undecodable,
    Character,
}

/// A file being read.
pub(crate) struct Source<R> {
    input: Chain<Cursor<Vec<u8>>, R>,
    encoding: Encoding,
    buffer: Vec<u8>,
    /// Next byte to walk.
    pub pos: usize,
    end: usize,
    /// The beginning of a character whose other bytes are not yet read.
    carry: Vec<u8>,
    raw: Vec<u8>,
    exhausted: bool,
    fault: Option<Fault>,
    limit: usize,
    /// Whether the window has no carriage return and no `]]>`, so that only `<` and `&` end the
    /// plain run of a value.
    simple_text: bool,
    /// Bytes of the file before the window.
    discarded: u64,
    /// A place in the window whose line is known.
    counted: usize,
    lines: u64,
}

impl<R: Read> Source<R> {
    /// Starts reading; looks at the first bytes for the encoding.
    pub fn open(mut input: R, limit: usize) -> io::Result<Result<Self, Problem>> {
        let mut first = Vec::with_capacity(DETECTION_BYTES);
        input.by_ref().take(DETECTION_BYTES as u64).read_to_end(&mut first)?;
        let detected = match encoding::detect(&first) {
            Ok(detected) => detected,
            Err(problem) => return Ok(Err(problem)),
        };
        let mut start = Cursor::new(first);
        start.set_position(detected.mark_bytes);
        let capacity = INITIAL_CAPACITY.min(limit.max(DETECTION_BYTES));
        Ok(Ok(Source {
            input: start.chain(input),
            encoding: detected.encoding,
            buffer: vec![0; capacity + PADDING],
            pos: 0,
            end: 0,
            carry: Vec::new(),
            raw: Vec::new(),
            exhausted: false,
            fault: None,
            limit,
            simple_text: false,
            discarded: detected.mark_bytes,
            counted: 0,
            lines: 1,
        }))
    }

    /// The window with its padding.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.end + PADDING]
    }

    /// Whether only `<` and `&` end the plain run of a value in this window.
    #[inline]
    pub fn has_simple_text(&self) -> bool {
        self.simple_text
    }

    /// Offset in the file of a place in the window. Counts decoded bytes.
    #[inline]
    pub fn offset(&self, place: usize) -> u64 {
        self.discarded + place as u64
    }

    /// Line of a place in the window, from 1.
    pub fn line(&mut self, place: usize) -> u64 {
        if place >= self.counted {
            self.lines += count_lines(&self.buffer[self.counted..place]);
        } else {
            self.lines -= count_lines(&self.buffer[place..self.counted]);
        }
        self.counted = place;
        self.lines
    }

    /// Bytes walked so far.
    pub fn walked(&self) -> u64 {
        self.offset(self.pos)
    }

    /// Makes more bytes visible; keeps those from the position on. Reads until the window is full,
    /// so that a construct is not walked anew for each small read.
    pub fn refill(&mut self) -> io::Result<Refill> {
        match self.fault {
            Some(Fault::Undecodable) => return Ok(Refill::Undecodable),
            Some(Fault::Character) => return Ok(Refill::Character),
            None if self.exhausted => return Ok(Refill::End),
            None => {}
        }
        self.discard_walked();
        let capacity = self.buffer.len() - PADDING;
        if capacity >= self.limit && capacity - self.end < PADDING {
            return Ok(Refill::TooLong);
        }
        if self.end * 2 > capacity && capacity < self.limit {
            let grown = (capacity * 2).min(self.limit.max(self.end + 1));
            self.buffer.resize(grown + PADDING, 0);
        }
        let before = self.end;
        self.read_more()?;
        Ok(match (self.end > before, self.fault) {
            (true, _) => Refill::More,
            (false, Some(Fault::Undecodable)) => Refill::Undecodable,
            (false, Some(Fault::Character)) => Refill::Character,
            (false, None) => Refill::End,
        })
    }

    fn discard_walked(&mut self) {
        self.line(self.pos);
        self.buffer.copy_within(self.pos..self.end, 0);
        self.discarded += self.pos as u64;
        self.end -= self.pos;
        self.pos = 0;
        self.counted = 0;
    }

    fn read_more(&mut self) -> io::Result<()> {
        let start = self.end;
        let filled = match self.encoding {
            Encoding::Utf8 | Encoding::Ascii => self.read_plain()?,
            Encoding::Latin1 | Encoding::Latin9 => self.read_latin()?,
        };
        let fresh = &self.buffer[start..filled];
        let mut valid = fresh.len();
        match std::str::from_utf8(fresh) {
            Ok(_) => {}
            Err(error) => {
                valid = error.valid_up_to();
                if error.error_len().is_none() && !self.exhausted {
                    self.carry.extend_from_slice(&fresh[valid..]);
                } else {
                    self.fault = Some(Fault::Undecodable);
                }
            }
        }
        if let Some(place) = first_forbidden(&fresh[..valid], self.encoding) {
            valid = place;
            self.fault = Some(Fault::Character);
            self.carry.clear();
        }
        self.end = start + valid;
        let padded = self.end + PADDING;
        self.buffer[self.end..padded].fill(0);
        let window = &self.buffer[..self.end];
        self.simple_text = memchr::memchr(b'\r', window).is_none() && memchr::memmem::find(window, b"]]>").is_none();
        Ok(())
    }

    /// Reads bytes that need no decoding; gives the end of what is in the buffer.
    fn read_plain(&mut self) -> io::Result<usize> {
        let mut filled = self.end + self.carry.len();
        self.buffer[self.end..filled].copy_from_slice(&self.carry);
        self.carry.clear();
        let capacity = self.buffer.len() - PADDING;
        while filled < capacity && !self.exhausted {
            match self.input.read(&mut self.buffer[filled..capacity]) {
                Ok(0) => self.exhausted = true,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// Reads a one-byte encoding; a byte becomes at most three.
    fn read_latin(&mut self) -> io::Result<usize> {
        let room = (self.buffer.len() - PADDING - self.end) / 3;
        self.raw.clear();
        let read = self.input.by_ref().take(room as u64).read_to_end(&mut self.raw)?;
        self.exhausted = read < room;
        let mut filled = self.end;
        for &byte in &self.raw {
            let character = self.encoding.decode(byte);
            filled += character.encode_utf8(&mut self.buffer[filled..]).len();
        }
        Ok(filled)
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// The first character that XML (or plain ASCII, where that is declared) does not allow.
fn first_forbidden(bytes: &[u8], encoding: Encoding) -> Option<usize> {
    let control = |byte: u8| byte < 0x20 && byte != b'\n' && byte != b'\r' && byte != b'\t';
    const BLOCK: usize = 64;
    let mut found = None;
    for (index, block) in bytes.chunks(BLOCK).enumerate() {
        // Without a branch a byte, the compiler checks a whole block at once.
        let suspicious = block.iter().fold(false, |any, &byte| any | control(byte));
        if suspicious {
            found = block.iter().position(|&byte| control(byte)).map(|place| index * BLOCK + place);
            break;
        }
    }
    let non_character =
        memchr::memmem::find(bytes, b"\xEF\xBF\xBE").into_iter().chain(memchr::memmem::find(bytes, b"\xEF\xBF\xBF")).min();
    let beyond_ascii = match encoding {
        Encoding::Ascii => bytes.iter().position(|byte| !byte.is_ascii()),
        _ => None,
    };
    [found, non_character, beyond_ascii].into_iter().flatten().min()
}
