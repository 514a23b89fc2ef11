//! What an operator decides for this house.

use std::time::Duration;

use primitives::Account;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The settings of set-off.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The recovery authority's account, to which redirected payouts are paid. There is no default.
    pub recovery_account: Account,
    /// How long a reservation may wait for the bank's answer before it is listed as overdue. Default 30 days: no public source,
    /// chosen by us.
    pub reservation_lifetime: Duration,
    /// How long the answer of a call is kept for a repetition of it. Default 30 days: no public source, chosen by us.
    pub answers_kept: Duration,
}

impl Settings {
    /// The defaults, for this account of the recovery authority.
    pub fn new(recovery_account: Account) -> Self {
        Self { recovery_account, reservation_lifetime: 30 * DAY, answers_kept: 30 * DAY }
    }
}
