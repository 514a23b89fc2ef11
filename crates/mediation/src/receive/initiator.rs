//! Who a delivery comes from, and whether it may.

use contracts::parties::{PayerKey, PayerProfile, PayerQuery};
use iso20022::{InitiatingParty, ReasonCode};
use jiff::civil::Date;
use primitives::{DataSupplierId, Text};

use super::fault::Fault;
use super::payer::Payer;
use crate::error::Error;
use crate::house::House;

/// The payer's agreement, if there is one and the data supplier may send for it; else why the delivery is refused. `place`: line and path of
/// the initiator.
pub(super) async fn find_payer(
    house: &House, supplier: &DataSupplierId, initiator: &InitiatingParty, place: (u64, &str),
) -> Result<Result<Payer, Fault>, Error> {
    let refuse = |code, text| Ok(Err(Fault::of_delivery(place.0, place.1, code, text)));
    let key = match (initiator.agreement, initiator.cvr) {
        (Some(number), _) => PayerKey::Agreement { number },
        (None, Some(number)) => PayerKey::Cvr { number },
        (None, None) => return refuse(ReasonCode::BE05, nameless_payer()),
    };
    let today = house.clock.today();
    let Some(profile) = profile(house, key, today).await? else {
        return refuse(ReasonCode::BE05, unknown_payer());
    };
    if initiator.cvr.is_some_and(|cvr| cvr != profile.cvr) {
        return refuse(ReasonCode::BE05, another_payer());
    }
    let named_otherwise = initiator.data_supplier.as_ref().is_some_and(|named| named != supplier);
    if named_otherwise || !profile.data_suppliers.contains(supplier) {
        return refuse(ReasonCode::AG01, foreign_supplier());
    }
    let banks = house.parties.banks(&house.context(Some(profile.agreement)), today).await?;
    Ok(Ok(Payer::new(profile, &banks, today)))
}

async fn profile(house: &House, key: PayerKey, today: Date) -> Result<Option<PayerProfile>, Error> {
    let query = PayerQuery { on: today, payers: vec![key] };
    let mut profiles = house.parties.payers(&house.context(None), query).await?;
    Ok(profiles.pop().flatten())
}

fn nameless_payer() -> Text {
    Text::new(
        "Afsenderen er hverken angivet med NKS-aftalenummer eller CVR-nummer.",
        "The initiator is named neither by NKS agreement number nor by CVR number.",
    )
}

fn unknown_payer() -> Text {
    Text::new("Der er ingen gældende tilslutningsaftale for afsenderen.", "There is no agreement in force for the initiator.")
}

fn another_payer() -> Text {
    Text::new(
        "Afsenderens aftalenummer og CVR-nummer er ikke den samme udbetalers.",
        "The initiator's agreement number and CVR number are not of one payer.",
    )
}

fn foreign_supplier() -> Text {
    Text::new("Dataleverandøren må ikke sende for udbetaleren.", "The data supplier may not send for the payer.")
}
