//! Sending rows to the server.

use sqlx::PgConnection;
use sqlx::postgres::PgCopyIn;

use super::{CopyBuffer, HEADER, TRAILER};

/// The largest piece handed to the connection at once. It bounds the connection's write buffer, which keeps the size it once grew to.
const PIECE: usize = 256 * 1024;

/// Sends `rows` by one `COPY … FROM STDIN (FORMAT binary)` and answers how many rows the server stored.
///
/// # Errors
/// The server's refusal (a constraint, a wrong type, a missing right); then no row is stored.
pub async fn copy_in(connection: &mut PgConnection, statement: &str, rows: &CopyBuffer) -> Result<u64, sqlx::Error> {
    let mut copy = CopyIn::start(connection, statement).await?;
    copy.send_rows(rows).await?;
    copy.finish().await
}

/// A COPY into a table under way, for more rows than one wants in memory.
///
/// Dropped without [`finish`](Self::finish), the COPY stores nothing and the connection must not be used again: leave the transaction with an
/// error. A [`Database`](crate::database::Database) finds such a connection and closes it.
pub struct CopyIn<'c> {
    inner: PgCopyIn<&'c mut PgConnection>,
}

impl<'c> CopyIn<'c> {
    /// Begins the COPY; `statement` must be of the form `COPY t (a, b) FROM STDIN (FORMAT binary)`.
    ///
    /// # Errors
    /// When the server refuses the statement.
    pub async fn start(connection: &'c mut PgConnection, statement: &str) -> Result<Self, sqlx::Error> {
        let mut inner = connection.copy_in_raw(statement).await?;
        inner.send(&HEADER[..]).await?;
        Ok(Self { inner })
    }

    /// Sends the buffered rows and empties the buffer, which keeps its memory for the next rows.
    ///
    /// # Errors
    /// When the connection fails. A refusal of the rows themselves may first show in [`finish`](Self::finish).
    pub async fn send(&mut self, rows: &mut CopyBuffer) -> Result<(), sqlx::Error> {
        self.send_rows(rows).await?;
        rows.clear();
        Ok(())
    }

    async fn send_rows(&mut self, rows: &CopyBuffer) -> Result<(), sqlx::Error> {
        for piece in rows.complete_rows().chunks(PIECE) {
            self.inner.send(piece).await?;
        }
        Ok(())
    }

    /// Ends the COPY and answers how many rows the server stored.
    ///
    /// # Errors
    /// The server's refusal; then no row of the COPY is stored.
    pub async fn finish(mut self) -> Result<u64, sqlx::Error> {
        self.inner.send(&TRAILER[..]).await?;
        self.inner.finish().await
    }

    /// Gives the COPY up for the stated reason; nothing is stored.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn abort(self, reason: &str) -> Result<(), sqlx::Error> {
        self.inner.abort(reason).await
    }
}
