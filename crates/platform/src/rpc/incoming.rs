//! A stream of bytes that comes to a house.

use std::io;
use std::pin::Pin;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use contracts::operation::Content;
use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_util::io::StreamReader;

/// How long the sender may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// How long, and how many bytes, a sender that was refused is listened to, so that it comes to read why: a connection that is closed on a
/// sender takes the answer with it.
const LINGER: Duration = Duration::from_secs(10);
const LINGER_BYTES: u64 = 64 * 1024 * 1024;

type Bytestream = StreamReader<BoxStream<'static, io::Result<Bytes>>, Bytes>;

/// The body, lent to the house for reading.
struct Lent {
    /// `Some` until dropped.
    reader: Option<Bytestream>,
    back: Option<oneshot::Sender<Bytestream>>,
}

/// What the house has not read.
pub(super) struct Rest(oneshot::Receiver<Bytestream>);

/// The body as content to be read, and what is left of it afterwards. A body that breaks off or falls silent is an error for the reader.
pub(super) fn lend(body: Body) -> (Content, Rest) {
    let (back, rest) = oneshot::channel();
    let pieces = stream::unfold(body.into_data_stream(), |mut body| async move {
        let piece = match timeout(SILENCE, body.next()).await {
            Ok(piece) => piece?.map_err(io::Error::other),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        Some((piece, body))
    });
    let reader = StreamReader::new(pieces.boxed());
    (Box::pin(Lent { reader: Some(reader), back: Some(back) }), Rest(rest))
}

impl Rest {
    /// Reads on for a while and throws it away.
    pub(super) fn discard(self) {
        tokio::spawn(timeout(LINGER, async move {
            if let Ok(reader) = self.0.await {
                let _ = tokio::io::copy(&mut reader.take(LINGER_BYTES), &mut tokio::io::sink()).await;
            }
        }));
    }
}

impl AsyncRead for Lent {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Task<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.reader {
            Some(reader) => Pin::new(reader).poll_read(task, buffer),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(reader), Some(back)) = (self.reader.take(), self.back.take()) {
            // Nobody waits for it when the call went well.
            let _ = back.send(reader);
        }
    }
}
