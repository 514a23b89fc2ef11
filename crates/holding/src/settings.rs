//! What an operator decides for this house.

use std::time::Duration;

use primitives::{Account, AgreementNumber, Currency};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The settings of the holding account.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The state-owned account the money is kept on. There is no default.
    pub account: Account,
    /// Its currency: deposits in another are refused. Default DKK.
    pub currency: Currency,
    /// Wind-down mode: no new deposits are taken; those there are, are released and expire as before. Default off.
    pub wind_down: bool,
    /// After how many years what no payee has claimed goes to the Treasury. Default 3, as announced for the winding down of the account.
    pub expiry_years: i16,
    /// How long the answer of a call is kept for a repetition of it. Default 30 days: no public source, chosen by us.
    pub answers_kept: Duration,
}

impl Settings {
    /// The defaults, for this account.
    pub fn new(account: Account) -> Self {
        Self { account, currency: Currency::DKK, wind_down: false, expiry_years: 3, answers_kept: 30 * DAY }
    }
}

/// The settings of release.
#[derive(Clone, Debug)]
pub struct ReleaseSettings {
    /// The agreement number under which the holding account itself pays. There is no default.
    pub agreement: AgreementNumber,
    /// The account the payments are made from. There is no default; it is the account of [`Settings`] unless the bank wants another.
    pub debtor_account: Account,
    /// How many deposits are worked at a time, 1 to 10,000. Default 1,000.
    pub batch: u16,
    /// For how long a payment is left alone between two questions about it, at first; the older the payment, the longer, up to an hour.
    /// Default 10 seconds: no public source, chosen by us.
    pub ask_again_after: Duration,
    /// For how long a released payment is asked about daily, because the payee's bank may give it back. Default 30 days: no public source,
    /// chosen by us.
    pub watch_returns: Duration,
}

impl ReleaseSettings {
    /// The defaults, for this agreement and account.
    pub fn new(agreement: AgreementNumber, debtor_account: Account) -> Self {
        Self { agreement, debtor_account, batch: 1_000, ask_again_after: Duration::from_secs(10), watch_returns: 30 * DAY }
    }
}
