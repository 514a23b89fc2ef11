//! The stored form of small bundles: a version byte, then per field its number, its length (LEB128) and its bytes.

use crate::error::Error;

/// The version of the form.
const VERSION: u8 = 1;

/// Appends fields to a buffer.
pub(crate) struct FieldWriter<'b> {
    into: &'b mut Vec<u8>,
}

impl<'b> FieldWriter<'b> {
    /// Begins a bundle at the end of the buffer.
    pub fn new(into: &'b mut Vec<u8>) -> Self {
        into.push(VERSION);
        Self { into }
    }

    /// A text field; an absent one takes no room.
    pub fn text(&mut self, number: u8, text: Option<&str>) {
        if let Some(text) = text {
            self.into.push(number);
            self.length(text.len());
            self.into.extend_from_slice(text.as_bytes());
        }
    }

    fn length(&mut self, mut length: usize) {
        loop {
            let low = u8::try_from(length & 0x7f).expect("seven bits fit in a byte");
            length >>= 7;
            if length == 0 {
                self.into.push(low);
                return;
            }
            self.into.push(low | 0x80);
        }
    }
}

/// Reads the fields of a bundle in order.
pub(crate) struct FieldReader<'b> {
    rest: &'b [u8],
}

impl<'b> FieldReader<'b> {
    /// Begins to read a whole bundle.
    pub fn new(stored: &'b [u8]) -> Result<Self, Error> {
        match stored.split_first() {
            Some((&VERSION, rest)) => Ok(Self { rest }),
            _ => Err(Error::Corrupt("a bundle of another version")),
        }
    }

    /// The next field's number and text, or `None` at the end.
    pub fn next_text(&mut self) -> Result<Option<(u8, &'b str)>, Error> {
        let Some((&number, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        self.rest = rest;
        let length = self.length()?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Error::Corrupt("a bundle that was cut"))?;
        self.rest = rest;
        let text = str::from_utf8(bytes).map_err(|_| Error::Corrupt("a bundle's text"))?;
        Ok(Some((number, text)))
    }

    fn length(&mut self) -> Result<usize, Error> {
        let mut length = 0_usize;
        for shift in (0..28).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(Error::Corrupt("a bundle that was cut"))?;
            self.rest = rest;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(length);
            }
        }
        Err(Error::Corrupt("a bundle's length"))
    }
}
