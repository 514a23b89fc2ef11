//! Two registers' words on the same holders: what differs, and what both are to say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use contracts::register::{AccountPurpose, ExtractAccount, ExtractHolder, ExtractRecord};
use jiff::civil::Date;
use primitives::{Identifier, IdentifierKind};

use super::line::sort_accounts;
use super::masters::{Master, Masters, Part};
use crate::store::entry::purpose_columns;

/// One thing in which two registers differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The holder, by the number that is current where it is known; here, if at both.
    pub identifier: Identifier,
    /// What differs.
    pub what: What,
    /// Whose word counts.
    pub master: Master,
}

/// What can differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Only this register knows the holder.
    OnlyHere,
    /// Only the other register knows the holder.
    OnlyThere,
    /// Its numbers, or which is current; also holders that are one in one register and several in the other.
    Numbers,
    /// Its name, kind or day of birth.
    Name,
    /// Whether it can be paid, or since when.
    Status,
    /// Its accounts for a purpose: another account, other days, or none in one of the registers.
    Account(AccountPurpose),
}

/// What the registers say of the same holders: those that share a number.
#[derive(Debug, Default)]
pub(crate) struct Pair {
    pub here: Vec<ExtractHolder>,
    pub there: Vec<ExtractHolder>,
}

/// Brings together what shares a number.
pub(crate) fn pairs(here: Vec<ExtractHolder>, there: Vec<ExtractHolder>) -> Vec<Pair> {
    let mut group_of: HashMap<Identifier, usize> = HashMap::new();
    let mut groups: BTreeMap<usize, Pair> = BTreeMap::new();
    let lines = here.into_iter().map(|line| (Master::Here, line)).chain(there.into_iter().map(|line| (Master::There, line)));
    for (place, (side, line)) in lines.enumerate() {
        let known: BTreeSet<usize> = line.identifiers.iter().filter_map(|number| group_of.get(number).copied()).collect();
        let mut group = Pair::default();
        for other in known.iter().filter_map(|known| groups.remove(known)) {
            group.here.extend(other.here);
            group.there.extend(other.there);
        }
        match side {
            Master::Here => group.here.push(line),
            Master::There => group.there.push(line),
        }
        for number in group.here.iter().chain(&group.there).flat_map(|line| &line.identifiers) {
            group_of.insert(number.clone(), place);
        }
        groups.insert(place, group);
    }
    groups.into_values().filter(|pair| pair.here != pair.there).collect()
}

/// A record for one of the registers.
pub(crate) type Repair = (Master, ExtractRecord);

impl Pair {
    fn first(&self) -> Option<&Identifier> {
        self.here.iter().chain(&self.there).find_map(|line| line.identifiers.first())
    }

    fn kind(&self) -> IdentifierKind {
        self.first().map_or(IdentifierKind::Cpr, Identifier::kind)
    }

    /// What differs.
    pub(crate) fn differences(&self, masters: &Masters, on: Date) -> Vec<Difference> {
        let of = |line: &ExtractHolder, what: What| Difference {
            identifier: line.identifiers[0].clone(),
            master: masters.of(self.kind(), part_of(&what), on),
            what,
        };
        match (&self.here[..], &self.there[..]) {
            ([here], [there]) => whats(here, there).into_iter().map(|what| of(here, what)).collect(),
            (here, []) => here.iter().map(|line| of(line, What::OnlyHere)).collect(),
            ([], there) => there.iter().map(|line| of(line, What::OnlyThere)).collect(),
            (here, _) => here.iter().take(1).map(|line| of(line, What::Numbers)).collect(),
        }
    }

    /// What each register is to take over, so that both say the same.
    pub(crate) fn repairs(&self, masters: &Masters, on: Date) -> Vec<Repair> {
        match (&self.here[..], &self.there[..]) {
            ([here], [there]) => {
                let agreed = agree(here, there, masters, on);
                let sides = [(Master::Here, here), (Master::There, there)];
                let differing = sides.into_iter().filter(|(_, line)| **line != agreed);
                differing.map(|(side, _)| (side, ExtractRecord::Holder(agreed.clone()))).collect()
            }
            _ => self.take_over(masters.of(self.kind(), Part::Holder, on)),
        }
    }

    /// The master's holders as they are, and none of the other's that the master does not know.
    fn take_over(&self, master: Master) -> Vec<Repair> {
        let (said, other, side) = match master {
            Master::Here => (&self.here, &self.there, Master::There),
            Master::There => (&self.there, &self.here, Master::Here),
        };
        let numbers: BTreeSet<&Identifier> = said.iter().flat_map(|line| &line.identifiers).collect();
        let unknown = other.iter().filter(|line| !line.identifiers.iter().any(|number| numbers.contains(number)));
        let gone = unknown.map(|line| (side, ExtractRecord::Removed(line.identifiers.clone())));
        gone.chain(said.iter().map(|line| (side, ExtractRecord::Holder(line.clone())))).collect()
    }
}

fn part_of(what: &What) -> Part {
    match what {
        What::Account(purpose) => Part::of(purpose),
        _ => Part::Holder,
    }
}

fn whats(here: &ExtractHolder, there: &ExtractHolder) -> Vec<What> {
    let mut whats = Vec::new();
    let mut note = |differs: bool, what: What| whats.extend(differs.then_some(what));
    note(here.identifiers != there.identifiers, What::Numbers);
    note((&here.name, here.kind, here.born) != (&there.name, there.kind, there.born), What::Name);
    note(here.statuses != there.statuses, What::Status);
    let (here, there) = (by_purpose(here), by_purpose(there));
    for purpose in here.keys().chain(there.keys().filter(|purpose| !here.contains_key(*purpose))) {
        note(here.get(purpose) != there.get(purpose), What::Account(purpose.0.clone()));
    }
    whats
}

/// What both are to say: each part as its master says it.
fn agree(here: &ExtractHolder, there: &ExtractHolder, masters: &Masters, on: Date) -> ExtractHolder {
    let kind = here.identifiers[0].kind();
    let is_here = |part| masters.of(kind, part, on) == Master::Here;
    let mut agreed = if is_here(Part::Holder) { here.clone() } else { there.clone() };
    let mastered = |line: &ExtractHolder, side: bool| {
        let accounts = line.accounts.iter().filter(|account| is_here(Part::of(&account.purpose)) == side);
        accounts.cloned().collect::<Vec<ExtractAccount>>()
    };
    agreed.accounts = mastered(here, true);
    agreed.accounts.extend(mastered(there, false));
    sort_accounts(&mut agreed.accounts);
    agreed
}

/// A purpose, in an order.
#[derive(Clone, PartialEq, Eq)]
struct Ordered(AccountPurpose);

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        purpose_columns(&self.0).cmp(&purpose_columns(&other.0))
    }
}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn by_purpose(line: &ExtractHolder) -> BTreeMap<Ordered, Vec<&ExtractAccount>> {
    let mut accounts: BTreeMap<Ordered, Vec<&ExtractAccount>> = BTreeMap::new();
    for account in &line.accounts {
        accounts.entry(Ordered(account.purpose.clone())).or_default().push(account);
    }
    accounts
}
