//! Moments at which a test may kill the process. Without the feature `crash-points` a point is nothing at all.
//!
//! A point stands where a crash is interesting: before and after a commit, between writing a file and telling so. The test names one point
//! and how many passages to let through; the process then ends itself with SIGKILL, as if the power had gone.

/// The environment variable a test sets: `name` or `name:passages`.
pub const CRASH_AT: &str = "NEMKONTO_CRASH_AT";

/// Ends the process here if a test asked for it.
#[cfg(not(feature = "crash-points"))]
#[inline(always)]
pub fn point(_name: &'static str) {}

/// A point that is passed only where there is something to lose: a kill between nothing and nothing shows nothing.
#[inline(always)]
pub fn point_if(has_worked: bool, name: &'static str) {
    if has_worked {
        point(name);
    }
}

/// Ends the process here if a test asked for it.
#[cfg(feature = "crash-points")]
pub fn point(name: &'static str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static ASKED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);

    let asked = ASKED.get_or_init(|| {
        let text = std::env::var(CRASH_AT).ok()?;
        let (name, passages) = text.split_once(':').unwrap_or((&text, "0"));
        Some((name.to_owned(), passages.parse().unwrap_or(0)))
    });
    if let Some((asked, passages)) = asked
        && asked == name
        && PASSED.fetch_add(1, Ordering::SeqCst) >= *passages
    {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}
