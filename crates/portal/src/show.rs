//! Values in words: money, days, accounts and numbers as people read them, and masked where the whole is not needed.

use contracts::register::Holder;
use jiff::{Timestamp, civil::Date};
use primitives::{Account, Identifier, Language, Money, copenhagen};

use crate::{layout::View, tongue::Tongue};

const MONTHS_DA: [&str; 12] =
    ["januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"];
const MONTHS_EN: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// How many characters at the end of an account number are shown.
const SHOWN: usize = 4;

/// "1.234,50 kr." or "DKK 1,234.50".
pub(crate) fn money(tongue: Tongue, money: Money) -> String {
    let (thousands, decimal) = match tongue.0 {
        Language::Da => ('.', ','),
        Language::En => (',', '.'),
    };
    let plain = money.to_decimal();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut text = group(whole, thousands);
    if !fraction.is_empty() {
        text.push(decimal);
        text.push_str(fraction);
    }
    match (tongue.0, money.currency().code()) {
        (Language::Da, "DKK") => format!("{text} kr."),
        (Language::Da, code) => format!("{text} {code}"),
        (Language::En, code) => format!("{code} {text}"),
    }
}

fn group(whole: &str, separator: char) -> String {
    let mut text = String::with_capacity(whole.len() * 4 / 3);
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if index > 0 && left.is_multiple_of(3) && !text.ends_with('-') {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// The holder's name, or the word that it is protected.
pub(crate) fn holder_name<'a>(view: View<'_>, holder: &'a Holder) -> &'a str {
    holder.name.as_deref().unwrap_or_else(|| view.say("Navn og adresse er beskyttet", "Name and address are protected"))
}

/// "2. marts 2026" or "2 March 2026".
pub(crate) fn date(tongue: Tongue, date: Date) -> String {
    let month = usize::try_from(date.month() - 1).unwrap_or_default();
    match tongue.0 {
        Language::Da => format!("{}. {} {}", date.day(), MONTHS_DA[month], date.year()),
        Language::En => format!("{} {} {}", date.day(), MONTHS_EN[month], date.year()),
    }
}

/// "2. marts 2026 kl. 14.05" or "2 March 2026 at 14:05", Danish time.
pub(crate) fn instant(tongue: Tongue, at: Timestamp) -> String {
    let local = copenhagen().to_datetime(at);
    let day = date(tongue, local.date());
    match tongue.0 {
        Language::Da => format!("{day} kl. {:02}.{:02}", local.hour(), local.minute()),
        Language::En => format!("{day} at {:02}:{:02}", local.hour(), local.minute()),
    }
}

/// The whole account, as its holder may see it.
pub(crate) fn account(account: &Account) -> String {
    match account {
        Account::Danish(danish) => format!("{} {}", danish.registration(), danish.number()),
        Account::Iban { iban, .. } => iban.as_str().to_owned(),
        Account::Foreign(foreign) => foreign.number().to_owned(),
    }
}

/// The account with all but its last characters hidden: enough to recognise it by.
pub(crate) fn masked_account(account: &Account) -> String {
    match account {
        Account::Danish(danish) => format!("{} {}", danish.registration(), mask(danish.number())),
        Account::Iban { iban, .. } => format!("{} {}", iban.country().code(), mask(iban.as_str())),
        Account::Foreign(foreign) => format!("{} {}", foreign.country().code(), mask(foreign.number())),
    }
}

fn mask(number: &str) -> String {
    let count = number.chars().count();
    // Of a short number the last characters would be all of it.
    let shown = if count > 2 * SHOWN { SHOWN } else { count / 3 };
    let tail: String = number.chars().skip(count - shown).collect();
    format!("•••• {tail}")
}

/// A number to recognise a payee by: of a person the day of birth in it and not the four digits that are secret in practice; a company's
/// is public.
pub(crate) fn masked_identifier(identifier: &Identifier) -> String {
    match identifier {
        Identifier::Cpr(cpr) => format!("{}-••••", cpr.digits().get(..6).unwrap_or_default()),
        Identifier::Cvr(cvr) => format!("CVR {}", cvr.digits()),
        Identifier::Se(se) => format!("SE {}", se.digits()),
        Identifier::P(p) => format!("P {}", p.digits()),
        Identifier::Foreign(foreign) => format!("{} {}", foreign.country().code(), mask(foreign.value())),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;
    use primitives::{Cpr, Currency, Cvr, DanishAccount, Iban};

    use super::*;

    const DA: Tongue = Tongue(Language::Da);
    const EN: Tongue = Tongue(Language::En);

    #[track_caller]
    fn check_money(minor: i64, currency: Currency, da: &str, en: &str) {
        let value = Money::new(minor, currency);
        assert_eq!((money(DA, value).as_str(), money(EN, value).as_str()), (da, en));
    }

    #[test]
    fn amounts() {
        check_money(0, Currency::DKK, "0,00 kr.", "DKK 0.00");
        check_money(5, Currency::DKK, "0,05 kr.", "DKK 0.05");
        check_money(12_345, Currency::DKK, "123,45 kr.", "DKK 123.45");
        check_money(123_456_789, Currency::EUR, "1.234.567,89 EUR", "EUR 1,234,567.89");
        check_money(1_000, Currency::JPY, "1.000 JPY", "JPY 1,000");
        check_money(-123_400, Currency::DKK, "-1.234,00 kr.", "DKK -1,234.00");
        check_money(-12_300, Currency::DKK, "-123,00 kr.", "DKK -123.00");
    }

    #[test]
    fn days_and_times() {
        assert_eq!(date(DA, day(2026, 3, 2)), "2. marts 2026");
        assert_eq!(date(EN, day(2026, 12, 31)), "31 December 2026");
        // Winter time is one hour ahead of UTC, summer time two.
        assert_eq!(instant(DA, "2026-01-05T13:05:00Z".parse().unwrap()), "5. januar 2026 kl. 14.05");
        assert_eq!(instant(EN, "2026-07-05T22:05:00Z".parse().unwrap()), "6 July 2026 at 00:05");
    }

    #[test]
    fn what_is_masked_shows_enough_to_recognise_it() {
        let danish = Account::Danish(DanishAccount::new("0040", "440116243").unwrap());
        assert_eq!(masked_account(&danish), "0040 •••• 6243");
        assert_eq!(account(&danish), "0040 0440116243");
        let iban = Account::from_iban(Iban::parse("DE89370400440532013000").unwrap(), None);
        assert_eq!(masked_account(&iban), "DE •••• 3000");
        assert_eq!(mask("12345"), "•••• 5");
        assert_eq!(mask("12"), "•••• ");
        let cpr = Identifier::Cpr(Cpr::parse("0101585005").unwrap());
        assert_eq!(masked_identifier(&cpr), "010158-••••");
        assert_eq!(masked_identifier(&Identifier::Cvr(Cvr::parse("10103940").unwrap())), "CVR 10103940");
    }
}
