//! Which characters a receiver understands.

use std::borrow::Cow;

/// The characters that names, addresses and remittance texts are written in. Identifiers and
/// references are never changed.
///
/// | character | Danish | Sepa |
/// |---|---|---|
/// | letters a–z A–Z, digits, blank and `/ - ? : ( ) . , ' +` | kept | kept |
/// | æ ø å Æ Ø Å | kept | ae oe aa AE OE AA |
/// | é ü ñ ß … | base letter, ß as ss | the same |
/// | `&` | `+` | `+` |
/// | line end, tabulator | blank | blank |
/// | any other | `.` | `.` |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CharacterSet {
    /// Every character that XML allows; others become blanks.
    #[default]
    Unicode,
    /// The SWIFT X characters and the Danish letters.
    Danish,
    /// The SWIFT X characters, which every bank in the SEPA area understands.
    Sepa,
}

impl CharacterSet {
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
                converted.push_str(self.substitute(character));
            }
        }
        Cow::Owned(converted)
    }

    fn has(self, character: char) -> bool {
        let basic = character.is_ascii_alphanumeric() || " /-?:().,'+".contains(character);
        match self {
            CharacterSet::Unicode => is_xml(character),
            CharacterSet::Danish => basic || "æøåÆØÅ".contains(character),
            CharacterSet::Sepa => basic,
        }
    }

    fn substitute(self, character: char) -> &'static str {
        if self == CharacterSet::Unicode {
            return " ";
        }
        match character {
            'æ' | 'ä' => "ae",
            'ø' | 'ö' | 'œ' => "oe",
            'å' => "aa",
            'Æ' | 'Ä' => "AE",
            'Ø' | 'Ö' | 'Œ' => "OE",
            'Å' => "AA",
            'ß' => "ss",
            'þ' => "th",
            'Þ' => "TH",
            '&' => "+",
            '\n' | '\r' | '\t' | '\u{A0}' => " ",
            '"' | '’' | '‘' | '´' | '`' => "'",
            '–' | '—' | '_' => "-",
            _ => base_letter(character),
        }
    }
}

/// Whether XML allows the character.
pub(super) fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The letter below an accent, for the Latin letters of Europe.
fn base_letter(character: char) -> &'static str {
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
    TABLE.iter().find(|(accented, _)| accented.contains(character)).map_or(".", |(_, base)| base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: CharacterSet, text: &str, expect: &str) {
        assert_eq!(set.convert(text), expect);
    }

    #[test]
    fn converts() {
        check(CharacterSet::Unicode, "Søren & Ærø\u{7}", "Søren & Ærø ");
        check(CharacterSet::Danish, "Søren & José Müller, Łódź", "Søren + Jose Muller, Lodz");
        check(CharacterSet::Sepa, "Søren Ærø Århus ß", "Soeren AEroe AArhus ss");
        check(CharacterSet::Sepa, "100 € <b>\n", "100 . .b. ");
    }
}
