//! Statuses of payments and deliveries.

use std::fmt;

/// A status of `pain.002`, of the ISO 20022 external code lists
/// *ExternalPaymentTransactionStatus1Code* and *ExternalPaymentGroupStatus1Code*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Received.
    Rcvd,
    /// Accepted: technical validation.
    Actc,
    /// Accepted: customer profile.
    Accp,
    /// Accepted: settlement in process.
    Acsp,
    /// Accepted: settlement completed on the debtor's account.
    Acsc,
    /// Accepted: settlement completed on the creditor's account.
    Accc,
    /// Accepted with a change.
    Acwc,
    /// Accepted in part.
    Part,
    /// Pending.
    Pdng,
    /// Rejected.
    Rjct,
    /// Cancelled.
    Canc,
}

/// What a status is said of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusScope {
    /// The whole message or a payment information block.
    Group,
    /// One payment.
    Transaction,
}

impl Status {
    const CODES: [(Status, &'static str); 11] = [
        (Status::Rcvd, "RCVD"),
        (Status::Actc, "ACTC"),
        (Status::Accp, "ACCP"),
        (Status::Acsp, "ACSP"),
        (Status::Acsc, "ACSC"),
        (Status::Accc, "ACCC"),
        (Status::Acwc, "ACWC"),
        (Status::Part, "PART"),
        (Status::Pdng, "PDNG"),
        (Status::Rjct, "RJCT"),
        (Status::Canc, "CANC"),
    ];

    /// All known statuses.
    pub const ALL: [Status; 11] = {
        let mut all = [Status::Rcvd; 11];
        let mut index = 0;
        while index < all.len() {
            all[index] = Self::CODES[index].0;
            index += 1;
        }
        all
    };

    /// The four characters of the code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::CODES.iter().find(|(status, _)| *status == self).map_or("", |(_, code)| code)
    }

    /// The status of that code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Status> {
        Self::CODES.iter().find(|(_, known)| *known == code).map(|(status, _)| *status)
    }

    /// Whether the external code list of the scope has this status.
    #[must_use]
    pub fn is_listed(self, scope: StatusScope) -> bool {
        match self {
            Status::Part => scope == StatusScope::Group,
            Status::Canc => scope == StatusScope::Transaction,
            _ => true,
        }
    }

    /// Whether `pain.002.001.03`, whose codes are a closed list, has this status. The later
    /// versions take every code of the external list.
    #[must_use]
    pub fn is_in_v03(self, scope: StatusScope) -> bool {
        match self {
            Status::Rcvd | Status::Part => scope == StatusScope::Group,
            Status::Accc | Status::Canc => false,
            _ => true,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
