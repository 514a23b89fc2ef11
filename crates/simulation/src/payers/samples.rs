//! The cases a newcomer wants to see, each with a payee it happens to.

use primitives::Account;

use super::order::{FAULTS, Kind};
use crate::denmark::{Payee, Standing, World};

/// A row that shows something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
}

/// How many holders are looked through for a case; a rarer case is left out.
const SEARCHED: usize = 20_000;

/// One row of every kind an authority can meet: the old test specification's case list and every fault.
pub(crate) fn cases(world: &World) -> Vec<Case> {
    // Without benefit and fallback the answer is the same for every payer.
    let standing = |payee| world.standing(0, None, Some(payee), None);
    let first = |wanted: &dyn Fn(Payee) -> bool| world.payees().take(SEARCHED).find(|payee| wanted(*payee)).map(Kind::To);
    let paid_to = |payee, wanted: fn(&Account) -> bool| matches!(standing(payee), Standing::Account(account) if wanted(&account));
    let unmarked = |payee| world.marker(payee).is_none();
    let found = [
        first(&|payee| unmarked(payee) && paid_to(payee, |account| matches!(account, Account::Danish(_)))),
        first(&|payee| unmarked(payee) && paid_to(payee, |account| matches!(account, Account::Iban { .. }))),
        first(&|payee| unmarked(payee) && paid_to(payee, |account| matches!(account, Account::Foreign(_)))),
        first(&|payee| unmarked(payee) && standing(payee) == Standing::WithoutAccount),
        first(&|payee| unmarked(payee) && standing(payee) == Standing::Closed),
        first(&|payee| world.marker(payee).is_some()),
        first(&|payee| world.specific_account(payee).is_some()),
        Some(Kind::Complete),
        Some(Kind::Unknown),
    ];
    // The reference that is repeated is that of a sound row: faults stand between sound ones.
    let faults = FAULTS.into_iter().flat_map(|fault| [Kind::Ordinary, Kind::Faulty(fault)]);
    found.into_iter().flatten().chain(faults).map(|kind| Case { kind }).collect()
}
