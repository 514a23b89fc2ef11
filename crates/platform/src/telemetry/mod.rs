//! Logging that cannot give away personal numbers.
//!
//! The types mask themselves in `Debug`; this is the second line of defence: whatever text a dependency or a mistake puts into a log line, the
//! line passes through [`redact()`] before it is written.

mod redact;

pub use redact::redact;

use std::io;

use thiserror::Error;
use tracing::Subscriber;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for a log collector.
    Json,
}

/// Why logging could not begin.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The filter is not a list of levels, each for a target or for all, for example `info,mediation=debug`.
    #[error("the log filter cannot be read")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Logging was already begun in this process.
    #[error("logging was already begun")]
    AlreadyBegun(#[from] tracing_subscriber::util::TryInitError),
}

/// Begins logging to standard error, redacted. `filter` says what is logged, for example `info,mediation=debug`.
///
/// # Errors
/// See [`TelemetryError`].
pub fn init(format: LogFormat, filter: &str) -> Result<(), TelemetryError> {
    Ok(subscriber(format, filter, io::stderr)?.try_init()?)
}

/// What writes redacted lines to `writer`.
fn subscriber<W>(format: LogFormat, filter: &str, writer: W) -> Result<impl Subscriber + Send + Sync, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter: Targets = filter.parse()?;
    let lines = fmt::layer().with_writer(Redacting(writer));
    let lines = match format {
        // Colours would cut numbers into pieces that the redaction does not know.
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    Ok(Registry::default().with(lines).with(filter))
}

/// A maker of writers that redact. The formatter hands over a whole event at a time, so no number is cut in two.
#[derive(Clone, Debug)]
pub struct Redacting<M>(pub M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacting<M> {
    type Writer = RedactingWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactingWriter(self.0.make_writer())
    }
}

/// Redacts each piece that is written.
#[derive(Debug)]
pub struct RedactingWriter<W>(W);

impl<W: io::Write> io::Write for RedactingWriter<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.write_all(redact(&String::from_utf8_lossy(piece)).as_bytes())?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Captured {
        fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(piece);
            Ok(piece.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, filter: &str, log: impl FnOnce()) -> String {
        let captured = Captured::default();
        let writer = captured.clone();
        tracing::subscriber::with_default(subscriber(format, filter, move || writer.clone()).unwrap(), log);
        String::from_utf8(captured.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn messages_fields_and_spans_are_redacted_in_both_formats() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let line = logged(format, "info", || {
                let span = tracing::info_span!("work", person = "010190-1234");
                let _entered = span.enter();
                tracing::info!(iban = %"DK5000400440116243", count = 42, "paid 0101901234");
            });
            for secret in ["0101901234", "010190-1234", "0040044011624", "DK50"] {
                assert!(!line.contains(secret), "{line}");
            }
            assert!(line.contains("42") && line.contains("paid [number]"), "{line}");
        }
    }

    #[test]
    fn the_filter_has_a_level_for_all_and_others_for_targets() {
        let log = || {
            tracing::info!(target: "mediation::send", "sent");
            tracing::debug!(target: "mediation::send", "looked");
            tracing::info!(target: "register", "asked");
            tracing::warn!(target: "sqlx", "slow");
        };
        let of = |filter| {
            logged(LogFormat::Text, filter, log)
                .lines()
                .filter_map(|line| line.split(' ').next_back().map(str::to_owned))
                .collect::<Vec<_>>()
        };
        assert_eq!(of("info"), ["sent", "asked", "slow"]);
        assert_eq!(of("warn,mediation=debug"), ["sent", "looked", "slow"]);
        assert_eq!(of("info,sqlx=off"), ["sent", "asked"]);
        assert!(matches!(init(LogFormat::Text, "mediation=loud"), Err(TelemetryError::Filter(_))));
    }
}
