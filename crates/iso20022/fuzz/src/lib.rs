//! What the fuzz targets share: mutations that know the messages' grammars.

// The tests of the crate use all of these; here some parts stay unused.
#![allow(dead_code, missing_docs, reason = "shared with the tests of the crate")]

#[path = "../../tests/support/damage.rs"]
mod damage;
#[path = "../../tests/support/dice.rs"]
mod dice;
#[path = "../../tests/support/dress.rs"]
mod dress;
#[path = "../../tests/support/mutate.rs"]
mod mutate;
#[path = "../../tests/support/outline.rs"]
mod outline;
#[path = "../../tests/support/sample.rs"]
mod sample;
#[path = "../../tests/support/types.rs"]
mod types;
#[path = "../../tests/support/value.rs"]
mod value;

use dice::Dice;
use iso20022::MessageKind;
use mutate::Mutator;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Read};

/// The message a file names, as far as that can be seen from outside.
fn kind_of(text: &str) -> Option<MessageKind> {
    let name = text.split_once("urn:iso:std:iso:20022:tech:xsd:")?.1;
    MessageKind::from_name(name.split(['"', '\'']).next()?)
}

/// Changes a file: three times in four by what the grammar says of it, else by flipping what the fuzzer likes to flip.
pub fn mutated(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    thread_local! {
        static MUTATORS: RefCell<HashMap<MessageKind, Mutator>> = RefCell::new(HashMap::new());
    }
    if !seed.is_multiple_of(4)
        && let Ok(text) = std::str::from_utf8(&data[..size])
        && let Some(kind) = kind_of(text)
    {
        let new = MUTATORS.with_borrow_mut(|mutators| {
            mutators.entry(kind).or_insert_with(|| Mutator::new(kind)).mutate(text, &mut Dice::new(u64::from(seed)))
        });
        if new.len() <= max_size {
            data[..new.len()].copy_from_slice(&new);
            return new.len();
        }
    }
    libfuzzer_sys::fuzzer_mutate(data, size, max_size)
}

/// Gives its bytes one at a time.
pub struct OneByte<'d>(pub &'d [u8]);

impl Read for OneByte<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (Some(place), Some((first, rest))) = (buffer.first_mut(), self.0.split_first()) else { return Ok(0) };
        (*place, self.0) = (*first, rest);
        Ok(1)
    }
}
