//! The walk as a whole: pieces in order, replayed or walked.

use super::split::Splitter;
use super::worker::{Assumption, Done, Hand, Job, Supply};
use super::{Manner, Shared, Tape};
use crate::engine::{Engine, Flow, Progress, Seam, Sink};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::marker::PhantomData;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

/// Pieces in memory for each thread: one that it walks, and those that wait for their turn. So many that a thread seldom has to wait for memory:
/// to be woken takes longer than to walk a piece.
const PIECES_A_THREAD: usize = 4;

/// What is fed to the engine: a piece at a time.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    bytes: Vec<u8>,
    length: usize,
    given: usize,
}

impl Read for Feed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut left = &self.bytes[self.given..self.length];
        let read = left.read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

/// What is being done with the piece at hand.
enum Now<T> {
    /// Nothing; the next one is wanted.
    Waiting,
    /// The engine walks it.
    Walking(Box<Job<T>>),
    /// What another thread wrote down of it is told.
    Replaying(Box<Job<T>>),
}

/// A file walked by several threads.
pub(crate) struct Walk<T, S> {
    engine: Option<Engine<Feed>>,
    manner: Manner,
    now: Now<T>,
    /// Number of the next piece.
    next: u64,
    /// Pieces done before it is their turn.
    early: BTreeMap<u64, Done<T>>,
    free: Sender<Box<Job<T>>>,
    done: Receiver<Done<T>>,
    /// Walks a piece in this thread.
    help: Box<dyn Fn() -> Option<Done<T>> + Send>,
    assumption: Assumption,
    /// The seam that the engine has come to.
    seam: Option<Arc<Seam>>,
    failed: Option<io::ErrorKind>,
    /// Bytes that were replayed.
    #[cfg(test)]
    pub replayed: u64,
    told: PhantomData<fn(&mut S)>,
}

impl<T: Tape<S>, S: Sink + 'static> Walk<T, S> {
    /// Has a file walked by so many threads, the one that runs the walk among them: the others are started. They end by themselves with the
    /// file, or once this is dropped and the input has given what it was asked for last.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start<R: Read + Send + 'static>(input: R, threads: usize, shared: Shared, manner: Manner) -> io::Result<Self> {
        let (free, jobs) = mpsc::channel();
        let (results, done) = mpsc::channel();
        let supply = Arc::new(Mutex::new(Supply { splitter: Splitter::new(input, shared), free: jobs }));
        let assumption = Assumption::default();
        let hand = Hand { supply, assumption: Arc::clone(&assumption), manner, told: PhantomData::<fn(&mut S)> };
        for _ in 1..threads {
            let (hand, results) = (hand.clone(), results.clone());
            std::thread::Builder::new().name("iso20022 walk".to_owned()).spawn(|| hand.work(results))?;
        }
        for _ in 0..PIECES_A_THREAD * threads {
            // The receiver is in the supply, which the threads hold.
            let _ = free.send(Box::default());
        }
        Ok(Walk {
            engine: None,
            manner,
            now: Now::Waiting,
            next: 0,
            early: BTreeMap::new(),
            free,
            done,
            help: Box::new(move || hand.help()),
            assumption,
            seam: None,
            failed: None,
            #[cfg(test)]
            replayed: 0,
            told: PhantomData,
        })
    }

    /// The engine, once the file has begun.
    pub fn engine(&self) -> Option<&Engine<Feed>> {
        self.engine.as_ref()
    }

    /// Walks on until the sink pauses it or the file ends.
    ///
    /// # Errors
    /// Those of the input.
    pub fn run(&mut self, sink: &mut S) -> io::Result<Progress> {
        loop {
            let progress = match &mut self.now {
                Now::Waiting => {
                    let job = self.receive()?;
                    self.begin(job, sink)?;
                    continue;
                }
                Now::Replaying(job) => match job.tape.replay(sink) {
                    Flow::Pause => Progress::Paused,
                    Flow::Continue => Progress::Edge,
                },
                Now::Walking(_) => match &mut self.engine {
                    Some(engine) => engine.run(sink)?,
                    None => Progress::Finished,
                },
            };
            if progress != Progress::Edge {
                return Ok(progress);
            }
            self.end_piece();
        }
    }

    /// Begins with the next piece: replays it if it was walked from the seam that the engine is at.
    fn begin(&mut self, mut job: Box<Job<T>>, sink: &mut S) -> io::Result<()> {
        if let (Some(engine), Some(seam), Some((assumed, stretch))) = (&mut self.engine, &self.seam, &job.walked)
            && seam == assumed
        {
            engine.pass(stretch);
            #[cfg(test)]
            {
                self.replayed += stretch.bytes;
            }
            self.now = Now::Replaying(job);
            return Ok(());
        }
        let feed = Feed { bytes: std::mem::take(&mut job.bytes.buffer), length: job.bytes.length, given: 0 };
        let goes_on = !job.bytes.is_last;
        self.now = Now::Walking(job);
        match &mut self.engine {
            Some(engine) => *engine.supply(goes_on) = feed,
            None => self.engine = self.open(feed, goes_on, sink)?,
        }
        Ok(())
    }

    fn open(&self, feed: Feed, goes_on: bool, sink: &mut S) -> io::Result<Option<Engine<Feed>>> {
        let Manner { limits, bind, expected_messages } = self.manner;
        match Engine::new(feed, limits, bind, expected_messages)? {
            Ok(mut engine) => {
                engine.supply(goes_on);
                Ok(Some(engine))
            }
            Err(problem) => {
                sink.finding(problem.at(1, "/".to_owned()));
                Ok(None)
            }
        }
    }

    /// Gives the piece at hand back, and has its seam assumed for those to come.
    fn end_piece(&mut self) {
        let mut job = match std::mem::replace(&mut self.now, Now::Waiting) {
            Now::Waiting => return,
            Now::Replaying(job) => job,
            Now::Walking(mut job) => {
                self.seam = None;
                if let Some(engine) = &mut self.engine {
                    job.bytes.buffer = std::mem::take(&mut engine.supply(true).bytes);
                    self.seam = engine.seam().map(Arc::new);
                    self.assume();
                }
                job
            }
        };
        job.walked = None;
        // No thread takes it where all of the file is taken.
        let _ = self.free.send(job);
    }

    fn assume(&mut self) {
        let Some(seam) = &self.seam else { return };
        let mut assumption = self.assumption.lock().unwrap_or_else(PoisonError::into_inner);
        match &*assumption {
            // The same one, so that comparing is quick.
            Some(assumed) if assumed == seam => self.seam = Some(Arc::clone(assumed)),
            _ => *assumption = Some(Arc::clone(seam)),
        }
    }

    /// Waits for the next piece.
    fn receive(&mut self) -> io::Result<Box<Job<T>>> {
        if let Some(kind) = self.failed {
            return Err(kind.into());
        }
        loop {
            if let Some(done) = self.early.remove(&self.next) {
                self.next += 1;
                match done {
                    Done::Job(job) => return Ok(job),
                    Done::Unreadable(_, error) => return Err(self.fail(error)),
                    Done::Broken => {}
                }
            }
            // While others walk the next piece, this thread walks one of those behind it.
            let done = match self.done.try_recv() {
                Ok(done) => done,
                Err(_) => (self.help)().or_else(|| self.done.recv().ok()).unwrap_or(Done::Broken),
            };
            let number = match &done {
                Done::Job(job) => job.bytes.number,
                Done::Unreadable(number, _) => *number,
                Done::Broken => return Err(self.fail(io::Error::other("a thread that read the file has panicked"))),
            };
            self.early.insert(number, done);
        }
    }

    fn fail(&mut self, error: io::Error) -> io::Error {
        self.failed = Some(error.kind());
        error
    }
}
