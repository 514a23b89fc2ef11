//! What a reader refuses to go beyond, so that no file can exhaust it.

/// Bounds on one file. Memory does not grow with the file's size, only with these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Deepest nesting of elements. The messages need less than 20; the rest is for envelopes.
    pub depth: usize,
    /// Longest single tag, value, comment or processing instruction, in bytes; and the most that is kept of a payment or another record.
    pub construct_bytes: usize,
    /// Most findings against the schema that are kept; the reader stops at the next one.
    pub findings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth: 64, construct_bytes: 1 << 20, findings: 100 }
    }
}
