//! All that is known of a slice's payments, asked in one call per house.

use std::collections::{HashMap, HashSet};

use contracts::IdempotencyKey;
use contracts::holding::DepositRequest;
use contracts::parties::{DateMeaning, PayerKey, PayerQuery, WithoutAccount};
use contracts::register::{PayeeQuery, Resolution, ResolveRequest};
use contracts::setoff::{Payout, SetoffRequest};
use jiff::Timestamp;
use platform::idempotency::digest;
use primitives::{Account, DepositRef, Identifier, PaymentRef, ReservationRef};

use crate::allocation::{self, Facts, Redirected, Reserved};
use crate::error::Error;
use crate::house::House;
use crate::store;
use crate::store::payment::OpenPayment;
use crate::store::slice::ClaimedSlice;

/// Bank days between execution and disposal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lags {
    pub domestic: u8,
    pub foreign: u8,
}

/// Where no bank profile is in force any more: the defaults of the profile itself.
const DEFAULT_LAGS: Lags = Lags { domestic: 0, foreign: 1 };

/// A redirect of one payment.
#[derive(Clone, Copy, Debug)]
struct Redirection {
    reservation: ReservationRef,
    rule_version: i32,
}

/// A slice with all facts, one entry per payment.
pub(super) struct SliceFacts {
    pub slice: ClaimedSlice,
    pub payments: Vec<OpenPayment>,
    /// When the register's word was given.
    pub as_known: Timestamp,
    /// What the payer's agreement says of payees without an account.
    pub choice: WithoutAccount,
    /// By block.
    pub lags: HashMap<i32, Lags>,
    /// Rows whose payee was found by a number that a new one has replaced.
    pub replaced: Vec<i32>,
    resolutions: Vec<Option<Resolution>>,
    redirects: Vec<Option<Redirection>>,
    recovery_account: Option<Account>,
    deposits: Vec<Option<DepositRef>>,
    holding_account: Option<Account>,
}

impl SliceFacts {
    /// The facts of one payment.
    pub fn of(&self, index: usize) -> Facts<'_> {
        let payment = &self.payments[index];
        let redirect = self.redirects[index].zip(self.recovery_account.as_ref()).map(|(redirection, account)| Redirected {
            // The recovery authority takes the whole payout and returns any rest as a new one.
            amount: payment.amount,
            account,
            reservation: redirection.reservation,
            rule_version: redirection.rule_version,
        });
        let deposit =
            self.deposits[index].zip(self.holding_account.as_ref()).map(|(deposit, account)| Reserved { account, deposit });
        let resolution = self.resolutions[index].as_ref();
        Facts { amount: payment.amount, given: payment.given.as_ref(), resolution, redirect, deposit }
    }

    /// The place in the facts and the leg number of each deposit to be asked for, with the request.
    fn wanted_deposits(&self) -> Vec<(usize, DepositRequest)> {
        let wanted = |index: usize| {
            let payment = &self.payments[index];
            let (number, amount, holder) = allocation::wanted_deposit(&self.of(index), &self.choice)?;
            let leg = PaymentRef::new(self.slice.slice, payment.row).leg(number);
            let payee = payment.payee.clone()?;
            let (payer, benefit, on) = (self.slice.payer, payment.benefit, self.slice.due);
            Some((index, DepositRequest { leg, payee, holder, payer, benefit, amount, on }))
        };
        (0..self.payments.len()).filter_map(wanted).collect()
    }
}

/// Asks everyone.
pub(super) async fn load(house: &House, slice: ClaimedSlice) -> Result<SliceFacts, Error> {
    let expected = usize::try_from(slice.payments).map_err(|_| Error::Corrupt("a slice's length"))?;
    let mut connection = house.database.pool().acquire().await?;
    let payments = store::payment::read_slice(&mut connection, &house.vault, slice.slice, expected).await?;
    let mut lags = lags(house, &mut connection, slice, &payments).await?;
    drop(connection);
    let (choice, meaning) = choice(house, slice).await?;
    if meaning == DateMeaning::Execution {
        // The due date is that of a domestic transfer executed on the requested day. A slower one is executed on that day too, and not before.
        lags.values_mut().for_each(|lags| lags.foreign = lags.foreign.min(lags.domestic));
    }
    let (resolved, redirected) = tokio::try_join!(resolve(house, slice, &payments), redirect(house, slice, &payments))?;
    let Resolved { as_known, resolutions, replaced } = resolved;
    let (recovery_account, redirects) = redirected;
    let deposits = vec![None; payments.len()];
    let mut facts = SliceFacts {
        slice,
        payments,
        as_known,
        choice,
        lags,
        replaced,
        resolutions,
        redirects,
        recovery_account,
        deposits,
        holding_account: None,
    };
    deposit(house, &mut facts).await?;
    Ok(facts)
}

/// The clearing lags by block, from the profiles of the payer's banks.
async fn lags(
    house: &House, connection: &mut sqlx::PgConnection, slice: ClaimedSlice, payments: &[OpenPayment],
) -> Result<HashMap<i32, Lags>, Error> {
    let blocks: HashSet<i32> = payments.iter().map(|payment| payment.block).collect();
    let blocks: Vec<i32> = blocks.into_iter().collect();
    let of_blocks = store::block::banks(connection, slice.delivery, &blocks).await?;
    let banks = house.parties.banks(&house.context(Some(slice.payer)), slice.due).await?;
    let lags_of = |code| {
        let profile = banks.iter().find(|bank| bank.code == code);
        profile.map_or(DEFAULT_LAGS, |bank| Lags { domestic: bank.domestic_lag, foreign: bank.foreign_lag })
    };
    Ok(of_blocks.into_iter().map(|(block, code)| (block, lags_of(code))).collect())
}

/// The payer's choice, and what its dates mean, as they apply on the disposal date; without an agreement then, the contract's default.
async fn choice(house: &House, slice: ClaimedSlice) -> Result<(WithoutAccount, DateMeaning), Error> {
    let query = PayerQuery { on: slice.due, payers: vec![PayerKey::Agreement { number: slice.payer }] };
    let mut profiles = house.parties.payers(&house.context(Some(slice.payer)), query).await?;
    let default = (WithoutAccount::Return, DateMeaning::Disposal);
    Ok(profiles.pop().flatten().map_or(default, |profile| (profile.without_account, profile.date_meaning)))
}

/// The register's word.
struct Resolved {
    as_known: Timestamp,
    /// One for each payment; none where it was not asked.
    resolutions: Vec<Option<Resolution>>,
    /// Rows whose payee was found by a replaced number.
    replaced: Vec<i32>,
}

/// The register's word on the payees of incomplete orders.
async fn resolve(house: &House, slice: ClaimedSlice, payments: &[OpenPayment]) -> Result<Resolved, Error> {
    let mut resolutions = vec![None; payments.len()];
    let asked = |payment: &OpenPayment| {
        let identifier = payment.payee.clone().filter(|_| payment.given.is_none())?;
        Some(PayeeQuery { identifier, fallback: payment.fallback.clone(), benefit: payment.benefit })
    };
    let (places, payees): (Vec<usize>, Vec<PayeeQuery>) =
        payments.iter().enumerate().filter_map(|(place, payment)| Some((place, asked(payment)?))).unzip();
    if payees.is_empty() {
        return Ok(Resolved { as_known: house.clock.now(), resolutions, replaced: Vec::new() });
    }
    let request = ResolveRequest { payer: slice.payer, on: slice.due, payees };
    let answer = house.register.resolve(&house.context(Some(slice.payer)), request).await?;
    if answer.resolutions.len() != places.len() {
        return Err(Error::Corrupt("the register did not answer every payee"));
    }
    let row_of = |place: &u32| {
        let place = usize::try_from(*place).ok().and_then(|place| places.get(place));
        place.map(|place| payments[*place].row).ok_or(Error::Corrupt("the register names a payee it was not asked about"))
    };
    let replaced = answer.replaced.iter().map(row_of).collect::<Result<_, _>>()?;
    for (place, resolution) in places.into_iter().zip(answer.resolutions) {
        resolutions[place] = Some(resolution);
    }
    Ok(Resolved { as_known: answer.as_known, resolutions, replaced })
}

/// Whether the recovery authority can know who is meant: it has its debtors by Danish numbers, and another country's number may look like one.
fn is_known_to_recovery(payee: &Identifier) -> bool {
    !matches!(payee, Identifier::Foreign(_))
}

/// The redirects to the recovery authority, reserved. The request depends on the slice alone, so a repetition gets the same answer.
async fn redirect(
    house: &House, slice: ClaimedSlice, payments: &[OpenPayment],
) -> Result<(Option<Account>, Vec<Option<Redirection>>), Error> {
    let mut redirects = vec![None; payments.len()];
    let payout = |payment: &OpenPayment| {
        let leg = PaymentRef::new(slice.slice, payment.row).leg(1);
        let (payee, benefit) = (payment.payee.clone().filter(is_known_to_recovery)?, payment.benefit);
        Some(Payout { leg, payee, benefit, amount: payment.amount, exempt: payment.exempt })
    };
    let (places, payouts): (Vec<usize>, Vec<Payout>) =
        payments.iter().enumerate().filter_map(|(place, payment)| Some((place, payout(payment)?))).unzip();
    if payouts.is_empty() {
        return Ok((None, redirects));
    }
    let key = IdempotencyKey::new(format!("allocate/{}", slice.slice))?;
    let request = SetoffRequest { payer: slice.payer, on: slice.due, payouts };
    let answer = house.setoff.reserve(&house.context(Some(slice.payer)), &key, request).await?;
    for redirect in answer.redirects {
        let place = usize::try_from(redirect.index).ok().and_then(|index| places.get(index).copied());
        let place = place.ok_or(Error::Corrupt("set-off redirected a payout it was not asked about"))?;
        redirects[place] = Some(Redirection { reservation: redirect.reservation, rule_version: redirect.rule_version });
    }
    Ok((Some(answer.recovery_account), redirects))
}

/// Reserves the deposits that are wanted; a refused one stays out, and its money goes back to the payer.
///
/// Between two attempts the register may have learned of an account, so the key names the content too: a repetition with the same wishes
/// gets the first answer, one with others is a new call, in which each leg's deposit is still reserved once.
async fn deposit(house: &House, facts: &mut SliceFacts) -> Result<(), Error> {
    let (places, requests): (Vec<usize>, Vec<DepositRequest>) = facts.wanted_deposits().into_iter().unzip();
    if requests.is_empty() {
        return Ok(());
    }
    let mut content = String::new();
    for request in &requests {
        content.push_str(&format!("{} {} {}\n", request.leg, request.amount, request.holder));
    }
    let content: String = digest(content.as_bytes())[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let key = IdempotencyKey::new(format!("allocate/{}/{content}", facts.slice.slice))?;
    let answer = house.holding.reserve(&house.context(Some(facts.slice.payer)), &key, requests).await?;
    if answer.deposits.len() != places.len() {
        return Err(Error::Corrupt("the holding account did not answer every deposit"));
    }
    for (place, deposit) in places.into_iter().zip(answer.deposits) {
        facts.deposits[place] = deposit.ok();
    }
    facts.holding_account = Some(answer.account);
    Ok(())
}
