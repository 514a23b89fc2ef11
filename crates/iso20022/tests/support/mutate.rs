//! Small, seeded changes to a file: some leave it valid, most do not.

/// A seeded generator (xorshift), enough to choose changes.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % limit.max(1)
    }

    fn pick<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.below(choices.len())]
    }
}

/// An element's start tag and end in the text.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    content: usize,
    content_end: usize,
    end: usize,
    leaf: bool,
}

/// All elements of a well-formed text without CDATA, comments in tags or self-closing tags' ends.
fn elements(text: &str) -> Vec<Span> {
    let mut open: Vec<(usize, usize, bool)> = Vec::new();
    let mut found = Vec::new();
    let mut index = 0;
    while let Some(offset) = text[index..].find('<') {
        let start = index + offset;
        let rest = &text[start..];
        if rest.starts_with("<!--") {
            index = start + rest.find("-->").map_or(rest.len(), |end| end + 3);
            continue;
        }
        let end = start + rest.find('>').map_or(rest.len(), |end| end + 1);
        index = end;
        if rest.starts_with("<?") || rest.starts_with("<!") {
            continue;
        }
        if rest.starts_with("</") {
            if let Some((element, content, leaf)) = open.pop() {
                found.push(Span { start: element, content, content_end: start, end, leaf });
                if let Some(parent) = open.last_mut() {
                    parent.2 = false;
                }
            }
        } else if !text[start..end].ends_with("/>") {
            open.push((start, end, true));
        }
    }
    found
}

const VALUES: &[&str] = &[
    "",
    " ",
    "0",
    "-1",
    "-0",
    "+1",
    "1.",
    ".5",
    "1.00000",
    "1.000000",
    "123456789012345678",
    "1234567890123456789",
    "0000000000000000000001",
    "1e5",
    "NaN",
    "true",
    "TRUE",
    "1",
    " true ",
    "2025-02-29",
    "2024-02-29",
    "2025-13-01",
    "2025-01-01Z",
    "2025-01-01+14:00",
    "2025-01-01+14:01",
    "-2025-01-01",
    "0000-01-01",
    "12025-01-01",
    " 2025-01-01\n",
    "2025-01-01T24:00:00",
    "2025-01-01T24:00:01",
    "2025-01-01T12:00:00.123456789Z",
    "2025-01-01T12:00:00-13:59",
    "2025-01-01T12:00",
    "2025-01-01T23:59:60",
    "DKK",
    "dkk",
    "DK",
    "DKKK",
    "DK5000400440116243",
    "DABADKKK",
    "DABADKKKXXX",
    "DABADKKKX",
    "dabadkkk",
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
    "&unknown;",
    "&#0;",
    "&#xD800;",
    "&",
    "a]]>b",
    "a]b]>c",
    "<![CDATA[DKK]]>",
    "<![CDATA[x<y]]>",
    "<![CDATA[]]>",
    "a<!-- c -->b",
    "a<?pi d?>b",
    "<!-- -- -->",
    "+45-12345678",
    "+4512345678",
    "8a562c67-ca16-48ba-b074-65581be6f001",
    "8a562c67-ca16-58ba-b074-65581be6f001",
    "\u{1}",
    "\u{FFFE}",
    "\u{85}",
    "\r\n",
    "a\rb",
    "\t",
    "a\tb",
    "1\r\n",
    "ACCP",
    "RJCT",
    "2026",
    "2026-05",
    "12:00:00",
    "QUJD",
    "QUI=",
    "<x/>",
    "<Nm>a</Nm>",
];

const FRAGMENTS: &[&str] = &[
    "<!-- comment -->",
    "<!---->",
    "<!-- a--b -->",
    "<?target data?>",
    "<?xml version=\"1.0\"?>",
    "<![CDATA[ ]]>",
    "<![CDATA[]]>",
    "<![CDATA[x]]>",
    "x",
    "&#32;",
    "&#x9;",
    "&amp;",
    " ",
    "\r\n",
    "\u{A0}",
    "<Nm>x</Nm>",
    "<x/>",
    "<Othr/>",
    "]]>",
    "<x xmlns=\"urn:other\"/>",
    "</Nm>",
    "<",
    ">",
    "\u{FEFF}",
    "<!DOCTYPE x>",
    "<SplmtryData><Envlp><a b='c'>d</a></Envlp></SplmtryData>",
    "<SplmtryData><Envlp/></SplmtryData>",
    "<SplmtryData><Envlp><a/><b/></Envlp></SplmtryData>",
    "<SplmtryData><Envlp><Document/></Envlp></SplmtryData>",
    "<SplmtryData><Envlp>text<a/></Envlp></SplmtryData>",
    "<SplmtryData><PlcAndNm>p</PlcAndNm><Envlp><q:a xmlns:q='urn:q' q:b='1' b='2'><q:c>&lt;</q:c></q:a></Envlp></SplmtryData>",
];

const ATTRIBUTES: &[&str] = &[
    " a=\"b\"",
    " Ccy=\"DKK\"",
    " Ccy='EUR'",
    " Ccy=\"eur\"",
    " xml:lang=\"da\"",
    " xmlns:q=\"urn:q\"",
    " xmlns=\"urn:q\"",
    " xmlns=\"\"",
    " xmlns:q=\"\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"false\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"urn:a b.xsd\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Max35Text\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:other=\"x\"",
    " ",
    "\n",
    " q:a=\"b\"",
    " a=b",
    " a",
    " a=\"<\"",
    " a=\"&amp;\"",
    " Ccy=\"D&#75;K\"",
    " Ccy=\" DKK\"",
    " Ccy = \"DKK\" ",
];

/// Changes a text; the same dice give the same change.
pub fn mutate(text: &str, dice: &mut Dice) -> Vec<u8> {
    let mut changed = text.to_owned();
    for _ in 0..=dice.below(2) {
        changed = change(&changed, dice);
    }
    if dice.below(12) == 0 {
        return flip_byte(changed, dice);
    }
    changed.into_bytes()
}

fn flip_byte(text: String, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    let place = dice.below(bytes.len());
    bytes[place] = u8::try_from(dice.below(256)).expect("a byte");
    bytes
}

fn change(text: &str, dice: &mut Dice) -> String {
    let all = elements(text);
    if all.is_empty() {
        return text.to_owned();
    }
    let leaves: Vec<Span> = all.iter().copied().filter(|span| span.leaf).collect();
    let one = all[dice.below(all.len())];
    let leaf = leaves[dice.below(leaves.len())];
    let whole = |span: Span| &text[span.start..span.end];
    let splice = |start: usize, end: usize, new: &str| format!("{}{new}{}", &text[..start], &text[end..]);
    match dice.below(16) {
        0 => splice(one.start, one.end, ""),
        1 => splice(one.end, one.end, whole(one)),
        2 | 3 => splice(leaf.content, leaf.content_end, dice.pick(VALUES)),
        4 => {
            let other = leaves[dice.below(leaves.len())];
            splice(leaf.content, leaf.content_end, &text[other.content..other.content_end])
        }
        5 => splice(one.content, one.content, dice.pick(FRAGMENTS)),
        6 => splice(one.end, one.end, dice.pick(FRAGMENTS)),
        7 => splice(one.content - 1, one.content - 1, dice.pick(ATTRIBUTES)),
        8 => splice(one.start, one.end, whole(all[dice.below(all.len())])),
        9 => swap_with_next(text, &all, one),
        10 => splice(leaf.content, leaf.content, dice.pick(VALUES)),
        11 => rename(text, one, dice),
        12 => splice(one.start, one.end, &shift(whole(one), dice)),
        13 => whole_file(text, dice),
        14 => splice(leaf.start, leaf.end, &format!("{}/>", &text[leaf.start..leaf.content - 1])),
        _ => text[..floor(text, dice.below(text.len() + 1))].to_owned(),
    }
}

fn floor(text: &str, mut place: usize) -> usize {
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

fn swap_with_next(text: &str, all: &[Span], one: Span) -> String {
    let next = all.iter().find(|other| other.start >= one.end);
    match next {
        Some(next) => format!(
            "{}{}{}{}{}",
            &text[..one.start],
            &text[next.start..next.end],
            &text[one.end..next.start],
            &text[one.start..one.end],
            &text[next.end..]
        ),
        None => text.to_owned(),
    }
}

/// A different name, or the same one with a prefix or blanks in its tags.
fn rename(text: &str, one: Span, dice: &mut Dice) -> String {
    let tag = &text[one.start + 1..one.content - 1];
    let (name, rest) = tag.split_at(tag.find([' ', '\n']).unwrap_or(tag.len()));
    let content = &text[one.content..one.content_end];
    let prefixed = format!("q:{name} xmlns:q='urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'");
    let element = match dice.below(6) {
        0 => format!("<{name}x{rest}>{content}</{name}x>"),
        1 => format!("<{name} {rest} >{content}</{name}\n>"),
        2 => format!("<{name}{rest}>{content}</{name}x>"),
        3 => format!("<{prefixed}{rest}>{content}</q:{name}>"),
        4 => format!("<Nm{rest}>{content}</Nm>"),
        _ => format!("<Id>{content}</Id>"),
    };
    format!("{}{element}{}", &text[..one.start], &text[one.end..])
}

/// One character removed, doubled or replaced.
fn shift(text: &str, dice: &mut Dice) -> String {
    let place = floor(text, dice.below(text.len()));
    let Some(character) = text[place..].chars().next() else { return text.to_owned() };
    let after = &text[place + character.len_utf8()..];
    let before = &text[..place];
    match dice.below(3) {
        0 => format!("{before}{after}"),
        1 => format!("{before}{character}{character}{after}"),
        _ => format!("{before}{}{after}", dice.pick(&["A", "0", "<", ">", "&", "\"", "æ", " ", "-", "/", "]"])),
    }
}

/// The same content in another dress.
fn whole_file(text: &str, dice: &mut Dice) -> String {
    match dice.below(9) {
        0 => format!("\u{FEFF}{text}"),
        1 => text.replace('\n', "\r\n"),
        2 => text.replace(">\n", ">"),
        3 => text.replace("encoding=\"UTF-8\"", "encoding='utf-8' standalone='yes'"),
        4 => text.replace("version=\"1.0\"", "version=\"1.1\""),
        5 => format!("{text}<!-- after --><?and after?>\n"),
        6 => format!("{text}x"),
        7 => text.split_once("?>").map_or(text, |(_, rest)| rest.trim_start()).to_owned(),
        _ => text.split_once("?>").map_or_else(String::new, |(head, rest)| format!("{head}?><!DOCTYPE Document>{rest}")),
    }
}
