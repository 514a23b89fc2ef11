//! The judgement of single orders.

use contracts::mediation::{OrderBatch, PaymentOrder};
use contracts::parties::DateMeaning;
use contracts::{ItemResult, Problem, ProblemCode};
use primitives::{DataSupplierId, PaymentRef, ShiftRule};

use crate::due_date::{DateTerms, due_date};
use crate::house::House;
use crate::payment::Carry;
use crate::receive::{LARGEST_MINOR, NewRow, Payer, RowPlace, SliceRows, TakenBlock, Tally};

/// The most characters of a house's reference; so many are a payer's own (domain: 27 of the bank reference's 35).
const REFERENCE_CHARACTERS: usize = 27;
/// The most characters of a text to the payee.
const TEXT_CHARACTERS: usize = 140;

/// The orders that can be taken, sealed, and the refusals of the others.
pub(super) struct GoodOrders {
    /// Slices with the place of each of their rows in the call.
    pub slices: Vec<(SliceRows, Vec<usize>)>,
    /// By place in the call; `None` where the order is good.
    pub refusals: Vec<Option<ItemResult<PaymentRef>>>,
    pub tally: Tally,
}

/// Judges and seals the orders of a call.
pub(super) fn judge(
    house: &House, payer: &Payer, block: &TakenBlock, supplier: &DataSupplierId, batch: &OrderBatch,
) -> GoodOrders {
    let mut good = GoodOrders { slices: Vec::new(), refusals: Vec::with_capacity(batch.orders.len()), tally: Tally::default() };
    for (place, order) in batch.orders.iter().enumerate() {
        let refusal = match judge_order(payer, block, order) {
            Ok(shift) if good.tally.count(Some(order.amount), true).is_some() => {
                // The houses name the day the money is to be at disposal.
                let terms = DateTerms { meaning: DateMeaning::Disposal, ..payer.date_terms(&block.bank, shift) };
                let due = due_date(batch.on, terms, payer.today);
                let slice = open_slice(&mut good.slices, due, house.settings.slice_payments);
                slice.0.push(&house.vault, &new_row(house, payer, supplier, place, order));
                slice.1.push(place);
                None
            }
            Ok(_) => Some(Err(invalid("amount", "Beløbene er for store.", "The amounts are too large."))),
            Err(problem) => Some(Err(problem)),
        };
        good.refusals.push(refusal);
    }
    good
}

/// The slice of the day that has room.
fn open_slice(slices: &mut Vec<(SliceRows, Vec<usize>)>, due: jiff::civil::Date, limit: usize) -> &mut (SliceRows, Vec<usize>) {
    let place = slices.iter().position(|(slice, _)| slice.due == due && slice.len() < limit).unwrap_or_else(|| {
        slices.push((SliceRows::new(due, 0), Vec::new()));
        slices.len() - 1
    });
    &mut slices[place]
}

fn new_row<'a>(house: &House, payer: &Payer, supplier: &DataSupplierId, place: usize, order: &'a PaymentOrder) -> NewRow<'a> {
    let position = u64::try_from(place).unwrap_or(u64::MAX).saturating_add(1);
    NewRow {
        place: RowPlace {
            block: 1,
            position: i64::try_from(position).unwrap_or(i64::MAX),
            position_in_block: position,
            line: position,
        },
        reference: house.vault.payment_reference(payer.agreement.digits(), supplier.as_str(), &order.end_to_end_id),
        amount: order.amount,
        payee: Some(&order.payee),
        fallback: None,
        benefit: order.benefit.as_ref(),
        account: order.account.as_ref(),
        exempt: order.exempt_from_setoff || payer.exempt,
        carry: Carry { end_to_end_id: &order.end_to_end_id, remittance: order.text.as_deref(), ..Carry::default() },
    }
}

/// The rule by which the order's day moves, or why the order cannot be taken.
fn judge_order(payer: &Payer, block: &TakenBlock, order: &PaymentOrder) -> Result<ShiftRule, Problem> {
    let reference = order.end_to_end_id.chars().count();
    if !(1..=REFERENCE_CHARACTERS).contains(&reference) {
        return Err(invalid(
            "end_to_end_id",
            "Referencen skal have 1 til 27 tegn.",
            "The reference must have 1 to 27 characters.",
        ));
    }
    if !block.characters.allows_reference(&order.end_to_end_id) {
        return Err(invalid(
            "end_to_end_id",
            "Udbetalers bank kan ikke bære alle referencens tegn.",
            "The payer's bank cannot carry all characters of the reference.",
        ));
    }
    if !(1..=LARGEST_MINOR).contains(&order.amount.minor()) {
        return Err(invalid(
            "amount",
            "Beløbet skal være over nul og kunne udbetales.",
            "The amount must be above zero and payable.",
        ));
    }
    if order.text.as_ref().is_some_and(|text| text.chars().count() > TEXT_CHARACTERS) {
        return Err(invalid("text", "Teksten må have højst 140 tegn.", "The text must have at most 140 characters."));
    }
    if order.text.as_ref().is_some_and(|text| !block.characters.can_convert(text)) {
        return Err(invalid(
            "text",
            "Teksten har et tegn, som udbetalers bank ikke kan bære.",
            "The text has a character that the payer's bank cannot carry.",
        ));
    }
    let unknown = || invalid("benefit", "Udbetaleren har ikke ydelsesarten.", "The payer does not have the benefit.");
    payer.shift(order.benefit.as_ref()).ok_or_else(unknown)
}

fn invalid(field: &str, da: &str, en: &str) -> Problem {
    Problem::new(ProblemCode::InvalidInput, da, en).in_field(field)
}
