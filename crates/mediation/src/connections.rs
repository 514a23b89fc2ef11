//! How the pool's connections are shared, so that nobody waits for a second one while all are held by others who do the same.
//!
//! Some work holds a transaction and reads on a second connection, and renews its lease on a third for a moment. Uploads hold a transaction for as
//! long as the sender pleases. Each asks for its share here before it takes its first connection.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The shares of a pool.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    uploads: Arc<Semaphore>,
    pairs: Arc<Semaphore>,
    intakes: Arc<Semaphore>,
}

/// The right to some connections until it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    _permits: Vec<OwnedSemaphorePermit>,
}

impl Connections {
    /// The shares of a pool of this many connections: a quarter for uploads; pairs for half of the rest, so that renewals and single statements
    /// find one; and of the pairs all but one for intakes, which may take long.
    pub fn of_pool(connections: u32) -> Self {
        let (uploads, pairs, intakes) = shares(usize::try_from(connections).unwrap_or(usize::MAX));
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { uploads: semaphore(uploads), pairs: semaphore(pairs), intakes: semaphore(intakes) }
    }

    /// One connection for as long as a sender pleases.
    pub async fn for_upload(&self) -> Share {
        Share { _permits: vec![permit(&self.uploads).await] }
    }

    /// A transaction and a reader beside it.
    pub async fn for_pair(&self) -> Share {
        Share { _permits: vec![permit(&self.pairs).await] }
    }

    /// The same, for the reading of a delivery.
    pub async fn for_intake(&self) -> Share {
        Share { _permits: vec![permit(&self.intakes).await, permit(&self.pairs).await] }
    }
}

/// Uploads, pairs, intakes.
fn shares(connections: usize) -> (usize, usize, usize) {
    let uploads = (connections / 4).clamp(1, Semaphore::MAX_PERMITS);
    let pairs = (connections.saturating_sub(uploads + 1) / 2).clamp(1, Semaphore::MAX_PERMITS);
    (uploads, pairs, (pairs - 1).max(1))
}

async fn permit(semaphore: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(semaphore).acquire_owned().await.expect("the semaphores are never closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_leave_a_connection_for_those_who_need_only_one() {
        for connections in 4..200 {
            let (uploads, pairs, intakes) = shares(connections);
            assert!(uploads + 2 * pairs < connections, "{connections}");
            assert!(intakes <= pairs && intakes > 0);
        }
        assert_eq!(shares(8), (2, 2, 1));
        assert_eq!(shares(16), (4, 5, 4));
    }
}
