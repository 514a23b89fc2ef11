//! Reason codes of findings and status reports.

use std::fmt;

macro_rules! reasons {
    ($($code:ident $definition:literal,)*) => {
        /// A code of the ISO 20022 external code list *ExternalStatusReason1Code*; the texts are
        /// that list's definitions. Only the codes this crate or the houses use are here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ReasonCode {
            $(#[doc = $definition] $code,)*
        }

        impl ReasonCode {
            /// All known codes.
            pub const ALL: &[ReasonCode] = &[$(ReasonCode::$code,)*];

            /// The four characters of the code.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(ReasonCode::$code => stringify!($code),)* }
            }

            /// The code list's definition.
            #[must_use]
            pub fn definition(self) -> &'static str {
                match self { $(ReasonCode::$code => $definition,)* }
            }
        }
    };
}

reasons! {
    AC01 "Account number is invalid or missing.",
    AC02 "Debtor account number invalid or missing.",
    AC03 "Creditor account number invalid or missing.",
    AC04 "Account number specified has been closed on the bank of account's books.",
    AC06 "Account specified is blocked, prohibiting posting of transactions against it.",
    AC07 "Creditor account number closed.",
    AG01 "Transaction forbidden on this type of account.",
    AM01 "Specified message amount is equal to zero.",
    AM02 "Specified message amount is greater than allowed maximum.",
    AM03 "Specified message amount is in a non processable currency outside of existing agreement.",
    AM05 "Duplication.",
    AM12 "Amount is invalid or missing.",
    AM16 "Control sum at the group level is invalid.",
    AM17 "Control sum at the payment information level is invalid.",
    AM18 "Number of transactions is invalid or missing.",
    AM19 "Number of transactions at the group level is invalid or missing.",
    AM20 "Number of transactions at the payment information level is invalid.",
    BE01 "Identification of end customer is not consistent with associated account number.",
    BE05 "Party who initiated the message is not recognised by the end customer.",
    BE16 "Debtor or ultimate debtor identification code missing or invalid.",
    BE17 "Creditor or ultimate creditor identification code missing or invalid.",
    BE22 "Creditor name is missing.",
    CH03 "Value in requested execution date is too far in the future.",
    CH04 "Value in requested execution date is too far in the past.",
    CH16 "Content is incorrect.",
    CH17 "Element is not admitted.",
    CH20 "Number of decimal points not compatible with the currency.",
    CH21 "Mandatory element is missing.",
    CUST "At request of the customer.",
    DT01 "Invalid date.",
    DU01 "Message identification is not unique.",
    DU02 "Payment information block is not unique.",
    DU03 "Transaction is not unique.",
    DU04 "End to end id is not unique.",
    DU05 "Instruction id is not unique.",
    FF01 "File format incomplete or invalid.",
    FF07 "Purpose is missing or invalid.",
    MS03 "Reason has not been specified by agent.",
    NARR "Reason is provided as narrative information.",
    RC01 "Bank identifier code specified in the message has an incorrect format.",
    RC04 "Creditor bank identifier is invalid or missing.",
    RR10 "Character set supplied not valid for the country and payment type.",
    TM01 "Associated message was received after agreed processing cut-off time.",
}

impl ReasonCode {
    /// The code of those four characters, if it is one of the known ones.
    #[must_use]
    pub fn parse(text: &str) -> Option<ReasonCode> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
