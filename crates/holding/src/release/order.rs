//! Orders the payments of deposits whose payees have got an account.

use std::collections::{BTreeMap, HashSet};

use contracts::{
    Context,
    holding::DepositState,
    register::{PayeeQuery, Resolution, ResolveRequest},
};
use jiff::civil::Date;
use platform::fault::Fault;
use primitives::{Currency, add_bank_days, next_bank_day};
use sqlx::PgConnection;

use super::Release;
use crate::{
    changes,
    store::{
        deposit,
        due::{self, Due},
        ledger::{self, Draw},
        release::{self, BatchTerms},
    },
};

/// A designation has effect at latest for payments at disposal on the 5th bank day after it was registered (BEK 788/2025): an account that
/// has been designated can be seen, and used, by asking about that day. What is designated for a later day is ordered when it is near: a
/// payment ordered too far ahead is refused.
const BANK_DAYS_TO_EFFECT: i32 = 5;

/// The deposits to pay on one day in one currency.
type ByDay = BTreeMap<(Date, Currency), Vec<i64>>;

impl Release {
    /// Makes orders of what is due; says how many deposits were looked at.
    pub(super) async fn order(&self) -> Result<u64, Fault> {
        let today = self.house.clock.today();
        let mut connection = self.house.database.pool().acquire().await?;
        let due = due::posted(&mut connection, today, asking_day(today), self.batch().into()).await?;
        drop(connection);
        if due.is_empty() {
            return Ok(0);
        }
        let context = self.context()?;
        let without_account = self.ask(&context, &due, asking_day(today)).await?;
        let by_day = group(&due, &without_account, today);
        let debtor_account = self.house.vault.seal_account(&self.settings.debtor_account);
        self.house
            .database
            .transaction("holding.order_release", async |mut tx| {
                due::worked(&mut tx, due.iter()).await?;
                for ((on, currency), deposits) in &by_day {
                    let terms = BatchTerms { payer: self.settings.agreement, debtor_account: &debtor_account, on: *on };
                    self.make_batch(&mut tx, &context, &terms, *currency, deposits).await?;
                }
                Ok::<(), Fault>(())
            })
            .await?;
        Ok(due.len() as u64)
    }

    /// Those of the deposits to ask about whose payees have no account on the day.
    async fn ask(&self, context: &Context, due: &[Due], on: Date) -> Result<HashSet<i64>, Fault> {
        let asked: Vec<&Due> = due.iter().filter(|due| due.ask).collect();
        if asked.is_empty() {
            return Ok(HashSet::new());
        }
        let payees = asked
            .iter()
            .map(|due| Ok(PayeeQuery { identifier: self.house.vault.open(&due.payee)?, fallback: None, benefit: due.benefit }))
            .collect::<Result<Vec<_>, Fault>>()?;
        let request = ResolveRequest { payer: self.settings.agreement, on, payees };
        let answer = self.register.resolve(context, request).await?;
        platform::database::expect_rows(answer.resolutions.len() as u64, asked.len(), "resolutions")?;
        Ok(asked
            .iter()
            .zip(answer.resolutions)
            .filter(|(_, resolution)| !matches!(resolution, Resolution::Found(_)))
            .map(|(due, _)| due.deposit)
            .collect())
    }

    /// Takes those of the deposits that are still posted, and makes one batch of them.
    async fn make_batch(
        &self, tx: &mut PgConnection, context: &Context, terms: &BatchTerms<'_>, currency: Currency, deposits: &[i64],
    ) -> Result<(), Fault> {
        let now = self.house.clock.now();
        let taken = deposit::move_state(tx, deposits, DepositState::Posted, DepositState::Releasing, now).await?;
        if taken.is_empty() {
            return Ok(());
        }
        let drawn = ledger::draw(tx, currency, &taken, Draw::Release, now).await?;
        let batch = release::make_batch(tx, terms, &drawn, now).await?;
        let log = [changes::release(batch, terms, currency, &taken, context)];
        Ok(self.house.log.append(tx, context, "release", now, &log).await?)
    }
}

fn asking_day(today: Date) -> Date {
    add_bank_days(today, BANK_DAYS_TO_EFFECT)
}

/// Groups what has an account by the day it is paid: where the register has told of the account, the first bank day it can be used; where it
/// was asked, the day it was asked about.
fn group(due: &[Due], without_account: &HashSet<i64>, today: Date) -> ByDay {
    let mut by_day = ByDay::new();
    for due in due.iter().filter(|due| !without_account.contains(&due.deposit)) {
        let on = if due.ask { asking_day(today) } else { next_bank_day(due.not_before.max(today)) };
        by_day.entry((on, due.amount.currency())).or_default().push(due.deposit);
    }
    by_day
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use primitives::Money;

    fn due(deposit: i64, not_before: Date, ask: bool) -> Due {
        Due { deposit, payee: Vec::new(), benefit: None, amount: Money::new(1, Currency::DKK), not_before, ask, version: 1 }
    }

    #[test]
    fn deposits_are_paid_on_the_first_bank_day_the_account_can_be_used() {
        let friday = date(2026, 1, 9);
        let check = |not_before, ask, expect| {
            let groups = group(&[due(1, not_before, ask)], &HashSet::new(), friday);
            assert_eq!(groups.into_keys().collect::<Vec<_>>(), [(expect, Currency::DKK)]);
        };
        check(date(2026, 1, 1), false, friday);
        check(date(2026, 1, 10), false, date(2026, 1, 12));
        check(date(2026, 1, 14), false, date(2026, 1, 14));
        check(date(2026, 1, 1), true, date(2026, 1, 16));
    }

    #[test]
    fn what_has_no_account_is_left() {
        let today = date(2026, 1, 9);
        let groups = group(&[due(1, today, true), due(2, today, true)], &HashSet::from([1]), today);
        assert_eq!(groups.into_values().collect::<Vec<_>>(), [vec![2]]);
    }
}
