//! What the events of the civil and the business register add up to for one holder.

use contracts::register::{HolderStatus, PostalAddress, SourceFact, SourceRegister};
use jiff::civil::Date;
use primitives::{Identifier, MAJORITY, SELF_SERVICE_AGE, has_reached};
use serde::{Deserialize, Serialize};

use crate::end_rules::EndRules;

/// An event as it counts: what happened, and where it stands among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Happened {
    pub on: Date,
    pub source: SourceRegister,
    pub position: u64,
    pub fact: SourceFact,
}

impl Happened {
    /// Events count in this order, whenever they come.
    pub(crate) fn order(&self) -> (Date, SourceRegister, u64) {
        (self.on, self.source, self.position)
    }
}

/// A value and the event that told it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told<T> {
    pub value: T,
    pub by: (SourceRegister, u64),
}

/// All that is known by events. What no event has told is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Circumstances {
    pub born: Option<Told<Date>>,
    pub name: Option<Told<String>>,
    pub number: Option<Told<Identifier>>,
    pub died: Option<Date>,
    pub decreed: Option<Date>,
    pub ceased: Option<Date>,
    /// The events that began or undid an end.
    pub ends_told_by: Vec<(SourceRegister, u64)>,
    pub details: Details,
}

/// What is kept sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Details {
    /// Act for the person while it is a child.
    pub custodians: Vec<Identifier>,
    /// Act for the person whatever its age.
    pub guardians: Vec<Identifier>,
    pub address: Option<PostalAddress>,
    pub address_since: Option<Date>,
    pub is_protected: bool,
    pub emigrated: Option<Date>,
}

impl Circumstances {
    /// Adds events up. Their order in the list does not matter.
    pub(crate) fn of(mut events: Vec<Happened>) -> Self {
        events.sort_by_key(Happened::order);
        let mut known = Self::default();
        events.into_iter().for_each(|event| known.add(event));
        known
    }

    fn add(&mut self, event: Happened) {
        let by = (event.source, event.position);
        match event.fact {
            SourceFact::Born { name, guardians } => {
                self.born = Some(Told { value: event.on, by });
                self.name = Some(Told { value: name, by });
                self.details.custodians = guardians;
            }
            SourceFact::NameChanged { name } => self.name = Some(Told { value: name, by }),
            SourceFact::NumberChanged { new } => self.number = Some(Told { value: new, by }),
            SourceFact::AddressChanged { address } => {
                self.details.address = Some(address);
                self.details.address_since = Some(event.on);
            }
            SourceFact::ProtectionChanged { is_protected } => self.details.is_protected = is_protected,
            SourceFact::Emigrated => self.details.emigrated = Some(event.on),
            SourceFact::Immigrated => self.details.emigrated = None,
            SourceFact::GuardianshipBegan { guardians } => self.details.guardians = guardians,
            SourceFact::GuardianshipEnded => self.details.guardians.clear(),
            SourceFact::Died => self.end(by, |known| known.died = Some(event.on)),
            SourceFact::DeathAnnulled => self.end(by, |known| known.died = None),
            SourceFact::BankruptcyDecreed => self.end(by, |known| known.decreed = Some(event.on)),
            SourceFact::BankruptcyLifted => self.end(by, |known| known.decreed = None),
            SourceFact::Ceased => self.end(by, |known| known.ceased = Some(event.on)),
            SourceFact::Resumed => self.end(by, |known| known.ceased = None),
        }
    }

    fn end(&mut self, by: (SourceRegister, u64), change: impl FnOnce(&mut Self)) {
        change(self);
        self.ends_told_by.push(by);
    }

    /// The day the unit ceased or its bankruptcy was decreed.
    pub(crate) fn ended(&self) -> Option<Date> {
        [self.decreed, self.ceased].into_iter().flatten().min()
    }

    /// The status the events lead to, and the day of an end-mark.
    pub(crate) fn status(&self, rules: &EndRules) -> (HolderStatus, Option<Date>) {
        let ends = [self.died.map(|day| rules.after_death(day)), self.decreed, self.ceased.map(|day| rules.after_cessation(day))];
        match ends.into_iter().flatten().min() {
            Some(day) => (HolderStatus::Closed, Some(day)),
            None => (HolderStatus::Active, None),
        }
    }
}

/// Whether the person may serve itself on the day: from 15. Without a recorded date of birth nobody is taken for a child.
pub(crate) fn may_self_serve(born: Option<Date>, today: Date) -> bool {
    born.is_none_or(|born| has_reached(SELF_SERVICE_AGE, born, today))
}

/// Whether the custody of a child is over on the day.
pub(crate) fn is_of_age(born: Option<Date>, today: Date) -> bool {
    born.is_none_or(|born| has_reached(MAJORITY, born, today))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn event(position: u64, on: Date, fact: SourceFact) -> Happened {
        Happened { on, source: SourceRegister::Cpr, position, fact }
    }

    fn named(name: &str) -> SourceFact {
        SourceFact::NameChanged { name: name.to_owned() }
    }

    #[test]
    fn what_happened_last_counts_not_what_came_last() {
        let events = vec![event(1, date(2026, 3, 1), named("Third")), event(2, date(2026, 1, 1), named("First"))];
        let name = Circumstances::of(events).name.unwrap();
        assert_eq!((name.value.as_str(), name.by.1), ("Third", 1));
        let same_day = vec![event(8, date(2026, 1, 1), named("Later")), event(7, date(2026, 1, 1), named("Earlier"))];
        assert_eq!(Circumstances::of(same_day).name.unwrap().value, "Later", "on one day, the position decides");
    }

    #[test]
    fn ends_follow_the_rules() {
        let check = |facts: Vec<(Date, SourceFact)>, expect| {
            let events = (1..).zip(facts).map(|(position, (on, fact))| event(position, on, fact)).collect();
            assert_eq!(Circumstances::of(events).status(&EndRules::default()), expect);
        };
        let day = date(2026, 1, 1);
        check(vec![(day, SourceFact::Died)], (HolderStatus::Closed, Some(date(2029, 1, 1))));
        check(vec![(day, SourceFact::Died), (day, SourceFact::DeathAnnulled)], (HolderStatus::Active, None));
        check(vec![(day, SourceFact::Ceased)], (HolderStatus::Closed, Some(date(2026, 12, 27))));
        check(vec![(day, SourceFact::BankruptcyDecreed)], (HolderStatus::Closed, Some(day)));
        let later = date(2026, 3, 1);
        check(vec![(day, SourceFact::Ceased), (later, SourceFact::BankruptcyDecreed)], (HolderStatus::Closed, Some(later)));
        check(vec![(day, SourceFact::Emigrated)], (HolderStatus::Active, None));
        check(vec![(day, SourceFact::GuardianshipBegan { guardians: vec![] })], (HolderStatus::Active, None));
    }

    #[test]
    fn ages_are_reached_on_birthdays() {
        let born = Some(date(2011, 3, 2));
        assert!(!may_self_serve(born, date(2026, 3, 1)) && may_self_serve(born, date(2026, 3, 2)));
        assert!(!is_of_age(born, date(2029, 3, 1)) && is_of_age(born, date(2029, 3, 2)));
        let leap = Some(date(2012, 2, 29));
        assert!(!may_self_serve(leap, date(2027, 2, 28)) && may_self_serve(leap, date(2027, 3, 1)));
        assert!(may_self_serve(None, date(2026, 1, 1)), "nobody is taken for a child by guess");
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle()) {
            let day = |d| date(2026, 1, d);
            let told = [
                event(1, day(1), SourceFact::Born { name: "A".into(), guardians: vec![] }),
                event(2, day(5), named("B")),
                event(3, day(4), named("C")),
                event(4, day(9), SourceFact::Died),
                event(5, day(9), SourceFact::DeathAnnulled),
                event(6, day(3), SourceFact::Emigrated),
                event(7, day(2), SourceFact::Immigrated),
                event(8, day(5), SourceFact::ProtectionChanged { is_protected: true }),
            ];
            let shuffled = order.into_iter().map(|place| told[place].clone()).collect();
            prop_assert_eq!(Circumstances::of(shuffled), Circumstances::of(told.to_vec()));
        }
    }
}
