use contracts::parties::{BankCharacters, PainVersion};
use iso20022::{CharacterSet, Limits, validate};

use super::has_room;
use crate::testing::street::values;
use crate::testing::{Block, Order, World, pain001, person};

#[test]
fn a_text_has_room_as_it_is_written() {
    let name = "Ø".repeat(70);
    assert!(has_room(CharacterSet::Danish, &name, 70));
    assert!(!has_room(CharacterSet::Danish, &name, 69));
    assert!(has_room(CharacterSet::Sepa, &name, 140));
    assert!(!has_room(CharacterSet::Sepa, &name, 139));
}

/// A world whose bank takes these characters and has got all of the file that it can be told.
async fn sent_in(characters: BankCharacters, version: PainVersion, file: &str) -> World {
    let world = World::new().await;
    {
        let mut banks = world.parties.banks.lock().unwrap();
        (banks[0].characters, banks[0].pain_version) = (characters, version);
    }
    (0..6).for_each(|number| world.register.found(person(number), number));
    world.deliver(file).await;
    world.receive().await;
    world.allocate().await;
    world.dispatch_and_send().await;
    world
}

/// Payments with names, texts and references of every kind, each with its own reference.
fn file() -> String {
    let orders = ["A-1", "A-2/Ø", "A-3", "A-4"].iter().zip(1..);
    let orders = orders.map(|(reference, number)| Order::incomplete(reference, "1.00", person(number))).collect();
    let text = pain001("M-1", &[Block::of(orders)]);
    let mut payments = text.split("<CdtTrfTxInf>").map(str::to_owned).collect::<Vec<_>>();
    let mut name = |payment: usize, name: &str| payments[payment] = payments[payment].replace(">Modtager<", &format!(">{name}<"));
    name(1, "Søren Ærø &amp; Zoë");
    name(4, &"Å".repeat(71));
    let remittance = |content: &str| format!("</Cdtr><RmtInf>{content}</RmtInf>");
    payments[1] = payments[1].replace("</Cdtr>", &remittance("<Ustrd>Løn – juli</Ustrd>"));
    let reference = "<Strd><CdtrRefInf><Ref>FAK_3</Ref></CdtrRefInf></Strd>";
    payments[3] = payments[3].replace("</Cdtr>", &remittance(reference));
    payments.join("<CdtTrfTxInf>")
}

/// The references of the payments the bank got, and what the first of them says; and the findings, code and element.
async fn check(characters: BankCharacters, references: &[&str], first: [&str; 2], findings: &[&str]) {
    for version in [PainVersion::V03, PainVersion::V09] {
        let world = sent_in(characters, version, &file()).await;
        let (_, text) = &world.bank_files()[0];
        assert!(validate(text.as_bytes(), Limits::default()).unwrap().valid);
        assert_eq!(values(text, "EndToEndId"), references, "{characters:?}");
        let payment = text.split("<CdtTrfTxInf>").nth(1).unwrap();
        assert_eq!([values(payment, "Nm")[0], values(payment, "Ustrd")[0]], first);
        let found = world.rows("code, substring(path from 'CdtTrfTxInf.*')", "mediation.finding order by finding_no").await;
        assert_eq!(found, findings, "{characters:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_gets_texts_in_its_characters_and_references_as_they_came() {
    let reference = "RR10 CdtTrfTxInf[3]/RmtInf/Strd/CdtrRefInf/Ref";
    let all = ["A-1", "A-2/Ø", "A-3", "A-4"];
    check(BankCharacters::Unicode, &all, ["Søren Ærø &amp; Zoë", "Løn – juli"], &[]).await;
    check(BankCharacters::Danish, &["A-1", "A-2/Ø", "A-4"], ["Søren Ærø + Zoe", "Løn - juli"], &[reference]).await;
    let name = "RR10 CdtTrfTxInf[4]/Cdtr/Nm";
    let sepa = ["RR10 CdtTrfTxInf[2]/PmtId/EndToEndId", reference, name];
    check(BankCharacters::Sepa, &["A-1"], ["Soeren AEroe + Zoe", "Loen - juli"], &sepa).await;
}

/// What was taken before a bank narrowed its characters goes to it under the reference it came with.
#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_not_converted_for_a_bank_that_changes_its_mind() {
    let world = World::new().await;
    world.register.found(person(2), 2);
    let order = Order::incomplete("A-2/Ø", "1.00", person(2));
    world.deliver(&pain001("M-1", &[Block::of(vec![order])]).replace(">Modtager<", ">Ørsted<")).await;
    world.receive().await;
    world.parties.banks.lock().unwrap()[0].characters = BankCharacters::Sepa;
    world.allocate().await;
    world.dispatch_and_send().await;
    let (_, text) = &world.bank_files()[0];
    assert_eq!([values(text, "EndToEndId")[0], values(text, "Nm").last().unwrap()], ["A-2/Ø", "OErsted"]);
}

/// A unit's code is as a reference: the block is refused, for only its agreement can give it another.
#[tokio::test(flavor = "multi_thread")]
async fn a_unit_the_bank_cannot_carry_is_told() {
    let block = Block::of(vec![Order::incomplete("A-1", "1.00", person(1))]);
    let unit = "</Nm><Id><OrgId><Othr><Id>LØN_1</Id><SchmeNm><Prtry>LOS</Prtry></SchmeNm></Othr></OrgId></Id></Dbtr>";
    let file = pain001("M-1", &[block]).replace("</Nm></Dbtr>", unit);
    for (characters, expect) in [(BankCharacters::Unicode, vec![]), (BankCharacters::Danish, vec!["RR10 true"])] {
        let world = World::new().await;
        world.parties.banks.lock().unwrap()[0].characters = characters;
        let code = primitives::UnitCode::parse("LØN_1").unwrap();
        world.parties.change(|payer| payer.units.push(contracts::parties::Unit { code, name: "Løn".to_owned() }));
        world.deliver(&file).await;
        world.receive().await;
        assert_eq!(world.rows("code, path like '%Dbtr'", "mediation.finding").await, expect);
    }
}
