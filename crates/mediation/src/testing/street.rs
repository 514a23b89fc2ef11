//! A delivery that walks the whole street: one payment of each kind.

use std::fs;
use std::path::Path;

use contracts::Context;
use contracts::mediation::{BankAnswerReceipt, Content};
use contracts::register::{Resolution, ResolvedAccount};
use jiff::civil::{Date, date};
use primitives::{Account, BankCode, EntryRef, HolderRef, Iban};
use uuid::Uuid;

use super::{Block, Order, World, account, pain001, person};
use crate::channel::Recipient;

/// The day the street's payments are due: a foreign transfer is executed the day before.
pub(crate) const DUE: Date = date(2026, 1, 15);

/// The bank of the tests' payer.
pub(crate) fn bank_code() -> BankCode {
    BankCode::parse("BANK").unwrap()
}

/// What the street is walked with: get through, A-3 has a foreign account, A-4 is redirected, A-5 has no account, A-6 is
/// unknown, A-7 is a complete order, and A-8 has a faulty amount.
pub(crate) async fn walk(world: &World) {
    for number in [1, 2] {
        world.register.found(person(number), number);
    }
    let iban = Account::from_iban(Iban::parse("DE89370400440532013000").unwrap(), None);
    let (holder, entry) = (HolderRef::new(Uuid::from_u128(3)), EntryRef::new(3));
    let found = ResolvedAccount { holder, entry, account: iban, specific: false, by_fallback: false };
    world.register.set(person(3), Resolution::Found(found));
    world.register.found(person(4), 4);
    world.setoff.marked.lock().unwrap().insert(person(4));
    world.register.no_account(person(5), 5);
    let order = |number: u32, amount: &str| Order::incomplete(&format!("A-{number}"), amount, person(number));
    let mut orders: Vec<Order> = (1..=6).map(|number| order(number, &format!("{number}00.00"))).collect();
    orders.push(Order { account: Some(account(7)), ..order(7, "700.00") });
    orders.push(order(8, "0"));
    let block = Block { date: "2026-01-15", ..Block::of(orders) };
    world.deliver(&pain001("M-1", &[block])).await;
    world.receive().await;
}

impl World {
    /// Writes and sends every bank file that is due.
    pub async fn dispatch_and_send(&self) {
        self.drive(&crate::dispatch::DispatchRoom { house: self.house.clone() }).await;
        self.send().await;
    }

    pub async fn send(&self) {
        self.drive(&crate::send::SendRoom { house: self.house.clone() }).await;
    }

    /// Tells the payers what is to be told, and sends it.
    pub async fn report(&self) {
        self.drive(&crate::report::ReportRoom { house: self.house.clone() }).await;
        self.send().await;
    }

    /// Tells the register of payouts.
    pub async fn tell_payouts(&self) {
        self.drive(&crate::payouts::PayoutsRoom { house: self.house.clone() }).await;
    }

    pub async fn settle_reservations(&self) {
        for room in crate::reservations::ReservationsRoom::all(&self.house) {
            self.drive(&room).await;
        }
    }

    /// The files handed over to banks, by key.
    pub fn bank_files(&self) -> Vec<(String, String)> {
        self.files(|recipient| matches!(recipient, Recipient::Bank(_)))
    }

    /// The reports handed over, by key.
    pub fn reports(&self) -> Vec<(String, String)> {
        self.files(|recipient| !matches!(recipient, Recipient::Bank(_)))
    }

    fn files(&self, wanted: impl Fn(&Recipient) -> bool) -> Vec<(String, String)> {
        let files = self.channel.files.lock().unwrap();
        files.iter().filter(|(_, (recipient, _))| wanted(recipient)).map(|(key, (_, text))| (key.clone(), text.clone())).collect()
    }

    /// The bank answers.
    pub async fn answer(&self, text: &str) -> BankAnswerReceipt {
        let content: Content = Box::pin(std::io::Cursor::new(text.as_bytes().to_vec()));
        crate::settle::keep_answer(&self.house, &self.bank_context(), bank_code(), content).await.unwrap()
    }

    pub fn bank_context(&self) -> Context {
        Context { actor: contracts::Actor::Bank { code: bank_code() }, ..self.house.context(None) }
    }
}

/// The values of an element in a message, in order.
pub(crate) fn values<'x>(xml: &'x str, element: &str) -> Vec<&'x str> {
    let (start, end) = (format!("<{element}>"), format!("</{element}>"));
    xml.split(start.as_str()).skip(1).map(|rest| rest.split(end.as_str()).next().unwrap()).collect()
}

/// A pain.002 of the bank on one of our files. `whole` and `blocks` are what stands below the original's identification.
pub(crate) fn pain002(file_key: &str, whole: &str, blocks: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-01-14T13:00:00Z</CreDtTm></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>{file_key}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{whole}</OrgnlGrpInfAndSts>\
         {blocks}</CstmrPmtStsRpt></Document>\n"
    )
}

/// A block of such an answer.
pub(crate) fn answered_block(batch_key: &str, whole: &str, rows: &[(&str, &str)]) -> String {
    let rows: String = rows
        .iter()
        .map(|(instruction, status)| {
            let reason = if *status == "RJCT" { "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>" } else { "" };
            format!("<TxInfAndSts><OrgnlInstrId>{instruction}</OrgnlInstrId><TxSts>{status}</TxSts>{reason}</TxInfAndSts>")
        })
        .collect();
    format!("<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch_key}</OrgnlPmtInfId>{whole}{rows}</OrgnlPmtInfAndSts>")
}

/// Compares a message with its golden file below `fixtures/mediation`, and validates it against its schema. With `UPDATE_FIXTURES` in the
/// environment the golden file is written instead, to be looked at before it is taken in.
pub(crate) fn check_golden(name: &str, text: &str) {
    let verdict = iso20022::validate(text.as_bytes(), iso20022::Limits::default()).unwrap();
    assert!(verdict.valid, "{name}: {:?}", verdict.findings);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/mediation").join(name);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == text, "{name} is not as its golden file:\n{text}");
    super::official::assert_valid(&path);
}
