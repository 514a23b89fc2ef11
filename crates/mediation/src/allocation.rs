//! The decision where the money of one payment goes. Pure and total: every combination of facts has an answer, and its legs sum to the
//! payment's amount.

use contracts::parties::WithoutAccount;
use contracts::register::Resolution;
use primitives::{Account, DepositRef, HolderRef, Money, ReservationRef};

use crate::leg::{Leg, Reason, Target};

/// All that is known of one payment when it is decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'f> {
    /// How much: positive.
    pub amount: Money,
    /// The account of a complete order.
    pub given: Option<&'f Account>,
    /// The register's word; absent where it was not asked, as for a complete order.
    pub resolution: Option<&'f Resolution>,
    /// The part that is redirected to the recovery authority.
    pub redirect: Option<Redirected<'f>>,
    /// The deposit reserved at the holding account; absent where none was asked for or it was refused.
    pub deposit: Option<Reserved<'f>>,
}

/// A reserved redirect to the recovery authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Redirected<'f> {
    /// How much of the payment. What exceeds the payment is not paid twice: the redirect is at most the whole payment.
    pub amount: Money,
    /// The authority's account.
    pub account: &'f Account,
    /// The reservation.
    pub reservation: ReservationRef,
    /// The rules that decided.
    pub rule_version: i32,
}

/// A reserved deposit at the holding account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reserved<'f> {
    /// The state-owned account.
    pub account: &'f Account,
    /// The deposit.
    pub deposit: DepositRef,
}

/// The legs of one payment, in order: the redirected part, then the rest. At least one of them exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Legs<'f> {
    redirected: Option<Leg<'f>>,
    rest: Option<Leg<'f>>,
}

impl<'f> Legs<'f> {
    /// The legs with their numbers, from 1.
    pub fn numbered(&self) -> impl Iterator<Item = (i16, Leg<'f>)> {
        (1..).zip(self.redirected.into_iter().chain(self.rest))
    }
}

/// Decides.
///
/// The recovery authority's part comes first, since its request outranks every account (lov 696/2025 § 16). The rest goes to the account
/// of a complete order, else to the payee's account by the register, else where the payer's agreement says.
pub(crate) fn allocate<'f>(facts: &Facts<'f>, choice: &'f WithoutAccount) -> Legs<'f> {
    let redirected = facts.redirect.and_then(|redirect| redirected_leg(facts.amount, redirect));
    let taken = redirected.map_or(Money::zero(facts.amount.currency()), |leg| leg.amount);
    let rest = facts.amount.checked_sub(taken).expect("the redirected leg is of the payment's currency and at most its amount");
    let rest = (!rest.is_zero()).then(|| Leg { amount: rest, target: rest_target(facts, choice) });
    Legs { redirected, rest }
}

/// The amount and payee of the deposit to be asked for, with the number its leg will have; `None` where none is wanted.
pub(crate) fn wanted_deposit(facts: &Facts<'_>, choice: &WithoutAccount) -> Option<(i16, Money, HolderRef)> {
    if *choice != WithoutAccount::Holding {
        return None;
    }
    let (holder, _) = unpayable(facts).ok()?;
    let (number, leg) = allocate(facts, choice).numbered().last()?;
    matches!(leg.target, Target::Payer { .. }).then_some((number, leg.amount, holder?))
}

/// The redirected part; none where it is nothing or of another currency, which set-off never answers.
fn redirected_leg<'f>(payment: Money, redirect: Redirected<'f>) -> Option<Leg<'f>> {
    if redirect.amount.currency() != payment.currency() {
        return None;
    }
    let amount = Money::new(redirect.amount.minor().min(payment.minor()), payment.currency());
    let Redirected { account, reservation, rule_version, .. } = redirect;
    amount.is_positive().then_some(Leg { amount, target: Target::Recovery { account, reservation, rule_version } })
}

/// Where the part that is not redirected goes.
fn rest_target<'f>(facts: &Facts<'f>, choice: &'f WithoutAccount) -> Target<'f> {
    match unpayable(facts) {
        Err(target) => target,
        Ok((holder, reason)) => without_account(facts, choice, holder, reason),
    }
}

/// Why the payee cannot be paid, with the payee if known; or, as the error, the account that can be.
fn unpayable<'f>(facts: &Facts<'f>) -> Result<(Option<HolderRef>, Reason), Target<'f>> {
    if let Some(account) = facts.given {
        return Err(Target::Given { account });
    }
    match facts.resolution {
        Some(Resolution::Found(found)) => {
            Err(Target::Payee { account: &found.account, holder: found.holder, entry: found.entry })
        }
        Some(Resolution::NoAccount { holder }) => Ok((Some(*holder), Reason::NoAccount)),
        Some(Resolution::Closed { holder }) => Ok((Some(*holder), Reason::Closed)),
        Some(Resolution::Unknown) | None => Ok((None, Reason::UnknownPayee)),
    }
}

/// Where money goes whose payee cannot be paid, by the payer's agreement. Without a known payee there is nobody to hold it for, and where
/// the holding account takes no deposit the payer gets it back.
fn without_account<'f>(facts: &Facts<'f>, choice: &'f WithoutAccount, holder: Option<HolderRef>, reason: Reason) -> Target<'f> {
    match (choice, holder, facts.deposit) {
        (WithoutAccount::ErrorAccount { account }, _, _) => Target::ErrorAccount { account, reason },
        (WithoutAccount::Holding, Some(holder), Some(Reserved { account, deposit })) => {
            Target::Holding { account, holder, deposit, reason }
        }
        (WithoutAccount::Holding | WithoutAccount::Return, _, _) => Target::Payer { reason },
    }
}

#[cfg(test)]
mod tests {
    use contracts::mediation::Destination;
    use contracts::register::ResolvedAccount;
    use primitives::{Currency, DanishAccount, EntryRef};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn account(number: u32) -> Account {
        Account::from(DanishAccount::new("0040", &format!("{number:010}")).unwrap())
    }

    fn holder() -> HolderRef {
        HolderRef::new(Uuid::from_u128(7))
    }

    fn found() -> Resolution {
        Resolution::Found(ResolvedAccount {
            holder: holder(),
            entry: EntryRef::new(5),
            account: account(1),
            specific: false,
            by_fallback: false,
        })
    }

    fn kroner(minor: i64) -> Money {
        Money::new(minor, Currency::DKK)
    }

    /// One payment of 100 øre: what is known of it, and where its legs are to go.
    #[derive(Default)]
    struct Case {
        given: bool,
        resolution: Option<Resolution>,
        redirect: Option<i64>,
        deposit: bool,
        choice: Option<WithoutAccount>,
    }

    fn check(case: Case, expect: &[(Destination, i64, Option<&str>)]) {
        let (given, recovery, holding) = (account(2), account(3), account(4));
        let choice = case.choice.unwrap_or(WithoutAccount::Return);
        let facts = Facts {
            amount: kroner(100),
            given: case.given.then_some(&given),
            resolution: case.resolution.as_ref(),
            redirect: case.redirect.map(|minor| Redirected {
                amount: kroner(minor),
                account: &recovery,
                reservation: ReservationRef::new(8),
                rule_version: 1,
            }),
            deposit: case.deposit.then_some(Reserved { account: &holding, deposit: DepositRef::new(9) }),
        };
        let legs: Vec<_> = allocate(&facts, &choice)
            .numbered()
            .map(|(_, leg)| (leg.target.destination(), leg.amount.minor(), leg.target.reason().map(Reason::code)))
            .collect();
        assert_eq!(legs, expect);
    }

    #[test]
    fn one_leg() {
        use Destination::{ErrorAccount, Holding, Payee, Payer, Recovery};
        let none = || Some(Resolution::NoAccount { holder: holder() });
        let closed = || Some(Resolution::Closed { holder: holder() });
        let error = || Some(WithoutAccount::ErrorAccount { account: account(6) });
        let hold = || Some(WithoutAccount::Holding);
        let case = Case::default;
        check(Case { given: true, ..case() }, &[(Payee, 100, None)]);
        check(Case { resolution: Some(found()), ..case() }, &[(Payee, 100, None)]);
        check(Case { resolution: Some(found()), redirect: Some(100), ..case() }, &[(Recovery, 100, None)]);
        check(Case { given: true, redirect: Some(100), ..case() }, &[(Recovery, 100, None)]);
        check(Case { resolution: none(), redirect: Some(100), ..case() }, &[(Recovery, 100, None)]);
        check(Case { resolution: none(), ..case() }, &[(Payer, 100, Some("AC03"))]);
        check(Case { resolution: closed(), ..case() }, &[(Payer, 100, Some("AC04"))]);
        check(Case { resolution: Some(Resolution::Unknown), ..case() }, &[(Payer, 100, Some("BE17"))]);
        check(case(), &[(Payer, 100, Some("BE17"))]);
        check(Case { resolution: none(), choice: error(), ..case() }, &[(ErrorAccount, 100, Some("AC03"))]);
        check(Case { resolution: Some(Resolution::Unknown), choice: error(), ..case() }, &[(ErrorAccount, 100, Some("BE17"))]);
        check(Case { resolution: none(), choice: hold(), deposit: true, ..case() }, &[(Holding, 100, Some("AC03"))]);
        check(Case { resolution: closed(), choice: hold(), deposit: true, ..case() }, &[(Holding, 100, Some("AC04"))]);
        // Refused by the holding account, or nobody to hold it for.
        check(Case { resolution: none(), choice: hold(), ..case() }, &[(Payer, 100, Some("AC03"))]);
        check(
            Case { resolution: Some(Resolution::Unknown), choice: hold(), deposit: true, ..case() },
            &[(Payer, 100, Some("BE17"))],
        );
    }

    #[test]
    fn two_legs() {
        use Destination::{Holding, Payee, Payer, Recovery};
        let none = || Some(Resolution::NoAccount { holder: holder() });
        check(
            Case { resolution: Some(found()), redirect: Some(30), ..Case::default() },
            &[(Recovery, 30, None), (Payee, 70, None)],
        );
        check(
            Case { resolution: none(), redirect: Some(30), ..Case::default() },
            &[(Recovery, 30, None), (Payer, 70, Some("AC03"))],
        );
        check(
            Case {
                resolution: none(),
                redirect: Some(30),
                choice: Some(WithoutAccount::Holding),
                deposit: true,
                ..Case::default()
            },
            &[(Recovery, 30, None), (Holding, 70, Some("AC03"))],
        );
        check(Case { given: true, redirect: Some(170), ..Case::default() }, &[(Recovery, 100, None)]);
    }

    #[test]
    fn a_deposit_is_wanted_only_for_a_known_payee_of_a_payer_who_chose_it() {
        let none = Resolution::NoAccount { holder: holder() };
        let base = Facts { amount: kroner(100), given: None, resolution: Some(&none), redirect: None, deposit: None };
        assert_eq!(wanted_deposit(&base, &WithoutAccount::Holding), Some((1, kroner(100), holder())));
        assert_eq!(wanted_deposit(&base, &WithoutAccount::Return), None);
        assert_eq!(wanted_deposit(&Facts { resolution: Some(&Resolution::Unknown), ..base }, &WithoutAccount::Holding), None);
        assert_eq!(wanted_deposit(&Facts { resolution: Some(&found()), ..base }, &WithoutAccount::Holding), None);
        let recovery = account(3);
        let part = |minor| Redirected {
            amount: kroner(minor),
            account: &recovery,
            reservation: ReservationRef::new(8),
            rule_version: 1,
        };
        let partly = Facts { redirect: Some(part(30)), ..base };
        assert_eq!(wanted_deposit(&partly, &WithoutAccount::Holding), Some((2, kroner(70), holder())));
        let wholly = Facts { redirect: Some(part(100)), ..base };
        assert_eq!(wanted_deposit(&wholly, &WithoutAccount::Holding), None);
    }

    fn any_resolution() -> impl Strategy<Value = Option<Resolution>> {
        prop_oneof![
            Just(None),
            Just(Some(Resolution::Unknown)),
            Just(Some(Resolution::NoAccount { holder: holder() })),
            Just(Some(Resolution::Closed { holder: holder() })),
            Just(Some(found())),
        ]
    }

    fn any_choice() -> impl Strategy<Value = WithoutAccount> {
        prop_oneof![
            Just(WithoutAccount::Return),
            Just(WithoutAccount::Holding),
            Just(WithoutAccount::ErrorAccount { account: account(6) }),
        ]
    }

    proptest! {
        #[test]
        fn every_payment_has_positive_legs_that_sum_to_its_amount(
            minor in 1..=i64::MAX,
            redirect in proptest::option::of(any::<i64>()),
            euro: bool,
            given: bool,
            deposit: bool,
            resolution in any_resolution(),
            choice in any_choice(),
        ) {
            let (to, recovery, holding) = (account(2), account(3), account(4));
            let currency = if euro { Currency::EUR } else { Currency::DKK };
            let facts = Facts {
                amount: kroner(minor),
                given: given.then_some(&to),
                resolution: resolution.as_ref(),
                redirect: redirect.map(|minor| Redirected {
                    amount: Money::new(minor, currency), account: &recovery, reservation: ReservationRef::new(1), rule_version: 1,
                }),
                deposit: deposit.then_some(Reserved { account: &holding, deposit: DepositRef::new(1) }),
            };
            let legs: Vec<_> = allocate(&facts, &choice).numbered().collect();
            prop_assert!(legs.iter().all(|(_, leg)| leg.amount.is_positive()));
            prop_assert_eq!(Money::checked_sum(Currency::DKK, legs.iter().map(|(_, leg)| leg.amount)), Ok(facts.amount));
            let numbers: Vec<i16> = legs.iter().map(|(number, _)| *number).collect();
            prop_assert!(numbers == [1] || numbers == [1, 2]);
            // What moves money has an account; what does not has none and says why.
            for (_, leg) in legs {
                let moves = leg.target.destination() != Destination::Payer;
                prop_assert_eq!(leg.target.account().is_some(), moves);
                prop_assert!(moves || leg.target.reason().is_some());
            }
        }
    }
}
