//! A short text kept in place, so that values of it are `Copy` and parsing them allocates nothing.

/// At most `N` bytes of UTF-8 (`N` ≤ 255). The unused rest is zero, so derived equality, order and hash follow the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct InlineText<const N: usize> {
    bytes: [u8; N],
    length: u8,
}

impl<const N: usize> InlineText<N> {
    /// Copies `text`, or `None` when it is longer than `N` bytes.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length: u8::try_from(text.len()).ok()? })
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).expect("the bytes were copied whole from a str")
    }
}
