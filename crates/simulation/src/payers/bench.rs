//! One big file for measuring.

use std::io::{self, Write};

use super::PaymentMix;
use super::file::FilePlan;
use super::pain001::{self, Spoiled};
use crate::denmark::World;

/// What a file for measuring holds.
#[derive(Clone, Copy, Debug)]
pub struct BenchFile<'w> {
    /// The Denmark its payees live in.
    pub world: &'w World,
    /// The authority that pays, by its place; it decides the version and how numbers are written.
    pub authority: usize,
    /// The file's number on the day, 1 to 99: files of one authority need different ones.
    pub number: u64,
    /// What is in it.
    pub mix: PaymentMix,
}

/// Writes a file of `mix.payments` payments in one block, about 1 KB each, as authorities' files have. Memory
/// does not grow with it. It is written in many small pieces: give a buffered output.
///
/// # Errors
/// What the output answers.
pub fn bench_file<W: Write>(bench: BenchFile<'_>, out: W) -> io::Result<W> {
    let plan = FilePlan::single(bench.world, bench.authority, bench.number, bench.mix.payments, bench.mix);
    pain001::write(&plan, Spoiled::default(), out)
}
