//! The form for accounts abroad: signed before a notary, a lawyer or two witnesses, all on one day.

use contracts::register::{Attestor, FormSignatures};
use contracts::{Problem, ProblemCode};
use primitives::Account;

/// Refuses a form whose signatures do not fit together, or that names an account in Denmark.
pub(crate) fn check_form(signatures: &FormSignatures, account: &Account) -> Result<(), Problem> {
    if matches!(account, Account::Danish(_)) {
        return Err(refused("Blanketten er til konti i udlandet.", "The form is for accounts abroad.", "account"));
    }
    let wanted = match signatures.attestor {
        Attestor::Notary | Attestor::Lawyer => 1,
        Attestor::TwoWitnesses => 2,
    };
    if signatures.attested_on.len() != wanted {
        return Err(refused(
            "En notar eller advokat skriver under, eller to vidner.",
            "One notary or lawyer signs, or two witnesses.",
            "attested_on",
        ));
    }
    if signatures.attested_on.iter().any(|day| *day != signatures.signed_on) {
        return Err(refused(
            "Underskriverens og vidnernes datoer skal være den samme.",
            "The dates of signer and witnesses must be the same.",
            "attested_on",
        ));
    }
    Ok(())
}

fn refused(da: &str, en: &str, field: &str) -> Problem {
    Problem::new(ProblemCode::InvalidInput, da, en).in_field(field)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use primitives::{DanishAccount, Iban};

    use super::*;

    const DAY: Date = date(2026, 3, 2);

    fn abroad() -> Account {
        Account::from_iban(Iban::parse("DE89370400440532013000").unwrap(), None)
    }

    fn check(attestor: Attestor, attested_on: &[Date], expect: bool) {
        let signatures = FormSignatures { signed_on: DAY, attestor, attested_on: attested_on.to_vec() };
        assert_eq!(check_form(&signatures, &abroad()).is_ok(), expect, "{signatures:?}");
    }

    #[test]
    fn all_sign_on_one_day() {
        let other = date(2026, 3, 3);
        check(Attestor::Notary, &[DAY], true);
        check(Attestor::Lawyer, &[DAY], true);
        check(Attestor::TwoWitnesses, &[DAY, DAY], true);
        check(Attestor::Notary, &[other], false);
        check(Attestor::TwoWitnesses, &[DAY, other], false);
        check(Attestor::TwoWitnesses, &[DAY], false);
        check(Attestor::Notary, &[DAY, DAY], false);
        check(Attestor::Lawyer, &[], false);
    }

    #[test]
    fn the_form_is_for_accounts_abroad() {
        let signatures = FormSignatures { signed_on: DAY, attestor: Attestor::Notary, attested_on: vec![DAY] };
        let danish = Account::Danish(DanishAccount::new("0040", "0440116243").unwrap());
        assert_eq!(check_form(&signatures, &danish).unwrap_err().field.as_deref(), Some("account"));
    }
}
