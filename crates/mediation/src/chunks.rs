//! Kept bytes: a stream is cut into pieces, and each piece is compressed (zstd) and sealed before it is stored.

use std::io::{self, Read, Write};
use std::sync::Arc;

use futures_util::{Stream, TryStreamExt};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use zstd::bulk::{Compressor, Decompressor};

use crate::error::Error;
use crate::vault::Vault;

/// The plain size of a piece. Large enough to compress well, small enough that a few in memory do not count.
pub(crate) const PIECE_BYTES: usize = 256 * 1024;

/// The fastest level: the content is XML, which shrinks to a tenth at any level.
const COMPRESSION_LEVEL: i32 = 1;

/// A writer that turns what is written into stored pieces and hands each, in order, to a consumer.
pub(crate) struct ChunkWriter<F> {
    vault: Vault,
    consume: F,
    piece: Vec<u8>,
    press: Press,
    sha256: Sha256,
    bytes: u64,
}

/// What a whole stream was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamDigest {
    /// SHA-256 of the plain bytes.
    pub sha256: [u8; 32],
    /// How many plain bytes.
    pub bytes: u64,
}

impl<F: FnMut(Vec<u8>) -> io::Result<()>> ChunkWriter<F> {
    /// A writer for one stream.
    pub fn new(vault: Vault, consume: F) -> Self {
        Self { vault, consume, piece: Vec::with_capacity(PIECE_BYTES), press: Press::default(), sha256: Sha256::new(), bytes: 0 }
    }

    /// Stores the last piece. Without it the stream is not whole.
    pub fn finish(mut self) -> io::Result<StreamDigest> {
        self.flush_piece()?;
        Ok(StreamDigest { sha256: self.sha256.finalize().into(), bytes: self.bytes })
    }

    fn flush_piece(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        self.sha256.update(&self.piece);
        self.bytes += u64::try_from(self.piece.len()).expect("a piece is small");
        let sealed = self.vault.seal_chunk(self.press.compress(&self.piece)?);
        self.piece.clear();
        (self.consume)(sealed)
    }
}

/// What it takes to compress pieces one after the other: made once for a stream, as it is half a megabyte.
#[derive(Default)]
struct Press {
    compressor: Option<Compressor<'static>>,
    compressed: Vec<u8>,
}

impl Press {
    fn compress(&mut self, piece: &[u8]) -> io::Result<&[u8]> {
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            none => none.insert(Compressor::new(COMPRESSION_LEVEL)?),
        };
        self.compressed.clear();
        self.compressed.reserve(zstd::zstd_safe::compress_bound(piece.len()));
        compressor.compress_to_buffer(piece, &mut self.compressed)?;
        Ok(&self.compressed)
    }
}

impl<F: FnMut(Vec<u8>) -> io::Result<()>> Write for ChunkWriter<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PIECE_BYTES - self.piece.len();
        let taken = room.min(bytes.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE_BYTES {
            self.flush_piece()?;
        }
        Ok(taken)
    }

    /// Pieces leave when they are full or the stream ends; there is nothing to hurry.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ChunkWriter<()> {
    /// A writer that sends its pieces to whoever stores them.
    pub fn sending(vault: Vault, pieces: &mpsc::Sender<Vec<u8>>) -> ChunkWriter<impl FnMut(Vec<u8>) -> io::Result<()>> {
        ChunkWriter::new(vault, |piece| pieces.blocking_send(piece).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe)))
    }
}

/// Sends stored pieces on as they are read, until their end, a failure, or until the receiver has enough.
pub(crate) async fn forward_pieces(
    mut stored: impl Stream<Item = Result<Vec<u8>, sqlx::Error>> + Unpin, pieces: mpsc::Sender<Result<Vec<u8>, Error>>,
) {
    loop {
        let piece = match stored.try_next().await {
            Ok(None) => return,
            Ok(Some(piece)) => Ok(piece),
            Err(error) => Err(Error::Database(error)),
        };
        let failed = piece.is_err();
        if pieces.send(piece).await.is_err() || failed {
            return;
        }
    }
}

/// A reader of the plain bytes of a stored stream, whose stored pieces come from `next`, in order, `None` at the end.
pub(crate) struct ChunkReader<F> {
    vault: Vault,
    next: F,
    decompressor: Option<Decompressor<'static>>,
    piece: Vec<u8>,
    read: usize,
}

impl<F: FnMut() -> Option<Result<Vec<u8>, Error>>> ChunkReader<F> {
    /// A reader of one stream.
    pub fn new(vault: Vault, next: F) -> Self {
        Self { vault, next, decompressor: None, piece: Vec::new(), read: 0 }
    }

    fn open(&mut self, stored: &[u8]) -> Result<(), Error> {
        self.read = 0;
        self.piece.clear();
        let compressed = self.vault.open_chunk(stored)?;
        let decompressor = match &mut self.decompressor {
            Some(decompressor) => decompressor,
            none => none.insert(Decompressor::new()?),
        };
        self.piece.reserve(PIECE_BYTES);
        decompressor.decompress_to_buffer(&compressed, &mut self.piece)?;
        Ok(())
    }
}

impl<F: FnMut() -> Option<Result<Vec<u8>, Error>>> Read for ChunkReader<F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.read == self.piece.len() {
            let Some(stored) = (self.next)() else {
                return Ok(0);
            };
            stored.and_then(|stored| self.open(&stored)).map_err(into_io)?;
        }
        let taken = into.len().min(self.piece.len() - self.read);
        into[..taken].copy_from_slice(&self.piece[self.read..self.read + taken]);
        self.read += taken;
        Ok(taken)
    }
}

/// An error of ours in the clothes `Read` asks for.
fn into_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        other => io::Error::other(Arc::new(other)),
    }
}

#[cfg(test)]
mod tests {
    use platform::seal::{KeyRing, Sealer};
    use proptest::prelude::*;

    use super::*;

    fn vault() -> Vault {
        Vault::new(Sealer::new(&KeyRing::for_tests(), "mediation"))
    }

    fn stored(plain: &[u8]) -> (Vec<Vec<u8>>, StreamDigest) {
        let mut pieces = Vec::new();
        let mut writer = ChunkWriter::new(vault(), |piece| {
            pieces.push(piece);
            Ok(())
        });
        writer.write_all(plain).unwrap();
        let digest = writer.finish().unwrap();
        (pieces, digest)
    }

    fn plain(pieces: Vec<Vec<u8>>) -> io::Result<Vec<u8>> {
        let mut pieces = pieces.into_iter();
        let mut plain = Vec::new();
        ChunkReader::new(vault(), || pieces.next().map(Ok)).read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn streams_of_every_length_around_a_piece_come_back() {
        for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES + 7] {
            let original: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let (pieces, digest) = stored(&original);
            assert_eq!(pieces.len(), length.div_ceil(PIECE_BYTES));
            assert_eq!(digest.bytes, length as u64);
            assert_eq!(digest.sha256, <[u8; 32]>::from(Sha256::digest(&original)));
            assert!(plain(pieces).unwrap() == original, "length {length}");
        }
    }

    #[test]
    fn nothing_readable_is_stored_and_a_changed_piece_is_refused() {
        let (mut pieces, _) = stored(b"0101605001 0101605001 0101605001");
        assert!(!pieces[0].windows(10).any(|window| window == b"0101605001"));
        *pieces[0].last_mut().unwrap() ^= 1;
        assert!(plain(pieces).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_writes_come_back(parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..5_000), 0..20)) {
            let (pieces, _) = stored(&parts.concat());
            prop_assert_eq!(plain(pieces).unwrap(), parts.concat());
        }
    }
}
