//! Whatever happens, in whatever order: debits equal credits, nobody is owed less than nothing, and what is owed is what waits.

use std::collections::BTreeMap;

use contracts::{
    holding::{DepositState, Holding},
    mediation::PaymentState,
};
use jiff::{SignedDuration, civil::date};
use platform::driver::Room;
use proptest::prelude::*;
use sqlx::Row;

use crate::support::{DAY, Street, holder, key, leg, mediation, person, request, street};

const PAYEES: u32 = 6;

/// Something that happens to the holding account.
#[derive(Clone, Debug)]
enum Event {
    Reserve(u32),
    Post(u32),
    Void(u32),
    Reverse(u32),
    Designate(u32),
    WorkReleases,
    Bank(PaymentState),
    BankReturns,
    Expire,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..PAYEES).prop_map(Event::Reserve),
        4 => (0..PAYEES).prop_map(Event::Post),
        1 => (0..PAYEES).prop_map(Event::Void),
        1 => (0..PAYEES).prop_map(Event::Reverse),
        3 => (0..PAYEES).prop_map(Event::Designate),
        4 => Just(Event::WorkReleases),
        2 => prop_oneof![3 => Just(PaymentState::Accepted), 1 => Just(PaymentState::Rejected)].prop_map(Event::Bank),
        1 => Just(Event::BankReturns),
        1 => Just(Event::Expire),
    ]
}

async fn happen(street: &Street, number: usize, event: &Event) {
    let key = key(&format!("event-{number}"));
    match event {
        Event::Reserve(n) => drop(street.house.reserve(&mediation(), &key, vec![request(*n)]).await.unwrap()),
        Event::Post(n) => drop(street.house.post(&mediation(), &key, vec![leg(*n)]).await.unwrap()),
        Event::Void(n) => drop(street.house.void(&mediation(), &key, vec![leg(*n)]).await.unwrap()),
        Event::Reverse(n) => drop(street.house.reverse(&mediation(), &key, vec![leg(*n)]).await.unwrap()),
        Event::BankReturns => {
            street.mediation.bank_returns();
            street.clock.advance(SignedDuration::from_hours(24));
        }
        Event::Designate(n) => street.register.designate(holder(*n), person(*n), DAY),
        Event::WorkReleases => drop(street.release.step().await.unwrap()),
        Event::Bank(state) => street.mediation.bank_says(*state),
        Event::Expire => drop(street.house.expire(date(2029, 3, 2), 1).await.unwrap()),
    }
}

/// The sum of the deposits in each state, in øre.
async fn by_state(street: &Street) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for n in 0..PAYEES {
        for deposit in street.house.deposits(&mediation(), person(n)).await.unwrap() {
            *sums.entry(format!("{:?}", deposit.state)).or_default() += deposit.amount.minor();
        }
    }
    sums
}

async fn check_books(street: &Street) {
    let balances = street.house.trial_balance(&mediation()).await.unwrap();
    let of = |name: &str| balances.iter().find(|line| line.ledger_account == name);
    let net = |name: &str| of(name).map_or(0, |line| line.debits.minor() - line.credits.minor());
    let pending = |name: &str| of(name).map_or(0, |line| line.pending.minor());
    let states = by_state(street).await;
    let sum = |wanted: &[DepositState]| wanted.iter().filter_map(|state| states.get(&format!("{state:?}"))).sum::<i64>();
    use DepositState::{Expired, Posted, Releasing, Reserved};
    assert_eq!(net("bank") + net("payees") + net("treasury"), 0, "debits equal credits");
    assert_eq!(-net("payees"), sum(&[Posted, Releasing]), "what is owed to payees is what waits");
    assert_eq!(-net("treasury"), sum(&[Expired]), "what is owed to the Treasury is what has expired");
    assert_eq!(net("bank"), sum(&[Posted, Releasing, Expired]), "what is in the bank is what is owed");
    assert_eq!(pending("payees"), sum(&[Reserved, Releasing]), "what is pending is on its way in or out");
    assert_eq!(overdrawn(street).await, 0, "nobody is owed less than nothing, pending releases included");
}

async fn overdrawn(street: &Street) -> i64 {
    let mut admin = street.database.admin().await;
    sqlx::query(
        "select count(*) from (
             select a.account_id from holding.ledger_account a
             join holding.transfer t on a.account_id in (t.debit_account, t.credit_account)
             left join holding.transfer_end e using (transfer_id)
             where a.kind = 'payee'
             group by a.account_id
             having sum(case when t.credit_account = a.account_id and e.outcome = 'posted' then t.minor
                             when t.debit_account = a.account_id and e.outcome is distinct from 'voided' then -t.minor else 0 end) < 0) o",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap()
    .get(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_books_balance_after_every_event(events in prop::collection::vec(event(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let street = street().await;
            for (number, event) in events.iter().enumerate() {
                happen(&street, number, event).await;
                check_books(&street).await;
            }
        });
    }
}
