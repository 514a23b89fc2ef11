//! The part of a form where an account is entered: Danish registration and account number, or an IBAN.

use maud::{Markup, html};
use primitives::{Account, Bic, DanishAccount, Iban};

use crate::{
    form::{Entered, FieldError, Fields},
    layout::View,
    parts::{FieldKind, TextField, Width, text_field},
};

const REGISTRATION: &str = "registration";
const NUMBER: &str = "number";
const IBAN: &str = "iban";
const BIC: &str = "bic";

/// The fields, with what was entered.
pub(crate) fn fields(view: View<'_>, entered: &Entered) -> Markup {
    html! {
        fieldset {
            legend.form-label { (view.say("Dansk konto", "Danish account")) }
            div.side-by-side {
                (text_field(view, entered, &TextField {
                    name: REGISTRATION,
                    label: view.say("Registreringsnummer", "Registration number"),
                    hint: Some(view.say("4 cifre", "4 digits")),
                    width: Width::Four,
                    kind: FieldKind::Digits,
                }))
                (text_field(view, entered, &TextField {
                    name: NUMBER,
                    label: view.say("Kontonummer", "Account number"),
                    hint: Some(view.say("Op til 10 cifre", "Up to 10 digits")),
                    width: Width::Eleven,
                    kind: FieldKind::Digits,
                }))
            }
        }
        fieldset {
            legend.form-label { (view.say("Eller en konto med IBAN", "Or an account with an IBAN")) }
            (text_field(view, entered, &TextField {
                name: IBAN,
                label: "IBAN",
                hint: Some(view.say("Fx DE89 3704 0044 0532 0130 00", "E.g. DE89 3704 0044 0532 0130 00")),
                width: Width::TwentySeven,
                kind: FieldKind::Text,
            }))
            (text_field(view, entered, &TextField {
                name: BIC,
                label: view.say("BIC/SWIFT (kan udelades)", "BIC/SWIFT (may be left out)"),
                hint: Some(view.say("8 eller 11 tegn", "8 or 11 characters")),
                width: Width::Eleven,
                kind: FieldKind::Text,
            }))
        }
    }
}

/// The account that was entered, or what is wrong with it, field by field.
pub(crate) fn parse(fields: &Fields) -> Result<Account, Vec<FieldError>> {
    let (registration, number) = (compact(fields.one(REGISTRATION)), compact(fields.one(NUMBER)));
    let iban = compact(fields.one(IBAN)).to_uppercase();
    let is_danish = !registration.is_empty() || !number.is_empty();
    match (is_danish, iban.is_empty()) {
        (true, true) => parse_danish(&registration, &number),
        (false, false) => parse_iban(&iban, &compact(fields.one(BIC)).to_uppercase()),
        (false, true) => Err(vec![FieldError::new(
            REGISTRATION,
            "Skriv registrerings- og kontonummer, eller et IBAN.",
            "Enter a registration and account number, or an IBAN.",
        )]),
        (true, false) => Err(vec![FieldError::new(
            IBAN,
            "Skriv enten en dansk konto eller et IBAN, ikke begge.",
            "Enter either a Danish account or an IBAN, not both.",
        )]),
    }
}

/// People write blanks, dots and hyphens where it suits them.
fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-')).collect()
}

fn parse_danish(registration: &str, number: &str) -> Result<Account, Vec<FieldError>> {
    let mut errors = Vec::new();
    if registration.len() != 4 || !is_digits(registration) {
        errors.push(FieldError::new(
            REGISTRATION,
            "Registreringsnummeret skal have 4 cifre.",
            "The registration number must have 4 digits.",
        ));
    }
    if !(1..=10).contains(&number.len()) || !is_digits(number) {
        errors.push(FieldError::new(
            NUMBER,
            "Kontonummeret skal have 1 til 10 cifre.",
            "The account number must have 1 to 10 digits.",
        ));
    }
    DanishAccount::new(registration, number).map(Account::Danish).map_err(|_| errors)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_iban(iban: &str, bic: &str) -> Result<Account, Vec<FieldError>> {
    let mut errors = Vec::new();
    let iban = Iban::parse(iban).map_err(|_| {
        errors.push(FieldError::new(
            IBAN,
            "IBAN er ikke rigtigt: landets længde eller kontrolcifrene passer ikke.",
            "The IBAN is not right: the country's length or the check digits do not match.",
        ));
    });
    let bic = (!bic.is_empty()).then(|| Bic::parse(bic)).transpose().map_err(|_| {
        errors.push(FieldError::new(BIC, "BIC skal have 8 eller 11 tegn.", "A BIC must have 8 or 11 characters."));
    });
    match (iban, bic) {
        (Ok(iban), Ok(bic)) => Ok(Account::from_iban(iban, bic)),
        _ => Err(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The account's text, or the fields that are refused.
    #[track_caller]
    fn check(fields: [&str; 4], expect: Result<&str, &[&str]>) {
        let [registration, number, iban, bic] = fields;
        let entered = Fields::new(&[(REGISTRATION, registration), (NUMBER, number), (IBAN, iban), (BIC, bic)]);
        let parsed = parse(&entered)
            .map(|account| account.canonical())
            .map_err(|errors| errors.iter().map(|error| error.field).collect::<Vec<_>>());
        assert_eq!(parsed, expect.map(str::to_owned).map_err(<[_]>::to_vec));
    }

    #[test]
    fn danish_accounts() {
        check(["0040", "440116243", "", ""], Ok("DK|0040|0440116243"));
        check([" 00 40", "440-116.243", "", ""], Ok("DK|0040|0440116243"));
        check(["040", "440116243", "", ""], Err(&[REGISTRATION]));
        check(["004x", "12345678901", "", ""], Err(&[REGISTRATION, NUMBER]));
        check(["0040", "", "", ""], Err(&[NUMBER]));
    }

    #[test]
    fn ibans() {
        check(["", "", "de89 3704 0044 0532 0130 00", ""], Ok("IBAN|DE89370400440532013000|"));
        check(["", "", "DE89370400440532013000", "cobadeff"], Ok("IBAN|DE89370400440532013000|COBADEFF"));
        check(["", "", "DK5000400440116243", ""], Ok("DK|0040|0440116243"));
        check(["", "", "DE88370400440532013000", "COBA"], Err(&[IBAN, BIC]));
    }

    #[test]
    fn exactly_one_account_is_entered() {
        check(["", "", "", ""], Err(&[REGISTRATION]));
        check(["0040", "440116243", "DE89370400440532013000", ""], Err(&[IBAN]));
    }
}
