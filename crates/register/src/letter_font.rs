//! The font of letters, and its place in a PDF.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Finish, Name, Pdf, Rect, Ref, Str};
use ttf_parser::{Face, GlyphId};

use crate::fault::Fault;

/// DejaVu Sans, cut down to the letters of the names of Europe: Latin with all its marks, Greek and Cyrillic (licence:
/// `assets/DejaVuSans-letters.license.txt`).
static FONT: &[u8] = include_bytes!("../assets/DejaVuSans-letters.ttf");
const FONT_NAME: Name<'static> = Name(b"DejaVuSans");
/// Glyphs are named by their numbers in the font.
const IDENTITY: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// A PDF measures glyphs in thousandths of the font's size.
const PDF_UNITS: i32 = 1_000;
/// What a PDF viewer draws with when it lacks the font: middling strokes.
const STEM: f32 = 80.0;

/// The objects a font takes in a PDF.
pub(crate) struct FontRefs {
    pub font: Ref,
    pub glyphs: Ref,
    pub descriptor: Ref,
    pub file: Ref,
    pub unicode: Ref,
}

/// The font, and which of its glyphs are used.
pub(crate) struct LetterFont {
    face: Face<'static>,
    used: BTreeMap<GlyphId, char>,
}

impl LetterFont {
    pub(crate) fn new() -> Result<Self, Fault> {
        let face = Face::parse(FONT, 0).map_err(|_| Fault::Corrupt("font of the letter"))?;
        Ok(Self { face, used: BTreeMap::new() })
    }

    /// The text as a PDF shows it: two bytes for each glyph. A letter the font lacks is shown as a box.
    pub(crate) fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len() * 2);
        for letter in text.chars() {
            let glyph = self.face.glyph_index(letter).unwrap_or(GlyphId(0));
            self.used.entry(glyph).or_insert(letter);
            bytes.extend(glyph.0.to_be_bytes());
        }
        bytes
    }

    /// Embeds the font, so that the letter looks the same everywhere, and its text can be searched.
    pub(crate) fn embed(&self, pdf: &mut Pdf, refs: &FontRefs) {
        pdf.type0_font(refs.font)
            .base_font(FONT_NAME)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(refs.glyphs)
            .to_unicode(refs.unicode);
        let mut glyphs = pdf.cid_font(refs.glyphs);
        glyphs.subtype(CidFontType::Type2).base_font(FONT_NAME).system_info(IDENTITY).font_descriptor(refs.descriptor);
        glyphs.cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = glyphs.widths();
        for glyph in self.used.keys() {
            let advance = self.face.glyph_hor_advance(*glyph).unwrap_or(0);
            widths.consecutive(glyph.0, [self.scaled(i32::from(advance))]);
        }
        widths.finish();
        glyphs.finish();
        self.describe(pdf, refs);
        pdf.stream(refs.file, FONT);
        let mut cmap = UnicodeCmap::<u16>::new(Name(b"Letters"), IDENTITY);
        self.used.iter().for_each(|(glyph, letter)| cmap.pair(glyph.0, *letter));
        pdf.cmap(refs.unicode, &cmap.finish()).name(Name(b"Letters")).system_info(IDENTITY);
    }

    fn describe(&self, pdf: &mut Pdf, refs: &FontRefs) {
        let face = &self.face;
        let size = face.global_bounding_box();
        let [left, bottom, right, top] =
            [size.x_min, size.y_min, size.x_max, size.y_max].map(|units| self.scaled(i32::from(units)));
        pdf.font_descriptor(refs.descriptor)
            .name(FONT_NAME)
            .flags(FontFlags::NON_SYMBOLIC)
            .bbox(Rect::new(left, bottom, right, top))
            .italic_angle(0.0)
            .ascent(self.scaled(i32::from(face.ascender())))
            .descent(self.scaled(i32::from(face.descender())))
            .cap_height(self.scaled(i32::from(face.capital_height().unwrap_or_else(|| face.ascender()))))
            .stem_v(STEM)
            .font_file2(refs.file);
    }

    /// Units of the font in those of a PDF.
    fn scaled(&self, units: i32) -> f32 {
        let scaled = units * PDF_UNITS / i32::from(self.face.units_per_em());
        f32::from(i16::try_from(scaled).unwrap_or(i16::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_the_letters_of_europe() {
        let mut font = LetterFont::new().unwrap();
        for name in
            ["Søren Åge Æbleskov", "Łukasz Żółć", "Ğülşen Çağ", "Þórður Ðúason", "Ελένη", "Наталія", "Nguyễn", "Šarūnas Ķēniņš"]
        {
            let glyphs = font.encode(name);
            assert_eq!(glyphs.len(), name.chars().count() * 2);
            assert!(!glyphs.chunks(2).any(|glyph| glyph == [0, 0]), "{name} has a letter the font lacks");
        }
        assert_eq!(font.encode("\u{4e2d}"), [0, 0], "a box for what it lacks");
    }
}
