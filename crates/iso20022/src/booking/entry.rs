//! A booking and what it is made of.

use crate::parts::{AccountRef, CreditDebit, DateChoice, GivenReason};
use crate::record::{List, Prose, record};
use primitives::Money;
use uuid::Uuid;

record! {
    /// What kind of transaction it was.
    #[derive(Debug)]
    pub struct TransactionCode<'a> {
        /// Domain of the ISO 20022 bank transaction code, such as `PMNT`.
        domain: Option<&'a str> => "Domn/Cd",
        /// Family, such as `ICDT` (issued credit transfers).
        family: Option<&'a str> => "Domn/Fmly/Cd",
        /// Sub-family, such as `RRTN` (reversal due to a returned payment).
        sub_family: Option<&'a str> => "Domn/Fmly/SubFmlyCd",
        /// The bank's own code.
        proprietary: Option<&'a str> => "Prtry/Cd",
        /// Whose code that is.
        issuer: Option<&'a str> => "Prtry/Issr",
    }
}

record! {
    /// A booking on the account.
    #[derive(Debug)]
    pub struct Entry<'a> {
        /// The bank's reference of the entry.
        reference: Option<&'a str> => "NtryRef",
        /// The booked amount, without a sign, in the account's currency.
        amount: Option<Money> => "Amt",
        /// Which way the money went.
        direction: CreditDebit => "CdtDbtInd",
        /// Whether it takes an earlier entry back: the direction is that of this entry.
        reversal: Option<bool> => "RvslInd",
        /// `BOOK` booked, `PDNG` pending, `INFO` for information, `FUTR` in the future.
        status: Option<&'a str> => "Sts" | "Sts/Cd",
        /// When it was booked.
        booked: DateChoice => "BookgDt",
        /// From when it counts for interest.
        value_date: DateChoice => "ValDt",
        /// The bank's reference of the transaction.
        bank_reference: Option<&'a str> => "AcctSvcrRef",
        /// What kind of transaction it was.
        kind: TransactionCode<'a> => "BkTxCd",
        /// The amount as ordered, in the currency of the order.
        instructed_amount: Option<Money> => "AmtDtls/InstdAmt/Amt",
        /// The amount of the transaction.
        transaction_amount: Option<Money> => "AmtDtls/TxAmt/Amt",
    }
}

impl Entry<'_> {
    /// Whether it is booked, and not only announced.
    #[must_use]
    pub fn is_booked(&self) -> bool {
        self.status == Some("BOOK")
    }
}

record! {
    /// A batch that was booked as one.
    #[derive(Debug)]
    pub struct BatchRef<'a> {
        /// `MsgId` of the order.
        message_id: Option<&'a str> => "MsgId",
        /// `PmtInfId` of the order.
        block_id: Option<&'a str> => "PmtInfId",
        /// Number of its payments.
        payments: Option<u64> => "NbOfTxs",
        /// Their sum.
        total: Option<Money> => "TtlAmt",
        /// Which way the money went.
        direction: Option<CreditDebit> => "CdtDbtInd",
    }
}

record! {
    /// The references of a payment.
    #[derive(Debug)]
    pub struct TransactionRefs<'a> {
        /// `MsgId` of the order.
        message_id: Option<&'a str> => "MsgId",
        /// The bank's reference.
        bank_reference: Option<&'a str> => "AcctSvcrRef",
        /// `PmtInfId` of the order.
        block_id: Option<&'a str> => "PmtInfId",
        /// `InstrId` of the order.
        instruction_id: Option<&'a str> => "InstrId",
        /// `EndToEndId` of the order.
        end_to_end_id: Option<&'a str> => "EndToEndId",
        /// `UETR` of the payment.
        uetr: Option<Uuid> => "UETR",
        /// `TxId` of the payment between the banks.
        transaction_id: Option<&'a str> => "TxId",
        /// Reference in the clearing.
        clearing_reference: Option<&'a str> => "ClrSysRef",
    }
}

record! {
    /// A payment of a booking.
    #[derive(Debug)]
    pub struct BookedTransaction<'a> {
        /// Its references.
        references: TransactionRefs<'a> => "Refs",
        /// Its amount, without a sign.
        amount: Option<Money> => "Amt",
        /// Which way the money went; the entry's, where it is not given.
        direction: Option<CreditDebit> => "CdtDbtInd",
        /// The amount as ordered, in the currency of the order.
        instructed_amount: Option<Money> => "AmtDtls/InstdAmt/Amt",
        /// The amount of the transaction.
        transaction_amount: Option<Money> => "AmtDtls/TxAmt/Amt",
        /// What kind of transaction it was; the entry's, where it is not given.
        kind: TransactionCode<'a> => "BkTxCd",
        /// Name of who paid.
        debtor: Option<Prose<'a>> => "RltdPties/Dbtr/Nm" | "RltdPties/Dbtr/Pty/Nm",
        /// Account of who paid.
        debtor_account: AccountRef<'a> => "RltdPties/DbtrAcct",
        /// Name of who was paid.
        creditor: Option<Prose<'a>> => "RltdPties/Cdtr/Nm" | "RltdPties/Cdtr/Pty/Nm",
        /// Account of who was paid.
        creditor_account: AccountRef<'a> => "RltdPties/CdtrAcct",
        /// Text from the payer to the payee.
        remittance: List<'a, Prose<'a>> => "RmtInf/Ustrd",
        /// Bank transaction code of the payment that came back.
        returned: TransactionCode<'a> => "RtrInf/OrgnlBkTxCd",
        /// Why the payment came back.
        return_reason: GivenReason<'a> => "RtrInf",
        /// Further information.
        information: Option<Prose<'a>> => "AddtlTxInf",
    }
}

impl BookedTransaction<'_> {
    /// The amount of the payment, wherever the version or the bank has it. A booking of one payment may leave it to the entry.
    #[must_use]
    pub fn any_amount(&self) -> Option<Money> {
        self.amount.or(self.transaction_amount).or(self.instructed_amount)
    }

    /// Whether a reason says that the payment came back.
    #[must_use]
    pub fn has_return_reason(&self) -> bool {
        self.return_reason.code.is_some() || self.return_reason.text.is_some()
    }
}
