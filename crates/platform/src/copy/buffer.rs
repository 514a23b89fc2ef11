//! The encoder of binary COPY rows.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::{EPOCH_DATE, EPOCH_UNIX_MICROSECONDS};

/// Rows in the binary COPY format, ready to be sent.
///
/// Begin each row with [`begin_row`](Self::begin_row) and then write exactly that many fields, in the order of the COPY statement's column list.
/// The Rust type must be the column's own (`i32` for `integer`, `i64` for `bigint` …): PostgreSQL converts nothing in a binary COPY.
///
/// # Panics
/// Writing fewer or more fields than announced is a programming error and panics, as does a field of 1 GB or more, PostgreSQL's own limit.
#[derive(Debug, Default)]
pub struct CopyBuffer {
    bytes: Vec<u8>,
    rows: u64,
    /// Fields still owed to the row begun last.
    owed: u16,
}

impl CopyBuffer {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty buffer with room for `bytes`.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), rows: 0, owed: 0 }
    }

    /// Rows begun since the buffer was last empty.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Encoded size in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether no row has been begun.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Forgets the rows and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.rows = 0;
        self.owed = 0;
    }

    /// The encoded rows; every begun row is complete.
    pub(super) fn complete_rows(&self) -> &[u8] {
        self.assert_complete();
        &self.bytes
    }

    fn assert_complete(&self) {
        assert!(self.owed == 0, "a COPY row lacks {} of its fields", self.owed);
    }

    /// Begins a row of `columns` fields.
    pub fn begin_row(&mut self, columns: u16) {
        self.assert_complete();
        let count = i16::try_from(columns).expect("PostgreSQL tables have at most 1600 columns");
        self.bytes.extend_from_slice(&count.to_be_bytes());
        self.rows += 1;
        self.owed = columns;
    }

    fn field(&mut self, value: &[u8]) {
        self.owe_one_less();
        let length = i32::try_from(value.len()).expect("a PostgreSQL field is smaller than 1 GB");
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(value);
    }

    fn owe_one_less(&mut self) {
        assert!(self.owed > 0, "a COPY row got more fields than announced");
        self.owed -= 1;
    }

    /// A null of any type.
    pub fn null(&mut self) {
        self.owe_one_less();
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    /// A `smallint`.
    pub fn i16(&mut self, value: i16) {
        self.field(&value.to_be_bytes());
    }

    /// An `integer`.
    pub fn i32(&mut self, value: i32) {
        self.field(&value.to_be_bytes());
    }

    /// A `bigint`.
    pub fn i64(&mut self, value: i64) {
        self.field(&value.to_be_bytes());
    }

    /// A `boolean`.
    pub fn bool(&mut self, value: bool) {
        self.field(&[u8::from(value)]);
    }

    /// A `text`, `varchar` or enum label. PostgreSQL refuses a NUL character inside.
    pub fn text(&mut self, value: &str) {
        self.field(value.as_bytes());
    }

    /// A `bytea`.
    pub fn bytes(&mut self, value: &[u8]) {
        self.field(value);
    }

    /// A `uuid`.
    pub fn uuid(&mut self, value: Uuid) {
        self.field(value.as_bytes());
    }

    /// A `date`.
    pub fn date(&mut self, value: Date) {
        let days = value.duration_since(EPOCH_DATE).as_hours() / 24;
        self.i32(i32::try_from(days).expect("jiff's years −9999 to 9999 are under 8 million days"));
    }

    /// A `timestamptz`; digits finer than PostgreSQL's microsecond are cut off.
    pub fn timestamp(&mut self, value: Timestamp) {
        self.i64(value.as_microsecond() - EPOCH_UNIX_MICROSECONDS);
    }
}

/// The nullable twin of each field writer.
macro_rules! optional {
    ($($(#[$doc:meta])* $name:ident => $write:ident($type:ty);)*) => {
        impl CopyBuffer {$(
            $(#[$doc])*
            pub fn $name(&mut self, value: Option<$type>) {
                match value {
                    Some(value) => self.$write(value),
                    None => self.null(),
                }
            }
        )*}
    };
}

optional! {
    /// A `smallint` or null.
    opt_i16 => i16(i16);
    /// An `integer` or null.
    opt_i32 => i32(i32);
    /// A `bigint` or null.
    opt_i64 => i64(i64);
    /// A `boolean` or null.
    opt_bool => bool(bool);
    /// A `text` or null.
    opt_text => text(&str);
    /// A `bytea` or null.
    opt_bytes => bytes(&[u8]);
    /// A `uuid` or null.
    opt_uuid => uuid(Uuid);
    /// A `date` or null.
    opt_date => date(Date);
    /// A `timestamptz` or null.
    opt_timestamp => timestamp(Timestamp);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(write: impl FnOnce(&mut CopyBuffer)) -> Vec<u8> {
        let mut buffer = CopyBuffer::new();
        buffer.begin_row(1);
        write(&mut buffer);
        buffer.complete_rows()[2..].to_vec()
    }

    #[test]
    fn fields_have_the_documented_bytes() {
        assert_eq!(encoded(|b| b.i16(-2)), [0, 0, 0, 2, 0xff, 0xfe]);
        assert_eq!(encoded(|b| b.bool(true)), [0, 0, 0, 1, 1]);
        assert_eq!(encoded(|b| b.text("æ")), [0, 0, 0, 2, 0xc3, 0xa6]);
        assert_eq!(encoded(|b| b.opt_i64(None)), [0xff, 0xff, 0xff, 0xff]);
        assert_eq!(encoded(|b| b.date(jiff::civil::date(1999, 12, 31))), [0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff]);
    }

    #[test]
    #[should_panic(expected = "lacks 1 of its fields")]
    fn a_short_row_is_a_bug() {
        let mut buffer = CopyBuffer::new();
        buffer.begin_row(2);
        buffer.i32(1);
        buffer.begin_row(2);
    }

    #[test]
    #[should_panic(expected = "more fields than announced")]
    fn a_long_row_is_a_bug() {
        let mut buffer = CopyBuffer::new();
        buffer.begin_row(1);
        buffer.i32(1);
        buffer.i32(2);
    }
}
