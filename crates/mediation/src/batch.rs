//! Batches of the bank files: which legs travel together. Pure.
//!
//! A file is all legs of one disposal for one bank and execution day. A batch, its payment information block, keeps the payer's own
//! block, so that what the payer wanted booked as one is booked as one; legs of different routes or currencies cannot share a batch.

use std::collections::BTreeMap;

use jiff::civil::Date;
use primitives::{BankCode, Currency, DeliveryId};

use crate::error::Error;
use crate::file_key::{bank_file_key, batch_key};
use crate::leg::Route;

/// A group of legs of one slice that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DueGroup {
    pub slice: i64,
    pub number: i16,
    pub block: i32,
    pub bank: BankCode,
    pub route: Route,
    pub currency: Currency,
    pub execution_date: Date,
    pub legs: i64,
    pub sum_minor: i64,
}

/// How much of a group was stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stopped {
    pub legs: i64,
    pub sum_minor: i64,
}

/// Where a group of legs stands: slice and number.
pub(crate) type GroupPlace = (i64, i16);

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilePlan {
    pub key: String,
    pub bank: BankCode,
    pub execution_date: Date,
    /// At least one.
    pub batches: Vec<BatchPlan>,
}

/// A payment information block to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BatchPlan {
    pub key: String,
    pub block: i32,
    pub route: Route,
    pub currency: Currency,
    /// At least one.
    pub legs: i64,
    pub sum_minor: i64,
    /// The groups it is made of, by slice: a batch may be longer than a slice.
    pub groups: Vec<GroupPlace>,
}

impl FilePlan {
    /// How many legs the file holds.
    pub fn legs(&self) -> i64 {
        self.batches.iter().map(|batch| batch.legs).sum()
    }
}

/// What decides the file of a group.
type FileOrder = (BankCode, Date);

/// What decides the batch of a group within its file, and the batches' order.
type BatchOrder = (i32, i16, Currency);

/// The files of a disposal. Keys count also what was stopped whole: they are functions of what was allocated, which never changes.
pub(crate) fn plan(
    delivery: DeliveryId, due: Date, groups: &[DueGroup], stopped: &BTreeMap<GroupPlace, Stopped>,
) -> Result<Vec<FilePlan>, Error> {
    let mut files: BTreeMap<FileOrder, BTreeMap<BatchOrder, Vec<&DueGroup>>> = BTreeMap::new();
    for group in groups {
        let batches = files.entry((group.bank, group.execution_date)).or_default();
        batches.entry((group.block, group.route.code(), group.currency)).or_default().push(group);
    }
    let mut plans = Vec::new();
    let mut batch_place = 0;
    for (file_place, ((bank, execution_date), grouped)) in files.into_iter().enumerate() {
        let mut batches = Vec::new();
        for members in grouped.into_values() {
            let key = batch_key(delivery, due, batch_place);
            batch_place += 1;
            batches.extend(batch(key, &members, stopped)?);
        }
        if !batches.is_empty() {
            plans.push(FilePlan { key: bank_file_key(delivery, due, file_place), bank, execution_date, batches });
        }
    }
    Ok(plans)
}

/// The batch of these groups without what was stopped; none when all of it was.
fn batch(key: String, members: &[&DueGroup], stopped: &BTreeMap<GroupPlace, Stopped>) -> Result<Option<BatchPlan>, Error> {
    let Some(first) = members.first() else { return Ok(None) };
    let mut plan = BatchPlan {
        key,
        block: first.block,
        route: first.route,
        currency: first.currency,
        legs: 0,
        sum_minor: 0,
        groups: Vec::with_capacity(members.len()),
    };
    for member in members {
        let place = (member.slice, member.number);
        let less = stopped.get(&place).copied().unwrap_or_default();
        let legs = member.legs - less.legs;
        if legs < 0 {
            return Err(Error::Corrupt("more legs are stopped than a group has"));
        }
        if legs > 0 {
            plan.legs += legs;
            let sum = plan.sum_minor.checked_add(member.sum_minor - less.sum_minor);
            plan.sum_minor = sum.ok_or(Error::Corrupt("a sum beyond 64 bits"))?;
            plan.groups.push(place);
        }
    }
    plan.groups.sort_unstable();
    Ok((plan.legs > 0).then_some(plan))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DUE: Date = date(2026, 12, 1);

    fn group(slice: i64, number: i16, block: i32, bank: &str) -> DueGroup {
        DueGroup {
            slice,
            number,
            block,
            bank: BankCode::parse(bank).unwrap(),
            route: Route::Domestic,
            currency: Currency::DKK,
            execution_date: DUE,
            legs: 10,
            sum_minor: 1_000,
        }
    }

    /// Of a batch: key, legs, sum and groups.
    type Expected<'e> = (&'e str, i64, i64, &'e [GroupPlace]);

    /// Per file: its bank and its batches.
    fn check(groups: &[DueGroup], stopped: &[(GroupPlace, Stopped)], expect: &[(&str, &[Expected<'_>])]) {
        let stopped = stopped.iter().copied().collect();
        let plans = plan(DeliveryId::new(7), DUE, groups, &stopped).unwrap();
        let found: Vec<_> = plans
            .iter()
            .map(|file| {
                let batches: Vec<_> =
                    file.batches.iter().map(|b| (b.key.as_str(), b.legs, b.sum_minor, b.groups.as_slice())).collect();
                (file.bank.as_str(), batches)
            })
            .collect();
        let expect: Vec<_> = expect.iter().map(|(bank, batches)| (*bank, batches.to_vec())).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn a_block_longer_than_a_slice_is_one_batch_and_blocks_stay_apart() {
        check(
            &[group(2, 0, 1, "A"), group(1, 0, 1, "A"), group(2, 1, 2, "A")],
            &[],
            &[("A", &[("NKP-7-261201-1", 20, 2_000, &[(1, 0), (2, 0)]), ("NKP-7-261201-2", 10, 1_000, &[(2, 1)])])],
        );
    }

    #[test]
    fn banks_days_routes_and_currencies_stay_apart() {
        let euro = DueGroup { currency: Currency::EUR, route: Route::Foreign, ..group(1, 1, 1, "A") };
        let earlier = DueGroup { execution_date: date(2026, 11, 30), route: Route::Foreign, ..group(1, 2, 1, "A") };
        check(
            &[group(1, 0, 1, "A"), euro, earlier, group(1, 3, 2, "B")],
            &[],
            &[
                ("A", &[("NKP-7-261201-1", 10, 1_000, &[(1, 2)])]),
                ("A", &[("NKP-7-261201-2", 10, 1_000, &[(1, 0)]), ("NKP-7-261201-3", 10, 1_000, &[(1, 1)])]),
                ("B", &[("NKP-7-261201-4", 10, 1_000, &[(1, 3)])]),
            ],
        );
    }

    #[test]
    fn what_is_stopped_is_left_out_and_keys_stay() {
        let all = Stopped { legs: 10, sum_minor: 1_000 };
        let part = Stopped { legs: 3, sum_minor: 250 };
        check(
            &[group(1, 0, 1, "A"), group(1, 1, 2, "A"), group(1, 2, 3, "B")],
            &[((1, 0), all), ((1, 1), part)],
            &[("A", &[("NKP-7-261201-2", 7, 750, &[(1, 1)])]), ("B", &[("NKP-7-261201-3", 10, 1_000, &[(1, 2)])])],
        );
        check(&[group(1, 0, 1, "A")], &[((1, 0), all)], &[]);
        check(&[], &[], &[]);
    }

    #[test]
    fn more_stopped_than_there_is_refused() {
        let stopped = [((1, 0), Stopped { legs: 11, sum_minor: 0 })].into();
        assert!(plan(DeliveryId::new(7), DUE, &[group(1, 0, 1, "A")], &stopped).is_err());
    }
}
