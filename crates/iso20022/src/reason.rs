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
    AG01 "Transaction forbidden on this type of account (formerly NoAgreement).",
    AM01 "Specified message amount is equal to zero.",
    AM02 "Specific transaction/message amount is greater than allowed maximum.",
    AM03 "Specified message amount is an non processable currency outside of existing agreement.",
    AM12 "Amount is invalid or missing.",
    AM16 "Control Sum at the Group level is invalid.",
    AM17 "Control Sum at the Payment Information level is invalid.",
    AM18 "Number of transactions is invalid or missing. Generic usage if cannot specify between group and payment information levels.",
    AM19 "Number of transactions at the Group level is invalid or missing.",
    AM20 "Number of transactions at the Payment Information level is invalid.",
    BE01 "Identification of end customer is not consistent with associated account number. (formerly CreditorConsistency).",
    BE04 "Specification of creditor's address, which is required for payment, is missing/not correct (formerly IncorrectCreditorAddress).",
    BE05 "Party who initiated the message is not recognised by the end customer.",
    BE16 "Debtor or Ultimate Debtor identification code missing or invalid.",
    BE17 "Creditor or Ultimate Creditor identification code missing or invalid.",
    CH03 "Value in Requested Execution Date or Requested Collection Date is too far in the future.",
    CH04 "Value in Requested Execution Date or Requested Collection Date is too far in the past.",
    CH16 "Content is incorrect.",
    CH17 "Element is not allowed.",
    CH20 "Number of decimal points not compatible with the currency.",
    CH21 "Mandatory element is missing.",
    CUST "Cancellation requested by the Debtor.",
    DT01 "Invalid date (eg, wrong or missing settlement date).",
    DT03 "Invalid non bank processing date (eg, weekend or local public holiday).",
    DU01 "Message Identification is not unique.",
    DU02 "Payment Information Block is not unique.",
    DU03 "Transaction is not unique.",
    DU04 "End To End ID is not unique.",
    DU05 "Instruction ID is not unique.",
    FF01 "File Format incomplete or invalid.",
    FF07 "Purpose is missing or invalid.",
    FF08 "End to End Id missing or invalid.",
    NARR "Reason is provided as narrative information in the additional reason information.",
    RC01 "Bank identifier code specified in the message has an incorrect format (formerly IncorrectFormatForRoutingCode).",
    RC04 "Creditor bank identifier is invalid or missing.",
    RR10 "Character set supplied not valid for the country and payment type.",
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
