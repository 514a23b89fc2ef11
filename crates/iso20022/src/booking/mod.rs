//! `camt.052`, `camt.053` and `camt.054`: what a bank has booked.

mod entry;
mod statement;

pub use entry::{BatchRef, BookedTransaction, Entry, TransactionCode, TransactionRefs};
pub use statement::{Balance, BookingsHead, Statement};

use crate::record::{RecordReader, RecordWriter, message};

message! {
    /// `camt.052` (report in the day), `camt.053` (statement) and `camt.054` (notification): bookings on accounts.
    ///
    /// A returned payment is a credit whose transaction has our references and a reason:
    /// ```
    /// use iso20022::*;
    ///
    /// let file = br#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
    ///   <GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-02T10:00:00Z</CreDtTm></GrpHdr>
    ///   <Ntfctn><Id>N</Id><Acct><Id><IBAN>DK5000400440116243</IBAN></Id></Acct><Ntry>
    ///     <Amt Ccy="DKK">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/>
    ///     <NtryDtls><TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs>
    ///       <RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>
    ///   </Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"#;
    /// let mut reader = BookingReader::new(&file[..], Limits::default());
    /// let mut returned = Vec::new();
    /// let mut credit = None;
    /// loop {
    ///     match reader.next_event()? {
    ///         RecordEvent::Record(told) => match told.record {
    ///             BookingRecord::Entry(entry) => credit = entry.amount.filter(|_| entry.direction == CreditDebit::Credit),
    ///             BookingRecord::Transaction(transaction) if transaction.has_return_reason() => {
    ///                 let id = transaction.references.end_to_end_id.map(str::to_owned);
    ///                 returned.push((id, transaction.any_amount().or(credit)));
    ///             }
    ///             _ => {}
    ///         },
    ///         RecordEvent::Finding(finding) => panic!("{finding}"),
    ///         RecordEvent::End(_) => break,
    ///     }
    /// }
    /// assert_eq!(returned.len(), 1);
    /// assert_eq!(returned[0].1.map(|amount| amount.minor()), Some(100_00));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub struct Bookings, "camt.052, .053 or .054 (.001.02 or .001.08)"
        [Camt052V02, Camt052V08, Camt053V02, Camt053V08, Camt054V02, Camt054V08];
    /// A record of [`Bookings`].
    pub enum BookingRecord {
        /// The head of the message.
        Head(BookingsHead) Group at "BkToCstmrDbtCdtNtfctn" | "BkToCstmrStmt" | "BkToCstmrAcctRpt",
        /// An account; its bookings follow.
        Statement(Statement) Group at "BkToCstmrDbtCdtNtfctn/Ntfctn" | "BkToCstmrStmt/Stmt" | "BkToCstmrAcctRpt/Rpt",
        /// A balance of the account. `camt.053` must have one, `camt.054` has none.
        Balance(Balance) Group at "BkToCstmrStmt/Stmt/Bal" | "BkToCstmrAcctRpt/Rpt/Bal",
        /// A booking; the payments it is made of follow.
        Entry(Entry) PaymentInformation at
            "BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry" | "BkToCstmrStmt/Stmt/Ntry" | "BkToCstmrAcctRpt/Rpt/Ntry",
        /// A batch that was booked as one.
        Batch(BatchRef) PaymentInformation at
            "BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/Btch"
            | "BkToCstmrStmt/Stmt/Ntry/NtryDtls/Btch"
            | "BkToCstmrAcctRpt/Rpt/Ntry/NtryDtls/Btch",
        /// A payment of the booking.
        Transaction(BookedTransaction) Payment at
            "BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/TxDtls"
            | "BkToCstmrStmt/Stmt/Ntry/NtryDtls/TxDtls"
            | "BkToCstmrAcctRpt/Rpt/Ntry/NtryDtls/TxDtls",
    }
}

/// Reads a `camt.052`, `camt.053` or `camt.054` as a stream.
pub type BookingReader<R> = RecordReader<Bookings, R>;
/// Writes a `camt.052`, `camt.053` or `camt.054`.
pub type BookingWriter<W> = RecordWriter<Bookings, W>;
