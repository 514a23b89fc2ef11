//! Agreement with libxml2: on every sample, and on seeded mutations of valid files of every message.

#[path = "support/damage.rs"]
mod damage;
#[path = "support/dice.rs"]
mod dice;
#[path = "support/dress.rs"]
mod dress;
#[path = "support/listed.rs"]
mod listed;
#[path = "support/mutate.rs"]
mod mutate;
#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/outline.rs"]
mod outline;
#[path = "support/sample.rs"]
mod sample;
#[path = "support/tally.rs"]
mod tally;
#[path = "support/types.rs"]
mod types;
#[path = "support/value.rs"]
mod value;
#[path = "support/xsd.rs"]
mod xsd;

use dice::Dice;
use iso20022::{Limits, MessageKind, Verdict, validate};
use mutate::Mutator;
use oracle::Judge;
use sample::Sampler;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tally::{Judged, Tally};

/// Mutations in the ordinary test run; `NEMKONTO_FUZZ_FILES` asks for another number.
const MUTATIONS: usize = 5_200;
/// Mutations in the long campaign.
const CAMPAIGN: usize = 104_000;
/// Mutations of a message that are made and judged together.
const CHUNK: usize = 200;

fn verdict(text: &[u8]) -> Verdict {
    validate(text, Limits::default()).expect("memory does not fail")
}

#[test]
fn samples_and_fixtures_are_judged_as_by_libxml2() {
    let Some(judge) = Judge::new() else { return };
    let samples = oracle::official().map_or_else(Vec::new, |official| oracle::files(&official.join("samples"), "xml"));
    let mut judged = 0;
    for file in oracle::fixtures().into_iter().chain(samples) {
        let text = std::fs::read(&file).expect("the file is readable");
        let kind = oracle::message_of(&text).and_then(|name| MessageKind::from_name(&name));
        let expected = kind.is_some_and(|kind| judge.accepts(kind, std::slice::from_ref(&text)) == [true]);
        let verdict = verdict(&text);
        assert_eq!(verdict.valid, expected, "{}: {:?}", file.display(), verdict.findings);
        judged += 1;
    }
    assert!(judged > 6);
}

/// Valid files of a message in which every element of its schema occurs, and those we have.
fn seeds(kind: MessageKind) -> Vec<String> {
    let mut dice = Dice::new(kind as u64);
    let mut sampler = Sampler::new(kind);
    let mut seeds = sampler.all(90, &mut dice);
    // Where nothing is missing any more, the files are small: there a change is most of the file.
    seeds.extend((0..20).map(|_| sampler.sample(25, &mut dice)));
    let samples = oracle::official().map_or_else(Vec::new, |official| oracle::files(&official.join("samples"), "xml"));
    for file in oracle::fixtures().into_iter().chain(samples) {
        let text = std::fs::read(&file).expect("the file is readable");
        let own = oracle::message_of(&text).is_some_and(|name| name == kind.name());
        if own && text.len() < 25_000 && verdict(&text).valid {
            seeds.push(String::from_utf8(text).expect("the samples are UTF-8"));
        }
    }
    seeds
}

#[test]
fn every_element_of_every_message_occurs_in_a_valid_file() {
    let judge = Judge::new();
    for kind in MessageKind::ALL {
        let files: Vec<Vec<u8>> = seeds(*kind).into_iter().map(String::into_bytes).collect();
        for file in &files {
            let verdict = verdict(file);
            assert!(verdict.valid, "{kind}: {}\n{}", verdict.findings[0], String::from_utf8_lossy(file));
        }
        if let Some(judge) = &judge {
            let accepted = judge.accepts(*kind, &files);
            let refused = files.iter().zip(accepted).find(|(_, accepted)| !accepted);
            assert!(refused.is_none(), "{kind}: libxml2 refuses {}", String::from_utf8_lossy(refused.expect("found").0));
        }
    }
}

/// Makes and judges mutations of one message.
fn judge_chunk(judge: &Judge, kind: MessageKind, seeds: &[String], mutator: &mut Mutator, dice: &mut Dice) -> Tally {
    let mut tally = Tally::default();
    let files: Vec<Vec<u8>> = (0..CHUNK).map(|_| mutator.mutate(&seeds[dice.below(seeds.len())], dice)).collect();
    let accepted = judge.accepts(kind, &files);
    for (file, accepted) in files.into_iter().zip(accepted) {
        let verdict = verdict(&file);
        // A mutation may name another message: then that one's schema is the one to ask.
        let accepted = match verdict.message {
            Some(named) if named != kind && verdict.valid => judge.accepts(named, std::slice::from_ref(&file)) == [true],
            _ => accepted,
        };
        tally.add(Judged { kind, file, verdict, accepted });
    }
    tally
}

/// Judges so many mutations over all messages.
fn judge_mutations(judge: &Judge, total: usize, seed: u64) -> Tally {
    let tally = Mutex::new(Tally::default());
    let next = AtomicUsize::new(0);
    let chunks = total.div_ceil(MessageKind::ALL.len() * CHUNK);
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(kind) = MessageKind::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let seeds = seeds(*kind);
                    let mut mutator = Mutator::new(*kind);
                    let mut dice = Dice::new(seed * 1_000 + *kind as u64);
                    for _ in 0..chunks {
                        let judged = judge_chunk(judge, *kind, &seeds, &mut mutator, &mut dice);
                        tally.lock().expect("no thread panics with it").join(judged);
                    }
                }
            });
        }
    });
    tally.into_inner().expect("no thread panics with it")
}

fn number_from_environment(name: &str) -> Option<usize> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn check_mutations(total: usize) {
    let Some(judge) = Judge::new() else { return };
    let total = number_from_environment("NEMKONTO_FUZZ_FILES").unwrap_or(total);
    let seed = number_from_environment("NEMKONTO_FUZZ_SEED").unwrap_or(1);
    let tally = judge_mutations(&judge, total, seed as u64);
    eprintln!("{tally}");
    tally.check();
}

#[test]
fn mutations_are_judged_as_by_libxml2() {
    check_mutations(MUTATIONS);
}

#[test]
#[ignore = "takes minutes"]
fn a_hundred_thousand_mutations_are_judged_as_by_libxml2() {
    check_mutations(CAMPAIGN);
}
