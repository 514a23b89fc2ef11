//! The part of XML Schema that the ISO 20022 messages use, as plain data.

use super::pattern::Pattern;

/// One message's schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The message's name, such as `pain.001.001.09`: the last part of the namespace.
    pub message: String,
    /// The name of the only global element; it is `Document` in all messages but `head.001`.
    pub root: String,
    /// The root element's type.
    pub root_type: String,
    /// All types by name, in the order of the schema.
    pub types: Vec<TypeDefinition>,
}

/// A named type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeDefinition {
    /// Its name in the schema.
    pub name: String,
    /// What it allows.
    pub kind: TypeKind,
}

/// What a type allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeKind {
    /// Child elements only, in the order of the particles.
    Complex(Vec<Particle>),
    /// A value with one required attribute (an amount with its currency).
    Valued {
        /// The simple type of the value.
        base: String,
        /// The attribute's name.
        attribute: String,
        /// The attribute's simple type.
        attribute_type: String,
    },
    /// A value.
    Simple(SimpleDefinition),
}

/// One member of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Particle {
    /// An element.
    Element(ElementParticle),
    /// Exactly one of several elements.
    Choice(Vec<ElementParticle>),
    /// Exactly one element of any name, validated only where its declaration is known (lax).
    Any {
        /// The only namespace allowed; `None` allows every one.
        namespace: Option<String>,
    },
}

/// An element with its cardinality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElementParticle {
    /// Local name.
    pub name: String,
    /// Name of its type.
    pub type_name: String,
    /// Least number of occurrences: 0 or 1.
    pub min: u32,
    /// Greatest number of occurrences; `None` is unbounded.
    pub max: Option<u32>,
}

/// A value type: a built-in type narrowed by facets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimpleDefinition {
    /// The built-in type.
    pub base: Base,
    /// Its facets.
    pub facets: Facets,
}

/// The built-in types that occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// `xs:string`, white space preserved.
    Text,
    /// `xs:decimal`.
    Decimal,
    /// `xs:boolean`.
    Boolean,
    /// `xs:date`.
    Date,
    /// `xs:dateTime`.
    DateTime,
    /// `xs:time`.
    Time,
    /// `xs:gYear`.
    Year,
    /// `xs:gYearMonth`.
    YearMonth,
    /// `xs:base64Binary`; its lengths count octets.
    Base64,
}

impl Base {
    const NAMES: [(Base, &'static str); 9] = [
        (Base::Text, "string"),
        (Base::Decimal, "decimal"),
        (Base::Boolean, "boolean"),
        (Base::Date, "date"),
        (Base::DateTime, "dateTime"),
        (Base::Time, "time"),
        (Base::Year, "gYear"),
        (Base::YearMonth, "gYearMonth"),
        (Base::Base64, "base64Binary"),
    ];

    /// The name in XML Schema, without prefix.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(base, _)| *base == self).map_or("string", |(_, name)| name)
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Base> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(base, _)| *base)
    }
}

/// The facets of a value type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Least length in characters (octets for base64).
    pub min_length: Option<u32>,
    /// Greatest length in characters (octets for base64).
    pub max_length: Option<u32>,
    /// Greatest number of significant digits.
    pub total_digits: Option<u32>,
    /// Greatest number of significant decimals.
    pub fraction_digits: Option<u32>,
    /// `minInclusive` of zero: no negative number. The schemas know no other bound.
    pub not_negative: bool,
    /// The pattern the whole value must match.
    pub pattern: Option<Pattern>,
    /// The only values allowed; empty when every value is.
    pub enumeration: Vec<String>,
}
