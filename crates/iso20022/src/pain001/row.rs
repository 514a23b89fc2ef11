//! One payment.

use crate::address::AddressParts;
use crate::extras::{AllLeftOut, Extras};
use crate::finding::Finding;
use crate::terms::PaymentTerms;
use primitives::{Account, BenefitCode, Bic, Identifier, Money};

/// Where a payment stands in the file: the bytes of its `CdtTrfTxInf`, tags included, without a
/// byte order mark's effect taken out. In an ISO-8859 file the bytes are those of its UTF-8 form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u64,
    /// Number of bytes.
    pub len: u64,
}

/// `CdtTrfTxInf` of a `pain.001`. Texts are borrowed until the next event.
#[derive(Clone)]
pub struct PaymentRow<'r> {
    /// Number of its `PmtInf` in the file, from 1.
    pub block: u32,
    /// Number of the payment in the file, from 1.
    pub position: u64,
    /// Number of the payment in its block, from 1.
    pub position_in_block: u64,
    /// Line of its start tag.
    pub line: u64,
    /// Its bytes.
    pub span: Span,
    /// `PmtId/InstrId`.
    pub instruction_id: Option<&'r str>,
    /// `PmtId/EndToEndId`.
    pub end_to_end_id: &'r str,
    /// `PmtId/UETR`.
    pub uetr: Option<&'r str>,
    /// `PmtTpInf` and `ChrgBr`, where they are the payment's own.
    pub terms: PaymentTerms<'r>,
    /// `Amt/InstdAmt`, greater than zero; `None` comes with a finding.
    pub amount: Option<Money>,
    /// Who is to be paid, in the order of the file, such as a CVR number and a P number.
    pub identifiers: &'r [Identifier],
    /// The account, when the payer gave one (a complete order).
    pub account: Option<&'r Account>,
    /// `Cdtr/Nm`.
    pub creditor_name: Option<&'r str>,
    /// `Cdtr/PstlAdr/Ctry`.
    pub country: Option<&'r str>,
    pub(super) address: &'r super::address::Address,
    pub(super) texts: &'r crate::text_store::TextStore,
    /// BIC of `CdtrAgt`.
    pub agent_bic: Option<Bic>,
    /// Clearing member number of `CdtrAgt`.
    pub agent_clearing_member: Option<&'r str>,
    /// Name of `CdtrAgt`.
    pub agent_name: Option<&'r str>,
    /// The benefit: the payment's own, else its block's.
    pub benefit: Option<BenefitCode>,
    /// `Purp/Cd`.
    pub purpose: Option<&'r str>,
    /// `RmtInf/Ustrd`; several are joined by line ends.
    pub remittance: Option<&'r str>,
    /// `RmtInf/Strd/CdtrRefInf/Ref`, the first.
    pub structured_reference: Option<&'r str>,
    /// What few payments have; it passes on.
    pub extras: Extras<'r>,
    /// What does not.
    pub left_out: AllLeftOut,
    /// What is wrong with the payment itself; if anything, it cannot be made.
    pub findings: &'r [Finding],
    /// Whether its block has findings, so that none of its payments can be made.
    pub block_rejected: bool,
}

impl PaymentRow<'_> {
    /// The payee's most specific identification: a P or SE number before the CVR number, and a CPR number before another country's.
    #[must_use]
    pub fn payee(&self) -> Option<&Identifier> {
        let special = |identifier: &&Identifier| matches!(identifier, Identifier::Se(_) | Identifier::P(_));
        let danish = |identifier: &&Identifier| !matches!(identifier, Identifier::Foreign(_));
        let find = |wanted: fn(&&Identifier) -> bool| self.identifiers.iter().find(wanted);
        find(special).or_else(|| find(danish)).or_else(|| self.identifiers.first())
    }

    /// Whether the payment cannot be made, for its own fault or its block's.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.block_rejected || !self.findings.is_empty()
    }

    /// Whether the payer gave the account.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.account.is_some()
    }

    /// What of the creditor's address has a field of its own.
    #[must_use]
    pub fn address_parts(&self) -> AddressParts<'_> {
        self.address.parts(self.texts)
    }

    /// `Cdtr/PstlAdr/AdrLine`.
    pub fn address_lines(&self) -> impl Iterator<Item = &str> {
        self.address.lines(self.texts)
    }
}

impl std::fmt::Debug for PaymentRow<'_> {
    /// Shows only where the payment stands: its fields are personal.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "PaymentRow({} in block {}, line {})", self.position_in_block, self.block, self.line)
    }
}
