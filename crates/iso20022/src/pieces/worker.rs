//! The threads that walk pieces.

use super::split::{Bytes, Splitter};
use super::{Manner, Tape};
use crate::engine::{Piece, Seam, Stretch};
use std::io::{self, Read};
use std::marker::PhantomData;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

/// A piece of the file with what became of it.
#[derive(Debug, Default)]
pub(super) struct Job<T> {
    pub bytes: Bytes,
    /// The walk of it, and the seam that it assumed.
    pub walked: Option<(Arc<Seam>, Stretch)>,
    /// What the walk told.
    pub tape: T,
}

/// What threads give back.
pub(super) enum Done<T> {
    Job(Box<Job<T>>),
    /// The input cannot be read behind the piece of this number.
    Unreadable(u64, io::Error),
    /// A thread has panicked.
    Broken,
}

/// The seam to assume, once one is known.
pub(super) type Assumption = Arc<Mutex<Option<Arc<Seam>>>>;

/// The file and the jobs to be done, which one thread at a time takes.
pub(super) struct Supply<R, T> {
    pub splitter: Splitter<R>,
    pub free: Receiver<Box<Job<T>>>,
}

pub(super) struct Worker<R, T, S> {
    pub supply: Arc<Mutex<Supply<R, T>>>,
    pub done: Sender<Done<T>>,
    pub assumption: Assumption,
    pub manner: Manner,
    pub told: PhantomData<fn(&mut S)>,
}

impl<R: Read, T: Tape<S>, S> Worker<R, T, S> {
    /// Walks pieces until the file ends, or nobody wants them any more.
    pub fn work(self) {
        let alarm = Alarm(&self.done);
        while let Some(mut job) = self.take() {
            self.walk(&mut job);
            if self.done.send(Done::Job(job)).is_err() {
                break;
            }
        }
        drop(alarm);
    }

    fn take(&self) -> Option<Box<Job<T>>> {
        // After a panic in the input's own code there is nothing to be read any more.
        let mut supply = self.supply.lock().ok()?;
        if supply.splitter.has_ended() {
            return None;
        }
        let mut job = supply.free.recv().ok()?;
        match supply.splitter.next(&mut job.bytes) {
            Ok(()) => Some(job),
            Err(error) => {
                // If nobody listens any more, nobody needs to hear it.
                let _ = self.done.send(Done::Unreadable(job.bytes.number, error));
                None
            }
        }
    }

    fn walk(&self, job: &mut Job<T>) {
        job.walked = None;
        if !job.bytes.fits {
            return;
        }
        let Some(seam) = self.assumption.lock().unwrap_or_else(PoisonError::into_inner).clone() else { return };
        job.tape.start(self.manner.limits);
        let Bytes { buffer, length, offset, line, .. } = &mut job.bytes;
        let piece = Piece { buffer, length: *length, offset: *offset, line: *line };
        let Manner { limits, bind, .. } = self.manner;
        let stretch = seam.walk(piece, limits, bind, &mut job.tape).filter(|_| job.tape.is_whole());
        job.walked = stretch.map(|stretch| (seam, stretch));
    }
}

/// Tells of a panic, so that nobody waits for a piece that will not come.
struct Alarm<'d, T>(&'d Sender<Done<T>>);

impl<T> Drop for Alarm<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.0.send(Done::Broken);
        }
    }
}
