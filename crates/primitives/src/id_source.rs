//! Random identifiers, as a parameter: nothing in the logic asks the operating system for randomness.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use uuid::{Builder, Uuid};

/// Makes identifiers that nobody can foresee.
pub trait IdSource: Send + Sync + fmt::Debug {
    /// A new random UUID (RFC 9562, version 4).
    fn uuid_v4(&self) -> Uuid;
}

/// Identifiers from the operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn uuid_v4(&self) -> Uuid {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("every supported operating system provides randomness");
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// The same identifiers in the same order for the same seed: for tests, the demo and the simulation. Clones share the sequence.
#[derive(Clone)]
pub struct SeededIds(Arc<Mutex<ChaCha12Rng>>);

impl SeededIds {
    /// The sequence of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(ChaCha12Rng::seed_from_u64(seed))))
    }
}

impl IdSource for SeededIds {
    fn uuid_v4(&self) -> Uuid {
        let mut bytes = [0; 16];
        let mut generator = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        generator.fill_bytes(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// The state of the generator would foretell the identifiers to come, so it is not shown.
impl fmt::Debug for SeededIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededIds")
    }
}

impl<S: IdSource + ?Sized> IdSource for Arc<S> {
    fn uuid_v4(&self) -> Uuid {
        (**self).uuid_v4()
    }
}
