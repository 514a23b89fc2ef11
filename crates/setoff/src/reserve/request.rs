//! The payouts of one call, checked and prepared: payees sealed, legs indexed.

use std::collections::HashMap;

use contracts::{
    Problem, ProblemCode,
    setoff::{MAX_ITEMS, Payout, SetoffRequest},
};
use platform::limits::check_count;
use platform::vault::Vault;
use primitives::LegRef;

use crate::store::reservation::RowSpan;

/// A request that may be matched.
pub(super) struct Question {
    pub(super) request: SetoffRequest,
    /// The sealed payees of the payouts that are not exempt: exempt ones are never looked up.
    pub(super) payees: Vec<Vec<u8>>,
    /// The place in the request of each of `payees`, ascending.
    places: Vec<usize>,
    /// The sealed payees of the exempt payouts, by their place in the request: only to tell a repeated leg from another.
    exempt: HashMap<usize, Vec<u8>>,
    indexes: HashMap<LegRef, usize>,
}

impl Question {
    /// Checks the request: at most [`contracts::setoff::MAX_ITEMS`] payouts, each of its own leg and of a positive amount.
    pub(super) fn new(vault: &Vault, request: SetoffRequest) -> Result<Self, Problem> {
        check_count(request.payouts.len(), MAX_ITEMS, "payouts")?;
        let mut indexes = HashMap::with_capacity(request.payouts.len());
        let mut payees = Vec::with_capacity(request.payouts.len());
        let mut places = Vec::with_capacity(request.payouts.len());
        let mut exempt = HashMap::new();
        for (index, payout) in request.payouts.iter().enumerate() {
            if !payout.amount.is_positive() {
                return Err(not_positive(index));
            }
            if indexes.insert(payout.leg, index).is_some() {
                return Err(leg_twice(index));
            }
            let payee = vault.seal(&payout.payee);
            if payout.exempt {
                exempt.insert(index, payee);
            } else {
                places.push(index);
                payees.push(payee);
            }
        }
        Ok(Self { request, payees, places, exempt, indexes })
    }

    /// The payout of the sealed payee at this place.
    pub(super) fn payout_at(&self, place: usize) -> &Payout {
        &self.request.payouts[self.places[place]]
    }

    /// Where in the request the leg stands.
    pub(super) fn index_of(&self, leg: LegRef) -> Option<usize> {
        self.indexes.get(&leg).copied()
    }

    /// Whether the payout at this index of the request is to the sealed payee.
    pub(super) fn is_payee(&self, index: usize, sealed: &[u8]) -> bool {
        match self.places.binary_search(&index) {
            Ok(place) => self.payees[place] == sealed,
            Err(_) => self.exempt.get(&index).is_some_and(|payee| payee == sealed),
        }
    }

    /// The rows the legs lie between, slice by slice.
    pub(super) fn spans(&self) -> Vec<RowSpan> {
        let mut spans: HashMap<i64, RowSpan> = HashMap::new();
        for payout in &self.request.payouts {
            let payment = payout.leg.payment;
            let span =
                spans.entry(payment.slice).or_insert(RowSpan { slice: payment.slice, first: payment.row, last: payment.row });
            span.first = span.first.min(payment.row);
            span.last = span.last.max(payment.row);
        }
        spans.into_values().collect()
    }

    /// One byte string of the request: requests that differ in anything have different ones. Fields of fixed length stand bare, the others
    /// behind their length.
    pub(super) fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 + 64 * self.request.payouts.len());
        bytes.extend_from_slice(self.request.payer.digits().as_bytes());
        push_text(&mut bytes, &self.request.on.to_string());
        for payout in &self.request.payouts {
            bytes.extend_from_slice(&payout.leg.payment.slice.to_le_bytes());
            bytes.extend_from_slice(&payout.leg.payment.row.to_le_bytes());
            bytes.extend_from_slice(&payout.leg.leg.to_le_bytes());
            bytes.extend_from_slice(&payout.amount.minor().to_le_bytes());
            bytes.extend_from_slice(payout.amount.currency().code().as_bytes());
            bytes.push(u8::from(payout.exempt));
            push_text(&mut bytes, payout.benefit.as_ref().map_or("", |benefit| benefit.as_str()));
            push_text(&mut bytes, payout.payee.kind().as_str());
            push_text(&mut bytes, &payout.payee.canonical());
        }
        bytes
    }
}

/// Every text here is far shorter than 65,536 bytes; a longer one would only lose its length, never its content.
fn push_text(bytes: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn not_positive(index: usize) -> Problem {
    Problem::new(ProblemCode::InvalidInput, "Beløbet skal være større end nul.", "The amount must be greater than zero.")
        .in_field(format!("payouts[{index}].amount"))
}

fn leg_twice(index: usize) -> Problem {
    Problem::new(ProblemCode::InvalidInput, "Samme delbetaling står to gange i kaldet.", "The same leg stands twice in the call.")
        .in_field(format!("payouts[{index}].leg"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use platform::seal::KeyRing;
    use primitives::{AgreementNumber, BenefitCode, Currency, Cvr, Money, PaymentRef};

    fn payout(row: i32) -> Payout {
        Payout {
            leg: PaymentRef::new(7, row).leg(0),
            payee: Cvr::parse("10103940").unwrap().into(),
            benefit: Some(BenefitCode::parse("NKSLEV").unwrap()),
            amount: Money::new(100, Currency::DKK),
            exempt: false,
        }
    }

    fn question(payouts: Vec<Payout>) -> Result<Question, Problem> {
        let payer = AgreementNumber::parse("00000001").unwrap();
        Question::new(&Vault::new(&KeyRing::for_tests(), "setoff"), SetoffRequest { payer, on: date(2026, 1, 5), payouts })
    }

    #[test]
    fn what_cannot_be_matched_is_refused() {
        let check = |payouts, field: &str| {
            let problem = question(payouts).err().unwrap();
            assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::InvalidInput, Some(field)));
        };
        check(vec![payout(1), payout(1)], "payouts[1].leg");
        check(vec![Payout { amount: Money::new(0, Currency::DKK), ..payout(1) }], "payouts[0].amount");
        check(vec![payout(1), Payout { amount: Money::new(-5, Currency::DKK), ..payout(2) }], "payouts[1].amount");
    }

    #[test]
    fn the_canonical_bytes_tell_every_field_apart() {
        let changes: [fn(&mut Payout); 7] = [
            |payout| payout.leg.payment.slice += 1,
            |payout| payout.leg.leg += 1,
            |payout| payout.payee = primitives::Se::parse("10103940").unwrap().into(),
            |payout| payout.benefit = None,
            |payout| payout.amount = Money::new(101, Currency::DKK),
            |payout| payout.amount = Money::new(100, Currency::EUR),
            |payout| payout.exempt = true,
        ];
        let first = question(vec![payout(1)]).unwrap().canonical();
        assert_eq!(first, question(vec![payout(1)]).unwrap().canonical());
        for change in changes {
            let mut other = payout(1);
            change(&mut other);
            assert_ne!(first, question(vec![other]).unwrap().canonical());
        }
    }

    #[test]
    fn exempt_payouts_are_not_looked_up() {
        let exempt = Payout { exempt: true, ..payout(1) };
        let question = question(vec![exempt, payout(2)]).unwrap();
        assert_eq!(question.payees.len(), 1);
        assert_eq!(question.payout_at(0).leg, payout(2).leg);
        assert!(question.is_payee(0, &question.payees[0].clone()), "both are to the same payee");
    }

    #[test]
    fn a_span_covers_the_rows_of_its_slice() {
        let question = question(vec![payout(9), payout(3), payout(5)]).unwrap();
        let spans: Vec<_> = question.spans().iter().map(|span| (span.slice, span.first, span.last)).collect();
        assert_eq!(spans, [(7, 3, 9)]);
    }
}
