//! Texts of one payment, kept together and reused for the next.

use std::num::NonZeroU32;

/// A text in a [`TextStore`], with the line it stands on in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    start: u32,
    /// One more than the end, so that a payment's many places for perhaps a text are small.
    behind_end: NonZeroU32,
    pub line: u64,
}

impl Slice {
    #[inline]
    fn new(start: usize, end: usize, line: u64) -> Self {
        const SMALL: &str = "the limits keep a payment far below 4 GiB";
        let start = u32::try_from(start).expect(SMALL);
        let end = u32::try_from(end).expect(SMALL);
        Slice { start, behind_end: NonZeroU32::MIN.saturating_add(end), line }
    }

    #[inline]
    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.behind_end.get() as usize - 1
    }
}

/// Texts on their way into a [`TextStore`], as bytes that are known to be UTF-8.
#[derive(Default)]
pub struct Intake(Vec<u8>);

impl std::fmt::Debug for Intake {
    /// Shows no text: they may be anybody's.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Intake({} bytes)", self.0.len())
    }
}

impl Intake {
    /// Takes a text in; the slice is valid once [`TextStore::take_in`] has been called.
    #[inline]
    pub fn add(&mut self, text: &[u8], line: u64) -> Slice {
        let start = self.0.len();
        self.0.extend_from_slice(text);
        Slice::new(start, self.0.len(), line)
    }

    /// Number of bytes taken in.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets all texts.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// Texts one behind the other in one buffer; clearing keeps the memory.
#[derive(Default)]
pub struct TextStore(String);

impl std::fmt::Debug for TextStore {
    /// Shows no text: they may be anybody's.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "TextStore({} bytes)", self.0.len())
    }
}

impl TextStore {
    /// Keeps a text.
    #[inline]
    pub fn add(&mut self, text: &str, line: u64) -> Slice {
        let start = self.0.len();
        self.0.push_str(text);
        Slice::new(start, self.0.len(), line)
    }

    /// Takes over what an intake has, in place of all kept so far. That it is UTF-8 is checked once for all texts.
    pub fn take_in(&mut self, intake: &mut Intake) {
        let mut emptied = std::mem::take(&mut self.0).into_bytes();
        emptied.clear();
        let bytes = std::mem::replace(&mut intake.0, emptied);
        self.0 =
            String::from_utf8(bytes).expect("the engine's window is valid UTF-8, and values begin and end in whole characters");
    }

    /// Keeps some kept texts joined by a separator.
    pub fn join(&mut self, parts: &[Slice], separator: &str) -> Option<Slice> {
        let (first, rest) = parts.split_first()?;
        if rest.is_empty() {
            return Some(*first);
        }
        let start = self.0.len();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.0.push_str(separator);
            }
            self.0.extend_from_within(part.range());
        }
        Some(Slice::new(start, self.0.len(), first.line))
    }

    /// The text of a slice.
    #[inline]
    pub fn get(&self, slice: Slice) -> &str {
        &self.0[slice.range()]
    }

    /// All kept texts, one behind the other.
    #[inline]
    pub fn all(&self) -> &str {
        &self.0
    }

    /// Number of bytes kept.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets all texts.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_taken_in_are_kept_under_their_slices() {
        let (mut intake, mut store) = (Intake::default(), TextStore::default());
        for round in 1..3 {
            let first = intake.add("Blå".as_bytes(), round);
            let second = intake.add("bær".as_bytes(), round);
            assert_eq!(intake.len(), 8);
            store.take_in(&mut intake);
            assert_eq!((store.get(first), store.get(second), store.all(), intake.len()), ("Blå", "bær", "Blåbær", 0));
            let joined = store.join(&[first, second], " ").expect("two parts");
            assert_eq!((store.get(joined), joined.line), ("Blå bær", round));
            store.clear();
        }
        assert_eq!(size_of::<Option<Slice>>(), size_of::<Slice>());
    }
}
