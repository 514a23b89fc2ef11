//! Moments at which a test may kill the process. Without the feature `crash-points` a moment is nothing at all.
//!
//! Every transaction that writes has two of its own, `<name>.before_commit` and `<name>.after_commit`: its door passes them, and no house
//! needs to name them. [`point`] names further ones, such as between writing a file and telling so. The test names one moment and how many
//! passages to let through; the process then ends itself with SIGKILL, as if the power had gone.

/// The environment variable a test sets: `name` or `name:passages`.
pub const CRASH_AT: &str = "NEMKONTO_CRASH_AT";

/// Ends the process here if a test asked for it.
#[cfg(not(feature = "crash-points"))]
#[inline(always)]
pub fn point(_name: &'static str) {}

#[cfg(feature = "crash-points")]
pub use asked::point;
#[cfg(feature = "crash-points")]
pub(crate) use asked::{committed, committing};

#[cfg(feature = "crash-points")]
mod asked {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use sqlx::PgConnection;

    use super::CRASH_AT;

    /// What a test asked for, and how often it has been passed.
    struct Asked {
        name: String,
        passages: u64,
        passed: AtomicU64,
    }

    fn asked() -> Option<&'static Asked> {
        static ASKED: OnceLock<Option<Asked>> = OnceLock::new();
        let read = || {
            let text = std::env::var(CRASH_AT).ok()?;
            let (name, passages) = text.split_once(':').unwrap_or((&text, "0"));
            Some(Asked { name: name.to_owned(), passages: passages.parse().unwrap_or(0), passed: AtomicU64::new(0) })
        };
        ASKED.get_or_init(read).as_ref()
    }

    fn pass(asked: &Asked) {
        if asked.passed.fetch_add(1, Ordering::SeqCst) >= asked.passages {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }

    /// Ends the process here if a test asked for it.
    pub fn point(name: &'static str) {
        if let Some(asked) = asked().filter(|asked| asked.name == name) {
            pass(asked);
        }
    }

    /// Before the commit of a transaction of this name. Answers whether it has written: a kill between nothing and nothing shows nothing.
    pub(crate) async fn committing(name: &'static str, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let Some((asked, side)) = asked().and_then(|asked| Some((asked, asked.name.strip_prefix(name)?))) else {
            return Ok(false);
        };
        if !matches!(side, ".before_commit" | ".after_commit") {
            return Ok(false);
        }
        let has_written = sqlx::query_scalar("select pg_current_xact_id_if_assigned() is not null").fetch_one(connection).await?;
        if has_written && side == ".before_commit" {
            pass(asked);
        }
        Ok(has_written)
    }

    /// After the commit of a transaction of this name, which has written something.
    pub(crate) fn committed(name: &'static str) {
        if let Some(asked) = asked().filter(|asked| asked.name.strip_prefix(name) == Some(".after_commit")) {
            pass(asked);
        }
    }
}
