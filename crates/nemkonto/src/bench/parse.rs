//! Reading a pain.001 with full validation on one core, beside `xmllint --stream --schema` on the same file.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use iso20022::{Event, Limits, Outcome, Pain001Reader};
use jiff::civil::date;
use serde_json::json;
use simulation::payers::{BenchFile, PaymentMix, bench_file};
use simulation::{World, WorldSize};

use super::ratio;
use crate::Failure;

const ROUNDS: usize = 5;

/// What was measured.
#[derive(Debug)]
pub(super) struct Result {
    payments: u64,
    megabytes: u64,
    mb_per_second: u64,
    xmllint_mb_per_second: Option<u64>,
}

impl Result {
    pub(super) fn print(&self, as_json: bool) -> String {
        let ratio = self.xmllint_mb_per_second.map(|xmllint| ratio(self.mb_per_second, xmllint));
        if as_json {
            let ratio: Option<serde_json::Number> = ratio.and_then(|ratio| ratio.parse().ok());
            return json!({
                "payments": self.payments, "megabytes": self.megabytes, "mb_per_second": self.mb_per_second,
                "xmllint_mb_per_second": self.xmllint_mb_per_second, "ratio": ratio,
            })
            .to_string();
        }
        let beside = match (self.xmllint_mb_per_second, ratio) {
            (Some(xmllint), Some(ratio)) => format!("xmllint --stream --schema: {xmllint} MB/s; ratio {ratio}"),
            _ => "xmllint or the schemas are not here, so there is nothing to compare with".to_owned(),
        };
        format!(
            "parse: {} payments, {} MB: {} MB/s on one core, fully validated\n{beside}",
            self.payments, self.megabytes, self.mb_per_second
        )
    }
}

/// Measures: the median of [`ROUNDS`] rounds of each, in turn.
pub(super) fn run(payments: u64, schemas: &Path) -> std::result::Result<Result, Failure> {
    let (path, schema) = make_file(payments, schemas)?;
    let bytes = fs::metadata(&path)?.len();
    let xmllint = schema.is_file() && Command::new("xmllint").arg("--version").output().is_ok();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        read(&path, payments)?;
        ours.push(begun.elapsed().as_micros());
        if xmllint {
            let begun = Instant::now();
            validate_by_xmllint(&path, &schema)?;
            theirs.push(begun.elapsed().as_micros());
        }
    }
    let speed = |times: &mut Vec<u128>| {
        times.sort_unstable();
        times.get(times.len() / 2).map(|&micros| u64::try_from(u128::from(bytes) / micros.max(1)).unwrap_or(u64::MAX))
    };
    fs::remove_file(&path)?;
    Ok(Result {
        payments,
        megabytes: bytes / 1_000_000,
        mb_per_second: speed(&mut ours).unwrap_or(0),
        xmllint_mb_per_second: speed(&mut theirs),
    })
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

fn read(path: &Path, payments: u64) -> std::result::Result<(), Failure> {
    let mut reader = Pain001Reader::new(File::open(path)?, Limits::default());
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
