//! `pacs.002` and `pacs.004`: what banks say to each other of a payment.

mod returned;
mod status;

pub use returned::{
    InterbankReturn, InterbankReturnReader, InterbankReturnRecord, InterbankReturnWriter, ReturnHead, ReturnedTransfer,
};
pub use status::{
    InterbankStatus, InterbankStatusHead, InterbankStatusReader, InterbankStatusRecord, InterbankStatusWriter, MessageStatus,
    TransferStatus,
};
