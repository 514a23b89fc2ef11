//! A customer's markers: what the recovery authority has asked for, and the days it applies.

use contracts::setoff::{MarkerAction, MarkerChange, MarkerScope};
use jiff::civil::Date;

/// A marker as it stands after all changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) scope: MarkerScope,
    /// The recovery authority's priority code; the lowest wins.
    pub(crate) priority: i32,
    /// First day it applies.
    pub(crate) from: Date,
    /// First day it no longer applies.
    pub(crate) until: Option<Date>,
    /// The change that set it.
    pub(crate) version: i64,
}

impl Marker {
    /// Whether it applies on the day.
    pub(crate) fn applies_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// Cuts the marker off at the day; `None` when nothing is left of it.
    fn until_at_latest(mut self, day: Date) -> Option<Self> {
        if self.from >= day {
            return None;
        }
        self.until = Some(self.until.map_or(day, |until| until.min(day)));
        Some(self)
    }
}

/// Applies a change to all markers of its customer. A change decides from its day on, so it replaces what was recorded for later days.
/// Says whether it had an effect: a removal has none when no marker of the scope applies on or after the day.
pub(crate) fn apply(markers: &mut Vec<Marker>, change: &MarkerChange, version: i64) -> bool {
    let (same_scope, mut kept): (Vec<_>, Vec<_>) = markers.drain(..).partition(|marker| marker.scope == change.scope);
    let affected = same_scope.iter().any(|marker| marker.until.is_none_or(|until| until > change.from));
    kept.extend(same_scope.into_iter().filter_map(|marker| marker.until_at_latest(change.from)));
    if change.action == MarkerAction::Set {
        kept.push(Marker { scope: change.scope.clone(), priority: change.priority, from: change.from, until: None, version });
    }
    *markers = kept;
    affected || change.action == MarkerAction::Set
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use primitives::{Cvr, Identifier};

    fn change(action: MarkerAction, scope: MarkerScope, day: i8) -> MarkerChange {
        MarkerChange {
            identifier: Identifier::from(Cvr::parse("10103940").unwrap()),
            scope,
            priority: 10,
            action,
            from: date(2026, 1, day),
        }
    }

    /// Applies the changes and compares scope, first and last day of what remains.
    fn check(changes: &[(MarkerAction, i8)], expect: &[(i8, Option<i8>)]) {
        let mut markers = Vec::new();
        for (version, (action, day)) in (1..).zip(changes) {
            apply(&mut markers, &change(*action, MarkerScope::Common, *day), version);
        }
        let days: Vec<_> = markers.iter().map(|marker| (marker.from.day(), marker.until.map(Date::day))).collect();
        assert_eq!(days, expect);
    }

    #[test]
    fn changes_add_up() {
        use MarkerAction::{Remove, Set};
        check(&[(Set, 1)], &[(1, None)]);
        check(&[(Set, 1), (Set, 1)], &[(1, None)]);
        check(&[(Set, 1), (Remove, 5)], &[(1, Some(5))]);
        check(&[(Set, 1), (Remove, 1)], &[]);
        check(&[(Set, 5), (Remove, 1)], &[]);
        check(&[(Set, 1), (Set, 5)], &[(1, Some(5)), (5, None)]);
        check(&[(Set, 5), (Set, 1)], &[(1, None)]);
        check(&[(Set, 1), (Remove, 5), (Set, 9)], &[(1, Some(5)), (9, None)]);
        check(&[(Set, 1), (Remove, 5), (Set, 3)], &[(1, Some(3)), (3, None)]);
        check(&[(Set, 1), (Remove, 5), (Remove, 3)], &[(1, Some(3))]);
    }

    #[test]
    fn other_scopes_are_left_alone() {
        let mut markers = Vec::new();
        apply(&mut markers, &change(MarkerAction::Set, MarkerScope::AssignmentOrLevy, 1), 1);
        assert!(!apply(&mut markers, &change(MarkerAction::Remove, MarkerScope::Common, 1), 2));
        assert_eq!(markers.len(), 1);
        assert_eq!(markers[0].version, 1);
    }

    #[test]
    fn a_removal_after_the_end_has_no_effect() {
        let mut markers = Vec::new();
        apply(&mut markers, &change(MarkerAction::Set, MarkerScope::Common, 1), 1);
        assert!(apply(&mut markers, &change(MarkerAction::Remove, MarkerScope::Common, 5), 2));
        assert!(!apply(&mut markers, &change(MarkerAction::Remove, MarkerScope::Common, 5), 3));
    }

    #[test]
    fn the_last_day_is_not_included() {
        let marker =
            Marker { scope: MarkerScope::Common, priority: 1, from: date(2026, 1, 2), until: Some(date(2026, 1, 4)), version: 1 };
        let days: Vec<_> = (1..=5).filter(|day| marker.applies_on(date(2026, 1, *day))).collect();
        assert_eq!(days, [2, 3]);
    }
}
