//! Which characters a receiver understands.

use std::borrow::Cow;

/// The characters that names, addresses and remittance texts are written in. Identifiers and
/// references are never changed.
///
/// | character | Danish | Sepa |
/// |---|---|---|
/// | letters a–z A–Z, digits, blank and `/ - ? : ( ) . , ' +` | kept | kept |
/// | æ ø å Æ Ø Å | kept | ae oe aa AE OE AA |
/// | ä ö œ Ä Ö Œ | ae oe oe AE OE OE | the same |
/// | é ü ñ and the other Latin letters with a sign | base letter | the same |
/// | ß þ Þ € | ss th TH E | the same |
/// | an accent that stands alone (U+0300–U+036F) | left out | the same |
/// | `&` | `+` | the same |
/// | `"` `` ` `` ´ ‘ ’ “ ” | `'` | the same |
/// | `_` `~` – — | `-` | the same |
/// | `;` | `,` | the same |
/// | `[` `{` and `]` `}` | `(` and `)` | the same |
/// | `\` `\|` | `/` | the same |
/// | line end, tabulator, hard blank | blank | the same |
/// | `!` `#` `$` `%` `*` `<` `=` `>` `@` `^` and the other signs of ISO 8859-1 | `.` | the same |
/// | any other: other alphabets, symbols, control characters | none; written as `.`, refused when read (RR10) | the same |
///
/// The SWIFT X characters and that others are replaced are practice of the SEPA schemes; which sign stands for which is
/// our choice, as are the Danish letters of the Danish set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CharacterSet {
    /// Every character that XML allows; others become blanks.
    #[default]
    Unicode,
    /// The SWIFT X characters and the Danish letters.
    Danish,
    /// The SWIFT X characters, which every bank in the SEPA area understands. References neither begin nor end with a
    /// slash, nor have two in a row.
    Sepa,
}

/// What is written for a character that has no place in the table.
const UNKNOWN: &str = ".";

impl CharacterSet {
    /// All character sets.
    pub const ALL: [CharacterSet; 3] = [CharacterSet::Unicode, CharacterSet::Danish, CharacterSet::Sepa];

    /// The text in this character set.
    #[must_use]
    pub fn convert(self, text: &str) -> Cow<'_, str> {
        if text.chars().all(|character| self.has(character)) {
            return Cow::Borrowed(text);
        }
        let mut converted = String::with_capacity(text.len() + 8);
        for character in text.chars() {
            if self.has(character) {
                converted.push(character);
            } else {
                converted.push_str(self.substitute(character).unwrap_or(UNKNOWN));
            }
        }
        Cow::Owned(converted)
    }

    /// Whether every character of a name or text has a place in the table: it is kept, or a like one stands for it.
    #[must_use]
    #[inline]
    pub fn can_convert(self, text: &str) -> bool {
        is_western(text.as_bytes()) || text.chars().all(|character| self.has(character) || self.substitute(character).is_some())
    }

    /// Whether a reference may be written so. References are never converted, for they must be found again.
    #[must_use]
    #[inline]
    pub fn allows_reference(self, reference: &str) -> bool {
        let kept =
            reference.bytes().all(|byte| BASIC[usize::from(byte)]) || reference.chars().all(|character| self.has(character));
        let slashed = || reference.starts_with('/') || reference.ends_with('/') || reference.contains("//");
        kept && (self != CharacterSet::Sepa || !slashed())
    }

    fn has(self, character: char) -> bool {
        let basic = u8::try_from(character).is_ok_and(|byte| BASIC[usize::from(byte)]);
        match self {
            CharacterSet::Unicode => is_xml(character),
            CharacterSet::Danish => basic || "æøåÆØÅ".contains(character),
            CharacterSet::Sepa => basic,
        }
    }

    fn substitute(self, character: char) -> Option<&'static str> {
        if self == CharacterSet::Unicode {
            return Some(" ");
        }
        Some(match character {
            'æ' | 'ä' => "ae",
            'ø' | 'ö' | 'œ' => "oe",
            'å' => "aa",
            'Æ' | 'Ä' => "AE",
            'Ø' | 'Ö' | 'Œ' => "OE",
            'Å' => "AA",
            'ß' => "ss",
            'þ' => "th",
            'Þ' => "TH",
            '€' => "E",
            '\u{300}'..='\u{36F}' => "",
            '&' => "+",
            '\n' | '\r' | '\t' | '\u{A0}' => " ",
            '"' | '’' | '‘' | '“' | '”' | '´' | '`' => "'",
            '–' | '—' | '_' | '~' => "-",
            ';' => ",",
            '[' | '{' => "(",
            ']' | '}' => ")",
            '\\' | '|' => "/",
            '!'..='~' => ".",
            _ => return base_letter(character).or(matches!(character, '\u{A1}'..='\u{FF}').then_some(".")),
        })
    }
}

/// Whether a text has only printable characters of ASCII and the letters from À to ÿ, which all have a place in the table:
/// no byte that is a control character, nor one that begins any other character than those.
///
/// Nearly every text is such a one. The loop has no branch, so that it looks at many bytes at a time.
#[inline]
fn is_western(text: &[u8]) -> bool {
    let other = |byte: u8| (byte < b' ') | (byte == 0x7F) | ((byte > 0xBF) & (byte != 0xC3));
    !text.iter().fold(false, |found, byte| found | other(*byte))
}

/// The SWIFT X characters less the line end.
const BASIC: [bool; 256] = {
    let mut basic = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        basic[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b' ' | b'/' | b'-' | b'?' | b':' | b'(' | b')' | b'.' | b',' | b'\'' | b'+');
        byte += 1;
    }
    basic
};

/// Whether XML allows the character.
pub(super) fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The letter below an accent, for the Latin letters of Europe.
fn base_letter(character: char) -> Option<&'static str> {
    const TABLE: &[(&str, &str)] = &[
        ("áàâãāăą", "a"),
        ("ÁÀÂÃĀĂĄ", "A"),
        ("çćčĉċ", "c"),
        ("ÇĆČĈĊ", "C"),
        ("ďđð", "d"),
        ("ĎĐÐ", "D"),
        ("éèêëēĕėęě", "e"),
        ("ÉÈÊËĒĔĖĘĚ", "E"),
        ("ĝğġģ", "g"),
        ("ĜĞĠĢ", "G"),
        ("ĥħ", "h"),
        ("ĤĦ", "H"),
        ("íìîïĩīĭįı", "i"),
        ("ÍÌÎÏĨĪĬĮİ", "I"),
        ("ĵ", "j"),
        ("Ĵ", "J"),
        ("ķ", "k"),
        ("Ķ", "K"),
        ("ĺļľŀł", "l"),
        ("ĹĻĽĿŁ", "L"),
        ("ñńņňŋ", "n"),
        ("ÑŃŅŇŊ", "N"),
        ("óòôõōŏő", "o"),
        ("ÓÒÔÕŌŎŐ", "O"),
        ("ŕŗř", "r"),
        ("ŔŖŘ", "R"),
        ("śŝşšș", "s"),
        ("ŚŜŞŠȘ", "S"),
        ("ţťŧț", "t"),
        ("ŢŤŦȚ", "T"),
        ("úùûüũūŭůűų", "u"),
        ("ÚÙÛÜŨŪŬŮŰŲ", "U"),
        ("ŵ", "w"),
        ("Ŵ", "W"),
        ("ýÿŷ", "y"),
        ("ÝŸŶ", "Y"),
        ("źżž", "z"),
        ("ŹŻŽ", "Z"),
    ];
    TABLE.iter().find(|(accented, _)| accented.contains(character)).map(|(_, base)| *base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: CharacterSet, text: &str, expect: &str) {
        assert_eq!(set.convert(text), expect);
        assert!(set.can_convert(text), "{text}");
    }

    #[test]
    fn converts() {
        check(CharacterSet::Unicode, "Søren & Ærø\u{7}", "Søren & Ærø ");
        check(CharacterSet::Danish, "Søren & José Müller, Łódź", "Søren + Jose Muller, Lodz");
        check(CharacterSet::Danish, "Rene\u{301}, 5% [a_b]; \"c\" § 7", "Rene, 5. (a-b), 'c' . 7");
        check(CharacterSet::Sepa, "Søren Ærø Århus ß", "Soeren AEroe AArhus ss");
        check(CharacterSet::Sepa, "100 € <b>\n", "100 E .b. ");
    }

    /// The quick look and the table agree on the characters of the alphabets.
    #[test]
    fn every_western_text_can_be_converted() {
        for character in '\0'..='\u{3000}' {
            let text = character.to_string();
            let quick = is_western(text.as_bytes());
            let expect = matches!(character, ' '..='~' | 'À'..='ÿ');
            assert_eq!(quick, expect, "{character:?}");
            for set in [CharacterSet::Danish, CharacterSet::Sepa] {
                let placed = set.has(character) || set.substitute(character).is_some();
                assert!(placed || !quick, "{character:?}");
                assert_eq!(set.can_convert(&text), placed, "{character:?}");
            }
        }
    }

    #[test]
    fn what_has_no_place_is_known() {
        for set in [CharacterSet::Danish, CharacterSet::Sepa] {
            for text in ["Мария", "Ελένη", "李", "a\u{1F600}", "a\u{7F}", "a\u{85}"] {
                assert!(!set.can_convert(text), "{text}");
                assert!(set.convert(text).chars().all(|character| set.has(character)));
            }
        }
        assert!(CharacterSet::Unicode.can_convert("Мария"));
    }

    fn check_reference(reference: &str, expect: [bool; 3]) {
        let sets = [CharacterSet::Unicode, CharacterSet::Danish, CharacterSet::Sepa];
        assert_eq!(sets.map(|set| set.allows_reference(reference)), expect, "{reference}");
    }

    #[test]
    fn references() {
        check_reference("SOP-2026-03-0001", [true, true, true]);
        check_reference("Løn 2026/03", [true, true, false]);
        check_reference("LON_1", [true, false, false]);
        check_reference("/A", [true, true, false]);
        check_reference("A//B", [true, true, false]);
        check_reference("A/", [true, true, false]);
        check_reference("A\u{7}", [false, false, false]);
    }
}
