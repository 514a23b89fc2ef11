//! Recalls (camt.055): a payer's message asks for payments to be stopped.
//!
//! A recall comes in by the same door as an order and is read by the same room ([`receive`](crate::receive)), in one transaction. What has
//! not left is stopped there and then; what has left is asked of the payer's bank ([`RecallRoom`]), if the settings say that banks are asked.
//! The payer is answered by a camt.029: at once, and again when a bank has answered.

mod asked;
mod bank_file;
mod carry_out;
mod find;
mod names;
mod room;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::of_payments as example;

pub(crate) use asked::{Asked, Faulty, Recall, Scope, is_recall, read};
pub(crate) use carry_out::{Claimant, carry_out};
pub(crate) use find::Target;
pub(crate) use names::Names;
pub(crate) use room::RecallRoom;

/// What a payer is told of a request that cannot be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// We have no such delivery, block or payment of this payer.
    NotFound,
    /// The payment is of another amount than the recall says.
    OtherAmount,
    /// More than one payment may be meant: what is doubtful stops nothing.
    Doubtful,
    /// A payment is found by its EndToEndId, and the recall gives none.
    NoReference,
}

impl Refusal {
    const ALL: [Self; 4] = [Self::NotFound, Self::OtherAmount, Self::Doubtful, Self::NoReference];

    /// The code in the database.
    pub fn code(self) -> i16 {
        match self {
            Self::NotFound => 1,
            Self::OtherAmount => 2,
            Self::Doubtful => 3,
            Self::NoReference => 4,
        }
    }

    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }

    /// The reason of *ExternalPaymentCancellationRejection1Code*.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotFound => "NOOR",
            Self::OtherAmount | Self::Doubtful | Self::NoReference => "NARR",
        }
    }

    /// Why, in Danish and in English.
    pub fn words(self) -> [&'static str; 2] {
        match self {
            Self::NotFound => ["Der er ikke modtaget en sådan betaling.", "No such payment was received."],
            Self::OtherAmount => ["Betalingen er på et andet beløb.", "The payment is of another amount."],
            Self::Doubtful => ["Flere betalinger kan være ment; angiv MsgId.", "Several payments may be meant; give the MsgId."],
            Self::NoReference => ["En betaling findes ved sit EndToEndId.", "A payment is found by its EndToEndId."],
        }
    }
}
