//! Valid files of any message, made by chance from its grammar.

use crate::mutate::Dice;
use iso20022::MessageKind;
use iso20022::grammar::model::{Base, ElementParticle, Particle, Schema, SimpleDefinition, TypeKind};
use iso20022::grammar::notation;

/// A valid file; the same dice give the same file.
pub fn sample(kind: MessageKind, dice: &mut Dice) -> String {
    let schema = notation::parse(kind.grammar()).expect("the grammars are tested");
    let mut sample = Sample { schema, dice, text: String::new() };
    sample.text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{} xmlns=\"{}\">", sample.schema.root, kind.namespace());
    let root_type = sample.schema.root_type.clone();
    sample.content(&root_type, 0);
    sample.text += &format!("</{}>\n", sample.schema.root);
    sample.text
}

struct Sample<'d> {
    schema: Schema,
    dice: &'d mut Dice,
    text: String,
}

impl Sample<'_> {
    fn kind_of(&self, name: &str) -> TypeKind {
        let found = self.schema.types.iter().find(|definition| definition.name == name);
        found.expect("the grammars are tested").kind.clone()
    }

    /// The content of an element of a complex type; deeper elements have fewer optional children.
    fn content(&mut self, type_name: &str, depth: usize) {
        let TypeKind::Complex(particles) = self.kind_of(type_name) else { return };
        for particle in &particles {
            match particle {
                Particle::Element(element) => self.element(element, depth),
                Particle::Choice(alternatives) => {
                    let chosen = self.dice.below(alternatives.len());
                    self.element(&alternatives[chosen], depth);
                }
                Particle::Any { namespace } => {
                    let namespace = namespace.as_deref().unwrap_or("urn:example");
                    self.text += &format!("<e:any xmlns:e=\"{namespace}\">1<e:b/></e:any>");
                }
            }
        }
    }

    fn element(&mut self, element: &ElementParticle, depth: usize) {
        let wanted = element.min.max(u32::from(self.dice.below(depth * 2 + 1) == 0 || self.dice.below(6) == 0));
        let count = if wanted > 0 && element.max != Some(1) { 1 + self.dice.below(2) } else { wanted as usize };
        if element.min == 0 && (depth > 9 || self.text.len() > 12_000) {
            return;
        }
        for _ in 0..count {
            self.text += &format!("\n<{}", element.name);
            match self.kind_of(&element.type_name) {
                TypeKind::Complex(_) => {
                    self.text.push('>');
                    self.content(&element.type_name, depth + 1);
                }
                TypeKind::Simple(simple) => self.text += &format!(">{}", self.value(&simple)),
                TypeKind::Valued { base, attribute, attribute_type } => {
                    let (value, attribute_value) = (self.simple_value(&base), self.simple_value(&attribute_type));
                    self.text += &format!(" {attribute}=\"{attribute_value}\">{value}");
                }
            }
            self.text += &format!("</{}>", element.name);
        }
    }

    fn simple_value(&self, name: &str) -> String {
        match self.kind_of(name) {
            TypeKind::Simple(simple) => self.value(&simple),
            _ => String::new(),
        }
    }

    fn value(&self, simple: &SimpleDefinition) -> String {
        let facets = &simple.facets;
        if let Some(pattern) = &facets.pattern {
            return pattern.example();
        }
        if let Some(first) = facets.enumeration.last() {
            return first.clone();
        }
        match simple.base {
            Base::Text => "Ab1".repeat(1 + facets.min_length.unwrap_or(1) as usize / 3)
                [..facets.max_length.unwrap_or(3).min(3) as usize]
                .to_owned(),
            Base::Decimal => "12".to_owned(),
            Base::Boolean => "true".to_owned(),
            Base::Date => "2026-03-02".to_owned(),
            Base::DateTime => "2026-03-02T10:00:00Z".to_owned(),
            Base::Time => "10:00:00".to_owned(),
            Base::Year => "2026".to_owned(),
            Base::YearMonth => "2026-03".to_owned(),
            Base::Base64 => "QUJD".to_owned(),
        }
    }
}
