//! Facts of a holder: who it is and whether it can be paid, from which day.

use contracts::register::{HolderKind, HolderStatus};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::HolderRef;

use crate::span::{Cut, Span};
use crate::vault::SealedNumber;

/// What a source register says of a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub kind: HolderKind,
    /// The number in use now.
    pub current: SealedNumber,
    /// Sealed.
    pub name: Vec<u8>,
    pub born: Option<Date>,
    pub status: HolderStatus,
}

/// One version of the facts on some days. The open versions of a holder follow each other without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub holder: HolderRef,
    /// Counted from 1.
    pub version: i32,
    pub facts: Facts,
    pub valid: Span,
    pub recorded_from: Timestamp,
    pub recorded_by: String,
}

/// What changes when new facts are recorded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Revision {
    /// Versions no longer believed.
    pub closed: Vec<i32>,
    /// New versions.
    pub added: Vec<Fact>,
}

/// The facts of a new holder: `facts` from the day its status holds, or since ever; before that day it was an active holder.
pub(crate) fn first(holder: HolderRef, facts: Facts, status_from: Option<Date>, stamp: (Timestamp, &str)) -> Vec<Fact> {
    let version =
        |version, facts, valid| Fact { holder, version, facts, valid, recorded_from: stamp.0, recorded_by: stamp.1.to_owned() };
    match status_from {
        Some(day) if facts.status != HolderStatus::Active => {
            let before = Facts { status: HolderStatus::Active, ..facts.clone() };
            vec![version(1, before, Span { from: None, until: Some(day) }), version(2, facts, Span::starting(day))]
        }
        _ => vec![version(1, facts, Span::ALWAYS)],
    }
}

/// What becomes of the open versions when `facts` are recorded.
///
/// Without a day, a changed status holds from `today`, and other facts correct those that hold now.
pub(crate) fn revise(open: &[Fact], facts: &Facts, status_from: Option<Date>, today: Date, stamp: (Timestamp, &str)) -> Revision {
    let Some(last) = open.iter().find(|fact| fact.valid.until.is_none()) else {
        return Revision::default();
    };
    let from = first_day(last, facts, status_from, today);
    if last.facts == *facts && last.valid.from == from {
        return Revision::default();
    }
    let mut next = open.iter().map(|fact| fact.version).max().unwrap_or(0);
    let mut revision = Revision::default();
    for fact in open {
        let left = from.and_then(|day| days_left(fact, last, facts.status, day));
        if left == Some(fact.valid) {
            continue;
        }
        revision.closed.push(fact.version);
        if let Some(valid) = left {
            next += 1;
            revision.added.push(Fact {
                version: next,
                valid,
                recorded_from: stamp.0,
                recorded_by: stamp.1.to_owned(),
                ..fact.clone()
            });
        }
    }
    revision.added.push(Fact {
        holder: last.holder,
        version: next + 1,
        facts: facts.clone(),
        valid: Span { from, until: None },
        recorded_from: stamp.0,
        recorded_by: stamp.1.to_owned(),
    });
    revision
}

/// The day the told facts hold from.
fn first_day(last: &Fact, facts: &Facts, status_from: Option<Date>, today: Date) -> Option<Date> {
    if last.facts.status != facts.status {
        return Some(status_from.unwrap_or(today));
    }
    // A status that has held since ever needs no first day.
    last.valid.from.map(|known| status_from.unwrap_or(known))
}

/// The days an open fact keeps when a holder has `status` from `day`. When that is the status it has already, the latest fact is corrected,
/// and the one before it lasts until the corrected day.
fn days_left(fact: &Fact, last: &Fact, status: HolderStatus, day: Date) -> Option<Span> {
    let corrects = last.facts.status == status;
    let before_last = fact.valid.until.is_some() && fact.valid.until == last.valid.from;
    let span = match corrects {
        true if fact.version == last.version => return None,
        true if before_last => Span { until: None, ..fact.valid },
        _ => fact.valid,
    };
    match span.cut_from(day) {
        Cut::Untouched => Some(span),
        Cut::Shortened(left) => Some(left),
        Cut::Gone => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    fn facts(name: &str, status: HolderStatus) -> Facts {
        Facts {
            kind: HolderKind::Person,
            current: SealedNumber { kind: 1, number: vec![7; 27] },
            name: name.into(),
            born: None,
            status,
        }
    }

    fn new(status: HolderStatus, status_from: Option<Date>) -> Vec<Fact> {
        first(HolderRef(Uuid::nil()), facts("Ane", status), status_from, (Timestamp::UNIX_EPOCH, "test"))
    }

    fn spans(facts: &[Fact]) -> Vec<(HolderStatus, Option<Date>, Option<Date>)> {
        facts.iter().map(|fact| (fact.facts.status, fact.valid.from, fact.valid.until)).collect()
    }

    const TODAY: Date = date(2026, 3, 2);

    fn check(
        open: &[Fact], told: &Facts, from: Option<Date>, closed: &[i32], added: &[(HolderStatus, Option<Date>, Option<Date>)],
    ) {
        let revision = revise(open, told, from, TODAY, (Timestamp::UNIX_EPOCH, "test"));
        assert_eq!(revision.closed, closed);
        assert_eq!(spans(&revision.added), added);
    }

    use HolderStatus::{Active, Closed, Deleted};

    #[test]
    fn a_new_holder_was_active_before_it_was_closed() {
        let day = date(2026, 1, 1);
        assert_eq!(spans(&new(Active, Some(day))), [(Active, None, None)]);
        assert_eq!(spans(&new(Closed, None)), [(Closed, None, None)]);
        assert_eq!(spans(&new(Closed, Some(day))), [(Active, None, Some(day)), (Closed, Some(day), None)]);
    }

    #[test]
    fn the_same_facts_change_nothing() {
        let day = Some(date(2026, 1, 1));
        check(&new(Active, None), &facts("Ane", Active), None, &[], &[]);
        check(&new(Active, None), &facts("Ane", Active), day, &[], &[]);
        check(&new(Closed, day), &facts("Ane", Closed), day, &[], &[]);
        check(&new(Closed, day), &facts("Ane", Closed), None, &[], &[]);
    }

    #[test]
    fn a_new_name_corrects_the_facts_that_hold_now() {
        check(&new(Active, None), &facts("Bo", Active), None, &[1], &[(Active, None, None)]);
        let day = date(2026, 1, 1);
        check(&new(Closed, Some(day)), &facts("Bo", Closed), None, &[2], &[(Closed, Some(day), None)]);
    }

    #[test]
    fn a_new_status_holds_from_its_day() {
        let day = date(2026, 6, 1);
        check(
            &new(Active, None),
            &facts("Ane", Closed),
            Some(day),
            &[1],
            &[(Active, None, Some(day)), (Closed, Some(day), None)],
        );
        check(&new(Active, None), &facts("Ane", Closed), None, &[1], &[(Active, None, Some(TODAY)), (Closed, Some(TODAY), None)]);
        let later = date(2027, 1, 1);
        check(
            &new(Closed, Some(day)),
            &facts("Ane", Deleted),
            Some(later),
            &[2],
            &[(Closed, Some(day), Some(later)), (Deleted, Some(later), None)],
        );
    }

    #[test]
    fn a_corrected_day_moves_the_border() {
        let day = date(2026, 6, 1);
        for moved in [date(2026, 5, 1), date(2026, 7, 1)] {
            let expect = [(Active, None, Some(moved)), (Closed, Some(moved), None)];
            check(&new(Closed, Some(day)), &facts("Ane", Closed), Some(moved), &[1, 2], &expect);
        }
    }

    #[test]
    fn an_earlier_day_replaces_what_follows_it() {
        let day = date(2026, 6, 1);
        let earlier = date(2026, 2, 1);
        check(
            &new(Closed, Some(day)),
            &facts("Ane", Active),
            Some(earlier),
            &[1, 2],
            &[(Active, None, Some(earlier)), (Active, Some(earlier), None)],
        );
    }
}
