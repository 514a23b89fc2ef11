//! Bulk in and out of PostgreSQL by binary `COPY`.
//!
//! [`CopyBuffer`] encodes rows, [`CopyIn`] streams them to the server, [`CopyOut`] reads rows back without allocating per row.
//! The format is the one of the PostgreSQL manual, chapter `COPY`, section "Binary Format": a signature, then per row a 16-bit field
//! count and per field a 32-bit length (−1 for null) and the value in network byte order.

mod buffer;
mod copy_in;
mod copy_out;

pub use buffer::CopyBuffer;
pub use copy_in::{CopyIn, copy_in};
pub use copy_out::{CopyError, CopyOut, CopyRow};

/// Signature, flags and header extension length that begin every binary COPY stream.
const HEADER: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// A field count of −1 ends the stream.
const TRAILER: &[u8; 2] = &[0xff, 0xff];

/// PostgreSQL counts dates from 2000-01-01.
const EPOCH_DATE: jiff::civil::Date = jiff::civil::date(2000, 1, 1);

/// PostgreSQL counts timestamps in microseconds from 2000-01-01T00:00:00Z; this is that moment in Unix microseconds.
const EPOCH_UNIX_MICROSECONDS: i64 = 946_684_800_000_000;
