//! The decided legs, encoded and stored.

use std::collections::HashMap;

use contracts::mediation::Destination;
use jiff::Timestamp;
use jiff::civil::Date;
use platform::copy::CopyBuffer;
use primitives::Account;

use super::facts::SliceFacts;
use crate::allocation::allocate;
use crate::due_date::execution_date;
use crate::error::Error;
use crate::house::House;
use crate::leg::{Leg, Route, destination_code};
use crate::store;
use crate::store::leg::{GroupKey, LegGroup};
use crate::store::slice::ClaimedSlice;
use crate::vault::Vault;

/// A slice's legs, ready to be stored.
pub(super) struct Decided {
    slice: ClaimedSlice,
    as_known: Timestamp,
    legs: CopyBuffer,
    groups: Vec<LegGroup>,
    /// Whether some payee could not be paid: return answer 7.
    unpayable: bool,
    /// Legs without a deposit, for which another attempt may have reserved one or may still do so, whatever the payer's choice is now.
    abandoned: Vec<(i32, i16)>,
    /// Rows whose payee was found by a replaced number.
    replaced: Vec<i32>,
}

/// Decides every payment of the slice and encodes its legs.
pub(super) fn decide(facts: &SliceFacts, vault: &Vault, today: Date) -> Result<Decided, Error> {
    let mut encoder = Encoder::new(facts, vault, today);
    for (index, payment) in facts.payments.iter().enumerate() {
        let legs = allocate(&facts.of(index), &facts.choice);
        for (number, leg) in legs.numbered() {
            encoder.leg(payment.row, payment.block, number, leg)?;
        }
    }
    let Encoder { legs, groups, unpayable, abandoned, .. } = encoder;
    let replaced = facts.replaced.clone();
    Ok(Decided { slice: facts.slice, as_known: facts.as_known, legs, groups, unpayable, abandoned, replaced })
}

struct Encoder<'f> {
    facts: &'f SliceFacts,
    vault: &'f Vault,
    today: Date,
    legs: CopyBuffer,
    groups: Vec<LegGroup>,
    numbers: HashMap<GroupKey, i16>,
    unpayable: bool,
    reattempt: bool,
    abandoned: Vec<(i32, i16)>,
    sealed: Vec<u8>,
}

impl<'f> Encoder<'f> {
    fn new(facts: &'f SliceFacts, vault: &'f Vault, today: Date) -> Self {
        // A payee's leg takes about 180 bytes.
        let legs = CopyBuffer::with_capacity(facts.payments.len() * 192);
        let reattempt = facts.slice.lease_token > 1;
        Self {
            facts,
            vault,
            today,
            legs,
            groups: Vec::new(),
            numbers: HashMap::new(),
            unpayable: false,
            reattempt,
            abandoned: Vec::new(),
            sealed: Vec::new(),
        }
    }

    fn leg(&mut self, row: i32, block: i32, number: i16, leg: Leg<'f>) -> Result<(), Error> {
        let destination = leg.target.destination();
        self.unpayable |= leg.target.reason().is_some();
        if self.reattempt && destination != Destination::Holding {
            self.abandoned.push((row, number));
        }
        let group = leg.target.account().map(|account| self.group(block, leg, account)).transpose()?;
        let account = leg.target.account().map(|account| {
            self.sealed.clear();
            self.vault.seal_account_into(account, &mut self.sealed);
            self.sealed.as_slice()
        });
        let legs = &mut self.legs;
        legs.begin_row(store::leg::COLUMNS);
        legs.i64(self.facts.slice.slice);
        legs.i32(row);
        legs.i16(number);
        legs.i16(destination_code(destination));
        legs.i64(leg.amount.minor());
        legs.text(leg.amount.currency().code());
        legs.opt_i16(group);
        legs.opt_bytes(account);
        legs.opt_uuid(leg.target.holder().map(primitives::HolderRef::get));
        legs.opt_i64(leg.target.entry().map(primitives::EntryRef::get));
        legs.opt_i64(leg.target.reservation());
        legs.opt_i32(leg.target.rule_version());
        legs.opt_text(leg.target.reason().map(crate::leg::Reason::code));
        Ok(())
    }

    /// Counts the leg in its group and answers the group's number.
    fn group(&mut self, block: i32, leg: Leg<'_>, account: &Account) -> Result<i16, Error> {
        let route = Route::of(leg.amount, account);
        let lags = self.facts.lags.get(&block).copied().ok_or(Error::Corrupt("a payment without its block"))?;
        let lag = match route {
            Route::Domestic => lags.domestic,
            Route::Foreign => lags.foreign,
        };
        let execution_date = execution_date(self.facts.slice.due, lag, self.today);
        let key = GroupKey { block, route, currency: leg.amount.currency(), execution_date };
        let next = i16::try_from(self.groups.len()).map_err(|_| Error::Corrupt("more groups than a slice has payments"))?;
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.groups.push(LegGroup { key, legs: 0, sum_minor: 0 });
        }
        let group = &mut self.groups[usize::from(number.unsigned_abs())];
        group.legs += 1;
        group.sum_minor = group.sum_minor.checked_add(leg.amount.minor()).ok_or(Error::Corrupt("a sum beyond 64 bits"))?;
        Ok(number)
    }
}

/// Stores the legs and ends the slice's allocation, all or nothing.
pub(super) async fn store(house: &House, decided: &Decided) -> Result<(), Error> {
    let allocated_at = house.clock.now();
    let slice = &decided.slice;
    house
        .database
        .transaction("mediation.allocate", async |mut tx| {
            store::slice::finish(&mut tx, slice, decided.as_known, allocated_at).await?;
            store::leg::insert(&mut tx, &decided.legs).await?;
            store::leg::insert_groups(&mut tx, slice.slice, slice.delivery, slice.due, &decided.groups).await?;
            if decided.unpayable {
                store::receive::insert_unpayable_task(&mut tx, slice.delivery, slice.slice, allocated_at).await?;
            }
            if !decided.replaced.is_empty() {
                let of = (slice.delivery, slice.slice);
                store::replaced_number::insert(&mut tx, of, &decided.replaced, allocated_at).await?;
            }
            if !decided.abandoned.is_empty() {
                store::leg::void_abandoned_deposits(&mut tx, slice.slice, &decided.abandoned).await?;
            }
            Ok(())
        })
        .await
}
