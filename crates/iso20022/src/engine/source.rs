//! The bytes of a file as checked UTF-8 in a window of bounded size.
//!
//! Everything visible in the window is valid UTF-8 of characters that XML allows, and is followed
//! by zero bytes, which XML never allows: a scan needs no bounds check against the end, it stops
//! at the zero.

use super::encoding::{self, DETECTION_BYTES, Encoding};
use super::problem::Problem;
use super::scan;
use crate::lanes;
use std::io::{self, Chain, Cursor, Read};

/// Zero bytes after the visible ones: more than a block of [`crate::lanes`] from any byte that is looked at.
pub(crate) const PADDING: usize = 64;
const INITIAL_CAPACITY: usize = 256 * 1024;

/// What [`Source::refill`] came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refill {
    /// More bytes are visible.
    More,
    /// The file has ended.
    End,
    /// What is at hand has ended, and the file goes on elsewhere.
    Edge,
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
    pos: usize,
    /// Line of the next byte, from 1.
    line: u64,
    end: usize,
    /// The beginning of a character whose other bytes are not yet read.
    carry: Vec<u8>,
    raw: Vec<u8>,
    exhausted: bool,
    /// Whether the file goes on where the input is exhausted.
    goes_on: bool,
    fault: Option<Fault>,
    limit: usize,
    /// Bytes of the file before the window.
    discarded: u64,
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
            line: 1,
            end: 0,
            carry: Vec::new(),
            raw: Vec::new(),
            exhausted: false,
            goes_on: false,
            fault: None,
            limit,
            discarded: detected.mark_bytes,
        }))
    }

    /// Gives the input, to put more into it. `goes_on` says whether the file goes on behind that.
    pub fn supply(&mut self, goes_on: bool) -> &mut R {
        (self.exhausted, self.goes_on) = (false, goes_on);
        self.input.get_mut().1
    }

    /// Whether all bytes at hand are walked, and they are those of the file.
    pub fn is_drained_utf8(&self) -> bool {
        let drained = self.pos == self.end && self.carry.is_empty() && self.fault.is_none();
        drained && self.encoding == Encoding::Utf8
    }

    /// Goes on behind bytes that were walked elsewhere, when all that is at hand is walked.
    pub fn pass(&mut self, bytes: u64, lines: u64) {
        self.discard_walked();
        self.buffer[self.end..self.end + PADDING].fill(0);
        self.discarded += bytes;
        self.line += lines;
    }

    /// The window with its padding.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.end + PADDING]
    }

    /// The next byte to walk, as an index in the window.
    #[inline]
    pub fn pos(&self) -> usize {
        self.pos
    }

    /// Line of the next byte, from 1.
    #[inline]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Offset in the file of a place in the window. Counts decoded bytes.
    #[inline]
    pub fn offset(&self, place: usize) -> u64 {
        self.discarded + place as u64
    }

    /// Moves on to a place in the window.
    pub fn advance(&mut self, place: usize) {
        self.line += count_lines(&self.buffer[self.pos..place]);
        self.pos = place;
    }

    /// Moves on to a place in the window, up to which no line ends.
    #[inline]
    pub fn advance_in_line(&mut self, place: usize) {
        debug_assert_eq!(count_lines(&self.buffer[self.pos..place]), 0);
        self.pos = place;
    }

    /// Moves on behind white space: mostly one line end and an indentation.
    #[inline]
    pub fn skip_spaces(&mut self) -> usize {
        let window = &self.buffer[..self.end + PADDING];
        let mut index = self.pos;
        if window[index] == b'\n' {
            self.line += 1;
            index = lanes::end_of_blanks(window, index + 1);
        }
        self.pos = index;
        if scan::is_space(window[index]) {
            self.advance(scan::spaces(self.bytes(), index));
        }
        self.pos
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
            None if self.exhausted => return Ok(self.no_more()),
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
            (false, None) => self.no_more(),
        })
    }

    fn no_more(&self) -> Refill {
        if self.goes_on { Refill::Edge } else { Refill::End }
    }

    fn discard_walked(&mut self) {
        self.buffer.copy_within(self.pos..self.end, 0);
        self.discarded += self.pos as u64;
        self.end -= self.pos;
        self.pos = 0;
    }

    fn read_more(&mut self) -> io::Result<()> {
        let start = self.end;
        let filled = match self.encoding {
            Encoding::Utf8 | Encoding::Ascii => self.read_plain()?,
            Encoding::Latin1 | Encoding::Latin9 => self.read_latin()?,
        };
        self.make_visible(start, filled);
        Ok(())
    }

    /// Checks the bytes of a range, and makes visible as many as are in order.
    fn make_visible(&mut self, start: usize, filled: usize) {
        let fresh = &self.buffer[start..filled];
        let mut valid = fresh.len();
        if let Err(error) = simdutf8::compat::from_utf8(fresh) {
            valid = error.valid_up_to();
            if error.error_len().is_none() && (!self.exhausted || self.goes_on) {
                self.carry.extend_from_slice(&fresh[valid..]);
            } else {
                self.fault = Some(Fault::Undecodable);
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

impl Source<io::Empty> {
    /// A piece of a file in UTF-8, which goes on behind it: `length` bytes, and [`PADDING`] more behind them.
    pub fn piece(buffer: Vec<u8>, length: usize, offset: u64, line: u64) -> Self {
        let mut source = Source {
            input: Cursor::new(Vec::new()).chain(io::empty()),
            encoding: Encoding::Utf8,
            buffer,
            pos: 0,
            line,
            end: 0,
            carry: Vec::new(),
            raw: Vec::new(),
            exhausted: true,
            goes_on: true,
            fault: None,
            limit: length,
            discarded: offset,
        };
        source.make_visible(0, length);
        source
    }

    /// Gives the piece back.
    pub fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }
}

/// Number of line ends.
pub(crate) fn count_lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// The first character that XML (or plain ASCII, where that is declared) does not allow.
fn first_forbidden(bytes: &[u8], encoding: Encoding) -> Option<usize> {
    let beyond_ascii = match encoding {
        Encoding::Ascii => bytes.iter().position(|byte| !byte.is_ascii()),
        _ => None,
    };
    // U+FFFE and U+FFFF; few files have any character that begins as they do.
    let non_character =
        memchr::memchr_iter(0xEF, bytes).find(|place| matches!(bytes.get(place + 1..place + 3), Some([0xBF, 0xBE | 0xBF])));
    [first_control(bytes), non_character, beyond_ascii].into_iter().flatten().min()
}

/// The first control character other than line ends and tabs.
fn first_control(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 256;
    let forbidden = |byte: u8| byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t');
    // Without a branch a byte, the compiler checks many at once; line ends are nearly all there is.
    let suspicious =
        |block: &[u8]| block.iter().fold(0, |any, &byte| any | (u8::from(byte < 0x20) & u8::from(byte != b'\n'))) != 0;
    bytes
        .chunks(BLOCK)
        .zip((0..).step_by(BLOCK))
        .filter(|(block, _)| suspicious(block))
        .find_map(|(block, start)| block.iter().position(|byte| forbidden(*byte)).map(|place| start + place))
}
