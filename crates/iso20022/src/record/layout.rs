//! Where a version of a message has its records and their values.

use super::shape::{Name, NameKind, Names, Paths, Shape};
use crate::finding::Level;
use crate::grammar::binding::{Binding, Field};
use crate::grammar::tables::{Content, Tables};
use crate::message::MessageKind;
use std::fmt::Write;

/// A record as declared.
#[derive(Debug)]
pub struct RecordSpec {
    level: Level,
    paths: &'static [&'static str],
    names: Names,
}

impl RecordSpec {
    /// The record of a shape, with its path in the versions of its message.
    pub fn of<T: Shape<'static>>(level: Level, paths: &'static [&'static str]) -> RecordSpec {
        let mut names = Names::new();
        T::name(&Paths::record(), &mut names);
        RecordSpec { level, paths, names }
    }
}

/// The places of a message's records in one version.
#[derive(Debug)]
pub struct Layout {
    pub(crate) kind: MessageKind,
    pub(crate) binding: Binding,
    pub(crate) places: Vec<Place>,
}

/// A record, or an element around records that is only counted.
#[derive(Debug)]
pub(crate) struct Place {
    /// Whether the version has it.
    pub present: bool,
    /// Slots from below the root element to the place.
    pub slots: Vec<u16>,
    /// Level of findings on the record; `None` for an element that is only counted.
    pub level: Option<Level>,
    /// Where the values are, by number; `None` for one that this version does not have.
    pub values: Vec<Option<Spot>>,
}

/// Where a value is below its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    pub slots: Vec<u16>,
    pub kind: NameKind,
}

/// A declaration that the grammar does not bear out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}: {path}: {problem}")]
pub struct LayoutError {
    message: MessageKind,
    path: String,
    problem: &'static str,
}

/// Most places of a message.
pub(crate) const MAX_PLACES: usize = 12;

/// Field of a place (`value` is `None`) or of a value in it.
fn field(place: usize, value: Option<usize>) -> Field {
    let local = value.map_or(0, |number| number + 1);
    Field::try_from((place + 1) << 8 | local).expect("a message has few records and a record few values")
}

/// Place and value of a field.
#[inline]
pub(crate) fn of_field(field: Field) -> (usize, Option<u16>) {
    (usize::from(field >> 8) - 1, (field & 0xff).checked_sub(1))
}

impl Layout {
    /// Lays a version of a message out.
    ///
    /// # Errors
    /// Values that are not in the order of the grammar.
    pub fn new(kind: MessageKind, records: &[RecordSpec]) -> Result<Layout, LayoutError> {
        let mut layout = Draft { kind, tables: kind.tables(), places: Vec::new(), paths: Vec::new() };
        for record in records {
            layout.record(record)?;
        }
        layout.count_ancestors();
        let paths: Vec<(&str, Field)> = layout.paths.iter().map(|(path, field)| (path.as_str(), *field)).collect();
        let binding = Binding::new(layout.tables, &paths).map_err(|_| layout.error("", "cannot be bound"))?;
        Ok(Layout { kind, binding, places: layout.places })
    }

    /// The path of a place, with the numbers of its repeated elements by place.
    pub(crate) fn path(&self, place: usize, numbers: &[u32]) -> String {
        let tables = self.kind.tables();
        let mut path = format!("/{}", tables.slots[usize::from(tables.root)].name);
        let slots = &self.places[place].slots;
        for (depth, slot) in slots.iter().enumerate() {
            push_name(&mut path, tables, *slot);
            if tables.slots[usize::from(*slot)].max > 1 {
                let counted = self.places.iter().position(|place| place.slots == slots[..=depth]);
                let number = counted.and_then(|place| numbers.get(place)).copied().unwrap_or(1);
                write!(path, "[{number}]").expect("writing to a String cannot fail");
            }
        }
        path
    }

    /// The path of a value below its place.
    pub(crate) fn path_below(&self, place: usize, value: u16) -> String {
        let mut path = String::new();
        if let Some(Some(spot)) = self.places[place].values.get(usize::from(value)) {
            spot.slots.iter().for_each(|slot| push_name(&mut path, self.kind.tables(), *slot));
        }
        path
    }
}

fn push_name(path: &mut String, tables: &Tables, slot: u16) {
    path.push('/');
    path.push_str(&tables.slots[usize::from(slot)].name);
}

/// A layout being made.
struct Draft {
    kind: MessageKind,
    tables: &'static Tables,
    places: Vec<Place>,
    paths: Vec<(String, Field)>,
}

impl Draft {
    fn error(&self, path: &str, problem: &'static str) -> LayoutError {
        LayoutError { message: self.kind, path: path.to_owned(), problem }
    }

    fn record(&mut self, spec: &RecordSpec) -> Result<(), LayoutError> {
        let found = spec.paths.iter().find_map(|path| Some((*path, self.resolve(self.tables.root, path)?)));
        let Some((path, slots)) = found else {
            self.places.push(Place { present: false, slots: Vec::new(), level: Some(spec.level), values: Vec::new() });
            return Ok(());
        };
        let place = self.places.len();
        let element = slots.last().copied().unwrap_or(self.tables.root);
        self.paths.push((path.to_owned(), field(place, None)));
        let mut values = Vec::new();
        for (number, name) in spec.names.iter().enumerate() {
            let spot = self.spot(element, name);
            if let Some((below, _)) = &spot {
                let whole = if path.is_empty() { below.clone() } else { format!("{path}/{below}") };
                self.paths.push((whole, field(place, Some(number))));
            }
            values.push(spot.map(|(_, spot)| spot));
        }
        self.check_order(path, &values)?;
        self.places.push(Place { present: true, slots, level: Some(spec.level), values });
        Ok(())
    }

    /// The path of a named value in this version, if it has one.
    fn spot(&self, element: u16, name: &Name) -> Option<(String, Spot)> {
        name.paths.iter().find_map(|path| {
            let slots = self.resolve(element, path)?;
            let content = self.tables.slots[usize::from(*slots.last()?)].content;
            let fits = match name.kind {
                NameKind::Group => matches!(content, Content::Complex(_)),
                NameKind::Value | NameKind::Values => matches!(content, Content::Simple(_) | Content::Valued(_)),
            };
            fits.then(|| (path.clone(), Spot { slots, kind: name.kind }))
        })
    }

    /// The slots of a path below an element.
    fn resolve(&self, element: u16, path: &str) -> Option<Vec<u16>> {
        let mut slots = Vec::new();
        let mut parent = element;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let Content::Complex(number) = self.tables.slots[usize::from(parent)].content else { return None };
            let complex = &self.tables.complexes[usize::from(number)];
            parent = (complex.first..complex.end).find(|slot| self.tables.slots[usize::from(*slot)].name == name)?;
            slots.push(parent);
        }
        Some(slots)
    }

    /// Values are taken and written in one pass, so they are declared in the order of the grammar; and what the grammar
    /// lets be repeated is a list.
    fn check_order(&self, path: &str, values: &[Option<Spot>]) -> Result<(), LayoutError> {
        let mut before: &[u16] = &[];
        let mut group: &[u16] = &[];
        for spot in values.iter().flatten() {
            if spot.slots.as_slice() <= before {
                return Err(self.error(path, "has values out of the grammar's order"));
            }
            before = &spot.slots;
            if !spot.slots.starts_with(group) {
                group = &[];
            }
            let listed = usize::from(spot.kind != NameKind::Value);
            let single = &spot.slots[group.len()..spot.slots.len() - listed];
            if single.iter().any(|slot| self.tables.slots[usize::from(*slot)].max > 1) {
                return Err(self.error(path, "takes one value where there may be several"));
            }
            if spot.kind == NameKind::Group {
                group = &spot.slots;
            }
        }
        Ok(())
    }

    /// Adds the repeated elements around records, whose numbers stand in the paths of findings.
    fn count_ancestors(&mut self) {
        let ancestors: Vec<Vec<u16>> = self
            .places
            .iter()
            .flat_map(|place| (1..place.slots.len()).map(|depth| place.slots[..depth].to_vec()))
            .filter(|slots| slots.last().is_some_and(|slot| self.tables.slots[usize::from(*slot)].max > 1))
            .collect();
        for slots in ancestors {
            if self.places.iter().all(|place| place.slots != slots) {
                let names: Vec<&str> = slots.iter().map(|slot| self.tables.slots[usize::from(*slot)].name.as_str()).collect();
                self.paths.push((names.join("/"), field(self.places.len(), None)));
                self.places.push(Place { present: true, slots, level: None, values: Vec::new() });
            }
        }
        assert!(self.places.len() <= MAX_PLACES, "a message has few records");
    }
}

#[cfg(test)]
mod tests {
    use crate::record::Message;
    use crate::*;

    /// The values that a version lacks, by record and path in another version.
    fn lacking<M: Message>() -> Vec<String> {
        let layouts: Vec<_> = M::KINDS.iter().map(|kind| M::layout(*kind).expect("its own version")).collect();
        let mut lacking = Vec::new();
        for place in 0..layouts[0].places.len() {
            let present = |layout: &&&super::Layout| layout.places[place].present;
            let with = layouts.iter().find(present).expect("a record is in some version");
            for layout in layouts.iter().filter(|layout| !present(layout)) {
                lacking.push(format!("{} {}", layout.kind, with.path(place, &[])));
            }
            for number in 0..with.places[place].values.len() {
                let has = |layout: &&&super::Layout| layout.places[place].values.get(number).is_some_and(Option::is_some);
                let with = layouts.iter().find(has).unwrap_or_else(|| {
                    panic!("{}: value {number} of {} is in no version", M::EXPECTED, with.path(place, &[]));
                });
                let below = with.path_below(place, u16::try_from(number).expect("few"));
                for layout in layouts.iter().filter(|layout| layout.places[place].present && !has(layout)) {
                    lacking.push(format!("{} {}{below}", layout.kind, layout.path(place, &[])));
                }
            }
        }
        lacking
    }

    #[test]
    fn every_path_is_in_a_version_and_the_gaps_are_known() {
        assert_eq!(lacking::<VerificationRequest>(), [""; 0]);
        assert_eq!(lacking::<VerificationReport>(), [""; 0]);
        assert_eq!(lacking::<Refusal>(), [""; 0]);
        assert_eq!(lacking::<InterbankStatus>(), [""; 0]);
        assert_eq!(lacking::<InterbankReturn>(), [""; 0]);
        assert_eq!(lacking::<Header>(), [""; 0]);
        let recalls = "/Document/CstmrPmtCxlReq/Undrlyg[1]/OrgnlPmtInfAndCxl[1]/TxInf[1]";
        assert_eq!(
            lacking::<Recall>(),
            [format!("camt.055.001.01 {recalls}/OrgnlUETR"), format!("camt.055.001.01 {recalls}/OrgnlReqdExctnDt/DtTm")]
        );
        let details = "/Document/RsltnOfInvstgtn/CxlDtls[1]";
        assert_eq!(
            lacking::<Resolution>(),
            [
                format!("camt.029.001.03 {details}/OrgnlPmtInfAndSts[1]/TxInfAndSts[1]/UETR"),
                format!("camt.029.001.03 {details}/TxInfAndSts[1]/OrgnlUETR")
            ]
        );
        let bookings = [
            "camt.054.001.02 /Document/BkToCstmrAcctRpt/Rpt[1]/Bal[1]",
            "camt.054.001.08 /Document/BkToCstmrAcctRpt/Rpt[1]/Bal[1]",
        ];
        assert_eq!(lacking::<Bookings>()[..2], bookings);
        assert!(lacking::<Bookings>()[2..].iter().all(|path| {
            path.contains(".001.02 ")
                && ["/Refs/UETR", "/TxDtls[1]/Amt", "/TxDtls[1]/CdtDbtInd"].iter().any(|end| path.ends_with(end))
        }));
        assert_eq!(lacking::<Bookings>().len(), 2 + 3 * 3);
    }
}
