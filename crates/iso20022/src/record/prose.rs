//! Texts for people.

use std::fmt;

/// A text for people, such as a name or an explanation. When written it is made to fit: characters that XML does not allow
/// become blanks, and a text that is too long is cut or, where the element may be repeated, spread over several.
///
/// `Debug` hides it, for it may say anything of anybody.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Prose<'a>(pub &'a str);

impl<'a> Prose<'a> {
    /// The text.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl<'a> From<&'a str> for Prose<'a> {
    fn from(text: &'a str) -> Self {
        Prose(text)
    }
}

impl fmt::Debug for Prose<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        primitives::mask::hidden(out, "Prose")
    }
}
