//! Whether a payout is redirected, and by which marker. Pure: the same payout, markers and rules give the same answer.

use contracts::setoff::MarkerScope;
use jiff::civil::Date;
use primitives::{AgreementNumber, BenefitCode};

use crate::{marker::Marker, rules::BenefitRules};

/// What of a payout the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) payer: AgreementNumber,
    pub(crate) benefit: Option<BenefitCode>,
    /// The recovery authority's own payout of a rest, which its own markers do not catch.
    pub(crate) exempt: bool,
    /// The day the money is to be at disposal.
    pub(crate) on: Date,
}

/// The marker of the payee that redirects the payout, if any: of those that catch it, the one with the lowest priority code, and among
/// equals the one that was recorded first.
pub(crate) fn decide<'m>(payout: &Facts, markers: &'m [Marker], rules: &BenefitRules) -> Option<&'m Marker> {
    if payout.exempt {
        return None;
    }
    markers
        .iter()
        .filter(|marker| marker.applies_on(payout.on) && catches(&marker.scope, payout, rules))
        .min_by_key(|marker| (marker.priority, marker.version))
}

/// A benefit that does not take part is out of reach of general and common markers. An internal marker, and an assignment or levy, is the
/// recovery authority's request for just this kind of payout (child and youth benefit against day-care arrears is the public example), so it
/// catches the payout also when the benefit takes no part otherwise.
fn catches(scope: &MarkerScope, payout: &Facts, rules: &BenefitRules) -> bool {
    match scope {
        MarkerScope::General { payer } => payer.is_none_or(|payer| payer == payout.payer) && rules.take_part(payout.benefit),
        MarkerScope::Common => rules.take_part(payout.benefit),
        MarkerScope::Internal { payer, benefit } => *payer == payout.payer && Some(*benefit) == payout.benefit,
        MarkerScope::AssignmentOrLevy => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn payer(number: &str) -> AgreementNumber {
        AgreementNumber::parse(number).unwrap()
    }

    fn benefit(code: &str) -> BenefitCode {
        BenefitCode::parse(code).unwrap()
    }

    fn marker(version: i64, priority: i32, scope: MarkerScope) -> Marker {
        Marker { scope, priority, from: date(2026, 1, 1), until: Some(date(2026, 2, 1)), version }
    }

    /// A payout by payer 00000001 of the benefit in January 2026; child and youth benefit takes no part. Expects the marker's version.
    fn check(code: Option<&str>, markers: &[Marker], expect: Option<i64>) {
        let payout = Facts { payer: payer("00000001"), benefit: code.map(benefit), exempt: false, on: date(2026, 1, 15) };
        let rules = BenefitRules::new(7, [benefit("NKSBFY")]);
        assert_eq!(decide(&payout, markers, &rules).map(|marker| marker.version), expect);
        assert_eq!(decide(&Facts { exempt: true, ..payout }, markers, &rules), None, "an exempt payout is never caught");
        for outside in [date(2025, 12, 31), date(2026, 2, 1)] {
            assert_eq!(decide(&Facts { on: outside, ..payout }, markers, &rules), None, "a marker applies on its days only");
        }
    }

    #[test]
    fn every_scope_catches_what_it_names() {
        let general = MarkerScope::General { payer: None };
        let of = |number| MarkerScope::General { payer: Some(payer(number)) };
        let internal = |number, code| MarkerScope::Internal { payer: payer(number), benefit: benefit(code) };

        check(Some("NKSLØN"), &[], None);
        check(Some("NKSLØN"), &[marker(1, 5, general.clone())], Some(1));
        check(None, &[marker(1, 5, general.clone())], Some(1));
        check(Some("NKSBFY"), &[marker(1, 5, general)], None);

        check(Some("NKSLØN"), &[marker(1, 5, of("00000001"))], Some(1));
        check(Some("NKSLØN"), &[marker(1, 5, of("00000002"))], None);
        check(Some("NKSBFY"), &[marker(1, 5, of("00000001"))], None);

        check(Some("NKSLØN"), &[marker(1, 5, MarkerScope::Common)], Some(1));
        check(None, &[marker(1, 5, MarkerScope::Common)], Some(1));
        check(Some("NKSBFY"), &[marker(1, 5, MarkerScope::Common)], None);

        check(Some("NKSBFY"), &[marker(1, 5, internal("00000001", "NKSBFY"))], Some(1));
        check(Some("NKSBFY"), &[marker(1, 5, internal("00000002", "NKSBFY"))], None);
        check(Some("NKSLØN"), &[marker(1, 5, internal("00000001", "NKSBFY"))], None);
        check(None, &[marker(1, 5, internal("00000001", "NKSBFY"))], None);

        check(Some("NKSBFY"), &[marker(1, 5, MarkerScope::AssignmentOrLevy)], Some(1));
        check(None, &[marker(1, 5, MarkerScope::AssignmentOrLevy)], Some(1));
    }

    #[test]
    fn the_lowest_priority_code_wins_then_the_first_recorded() {
        let common = |version, priority| marker(version, priority, MarkerScope::Common);
        let levy = |version, priority| marker(version, priority, MarkerScope::AssignmentOrLevy);
        check(Some("NKSLØN"), &[common(1, 5), levy(2, 3)], Some(2));
        check(Some("NKSLØN"), &[levy(2, 5), common(1, 5)], Some(1));
        check(Some("NKSLØN"), &[common(3, 0), levy(2, -1)], Some(2));
        check(Some("NKSBFY"), &[common(1, 1), levy(2, 3)], Some(2));
    }
}
