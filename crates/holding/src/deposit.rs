//! A deposit's states, and the day it falls to the Treasury.

use contracts::holding::DepositState;
use jiff::{ToSpan, civil::Date};
use platform::fault::Fault;

/// The state's name in the database.
pub(crate) fn state_text(state: DepositState) -> &'static str {
    match state {
        DepositState::Reserved => "reserved",
        DepositState::Posted => "posted",
        DepositState::Voided => "voided",
        DepositState::Releasing => "releasing",
        DepositState::Released => "released",
        DepositState::Expired => "expired",
        DepositState::Reversed => "reversed",
    }
}

/// The state with this name.
pub(crate) fn parse_state(text: &str) -> Result<DepositState, Fault> {
    match text {
        "reserved" => Ok(DepositState::Reserved),
        "posted" => Ok(DepositState::Posted),
        "voided" => Ok(DepositState::Voided),
        "releasing" => Ok(DepositState::Releasing),
        "released" => Ok(DepositState::Released),
        "expired" => Ok(DepositState::Expired),
        "reversed" => Ok(DepositState::Reversed),
        _ => Err(Fault::Stored("deposit state")),
    }
}

/// What the bank said of the payment that was to bring a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settlement {
    /// It is executed.
    Posted,
    /// It was stopped or rejected.
    Voided,
}

impl Settlement {
    /// The state a reserved deposit gets.
    pub(crate) fn state(self) -> DepositState {
        match self {
            Self::Posted => DepositState::Posted,
            Self::Voided => DepositState::Voided,
        }
    }

    /// Whether a deposit in the state has been settled so, now or earlier: once the money has come it may have moved on.
    pub(crate) fn is_reached(self, state: DepositState) -> bool {
        match self {
            Self::Posted => !matches!(state, DepositState::Reserved | DepositState::Voided),
            Self::Voided => state == DepositState::Voided,
        }
    }
}

/// The last day of disposal whose deposits have expired on this day: those that have waited all the years. The years are counted from the day
/// the money was to be at disposal; 29 February counts as 28 February in other years. `None` before the calendar begins.
pub(crate) fn expired_until(today: Date, years: i16) -> Option<Date> {
    // Counting back may land a day short: three years before 28 February 2027 is the 28th, and the 29th has expired too.
    let candidate = today.checked_sub(years.years()).ok()?;
    let next = candidate.tomorrow().ok()?;
    Some(if expires_on(next, years)? <= today { next } else { candidate })
}

/// The first day on which a deposit of this day goes to the Treasury.
pub(crate) fn expires_on(on: Date, years: i16) -> Option<Date> {
    on.checked_add(years.years()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn states_survive_their_names() {
        use DepositState::{Expired, Posted, Released, Releasing, Reserved, Reversed, Voided};
        for state in [Reserved, Posted, Voided, Releasing, Released, Expired, Reversed] {
            assert_eq!(parse_state(state_text(state)).unwrap(), state);
        }
        assert!(parse_state("lost").is_err());
    }

    #[test]
    fn settled_deposits_stay_settled() {
        use DepositState::{Expired, Posted, Released, Releasing, Reserved, Reversed, Voided};
        let reached = |settlement: Settlement| {
            [Reserved, Posted, Voided, Releasing, Released, Expired, Reversed]
                .into_iter()
                .filter(move |state| settlement.is_reached(*state))
        };
        assert!(reached(Settlement::Posted).eq([Posted, Releasing, Released, Expired, Reversed]));
        assert!(reached(Settlement::Voided).eq([Voided]));
    }

    #[test]
    fn deposits_expire_after_whole_years() {
        let check = |on, expect| assert_eq!(expires_on(on, 3), Some(expect));
        check(date(2022, 10, 1), date(2025, 10, 1));
        check(date(2024, 2, 29), date(2027, 2, 28));
        check(date(2021, 2, 28), date(2024, 2, 28));
    }

    proptest! {
        /// `expired_until` is the inverse of `expires_on`: a day has expired when, and only when, its expiry has come.
        #[test]
        fn the_limit_divides_expired_from_waiting(days in 0i32..80_000, years in 1i16..20) {
            let today = date(1950, 1, 1).checked_add(i64::from(days).days()).unwrap();
            let limit = expired_until(today, years).unwrap();
            prop_assert!(expires_on(limit, years).unwrap() <= today);
            prop_assert!(expires_on(limit.tomorrow().unwrap(), years).unwrap() > today);
        }
    }
}
