//! What a record is made of.

use crate::pain001::fault::Fault;
use crate::text_store::{Slice, TextStore};
use std::io;

/// A type that is made of values of a message, and can be made into them again.
///
/// The values of a shape are numbered from 0 in the order of the grammar; a shape within a shape has a run of its numbers.
pub trait Shape<'a>: Sized {
    /// How many values it is made of.
    const VALUES: u16;
    /// Whether it is more than one value, so that in a [`List`](super::List) each item is an element of its own.
    const GROUP: bool;

    /// Names its values below a place, in order.
    fn name(at: &Paths, names: &mut Names);

    /// Takes its values.
    fn read(values: &mut Values<'a>) -> Self;

    /// Puts its values.
    ///
    /// # Errors
    /// A value that breaks the type of its element.
    fn write(&self, to: &mut Putting<'_>) -> io::Result<()>;
}

/// The paths that a place has in the versions of a message; a version has one of them or none.
#[derive(Debug, Clone)]
pub struct Paths(Vec<String>);

/// The named values of a record.
pub type Names = Vec<Name>;

/// A named value.
#[derive(Debug)]
pub struct Name {
    pub paths: Vec<String>,
    pub kind: NameKind,
}

/// What is at a named path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// One value.
    Value,
    /// Any number of values.
    Values,
    /// An element, or any number of them, whose values are named next.
    Group,
}

impl Paths {
    /// The record's own element.
    pub fn record() -> Paths {
        Paths(vec![String::new()])
    }

    /// Places below this one.
    pub fn below(&self, alternatives: &[&str]) -> Paths {
        let joined = |above: &String| {
            let above = above.clone();
            alternatives.iter().map(move |below| match (above.is_empty(), below.is_empty()) {
                (true, _) => (*below).to_owned(),
                (false, true) => above.clone(),
                (false, false) => format!("{above}/{below}"),
            })
        };
        Paths(self.0.iter().flat_map(joined).collect())
    }

    /// Names what is here.
    pub fn is(&self, kind: NameKind) -> Name {
        Name { paths: self.0.clone(), kind }
    }
}

/// A value as collected.
#[derive(Debug, Clone, Copy)]
pub struct Value {
    pub number: u16,
    pub text: Slice,
    pub attribute: Option<Slice>,
}

/// Collected values on their way into a shape.
pub struct Values<'a> {
    rest: &'a [Value],
    texts: &'a TextStore,
    number: u16,
    faults: Vec<Misfit>,
}

/// A value that follows the schema but cannot be taken.
#[derive(Debug)]
pub struct Misfit {
    pub number: u16,
    pub line: u64,
    pub fault: Fault,
}

impl<'a> Values<'a> {
    /// All these values, of which the first is expected to have this number.
    pub fn new(values: &'a [Value], texts: &'a TextStore, number: u16) -> Self {
        Values { rest: values, texts, number, faults: Vec::new() }
    }

    /// The next value with its attribute, or nothing if the file does not have it.
    pub fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let number = self.number;
        self.number += 1;
        let (value, rest) = self.rest.split_first().filter(|(value, _)| value.number == number)?;
        self.rest = rest;
        Some((self.texts.get(value.text), value.attribute.map_or("", |attribute| self.texts.get(attribute))))
    }

    /// The next value as `convert` takes it; what it cannot take becomes a finding.
    pub fn next_as<T>(&mut self, convert: impl FnOnce(&'a str, &'a str) -> Result<T, Fault>) -> Option<T> {
        let line = self.rest.first().map_or(0, |value| value.text.line);
        let (text, attribute) = self.next()?;
        match convert(text, attribute) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.faults.push(Misfit { number: self.number - 1, line, fault });
                None
            }
        }
    }

    /// The values of a list whose items have `count` numbers, with its texts and first number.
    pub fn next_list(&mut self, count: u16) -> (&'a [Value], &'a TextStore, u16) {
        let first = self.number;
        self.number += count;
        let length = self.rest.iter().take_while(|value| value.number < self.number).count();
        let (list, rest) = self.rest.split_at(length);
        self.rest = rest;
        (list, self.texts, first)
    }

    /// What could not be taken.
    pub fn into_faults(self) -> Vec<Misfit> {
        self.faults
    }
}

/// Where the values of a shape are put.
pub trait Elements {
    /// Writes a value.
    fn value(&mut self, number: u16, text: &str, attribute: &str) -> io::Result<()>;
    /// Writes a text for people: cut, or spread over several elements, to fit.
    fn prose(&mut self, number: u16, text: &str) -> io::Result<()>;
    /// Begins an item of a list.
    fn group(&mut self, number: u16) -> io::Result<()>;
}

/// Values on their way out of a shape.
pub struct Putting<'w> {
    elements: &'w mut dyn Elements,
    number: u16,
}

impl<'w> Putting<'w> {
    /// Puts values from number 0.
    pub fn new(elements: &'w mut dyn Elements) -> Self {
        Putting { elements, number: 0 }
    }

    /// Leaves values out.
    pub fn skip(&mut self, count: u16) {
        self.number += count;
    }

    /// The next value.
    ///
    /// # Errors
    /// As [`Shape::write`].
    pub fn value(&mut self, text: &str, attribute: &str) -> io::Result<()> {
        self.number += 1;
        self.elements.value(self.number - 1, text, attribute)
    }

    /// The next value, a text for people.
    ///
    /// # Errors
    /// As [`Shape::write`].
    pub fn prose(&mut self, text: &str) -> io::Result<()> {
        self.number += 1;
        self.elements.prose(self.number - 1, text)
    }

    /// An element that may be left out, with its values.
    ///
    /// # Errors
    /// As [`Shape::write`].
    pub fn part<'a, T: Shape<'a>>(&mut self, part: Option<&T>) -> io::Result<()> {
        self.number += 1;
        let Some(part) = part else {
            self.skip(T::VALUES);
            return Ok(());
        };
        self.elements.group(self.number - 1)?;
        part.write(self)
    }

    /// The items of a list.
    ///
    /// # Errors
    /// As [`Shape::write`].
    pub fn list<'a, T: Shape<'a>>(&mut self, items: impl Iterator<Item = T>) -> io::Result<()> {
        let first = self.number;
        for item in items {
            self.number = first;
            if T::GROUP {
                self.elements.group(first)?;
                self.number += 1;
            }
            item.write(self)?;
        }
        self.number = first + u16::from(T::GROUP) + T::VALUES;
        Ok(())
    }
}
