//! A file judged at once, byte by byte, and through the smallest window: the same is found, in the same places.
#![no_main]

use iso20022::{Limits, validate};
use iso20022_fuzz::OneByte;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { iso20022_fuzz::mutated(data, size, max_size, seed) });

fuzz_target!(|data: &[u8]| {
    let at_once = validate(data, Limits::default()).expect("memory does not fail");
    let bytewise = validate(OneByte(data), Limits::default()).expect("memory does not fail");
    assert_eq!(at_once, bytewise);
    let narrow = Limits { construct_bytes: 1, ..Limits::default() };
    let through_window = validate(OneByte(data), narrow).expect("memory does not fail");
    // What is longer than the window is refused there, and nowhere else.
    let too_long = through_window.findings.last().is_some_and(|finding| finding.text.en.contains("beyond a limit"));
    if !too_long {
        assert_eq!(at_once, through_window);
    }
});
