//! Repeated elements of a record.

use super::shape::{NameKind, Names, Paths, Putting, Shape, Value, Values};
use crate::text_store::TextStore;
use std::fmt;
use std::io;
use std::marker::PhantomData;

/// The repeated elements of a record: read from a file, where each is made when it is asked for, or given to be written.
#[derive(Clone, Copy)]
pub struct List<'a, T>(Source<'a, T>);

#[derive(Clone, Copy)]
enum Source<'a, T> {
    Given(&'a [T]),
    Read(Run<'a>),
}

/// Collected values of a list; `first` is the number that each item begins with.
#[derive(Clone, Copy)]
struct Run<'a> {
    values: &'a [Value],
    texts: &'a TextStore,
    first: u16,
}

impl<'a, T> List<'a, T> {
    /// Items to be written.
    #[must_use]
    pub const fn of(items: &'a [T]) -> Self {
        List(Source::Given(items))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self.0 {
            Source::Given(items) => items.is_empty(),
            Source::Read(run) => run.values.is_empty(),
        }
    }
}

impl<'a, T: Shape<'a> + Copy> List<'a, T> {
    /// The items, in the order of the file.
    #[must_use]
    pub fn iter(&self) -> Items<'a, T> {
        match self.0 {
            Source::Given(items) => Items { given: items, run: None, item: PhantomData },
            Source::Read(run) => Items { given: &[], run: Some(run), item: PhantomData },
        }
    }

    /// The first item.
    #[must_use]
    pub fn first(&self) -> Option<T> {
        self.iter().next()
    }
}

impl<'a, T: Shape<'a> + Copy> IntoIterator for List<'a, T> {
    type Item = T;
    type IntoIter = Items<'a, T>;

    fn into_iter(self) -> Items<'a, T> {
        self.iter()
    }
}

/// The items of a [`List`].
pub struct Items<'a, T> {
    given: &'a [T],
    run: Option<Run<'a>>,
    item: PhantomData<T>,
}

impl<'a, T: Shape<'a> + Copy> Iterator for Items<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let Some(run) = &mut self.run else {
            let (first, rest) = self.given.split_first()?;
            self.given = rest;
            return Some(*first);
        };
        let (_, behind) = run.values.split_first()?;
        let length = 1 + behind.iter().take_while(|value| value.number != run.first).count();
        let (item, rest) = run.values.split_at(length);
        run.values = rest;
        let begin = usize::from(T::GROUP);
        Some(T::read(&mut Values::new(&item[begin..], run.texts, run.first + u16::from(T::GROUP))))
    }
}

impl<'a, T: Shape<'a> + Copy> Shape<'a> for List<'a, T> {
    const VALUES: u16 = if T::GROUP { 1 + T::VALUES } else { 1 };
    const GROUP: bool = true;

    fn name(at: &Paths, names: &mut Names) {
        if T::GROUP {
            names.push(at.is(NameKind::Group));
            T::name(at, names);
        } else {
            names.push(at.is(NameKind::Values));
        }
    }

    fn read(values: &mut Values<'a>) -> Self {
        let (values, texts, first) = values.next_list(Self::VALUES);
        List(Source::Read(Run { values, texts, first }))
    }

    fn write(&self, to: &mut Putting<'_>) -> io::Result<()> {
        to.list(self.iter())
    }
}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        List::of(&[])
    }
}

impl<'a, T: Shape<'a> + Copy + PartialEq> PartialEq for List<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: Shape<'a> + Copy + fmt::Debug> fmt::Debug for List<'a, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.iter()).finish()
    }
}
