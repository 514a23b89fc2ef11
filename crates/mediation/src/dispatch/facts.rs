//! What the other houses and the payer's own blocks say of the two sides of a file: the payer and its banks.

use std::collections::HashMap;

use contracts::parties::{BankProfile, PayerKey, PayerProfile, PayerQuery};
use primitives::BankCode;

use crate::error::Error;
use crate::house::House;
use crate::store;
use crate::store::disposal::{ClaimedDisposal, DebtorSide};

/// The facts of one disposal's files.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The payer as it is today; none when its agreement has ended since the delivery: what was ordered under it is still paid.
    pub payer: Option<PayerProfile>,
    /// Names the accounts that are nobody's NemKonto.
    pub recovery_name: String,
    pub holding_name: String,
    banks: HashMap<BankCode, BankProfile>,
    sides: HashMap<i32, DebtorSide>,
}

impl Facts {
    pub fn bank(&self, code: &BankCode) -> Result<&BankProfile, Error> {
        self.banks.get(code).ok_or(Error::Corrupt("a bank without a profile in force"))
    }

    pub fn side(&self, block: i32) -> Result<&DebtorSide, Error> {
        self.sides.get(&block).ok_or(Error::Corrupt("a batch without its block"))
    }

    /// Whether the bank's files carry the payee's number.
    pub fn needs_payee(&self, bank: &BankCode) -> bool {
        self.banks.get(bank).is_some_and(|profile| profile.needs_payee_number)
    }
}

/// Asks for the payer and the banks, one call each.
pub(crate) async fn load(house: &House, disposal: &ClaimedDisposal) -> Result<Facts, Error> {
    let context = house.context(Some(disposal.payer));
    let on = house.clock.today();
    let query = PayerQuery { on, payers: vec![PayerKey::Agreement { number: disposal.payer }] };
    let payer = house.parties.payers(&context, query).await?.into_iter().next().flatten();
    let banks = house.parties.banks(&context, on).await?.into_iter().map(|bank| (bank.code, bank)).collect();
    let mut connection = house.database.pool().acquire().await?;
    let sides = store::disposal::debtor_sides(&mut connection, &house.vault, disposal.delivery).await?;
    Ok(Facts {
        payer,
        recovery_name: house.settings.recovery_name.clone(),
        holding_name: house.settings.holding_name.clone(),
        banks,
        sides: sides.into_iter().map(|side| (side.block, side)).collect(),
    })
}
