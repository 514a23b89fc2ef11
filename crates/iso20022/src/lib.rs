#![doc = include_str!("../README.md")]

mod address;
mod booking;
mod check;
mod code_list;
mod control_sum;
pub mod convert;
mod date_time;
mod engine;
pub mod explain;
mod extras;
mod fields;
mod finding;
pub mod generator;
pub mod grammar;
mod header;
mod interbank;
mod lanes;
mod limits;
mod message;
mod pain001;
mod pain002;
mod parts;
mod pieces;
mod reason;
mod recall;
mod recognise;
mod record;
mod refusal;
mod resolution;
mod status;
mod terms;
mod text_store;
mod verification;
mod write;

pub use address::{AddressPart, AddressParts};
pub use booking::{
    Balance, BatchRef, BookedTransaction, BookingReader, BookingRecord, BookingWriter, Bookings, BookingsHead, Entry, Statement,
    TransactionCode, TransactionRefs,
};
pub use check::{Verdict, validate};
pub use code_list::{ExternalCode, RETURN_REASONS, STATUS_REASONS, external_code, external_codes};
pub use control_sum::ControlSum;
pub use extras::{AllLeftOut, Extra, ExtraKind, Extras, LeftOut};
pub use finding::{Finding, Level};
pub use header::{BusinessHeader, Header, HeaderParty, HeaderReader, HeaderRecord};
pub use interbank::{
    InterbankReturn, InterbankReturnReader, InterbankReturnRecord, InterbankReturnWriter, InterbankStatus, InterbankStatusHead,
    InterbankStatusReader, InterbankStatusRecord, InterbankStatusWriter, MessageStatus, ReturnHead, ReturnedTransfer,
    TransferStatus,
};
pub use limits::Limits;
pub use message::MessageKind;
pub use pain001::{
    BlockTotals, Event, GroupHeader, Horizon, InitiatingParty, Outcome, Pain001Reader, PaymentInformation, PaymentRow, Rules,
    Span, Threads, Totals,
};
pub use pain002::{BlockReport, GroupReport, Pain002Reader, Reason, StatusCount, StatusEvent, StatusTotals, TransactionReport};
pub use parts::{AccountRef, Assignment, BankRef, CaseParty, CaseRef, CreditDebit, DateChoice, GivenReason, OtherId, PartyRef};
pub use reason::ReasonCode;
pub use recall::{
    BlockRecall, GroupRecall, PaymentRecall, Recall, RecallHead, RecallReader, RecallRecord, RecallRequest, RecallTarget,
    RecallWriter,
};
pub use recognise::recognise;
pub use record::{Items, List, Message, Prose, RecordEvent, RecordReader, RecordTotals, RecordWriter, Refused, Told, Whole};
pub use refusal::{Refusal, RefusalReader, RefusalRecord, RefusalWriter, RefusedMessage, refuse};
pub use resolution::{
    BlockResolution, CancellationStatus, GroupResolution, PaymentResolution, Resolution, ResolutionHead, ResolutionReader,
    ResolutionRecord, ResolutionWriter, TransferResolution,
};
pub use status::{Status, StatusScope};
pub use terms::{ChargeBearer, PaymentTerms};
pub use verification::{
    Verification, VerificationReport, VerificationReportHead, VerificationReportReader, VerificationReportRecord,
    VerificationReportWriter, VerificationRequest, VerificationRequestHead, VerificationRequestReader, VerificationRequestRecord,
    VerificationRequestWriter, VerificationResult,
};
pub use write::{
    AccountForm, Agent, BlockStatus, CharacterSet, CreditTransfer, DebtorBlock, Envelope, MessageHeader, Pain001Version,
    Pain001Writer, Pain002Version, Pain002Writer, Party, ReportHeader, StatusReason, TransactionStatus,
};
