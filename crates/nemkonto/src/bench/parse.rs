//! Reading a pain.001 with full validation, beside `xmllint --stream --schema` on the same file: on one core, on two, and
//! through a pipe.
//!
//! What two cores can give at most is measured too, by two readers of the whole file at once: cores that share their
//! insides, as two threads of one processor core do, give less than twice of one.

use std::fs::{self, File};
use std::io::{BufWriter, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use iso20022::{Event, Limits, Outcome, Pain001Reader, Rules, Threads};
use jiff::civil::date;
use serde_json::json;
use simulation::payers::{BenchFile, PaymentMix, bench_file};
use simulation::{World, WorldSize};

use super::{anon::PeakAnon, ratio};
use crate::Failure;

const ROUNDS: usize = 5;
const CORES: usize = 2;

/// What was measured.
#[derive(Debug)]
pub(super) struct Result {
    payments: u64,
    megabytes: u64,
    speeds: Speeds,
    peak_anon_mb: u64,
}

/// Megabytes (10⁶ bytes) a second, each the median of [`ROUNDS`] rounds.
#[derive(Debug)]
struct Speeds {
    one_core: u64,
    two_cores: u64,
    /// Of two readers that each read the whole file, together.
    two_readers: u64,
    pipe: u64,
    /// Where it and the schema are there.
    xmllint: Option<u64>,
}

impl Result {
    pub(super) fn print(&self, as_json: bool) -> String {
        let Speeds { one_core, two_cores, two_readers, pipe, xmllint } = self.speeds;
        let beside = xmllint.map(|xmllint| ratio(one_core, xmllint));
        let (two, ceiling) = (ratio(two_cores, one_core), ratio(two_readers, one_core));
        if as_json {
            let number = |text: &str| text.parse::<serde_json::Number>().ok();
            return json!({
                "payments": self.payments, "megabytes": self.megabytes, "mb_per_second": one_core,
                "xmllint_mb_per_second": xmllint, "ratio": beside.as_deref().and_then(number),
                "two_core_mb_per_second": two_cores, "two_core_ratio": number(&two), "two_core_ceiling": number(&ceiling),
                "stdin_mb_per_second": pipe, "peak_anon_mb": self.peak_anon_mb,
            })
            .to_string();
        }
        let beside = match (xmllint, beside) {
            (Some(xmllint), Some(ratio)) => format!("xmllint --stream --schema: {xmllint} MB/s; ratio {ratio}"),
            _ => "xmllint or the schemas are not here, so there is nothing to compare with".to_owned(),
        };
        format!(
            "parse: {} payments, {} MB: {one_core} MB/s on one core, fully validated\n{beside}\n\
             on two cores: {two_cores} MB/s, {two} times one core; two readers at once come to {ceiling} times one\n\
             through a pipe: {pipe} MB/s on one core\n\
             peak anonymous memory of our process while it read: {} MB",
            self.payments, self.megabytes, self.peak_anon_mb
        )
    }
}

/// Microseconds of each round.
#[derive(Debug, Default)]
struct Times {
    one_core: Vec<u128>,
    two_cores: Vec<u128>,
    two_readers: Vec<u128>,
    pipe: Vec<u128>,
    xmllint: Vec<u128>,
}

/// Measures: [`ROUNDS`] rounds of each, in turn, so that whatever else the machine does meets all of them.
pub(super) fn run(payments: u64, schemas: &Path) -> std::result::Result<Result, Failure> {
    let (path, schema) = make_file(payments, schemas)?;
    let bytes = fs::metadata(&path)?.len();
    let xmllint = schema.is_file() && Command::new("xmllint").arg("--version").output().is_ok();
    let memory = PeakAnon::watch();
    let mut times = Times::default();
    for _ in 0..ROUNDS {
        times.one_core.push(timed(|| read_alone(File::open(&path)?, payments))?);
        times.two_cores.push(timed(|| read_together(File::open(&path)?, payments))?);
        times.two_readers.push(timed(|| read_twice(&path, payments))?);
        times.pipe.push(timed(|| read_pipe(&path, payments))?);
        if xmllint {
            times.xmllint.push(timed(|| validate_by_xmllint(&path, &schema))?);
        }
    }
    let peak_anon_mb = memory.megabytes();
    fs::remove_file(&path)?;
    let readers = u64::try_from(CORES).unwrap_or(u64::MAX);
    let speed = |bytes: u64, times: Vec<u128>| median_speed(bytes, times).unwrap_or(0);
    let speeds = Speeds {
        one_core: speed(bytes, times.one_core),
        two_cores: speed(bytes, times.two_cores),
        two_readers: speed(bytes * readers, times.two_readers),
        pipe: speed(bytes, times.pipe),
        xmllint: median_speed(bytes, times.xmllint),
    };
    Ok(Result { payments, megabytes: bytes / 1_000_000, speeds, peak_anon_mb })
}

/// Bytes a microsecond, which are megabytes a second.
fn median_speed(bytes: u64, mut times: Vec<u128>) -> Option<u64> {
    times.sort_unstable();
    let micros = times.get(times.len() / 2)?;
    Some(u64::try_from(u128::from(bytes) / (*micros).max(1)).unwrap_or(u64::MAX))
}

/// Microseconds that some work takes.
fn timed(work: impl FnOnce() -> std::result::Result<(), Failure>) -> std::result::Result<u128, Failure> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed().as_micros())
}

fn make_file(payments: u64, schemas: &Path) -> std::result::Result<(PathBuf, PathBuf), Failure> {
    let world = World::new(1, WorldSize { people: 100_000, companies: 10_000 }, date(2026, 3, 2))?;
    fs::create_dir_all("bench-out")?;
    let path = PathBuf::from("bench-out/parse.xml");
    let bench = BenchFile { world: &world, authority: 0, number: 1, mix: PaymentMix::sound(payments) };
    bench_file(bench, BufWriter::new(File::create(&path)?))?;
    let mut reader = Pain001Reader::new(File::open(&path)?, Limits::default());
    let message = match reader.next_event()? {
        Event::GroupHeader(header) => header.message.name(),
        _ => return Err("the made file has no group header".into()),
    };
    Ok((path, schemas.join(format!("{message}.xsd"))))
}

fn read_alone(input: impl Read, payments: u64) -> std::result::Result<(), Failure> {
    read(Pain001Reader::new(input, Limits::default()), payments)
}

fn read_together(input: impl Read + Send + 'static, payments: u64) -> std::result::Result<(), Failure> {
    let threads = Threads { count: CORES, ..Threads::default() };
    read(Pain001Reader::on_threads(input, Limits::default(), Rules::default(), threads)?, payments)
}

/// Reads the file by as many readers at once as there are cores.
fn read_twice(path: &Path, payments: u64) -> std::result::Result<(), Failure> {
    let read_once = || read_alone(File::open(path)?, payments);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..CORES).map(|_| scope.spawn(read_once)).collect();
        for reader in readers {
            reader.join().map_err(|_| "a reader has panicked")??;
        }
        Ok(())
    })
}

/// Reads the file as from standard input, at the end of a pipe.
fn read_pipe(path: &Path, payments: u64) -> std::result::Result<(), Failure> {
    let mut source = Command::new("cat").arg(path).stdout(Stdio::piped()).spawn()?;
    let output = source.stdout.take().ok_or("the pipe has no end to read from")?;
    read_alone(output, payments)?;
    if source.wait()?.success() { Ok(()) } else { Err("cat could not read the made file".into()) }
}

fn read<R: Read>(mut reader: Pain001Reader<R>, payments: u64) -> std::result::Result<(), Failure> {
    loop {
        if let Event::End(totals) = reader.next_event()? {
            let sound = totals.outcome == Outcome::Readable && totals.payments == payments;
            return if sound { Ok(()) } else { Err("the reader found the made file faulty".into()) };
        }
    }
}

fn validate_by_xmllint(path: &Path, schema: &Path) -> std::result::Result<(), Failure> {
    let output = Command::new("xmllint").args(["--noout", "--stream", "--schema"]).arg(schema).arg(path).output()?;
    if output.status.success() { Ok(()) } else { Err("xmllint refused the made file".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_round_counts() {
        assert_eq!(median_speed(1_000_000, vec![9_000, 1_000, 2_000]), Some(500));
        assert_eq!(median_speed(1_000_000, Vec::new()), None);
    }

    #[test]
    fn json_has_every_figure() {
        let speeds = Speeds { one_core: 400, two_cores: 700, two_readers: 760, pipe: 380, xmllint: None };
        let text = Result { payments: 1, megabytes: 2, speeds, peak_anon_mb: 3 }.print(true);
        let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!((&value["two_core_ratio"], &value["two_core_ceiling"]), (&json!(1.75), &json!(1.9)));
        assert!(value["ratio"].is_null());
    }
}
