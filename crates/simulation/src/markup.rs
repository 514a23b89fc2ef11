//! Writing XML by hand: indented, escaped, streaming. Kept apart from the product's own writer so that each can find the other's faults.

use std::io::{self, Write};

/// An XML document being written.
#[derive(Debug)]
pub(crate) struct Markup<W: Write> {
    out: W,
    open: Vec<&'static str>,
}

impl<W: Write> Markup<W> {
    /// Begins a document with its root element.
    pub(crate) fn document(mut out: W, namespace: &str) -> io::Result<Self> {
        writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(out, r#"<Document xmlns="{namespace}">"#)?;
        Ok(Self { out, open: vec!["Document"] })
    }

    /// Begins a document that stands in an envelope, behind the header that `fill` writes.
    pub(crate) fn in_envelope(
        mut out: W, header: &str, namespace: &str, fill: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<Self> {
        writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(out, r#"<Envelope xmlns="urn:demo:envelope">"#)?;
        let mut markup = Self { out, open: vec!["Envelope"] };
        markup.open_in("AppHdr", header)?;
        fill(&mut markup)?;
        markup.close()?;
        markup.open_in("Document", namespace)?;
        Ok(markup)
    }

    fn open_in(&mut self, tag: &'static str, namespace: &str) -> io::Result<()> {
        self.indent()?;
        writeln!(self.out, r#"<{tag} xmlns="{namespace}">"#)?;
        self.open.push(tag);
        Ok(())
    }

    /// Opens an element.
    pub(crate) fn open(&mut self, tag: &'static str) -> io::Result<()> {
        self.indent()?;
        writeln!(self.out, "<{tag}>")?;
        self.open.push(tag);
        Ok(())
    }

    /// Closes the element opened last.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        let tag = self.open.pop().expect("the caller closes what it has opened");
        self.indent()?;
        writeln!(self.out, "</{tag}>")
    }

    /// Opens elements inside each other, lets the caller fill the innermost, and closes them again.
    pub(crate) fn within(&mut self, tags: &[&'static str], fill: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        for tag in tags {
            self.open(tag)?;
        }
        fill(self)?;
        for _ in tags {
            self.close()?;
        }
        Ok(())
    }

    /// An element with text.
    pub(crate) fn leaf(&mut self, tag: &'static str, text: &str) -> io::Result<()> {
        self.indent()?;
        write!(self.out, "<{tag}>")?;
        self.escaped(text)?;
        writeln!(self.out, "</{tag}>")
    }

    /// An amount with its currency.
    pub(crate) fn amount(&mut self, tag: &'static str, currency: &str, decimal: &str) -> io::Result<()> {
        self.indent()?;
        writeln!(self.out, r#"<{tag} Ccy="{currency}">{decimal}</{tag}>"#)
    }

    /// Closes what is open and gives the output back.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        while !self.open.is_empty() {
            self.close()?;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    /// Gives the output back as it stands: a document that breaks off.
    pub(crate) fn break_off(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn indent(&mut self) -> io::Result<()> {
        const SPACES: &[u8; 32] = b"                                ";
        self.out.write_all(&SPACES[..(self.open.len() * 2).min(SPACES.len())])
    }

    fn escaped(&mut self, text: &str) -> io::Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>']) {
            self.out.write_all(&rest.as_bytes()[..at])?;
            self.out.write_all(match rest.as_bytes()[at] {
                b'&' => b"&amp;",
                b'<' => b"&lt;",
                _ => b"&gt;",
            })?;
            rest = &rest[at + 1..];
        }
        self.out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_indents_and_escapes_and_closes() {
        let mut markup = Markup::document(Vec::new(), "urn:x").unwrap();
        markup.within(&["A", "B"], |inner| inner.leaf("C", "a<b&c>d")).unwrap();
        markup.amount("D", "DKK", "1.00").unwrap();
        let text = String::from_utf8(markup.finish().unwrap()).unwrap();
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:x\">\n  <A>\n    <B>\n      \
            <C>a&lt;b&amp;c&gt;d</C>\n    </B>\n  </A>\n  <D Ccy=\"DKK\">1.00</D>\n</Document>\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_document_stands_in_its_envelope() {
        let markup = Markup::in_envelope(Vec::new(), "urn:h", "urn:x", |header| header.leaf("To", "B")).unwrap();
        let text = String::from_utf8(markup.finish().unwrap()).unwrap();
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Envelope xmlns=\"urn:demo:envelope\">\n  \
            <AppHdr xmlns=\"urn:h\">\n    <To>B</To>\n  </AppHdr>\n  <Document xmlns=\"urn:x\">\n  </Document>\n</Envelope>\n";
        assert_eq!(text, expected);
    }
}
