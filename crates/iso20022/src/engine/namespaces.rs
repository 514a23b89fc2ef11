//! Namespace declarations in force.

use super::problem::{Halt, Problem};

const XML: &[u8] = b"http://www.w3.org/XML/1998/namespace";
const XMLNS: &[u8] = b"http://www.w3.org/2000/xmlns/";
/// The namespace of `xsi:type` and its siblings.
pub(crate) const SCHEMA_INSTANCE: &[u8] = b"http://www.w3.org/2001/XMLSchema-instance";

/// Most declarations in force at a time, and most bytes of their names; the messages need two or three. Every prefix is
/// looked up among them, so without a bound a file could make each name cost as much as a thousand.
const MAX_DECLARATIONS: usize = 64;
const MAX_BYTES: usize = 64 * 1024;

/// The stack of declarations, innermost last. Popping keeps the memory for the next ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Namespaces {
    declarations: Vec<Declaration>,
    text: Vec<u8>,
    /// Whether names without prefix are in the message's namespace.
    default_is_target: bool,
    target: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Declaration {
    prefix_start: usize,
    uri_start: usize,
    end: usize,
    default_before: bool,
}

fn bad<T>(expected: &str, found: &str) -> Result<T, Halt> {
    Err(Halt::Bad(Box::new(Problem::syntax(expected, found))))
}

impl Namespaces {
    /// Says which namespace is the message's.
    pub fn set_target(&mut self, target: &str) {
        self.target = target.as_bytes().to_vec();
        self.default_is_target = self.resolve(b"") == Some(target.as_bytes());
    }

    /// Whether names without prefix are in the message's namespace.
    #[inline]
    pub fn default_is_target(&self) -> bool {
        self.default_is_target
    }

    /// The message's namespace.
    pub fn is_target(&self, namespace: &[u8]) -> bool {
        namespace == self.target
    }

    /// Number of declarations in force; give it to [`Namespaces::pop_to`] when the element ends.
    pub fn depth(&self) -> usize {
        self.declarations.len()
    }

    /// Adds a declaration; the prefix is empty for the default namespace.
    pub fn declare(&mut self, prefix: &[u8], uri: &[u8]) -> Result<(), Halt> {
        let legal = match prefix {
            b"xmlns" => false,
            b"xml" => uri == XML,
            b"" => uri != XML && uri != XMLNS,
            _ => !uri.is_empty() && uri != XML && uri != XMLNS,
        };
        if !legal {
            return bad("a legal namespace declaration", "a reserved or empty name");
        }
        let prefix_start = self.text.len();
        if self.declarations.len() >= MAX_DECLARATIONS || prefix_start + prefix.len() + uri.len() > MAX_BYTES {
            return Err(Halt::Bad(Box::new(Problem::limit("at most 64 namespaces, of 64 KiB together"))));
        }
        self.text.extend_from_slice(prefix);
        let uri_start = self.text.len();
        self.text.extend_from_slice(uri);
        let declaration = Declaration { prefix_start, uri_start, end: self.text.len(), default_before: self.default_is_target };
        self.declarations.push(declaration);
        if prefix.is_empty() {
            self.default_is_target = uri == self.target;
        }
        Ok(())
    }

    /// Takes back the declarations beyond a depth.
    #[inline]
    pub fn pop_to(&mut self, depth: usize) {
        while self.declarations.len() > depth {
            if let Some(last) = self.declarations.pop() {
                self.text.truncate(last.prefix_start);
                self.default_is_target = last.default_before;
            }
        }
    }

    /// The namespace of a prefix; the default namespace for the empty one, which may be none
    /// (the empty text). `None` when the prefix is not declared.
    pub fn resolve(&self, prefix: &[u8]) -> Option<&[u8]> {
        if prefix == b"xml" {
            return Some(XML);
        }
        self.declarations
            .iter()
            .rev()
            .find(|declaration| &self.text[declaration.prefix_start..declaration.uri_start] == prefix)
            .map(|declaration| &self.text[declaration.uri_start..declaration.end])
            .or(prefix.is_empty().then_some(&[]))
    }

    /// Splits a name as written and resolves its prefix.
    pub fn resolve_name<'n>(&self, name: &'n [u8]) -> Result<(&[u8], &'n [u8]), Halt> {
        let (prefix, local) = split(name);
        match self.resolve(prefix) {
            Some(namespace) => Ok((namespace, local)),
            None => bad("a declared prefix", "an undeclared one"),
        }
    }
}

/// Prefix (perhaps empty) and local name.
pub(crate) fn split(name: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b':', name) {
        Some(colon) => (&name[..colon], &name[colon + 1..]),
        None => (&[], name),
    }
}
