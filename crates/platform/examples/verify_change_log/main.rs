//! Verifies an exported change log without the program that wrote it: `verify_change_log EXPORT KEYS`.
//!
//! `KEYS` holds the house's public keys, a line each: version and 64 hexadecimal digits, as `nemkonto audit keys` prints them. This example uses
//! nothing of the workspace but the definition of the bytes in the documentation of `platform::change_log`.
#![allow(clippy::print_stdout, reason = "it prints its result")]

mod verify;

use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => {
            findings.iter().for_each(|finding| println!("{finding}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(export), Some(keys)) = (arguments.next(), arguments.next()) else {
        return Err("usage: verify_change_log EXPORT KEYS".into());
    };
    let keys = verify::read_keys(&std::fs::read_to_string(keys)?).ok_or("the keys are not readable")?;
    let outcome = verify::verify(BufReader::new(File::open(export)?), &keys);
    println!("{} links, {} checkpoints, end {}", outcome.links, outcome.checkpoints, outcome.end);
    Ok(outcome.findings)
}
