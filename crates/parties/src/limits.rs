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
