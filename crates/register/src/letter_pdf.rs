//! The letter as a page to print: A4, with the address in the window of a C5 envelope.

use contracts::register::PostalAddress;
use jiff::civil::Date;
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

use crate::fault::Fault;
use crate::letter_font::{FontRefs, LetterFont};

/// Points, of which an inch has 72: A4.
const WIDTH: u16 = 595;
const HEIGHT: u16 = 842;
const LEFT: u16 = 71;
/// Where the window of the envelope begins.
const WINDOW_TOP: u16 = 140;
const TEXT_TOP: u16 = 300;
const LINE: u16 = 15;
/// Sizes of letters, in points.
const TEXT: u16 = 10;
const HEADING: u16 = 15;
/// The most lines that are in the window.
const WINDOW_LINES: usize = 8;
/// The most lines of a name that is set densely.
const NAME_LINES: usize = 2;

/// How name and address are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Setting {
    /// In points.
    size: u16,
    /// From a line to the next, in points.
    line: u16,
    /// The most characters of a line; longer ones are continued on the next.
    characters: usize,
}

const ROOMY: Setting = Setting { size: TEXT, line: LINE, characters: 48 };
/// So the longest name and the longest address the register takes, 140 characters and 5 lines of 70, with a country, are in the window: nothing is
/// ever left out, least of all the town.
const DENSE: Setting = Setting { size: 7, line: 13, characters: 70 };

/// What stands in a letter.
pub(crate) struct LetterText<'l> {
    pub name: &'l str,
    /// The registered address; where the register has not been told it, the printing house adds it by the number.
    pub address: Option<&'l PostalAddress>,
    pub code: &'l str,
    /// The last day of the code.
    pub until: Date,
}

/// The objects of a letter of one page.
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const FONT: FontRefs =
    FontRefs { font: Ref::new(5), glyphs: Ref::new(6), descriptor: Ref::new(7), file: Ref::new(8), unicode: Ref::new(9) };
/// What the page calls the font.
const FONT_NAME: Name<'static> = Name(b"F");

/// The letter as a PDF. The same text gives the same bytes.
pub(crate) fn render(letter: &LetterText<'_>) -> Result<Vec<u8>, Fault> {
    let mut font = LetterFont::new()?;
    let content = write_lines(letter, &mut font);
    let mut pdf = Pdf::new();
    pdf.catalog(CATALOG).pages(PAGES);
    pdf.pages(PAGES).kids([PAGE]).count(1);
    let mut page = pdf.page(PAGE);
    page.media_box(Rect::new(0.0, 0.0, f32::from(WIDTH), f32::from(HEIGHT))).parent(PAGES).contents(CONTENT);
    page.resources().fonts().pair(FONT_NAME, FONT.font);
    page.finish();
    pdf.stream(CONTENT, &content.finish());
    font.embed(&mut pdf, &FONT);
    Ok(pdf.finish())
}

/// All lines, each at its place.
fn write_lines(letter: &LetterText<'_>, font: &mut LetterFont) -> Content {
    let (setting, window) = window(letter);
    let window = window.into_iter().map(|line| (setting.size, line));
    let address = (WINDOW_TOP..).step_by(usize::from(setting.line)).zip(window);
    let body = body(letter).into_iter().map(|(is_strong, line)| (if is_strong { HEADING } else { TEXT }, line));
    let text = (TEXT_TOP..).step_by(usize::from(LINE)).zip(body);
    let mut content = Content::new();
    for (from_top, (size, line)) in address.chain(text) {
        content.begin_text();
        content.set_font(FONT_NAME, f32::from(size));
        // A PDF measures from the bottom.
        content.next_line(f32::from(LEFT), f32::from(HEIGHT - from_top));
        content.show(Str(&font.encode(&line)));
        content.end_text();
    }
    content
}

/// Name and address, in lines that fit the window: small ones where there would be too many.
fn window(letter: &LetterText<'_>) -> (Setting, Vec<String>) {
    let roomy = window_lines(letter, wrap(letter.name, ROOMY.characters), ROOMY);
    if roomy.len() <= WINDOW_LINES {
        return (ROOMY, roomy);
    }
    let mut name = wrap(letter.name, DENSE.characters);
    if name.len() > NAME_LINES {
        name = cut(&letter.name.split_whitespace().collect::<Vec<_>>().join(" "), DENSE.characters);
    }
    (DENSE, window_lines(letter, name, DENSE))
}

fn window_lines(letter: &LetterText<'_>, name: Vec<String>, setting: Setting) -> Vec<String> {
    let address = letter.address.map_or(&[][..], |address| &address.lines[..]);
    let mut lines = name;
    lines.extend(address.iter().flat_map(|line| wrap(line, setting.characters)));
    lines.extend(letter.address.map(|address| address.country.code()).filter(|code| *code != "DK").map(str::to_owned));
    lines
}

/// Cuts a text at its spaces, and words that are longer than a line.
fn wrap(text: &str, characters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace().flat_map(|word| cut(word, characters)) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= characters => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// Cuts a text wherever a line is full.
fn cut(text: &str, characters: usize) -> Vec<String> {
    let all: Vec<char> = text.chars().collect();
    all.chunks(characters).map(|line| line.iter().collect()).collect()
}

/// The text, in Danish and English; `true` marks headings and the code, which are larger.
fn body(letter: &LetterText<'_>) -> Vec<(bool, String)> {
    let until = letter.until.strftime("%d.%m.%Y").to_string();
    let (first, second) = letter.code.split_at_checked(4).unwrap_or((letter.code, ""));
    let plain = |text: &str| (false, text.to_owned());
    vec![
        (true, "Kode til din NemKonto".to_owned()),
        plain(""),
        plain("Der er anvist en konto til offentlige udbetalinger til dig. Kontoen bruges først, når du"),
        plain("har bekræftet den med denne kode på nemkonto.dk eller i telefonen:"),
        plain(""),
        (true, format!("{first} {second}")),
        plain(""),
        plain(&format!("Koden kan bruges til og med den {until}. Giv den ikke til nogen. Har du ikke selv bedt om")),
        plain("en ny konto, så brug ikke koden, og ring til NemKonto."),
        plain(""),
        plain(""),
        (true, "Code for your NemKonto".to_owned()),
        plain(""),
        plain("An account for public payouts to you has been designated. It is not used until you have"),
        plain("confirmed it with the code above at nemkonto.dk or by telephone."),
        plain(""),
        plain(&format!("The code can be used until {until}. Give it to nobody. If you have not asked for a new account,")),
        plain("do not use the code, and call NemKonto."),
    ]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use primitives::Country;
    use proptest::prelude::*;

    use super::*;

    fn address() -> PostalAddress {
        let lines = vec!["Testvej 1, 2. tv.".to_owned(), "0999 Ingensteds Ø".to_owned()];
        PostalAddress { lines, country: Country::parse("DK").unwrap() }
    }

    fn letter<'l>(name: &'l str, address: Option<&'l PostalAddress>) -> LetterText<'l> {
        LetterText { name, address, code: "01234567", until: date(2026, 5, 1) }
    }

    #[test]
    fn a_letter_is_a_page_of_pdf_and_always_the_same() {
        let address = address();
        let pdf = render(&letter("Søren Åge Æbleskov", Some(&address))).unwrap();
        assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"), "a whole PDF");
        assert_eq!(pdf, render(&letter("Søren Åge Æbleskov", Some(&address))).unwrap());
        assert_ne!(pdf, render(&letter("Søren Åge Æbleskov", None)).unwrap());
        assert!(pdf.len() < 100_000, "{} bytes: the font is cut down", pdf.len());
    }

    #[test]
    fn the_window_holds_name_and_address() {
        let address = address();
        let (setting, lines) = window(&letter("Ingen Nummer", Some(&address)));
        assert_eq!(
            (setting, &lines[..]),
            (ROOMY, &["Ingen Nummer", "Testvej 1, 2. tv.", "0999 Ingensteds Ø"].map(str::to_owned)[..])
        );
        let long = "Navn ".repeat(20);
        let (setting, lines) = window(&letter(&long, None));
        assert!(setting == ROOMY && lines.len() == 3, "{lines:?}");
        let abroad = PostalAddress { country: Country::parse("SE").unwrap(), ..address };
        assert_eq!(window(&letter("Ingen", Some(&abroad))).1.last().map(String::as_str), Some("SE"));
    }

    proptest! {
        /// Whatever the register takes as name and address is in the window, to the last letter.
        #[test]
        fn nothing_is_left_out_of_the_window(
            name in "\\PC{1,140}", lines in proptest::collection::vec("\\PC{1,70}|[a-zå]{60,70}|([a-z]{25,34} ){2}", 1..=5),
        ) {
            let address = PostalAddress { lines, country: Country::parse("SE").unwrap() };
            let (setting, shown) = window(&letter(&name, Some(&address)));
            prop_assert!(shown.len() <= WINDOW_LINES, "{} lines", shown.len());
            prop_assert!(shown.iter().all(|line| line.chars().count() <= setting.characters));
            let letters = |texts: &[String]| texts.concat().chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let given = [std::slice::from_ref(&name), &address.lines, &["SE".to_owned()]].concat();
            prop_assert_eq!(letters(&shown), letters(&given));
        }
    }

    #[test]
    fn the_text_says_code_and_last_day() {
        let lines = body(&letter("Ingen", None));
        assert!(lines.iter().any(|(strong, line)| *strong && line == "0123 4567"));
        assert_eq!(lines.iter().filter(|(_, line)| line.contains("01.05.2026")).count(), 2);
    }
}
