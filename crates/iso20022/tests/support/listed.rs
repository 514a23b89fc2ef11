//! What we refuse although libxml2 accepts it: each class with its reason. Anything else that we
//! refuse and it accepts is a fault of ours.

use iso20022::{Finding, Level};

/// A class of files that are refused on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listed {
    /// A document type can define entities, read other files and change the content: never.
    DocumentType,
    /// Encodings that no bank sends: the messages are UTF-8 by the standard.
    Encoding,
    /// What Namespaces in XML 1.0 forbids and libxml2 only warns of: a prefix that is not declared, a name that begins or
    /// ends with a colon, a declaration of a reserved or empty name, one attribute by two prefixes, a colon in the target of an instruction.
    Namespaces,
    /// A zero byte, which XML has not; libxml2 takes it for the end of the file.
    ZeroByte,
    /// `xsi:type` on an element of a wildcard: which type that would be, a receiver need not know.
    TypeInWildcard,
    /// Beyond a limit: 64 elements inside each other, 64 attributes, 1 MiB in one tag, value or comment, 1 KiB in one name.
    Limit,
}

/// The class of a refusal, by its first finding.
pub fn class(finding: &Finding) -> Option<Listed> {
    let said =
        |part: &str| finding.text.en.contains(part) || finding.expected.en.contains(part) || finding.found.en.contains(part);
    match finding.level {
        Level::Unreadable if said("DOCTYPE") => Some(Listed::DocumentType),
        Level::Unreadable if said("encoding") => Some(Listed::Encoding),
        Level::Unreadable
            if said("declared prefix")
                || said("qualified name")
                || said("reserved or empty name")
                || said("attribute twice")
                || said("has no colon") =>
        {
            Some(Listed::Namespaces)
        }
        Level::Unreadable if said("characters allowed in XML") => Some(Listed::ZeroByte),
        Level::Unreadable if said("beyond a limit") => Some(Listed::Limit),
        Level::Schema if said("no such attribute") && finding.found.en.ends_with(":type") => Some(Listed::TypeInWildcard),
        _ => None,
    }
}
