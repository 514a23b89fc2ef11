//! What is in the payers' files, and how much of it.

/// How many payments, and how often what, per 10,000 payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentMix {
    /// Payments in the authorities' main files, all together; the small files with special cases come on top.
    pub payments: u64,
    /// The payer has put an account on the order (komplet betalingsordre).
    pub complete: u32,
    /// The number is in no register.
    pub unknown: u32,
    /// The row has a fault of its own.
    pub faulty: u32,
    /// The payee of a company benefit is an SE unit or production unit.
    pub units: u32,
}

impl Default for PaymentMix {
    fn default() -> Self {
        Self { payments: 100_000, complete: 200, unknown: 50, faulty: 20, units: 1_000 }
    }
}

impl PaymentMix {
    /// Sound rows only: what a benchmark measures.
    #[must_use]
    pub fn sound(payments: u64) -> Self {
        Self { payments, complete: 200, unknown: 50, faulty: 0, units: 0 }
    }
}
