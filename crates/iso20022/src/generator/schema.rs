//! From the schema's elements to the grammar model.

use super::GeneratorError;
use super::markup::{self, Element};
use crate::grammar::model::{Base, ElementParticle, Facets, Particle, Schema, SimpleDefinition, TypeDefinition, TypeKind};
use crate::grammar::pattern::Pattern;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:";

/// Reads the text of an official schema.
///
/// # Errors
/// Any construct that the grammar model cannot express.
pub fn schema_from_xsd(text: &str) -> Result<Schema, GeneratorError> {
    let root = markup::read(text)?;
    expect_name(&root, "xs:schema")?;
    root.only_attributes(&["xmlns", "xmlns:xs", "elementFormDefault", "targetNamespace"])?;
    let namespace = root.required("targetNamespace")?;
    let message =
        namespace.strip_prefix(NAMESPACE).ok_or_else(|| GeneratorError::new(namespace, "is not a namespace of ISO 20022"))?;
    if root.required("elementFormDefault")? != "qualified" || root.attribute("xmlns") != Some(namespace) {
        return Err(GeneratorError::new(message, "elements are not qualified in the target namespace"));
    }
    let mut schema = Schema { message: message.to_owned(), root: String::new(), root_type: String::new(), types: Vec::new() };
    for child in &root.children {
        match child.name.as_str() {
            "xs:element" => read_root(&mut schema, child)?,
            "xs:complexType" => schema.types.push(complex_type(child)?),
            "xs:simpleType" => schema.types.push(simple_type(child)?),
            other => return Err(GeneratorError::new(other, "unknown at the top level")),
        }
    }
    check_references(&schema)?;
    Ok(schema)
}

fn expect_name(element: &Element, name: &str) -> Result<(), GeneratorError> {
    if element.name == name {
        return Ok(());
    }
    Err(GeneratorError::new(&element.name, format!("{name} was expected")))
}

fn only_child<'e>(element: &'e Element, place: &str) -> Result<&'e Element, GeneratorError> {
    match element.children.as_slice() {
        [child] => Ok(child),
        _ => Err(GeneratorError::new(place, format!("{} must have exactly one child", element.name))),
    }
}

fn read_root(schema: &mut Schema, element: &Element) -> Result<(), GeneratorError> {
    element.only_attributes(&["name", "type"])?;
    if !schema.root.is_empty() {
        return Err(GeneratorError::new(element.required("name")?, "a second global element"));
    }
    schema.root = element.required("name")?.to_owned();
    schema.root_type = element.required("type")?.to_owned();
    Ok(())
}

fn complex_type(element: &Element) -> Result<TypeDefinition, GeneratorError> {
    element.only_attributes(&["name"])?;
    let name = element.required("name")?;
    let body = only_child(element, name)?;
    body.only_attributes(&[])?;
    let kind = match body.name.as_str() {
        "xs:sequence" => TypeKind::Complex(body.children.iter().map(|child| particle(child, name)).collect::<Result<_, _>>()?),
        "xs:choice" => TypeKind::Complex(vec![choice(body, name)?]),
        "xs:simpleContent" => valued(only_child(body, name)?, name)?,
        other => return Err(GeneratorError::new(name, format!("unknown content {other}"))),
    };
    Ok(TypeDefinition { name: name.to_owned(), kind })
}

fn particle(element: &Element, place: &str) -> Result<Particle, GeneratorError> {
    match element.name.as_str() {
        "xs:element" => Ok(Particle::Element(element_particle(element, place)?)),
        "xs:choice" => choice(element, place),
        "xs:any" => any(element, place),
        other => Err(GeneratorError::new(place, format!("unknown particle {other}"))),
    }
}

fn choice(element: &Element, place: &str) -> Result<Particle, GeneratorError> {
    element.only_attributes(&[])?;
    let alternative = |child: &Element| {
        expect_name(child, "xs:element")?;
        element_particle(child, place)
    };
    Ok(Particle::Choice(element.children.iter().map(alternative).collect::<Result<_, _>>()?))
}

fn any(element: &Element, place: &str) -> Result<Particle, GeneratorError> {
    element.only_attributes(&["namespace", "processContents"])?;
    if element.required("processContents")? != "lax" {
        return Err(GeneratorError::new(place, "a wildcard that is not lax"));
    }
    match element.required("namespace")? {
        "##any" => Ok(Particle::Any { namespace: None }),
        special if special.starts_with("##") || special.contains(' ') => {
            Err(GeneratorError::new(place, format!("unknown wildcard namespace {special}")))
        }
        namespace => Ok(Particle::Any { namespace: Some(namespace.to_owned()) }),
    }
}

fn element_particle(element: &Element, place: &str) -> Result<ElementParticle, GeneratorError> {
    element.only_attributes(&["name", "type", "minOccurs", "maxOccurs"])?;
    if !element.children.is_empty() {
        return Err(GeneratorError::new(place, "an element with a type of its own"));
    }
    let min = match element.attribute("minOccurs") {
        None => 1,
        Some(text) => number(text, place)?,
    };
    let max = match element.attribute("maxOccurs") {
        None => Some(1),
        Some("unbounded") => None,
        Some(text) => Some(number(text, place)?),
    };
    if min > 1 || max == Some(0) {
        return Err(GeneratorError::new(place, "a cardinality that the engine does not count"));
    }
    Ok(ElementParticle { name: element.required("name")?.to_owned(), type_name: element.required("type")?.to_owned(), min, max })
}

fn number(text: &str, place: &str) -> Result<u32, GeneratorError> {
    text.parse().map_err(|_| GeneratorError::new(place, format!("{text} is not a number")))
}

fn valued(extension: &Element, place: &str) -> Result<TypeKind, GeneratorError> {
    expect_name(extension, "xs:extension")?;
    extension.only_attributes(&["base"])?;
    let attribute = only_child(extension, place)?;
    expect_name(attribute, "xs:attribute")?;
    attribute.only_attributes(&["name", "type", "use"])?;
    if attribute.required("use")? != "required" {
        return Err(GeneratorError::new(place, "an attribute that is not required"));
    }
    Ok(TypeKind::Valued {
        base: extension.required("base")?.to_owned(),
        attribute: attribute.required("name")?.to_owned(),
        attribute_type: attribute.required("type")?.to_owned(),
    })
}

fn simple_type(element: &Element) -> Result<TypeDefinition, GeneratorError> {
    element.only_attributes(&["name"])?;
    let name = element.required("name")?;
    let restriction = only_child(element, name)?;
    expect_name(restriction, "xs:restriction")?;
    restriction.only_attributes(&["base"])?;
    let base = restriction
        .required("base")?
        .strip_prefix("xs:")
        .and_then(Base::from_name)
        .ok_or_else(|| GeneratorError::new(name, "unknown base type"))?;
    let mut facets = Facets::default();
    for facet in &restriction.children {
        add_facet(&mut facets, base, facet, name)?;
    }
    Ok(TypeDefinition { name: name.to_owned(), kind: TypeKind::Simple(SimpleDefinition { base, facets }) })
}

fn add_facet(facets: &mut Facets, base: Base, facet: &Element, place: &str) -> Result<(), GeneratorError> {
    facet.only_attributes(&["value"])?;
    let value = facet.required("value")?;
    let once = |slot: &mut Option<u32>| match slot.replace(number(value, place)?) {
        None => Ok(()),
        Some(_) => Err(GeneratorError::new(place, format!("{} stands twice", facet.name))),
    };
    match (facet.name.as_str(), base) {
        ("xs:minLength", Base::Text | Base::Base64) => once(&mut facets.min_length),
        ("xs:maxLength", Base::Text | Base::Base64) => once(&mut facets.max_length),
        ("xs:totalDigits", Base::Decimal) => once(&mut facets.total_digits),
        ("xs:fractionDigits", Base::Decimal) => once(&mut facets.fraction_digits),
        ("xs:minInclusive", Base::Decimal) if value == "0" => {
            facets.not_negative = true;
            Ok(())
        }
        ("xs:pattern", Base::Text) if facets.pattern.is_none() => {
            let pattern = Pattern::parse_schema(value);
            facets.pattern = Some(pattern.map_err(|error| GeneratorError::new(place, error.to_string()))?);
            Ok(())
        }
        ("xs:enumeration", Base::Text) if !value.is_empty() && !value.contains(' ') => {
            facets.enumeration.push(value.to_owned());
            Ok(())
        }
        (name, _) => Err(GeneratorError::new(place, format!("unknown facet {name} = {value}"))),
    }
}

fn check_references(schema: &Schema) -> Result<(), GeneratorError> {
    let known = |name: &str| schema.types.iter().any(|definition| definition.name == name);
    let missing = |name: &str| GeneratorError::new(name, "is not defined");
    if !known(&schema.root_type) {
        return Err(missing(&schema.root_type));
    }
    for definition in &schema.types {
        let unknown = references(&definition.kind).into_iter().find(|name| !known(name));
        if let Some(name) = unknown {
            return Err(missing(name));
        }
    }
    Ok(())
}

fn references(kind: &TypeKind) -> Vec<&str> {
    match kind {
        TypeKind::Simple(_) => Vec::new(),
        TypeKind::Valued { base, attribute_type, .. } => vec![base, attribute_type],
        TypeKind::Complex(particles) => particles
            .iter()
            .flat_map(|particle| match particle {
                Particle::Element(element) => std::slice::from_ref(element),
                Particle::Choice(alternatives) => alternatives.as_slice(),
                Particle::Any { .. } => &[],
            })
            .map(|element| element.type_name.as_str())
            .collect(),
    }
}
