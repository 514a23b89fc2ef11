//! Spans of civil days.

use jiff::civil::Date;

/// Days from the first, on and on or until the day before `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// First day; `None` is since ever.
    pub from: Option<Date>,
    /// First day no longer in the span; `None` is open.
    pub until: Option<Date>,
}

/// What is left of a span when something else takes over from a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It ended before that day anyway.
    Untouched,
    /// It ends on the day before.
    Shortened(Span),
    /// Nothing is left.
    Gone,
}

impl Span {
    /// From a day on.
    pub(crate) const fn starting(from: Date) -> Self {
        Self { from: Some(from), until: None }
    }

    /// Every day.
    pub(crate) const ALWAYS: Self = Self { from: None, until: None };

    /// What is left when something else takes over from `day`.
    pub(crate) fn cut_from(self, day: Date) -> Cut {
        if self.until.is_some_and(|until| until <= day) {
            Cut::Untouched
        } else if self.from.is_none_or(|from| from < day) {
            Cut::Shortened(Self { until: Some(day), ..self })
        } else {
            Cut::Gone
        }
    }

    /// The days of both; `None` when there are none.
    pub(crate) fn intersect(self, other: Self) -> Option<Self> {
        // `None` sorts first, as a first day "since ever" should.
        let from = self.from.max(other.from);
        let until = match (self.until, other.until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let some_day = match (from, until) {
            (Some(from), Some(until)) => from < until,
            _ => true,
        };
        some_day.then_some(Self { from, until })
    }

    /// The days that are in none of the others, in order.
    pub(crate) fn without(self, others: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let outside = |left: Vec<Self>, other: Self| left.into_iter().flat_map(|span| span.outside(other)).collect();
        others.into_iter().fold(vec![self], outside)
    }

    /// The days before and the days after the other.
    fn outside(self, other: Self) -> impl Iterator<Item = Self> {
        let before = other.from.and_then(|first| self.intersect(Self { from: None, until: Some(first) }));
        let after = other.until.and_then(|until| self.intersect(Self::starting(until)));
        before.into_iter().chain(after)
    }

    /// Whether the span is over on `day`.
    pub(crate) fn is_over(self, day: Date) -> bool {
        self.until.is_some_and(|until| until <= day)
    }

    /// Whether the day is in the span.
    pub(crate) fn contains(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && !self.is_over(day)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn day() -> impl Strategy<Value = Date> {
        (1i8..=28).prop_map(|d| date(2026, 1, d))
    }

    fn span() -> impl Strategy<Value = Span> {
        (proptest::option::of(day()), proptest::option::of(day()))
            .prop_filter("some day", |(from, until)| !matches!((from, until), (Some(f), Some(u)) if f >= u))
            .prop_map(|(from, until)| Span { from, until })
    }

    proptest! {
        #[test]
        fn a_cut_keeps_the_days_before_and_no_other(span in span(), at in day(), probe in day()) {
            let left = match span.cut_from(at) {
                Cut::Untouched => Some(span),
                Cut::Shortened(left) => Some(left),
                Cut::Gone => None,
            };
            let kept = left.is_some_and(|left| left.contains(probe));
            prop_assert_eq!(kept, span.contains(probe) && probe < at);
        }

        #[test]
        fn an_intersection_has_the_days_of_both(a in span(), b in span(), probe in day()) {
            let both = a.intersect(b);
            prop_assert_eq!(both.is_some_and(|both| both.contains(probe)), a.contains(probe) && b.contains(probe));
            prop_assert_eq!(both, b.intersect(a));
        }

        #[test]
        fn what_is_left_without_others_has_each_day_of_none_of_them_once(
            span in span(), others in proptest::collection::vec(span(), 0..4), probe in day(),
        ) {
            let left = span.without(others.iter().copied());
            let expect = span.contains(probe) && !others.iter().any(|other| other.contains(probe));
            prop_assert_eq!(left.iter().filter(|left| left.contains(probe)).count(), usize::from(expect));
            prop_assert!(left.is_sorted_by_key(|left| left.from));
        }
    }
}
