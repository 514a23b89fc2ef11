//! Any bytes converted to each version of an order to pay: what is written is valid, or void.
#![no_main]

use iso20022::convert::{ConvertOptions, convert};
use iso20022::{Limits, Pain001Version, validate};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { iso20022_fuzz::mutated(data, size, max_size, seed) });

fuzz_target!(|data: &[u8]| {
    for to in [Pain001Version::V03, Pain001Version::V09, Pain001Version::V12] {
        for lossy in [false, true] {
            let mut file = Vec::new();
            let options = ConvertOptions { lossy, ..ConvertOptions::default() };
            let conversion = convert(data, to, &mut file, options).expect("memory does not fail");
            assert!(lossy || conversion.losses.is_empty());
            if !conversion.obstacles.is_empty() {
                continue;
            }
            let verdict = validate(file.as_slice(), Limits::default()).expect("memory does not fail");
            assert!(verdict.valid && verdict.message == Some(to.message()), "{:?}", verdict.findings);
            // A second conversion to the same version has nothing to leave out.
            let again = convert(file.as_slice(), to, Vec::new(), ConvertOptions::default()).expect("memory does not fail");
            assert!(again.obstacles.is_empty(), "{:?}", again.obstacles);
        }
    }
});
