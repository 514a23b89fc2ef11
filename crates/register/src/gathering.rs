//! Lookups of few payees, gathered: those that come while earlier ones are being answered are answered together, in one transaction and with one
//! wait for the disk.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contracts::Problem;
use contracts::register::ResolveAnswer;
use tokio::sync::oneshot;

use crate::resolve::{Lookups, Question};

/// Groups under way at once: while one waits for the disk, another is looked up.
const GROUPS: usize = 2;
/// The most calls in a group.
const CALLS: usize = 64;

type Reply = oneshot::Sender<Result<ResolveAnswer, Problem>>;

/// Where lookups of few payees meet. A clone is the same place.
#[derive(Clone, Debug)]
pub(crate) struct Gathering {
    lookups: Lookups,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<(Question, Reply)>,
    /// Tasks that work groups off.
    groups: usize,
}

/// A task's place among those that work groups off.
struct Working {
    gathering: Gathering,
    /// Whether the place is still held: it is given back where nothing waits, or after a panic.
    held: bool,
}

impl Drop for Working {
    fn drop(&mut self) {
        if self.held {
            self.gathering.queue().groups -= 1;
        }
    }
}

impl Gathering {
    pub fn new(lookups: Lookups) -> Self {
        Self { lookups, queue: Arc::default() }
    }

    /// Answers a call together with others. The work goes on when the caller no longer waits: others may.
    pub async fn ask(&self, question: Question) -> Result<ResolveAnswer, Problem> {
        let (reply, answer) = oneshot::channel();
        if self.wait_in_line(question, reply) {
            tokio::spawn(Working { gathering: self.clone(), held: true }.work());
        }
        answer.await.unwrap_or_else(|_| Err(Problem::unavailable()))
    }

    /// Whether another task is to be started.
    fn wait_in_line(&self, question: Question, reply: Reply) -> bool {
        let mut queue = self.queue();
        queue.waiting.push_back((question, reply));
        let one_more = queue.groups < GROUPS;
        queue.groups += usize::from(one_more);
        one_more
    }

    async fn answer(&self, group: Vec<(Question, Reply)>) {
        let (questions, replies): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        let answers = self.lookups.answer(questions).await.map_err(Problem::from);
        let answers = match answers {
            Ok(answers) => answers.into_iter().map(|answer| answer.map_err(Problem::from)).collect(),
            Err(problem) => vec![Err(problem); replies.len()],
        };
        for (reply, answer) in replies.into_iter().zip(answers) {
            // Whoever no longer waits needs no answer.
            let _ = reply.send(answer);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing under the lock can panic half-way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Working {
    async fn work(mut self) {
        while let Some(group) = self.next_group() {
            self.gathering.answer(group).await;
        }
    }

    /// The place is given back in the same moment in which nothing waits: whoever comes then starts a task of its own.
    fn next_group(&mut self) -> Option<Vec<(Question, Reply)>> {
        let mut queue = self.gathering.queue();
        let calls = queue.waiting.len().min(CALLS);
        if calls == 0 {
            queue.groups -= 1;
            self.held = false;
            return None;
        }
        Some(queue.waiting.drain(..calls).collect())
    }
}
