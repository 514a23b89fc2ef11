//! Valid files of any message, made by chance from its grammar until every element has been in one.

use crate::dice::Dice;
use crate::types::Types;
use crate::value;
use iso20022::MessageKind;
use iso20022::grammar::model::{ElementParticle, Particle, TypeKind};
use std::collections::{BTreeSet, HashSet};

/// Deepest element that still gets optional children.
const DEPTH: usize = 24;

pub struct Sampler {
    pub types: Types,
    pub kind: MessageKind,
    /// Elements that no file has had yet: the name of the type they stand in, and their own.
    pub missing: BTreeSet<(String, String)>,
    /// Types that have a missing element in them, however deep.
    leading: HashSet<String>,
    /// Elements that the file at hand may still get beyond the required ones.
    budget: usize,
}

impl Sampler {
    pub fn new(kind: MessageKind) -> Sampler {
        let types = Types::of(kind);
        let missing = types.places();
        Sampler { types, kind, missing, leading: HashSet::new(), budget: 0 }
    }

    /// The next valid file, of about so many elements.
    pub fn sample(&mut self, elements: usize, dice: &mut Dice) -> String {
        self.follow_missing();
        self.budget = elements;
        let root = self.types.root();
        let namespace = format!(" xmlns=\"{}\"", self.kind.namespace());
        let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
        self.one(&root, &namespace, 0, dice, &mut text);
        text.push('\n');
        text
    }

    /// Enough valid files that every element is in one of them.
    pub fn all(&mut self, elements: usize, dice: &mut Dice) -> Vec<String> {
        let mut files = Vec::new();
        while !self.missing.is_empty() {
            assert!(files.len() < 400, "{}: never reached: {:?}", self.kind, self.missing);
            files.push(self.sample(elements, dice));
        }
        files
    }

    /// A valid element of this declaration.
    pub fn fragment(&mut self, element: &ElementParticle, dice: &mut Dice) -> String {
        self.budget = 12;
        let mut text = String::new();
        self.one(element, "", DEPTH - 6, dice, &mut text);
        text
    }

    /// Finds the types that lead to missing elements.
    fn follow_missing(&mut self) {
        let mut open: Vec<&str> = self.missing.iter().map(|(type_name, _)| type_name.as_str()).collect();
        self.leading.clear();
        while let Some(type_name) = open.pop() {
            if self.leading.insert(type_name.to_owned()) {
                open.extend(self.types.owners(type_name).iter().map(String::as_str));
            }
        }
    }

    fn is_missing(&self, owner: &str, element: &ElementParticle) -> bool {
        self.missing.contains(&(owner.to_owned(), element.name.clone()))
    }

    fn leads(&self, element: &ElementParticle) -> bool {
        self.leading.contains(&element.type_name)
    }

    fn wanted(&mut self, owner: &str, element: &ElementParticle, depth: usize, dice: &mut Dice) -> bool {
        if self.budget == 0 || depth > DEPTH {
            return false;
        }
        match (self.is_missing(owner, element), self.leads(element)) {
            (true, _) => true,
            (false, true) => !dice.once_in(3),
            (false, false) if self.leading.is_empty() => dice.below(depth + 3) < 3,
            (false, false) => dice.once_in(8),
        }
    }

    fn children(&mut self, type_name: &str, depth: usize, dice: &mut Dice, text: &mut String) {
        let TypeKind::Complex(particles) = self.types.kind(type_name).clone() else { return };
        for particle in &particles {
            match particle {
                Particle::Element(element) => self.some(type_name, element, depth, dice, text),
                Particle::Choice(alternatives) => {
                    let chosen = self.choose(type_name, alternatives, dice);
                    self.some(type_name, &alternatives[chosen], depth, dice, text);
                }
                Particle::Any { namespace } => text.push_str(&self.any(namespace.as_deref(), dice)),
            }
        }
    }

    fn choose(&self, owner: &str, alternatives: &[ElementParticle], dice: &mut Dice) -> usize {
        let start = dice.below(alternatives.len());
        let turned = || (0..alternatives.len()).map(|step| (start + step) % alternatives.len());
        let missing = turned().find(|place| self.is_missing(owner, &alternatives[*place]));
        missing.or_else(|| turned().find(|place| self.leads(&alternatives[*place]))).unwrap_or(start)
    }

    /// As many of an element as chance wants.
    fn some(&mut self, owner: &str, element: &ElementParticle, depth: usize, dice: &mut Dice, text: &mut String) {
        if element.min == 0 && !self.wanted(owner, element, depth, dice) {
            return;
        }
        self.missing.remove(&(owner.to_owned(), element.name.clone()));
        let count = match element.max {
            _ if self.budget == 0 => 1,
            Some(1) => 1,
            Some(max) if max < 12 && dice.once_in(4) => max as usize,
            Some(max) => 1 + dice.below(2).min(max as usize - 1),
            None => 1 + dice.below(3),
        };
        for _ in 0..count {
            if !dice.once_in(5) {
                text.push('\n');
            }
            self.one(element, "", depth, dice, text);
        }
    }

    fn one(&mut self, element: &ElementParticle, attributes: &str, depth: usize, dice: &mut Dice, text: &mut String) {
        self.budget = self.budget.saturating_sub(1);
        *text += &format!("<{}{attributes}", element.name);
        if let Some((name, simple)) = self.types.attribute(&element.type_name) {
            *text += &format!(" {name}=\"{}\"", escaped(&value::valid(simple, dice)));
        }
        text.push('>');
        match self.types.value(&element.type_name) {
            Some(simple) => text.push_str(&escaped(&value::valid(simple, dice))),
            None => self.children(&element.type_name, depth + 1, dice, text),
        }
        *text += &format!("</{}>", element.name);
    }

    /// What may stand in a wildcard.
    fn any(&self, namespace: Option<&str>, dice: &mut Dice) -> String {
        let namespace = namespace.unwrap_or("urn:example");
        match dice.below(5) {
            0 => format!("<any xmlns=\"{namespace}\"/>"),
            1 => format!("<e:any xmlns:e=\"{namespace}\">1<e:b c='d' e:c='f'/>2<!-- 3 --><g xmlns=''/></e:any>"),
            2 => format!("\n<any xmlns='{namespace}' xml:lang=\"da\"><![CDATA[<&]]>&amp;<b><b><b/></b></b></any>\n"),
            3 => format!("<!-- a --><any xmlns='{namespace}'>text</any><?p q?>"),
            _ => format!("<e:any xmlns:e=\"{namespace}\"><e:b>æ</e:b></e:any>"),
        }
    }
}

/// A value as it stands in a file.
pub fn escaped(value: &str) -> String {
    let quoted = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    quoted.replace('"', "&quot;").replace('\r', "&#13;")
}
