//! The control totals of a delivery while it is read.

use std::collections::BTreeMap;

use primitives::Money;

use crate::store::receive::ControlTotal;

/// The code under which rows are counted whose amount could not be read: ISO 4217's "no currency".
const NO_CURRENCY: &str = "XXX";

/// Taken and rejected rows per currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    totals: BTreeMap<String, ControlTotal>,
}

impl Tally {
    /// Counts a row; `None` when a sum passes 64 bits.
    pub fn count(&mut self, amount: Option<Money>, taken: bool) -> Option<()> {
        let total = self.total(amount);
        let minor = amount.map_or(0, Money::minor);
        if taken {
            total.taken_count += 1;
            total.taken_minor = total.taken_minor.checked_add(minor)?;
        } else {
            total.rejected_count += 1;
            total.rejected_minor = total.rejected_minor.checked_add(minor)?;
        }
        Some(())
    }

    /// Moves a row that was counted as taken to the rejected ones; `None` when a sum passes 64 bits.
    pub fn reject(&mut self, amount: Money) -> Option<()> {
        let total = self.total(Some(amount));
        total.taken_count -= 1;
        total.taken_minor -= amount.minor();
        self.count(Some(amount), false)
    }

    /// The totals by currency code.
    pub fn totals(&self) -> impl Iterator<Item = (&str, ControlTotal)> {
        self.totals.iter().map(|(currency, total)| (currency.as_str(), *total))
    }

    /// Rows taken, and rows rejected.
    pub fn rows(&self) -> (i64, i64) {
        self.totals.values().fold((0, 0), |(taken, rejected), total| (taken + total.taken_count, rejected + total.rejected_count))
    }

    fn total(&mut self, amount: Option<Money>) -> &mut ControlTotal {
        let currency = amount.map(Money::currency);
        let code = currency.as_ref().map_or(NO_CURRENCY, primitives::Currency::code);
        // Looked up before it is inserted: the text is made once per currency, not once per row.
        if !self.totals.contains_key(code) {
            self.totals.insert(code.to_owned(), ControlTotal::default());
        }
        self.totals.get_mut(code).expect("it was inserted just now")
    }
}

#[cfg(test)]
mod tests {
    use primitives::Currency;

    use super::*;

    #[test]
    fn rows_are_counted_moved_and_bounded() {
        let kroner = |minor| Money::new(minor, Currency::DKK);
        let mut tally = Tally::default();
        tally.count(Some(kroner(100)), true).unwrap();
        tally.count(Some(kroner(30)), true).unwrap();
        tally.count(Some(Money::new(5, Currency::EUR)), false).unwrap();
        tally.count(None, false).unwrap();
        tally.reject(kroner(30)).unwrap();
        let total = |taken_count, taken_minor, rejected_count, rejected_minor| ControlTotal {
            taken_count,
            taken_minor,
            rejected_count,
            rejected_minor,
        };
        let expect = [("DKK", total(1, 100, 1, 30)), ("EUR", total(0, 0, 1, 5)), ("XXX", total(0, 0, 1, 0))];
        assert_eq!(tally.totals().collect::<Vec<_>>(), expect);
        assert_eq!(tally.rows(), (1, 3));
        assert_eq!(tally.count(Some(kroner(i64::MAX)), true), None);
    }
}
