//! What can be set. Where no public source gives a value, the default is ours and is labelled so.

use std::time::Duration;

use iso20022::Horizon;
use platform::lease::LeaseTerms;

/// The settings of the house.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The most payments in a slice, the unit of work: at most 32,000, and at most what the other houses take in one call (50,000).
    /// Default 20,000: large enough that a statement's fixed cost vanishes, small enough that a worker holds some megabytes.
    pub slice_payments: usize,
    /// How long a worker may be silent before another takes its work. Leases are renewed at a third of it. Default 10 s.
    pub lease: LeaseTerms,
    /// How many bank days before its disposal date a payment is given its account. No public source: default 1 chosen by us, which covers
    /// the default clearing lag of a foreign transfer.
    pub allocation_lead_bank_days: u8,
    /// How many bank days before the disposal date the bank gets its file. No public source: default 1 chosen by us.
    pub dispatch_lead_bank_days: u8,
    /// How many days a requested date may lie back; an older one is refused (CH04), a younger one counts as today. No public source:
    /// default 5 chosen by us.
    pub oldest_requested_days: u16,
    /// How many days ahead a requested date may lie; a later one is refused (CH03). No public source: default 360 chosen by us.
    pub furthest_requested_days: u16,
    /// The longest file taken, in bytes. Default 16 GiB, room for more than ten million payments.
    pub longest_file: u64,
    /// The creditor's name on a payment to the recovery authority, 1 to 140 characters. Default Gældsstyrelsen, which keeps the account.
    pub recovery_name: String,
    /// The creditor's name on a payment to the holding account, 1 to 140 characters. No public source: default chosen by us.
    pub holding_name: String,
    /// Whether banks are asked by camt.055 to give back what has left, where a payer recalls it. No public source: default yes, chosen by us.
    pub asks_banks: bool,
    /// How long the answer of a keyed call is kept for repetition. Default 90 days.
    pub keep_answers: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            slice_payments: 20_000,
            lease: LeaseTerms { duration: Duration::from_secs(10) },
            allocation_lead_bank_days: 1,
            dispatch_lead_bank_days: 1,
            oldest_requested_days: 5,
            furthest_requested_days: 360,
            longest_file: 16 << 30,
            recovery_name: "Gældsstyrelsen".to_owned(),
            holding_name: "NemKonto ventekonto".to_owned(),
            asks_banks: true,
            keep_answers: Duration::from_secs(90 * 24 * 60 * 60),
        }
    }
}

impl Settings {
    /// How far from today a requested date may lie. A day that is no bank day is moved by the benefit's rule, or refused where the payer's
    /// agreement says so.
    pub(crate) fn horizon(&self) -> Horizon {
        Horizon { oldest_days: self.oldest_requested_days, furthest_days: self.furthest_requested_days, bank_days_only: false }
    }
}
