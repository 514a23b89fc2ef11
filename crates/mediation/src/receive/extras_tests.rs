//! What few payments have: on to the bank, or told to the payer.

use contracts::parties::{BankCharacters, PainVersion};
use iso20022::{Limits, validate};

use crate::testing::street::values;
use crate::testing::{Block, Order, World, pain001, person};

const OF_BLOCK: &str = "<PmtTpInf><InstrPrty>HIGH</InstrPrty></PmtTpInf>";
const BEHIND_BANK: &str = "<InstrForDbtrAgt>Løn</InstrForDbtrAgt><UltmtDbtr><Nm>Ærø Kommune</Nm></UltmtDbtr>";
const OF_ROW: &str = "<UltmtCdtr><Nm>Boet efter Åse</Nm></UltmtCdtr><InstrForCdtrAgt><InstrInf>Ring</InstrInf></InstrForCdtrAgt>";
const DOCUMENT: &str = "<RmtInf><Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>FAK_1</Nb></RfrdDocInf>\
     <CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>";

/// A file of two payments, the first of which has this in its last place.
fn file(of_row: &str) -> String {
    let orders = (1..3).map(|number| Order::incomplete(&format!("E-{number}"), "1.00", person(number))).collect();
    pain001("M-1", &[Block::of(orders)])
        .replace("</PmtMtd>", &format!("</PmtMtd>{OF_BLOCK}"))
        .replace("</DbtrAgt>", &format!("</DbtrAgt>{BEHIND_BANK}"))
        .replacen("</Cdtr>", &format!("</Cdtr>{of_row}"), 1)
}

async fn delivered(version: PainVersion, characters: BankCharacters, content: &str) -> World {
    let world = World::new().await;
    {
        let mut banks = world.parties.banks.lock().unwrap();
        (banks[0].pain_version, banks[0].characters) = (version, characters);
    }
    (1..3).for_each(|number| world.register.found(person(number), number));
    assert!(validate(content.as_bytes(), Limits::default()).unwrap().valid);
    world.deliver(content).await;
    world.receive().await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn what_few_payments_have_reaches_the_bank_in_its_places() {
    for version in [PainVersion::V03, PainVersion::V09] {
        let world = delivered(version, BankCharacters::Sepa, &file(&format!("{OF_ROW}{}", DOCUMENT.replace('_', "-")))).await;
        world.allocate().await;
        world.dispatch_and_send().await;
        let (_, text) = &world.bank_files()[0];
        assert!(validate(text.as_bytes(), Limits::default()).unwrap().valid);
        let (block, payments) = text.split_once("<CdtTrfTxInf>").unwrap();
        let (first, second) = payments.split_once("<CdtTrfTxInf>").unwrap();
        assert_eq!((values(block, "InstrPrty"), values(block, "UltmtDbtr")), (vec!["HIGH"], vec!["<Nm>AEroe Kommune</Nm>"]));
        // The older version has this on payments only.
        let for_bank = |text| values(text, "InstrForDbtrAgt").join("");
        let expect = if version == PainVersion::V03 { ["", "Loen", "Loen"] } else { ["Loen", "", ""] };
        assert_eq!([for_bank(block), for_bank(first), for_bank(second)], expect);
        assert_eq!(values(first, "UltmtCdtr"), ["<Nm>Boet efter AAse</Nm>"]);
        assert_eq!((values(first, "InstrInf"), values(first, "Nb")), (vec!["Ring"], vec!["FAK-1"]));
        let reference = "<Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>RF18539007547034</Ref>";
        assert_eq!(values(first, "CdtrRefInf"), [reference]);
        assert!(!second.contains("UltmtCdtr") && !second.contains("Strd"));
        assert_eq!(world.rows("count(*)", "mediation.finding").await, ["0"], "nothing is left out");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_number_that_the_bank_cannot_carry_is_told() {
    let content = file(DOCUMENT);
    for (characters, expect) in [(BankCharacters::Unicode, vec![]), (BankCharacters::Danish, vec!["RR10 5"])] {
        let world = delivered(PainVersion::V09, characters, &content).await;
        assert_eq!(world.rows("code, level", "mediation.finding where path ~ 'RfrdDocInf/Nb$'").await, expect);
    }
}

/// What does not pass on refuses nothing: the delivery is received, and its receipt says so, once for each kind.
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_pass_on_is_told_with_the_receipt() {
    let content = file("<Tax/><RltdRmtInf><RmtId>R</RmtId></RltdRmtInf>")
        .replace("<Cdtr><Nm>Modtager", "<IntrmyAgt1><FinInstnId/></IntrmyAgt1><Cdtr><Nm>Modtager");
    let world = delivered(PainVersion::V09, BankCharacters::Unicode, &content).await;
    let told = world.rows("level, code, substring(text_en from ': [^.]*')", "mediation.finding order by finding_no").await;
    let expect = [
        "Tax (1 places, first here)",
        "RltdRmtInf (1 places, first here)",
        "IntrmyAgt, CdtrAgt, CdtrAgtAcct, DbtrAgtAcct (2 places, first here)",
    ];
    assert_eq!(told, expect.map(|text| format!("3 NARR : {text}")));
    assert_eq!(world.rows("payments, rejected", "mediation.delivery_header").await, ["2 0"]);
    assert_eq!(world.rows("answer", "mediation.report_task").await, ["1"]);
    world.report().await;
    let (_, report) = &world.reports()[0];
    assert!(validate(report.as_bytes(), Limits::default()).unwrap().valid);
    assert_eq!((values(report, "GrpSts"), values(report, "Cd")), (vec!["ACTC"], vec!["NARR"; 3]));
    assert!(values(report, "AddtlInf").iter().any(|line| line.contains("RltdRmtInf")));
}
