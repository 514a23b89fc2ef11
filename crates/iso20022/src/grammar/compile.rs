//! From the schema model to the engine's tables.

use super::model::{ElementParticle, Particle, Schema, TypeKind};
use super::tables::{ComplexType, Content, SimpleType, Slot, Tables, ValuedType};
use crate::message::NAMESPACE_PREFIX;
use std::collections::HashMap;

/// Why a schema cannot be walked by the engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct CompileError {
    place: String,
    problem: &'static str,
}

impl Tables {
    /// Compiles a schema.
    ///
    /// # Errors
    /// A reference to an unknown type, or a content model that the engine cannot walk.
    pub(crate) fn compile(schema: &Schema) -> Result<Tables, CompileError> {
        Compiler::new(schema).compile(schema)
    }
}

struct Compiler {
    contents: HashMap<String, Content>,
    tables: Tables,
}

fn fail<T>(place: &str, problem: &'static str) -> Result<T, CompileError> {
    Err(CompileError { place: place.to_owned(), problem })
}

fn index(position: usize) -> u16 {
    u16::try_from(position).expect("a schema has fewer than 65,536 elements")
}

impl Compiler {
    fn new(schema: &Schema) -> Self {
        Compiler {
            contents: HashMap::new(),
            tables: Tables {
                message: schema.message.clone(),
                namespace: format!("{NAMESPACE_PREFIX}{}", schema.message),
                root: 0,
                complexes: Vec::new(),
                slots: Vec::new(),
                simples: Vec::new(),
                valued: Vec::new(),
                wildcards: Vec::new(),
            },
        }
    }

    fn compile(mut self, schema: &Schema) -> Result<Tables, CompileError> {
        self.number_types(schema);
        self.link_valued(schema)?;
        for definition in &schema.types {
            match &definition.kind {
                TypeKind::Complex(particles) if !is_wildcard(particles) => {
                    self.complex(&definition.name, particles)?;
                }
                _ => {}
            }
        }
        let root = ElementParticle { name: schema.root.clone(), type_name: schema.root_type.clone(), min: 1, max: Some(1) };
        self.tables.root = index(self.tables.slots.len());
        let slot = self.slot(&root)?;
        self.tables.slots.push(slot);
        let beginnings = self.tables.slots.len()..;
        for (complex, beginning) in self.tables.complexes.iter_mut().zip(beginnings) {
            complex.beginning = index(beginning);
        }
        Ok(self.tables)
    }

    /// Gives every type its number; types refer to each other in any order.
    fn number_types(&mut self, schema: &Schema) {
        let (mut complexes, mut valued) = (0, 0);
        for definition in &schema.types {
            let content = match &definition.kind {
                TypeKind::Simple(simple) => {
                    self.tables.simples.push(SimpleType::new(simple.base, &simple.facets));
                    Content::Simple(index(self.tables.simples.len() - 1))
                }
                TypeKind::Valued { .. } => {
                    valued += 1;
                    Content::Valued(index(valued - 1))
                }
                TypeKind::Complex(particles) => match particles.as_slice() {
                    [Particle::Any { namespace }] => {
                        self.tables.wildcards.push(namespace.clone());
                        Content::Any(index(self.tables.wildcards.len() - 1))
                    }
                    _ => {
                        complexes += 1;
                        Content::Complex(index(complexes - 1))
                    }
                },
            };
            self.contents.insert(definition.name.clone(), content);
        }
    }

    fn link_valued(&mut self, schema: &Schema) -> Result<(), CompileError> {
        for definition in &schema.types {
            if let TypeKind::Valued { base, attribute, attribute_type } = &definition.kind {
                let valued = ValuedType {
                    value: self.simple(base)?,
                    attribute_name: attribute.clone(),
                    attribute: self.simple(attribute_type)?,
                };
                self.tables.valued.push(valued);
            }
        }
        Ok(())
    }

    fn simple(&self, name: &str) -> Result<u16, CompileError> {
        match self.contents.get(name) {
            Some(Content::Simple(number)) => Ok(*number),
            _ => fail(name, "is not a simple type"),
        }
    }

    fn slot(&self, element: &ElementParticle) -> Result<Slot, CompileError> {
        let Some(content) = self.contents.get(&element.type_name) else {
            return fail(&element.type_name, "is not defined");
        };
        Ok(Slot::new(&element.name, *content, element.max, &element.type_name))
    }

    fn complex(&mut self, name: &str, particles: &[Particle]) -> Result<(), CompileError> {
        let first = self.tables.slots.len();
        let mut groups = Vec::new();
        for particle in particles {
            let start = self.tables.slots.len();
            let elements = match particle {
                Particle::Element(element) => std::slice::from_ref(element),
                Particle::Choice(alternatives) => alternatives.as_slice(),
                Particle::Any { .. } => return fail(name, "a wildcard beside other particles"),
            };
            for element in elements {
                let slot = self.slot(element)?;
                self.tables.slots.push(slot);
            }
            let required = elements.iter().all(|element| element.min > 0);
            groups.push((start, self.tables.slots.len(), required));
        }
        let end = self.tables.slots.len();
        let mut window_end = end;
        let mut may_end = true;
        for &(start, next, required) in groups.iter().rev() {
            window_end = if required { next } else { window_end };
            for slot in &mut self.tables.slots[start..next] {
                slot.next = index(next);
                slot.window_end = index(window_end);
                slot.may_end = may_end;
            }
            may_end &= !required;
        }
        self.tables.complexes.push(ComplexType { first: index(first), end: index(end), beginning: 0, may_be_empty: may_end });
        Ok(())
    }
}

fn is_wildcard(particles: &[Particle]) -> bool {
    matches!(particles, [Particle::Any { .. }])
}
