//! What a bank checks: counts and sums, the accounts' form, and whether the account is there.

use std::io;

use crate::dice::mix;
use crate::scan::{BlockHead, CreditTransfers, Fine, Group, Row};

use super::{Answer, Banks};

/// Reasons of a bank's own: the account does not exist, is closed, or is blocked.
const OWN_REASONS: [&str; 3] = ["AC01", "AC04", "AC06"];

/// What the first reading finds.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    pub(super) group: Group,
    /// The BIC of the bank.
    pub(super) bank: String,
    pub(super) payments: u64,
    pub(super) sum: i128,
    pub(super) refused: u64,
    /// Why the file is refused whole.
    pub(super) whole: Option<&'static str>,
}

impl Findings {
    pub(super) fn answer(&self) -> Answer {
        let refused_whole = self.whole.is_some();
        Answer { payments: self.payments, refused: if refused_whole { self.payments } else { self.refused }, refused_whole }
    }
}

/// The first reading.
pub(super) struct Check<'b> {
    banks: &'b Banks,
    found: Findings,
    block: BlockHead,
    block_payments: u64,
    block_sum: i128,
}

impl<'b> Check<'b> {
    pub(super) fn new(banks: &'b Banks) -> Self {
        Self { banks, found: Findings::default(), block: BlockHead::default(), block_payments: 0, block_sum: 0 }
    }

    /// What was found, once the file has been read to its end.
    pub(super) fn findings(mut self) -> Findings {
        let group = self.found.group.clone();
        let (payments, sum) = (self.found.payments, self.found.sum);
        self.compare((group.payments, group.sum), (payments, sum), ("AM19", "AM16"));
        self.found
    }

    /// Compares what is declared with what was counted; the codes are those of a wrong number and of a wrong sum.
    fn compare(&mut self, declared: (Option<u64>, Option<Fine>), counted: (u64, i128), codes: (&'static str, &'static str)) {
        if declared.0.is_some_and(|payments| payments != counted.0) {
            self.found.whole.get_or_insert(codes.0);
        }
        if declared.1.is_some_and(|sum| i128::from(sum.steps()) != counted.1) {
            self.found.whole.get_or_insert(codes.1);
        }
    }
}

impl CreditTransfers for Check<'_> {
    fn group(&mut self, group: &Group) -> io::Result<()> {
        self.found.group = group.clone();
        Ok(())
    }

    fn block(&mut self, block: &BlockHead) -> io::Result<()> {
        self.block = block.clone();
        block.debtor_bank.clone_into(&mut self.found.bank);
        (self.block_payments, self.block_sum) = (0, 0);
        if !block.debtor_account.is_sound() {
            self.found.whole.get_or_insert("AC02");
        }
        Ok(())
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        let steps = row.amount.map_or(0, |amount| i128::from(amount.steps()));
        self.found.payments += 1;
        self.found.sum += steps;
        self.block_payments += 1;
        self.block_sum += steps;
        self.found.refused += u64::from(self.banks.refusal(row).is_some());
        Ok(())
    }

    fn block_end(&mut self) -> io::Result<()> {
        let declared = (self.block.payments, self.block.sum);
        self.compare(declared, (self.block_payments, self.block_sum), ("AM20", "AM17"));
        Ok(())
    }
}

impl Banks {
    /// Why a payment is refused; `None` when it is executed.
    pub(super) fn refusal(&self, row: &Row) -> Option<&'static str> {
        let Some(amount) = row.amount else { return Some("AM12") };
        if amount.is_zero() {
            return Some("AM01");
        }
        let Some(key) = row.account.key().filter(|_| row.account.is_sound()) else { return Some("AC01") };
        if self.sound.contains(&key) {
            return None;
        }
        let start = mix(self.seed ^ amount.steps().unsigned_abs());
        let drawn = key.as_str().bytes().fold(start, |drawn, byte| mix(drawn ^ u64::from(byte)));
        let reason = usize::try_from(drawn / 10_000 % OWN_REASONS.len() as u64).expect("below the length of a table");
        (drawn % 10_000 < u64::from(self.refused_per_10_000)).then_some(OWN_REASONS[reason])
    }
}
