//! Reading rows from the server.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::{EPOCH_DATE, EPOCH_UNIX_MICROSECONDS, HEADER};

/// Why a binary COPY could not be read. The text never contains a value.
#[derive(Debug, Error)]
pub enum CopyError {
    /// The server or the connection failed.
    #[error("COPY failed")]
    Database(#[from] sqlx::Error),
    /// The stream does not follow the binary COPY format.
    #[error("the COPY stream is malformed: {0}")]
    Malformed(&'static str),
    /// A field was read as another type than the column has, or as non-null when it is null.
    #[error("COPY field {index} is not a {expected}")]
    Field {
        /// Which field of the row, from 0.
        index: u16,
        /// The type it was read as.
        expected: &'static str,
    },
}

/// A COPY out of the database under way.
///
/// Read it to the end, or leave the transaction with an error: until then the connection must not be used again. A
/// [`Database`](crate::database::Database) finds such a connection and closes it.
pub struct CopyOut<'c> {
    stream: BoxStream<'c, Result<Bytes, sqlx::Error>>,
    /// Bytes received, not yet given out as rows. As a rule the server sends a row per message, so this holds one row.
    received: Bytes,
    /// The row given out last.
    row: Bytes,
    header_read: bool,
}

impl<'c> CopyOut<'c> {
    /// Begins the COPY; `statement` must be of the form `COPY (SELECT …) TO STDOUT (FORMAT binary)`.
    ///
    /// # Errors
    /// When the server refuses the statement.
    pub async fn start(connection: &'c mut PgConnection, statement: &str) -> Result<Self, CopyError> {
        let stream = connection.copy_out_raw(statement).await?;
        Ok(Self { stream, received: Bytes::new(), row: Bytes::new(), header_read: false })
    }

    /// The next row, or `None` at the end.
    ///
    /// # Errors
    /// When the connection fails, the query fails midway, or the stream is malformed.
    pub async fn next_row(&mut self) -> Result<Option<CopyRow<'_>>, CopyError> {
        if !self.header_read {
            self.read_header().await?;
        }
        loop {
            match frame(&self.received)? {
                Frame::Row { length, fields } => {
                    self.row = self.received.split_to(length);
                    return Ok(Some(CopyRow { rest: &self.row[FIELD_COUNT_BYTES..], fields, read: 0 }));
                }
                Frame::End => {
                    self.drain().await?;
                    return Ok(None);
                }
                Frame::Incomplete => self.receive().await?,
            }
        }
    }

    async fn read_header(&mut self) -> Result<(), CopyError> {
        while self.received.len() < HEADER.len() {
            self.receive().await?;
        }
        let header = self.received.split_to(HEADER.len());
        if header[..] != HEADER[..] {
            return Err(CopyError::Malformed("unknown header"));
        }
        self.header_read = true;
        Ok(())
    }

    async fn receive(&mut self) -> Result<(), CopyError> {
        let more = self.stream.next().await.ok_or(CopyError::Malformed("ended inside a row"))??;
        if self.received.is_empty() {
            self.received = more;
        } else {
            let mut joined = BytesMut::with_capacity(self.received.len() + more.len());
            joined.extend_from_slice(&self.received);
            joined.extend_from_slice(&more);
            self.received = joined.freeze();
        }
        Ok(())
    }

    /// Reads the messages after the trailer, so that the connection is ready again.
    async fn drain(&mut self) -> Result<(), CopyError> {
        while let Some(more) = self.stream.next().await {
            more?;
        }
        Ok(())
    }
}

/// Each row begins with its field count.
const FIELD_COUNT_BYTES: usize = 2;

enum Frame {
    Row { length: usize, fields: u16 },
    End,
    Incomplete,
}

/// Looks for one whole row at the start of `bytes`.
fn frame(bytes: &[u8]) -> Result<Frame, CopyError> {
    let Some((count, _)) = bytes.split_first_chunk::<2>() else {
        return Ok(Frame::Incomplete);
    };
    let count = i16::from_be_bytes(*count);
    if count == -1 {
        return Ok(Frame::End);
    }
    let fields = u16::try_from(count).map_err(|_| CopyError::Malformed("negative field count"))?;
    let mut length = FIELD_COUNT_BYTES;
    for _ in 0..fields {
        let Some((size, _)) = bytes.get(length..).and_then(<[u8]>::split_first_chunk::<4>) else {
            return Ok(Frame::Incomplete);
        };
        length += 4 + usize::try_from(i32::from_be_bytes(*size)).unwrap_or(0);
    }
    Ok(if bytes.len() < length { Frame::Incomplete } else { Frame::Row { length, fields } })
}

/// One row; its fields are read in column order, each exactly once. Text and bytes borrow from the row, so nothing is allocated.
#[derive(Debug)]
pub struct CopyRow<'r> {
    /// The fields not yet read, each with its length.
    rest: &'r [u8],
    fields: u16,
    read: u16,
}

impl<'r> CopyRow<'r> {
    /// How many fields the row has.
    #[must_use]
    pub fn columns(&self) -> u16 {
        self.fields
    }

    fn field(&mut self, expected: &'static str) -> Result<Option<&'r [u8]>, CopyError> {
        let missing = CopyError::Field { index: self.read, expected };
        let Some((size, rest)) = self.rest.split_first_chunk::<4>() else {
            return Err(missing);
        };
        self.read += 1;
        self.rest = rest;
        let Ok(size) = usize::try_from(i32::from_be_bytes(*size)) else {
            return Ok(None);
        };
        let (value, rest) = rest.split_at_checked(size).ok_or(missing)?;
        self.rest = rest;
        Ok(Some(value))
    }

    fn fixed<const N: usize>(&mut self, expected: &'static str) -> Result<Option<[u8; N]>, CopyError> {
        let index = self.read;
        match self.field(expected)? {
            None => Ok(None),
            Some(value) => value.try_into().map(Some).map_err(|_| CopyError::Field { index, expected }),
        }
    }

    /// A `smallint` or null.
    ///
    /// # Errors
    /// As every getter: when the field is of another type, or the row has no more fields.
    pub fn opt_i16(&mut self) -> Result<Option<i16>, CopyError> {
        Ok(self.fixed("smallint")?.map(i16::from_be_bytes))
    }

    /// An `integer` or null.
    ///
    /// # Errors
    /// See [`opt_i16`](Self::opt_i16).
    pub fn opt_i32(&mut self) -> Result<Option<i32>, CopyError> {
        Ok(self.fixed("integer")?.map(i32::from_be_bytes))
    }

    /// A `bigint` or null.
    ///
    /// # Errors
    /// See [`opt_i16`](Self::opt_i16).
    pub fn opt_i64(&mut self) -> Result<Option<i64>, CopyError> {
        Ok(self.fixed("bigint")?.map(i64::from_be_bytes))
    }

    /// A `boolean` or null.
    ///
    /// # Errors
    /// See [`opt_i16`](Self::opt_i16).
    pub fn opt_bool(&mut self) -> Result<Option<bool>, CopyError> {
        Ok(self.fixed::<1>("boolean")?.map(|[byte]| byte != 0))
    }

    /// A `text` or null.
    ///
    /// # Errors
    /// See [`opt_i16`](Self::opt_i16).
    pub fn opt_text(&mut self) -> Result<Option<&'r str>, CopyError> {
        let index = self.read;
        let not_text = |_| CopyError::Field { index, expected: "text" };
        self.field("text")?.map(|value| str::from_utf8(value).map_err(not_text)).transpose()
    }

    /// A `bytea` or null.
    ///
    /// # Errors
    /// See [`opt_i16`](Self::opt_i16).
    pub fn opt_bytes(&mut self) -> Result<Option<&'r [u8]>, CopyError> {
        self.field("bytea")
    }

    /// A `uuid` or null.
    ///
    /// # Errors
    /// See [`opt_i16`](Self::opt_i16).
    pub fn opt_uuid(&mut self) -> Result<Option<Uuid>, CopyError> {
        Ok(self.fixed("uuid")?.map(Uuid::from_bytes))
    }

    /// A `date` or null. PostgreSQL's `infinity` is refused.
    ///
    /// # Errors
    /// See [`opt_i16`](Self::opt_i16).
    pub fn opt_date(&mut self) -> Result<Option<Date>, CopyError> {
        let outside = CopyError::Field { index: self.read, expected: "date" };
        let Some(days) = self.fixed("date")?.map(i32::from_be_bytes) else {
            return Ok(None);
        };
        let since_epoch = SignedDuration::from_hours(i64::from(days) * 24);
        EPOCH_DATE.checked_add(since_epoch).map(Some).map_err(|_| outside)
    }

    /// A `timestamptz` or null. PostgreSQL's `infinity` is refused.
    ///
    /// # Errors
    /// See [`opt_i16`](Self::opt_i16).
    pub fn opt_timestamp(&mut self) -> Result<Option<Timestamp>, CopyError> {
        let index = self.read;
        let Some(microseconds) = self.fixed("timestamptz")?.map(i64::from_be_bytes) else {
            return Ok(None);
        };
        microseconds
            .checked_add(EPOCH_UNIX_MICROSECONDS)
            .and_then(|microseconds| Timestamp::from_microsecond(microseconds).ok())
            .map(Some)
            .ok_or(CopyError::Field { index, expected: "timestamptz" })
    }
}

/// The non-null twin of each getter.
macro_rules! required {
    ($($(#[$doc:meta])* $name:ident => $read:ident() -> $type:ty, $expected:literal;)*) => {
        impl<'r> CopyRow<'r> {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// When the field is null, of another type, or the row has no more fields.
            pub fn $name(&mut self) -> Result<$type, CopyError> {
                let null = CopyError::Field { index: self.read, expected: $expected };
                self.$read()?.ok_or(null)
            }
        )*}
    };
}

required! {
    /// A `smallint`.
    i16 => opt_i16() -> i16, "smallint, which may not be null";
    /// An `integer`.
    i32 => opt_i32() -> i32, "integer, which may not be null";
    /// A `bigint`.
    i64 => opt_i64() -> i64, "bigint, which may not be null";
    /// A `boolean`.
    bool => opt_bool() -> bool, "boolean, which may not be null";
    /// A `text`.
    text => opt_text() -> &'r str, "text, which may not be null";
    /// A `bytea`.
    bytes => opt_bytes() -> &'r [u8], "bytea, which may not be null";
    /// A `uuid`.
    uuid => opt_uuid() -> Uuid, "uuid, which may not be null";
    /// A `date`.
    date => opt_date() -> Date, "date, which may not be null";
    /// A `timestamptz`.
    timestamp => opt_timestamp() -> Timestamp, "timestamptz, which may not be null";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_framed_only_when_whole() {
        let row = [0, 2, 0, 0, 0, 1, 7, 0xff, 0xff, 0xff, 0xff];
        for cut in 0..row.len() {
            assert!(matches!(frame(&row[..cut]), Ok(Frame::Incomplete)), "cut at {cut}");
        }
        assert!(matches!(frame(&row), Ok(Frame::Row { length: 11, fields: 2 })));
        assert!(matches!(frame(&[0xff, 0xff]), Ok(Frame::End)));
        assert!(matches!(frame(&[0x80, 0]), Err(CopyError::Malformed(_))));
    }

    #[test]
    fn a_field_of_another_type_is_refused_without_its_value() {
        let mut row = CopyRow { rest: &[0, 0, 0, 2, 1, 2], fields: 1, read: 0 };
        assert_eq!(row.i64().unwrap_err().to_string(), "COPY field 0 is not a bigint");
        assert!(row.i64().is_err(), "there is no second field");
    }
}
