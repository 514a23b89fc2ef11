//! What must hold of the payers' files.

use std::collections::HashSet;
use std::path::Path;

use jiff::civil::Date;

use super::*;
use crate::denmark::{World, WorldSize};
use crate::official::assert_valid;

fn world() -> World {
    World::new(1, WorldSize { people: 20_000, companies: 2_000 }, Date::constant(2026, 1, 15)).unwrap()
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("nemkonto-simulation-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn written(name: &str, world: &World) -> (std::path::PathBuf, Vec<(DeliveryKind, std::path::PathBuf)>) {
    let folder = folder(name);
    let files = PlannedFiles::new(world, PaymentMix { payments: 3_000, faulty: 300, ..PaymentMix::default() });
    let paths = files.write_all(&folder).unwrap();
    (folder, files.deliveries().iter().map(|delivery| delivery.kind).zip(paths).collect())
}

#[test]
fn the_same_seed_writes_the_same_bytes() {
    let world = world();
    let (first_folder, first) = written("bytes-1", &world);
    let (second_folder, second) = written("bytes-2", &world);
    for ((_, first), (_, second)) in first.iter().zip(&second) {
        assert!(std::fs::read(first).unwrap() == std::fs::read(second).unwrap(), "{} differs", first.display());
    }
    for folder in [first_folder, second_folder] {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn every_file_but_the_broken_one_is_valid() {
    let (folder, files) = written("valid", &world());
    for (kind, path) in &files {
        let bytes = std::fs::read(path).unwrap();
        let well_formed = quick_xml_reads(&bytes);
        assert_eq!(well_formed, *kind != DeliveryKind::Broken, "{}", path.display());
        if well_formed {
            assert_valid(path);
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_files_hold_every_kind_of_row_and_go_wrong_as_planned() {
    let (folder, files) = written("kinds", &world());
    let text = |wanted| {
        let found = files.iter().find(|(kind, _)| *kind == wanted).unwrap();
        std::fs::read_to_string(&found.1).unwrap()
    };
    let cases = text(DeliveryKind::Cases);
    for sign in ["<IBAN>DK", "3102955123", ">0.00<", "<Othr>"] {
        assert!(cases.contains(sign), "no {sign} among the cases");
    }
    let small: Vec<_> = files.iter().filter(|(kind, _)| *kind == DeliveryKind::Small).map(|(_, path)| path).collect();
    let bytes = |path: &Path| std::fs::read(path).unwrap();
    let again = files.iter().find(|(kind, _)| *kind == DeliveryKind::Again).unwrap();
    assert!(small.iter().any(|path| bytes(path) == bytes(&again.1)), "the repeated file has the same bytes");
    let message_id = |text: &str| text.split("<MsgId>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let (same_id, first) = (text(DeliveryKind::SameId), std::fs::read_to_string(small[1]).unwrap());
    assert_eq!(message_id(&same_id), message_id(&first));
    assert_ne!(same_id, first);
    let all: String = files.iter().map(|(_, path)| std::fs::read_to_string(path).unwrap()).collect();
    for sign in ["<Prxy>", "pain.001.001.12", "<MsgDefIdr>pain.001.001.09<", "head.001.001.02"] {
        assert!(all.contains(sign), "no {sign} in the files");
    }
    for sign in [r#"Ccy="EUR""#, "<Prtry>SE</Prtry>", "<Prtry>P</Prtry>", "<Cd>COID</Cd>", "<Cd>SOSE</Cd>", "<Cd>NIDN</Cd>"] {
        assert!(all.contains(sign), "no {sign} in the files");
    }
    let dates: HashSet<_> = all.split("ReqdExctnDt>").skip(1).map(|rest| rest.chars().take(30).collect::<String>()).collect();
    assert!(dates.len() >= 4, "two versions of two dates");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_file_for_measuring_has_about_a_kilobyte_per_payment() {
    let world = world();
    let bench = |payments| {
        let bench = BenchFile { world: &world, authority: 10, number: 1, mix: PaymentMix::sound(payments) };
        bench_file(bench, Vec::new()).unwrap()
    };
    let file = bench(2_000);
    assert_eq!(file, bench(2_000));
    assert!((800..1_200).contains(&(file.len() / 2_000)), "{} bytes per payment", file.len() / 2_000);
}

#[test]
fn recalls_are_valid_and_ask_for_payments_that_wait_and_that_have_left() {
    let world = world();
    let folder = folder("recalls");
    let files = PlannedFiles::new(&world, PaymentMix { payments: 6_000, ..PaymentMix::default() });
    let recalls = files.recalls();
    assert!(recalls.len() > 6, "{} recalls", recalls.len());
    let mut all = String::new();
    for recall in &recalls {
        let path = files.write_recall(recall, &folder).unwrap();
        assert_valid(&path);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.matches("<TxInf>").count() > 2 && text.contains("<OrgnlInstdAmt"), "{}", path.display());
        all.push_str(&text);
    }
    assert!(all.contains("camt.055.001.01") && all.contains("camt.055.001.08") && all.contains("<AppHdr"));
    let again = files.write_recall(&recalls[0], &folder.join("again")).unwrap();
    assert_eq!(std::fs::read(again).unwrap(), std::fs::read(folder.join(&recalls[0].path)).unwrap());
    std::fs::remove_dir_all(folder).unwrap();
}

fn quick_xml_reads(bytes: &[u8]) -> bool {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let (mut depth, mut buffer) = (0, Vec::new());
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(quick_xml::events::Event::Start(_)) => depth += 1,
            Ok(quick_xml::events::Event::End(_)) => depth -= 1,
            Ok(quick_xml::events::Event::Eof) => return depth == 0,
            Ok(_) => {}
            Err(_) => return false,
        }
        buffer.clear();
    }
}
