//! Numbers of a fixed count of decimal digits and codes of a fixed length, kept as the ASCII they were written in.

/// Why a text is not `N` digits. Each public error translates this into its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DigitsError {
    Length,
    NotDigits,
}

/// Reads exactly `N` ASCII digits.
pub(crate) fn fixed_digits<const N: usize>(text: &[u8]) -> Result<[u8; N], DigitsError> {
    let digits: [u8; N] = text.try_into().map_err(|_| DigitsError::Length)?;
    if digits.iter().all(u8::is_ascii_digit) { Ok(digits) } else { Err(DigitsError::NotDigits) }
}

/// The text of bytes that a constructor has checked to be ASCII.
pub(crate) fn ascii_str(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the constructor accepts ASCII only")
}

/// Sum of digit × weight, position by position: the first half of every modulus check.
pub(crate) fn weighted_sum<const N: usize>(digits: &[u8; N], weights: &[u32; N]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum()
}

/// Whether a table of codes can be searched by halves. Evaluated when the program is compiled.
pub(crate) const fn strictly_ascending<const LENGTH: usize>(table: &[[u8; LENGTH]]) -> bool {
    let mut row = 1;
    while row < table.len() {
        if !less(&table[row - 1], &table[row]) {
            return false;
        }
        row += 1;
    }
    true
}

const fn less<const LENGTH: usize>(left: &[u8; LENGTH], right: &[u8; LENGTH]) -> bool {
    let mut position = 0;
    while position < LENGTH {
        if left[position] != right[position] {
            return left[position] < right[position];
        }
        position += 1;
    }
    false
}
