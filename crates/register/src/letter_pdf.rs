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
/// Longer lines of an address are continued on the next.
const LINE_CHARACTERS: usize = 48;
/// The last line that is in the window.
const WINDOW_LINES: usize = 8;

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
    let address = (WINDOW_TOP..).step_by(usize::from(LINE)).zip(window(letter).into_iter().map(|line| (false, line)));
    let text = (TEXT_TOP..).step_by(usize::from(LINE)).zip(body(letter));
    let mut content = Content::new();
    for (from_top, (is_strong, line)) in address.chain(text) {
        content.begin_text();
        content.set_font(FONT_NAME, f32::from(if is_strong { HEADING } else { TEXT }));
        // A PDF measures from the bottom.
        content.next_line(f32::from(LEFT), f32::from(HEIGHT - from_top));
        content.show(Str(&font.encode(&line)));
        content.end_text();
    }
    content
}

/// Name and address, in lines that fit the window.
fn window(letter: &LetterText<'_>) -> Vec<String> {
    let address = letter.address.map_or(&[][..], |address| &address.lines[..]);
    let mut lines: Vec<String> = std::iter::once(letter.name).chain(address.iter().map(String::as_str)).flat_map(wrap).collect();
    if let Some(country) = letter.address.map(|address| address.country.code()).filter(|code| *code != "DK") {
        lines.push(country.to_owned());
    }
    lines.truncate(WINDOW_LINES);
    lines
}

/// Cuts a text at its spaces.
fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE_CHARACTERS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
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
        assert_eq!(window(&letter("Ingen Nummer", Some(&address))), ["Ingen Nummer", "Testvej 1, 2. tv.", "0999 Ingensteds Ø"]);
        let long = "Navn ".repeat(20);
        let lines = window(&letter(&long, None));
        assert!(lines.len() == 3 && lines.iter().all(|line| line.chars().count() <= LINE_CHARACTERS), "{lines:?}");
        let abroad = PostalAddress { country: Country::parse("SE").unwrap(), ..address };
        assert_eq!(window(&letter("Ingen", Some(&abroad))).last().map(String::as_str), Some("SE"));
    }

    #[test]
    fn the_text_says_code_and_last_day() {
        let lines = body(&letter("Ingen", None));
        assert!(lines.iter().any(|(strong, line)| *strong && line == "0123 4567"));
        assert_eq!(lines.iter().filter(|(_, line)| line.contains("01.05.2026")).count(), 2);
    }
}
