//! The plan of one file: its blocks and how many rows each has. Rows are made when asked for.

use jiff::civil::Date;
use primitives::{AgreementNumber, add_bank_days, next_bank_day};

use super::PaymentMix;
use super::samples::Case;
use crate::denmark::World;
use crate::denmark::authorities::{AUTHORITIES, AuthoritySpec, COMPANY_BENEFITS};
use crate::dice::{Dice, Stream};

/// Bank days from the due day to the later one, which is still waiting today.
const LATER_BANK_DAYS: i32 = 15;

/// A `PmtInf` of a file.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) id: String,
    /// The benefit of all rows; none where each row has its own.
    pub(crate) benefit: Option<&'static str>,
    pub(crate) euro: bool,
    pub(crate) batch_booking: bool,
    pub(crate) date: Date,
    pub(crate) to_companies: bool,
    /// Its rows, counted through the whole file.
    pub(crate) rows: std::ops::Range<u64>,
}

/// One file of one authority.
#[derive(Clone, Debug)]
pub(crate) struct FilePlan<'w> {
    pub(crate) world: &'w World,
    pub(crate) authority: usize,
    /// The file's number among those of the authority on the day.
    pub(crate) number: u64,
    pub(crate) mix: PaymentMix,
    /// The message id, where it is not the file's own.
    pub(crate) message_number: u64,
    pub(crate) cases: Option<&'w [Case]>,
    pub(crate) blocks: Vec<Block>,
}

/// A block's part of a file: benefit, euro, later, percent of the rows.
type Part = (Option<&'static str>, bool, bool, u64);

impl<'w> FilePlan<'w> {
    /// A file of all the authority's benefits: due now, a part later, a part with the benefit on each row.
    pub(crate) fn broad(world: &'w World, authority: usize, number: u64, rows: u64, mix: PaymentMix) -> Self {
        let spec = &AUTHORITIES[authority];
        let whole = if spec.pays_euro { 74 } else { 94 };
        let share = whole / spec.benefits.len() as u64;
        let mut parts: Vec<Part> = spec.benefits.iter().map(|&benefit| (Some(benefit), false, false, share)).collect();
        if spec.pays_euro {
            parts.push((Some(spec.benefits[0]), true, false, 20));
        }
        parts.push((Some(spec.benefits[0]), false, true, 4));
        parts.push((None, false, false, 2));
        Self::of_parts(world, authority, number, rows, mix, &parts)
    }

    /// A file with a single block of the authority's first benefit, due now.
    pub(crate) fn single(world: &'w World, authority: usize, number: u64, rows: u64, mix: PaymentMix) -> Self {
        let parts = [(Some(AUTHORITIES[authority].benefits[0]), false, false, 100)];
        Self::of_parts(world, authority, number, rows, mix, &parts)
    }

    fn of_parts(world: &'w World, authority: usize, number: u64, rows: u64, mix: PaymentMix, parts: &[Part]) -> Self {
        let mut plan = Self { world, authority, number, mix, message_number: number, cases: None, blocks: Vec::new() };
        let due = next_bank_day(world.today());
        let spread: u64 = parts.iter().map(|part| rows * part.3 / 100).sum();
        let mut next = 0;
        for (position, &(benefit, euro, later, percent)) in parts.iter().enumerate() {
            let count = rows * percent / 100 + if position == 0 { rows - spread } else { 0 };
            let block = Block {
                id: format!("{}-{:02}", plan.message_id(), position + 1),
                benefit,
                euro,
                batch_booking: position % 2 == 0,
                date: if later { add_bank_days(due, LATER_BANK_DAYS) } else { due },
                to_companies: benefit.is_some_and(|benefit| COMPANY_BENEFITS.contains(&benefit)),
                rows: next..next + count,
            };
            next += count;
            plan.blocks.extend((count > 0).then_some(block));
        }
        plan
    }

    pub(crate) fn spec(&self) -> &'static AuthoritySpec {
        &AUTHORITIES[self.authority]
    }

    pub(crate) fn agreement(&self) -> AgreementNumber {
        World::agreement_of(self.authority)
    }

    /// The message id: unique for the authority and day.
    pub(crate) fn message_id(&self) -> String {
        format!("D{}-{:02}", self.day(), self.message_number)
    }

    /// The reference of a row: unique for the authority, within 27 characters.
    pub(crate) fn reference(&self, row: u64) -> String {
        format!("{}-{:02}-{:09}", self.day(), self.number, row + 1)
    }

    /// One number for each row of the authority's files.
    pub(crate) fn place(&self, row: u64) -> u64 {
        (self.authority as u64) << 52 | self.number << 40 | row
    }

    pub(crate) fn dice(&self, stream: Stream, row: u64) -> Dice {
        self.world.dice(stream, self.place(row))
    }

    /// The benefits a row of a block without benefit may name: those for the block's kind of payee.
    pub(crate) fn own_benefits(&self, block: &Block) -> &'static [&'static str] {
        let benefits = self.spec().benefits;
        let fits = |benefit: &&str| COMPANY_BENEFITS.contains(benefit) == block.to_companies;
        let first = benefits.iter().position(fits).unwrap_or(0);
        let count = benefits[first..].iter().take_while(|&benefit| fits(benefit)).count().max(1);
        &benefits[first..first + count]
    }

    fn day(&self) -> String {
        self.world.today().strftime("%Y%m%d").to_string()
    }
}
