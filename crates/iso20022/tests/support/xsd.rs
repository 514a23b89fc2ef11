//! XML Schema from a grammar, so that `xmllint` can judge where the official schemas are not at hand.

use iso20022::grammar::model::{ElementParticle, Facets, Particle, Schema, SimpleDefinition, TypeKind};

/// The schema as XML; the generator reads it back to the same grammar.
pub fn write(schema: &Schema) -> String {
    let namespace = format!("urn:iso:std:iso:20022:tech:xsd:{}", schema.message);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xs:schema xmlns=\"{namespace}\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" \
         elementFormDefault=\"qualified\" targetNamespace=\"{namespace}\">\n<xs:element name=\"{}\" type=\"{}\"/>\n",
        schema.root, schema.root_type
    );
    for definition in &schema.types {
        let name = &definition.name;
        out += &match &definition.kind {
            TypeKind::Complex(particles) => {
                let body: String = particles.iter().map(particle).collect();
                format!("<xs:complexType name=\"{name}\"><xs:sequence>{body}</xs:sequence></xs:complexType>\n")
            }
            TypeKind::Valued { base, attribute, attribute_type } => format!(
                "<xs:complexType name=\"{name}\"><xs:simpleContent><xs:extension base=\"{base}\">\
                 <xs:attribute name=\"{attribute}\" type=\"{attribute_type}\" use=\"required\"/></xs:extension></xs:simpleContent></xs:complexType>\n"
            ),
            TypeKind::Simple(simple) => format!("<xs:simpleType name=\"{name}\">{}</xs:simpleType>\n", restriction(simple)),
        };
    }
    out + "</xs:schema>\n"
}

fn particle(particle: &Particle) -> String {
    match particle {
        Particle::Element(one) => element(one),
        Particle::Choice(alternatives) => {
            format!("<xs:choice>{}</xs:choice>", alternatives.iter().map(element).collect::<String>())
        }
        Particle::Any { namespace } => {
            format!("<xs:any namespace=\"{}\" processContents=\"lax\"/>", namespace.as_deref().unwrap_or("##any"))
        }
    }
}

fn element(element: &ElementParticle) -> String {
    let max = element.max.map_or("unbounded".to_owned(), |max| max.to_string());
    let (name, type_name, min) = (&element.name, &element.type_name, element.min);
    format!("<xs:element name=\"{name}\" type=\"{type_name}\" minOccurs=\"{min}\" maxOccurs=\"{max}\"/>")
}

fn restriction(simple: &SimpleDefinition) -> String {
    let Facets { min_length, max_length, total_digits, fraction_digits, not_negative, pattern, enumeration } = &simple.facets;
    let numbers = [
        ("minLength", min_length),
        ("maxLength", max_length),
        ("totalDigits", total_digits),
        ("fractionDigits", fraction_digits),
    ];
    let mut facets = String::new();
    for (name, value) in numbers {
        if let Some(value) = value {
            facets += &format!("<xs:{name} value=\"{value}\"/>");
        }
    }
    if *not_negative {
        facets += "<xs:minInclusive value=\"0\"/>";
    }
    if let Some(pattern) = pattern {
        facets += &format!("<xs:pattern value=\"{pattern}\"/>");
    }
    for value in enumeration {
        facets += &format!("<xs:enumeration value=\"{value}\"/>");
    }
    format!("<xs:restriction base=\"xs:{}\">{facets}</xs:restriction>", simple.base.name())
}
