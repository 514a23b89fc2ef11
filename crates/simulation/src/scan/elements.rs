//! Walking through an XML file element by element, with the path and the text of where one stands.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::ScanError;

/// What has just happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// An element began; [`Elements::path`] ends with it.
    Begin,
    /// An element ended; [`Elements::path`] still ends with it and [`Elements::text`] is its text.
    End,
    /// The document ended.
    Done,
}

/// Deeper than any message of ISO 20022; a file that nests deeper is not read.
const DEEPEST: usize = 64;

/// The root of a message.
const DOCUMENT: &str = "/Document";

/// A walk through one file.
pub(crate) struct Elements<R: BufRead> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    /// The local names from the root, each after a `/`.
    path: String,
    /// Where the message begins in the path: behind the envelope it may stand in.
    message_at: usize,
    depth: usize,
    text: String,
    currency: String,
    namespace: String,
    leaving: bool,
    empty: bool,
}

impl<R: BufRead> Elements<R> {
    pub(crate) fn new(input: R) -> Self {
        let text = String::new;
        Self {
            reader: Reader::from_reader(input),
            buffer: Vec::new(),
            path: text(),
            message_at: 0,
            depth: 0,
            text: text(),
            currency: text(),
            namespace: text(),
            leaving: false,
            empty: false,
        }
    }

    /// Where the walk stands: `/Document/…`, also of a message in an envelope.
    pub(crate) fn path(&self) -> &str {
        self.path.get(self.message_at..).unwrap_or_default()
    }

    /// Goes on to where the message begins, and gives its name; empty where there is none.
    pub(crate) fn find_message(&mut self) -> Result<&str, ScanError> {
        while self.step()? != Step::Done {
            if self.path() == DOCUMENT {
                return Ok(self.message_name());
            }
        }
        Ok("")
    }

    /// The text since the last element began, trimmed.
    pub(crate) fn text(&self) -> &str {
        self.text.trim_ascii()
    }

    /// The attribute `Ccy` of the element that began last; empty without one.
    pub(crate) fn currency(&self) -> &str {
        &self.currency
    }

    /// The message's name, from its root's namespace: `pain.001.001.09`.
    pub(crate) fn message_name(&self) -> &str {
        self.namespace.rsplit(':').next().unwrap_or_default()
    }

    /// Goes on to the next beginning or end of an element.
    pub(crate) fn step(&mut self) -> Result<Step, ScanError> {
        if std::mem::take(&mut self.empty) {
            self.leaving = true;
            return Ok(Step::End);
        }
        if std::mem::take(&mut self.leaving) {
            self.depth -= 1;
            self.path.truncate(self.path.rfind('/').unwrap_or(0));
            if self.path.len() <= self.message_at {
                self.message_at = 0;
            }
            self.text.clear();
        }
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer).map_err(not_xml)? {
                Event::Start(start) => {
                    let names = (&mut self.path, &mut self.currency, &mut self.namespace);
                    self.message_at = enter(&start, names, self.depth)?.unwrap_or(self.message_at);
                    return self.entered();
                }
                Event::Empty(start) => {
                    let names = (&mut self.path, &mut self.currency, &mut self.namespace);
                    self.message_at = enter(&start, names, self.depth)?.unwrap_or(self.message_at);
                    self.empty = true;
                    return self.entered();
                }
                Event::End(_) => {
                    self.leaving = true;
                    return Ok(Step::End);
                }
                Event::Text(text) => self.text.push_str(&text.xml10_content()),
                Event::CData(data) => self.text.push_str(&data.xml10_content()),
                Event::GeneralRef(reference) => self.text.push(resolve(&reference)?),
                Event::DocType(_) => return Err(ScanError::NotXml),
                Event::Eof if self.depth == 0 && !self.namespace.is_empty() => return Ok(Step::Done),
                Event::Eof => return Err(ScanError::NotXml),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn entered(&mut self) -> Result<Step, ScanError> {
        self.depth += 1;
        self.text.clear();
        if self.depth > DEEPEST { Err(ScanError::NotXml) } else { Ok(Step::Begin) }
    }
}

/// Enters an element; says where in the path the message begins, if it begins here.
fn enter(
    start: &BytesStart<'_>, names: (&mut String, &mut String, &mut String), depth: usize,
) -> Result<Option<usize>, ScanError> {
    let (path, currency, namespace) = names;
    let before = path.len();
    let is_message = start.local_name().as_ref() == &DOCUMENT[1..];
    path.push('/');
    path.push_str(start.local_name().as_ref());
    currency.clear();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| ScanError::NotXml)?;
        let name: &str = attribute.key.as_ref();
        if name == "Ccy" {
            currency.push_str(&attribute.value);
        } else if (depth == 0 || is_message) && attribute.value.contains("iso:20022") {
            namespace.clear();
            namespace.push_str(&attribute.value);
        }
    }
    Ok(is_message.then_some(before))
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, ScanError> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| ScanError::NotXml)? {
        return Ok(character);
    }
    match reference.xml10_content().as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(ScanError::NotXml),
    }
}

fn not_xml(error: quick_xml::Error) -> ScanError {
    match error {
        quick_xml::Error::Io(error) => ScanError::Io(std::io::Error::new(error.kind(), error.to_string())),
        _ => ScanError::NotXml,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(text: &str) -> Result<Vec<(String, String)>, ScanError> {
        let mut elements = Elements::new(text.as_bytes());
        let mut ends = Vec::new();
        loop {
            match elements.step()? {
                Step::Begin => {}
                Step::End => ends.push((elements.path().to_owned(), elements.text().to_owned())),
                Step::Done => return Ok(ends),
            }
        }
    }

    #[test]
    fn paths_and_texts_come_out() {
        let ends = walk(r#"<a:D xmlns:a="urn:iso:20022:x"><B>1 &amp; &#50;<!-- c --></B><C/> </a:D>"#).unwrap();
        let expected = [("/D/B", "1 & 2"), ("/D/C", ""), ("/D", "")];
        assert_eq!(ends, expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
    }

    #[test]
    fn a_message_in_an_envelope_has_the_paths_of_one_that_stands_alone() {
        let message = r#"<Document xmlns="urn:iso:20022:x"><B>1</B></Document>"#;
        let ends = walk(&format!(r#"<E><AppHdr xmlns="urn:iso:20022:h"><To>2</To></AppHdr>{message}<T/></E>"#)).unwrap();
        let of_message: Vec<_> = ends.iter().filter(|(path, _)| path.starts_with("/Document")).cloned().collect();
        assert_eq!(of_message, walk(message).unwrap());
        assert_eq!(ends.last().unwrap().0, "/E");
        let mut elements = Elements::new(message.as_bytes());
        assert_eq!(elements.find_message().unwrap(), "urn:iso:20022:x".rsplit(':').next().unwrap());
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        let root = r#"<D xmlns="urn:iso:20022:x">"#;
        for rest in ["<B></D>", "<B>", "", "<B>&none;</B></D>"] {
            assert!(matches!(walk(&format!("{root}{rest}")), Err(ScanError::NotXml)), "{rest}");
        }
        for text in ["", "no xml", "<D/>", "<!DOCTYPE D><D/>"] {
            assert!(matches!(walk(text), Err(ScanError::NotXml)), "{text}");
        }
    }
}
