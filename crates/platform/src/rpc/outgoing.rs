//! A stream of bytes on its way to a house.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use contracts::operation::Content;
use futures_util::TryStreamExt;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio_util::io::ReaderStream;

/// The body of any request.
pub(super) type OutgoingBody = UnsyncBoxBody<Bytes, io::Error>;

/// How much is read at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Counts what leaves, so that a stream that goes on for hours is told from one that stands still.
#[derive(Clone, Debug, Default)]
pub(super) struct Outgoing(Arc<AtomicU64>);

impl Outgoing {
    /// The content as a body of unknown length. When reading it fails, the body breaks off, and the house does not take it for whole.
    pub(super) fn body(&self, content: Content) -> OutgoingBody {
        let sent = Arc::clone(&self.0);
        let pieces = ReaderStream::with_capacity(content, PIECE_BYTES).inspect_ok(move |_| {
            sent.fetch_add(1, Ordering::Relaxed);
        });
        StreamBody::new(pieces.map_ok(Frame::data)).boxed_unsync()
    }

    /// Ends when nothing has left for at least this long.
    pub(super) async fn stalled(&self, patience: Duration) {
        loop {
            let before = self.0.load(Ordering::Relaxed);
            tokio::time::sleep(patience).await;
            if self.0.load(Ordering::Relaxed) == before {
                return;
            }
        }
    }
}
