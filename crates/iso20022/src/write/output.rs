//! Elements into bytes.

use super::charset::is_xml;
use std::fmt::{self, Display};
use std::io::{self, Write};

/// Written to the output whenever this much is collected.
const CHUNK: usize = 64 * 1024;

/// What every document begins with.
pub(crate) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// An XML document being written.
pub(crate) struct Output<W> {
    out: W,
    root: &'static str,
    pending: String,
}

/// A field breaks its type; the text names the element, never its content.
pub(crate) fn invalid(element: &str, problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{element} {problem}"))
}

impl<W: Write> Output<W> {
    /// Begins a document of this namespace.
    pub fn new(out: W, namespace: &str) -> Self {
        Self::with_root(out, "Document", namespace)
    }

    /// Begins a document with another root element than `Document`.
    pub fn with_root(out: W, root: &'static str, namespace: &str) -> Self {
        let mut pending = String::with_capacity(CHUNK + CHUNK / 4);
        for part in [DECLARATION, "<", root, " xmlns=\"", namespace, "\">"] {
            pending.push_str(part);
        }
        Output { out, root, pending }
    }

    /// Start tag.
    #[inline]
    pub fn open(&mut self, element: &str) {
        self.pending.push('<');
        self.pending.push_str(element);
        self.pending.push('>');
    }

    /// End tag.
    #[inline]
    pub fn close(&mut self, element: &str) {
        self.pending.push_str("</");
        self.pending.push_str(element);
        self.pending.push('>');
    }

    /// Start tag with one attribute.
    pub fn open_with(&mut self, element: &str, attribute: &str, value: &str) -> io::Result<()> {
        self.pending.push('<');
        self.pending.push_str(element);
        self.pending.push(' ');
        self.pending.push_str(attribute);
        self.pending.push_str("=\"");
        if value.contains('"') {
            return Err(invalid(element, "has a quotation mark in its attribute"));
        }
        self.escape(element, value)?;
        self.pending.push_str("\">");
        Ok(())
    }

    /// Start tag on a line of its own: where a reader of the file wants to find his way.
    pub fn open_line(&mut self, element: &str) {
        self.pending.push('\n');
        self.open(element);
    }

    /// Text as it is.
    pub fn raw(&mut self, text: &str) {
        self.pending.push_str(text);
    }

    /// The text to write the next thing to, for values that need no escaping.
    pub fn text(&mut self) -> &mut String {
        &mut self.pending
    }

    /// An element with a text of 1 to `max` characters.
    #[inline]
    pub fn element(&mut self, element: &str, text: &str, max: usize) -> io::Result<()> {
        check_length(element, text, max)?;
        self.open(element);
        self.escape(element, text)?;
        self.close(element);
        Ok(())
    }

    /// The same, where there is one.
    #[inline]
    pub fn optional(&mut self, element: &str, text: Option<&str>, max: usize) -> io::Result<()> {
        match text {
            Some(text) => self.element(element, text, max),
            None => Ok(()),
        }
    }

    /// An element with a text that is cut after `max` characters; none where nothing is to be seen of the text.
    #[inline]
    pub fn prose(&mut self, element: &str, text: &str, max: usize) -> io::Result<()> {
        if text.trim().is_empty() { Ok(()) } else { self.element(element, shorten(text, max), max) }
    }

    /// An element with a value that needs no escaping.
    #[inline]
    pub fn plain(&mut self, element: &str, value: impl Display) {
        self.open(element);
        self.display(format_args!("{value}"));
        self.close(element);
    }

    fn display(&mut self, arguments: fmt::Arguments<'_>) {
        fmt::Write::write_fmt(&mut self.pending, arguments).expect("writing to a String cannot fail");
    }

    /// Text with its special characters escaped.
    pub fn escape(&mut self, element: &str, text: &str) -> io::Result<()> {
        let ordinary = |byte: u8| byte >= b' ' && !matches!(byte, b'<' | b'>' | b'&') && byte < 0xEF;
        if text.bytes().all(ordinary) {
            self.pending.push_str(text);
            return Ok(());
        }
        for character in text.chars() {
            match character {
                '&' => self.pending.push_str("&amp;"),
                '<' => self.pending.push_str("&lt;"),
                '>' => self.pending.push_str("&gt;"),
                '\r' => self.pending.push_str("&#13;"),
                character if is_xml(character) => self.pending.push(character),
                _ => return Err(invalid(element, "has a character that XML does not allow")),
            }
        }
        Ok(())
    }

    /// Hands on what is collected, if it is enough.
    #[inline]
    pub fn flush_chunk(&mut self) -> io::Result<()> {
        if self.pending.len() < CHUNK {
            return Ok(());
        }
        self.out.write_all(self.pending.as_bytes())?;
        self.pending.clear();
        Ok(())
    }

    /// Ends the document.
    pub fn finish(mut self) -> io::Result<W> {
        self.close(self.root);
        self.pending.push('\n');
        self.out.write_all(self.pending.as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn check_length(element: &str, text: &str, max: usize) -> io::Result<()> {
    if text.is_empty() {
        return Err(invalid(element, "is empty"));
    }
    if text.len() > max && text.chars().count() > max {
        return Err(invalid(element, &format!("has more than {max} characters")));
    }
    Ok(())
}

/// Writes a UETR, which must be a random UUID (version 4).
pub(super) fn uetr<W: Write>(out: &mut Output<W>, element: &str, uetr: uuid::Uuid) -> io::Result<()> {
    if uetr.get_version() != Some(uuid::Version::Random) || uetr.get_variant() != uuid::Variant::RFC4122 {
        return Err(invalid(element, "is not a UUID of version 4"));
    }
    out.plain(element, uetr.as_hyphenated());
    Ok(())
}

/// The first characters of a text.
pub(crate) fn shorten(text: &str, max: usize) -> &str {
    match text.char_indices().nth(max) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
