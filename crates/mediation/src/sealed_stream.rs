//! Bytes that come in: read, compressed and sealed while they are stored, so that memory does not grow with the file.

use std::io::{self, Write};

use contracts::mediation::Content;
use platform::copy::{CopyBuffer, CopyIn};
use sqlx::PgConnection;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::chunks::{ChunkWriter, PIECE_BYTES, StreamDigest};
use crate::error::Error;
use crate::vault::Vault;

/// How many pieces may wait between the reader, the sealer and the database.
const PIECES_IN_FLIGHT: usize = 4;

/// A stream of sealed pieces under way.
pub(crate) struct SealedStream {
    pieces: mpsc::Receiver<Vec<u8>>,
    reading: JoinHandle<Result<(), Error>>,
    sealing: JoinHandle<io::Result<StreamDigest>>,
}

impl SealedStream {
    /// Begins to read `content`, of which at most `limit` bytes are taken.
    pub fn start(vault: Vault, content: Content, limit: u64) -> Self {
        let (plain_in, plain_out) = mpsc::channel(PIECES_IN_FLIGHT);
        let (used_in, used_out) = mpsc::channel(PIECES_IN_FLIGHT);
        let (sealed_in, pieces) = mpsc::channel(PIECES_IN_FLIGHT);
        let reading = tokio::spawn(read(content, limit, plain_in, used_out));
        let sealing = tokio::task::spawn_blocking(move || seal(vault, plain_out, &used_in, &sealed_in));
        Self { pieces, reading, sealing }
    }

    /// The next sealed piece, `None` at the end.
    pub async fn next(&mut self) -> Option<Vec<u8>> {
        self.pieces.recv().await
    }

    /// What the whole stream was. Fails when it was not read to its end: a cut stream must never be taken for a whole one.
    pub async fn finish(self) -> Result<StreamDigest, Error> {
        self.reading.await.map_err(|_| Error::Interrupted)??;
        Ok(self.sealing.await.map_err(|_| Error::Interrupted)??)
    }

    /// Stores the stream by a COPY into (owner, piece number, piece) and answers what it was.
    ///
    /// `statement` is of the form `COPY t (owner, chunk_no, content) FROM STDIN (FORMAT binary)`.
    pub async fn store(
        mut self, connection: &mut PgConnection, statement: &'static str, owner: i64,
    ) -> Result<StreamDigest, Error> {
        let mut copy = CopyIn::start(connection, statement).await?;
        let mut row = CopyBuffer::with_capacity(PIECE_BYTES / 4);
        let mut number = 0;
        while let Some(piece) = self.next().await {
            row.begin_row(3);
            row.i64(owner);
            row.i32(number);
            row.bytes(&piece);
            copy.send(&mut row).await?;
            number += 1;
        }
        let digest = self.finish().await?;
        let stored = copy.finish().await?;
        platform::database::expect_rows(stored, usize::try_from(number).unwrap_or(usize::MAX), "pieces of a stream")?;
        Ok(digest)
    }
}

/// Reads into buffers that come back when they are `used`, so that a stream has no more of them than are under way.
async fn read(
    mut content: Content, limit: u64, plain: mpsc::Sender<Vec<u8>>, mut used: mpsc::Receiver<Vec<u8>>,
) -> Result<(), Error> {
    let mut total = 0_u64;
    loop {
        let mut buffer = used.try_recv().unwrap_or_else(|_| Vec::with_capacity(PIECE_BYTES));
        while buffer.len() < PIECE_BYTES && content.read_buf(&mut buffer).await? > 0 {}
        if buffer.is_empty() {
            return Ok(());
        }
        total += u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        if total > limit {
            return Err(Error::TooLarge { limit });
        }
        plain.send(buffer).await.map_err(|_| Error::Interrupted)?;
    }
}

fn seal(
    vault: Vault, mut plain: mpsc::Receiver<Vec<u8>>, used: &mpsc::Sender<Vec<u8>>, sealed: &mpsc::Sender<Vec<u8>>,
) -> io::Result<StreamDigest> {
    let mut writer = ChunkWriter::sending(vault, sealed);
    while let Some(mut bytes) = plain.blocking_recv() {
        writer.write_all(&bytes)?;
        bytes.clear();
        // There may be enough of them, or nothing more to read.
        let _ = used.try_send(bytes);
    }
    writer.finish()
}
