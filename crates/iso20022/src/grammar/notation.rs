//! Our own notation of a schema: a line a type, an indented line a particle.
//!
//! ```text
//! message pain.001.001.09
//! root Document Document
//! complex CashAccount38
//!   Id 1 AccountIdentification4Choice
//!   Ccy ? ActiveOrHistoricCurrencyCode
//! complex AccountIdentification4Choice
//!   choice
//!     IBAN 1 IBAN2007Identifier
//!     Othr 1 GenericAccountIdentification1
//! valued ActiveOrHistoricCurrencyAndAmount ActiveOrHistoricCurrencyAndAmount_SimpleType @Ccy ActiveOrHistoricCurrencyCode
//! simple Max35Text string length=1..35
//! ```
//!
//! Cardinalities are `1`, `?`, `*`, `+` or `min..max`. `any` is a wildcard, with its namespace if
//! it has one. Facets are `length=`, `total=`, `fraction=`, `not-negative`, `pattern=` and, last,
//! `enum=` with the values separated by blanks.

use super::model::{Base, ElementParticle, Facets, Particle, Schema, SimpleDefinition, TypeDefinition, TypeKind};
use super::pattern::Pattern;
use std::fmt::Write;

/// Why a text is not our notation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct NotationError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// Writes a schema in the notation.
pub fn write(schema: &Schema) -> String {
    let mut out = String::new();
    line(&mut out, format_args!("message {}", schema.message));
    line(&mut out, format_args!("root {} {}", schema.root, schema.root_type));
    for definition in &schema.types {
        write_type(&mut out, definition);
    }
    out
}

fn line(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("writing to a String cannot fail");
    out.push('\n');
}

fn write_type(out: &mut String, definition: &TypeDefinition) {
    let name = &definition.name;
    match &definition.kind {
        TypeKind::Simple(simple) => {
            line(out, format_args!("simple {name} {}{}", simple.base.name(), facets_text(&simple.facets)));
        }
        TypeKind::Valued { base, attribute, attribute_type } => {
            line(out, format_args!("valued {name} {base} @{attribute} {attribute_type}"));
        }
        TypeKind::Complex(particles) => {
            line(out, format_args!("complex {name}"));
            particles.iter().for_each(|particle| write_particle(out, particle));
        }
    }
}

fn write_particle(out: &mut String, particle: &Particle) {
    match particle {
        Particle::Element(element) => write_element(out, "  ", element),
        Particle::Choice(alternatives) => {
            line(out, format_args!("  choice"));
            alternatives.iter().for_each(|element| write_element(out, "    ", element));
        }
        Particle::Any { namespace: None } => line(out, format_args!("  any")),
        Particle::Any { namespace: Some(namespace) } => line(out, format_args!("  any {namespace}")),
    }
}

fn write_element(out: &mut String, indent: &str, element: &ElementParticle) {
    let cardinality = match (element.min, element.max) {
        (1, Some(1)) => "1".to_owned(),
        (0, Some(1)) => "?".to_owned(),
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (min, Some(max)) => format!("{min}..{max}"),
        (min, None) => format!("{min}.."),
    };
    line(out, format_args!("{indent}{} {cardinality} {}", element.name, element.type_name));
}

fn facets_text(facets: &Facets) -> String {
    let mut out = String::new();
    let bound = |value: Option<u32>| value.map(|number| number.to_string()).unwrap_or_default();
    if facets.min_length.is_some() || facets.max_length.is_some() {
        out += &format!(" length={}..{}", bound(facets.min_length), bound(facets.max_length));
    }
    if let Some(total) = facets.total_digits {
        out += &format!(" total={total}");
    }
    if let Some(fraction) = facets.fraction_digits {
        out += &format!(" fraction={fraction}");
    }
    if facets.not_negative {
        out += " not-negative";
    }
    if let Some(pattern) = &facets.pattern {
        out += &format!(" pattern={pattern}");
    }
    if !facets.enumeration.is_empty() {
        out += &format!(" enum={}", facets.enumeration.join(" "));
    }
    out
}

/// Reads a schema from the notation.
///
/// # Errors
/// The first line that is not understood.
pub fn parse(text: &str) -> Result<Schema, NotationError> {
    let mut schema = Schema { message: String::new(), root: String::new(), root_type: String::new(), types: Vec::new() };
    for (index, line) in text.lines().enumerate() {
        parse_line(&mut schema, line)
            .ok_or_else(|| NotationError { line: index + 1, problem: format!("not understood: {line}") })?;
    }
    Ok(schema)
}

fn parse_line(schema: &mut Schema, line: &str) -> Option<()> {
    if let Some(alternative) = line.strip_prefix("    ") {
        let element = parse_element(alternative)?;
        match particles(schema)?.last_mut()? {
            Particle::Choice(alternatives) => alternatives.push(element),
            _ => return None,
        }
        return Some(());
    }
    if let Some(particle) = line.strip_prefix("  ") {
        let particle = parse_particle(particle)?;
        particles(schema)?.push(particle);
        return Some(());
    }
    let (keyword, rest) = line.split_once(' ')?;
    match keyword {
        "message" => schema.message = rest.to_owned(),
        "root" => {
            let (root, root_type) = rest.split_once(' ')?;
            (schema.root, schema.root_type) = (root.to_owned(), root_type.to_owned());
        }
        _ => schema.types.push(parse_type(keyword, rest)?),
    }
    Some(())
}

fn particles(schema: &mut Schema) -> Option<&mut Vec<Particle>> {
    match &mut schema.types.last_mut()?.kind {
        TypeKind::Complex(particles) => Some(particles),
        _ => None,
    }
}

fn parse_particle(text: &str) -> Option<Particle> {
    Some(match text {
        "choice" => Particle::Choice(Vec::new()),
        "any" => Particle::Any { namespace: None },
        _ => match text.strip_prefix("any ") {
            Some(namespace) => Particle::Any { namespace: Some(namespace.to_owned()) },
            None => Particle::Element(parse_element(text)?),
        },
    })
}

fn parse_element(text: &str) -> Option<ElementParticle> {
    let mut words = text.split(' ');
    let (name, cardinality, type_name) = (words.next()?, words.next()?, words.next()?);
    let (min, max) = match cardinality {
        "1" => (1, Some(1)),
        "?" => (0, Some(1)),
        "*" => (0, None),
        "+" => (1, None),
        range => parse_range(range)?,
    };
    Some(ElementParticle { name: name.to_owned(), type_name: type_name.to_owned(), min, max })
}

fn parse_range(text: &str) -> Option<(u32, Option<u32>)> {
    let (min, max) = text.split_once("..")?;
    Some((min.parse().ok()?, if max.is_empty() { None } else { Some(max.parse().ok()?) }))
}

fn parse_type(keyword: &str, rest: &str) -> Option<TypeDefinition> {
    let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let kind = match keyword {
        "complex" => TypeKind::Complex(Vec::new()),
        "valued" => {
            let mut words = rest.split(' ');
            let (base, attribute, attribute_type) = (words.next()?, words.next()?, words.next()?);
            TypeKind::Valued {
                base: base.to_owned(),
                attribute: attribute.strip_prefix('@')?.to_owned(),
                attribute_type: attribute_type.to_owned(),
            }
        }
        "simple" => {
            let (base, facets) = rest.split_once(' ').unwrap_or((rest, ""));
            TypeKind::Simple(SimpleDefinition { base: Base::from_name(base)?, facets: parse_facets(facets)? })
        }
        _ => return None,
    };
    Some(TypeDefinition { name: name.to_owned(), kind })
}

fn parse_facets(text: &str) -> Option<Facets> {
    let mut facets = Facets::default();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(values) = rest.strip_prefix("enum=") {
            facets.enumeration = values.split(' ').map(str::to_owned).collect();
            break;
        }
        let (facet, after) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = after;
        match facet.split_once('=') {
            Some(("length", range)) => (facets.min_length, facets.max_length) = parse_bounds(range)?,
            Some(("total", digits)) => facets.total_digits = Some(digits.parse().ok()?),
            Some(("fraction", digits)) => facets.fraction_digits = Some(digits.parse().ok()?),
            Some(("pattern", pattern)) => facets.pattern = Some(Pattern::parse_schema(pattern).ok()?),
            None if facet == "not-negative" => facets.not_negative = true,
            _ => return None,
        }
    }
    Some(facets)
}

fn parse_bounds(text: &str) -> Option<(Option<u32>, Option<u32>)> {
    let (min, max) = text.split_once("..")?;
    let bound = |digits: &str| match digits {
        "" => Some(None),
        digits => digits.parse().ok().map(Some),
    };
    Some((bound(min)?, bound(max)?))
}
