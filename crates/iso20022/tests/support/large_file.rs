//! A large valid file of nobody's payments.

use iso20022::{
    Agent, ControlSum, CreditTransfer, DebtorBlock, MessageHeader, Pain001Version, Pain001Writer, Party, PaymentTerms,
};
use jiff::Timestamp;
use jiff::civil::date;
use primitives::{Account, AgreementNumber, Bic, Cpr, Currency, DanishAccount, Identifier, Money};

/// A `pain.001.001.09` with this many incomplete orders to persons born 1858–1899.
pub fn pain001(payments: u64) -> std::io::Result<Vec<u8>> {
    let amount = |number: u64| Money::new(100 + i64::try_from(number % 90_000).expect("small"), Currency::DKK);
    let sum = (0..payments).fold(ControlSum::ZERO, |sum, number| sum.add_money(amount(number)).expect("small"));
    let payer =
        Party { name: Some("Udbetaling Nirgends"), agreement: AgreementNumber::parse("12345678").ok(), ..Party::default() };
    let header = MessageHeader {
        message_id: "LEVERANCE-2026-03-02-0001",
        created: Timestamp::UNIX_EPOCH,
        payments,
        sum,
        initiator: payer,
    };
    let account = Account::Danish(DanishAccount::new("0040", "0440116243").expect("a published example"));
    let mut writer = Pain001Writer::new(Vec::new(), Pain001Version::V09, &header)?;
    writer.payment_information(&DebtorBlock {
        id: "BLOK-1",
        batch_booking: Some(true),
        payments,
        sum,
        requested_date: date(2026, 3, 2),
        debtor: payer,
        account: &account,
        agent: Agent { bic: Bic::parse("DABADKKK").ok(), ..Agent::default() },
        benefit: Some("NKSSOP"),
        terms: PaymentTerms::default(),
        extras: iso20022::Extras::default(),
    })?;
    for number in 0..payments {
        let digits = format!("0101{:02}{}{:03}", 58 + number % 42, 5 + number % 4, number % 1000);
        let identifiers = [Identifier::Cpr(Cpr::parse(&digits).expect("an existing date"))];
        let reference = format!("YDELSE-2026-03-{number:010}");
        writer.payment(&CreditTransfer {
            instruction_id: Some(&reference),
            end_to_end_id: &reference,
            uetr: None,
            terms: PaymentTerms::default(),
            extras: iso20022::Extras::default(),
            amount: amount(number),
            creditor: Party {
                name: Some("Ingen Nielsen Sørensen"),
                identifiers: &identifiers,
                address_lines: &["Ingen Vej 12, 3. tv.", "9999 Nirgends"],
                country: Some("DK"),
                ..Party::default()
            },
            account: None,
            agent: None,
            benefit: None,
            purpose: None,
            remittance: Some("Social pension marts 2026"),
            structured_reference: None,
        })?;
    }
    writer.finish()
}
