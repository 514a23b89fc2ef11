//! `acmt.023` and `acmt.024`: is this account this payee's?

mod report;
mod request;

pub use report::{
    VerificationReport, VerificationReportHead, VerificationReportReader, VerificationReportRecord, VerificationReportWriter,
    VerificationResult,
};
pub use request::{
    Verification, VerificationRequest, VerificationRequestHead, VerificationRequestReader, VerificationRequestRecord,
    VerificationRequestWriter,
};
