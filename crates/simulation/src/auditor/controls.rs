//! What speaks against a whole delivery, or against one of its blocks, by the auditor's own reading.

use std::collections::HashSet;

use jiff::{Span, civil::Date};

use super::judge::Judge;
use crate::scan::{BlockHead, Fine, Group, Row};

/// The characters of a message or block id (`Max35Text`).
const LONGEST_ID: usize = 35;
/// Execution dates farther from today than this are no payer's plan.
const FARTHEST_DAYS: i64 = 366;

/// What was found against a delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DeliveryFault {
    /// It contradicts itself: it must be refused.
    pub(super) contradiction: Option<&'static str>,
    /// Something is missing, or is not as agreed: it may be refused.
    pub(super) doubtful: bool,
}

impl DeliveryFault {
    /// Whether a refusal of the whole delivery is justified.
    pub(super) fn justifies_refusal(self) -> bool {
        self.contradiction.is_some() || self.doubtful
    }
}

/// Counts a delivery while it is read, and holds against it what it says of itself.
#[derive(Debug)]
pub(super) struct Controls<'r> {
    judge: Judge<'r>,
    today: Date,
    group: Declared,
    counted: Counted,
    block: Declared,
    block_counted: Counted,
    block_ids: HashSet<String>,
    fault: DeliveryFault,
}

/// `NbOfTxs` and `CtrlSum`.
#[derive(Clone, Copy, Debug, Default)]
struct Declared {
    payments: Option<u64>,
    sum: Option<Fine>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    payments: u64,
    sum: i128,
}

impl Counted {
    fn add(&mut self, row: &Row) {
        self.payments += 1;
        self.sum += row.amount.map_or(0, |amount| i128::from(amount.steps()));
    }
}

impl<'r> Controls<'r> {
    pub(super) fn new(judge: Judge<'r>, today: Date) -> Self {
        Self {
            judge,
            today,
            group: Declared::default(),
            counted: Counted::default(),
            block: Declared::default(),
            block_counted: Counted::default(),
            block_ids: HashSet::new(),
            fault: DeliveryFault { contradiction: None, doubtful: true },
        }
    }

    pub(super) fn group(&mut self, group: &Group, agreement: &str) {
        self.group = Declared { payments: group.payments, sum: group.sum };
        let names_payer = group.agreement.as_deref().map_or(group.names_company, |named| named == agreement);
        let is_whole = is_id(&group.message_id) && group.payments.is_some() && names_payer;
        self.fault.doubtful = !is_whole || !self.judge.knows_payer();
    }

    /// A block begins; says whether its refusal would be justified.
    pub(super) fn block(&mut self, block: &BlockHead) -> bool {
        self.block = Declared { payments: block.payments, sum: block.sum };
        self.block_counted = Counted::default();
        let is_new = self.block_ids.insert(block.id.clone());
        let is_near = block.date.is_some_and(|date| {
            let days = Span::new().days(FARTHEST_DAYS);
            date.checked_sub(days).is_ok_and(|from| from <= self.today) && date.checked_add(days).is_ok_and(|to| to >= self.today)
        });
        !(is_id(&block.id) && is_new && is_near && self.judge.is_payers_account(&block.debtor_account))
    }

    pub(super) fn row(&mut self, row: &Row) {
        self.counted.add(row);
        self.block_counted.add(row);
        self.fault.doubtful |= row.reference.is_empty() || row.amount.is_none();
    }

    pub(super) fn block_end(&mut self) {
        let texts = [
            "declares another number of payments for a block than it has",
            "declares another control sum for a block than its rows have",
        ];
        self.compare(self.block, self.block_counted, texts);
    }

    /// What was found, once the delivery has been read to its end.
    pub(super) fn finish(mut self) -> DeliveryFault {
        let texts = ["declares another number of payments than it has", "declares another control sum than its rows have"];
        self.compare(self.group, self.counted, texts);
        self.fault
    }

    fn compare(&mut self, declared: Declared, counted: Counted, [number, sum]: [&'static str; 2]) {
        if declared.payments.is_some_and(|payments| payments != counted.payments) {
            self.fault.contradiction.get_or_insert(number);
        }
        if declared.sum.is_some_and(|declared| i128::from(declared.steps()) != counted.sum) {
            self.fault.contradiction.get_or_insert(sum);
        }
    }
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.chars().count())
}
