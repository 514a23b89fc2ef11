//! Reasons.

use crate::record::{List, Prose, record};

record! {
    /// Why something was asked, answered or returned.
    #[derive(Debug)]
    pub struct GivenReason<'a> {
        /// Who gives the reason.
        originator: Option<Prose<'a>> => "Orgtr/Nm",
        /// The reason by a code.
        code: Option<&'a str> => "Rsn/Cd",
        /// The reason in the sender's own words.
        text: Option<&'a str> => "Rsn/Prtry",
        /// Explanations.
        information: List<'a, Prose<'a>> => "AddtlInf",
    }
}

impl<'a> GivenReason<'a> {
    /// A reason by its code.
    #[must_use]
    pub const fn of(code: &'a str) -> Self {
        GivenReason { originator: None, code: Some(code), text: None, information: List::of(&[]) }
    }
}
