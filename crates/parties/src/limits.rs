//! A limit on everything a call may carry.

/// The most changes one call may record.
pub(crate) const MAX_CHANGES: usize = 10_000;
/// The most parties one call may ask for.
pub(crate) const MAX_ASKED: usize = 10_000;
/// The most parts of one kind (units, debtor accounts, benefits, data suppliers, registration numbers) a profile may have.
pub(crate) const MAX_PARTS: usize = 1_000;
/// The most characters of a name.
pub(crate) const MAX_NAME: usize = 140;
/// The most characters of a user id.
pub(crate) const MAX_USER_ID: usize = 64;
/// The most characters of a reason.
pub(crate) const MAX_WHY: usize = 500;
/// The most changes of one proposal.
pub(crate) const MAX_PROPOSED: usize = 100;
/// The most proposals one answer lists.
pub(crate) const MAX_LISTED: i64 = 1_000;
/// The most characters of a party's id.
pub(crate) const MAX_PARTY_ID: usize = 35;
