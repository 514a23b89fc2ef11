//! What a bank's status means here, and how it follows on what was known. Pure.

use iso20022::{Reason, Status, StatusCount};

/// The meaning of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// The bank executes it or has executed it.
    Accepted,
    /// The bank will not execute it.
    Rejected,
    /// Some are accepted, some are not.
    Partly,
    /// The bank has booked the money back on the payer's account.
    Returned,
    /// Not decided yet: received, technically valid, pending, or a status we do not know.
    Open,
}

impl Said {
    /// The meaning of a status. `ACTC` says no more than that the file is technically valid, so it decides nothing.
    pub fn of(status: Option<Status>) -> Self {
        match status {
            Some(Status::Accp | Status::Acsp | Status::Acsc | Status::Accc | Status::Acwc) => Self::Accepted,
            Some(Status::Rjct | Status::Canc) => Self::Rejected,
            Some(Status::Part) => Self::Partly,
            Some(Status::Rcvd | Status::Actc | Status::Pdng) | None => Self::Open,
        }
    }
}

/// The final word on a leg or a whole batch. The codes are those of the database, and a later fact has a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Accepted,
    Rejected,
    /// The money came back after it was accepted.
    Returned,
}

impl Outcome {
    pub fn code(self) -> i16 {
        match self {
            Self::Accepted => 1,
            Self::Rejected => 2,
            Self::Returned => 3,
        }
    }

    pub fn from_code(code: i16) -> Option<Self> {
        [Self::Accepted, Self::Rejected, Self::Returned].into_iter().find(|outcome| outcome.code() == code)
    }
}

/// What a word adds to what was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// A new fact.
    New(Outcome),
    /// It was known.
    Repeated,
    /// It was not decided, and still is not.
    Nothing,
    /// What was rejected or returned cannot become accepted: the payer was told, and may have paid again.
    Contradiction,
}

/// How a word follows on what was known.
pub(crate) fn news(known: Option<Outcome>, said: Said) -> News {
    match (known, said) {
        (_, Said::Open | Said::Partly) => News::Nothing,
        (None, Said::Accepted) => News::New(Outcome::Accepted),
        (None, Said::Rejected) => News::New(Outcome::Rejected),
        // Money that came back had left, whether the bank had said so or not.
        (None, Said::Returned) => News::New(Outcome::Returned),
        (Some(Outcome::Accepted), Said::Rejected | Said::Returned) => News::New(Outcome::Returned),
        (Some(Outcome::Accepted), Said::Accepted)
        | (Some(Outcome::Rejected | Outcome::Returned), Said::Rejected | Said::Returned) => News::Repeated,
        (Some(Outcome::Rejected | Outcome::Returned), Said::Accepted) => News::Contradiction,
    }
}

/// The bank's reason as we keep and pass it on: an ISO code of four characters, or NARR for a code of the bank's own.
pub(crate) fn reason_code(reasons: &[Reason]) -> Option<String> {
    let reason = reasons.first()?;
    Some(passed_on((!reason.proprietary).then_some(reason.code.as_str())))
}

/// A code as we keep and pass it on: one of four characters, or NARR for anything else.
pub(crate) fn passed_on(code: Option<&str>) -> String {
    let has_form = |code: &&str| code.len() == 4 && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    code.filter(has_form).unwrap_or("NARR").to_owned()
}

/// How many payments are of each meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub accepted: u64,
    pub rejected: u64,
    pub open: u64,
}

impl Tally {
    /// One payment more.
    pub fn add(&mut self, said: Said, count: u64) {
        match said {
            Said::Accepted => self.accepted += count,
            Said::Rejected | Said::Returned => self.rejected += count,
            Said::Open | Said::Partly => self.open += count,
        }
    }

    pub fn total(self) -> u64 {
        self.accepted.saturating_add(self.rejected).saturating_add(self.open)
    }

    /// The detailed counts of a report; `None` where it gives none, or one that is no count.
    pub fn of_counts(counts: &[StatusCount]) -> Option<Self> {
        let mut tally = Self::default();
        for count in counts {
            let payments = count.payments?;
            let meaning = Said::of(count.status);
            // A sum beyond 64 bits is no count either.
            tally.total().checked_add(payments)?;
            tally.add(meaning, payments);
        }
        (!counts.is_empty()).then_some(tally)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_meaning() {
        for (codes, expect) in [
            (&["ACCP", "ACSP", "ACSC", "ACCC", "ACWC"][..], Said::Accepted),
            (&["RJCT", "CANC"], Said::Rejected),
            (&["PART"], Said::Partly),
            (&["RCVD", "ACTC", "PDNG", "XXXX"], Said::Open),
        ] {
            for code in codes {
                assert_eq!(Said::of(Status::parse(code)), expect, "{code}");
            }
        }
    }

    #[test]
    fn words_follow_on_what_was_known() {
        use Outcome::{Accepted, Rejected, Returned};
        for (known, said, expect) in [
            (None, Said::Accepted, News::New(Accepted)),
            (None, Said::Rejected, News::New(Rejected)),
            (None, Said::Open, News::Nothing),
            (Some(Accepted), Said::Accepted, News::Repeated),
            (Some(Accepted), Said::Rejected, News::New(Returned)),
            (Some(Rejected), Said::Rejected, News::Repeated),
            (Some(Rejected), Said::Accepted, News::Contradiction),
            (Some(Returned), Said::Rejected, News::Repeated),
            (Some(Returned), Said::Accepted, News::Contradiction),
            (Some(Accepted), Said::Open, News::Nothing),
            (None, Said::Returned, News::New(Returned)),
            (Some(Accepted), Said::Returned, News::New(Returned)),
            (Some(Rejected), Said::Returned, News::Repeated),
            (Some(Returned), Said::Returned, News::Repeated),
        ] {
            assert_eq!(news(known, said), expect, "{known:?} {said:?}");
        }
    }

    #[test]
    fn outcomes_come_back() {
        for outcome in [Outcome::Accepted, Outcome::Rejected, Outcome::Returned] {
            assert_eq!(Outcome::from_code(outcome.code()), Some(outcome));
        }
        assert_eq!(Outcome::from_code(0), None);
    }

    #[test]
    fn only_iso_codes_are_passed_on() {
        let reason = |code: &str, proprietary| Reason { code: code.to_owned(), proprietary, information: Vec::new() };
        for (reasons, expect) in [
            (vec![], None),
            (vec![reason("AC04", false), reason("AM05", false)], Some("AC04")),
            (vec![reason("X1", true)], Some("NARR")),
            (vec![reason("", false)], Some("NARR")),
        ] {
            assert_eq!(reason_code(&reasons).as_deref(), expect);
        }
    }
}
