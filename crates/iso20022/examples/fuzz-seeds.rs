//! Writes valid files in which every element of a message occurs, for a fuzzer to begin with:
//! `fuzz-seeds FOLDER [PREFIX…]`, such as `fuzz-seeds corpus/pain001 pain.001`.

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/support/dice.rs"]
mod dice;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/support/sample.rs"]
mod sample;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/support/types.rs"]
mod types;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/support/value.rs"]
mod value;

use dice::Dice;
use iso20022::MessageKind;
use sample::Sampler;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: fuzz-seeds FOLDER [PREFIX OF A MESSAGE'S NAME…]");
        std::process::exit(2);
    };
    let prefixes: Vec<String> = arguments.collect();
    std::fs::create_dir_all(&folder)?;
    for kind in MessageKind::ALL {
        if prefixes.is_empty() || prefixes.iter().any(|prefix| kind.name().starts_with(prefix.as_str())) {
            for (number, text) in seeds(*kind).iter().enumerate() {
                std::fs::write(folder.join(format!("{kind}-{number}.xml")), text)?;
            }
        }
    }
    Ok(())
}

/// Files of middle size until no element is missing, and a few small ones.
fn seeds(kind: MessageKind) -> Vec<String> {
    let mut dice = Dice::new(kind as u64);
    let mut sampler = Sampler::new(kind);
    let mut seeds = sampler.all(60, &mut dice);
    seeds.extend((0..10).map(|_| sampler.sample(20, &mut dice)));
    seeds
}
