//! Bytes as lower-case hexadecimal digits, two for each.

use std::fmt::Write as _;

/// The digits of these bytes.
///
/// ```
/// assert_eq!(primitives::hex::encode([0x0f, 0xa0]), "0fa0");
/// ```
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut digits, byte| {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The bytes that the digits, small or capital, stand for; `None` where they are not pairs of hexadecimal digits.
///
/// ```
/// assert_eq!(primitives::hex::decode("0fA0"), Some(vec![0x0f, 0xa0]));
/// assert_eq!(primitives::hex::decode("0fA"), None);
/// ```
#[must_use]
pub fn decode(digits: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_pairs_of_digits_are_bytes() {
        for (digits, expect) in [("", Some(&[][..])), ("0fa0", Some(&[15, 160])), ("0FA0", Some(&[15, 160]))] {
            assert_eq!(decode(digits).as_deref(), expect, "{digits}");
        }
        for digits in ["0f a", "0fa", "ål", "+f", "-1", "0x"] {
            assert_eq!(decode(digits), None, "{digits}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }
}
