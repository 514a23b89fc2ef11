//! Damage that knows nothing of the grammar: odd markup, odd values, odd bytes.

use crate::dice::Dice;

/// Contents of an element, as they stand in a file.
pub const VALUES: &[&str] = &[
    "",
    " ",
    "\n",
    "0",
    "1",
    "-1",
    "-0",
    "+1",
    "1.",
    ".1",
    "1.00",
    "1e3",
    "INF",
    "true",
    " true ",
    "2025-02-29",
    "2024-02-29",
    "2025-01-01+14:01",
    "2025-01-01T24:00:00",
    "2025-01-01T23:59:60",
    "DKK",
    "dkk",
    "DKKK",
    "DK5000400440116243",
    "DABADKKKXXX",
    "DABADKKKX",
    "CORE",
    "TRF",
    "TRF ",
    "SLEV",
    "åæø",
    "ßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßß",
    "ßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßß",
    "12345678901234567890123456789012345",
    "123456789012345678901234567890123456",
    "a&#10;b",
    "a&amp;b",
    "&#x20;",
    "&#65;",
    "&#x41;",
    "&#X41;",
    "&#0000000000000000000000000000000065;",
    "&unknown;",
    "&#0;",
    "&#xD800;",
    "&#xFFFE;",
    "&#x10FFFF;",
    "&#x110000;",
    "&#99999999999999999999;",
    "&#;",
    "&#x;",
    "&#-1;",
    "&#+65;",
    "&;",
    "&amp",
    "& amp;",
    "&",
    "a]]>b",
    "a]b]>c",
    "]]",
    "]]&gt;",
    "]]<!-- -->>",
    "<![CDATA[DKK]]>",
    "<![CDATA[x<y]]>",
    "<![CDATA[]]>",
    "<![CDATA[]]]]><![CDATA[>]]>",
    "<![CDATA[]]]>",
    "<![CDATA[&amp;]]>",
    "D<![CDATA[K]]>K",
    "<![cdata[x]]>",
    "<![CDATA[x]]",
    "a<!-- c -->b",
    "a<?pi d?>b",
    "<!-- -- -->",
    "<!---->",
    "<!-- a --->",
    "<?xml?>",
    "+45-12345678",
    "+4512345678",
    "8a562c67-ca16-48ba-b074-65581be6f001",
    "8a562c67-ca16-58ba-b074-65581be6f001",
    "\u{1}",
    "\u{FFFE}",
    "\u{FFFF}",
    "\u{FFFD}",
    "\u{85}",
    "\u{2028}",
    "\u{7F}",
    "\u{FEFF}",
    "\u{1FFFE}",
    "\u{10FFFF}",
    "\r\n",
    "a\rb",
    "\t",
    "a\tb",
    "1\r\n",
    "QUJD",
    "QUI=",
    "<x/>",
    "<Nm>a</Nm>",
    ">",
    "a>b",
    "\"",
    "'",
    "<",
    "</",
    "<>",
    "< a/>",
    "<a",
    "<a/",
    "<1/>",
    "<-a/>",
    "<:a/>",
    "<a:/>",
    "<é/>",
    "<a b=c/>",
];

/// Markup between elements.
const FRAGMENTS: &[&str] = &[
    "<!-- comment -->",
    "<!---->",
    "<!-- a--b -->",
    "<!-- a --->",
    "<!-- ",
    "<?target data?>",
    "<?t?>",
    "<?xml version=\"1.0\"?>",
    "<?XML a?>",
    "<?xml-model a?>",
    "<?a:b c?>",
    "<? a?>",
    "<?1?>",
    "<?t",
    "<![CDATA[ ]]>",
    "<![CDATA[]]>",
    "<![CDATA[x]]>",
    "<![CDATA[",
    "x",
    "&#32;",
    "&#x9;",
    "&#10;",
    "&#xD;",
    "&amp;",
    "&#160;",
    " ",
    "\r\n",
    "\r",
    "\t",
    "\u{A0}",
    "\u{2028}",
    "\u{85}",
    "<Nm>x</Nm>",
    "<x/>",
    "<x></x>",
    "<Othr/>",
    "]]>",
    "]]",
    "<x xmlns=\"urn:other\"/>",
    "<x xmlns=\"\"/>",
    "</Nm>",
    "<",
    ">",
    "\u{FEFF}",
    "<!DOCTYPE x>",
    "<!DOCTYPE x [<!ENTITY e 'v'>]>",
    "<!ELEMENT a ANY>",
    "<!>",
    "<!x>",
    "<![IGNORE[x]]>",
    "<!ENTITY e 'v'>",
    "&e;",
    "<SplmtryData><Envlp><a b='c'>d</a></Envlp></SplmtryData>",
    "<SplmtryData><Envlp/></SplmtryData>",
    "<SplmtryData><Envlp><a/><b/></Envlp></SplmtryData>",
    "<SplmtryData><Envlp><Document/></Envlp></SplmtryData>",
    "<SplmtryData><Envlp>text<a/></Envlp></SplmtryData>",
    "<SplmtryData><Envlp><a/>&#32;</Envlp></SplmtryData>",
    "<SplmtryData><Envlp><![CDATA[ ]]><a/></Envlp></SplmtryData>",
    "<SplmtryData><Envlp><Document xmlns=''/></Envlp></SplmtryData>",
    "<SplmtryData><Envlp><a><Document/></a></Envlp></SplmtryData>",
    "<SplmtryData><Envlp><a xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:type='Max35Text'>v</a></Envlp></SplmtryData>",
    "<SplmtryData><Envlp><a xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:nil='true'/></Envlp></SplmtryData>",
    "<SplmtryData><Envlp><a xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:nil='maybe' x:other='o'/></Envlp></SplmtryData>",
    "<SplmtryData><Envlp><a xmlns:p='urn:p' xmlns:r='urn:p' p:b='1' r:b='2'/></Envlp></SplmtryData>",
    "<SplmtryData><Envlp><a xml:id='1' xml:space='maybe' xml:base='::'/></Envlp></SplmtryData>",
    "<SplmtryData><PlcAndNm>p</PlcAndNm><Envlp><q:a xmlns:q='urn:q' q:b='1' b='2'><q:c>&lt;</q:c></q:a></Envlp></SplmtryData>",
];

pub const ATTRIBUTES: &[&str] = &[
    " a=\"b\"",
    " Ccy=\"DKK\"",
    " Ccy='EUR'",
    " Ccy=\"eur\"",
    " xml:lang=\"da\"",
    " xml:space='preserve'",
    " xml:id='a'",
    " xmlns:q=\"urn:q\"",
    " xmlns=\"urn:q\"",
    " xmlns=\"\"",
    " xmlns:q=\"\"",
    " xmlns:xml=\"http://www.w3.org/XML/1998/namespace\"",
    " xmlns:xml=\"urn:q\"",
    " xmlns:xmlns=\"urn:q\"",
    " xmlns:q=\"http://www.w3.org/XML/1998/namespace\"",
    " xmlns:q='http://www.w3.org/2000/xmlns/'",
    " xmlns:q='urn:q' xmlns:q='urn:r'",
    " xmlns:q='a b'",
    " xmlns:1='urn:q'",
    " xmlns:='urn:q'",
    " xmlns:xMl='urn:q'",
    " xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"false\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"0\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"urn:a b.xsd\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"odd\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"b.xsd\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Max35Text\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:other=\"x\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
    " ",
    "\n",
    " q:a=\"b\"",
    " a=b",
    " a",
    " a=\"<\"",
    " a=\"&amp;\"",
    " a='&lt;'",
    " a=\"&\"",
    " a=\"&#0;\"",
    " a='b' a='c'",
    "a='b'",
    " a='b'c='d'",
    " Ccy=\"D&#75;K\"",
    " Ccy=\" DKK\"",
    " Ccy = \"DKK\" ",
    " /",
    " =\"b\"",
    " a==\"b\"",
    " a=\"b",
    " é='b'",
    " a.b-c_1='b'",
    " -a='b'",
];

/// Odd markup at a place.
pub fn fragment(text: &str, place: usize, dice: &mut Dice) -> String {
    format!("{}{}{}", &text[..place], dice.pick(FRAGMENTS), &text[place..])
}

/// Damage anywhere in the text.
pub fn text(text: &str, dice: &mut Dice) -> String {
    let place = dice.place(text);
    let (before, after) = text.split_at(place);
    match dice.below(14) {
        0..=1 => before.to_owned(),
        2..=4 => shift(text, place, dice),
        5 => format!("{before}{}{after}", dice.pick(FRAGMENTS)),
        6 => format!("{before}{}{after}", dice.pick(VALUES)),
        7 => {
            let start = dice.place(text);
            let copied: String = text[start..].chars().take(dice.below(200)).collect();
            format!("{before}{copied}{after}")
        }
        8 => format!(
            "{text}{}",
            dice.pick(&[
                "x",
                "<x/>",
                "&#32;",
                "<!-- -->",
                "<?p?>",
                " \n",
                "<![CDATA[]]>",
                "<?xml version='1.0'?>",
                "\u{FEFF}",
                "]]>",
                "\0",
                "<!DOCTYPE a>",
                "<"
            ])
        ),
        9 => text
            .split_once("?>")
            .map_or(String::new(), |(declaration, rest)| format!("{declaration}?>{rest}{}", rest.trim_start())),
        10 => prolog(text, dice),
        11 => format!(
            "{}{text}",
            dice.pick(&[" ", "\n", "x", "<!-- -->", "<?p?>", "\u{FEFF}", "\u{FEFF}\u{FEFF}", "<x/>", "<!DOCTYPE Document>"])
        ),
        12 => {
            let end = place + after.char_indices().nth(dice.below(30)).map_or(0, |(end, _)| end);
            format!("{before}{}", &text[end..])
        }
        _ => text.to_owned(),
    }
}

/// One character removed, doubled, replaced, or a new one beside it.
fn shift(text: &str, place: usize, dice: &mut Dice) -> String {
    let (before, after) = text.split_at(place);
    let Some(character) = after.chars().next() else { return before.to_owned() };
    let rest = &after[character.len_utf8()..];
    let odd = dice.pick(&[
        "A", "0", "<", ">", "&", "\"", "'", "æ", " ", "-", "/", "]", "=", ":", "\n", "!", "?", ";", "#", "\u{A0}", "\0", "\u{B}",
    ]);
    match dice.below(4) {
        0 => format!("{before}{rest}"),
        1 => format!("{before}{character}{after}"),
        2 => format!("{before}{odd}{rest}"),
        _ => format!("{before}{odd}{after}"),
    }
}

/// What stands before the root element.
fn prolog(text: &str, dice: &mut Dice) -> String {
    const DECLARATIONS: &[&str] = &[
        "",
        "<?xml version='1.0'?>",
        "<?xml version=\"1.0\" encoding='utf-8' standalone='yes'?>",
        "<?xml version='1.0' standalone='no' ?>",
        "<?xml version='1.1'?>",
        "<?xml version='1.10'?>",
        "<?xml version='2.0'?>",
        "<?xml version='1.'?>",
        "<?xml version=''?>",
        "<?xml version='1.0' standalone='maybe'?>",
        "<?xml encoding='UTF-8'?>",
        "<?xml?>",
        "<?xml ?>",
        "<?xml version='1.0'",
        "<?xml version='1.0'>",
        "<?xml version='1.0' encoding=''?>",
        "<?xml version='1.0' encoding='UTF 8'?>",
        "<?xml version='1.0' encoding='UTF-9'?>",
        "<?xml version='1.0' encoding='8'?>",
        "<?xml encoding='UTF-8' version='1.0'?>",
        "<?xml version='1.0' version='1.0'?>",
        "<?xml version='1.0' encoding='UTF-8' encoding='UTF-8'?>",
        "<?xml version='1.0'encoding='UTF-8'?>",
        "<?xml version = '1.0'\n\tencoding = \"UTF-8\"\r\n?>",
        "<?xml version='1.0' encoding='UTF-8' a='b'?>",
        "<?XML version='1.0'?>",
        "<?xml version='1.0'?><!-- a --><?p?>",
        "<?xml\tversion='1.0'?>\n\n",
        "<?xml version='1.0' ? >",
        "<?xml version=1.0?>",
        "<?xml version='1.0\"?>",
        "<?xml version='1.0'?><!DOCTYPE Document>",
        "<!DOCTYPE Document SYSTEM 'none.dtd'>",
        "<?xml version='1.0'?>x",
        "<?xml version='1.0'?>&#32;",
        "<?xml version='1.0'?><![CDATA[]]>",
        "<?xml version='1.0'?><?xml version='1.0'?>",
        "<?xml version='1.0' standalone='yes' encoding='UTF-8'?>",
        "<?xml version='1.0' encoding='UTF8'?>",
        "<?xml version='1.0' encoding='us-ascii'?>",
        "<?xml version='1.0' encoding='UTF-16'?>",
        "<?xml version='1.0' encoding='ascii'?>",
        "<?xml version='1.0' encoding='iso-8859-1'?>",
        "<?xml version='1.0' encoding='ISO_8859-15'?>",
        "<?xml version='1.0' encoding='latin1'?>",
        "<?xml version='1.0' encoding='cp1252'?>",
    ];
    let rest = text.split_once("?>").map_or(text, |(_, rest)| rest);
    format!("{}{}", dice.pick(DECLARATIONS), rest.trim_start())
}

/// Damage below the level of characters.
pub fn bytes(mut bytes: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let place = dice.below(bytes.len());
    match dice.below(8) {
        0..=1 => bytes[place] = u8::try_from(dice.below(256)).expect("a byte"),
        2 => bytes[place] ^= 1 << dice.below(8),
        3 => drop(bytes.remove(place)),
        4 => bytes.truncate(place),
        5 => {
            let odd: &[&[u8]] = &[
                b"\xC0\x80",
                b"\xC1\xBF",
                b"\xE0\x80\x80",
                b"\xED\xA0\x80",
                b"\xEF\xBF\xBE",
                b"\xF4\x90\x80\x80",
                b"\xF8\x88\x80\x80\x80",
                b"\x80",
                b"\xFF",
                b"\xC3",
                b"\xE2\x82",
                b"\xF0\x9F\x98",
                b"\0",
                b"\x0B",
                b"\xEF\xBB\xBF",
                b"\xFE\xFF",
                b"\x1B",
                b"\x85",
                b"\xC2\x85",
                b"\xF0\x90\x80\x80",
                b"\xF4\x8F\xBF\xBF",
            ];
            let odd = dice.pick(odd);
            bytes.splice(place..place, odd.iter().copied()).for_each(drop);
        }
        6 => {
            let last = bytes.len() - 1;
            bytes.swap(place, (place + 1).min(last));
        }
        _ => {
            let end = (place + dice.below(40)).min(bytes.len());
            bytes.drain(place..end).for_each(drop);
        }
    }
    bytes
}
