//! The recovery authority's markers, the benefits that take part, and what follows for a payment.

use contracts::setoff::{BenefitRule, MarkerAction, MarkerChange, MarkerScope};
use primitives::BenefitCode;

use super::authorities::{AUTHORITIES, BENEFITS};
use super::{Payee, World};
use crate::dice::Stream;

/// The lowest and highest priority code the demo's recovery authority uses.
const PRIORITIES: (i32, u64) = (1, 9);
/// Markers were set at most this many days ago.
const OLDEST_MARKER_DAYS: u64 = 700;

/// Whether the recovery authority's markers catch a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirected {
    /// It must go to the recovery authority.
    Yes,
    /// It must not.
    No,
    /// The payment names no benefit, so the published list does not say.
    Unsaid,
}

impl World {
    /// The marker on a holder, if there is one: on persons and companies only.
    #[must_use]
    pub fn marker(&self, payee: Payee) -> Option<MarkerChange> {
        let (stream, index) = match payee {
            Payee::Person(index) => (Stream::PersonMarker, index),
            Payee::Company(index) => (Stream::CompanyMarker, index),
            Payee::SeUnit(_) | Payee::ProductionUnit(_) => return None,
        };
        let mut dice = self.dice(stream, index);
        if !dice.falls(self.rates.marked) {
            return None;
        }
        let payer = usize::try_from(dice.below(AUTHORITIES.len() as u64)).expect("an index of the table");
        let benefit = *dice.pick(AUTHORITIES[payer].benefits);
        let agreement = Self::agreement_of(payer);
        let scope = match dice.below(10) {
            0..5 => MarkerScope::General { payer: None },
            5 => MarkerScope::General { payer: Some(agreement) },
            6 | 7 => MarkerScope::Common,
            8 => {
                let benefit = BenefitCode::parse(benefit).expect("a code of the table");
                MarkerScope::Internal { payer: agreement, benefit }
            }
            _ => MarkerScope::AssignmentOrLevy,
        };
        let (lowest, count) = PRIORITIES;
        let priority = lowest + i32::try_from(dice.below(count)).expect("one digit");
        let from = self.days_ago(1 + dice.below(OLDEST_MARKER_DAYS));
        Some(MarkerChange { identifier: self.identifier(payee), scope, priority, action: MarkerAction::Set, from })
    }

    /// All markers, in the order of the holders.
    pub fn markers(&self) -> impl Iterator<Item = MarkerChange> + '_ {
        self.payees().filter_map(|payee| self.marker(payee))
    }

    /// Which benefits take part in set-off.
    #[must_use]
    pub fn benefit_rules(&self) -> Vec<BenefitRule> {
        let rule = |benefit: &super::authorities::BenefitSpec| BenefitRule {
            benefit: BenefitCode::parse(benefit.code).expect("a code of the table"),
            takes_part: benefit.takes_part,
            from: self.opening_day(),
            source: "Demo-liste (opdigtet)".to_owned(),
        };
        BENEFITS.iter().map(rule).collect()
    }

    /// Whether a payment to a payee is redirected to the recovery authority. The authority's own payouts never are.
    #[must_use]
    pub fn redirected(&self, payer: usize, benefit: Option<&str>, payee: Payee) -> Redirected {
        let own = AUTHORITIES[payer].kind == contracts::parties::PayerKind::RecoveryAuthority;
        let Some(marker) = self.marker(payee).filter(|_| !own) else { return Redirected::No };
        let listed = match benefit {
            None => Redirected::Unsaid,
            Some(code) => yes_if(BENEFITS.iter().any(|benefit| benefit.code == code && benefit.takes_part)),
        };
        let agreement = Self::agreement_of(payer);
        match marker.scope {
            MarkerScope::General { payer: Some(only) } if only != agreement => Redirected::No,
            MarkerScope::General { .. } | MarkerScope::Common => listed,
            MarkerScope::Internal { payer: only, benefit: one } => yes_if(only == agreement && benefit == Some(one.as_str())),
            MarkerScope::AssignmentOrLevy => Redirected::Yes,
        }
    }
}

fn yes_if(condition: bool) -> Redirected {
    if condition { Redirected::Yes } else { Redirected::No }
}
