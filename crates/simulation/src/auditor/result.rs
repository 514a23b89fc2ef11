//! The auditor's result.

use std::collections::BTreeMap;

use serde::Serialize;

use super::key::Letters;

/// A number of payments and their sum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many payments.
    pub count: u64,
    /// The sum of those in kroner, in øre. Tenths of øre, which only refused rows have, are dropped from the sum.
    pub minor: i64,
    /// The sums of the others by currency code, in the currency's minor unit.
    pub by_currency: BTreeMap<String, i64>,
}

/// In and out, recounted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recount {
    /// Ordered by the payers in readable files, each file once.
    pub received: Tally,
    /// Sent to payees' accounts and not refused by a bank.
    pub accounts: Tally,
    /// Redirected to the recovery authority.
    pub recovery: Tally,
    /// Sent to the holding account.
    pub holding: Tally,
    /// Sent to the payers' error accounts.
    pub error_account: Tally,
    /// Back to the payer because the payee has no account.
    pub returned: Tally,
    /// Not paid: refused with the delivery or for a fault, stopped, refused by the bank, or sent back by it.
    pub rejected: Tally,
    /// Of what is rejected: stopped before it left. The money never moved.
    pub stopped: Tally,
    /// Of what is rejected: paid and come back, because the payer's recall was heard or the payee's bank returned it. The money is on the payer's
    /// own account again.
    pub sent_back: Tally,
    /// Dated later than the day of the run, and nowhere yet.
    pub waiting: Tally,
    /// Whether in is out to the øre, and nothing is different from what it ought to be.
    pub balanced: bool,
    /// What is different: files and rows, never a number or an account.
    pub differences: Vec<String>,
}

/// Sums while counting, in hundred-thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    count: u64,
    steps: BTreeMap<Letters, i128>,
}

impl Sums {
    pub(super) fn add(&mut self, currency: Letters, steps: i64) {
        self.count += 1;
        *self.steps.entry(currency).or_default() += i128::from(steps);
    }

    /// All of these together.
    pub(super) fn total<'s>(parts: impl IntoIterator<Item = &'s Self>) -> Self {
        let mut total = Self::default();
        for part in parts {
            total.count += part.count;
            for (currency, steps) in &part.steps {
                *total.steps.entry(*currency).or_default() += steps;
            }
        }
        total
    }

    pub(super) fn tally(&self) -> Tally {
        let minor = |currency: Letters, steps: i128| {
            let per_minor = 10_i128.pow(crate::scan::Fine::DECIMALS - currency.decimals());
            i64::try_from(steps / per_minor).unwrap_or(i64::MAX)
        };
        let others = self.steps.iter().filter(|(currency, _)| **currency != Letters::DKK);
        Tally {
            count: self.count,
            minor: self.steps.get(&Letters::DKK).map_or(0, |&steps| minor(Letters::DKK, steps)),
            by_currency: others.map(|(&currency, &steps)| (currency.text(), minor(currency, steps))).collect(),
        }
    }
}
