//! The lines that findings speak of, in a second reading of the file.

use super::mask::mask_numbers;
use crate::engine::Encoding;
use crate::finding::Finding;
use std::io::{self, Read};

/// What is kept of a line: enough to see whether it is a short one.
const LINE_BYTES: usize = 512;
/// What is kept from where a finding stands on a long line: a payment, as a rule.
const PLACE_BYTES: usize = 16 * 1024;
/// What is shown.
const SHOWN_CHARACTERS: usize = 160;
const CHUNK: usize = 64 * 1024;

/// The piece of the file that a finding speaks of, with people's numbers hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt(String);

impl Excerpt {
    /// The text to be shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads the file once more and gives the piece of each finding: its line or, of a long line, the element.
///
/// # Errors
/// Those of the input.
pub fn excerpts(input: impl Read, findings: &[Finding]) -> io::Result<Vec<Option<Excerpt>>> {
    let mut lines = Captures::new(findings.iter().map(|finding| finding.line));
    let mut places: Vec<Capture> = findings.iter().map(|finding| Capture::new(finding.offset, PLACE_BYTES)).collect();
    let mut text = Decoded::open(input)?;
    let mut offset = text.mark_bytes;
    while text.fill()? {
        lines.take(offset, &text.bytes);
        for place in &mut places {
            place.take(offset, &text.bytes);
        }
        offset += text.bytes.len() as u64;
    }
    let excerpt = |(finding, place): (&Finding, &Capture)| {
        let line = lines.of(finding.line)?;
        let shown = if line.ended { line.text().trim().to_owned() } else { element(&place.text(), &finding.path) };
        Some(Excerpt(shorten(&mask_numbers(&shown)))).filter(|excerpt| !excerpt.0.is_empty())
    };
    Ok(findings.iter().zip(&places).map(excerpt).collect())
}

/// The element at the end of a path, searched from where its payment, block or header begins.
fn element(text: &str, path: &str) -> String {
    let leaf = path.rsplit('/').find(|part| !part.starts_with('@')).unwrap_or("");
    let leaf = leaf.split('[').next().unwrap_or(leaf);
    let begins = |start: &usize| {
        let name = &text[*start + 1..];
        let name = name.split(['>', ' ', '/', '\n', '\r', '\t']).next().unwrap_or("");
        !leaf.is_empty() && name.rsplit(':').next() == Some(leaf)
    };
    let start = text.match_indices('<').map(|(start, _)| start).find(begins).unwrap_or(0);
    text[start..].replace(['\n', '\r'], " ")
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

/// Bytes of the file from an offset on.
#[derive(Debug)]
struct Capture {
    from: u64,
    most: usize,
    bytes: Vec<u8>,
    /// Its line ended within it.
    ended: bool,
}

impl Capture {
    fn new(from: u64, most: usize) -> Self {
        Capture { from, most, bytes: Vec::new(), ended: false }
    }

    /// Takes what it wants of a piece of the file.
    fn take(&mut self, offset: u64, piece: &[u8]) {
        let next = self.from + self.bytes.len() as u64;
        let room = self.most - self.bytes.len();
        let Some(start) = next.checked_sub(offset).and_then(|start| usize::try_from(start).ok()) else { return };
        if room > 0 && start < piece.len() {
            let end = piece.len().min(start + room);
            self.bytes.extend_from_slice(&piece[start..end]);
        }
    }

    /// Takes a line, up to its end.
    fn take_line(&mut self, offset: u64, piece: &[u8]) {
        if self.ended {
            return;
        }
        self.take(offset, piece);
        if let Some(end) = memchr::memchr2(b'\n', b'\r', &self.bytes) {
            self.bytes.truncate(end);
            self.ended = true;
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// The beginnings of some lines.
#[derive(Debug)]
struct Captures {
    /// Numbers of the lines wanted, ascending, each once.
    wanted: Vec<u64>,
    captures: Vec<Capture>,
    line: u64,
}

impl Captures {
    fn new(lines: impl Iterator<Item = u64>) -> Self {
        let mut wanted: Vec<u64> = lines.collect();
        wanted.sort_unstable();
        wanted.dedup();
        Captures { wanted, captures: Vec::new(), line: 0 }
    }

    fn take(&mut self, offset: u64, piece: &[u8]) {
        if self.line == 0 {
            self.begin(offset);
        }
        let open = self.captures.len().saturating_sub(1);
        if self.captures.len() < self.wanted.len() {
            for end in memchr::memchr_iter(b'\n', piece) {
                self.begin(offset + end as u64 + 1);
            }
        }
        for capture in &mut self.captures[open..] {
            capture.take_line(offset, piece);
        }
    }

    /// The next line begins.
    fn begin(&mut self, offset: u64) {
        self.line += 1;
        if self.wanted.get(self.captures.len()) == Some(&self.line) {
            self.captures.push(Capture::new(offset, LINE_BYTES));
        }
    }

    fn of(&self, line: u64) -> Option<&Capture> {
        self.captures.get(self.wanted.binary_search(&line).ok()?)
    }
}

/// A file's bytes as UTF-8.
struct Decoded<R> {
    input: R,
    encoding: Encoding,
    mark_bytes: u64,
    raw: Vec<u8>,
    first: Vec<u8>,
    bytes: Vec<u8>,
}

impl<R: Read> Decoded<R> {
    fn open(mut input: R) -> io::Result<Self> {
        let mut first = Vec::with_capacity(CHUNK);
        input.by_ref().take(CHUNK as u64).read_to_end(&mut first)?;
        let (encoding, mark_bytes) = Encoding::of_file(&first);
        let mark = usize::try_from(mark_bytes).unwrap_or(0);
        first.drain(..mark);
        Ok(Decoded { input, encoding, mark_bytes, raw: Vec::new(), first, bytes: Vec::new() })
    }

    /// Makes the next bytes visible; `false` at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.raw.clear();
        if self.first.is_empty() {
            self.input.by_ref().take(CHUNK as u64).read_to_end(&mut self.raw)?;
        } else {
            std::mem::swap(&mut self.raw, &mut self.first);
        }
        self.bytes.clear();
        if self.encoding.is_utf8() {
            std::mem::swap(&mut self.bytes, &mut self.raw);
        } else {
            let decoded: String = self.raw.iter().map(|byte| self.encoding.decode(*byte)).collect();
            self.bytes.extend_from_slice(decoded.as_bytes());
        }
        Ok(!self.bytes.is_empty())
    }
}
