//! The written forms of the built-in types (XML Schema Part 2), white space already removed.

/// What the facets of a decimal need to know; leading and trailing zeros do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub total_digits: usize,
    pub fraction_digits: usize,
    pub below_zero: bool,
}

/// Most digits of a decimal, zeros behind the point counted and those before it not. XML Schema asks for eighteen at
/// least; libxml2 before 2.12 reads no more than this, and what it refuses, a receiver may refuse.
const MAX_DIGITS: usize = 24;

/// `xs:decimal`: an optional sign, digits, at most one point.
#[inline]
pub(crate) fn decimal(text: &[u8]) -> Option<Decimal> {
    let (negative, digits) = match text.first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let whole_length = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(whole_length);
    let fraction = match rest.first() {
        None => &[],
        Some(b'.') => &rest[1..],
        Some(_) => return None,
    };
    if (whole.is_empty() && fraction.is_empty()) || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let leading = whole.iter().take_while(|byte| **byte == b'0').count();
    if whole.len() - leading + fraction.len() > MAX_DIGITS {
        return None;
    }
    let trailing = fraction.iter().rev().take_while(|byte| **byte == b'0').count();
    let fraction_digits = fraction.len() - trailing;
    let whole_digits = whole.len() - leading;
    Some(Decimal {
        total_digits: whole_digits + fraction_digits,
        fraction_digits,
        below_zero: negative && whole_digits + fraction_digits > 0,
    })
}

/// Splits a decimal's sign from its digits, if it is one.
pub(crate) fn decimal_digits(text: &str) -> Option<(bool, &str)> {
    decimal(text.as_bytes())?;
    match text.strip_prefix('-') {
        Some(digits) => Some((true, digits)),
        None => Some((false, text.strip_prefix('+').unwrap_or(text))),
    }
}

/// Takes exactly `count` digits as a number.
fn digits(text: &mut &[u8], count: usize) -> Option<u32> {
    let taken = text.get(..count)?;
    let mut number = 0;
    for byte in taken {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + u32::from(byte - b'0');
    }
    *text = &text[count..];
    Some(number)
}

fn byte(text: &mut &[u8], expected: u8) -> Option<()> {
    let rest = text.strip_prefix(&[expected])?;
    *text = rest;
    Some(())
}

/// A year: at least four digits, no superfluous zero, never 0000, perhaps before our era, as far as 64 bits reach.
/// Gives the year modulo 400, which is all that the length of February depends on.
fn take_year(text: &mut &[u8]) -> Option<u32> {
    let before_our_era = text.first() == Some(&b'-');
    if before_our_era {
        *text = &text[1..];
    }
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length < 4 || (length > 4 && text[0] == b'0') {
        return None;
    }
    let (year, rest) = text.split_at(length);
    *text = rest;
    let year: i64 = std::str::from_utf8(year).ok()?.parse().ok()?;
    (year > 0).then_some(year % 400).and_then(|year| u32::try_from(year).ok())
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

fn take_month(text: &mut &[u8]) -> Option<u32> {
    byte(text, b'-')?;
    digits(text, 2).filter(|month| (1..=12).contains(month))
}

fn take_date(text: &mut &[u8]) -> Option<()> {
    let year = take_year(text)?;
    let month = take_month(text)?;
    byte(text, b'-')?;
    let day = digits(text, 2)?;
    (1..=days_in(month, year)).contains(&day).then_some(())
}

/// So many nines behind 59 seconds are 60 to those who keep seconds in a binary number of 64 bits, as libxml2 does; they refuse it.
const ROUNDED_UP: usize = 14;

fn take_time(text: &mut &[u8]) -> Option<()> {
    let hour = digits(text, 2)?;
    byte(text, b':')?;
    let minute = digits(text, 2)?;
    byte(text, b':')?;
    let second = digits(text, 2)?;
    let (mut fraction_is_zero, mut nearly_a_minute) = (true, false);
    if text.first() == Some(&b'.') {
        let length = text[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        let fraction = &text[1..=length];
        fraction_is_zero = fraction.iter().all(|byte| *byte == b'0');
        nearly_a_minute = second == 59 && fraction.iter().take_while(|byte| **byte == b'9').count() >= ROUNDED_UP;
        *text = &text[length + 1..];
    }
    let midnight = hour == 24 && minute == 0 && second == 0 && fraction_is_zero;
    ((hour < 24 && minute < 60 && second < 60 && !nearly_a_minute) || midnight).then_some(())
}

/// The end of the value: nothing, `Z`, or an offset of at most 14 hours.
fn ends_with_zone(mut text: &[u8]) -> bool {
    match text.first() {
        None => true,
        Some(b'Z') => text.len() == 1,
        Some(b'+' | b'-') => {
            text = &text[1..];
            let mut offset = || {
                let hours = digits(&mut text, 2)?;
                byte(&mut text, b':')?;
                let minutes = digits(&mut text, 2)?;
                Some((hours < 14 && minutes < 60) || (hours == 14 && minutes == 0))
            };
            offset() == Some(true) && text.is_empty()
        }
        Some(_) => false,
    }
}

fn whole(mut text: &[u8], take: impl FnOnce(&mut &[u8]) -> Option<()>) -> bool {
    take(&mut text).is_some() && ends_with_zone(text)
}

/// `xs:date`.
pub(crate) fn date(text: &[u8]) -> bool {
    whole(text, take_date)
}

/// `xs:time`.
pub(crate) fn time(text: &[u8]) -> bool {
    whole(text, take_time)
}

/// `xs:dateTime`.
pub(crate) fn date_time(text: &[u8]) -> bool {
    whole(text, |text| {
        take_date(text)?;
        byte(text, b'T')?;
        take_time(text)
    })
}

/// `xs:gYear`.
pub(crate) fn year(text: &[u8]) -> bool {
    whole(text, |text| take_year(text).map(|_| ()))
}

/// `xs:gYearMonth`.
pub(crate) fn year_month(text: &[u8]) -> bool {
    whole(text, |text| {
        take_year(text)?;
        take_month(text).map(|_| ())
    })
}

/// `xs:base64Binary`: the number of octets it stands for; blanks may stand between the characters.
pub(crate) fn base64_octets(text: &[u8]) -> Option<usize> {
    let mut characters = 0usize;
    let mut padding = 0usize;
    let mut last = 0;
    for &byte in text {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {}
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => {
                characters += 1;
                last = byte;
            }
            _ => return None,
        }
    }
    let unused_bits_are_zero = match padding {
        0 => true,
        1 => b"AEIMQUYcgkosw048".contains(&last),
        2 => b"AQgw".contains(&last),
        _ => false,
    };
    ((characters + padding).is_multiple_of(4) && padding <= 2 && unused_bits_are_zero).then_some(characters * 3 / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times() {
        for text in ["2024-02-29", "2025-01-01Z", "2025-01-01+14:00", "-0001-01-01", "12345-06-30", "9223372036854775807-01-01"] {
            assert!(date(text.as_bytes()), "{text}");
        }
        for text in [
            "2025-02-29",
            "9223372036854775808-01-01",
            "0000-01-01",
            "02025-01-01",
            "2025-1-01",
            "2025-01-01+14:01",
            "2025-04-31",
            "2025-01-01z",
            "",
        ] {
            assert!(!date(text.as_bytes()), "{text}");
        }
        for text in [
            "2025-01-01T00:00:00",
            "2025-01-01T24:00:00.0Z",
            "2025-01-01T23:59:59.999-01:30",
            "2025-01-01T00:00:59.9999999999999",
        ] {
            assert!(date_time(text.as_bytes()), "{text}");
        }
        for text in [
            "2025-01-01T00:00:59.99999999999999",
            "2025-01-01T24:00:01",
            "2025-01-01 00:00:00",
            "2025-01-01T00:00",
            "2025-01-01T00:00:00.",
            "2025-01-01T00:60:00",
        ] {
            assert!(!date_time(text.as_bytes()), "{text}");
        }
        assert!(year_month(b"2025-12") && !year_month(b"2025-13"));
        assert!(year(b"2025") && !year(b"25"));
        assert!(time(b"12:00:00Z") && !time(b"25:00:00"));
    }

    #[test]
    fn decimals() {
        let parsed = |text: &str| decimal(text.as_bytes()).map(|d| (d.total_digits, d.fraction_digits, d.below_zero));
        assert_eq!(parsed("0100.250"), Some((5, 2, false)));
        assert_eq!(parsed("-0"), Some((0, 0, false)));
        assert_eq!(parsed("-.5"), Some((1, 1, true)));
        assert_eq!(parsed("+5."), Some((1, 0, false)));
        assert_eq!(parsed(&format!("{}1.{}", "0".repeat(40), "0".repeat(23))), Some((1, 0, false)));
        assert_eq!(parsed(&format!("1.{}", "0".repeat(24))), None);
        for text in ["", ".", "+", "1e5", "1,5", "1.2.3", "--1"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn base64() {
        assert_eq!(base64_octets(b"QUJD"), Some(3));
        assert_eq!(base64_octets(b"QUI="), Some(2));
        assert_eq!(base64_octets(b"QQ = ="), Some(1));
        assert_eq!(base64_octets(b""), Some(0));
        for text in ["QUJ", "Q===", "QQ=Q", "QUJD!", "QR=="] {
            assert_eq!(base64_octets(text.as_bytes()), None, "{text}");
        }
    }
}
