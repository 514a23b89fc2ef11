//! Progress bars on a terminal, and silence elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how far the work has come; remembers how long each phase took.
#[derive(Debug)]
pub struct Progress {
    shown: bool,
    phases: std::sync::Mutex<Vec<Phase>>,
}

/// A phase that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Its name.
    pub name: &'static str,
    /// How many things were done.
    pub count: u64,
    /// How long it took.
    pub took: Duration,
}

/// A phase under way.
#[derive(Debug)]
pub struct Bar<'p> {
    progress: &'p Progress,
    name: &'static str,
    bar: ProgressBar,
    since: Instant,
}

impl Progress {
    /// Bars are drawn on the error stream when `shown` and it is a terminal.
    #[must_use]
    pub fn new(shown: bool) -> Self {
        Self { shown, phases: std::sync::Mutex::default() }
    }

    /// Begins a phase of about `expected` things; 0 when nobody knows.
    pub fn phase(&self, name: &'static str, expected: u64) -> Bar<'_> {
        let target = if self.shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target((expected > 0).then_some(expected), target);
        let template = if expected > 0 {
            "{prefix:>12} [{bar:30}] {human_pos}/{human_len} {per_sec} {elapsed}"
        } else {
            "{prefix:>12} {spinner} {human_pos} {per_sec} {elapsed}"
        };
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(name);
        Bar { progress: self, name, bar, since: Instant::now() }
    }

    /// The phases so far, in order.
    #[must_use]
    pub fn phases(&self) -> Vec<Phase> {
        self.phases.lock().map(|phases| phases.clone()).unwrap_or_default()
    }
}

impl Bar<'_> {
    /// So many more are done.
    pub fn advance(&self, count: u64) {
        self.bar.inc(count);
    }

    /// The bar itself, to be advanced from other tasks.
    #[must_use]
    pub fn handle(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// The phase is over.
    pub fn done(self) {
        let phase = Phase { name: self.name, count: self.bar.position(), took: self.since.elapsed() };
        self.bar.finish();
        if let Ok(mut phases) = self.progress.phases.lock() {
            phases.push(phase);
        }
    }
}
