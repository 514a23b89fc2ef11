//! A message behind its header, in an envelope.

use super::output::{DECLARATION, invalid};
use crate::header::{BusinessHeader, Header, HeaderRecord};
use crate::message::MessageKind;
use crate::record::RecordWriter;
use std::io::{self, Write};

/// An output that puts the message written to it behind a header, in an envelope: give it to a message's writer.
///
/// The standard leaves the envelope to the parties; this one is an element of any name without attributes, with `AppHdr` and
/// `Document` in it.
pub struct Envelope<W> {
    out: W,
    name: String,
    /// Envelope and header, until they are written.
    start: Vec<u8>,
    /// How the message must begin, as the header names it.
    expected: Vec<u8>,
    /// How much of that has come.
    met: usize,
}

impl<W: Write> Envelope<W> {
    /// An envelope of this name around the message that the header names.
    ///
    /// # Errors
    /// A name of other characters than letters and digits, a message that is none of ours, or a field of the header that breaks its type.
    pub fn new(out: W, name: &str, header: &BusinessHeader<'_>) -> io::Result<Self> {
        if !name.starts_with(|first: char| first.is_ascii_alphabetic()) || !name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return Err(invalid("the envelope", "has a name of other characters than letters and digits"));
        }
        let Some(message) = MessageKind::from_name(header.definition) else {
            return Err(invalid("MsgDefIdr", "names no message we know"));
        };
        let mut writer = RecordWriter::<Header, _>::new(Vec::new(), MessageKind::Head001V02)?;
        writer.write(&HeaderRecord::Header(*header))?;
        let header = writer.finish()?;
        let mut start = format!("{DECLARATION}<{name}>\n").into_bytes();
        start.extend_from_slice(header.strip_prefix(DECLARATION.as_bytes()).unwrap_or(&header));
        let expected = format!("{DECLARATION}<Document xmlns=\"{}\">", message.namespace()).into_bytes();
        Ok(Envelope { out, name: name.to_owned(), start, expected, met: 0 })
    }

    /// Ends the envelope after its message, and gives the output back.
    ///
    /// # Errors
    /// No message, or the output's error.
    pub fn finish(mut self) -> io::Result<W> {
        if self.met < self.expected.len() {
            return Err(invalid("the envelope", "holds no message"));
        }
        writeln!(self.out, "</{}>", self.name)?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// Takes the beginning of the message; gives what is left of the bytes.
    fn meet<'b>(&mut self, bytes: &'b [u8]) -> io::Result<&'b [u8]> {
        let wanted = &self.expected[self.met..];
        let (now, rest) = bytes.split_at(wanted.len().min(bytes.len()));
        if !wanted.starts_with(now) {
            return Err(invalid("the envelope", "holds another message than its header names"));
        }
        self.met += now.len();
        if self.met == self.expected.len() {
            self.out.write_all(&self.start)?;
            self.out.write_all(&self.expected[DECLARATION.len()..])?;
        }
        Ok(rest)
    }
}

impl<W: Write> Write for Envelope<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let rest = if self.met < self.expected.len() { self.meet(bytes)? } else { bytes };
        self.out.write_all(rest)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
