//! What the engine expected and found, in Danish: the phrases it uses, keyed by their English wording.
//!
//! The walk says what it wants where it stands, in English and without thinking of languages; here each of its phrases has
//! its Danish one. A phrase without one is a programming error, which every debug build panics on.

use primitives::Text;

/// Phrases that stand alone.
const WHOLE: &[(&str, &str)] = &[
    ("", ""),
    ("&", "&"),
    ("<", "<"),
    ("]]>", "]]>"),
    ("DOCTYPE", "DOCTYPE"),
    ("a blank after the instruction's target", "et mellemrum efter instruktionens mål"),
    ("a blank before an attribute, or the end of the tag", "et mellemrum før en attribut, eller slutningen på mærket"),
    ("a byte order mark of UTF-8 with another declared encoding", "et UTF-8-byterækkefølgemærke og et andet angivet tegnsæt"),
    ("a character or predefined reference", "en tegnreference eller en foruddefineret reference"),
    ("a comment", "en kommentar"),
    ("a comment or a CDATA section", "en kommentar eller en CDATA-sektion"),
    ("a control character or a non-character", "et styretegn eller et ikke-tegn"),
    ("a declared prefix", "et erklæret præfiks"),
    ("a legal namespace declaration", "en lovlig navnerumserklæring"),
    ("a message of ISO 20022 with a known version", "en ISO 20022-meddelelse i en kendt version"),
    ("a misplaced colon", "et forkert anbragt kolon"),
    ("a name", "et navn"),
    ("a qualified name", "et kvalificeret navn"),
    ("a quoted value", "en værdi i anførselstegn"),
    ("a reserved or empty name", "et reserveret eller tomt navn"),
    ("a tag, value or comment of a bounded length", "et mærke, en værdi eller en kommentar af begrænset længde"),
    ("a value only", "kun en værdi"),
    ("a version", "en version"),
    ("an attribute twice", "en attribut to gange"),
    ("an element", "et element"),
    ("an equals sign", "et lighedstegn"),
    ("an instruction whose target is not xml and has no colon", "en instruktion, hvis mål ikke er xml og er uden kolon"),
    ("an undeclared one", "et, der ikke er erklæret"),
    ("another character", "et andet tegn"),
    ("another declaration", "en anden erklæring"),
    ("another element", "endnu et element"),
    ("another encoding", "et andet tegnsæt"),
    ("another end tag", "et andet slutmærke"),
    ("another reference", "en anden reference"),
    ("another root element or namespace", "et andet rodelement eller navnerum"),
    ("another target", "et andet mål"),
    ("at most 64 attributes", "højst 64 attributter"),
    ("at most 64 namespaces, of 64 KiB together", "højst 64 navnerum, på 64 KiB tilsammen"),
    ("attributes with different names", "attributter med forskellige navne"),
    ("bytes that are not valid in it", "bytes, der ikke er gyldige i det"),
    ("characters allowed in XML", "tegn, der er tilladt i XML"),
    ("elements only", "kun elementer"),
    ("more", "mere"),
    ("no ]]> in text", "ingen ]]> i tekst"),
    ("no double dash inside a comment", "ingen dobbelt bindestreg i en kommentar"),
    ("no such attribute", "ingen sådan attribut"),
    ("none", "ingen"),
    ("nothing outside the root element", "intet uden for rodelementet"),
    ("one element", "ét element"),
    ("one element of the allowed namespace", "ét element i det tilladte navnerum"),
    ("something else", "noget andet"),
    ("text", "tekst"),
    ("text between the elements", "tekst mellem elementerne"),
    ("the end of the attribute's value", "slutningen på attributtens værdi"),
    ("the end of the declaration", "slutningen på erklæringen"),
    ("the end of the element", "elementets slutning"),
    ("the end of the file", "filens slutning"),
    ("the end of the file after the root element", "filens slutning efter rodelementet"),
    ("the end of the instruction", "slutningen på instruktionen"),
    ("the end of the tag", "slutningen på mærket"),
    ("the rest of the document", "resten af dokumentet"),
    ("the root element", "rodelementet"),
    ("UTF-16 or UTF-32", "UTF-16 eller UTF-32"),
    ("UTF-8, US-ASCII, ISO-8859-1 or ISO-8859-15, as declared", "UTF-8, US-ASCII, ISO-8859-1 eller ISO-8859-15, som angivet"),
    ("version, encoding and standalone, in this order", "version, encoding og standalone i denne rækkefølge"),
];

/// Phrases around a name, a number or a list of names: what stands before and after it, in English and in Danish.
const AROUND: &[([&str; 2], [&str; 2])] = &[
    (["element ", ""], ["elementet ", ""]),
    (["root element ", ""], ["rodelementet ", ""]),
    (["end tag ", ""], ["slutmærket ", ""]),
    (["attribute ", " only"], ["kun attributten ", ""]),
    (["attribute ", ""], ["attributten ", ""]),
    (["at most ", " elements inside each other"], ["højst ", " elementer inden i hinanden"]),
    (["acmt.", ""], ["acmt.", ""]),
    (["admi.", ""], ["admi.", ""]),
    (["camt.", ""], ["camt.", ""]),
    (["head.", ""], ["head.", ""]),
    (["pacs.", ""], ["pacs.", ""]),
    (["pain.", ""], ["pain.", ""]),
];

/// The phrase in both languages.
#[cold]
pub(super) fn in_both(english: &str) -> Text {
    let danish = danish(english);
    debug_assert!(danish.is_some(), "no Danish for {english:?}");
    Text::new(danish.unwrap_or_else(|| english.to_owned()), english)
}

fn danish(english: &str) -> Option<String> {
    if let Some((_, danish)) = WHOLE.iter().find(|(known, _)| *known == english) {
        return Some((*danish).to_owned());
    }
    AROUND.iter().find_map(|([before, after], danish)| {
        let name = english.strip_prefix(before)?.strip_suffix(after)?;
        Some(format!("{}{}{}", danish[0], name.replace(" or ", " eller "), danish[1]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(english: &str, expect: &str) {
        assert_eq!(in_both(english), Text::new(expect, english));
    }

    #[test]
    fn phrases() {
        check("elements only", "kun elementer");
        check("element Cd or Prtry", "elementet Cd eller Prtry");
        check("attribute Ccy only", "kun attributten Ccy");
        check("at most 64 elements inside each other", "højst 64 elementer inden i hinanden");
        check("pain.001.001.03, .09 or .12", "pain.001.001.03, .09 eller .12");
    }

    /// Every text the engine's sources give to a problem has its Danish.
    #[test]
    fn the_sources_say_nothing_else() {
        let sources = [
            include_str!("encoding.rs"),
            include_str!("namespaces.rs"),
            include_str!("problem.rs"),
            include_str!("scan.rs"),
            include_str!("start.rs"),
            include_str!("value.rs"),
            include_str!("walk.rs"),
        ];
        let mut seen = 0;
        for source in sources {
            let (source, _) = source.split_once("#[cfg(test)]").unwrap_or((source, ""));
            for call in ["bad(", "Problem::syntax(", "Problem::limit(", "Problem::encoding(", "Problem::content_kind("] {
                for (place, _) in source.match_indices(call) {
                    let arguments = source[place + call.len()..].split(')').next().unwrap_or("");
                    for text in arguments.split('"').skip(1).step_by(2) {
                        assert!(danish(text).is_some(), "no Danish for {text:?}");
                        seen += 1;
                    }
                }
            }
        }
        assert!(seen > 30, "{seen} texts are too few: the calls are named otherwise now");
    }
}
