//! The exported log, verified by code that shares nothing with the writer.

use platform::change_log::export;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::independent::{Keys, Outcome, read_keys, verify as verify_export};
use super::*;

async fn exported(house: &House, contents: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let end = export(&house.runtime, &house.log, contents, &mut file).await.unwrap();
    assert_eq!(end, house.verify().await.end);
    file
}

fn keys(house: &House) -> Keys {
    let text: String = house.log.public_keys().iter().map(|key| format!("{key}\n")).collect();
    read_keys(&text).unwrap()
}

fn verified(export: &[u8], keys: &Keys) -> Outcome {
    verify_export(export, keys)
}

#[tokio::test]
async fn an_export_is_verified_with_the_public_key_alone() {
    let house = House::with(30, 10).await;
    for contents in [false, true] {
        let file = exported(&house, contents).await;
        assert_eq!(String::from_utf8_lossy(&file).contains(&hex("Before 7")), contents);
        let outcome = verified(&file, &keys(&house));
        assert_eq!((outcome.links, outcome.checkpoints), (30, 3));
        assert_eq!(outcome.findings, Vec::<String>::new());
    }
    let strangers = ChangeLog::with_salts("second", &KeyRing::for_tests(), [1; 32]);
    let text: String = strangers.public_keys().iter().map(|key| format!("{key}\n")).collect();
    let outcome = verified(&exported(&house, false).await, &read_keys(&text).unwrap());
    assert_eq!(outcome.findings.len(), 4, "three checkpoints and the end: {:?}", outcome.findings);
}

#[tokio::test]
async fn an_erased_content_leaves_the_export_whole() {
    let house = House::with(5, 5).await;
    let mut owner = house.database.admin().await;
    erase(&mut owner, &house.log, &context(), now(), &[2], "retention").await.unwrap();
    house.chain().await;
    assert_eq!(verified(&exported(&house, true).await, &keys(&house)).findings, Vec::<String>::new());
    owner.close().await.unwrap();
}

#[tokio::test]
async fn every_one_of_a_thousand_single_bits_of_an_export_is_found_and_every_missing_line() {
    let house = House::with(20, 5).await;
    let file = exported(&house, true).await;
    let keys = keys(&house);
    let mut random = ChaCha8Rng::seed_from_u64(5);
    for _ in 0..1_000 {
        let mut damaged = file.clone();
        let (byte, bit) = (usize::try_from(random.next_u32()).unwrap() % file.len(), random.next_u32() % 8);
        damaged[byte] ^= 1 << bit;
        assert_ne!(verified(&damaged, &keys).findings, Vec::<String>::new(), "bit {bit} of byte {byte}");
    }
    let lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
    // The last line but one: without its last checkpoint the file is whole as it was before, but for the links that checkpoint covers.
    for left_out in 0..lines.len() {
        let damaged = lines
            .iter()
            .enumerate()
            .filter(|(line, _)| *line != left_out)
            .flat_map(|(_, line)| line.to_vec())
            .collect::<Vec<_>>();
        assert_ne!(verified(&damaged, &keys).findings, Vec::<String>::new(), "without line {}", left_out + 1);
    }
    assert_ne!(verified(&[], &keys).findings, Vec::<String>::new());
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
