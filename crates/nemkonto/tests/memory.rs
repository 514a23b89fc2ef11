//! Memory does not grow with the file: neither reading, nor paying, nor taking the bank's answer.
//!
//! One file of some payments goes the whole way, and then one of three times as many, each step in a process of its own whose anonymous
//! memory (`RssAnon`, proc(5)) is sampled from outside. What is mapped from files is the kernel's to give and take.

use std::fs::{self, File};
use std::io::BufWriter;
use std::process::{Child, Command};
use std::time::Duration;

use simulation::banks::Banks;
use simulation::payers::{BenchFile, PaymentMix, bench_file};

use crate::support::{Scene, files_below};

/// Payments in the smaller file: many times what is worked at once.
const PAYMENTS: u64 = 6_000;
/// Payments in a unit of work.
const SLICE: &str = "500";
/// What an allocator may keep more or less from one run to the next; the larger file alone has more than three times this.
const PAGES_KB: u64 = 4_096;
const EVERY: Duration = Duration::from_millis(5);
/// The paying authority: an ordinary one.
const AUTHORITY: usize = 0;

/// The most anonymous memory each step has held, in kilobytes.
async fn peaks(scene: &Scene, number: u64, payments: u64) -> Vec<(&'static str, u64)> {
    let file = scene.out().join(format!("in-{payments}.xml"));
    fs::create_dir_all(scene.out()).unwrap();
    let bench = BenchFile { world: &scene.world, authority: AUTHORITY, number, mix: PaymentMix::sound(payments) };
    bench_file(bench, BufWriter::new(File::create(&file).unwrap())).unwrap();
    let supplier = scene.world.data_supplier(AUTHORITY);
    let before = files_below(&scene.out().join("bank"));

    let mut peaks = vec![("deliver", peak(scene.command(&["deliver", file.to_str().unwrap(), "--supplier", supplier.as_str()])))];
    peaks.push(("pay", peak(scene.command(&["work", "--until-idle"]))));
    let new: Vec<_> = files_below(&scene.out().join("bank")).into_iter().filter(|file| !before.contains(file)).collect();
    assert!(!new.is_empty(), "no bank file was written");
    for (code, file) in new {
        let answer = scene.out().join(format!("answer-{}", file.file_name().unwrap().to_str().unwrap()));
        let answered = Banks::new(&scene.world).answer(&file, BufWriter::new(File::create(&answer).unwrap())).unwrap();
        let what = if answered.payments > payments / 2 { "take the answer" } else { "take a small answer" };
        peaks.push((what, peak(scene.command(&["bank-answer", answer.to_str().unwrap(), "--bank", &code]))));
    }
    peaks.push(("settle and report", peak(scene.command(&["work", "--until-idle"]))));
    peaks
}

/// Runs the program to its end and watches it.
fn peak(mut command: Command) -> u64 {
    let mut process = command.env("NEMKONTO_MEDIATION__SLICE_PAYMENTS", SLICE).spawn().unwrap();
    let mut peak = 0;
    loop {
        peak = peak.max(anonymous_kb(&process));
        if let Some(ended) = process.try_wait().unwrap() {
            assert!(ended.success(), "{command:?} ended with {ended}");
            return peak;
        }
        std::thread::sleep(EVERY);
    }
}

/// What the process holds of anonymous memory now, in kilobytes.
pub(crate) fn anonymous_kb(process: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn three_times_the_payments_take_no_more_memory() {
    let scene = Scene::set("memory").await;
    let small = peaks(&scene, 1, PAYMENTS).await;
    let large = peaks(&scene, 2, 3 * PAYMENTS).await;
    assert_eq!(small.iter().map(|(step, _)| step).collect::<Vec<_>>(), large.iter().map(|(step, _)| step).collect::<Vec<_>>());
    eprintln!("{PAYMENTS} payments: {small:?} kB; three times as many: {large:?} kB");
    for ((step, small), (_, large)) in small.into_iter().zip(large) {
        assert!(small > 1_000, "{step}: the memory of the process was not seen");
        assert!(large <= small * 11 / 10 + PAGES_KB, "{step}: {large} kB for three times the payments of {small} kB");
    }
}
