//! Files without end, made while they are read.

use std::io::{self, Read};

/// The root element of an order to pay.
pub const HEAD: &str = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">";

/// What is read before the first byte is looked at: a window, and room to find the encoding.
pub const READ_AT_ONCE: u64 = 257 * 1024;

/// Most that any reader may ask for; more means that it does not stop.
const ENDLESS: u64 = 64 << 20;

/// A text, then a pattern again and again.
pub struct Endless {
    head: Vec<u8>,
    pattern: &'static [u8],
    /// Bytes read so far.
    pub given: u64,
}

impl Endless {
    pub fn new(head: &str, pattern: &'static str) -> Endless {
        Endless { head: head.as_bytes().to_vec(), pattern: pattern.as_bytes(), given: 0 }
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let head = self.head.len() as u64;
        for (offset, byte) in (self.given..).zip(buffer.iter_mut()) {
            *byte = match usize::try_from(offset).ok().and_then(|place| self.head.get(place)) {
                Some(byte) => *byte,
                None => self.pattern[usize::try_from((offset - head) % self.pattern.len() as u64).expect("small")],
            };
        }
        self.given += buffer.len() as u64;
        assert!(self.given < ENDLESS, "the reader does not stop");
        Ok(buffer.len())
    }
}
