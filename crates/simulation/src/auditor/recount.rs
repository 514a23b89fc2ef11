//! Putting orders and payments beside each other: each ordered payment ends in exactly one place.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::judge::{Purse, Right};
use super::key::{Key, Letters};
use super::orders::{Order, Orders};
use super::payments::{Payment, Payments};
use super::reports::{Refusal, Reports};
use super::result::{Recount, Sums};

/// Differences listed one by one; more are counted.
const LISTED: usize = 1_000;

/// Payments that do not carry the payer's reference, by what is known of them.
type Pool = BTreeMap<(u32, Purse, Letters, i64), Vec<Payment>>;

/// What is known beside the files of payers and banks.
#[derive(Clone, Copy, Default)]
pub(super) struct Known {
    /// The banks' answers: a bank's refusal must stand in them.
    pub(super) bank_answers: bool,
    /// Every fault there may be in the payers' files: a refusal without one is a difference.
    pub(super) refusals_judged: bool,
}

/// Recounts.
pub(super) fn recount(orders: Orders, payments: Payments, reports: &Reports, known: Known) -> Recount {
    let mut books = Books {
        known,
        recalled: orders.recalled,
        told_stopped: HashSet::new(),
        order_files: orders.files,
        payment_files: payments.files,
        ..Books::default()
    };
    books.told_stopped = books.recalled.iter().copied().filter(|payment| reports.recall(*payment) == Some(true)).collect();
    for texts in [&reports.differences, &orders.differences, &payments.differences] {
        texts.iter().for_each(|text| books.differ(text.clone()));
    }
    books.join(orders.orders, payments.payments);
    books.close()
}

/// The books while counting.
#[derive(Default)]
struct Books {
    known: Known,
    /// What payers asked to be stopped, and of that what they were told is not paid.
    recalled: HashSet<Key>,
    told_stopped: HashSet<Key>,
    order_files: Vec<super::orders::OrderFile>,
    payment_files: Vec<String>,
    received: Sums,
    purses: HashMap<Purse, Sums>,
    returned: Sums,
    rejected: Sums,
    /// Parts of what is rejected.
    stopped: Sums,
    sent_back: Sums,
    waiting: Sums,
    pool: Pool,
    unplaced: Vec<Order>,
    differences: Vec<String>,
    unlisted: usize,
}

impl Books {
    /// Walks both lists in the order of their keys.
    fn join(&mut self, mut orders: Vec<Order>, mut payments: Vec<Payment>) {
        orders.sort_unstable_by_key(|order| (order.key, order.file, order.row));
        payments.sort_unstable_by_key(|payment| (payment.key, payment.file, payment.row));
        let (mut orders, mut payments) = (orders.as_slice(), payments.as_slice());
        while let Some(key) =
            orders.first().map(|order| order.key).into_iter().chain(payments.first().map(|payment| payment.key)).min()
        {
            let (same_orders, other_orders) = orders.split_at(orders.partition_point(|order| order.key <= key));
            let (same_payments, other_payments) = payments.split_at(payments.partition_point(|payment| payment.key <= key));
            self.settle(same_orders, same_payments);
            (orders, payments) = (other_orders, other_payments);
        }
        self.place_the_rest();
    }

    /// All orders and all payments with one reference.
    fn settle(&mut self, orders: &[Order], payments: &[Payment]) {
        orders.iter().for_each(|order| self.received.add(order.currency, order.steps));
        let mut open: Vec<&Order> = orders.iter().collect();
        for payment in payments {
            match take_match(&mut open, payment, |order| self.order_files[order.file as usize].refused) {
                Some(order) => self.paid(order, payment, orders.len()),
                None if orders.is_empty() && payment.purse != Purse::Accounts => {
                    let place = (payment.agreement, payment.purse, payment.currency, payment.steps);
                    self.pool.entry(place).or_default().push(*payment);
                }
                None => {
                    self.count(payment);
                    let what = if orders.is_empty() { "has no order" } else { "is paid once too often" };
                    self.differ(format!("{} {what}", self.payment_label(payment)));
                }
            }
        }
        let first = orders.iter().find(|order| !self.order_files[order.file as usize].refused && !order.block_refused);
        for order in open {
            // "Used before" is said of a later row, so the first one has to be found as if nothing had been said.
            let of_another = order.refusal == Some(Refusal::Repeated) && first.is_some_and(|first| std::ptr::eq(first, order));
            let refusal = order.refusal.filter(|_| !of_another);
            self.unpaid(&Order { refusal, ..*order }, orders.len());
        }
    }

    /// An order and the payment that carries it out.
    fn paid(&mut self, order: &Order, payment: &Payment, same_reference: usize) {
        if (order.currency, order.steps) != (payment.currency, payment.steps) {
            self.differ(format!("{}: {} has another amount", self.order_label(order), self.payment_label(payment)));
        }
        if self.order_files[order.file as usize].refused || order.block_refused {
            self.differ(format!("{} was paid though it was refused with its delivery", self.order_label(order)));
        }
        if let Some(objection) = order.verdict.objection(payment.purse, payment.account) {
            self.differ(format!("{} {objection}", self.order_label(order)));
        }
        // Where a reference is repeated, the report's refusal is that of another row.
        let reported = order.refusal.is_some() && same_reference == 1;
        let is_back = payment.refused || payment.sent_back;
        if payment.sent_back && !payment.refused {
            self.sent_back.add(payment.currency, payment.steps);
        }
        if !is_back && self.told_stopped.contains(&order.key) {
            self.differ(format!("{} was paid and the payer was told that it is stopped", self.order_label(order)));
        }
        match (is_back, reported) {
            (true, _) if order.refusal.is_none() => {
                let how = if payment.refused { "refused by the bank" } else { "sent back" };
                self.rejected.add(payment.currency, payment.steps);
                self.differ(format!("{} was {how} and the payer was not told", self.order_label(order)));
            }
            (true, _) => self.rejected.add(payment.currency, payment.steps),
            (false, true) if self.known.bank_answers => {
                self.count(payment);
                self.differ(format!("{} was paid and reported as refused", self.order_label(order)));
            }
            (false, true) => self.rejected.add(payment.currency, payment.steps),
            (false, false) => self.count(payment),
        }
    }

    /// An order with no payment of its reference.
    fn unpaid(&mut self, order: &Order, same_reference: usize) {
        if self.order_files[order.file as usize].refused || order.block_refused {
            self.rejected.add(order.currency, order.steps);
        } else if let Some(refusal) = order.refusal {
            self.refused(order, refusal, same_reference);
        } else if order.waits {
            self.waiting.add(order.currency, order.steps);
        } else {
            self.unplaced.push(*order);
        }
    }

    /// An order that was refused on its own: returned for want of an account, rejected for a fault, or stopped.
    fn refused(&mut self, order: &Order, refusal: Refusal, same_reference: usize) {
        let returned = match order.verdict.right {
            _ if refusal == Refusal::Stopped => false,
            Right::WithoutAccount | Right::NotPayable => true,
            Right::Unjudged => refusal == Refusal::NoAccount,
            Right::Faulty | Right::Account(_) => false,
        };
        let sums = if returned { &mut self.returned } else { &mut self.rejected };
        sums.add(order.currency, order.steps);
        if refusal == Refusal::Stopped {
            self.stopped.add(order.currency, order.steps);
        }
        let is_unasked = refusal == Refusal::Stopped && self.known.refusals_judged && !self.recalled.contains(&order.key);
        let objection = match order.verdict.right {
            _ if is_unasked => Some("was stopped though its payer did not ask"),
            _ if same_reference > 1 || refusal == Refusal::Stopped => None,
            Right::Account(_) if !self.known.refusals_judged => None,
            Right::Account(_) => Some("was refused though nothing is wrong with it"),
            _ if returned => order.verdict.objection_to_return(),
            _ => None,
        };
        if let Some(objection) = objection {
            self.differ(format!("{} {objection}", self.order_label(order)));
        }
    }

    /// Orders that no payment names: found again by payer, amount and the purse they belong in.
    fn place_the_rest(&mut self) {
        for order in std::mem::take(&mut self.unplaced) {
            let agreement = self.order_files[order.file as usize].agreement.parse().unwrap_or(0);
            let purses = order.verdict.possible_purses();
            let found = purses
                .into_iter()
                .find_map(|purse| self.pool.get_mut(&(agreement, purse, order.currency, order.steps)).and_then(Vec::pop));
            match found {
                Some(payment) => self.count(&payment),
                None => self.differ(format!("{} is nowhere", self.order_label(&order))),
            }
        }
        for payment in std::mem::take(&mut self.pool).into_values().flatten() {
            self.count(&payment);
            self.differ(format!("{} has no order", self.payment_label(&payment)));
        }
    }

    fn count(&mut self, payment: &Payment) {
        self.purses.entry(payment.purse).or_default().add(payment.currency, payment.steps);
    }

    fn differ(&mut self, text: String) {
        if self.differences.len() < LISTED {
            self.differences.push(text);
        } else {
            self.unlisted += 1;
        }
    }

    fn order_label(&self, order: &Order) -> String {
        format!("{} row {}", self.order_files[order.file as usize].label(), order.row)
    }

    fn payment_label(&self, payment: &Payment) -> String {
        format!("{} row {}", self.payment_files[payment.file as usize], payment.row)
    }

    fn close(mut self) -> Recount {
        let mut purse = |purse| self.purses.remove(&purse).unwrap_or_default();
        let (accounts, recovery) = (purse(Purse::Accounts), purse(Purse::Recovery));
        let (holding, error_account) = (purse(Purse::Holding), purse(Purse::ErrorAccount));
        let places = [&accounts, &recovery, &holding, &error_account, &self.returned, &self.rejected, &self.waiting];
        let even = Sums::total(places) == self.received;
        self.differences.sort_unstable();
        if self.unlisted > 0 {
            self.differences.push(format!("… and {} more", self.unlisted));
        }
        Recount {
            received: self.received.tally(),
            accounts: accounts.tally(),
            recovery: recovery.tally(),
            holding: holding.tally(),
            error_account: error_account.tally(),
            returned: self.returned.tally(),
            rejected: self.rejected.tally(),
            stopped: self.stopped.tally(),
            sent_back: self.sent_back.tally(),
            waiting: self.waiting.tally(),
            balanced: even && self.differences.is_empty(),
            differences: self.differences,
        }
    }
}

/// Takes the order a payment belongs to: of a delivery that was not refused before one that was, of the same amount before another, the
/// earlier before the later.
fn take_match<'o>(open: &mut Vec<&'o Order>, payment: &Payment, refused: impl Fn(&Order) -> bool) -> Option<&'o Order> {
    let other_amount = |order: &Order| (order.currency, order.steps) != (payment.currency, payment.steps);
    let best = (0..open.len()).min_by_key(|&place| (refused(open[place]), other_amount(open[place])))?;
    Some(open.remove(best))
}
