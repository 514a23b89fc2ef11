//! The threads that walk pieces.

use super::split::{Bytes, Splitter};
use super::{Manner, Tape};
use crate::engine::{Piece, Seam, Stretch};
use std::io::{self, Read};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
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

/// What it takes to walk pieces.
pub(super) struct Hand<R, T, S> {
    pub supply: Arc<Mutex<Supply<R, T>>>,
    pub assumption: Assumption,
    pub manner: Manner,
    pub told: PhantomData<fn(&mut S)>,
}

impl<R, T, S> Clone for Hand<R, T, S> {
    fn clone(&self) -> Self {
        let Hand { supply, assumption, manner, told } = self;
        Hand { supply: Arc::clone(supply), assumption: Arc::clone(assumption), manner: *manner, told: *told }
    }
}

impl<R: Read, T: Tape<S>, S> Hand<R, T, S> {
    /// Walks pieces until the file ends, or nobody wants them any more.
    pub fn work(self, done: Sender<Done<T>>) {
        let alarm = Alarm(&done);
        while let Some(taken) = self.take() {
            if done.send(self.walked(taken)).is_err() {
                break;
            }
        }
        drop(alarm);
    }

    /// Walks one piece, if the file and the memory for it are at hand.
    pub fn help(&self) -> Option<Done<T>> {
        let mut supply = self.supply.try_lock().ok()?;
        if supply.splitter.has_ended() {
            return None;
        }
        let job = supply.free.try_recv().ok()?;
        let Ok(taken) = catch_unwind(AssertUnwindSafe(|| supply.read(job))) else { return Some(Done::Broken) };
        drop(supply);
        Some(self.walked(taken))
    }

    fn take(&self) -> Option<Done<T>> {
        // After a panic in the input's own code there is nothing to be read any more.
        let mut supply = self.supply.lock().ok()?;
        if supply.splitter.has_ended() {
            return None;
        }
        let job = supply.free.recv().ok()?;
        Some(supply.read(job))
    }

    fn walked(&self, mut taken: Done<T>) -> Done<T> {
        if let Done::Job(job) = &mut taken {
            self.walk(job);
        }
        taken
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

impl<R: Read, T> Supply<R, T> {
    fn read(&mut self, mut job: Box<Job<T>>) -> Done<T> {
        match self.splitter.next(&mut job.bytes) {
            Ok(()) => Done::Job(job),
            Err(error) => Done::Unreadable(job.bytes.number, error),
        }
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
