//! A message's types, found by name.

use iso20022::MessageKind;
use iso20022::grammar::model::{ElementParticle, Particle, Schema, SimpleDefinition, TypeKind};
use iso20022::grammar::notation;
use std::collections::{BTreeSet, HashMap};

pub struct Types {
    pub schema: Schema,
    places: HashMap<String, usize>,
    /// For each type, those that have an element of it.
    owners: HashMap<String, Vec<String>>,
}

impl Types {
    pub fn of(kind: MessageKind) -> Types {
        let schema = notation::parse(kind.grammar()).expect("the grammars are tested");
        let places = schema.types.iter().enumerate().map(|(place, definition)| (definition.name.clone(), place)).collect();
        let mut types = Types { schema, places, owners: HashMap::new() };
        let mut owners: HashMap<String, Vec<String>> = HashMap::new();
        for definition in &types.schema.types {
            for element in types.children(&definition.name) {
                owners.entry(element.type_name.clone()).or_default().push(definition.name.clone());
            }
        }
        types.owners = owners;
        types
    }

    /// The types that have an element of this type.
    pub fn owners(&self, type_name: &str) -> &[String] {
        self.owners.get(type_name).map_or(&[], Vec::as_slice)
    }

    pub fn namespace(&self) -> String {
        format!("urn:iso:std:iso:20022:tech:xsd:{}", self.schema.message)
    }

    pub fn kind(&self, type_name: &str) -> &TypeKind {
        &self.schema.types[self.places[type_name]].kind
    }

    /// The root element, as if it were a child.
    pub fn root(&self) -> ElementParticle {
        let (name, type_name) = (self.schema.root.clone(), self.schema.root_type.clone());
        ElementParticle { name, type_name, min: 1, max: Some(1) }
    }

    /// All elements a type may have as children; none where it holds a value.
    pub fn children(&self, type_name: &str) -> Vec<&ElementParticle> {
        let TypeKind::Complex(particles) = self.kind(type_name) else { return Vec::new() };
        particles.iter().flat_map(elements).collect()
    }

    /// The declaration of a child.
    pub fn child(&self, type_name: &str, name: &str) -> Option<&ElementParticle> {
        self.children(type_name).into_iter().find(|element| element.name == name)
    }

    /// What the value of a type must be; `None` where it has no value.
    pub fn value(&self, type_name: &str) -> Option<&SimpleDefinition> {
        match self.kind(type_name) {
            TypeKind::Simple(simple) => Some(simple),
            TypeKind::Valued { base, .. } => self.value(base),
            TypeKind::Complex(_) => None,
        }
    }

    /// The required attribute of a type and what its value must be.
    pub fn attribute(&self, type_name: &str) -> Option<(&str, &SimpleDefinition)> {
        match self.kind(type_name) {
            TypeKind::Valued { attribute, attribute_type, .. } => Some((attribute, self.value(attribute_type)?)),
            _ => None,
        }
    }

    /// Every element of every type that the root leads to: the type's name and the element's.
    pub fn places(&self) -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        let mut open = vec![self.schema.root_type.as_str()];
        let mut seen = BTreeSet::new();
        while let Some(type_name) = open.pop() {
            if !seen.insert(type_name) {
                continue;
            }
            for element in self.children(type_name) {
                found.insert((type_name.to_owned(), element.name.clone()));
                open.push(&element.type_name);
            }
        }
        found
    }
}

fn elements(particle: &Particle) -> &[ElementParticle] {
    match particle {
        Particle::Element(element) => std::slice::from_ref(element),
        Particle::Choice(alternatives) => alternatives.as_slice(),
        Particle::Any { .. } => &[],
    }
}
