//! Findings as text.

use super::examine::Examination;
use super::excerpt::Excerpt;
use crate::finding::Finding;
use primitives::Language;
use std::io::{self, Write};

/// Writes what an examination came to: a line on the file, and for each finding its place, its sentence and the piece of
/// the file it speaks of.
///
/// # Errors
/// Those of the output.
pub fn write_text(
    out: &mut impl Write, name: &str, examination: &Examination, excerpts: &[Option<Excerpt>], language: Language,
) -> io::Result<()> {
    let words = Words::of(language);
    let message = examination.message.map_or(words.unknown, |message| message.name());
    let count = examination.findings.len() as u64 + examination.untold;
    match count {
        0 => writeln!(out, "{name}: {message}, {}", words.valid)?,
        1 => writeln!(out, "{name}: {message}, {}", words.one)?,
        _ => writeln!(out, "{name}: {message}, {count} {}", words.many)?,
    }
    let none = std::iter::repeat(&None);
    for (finding, excerpt) in examination.findings.iter().zip(excerpts.iter().chain(none)) {
        write_finding(out, finding, excerpt.as_ref(), language)?;
    }
    if examination.untold > 0 {
        writeln!(out, "  {} {}", examination.untold, words.more)?;
    }
    if examination.uncompared_references > 0 {
        writeln!(out, "  {} {}", examination.uncompared_references, words.uncompared)?;
    }
    for left_out in examination.left_out.iter() {
        writeln!(out, "  {}: {}", words.left_out, left_out.elements())?;
    }
    Ok(())
}

fn write_finding(out: &mut impl Write, finding: &Finding, excerpt: Option<&Excerpt>, language: Language) -> io::Result<()> {
    let sentence = finding.sentence();
    let line = Words::of(language).line;
    writeln!(out, "  {line} {}: {} {}", finding.line, finding.code, sentence.get(language))?;
    writeln!(out, "    {}", finding.path)?;
    if let Some(excerpt) = excerpt {
        writeln!(out, "    | {}", excerpt.as_str())?;
    }
    Ok(())
}

/// The words around the findings.
struct Words {
    unknown: &'static str,
    valid: &'static str,
    one: &'static str,
    many: &'static str,
    more: &'static str,
    uncompared: &'static str,
    left_out: &'static str,
    line: &'static str,
}

impl Words {
    fn of(language: Language) -> &'static Words {
        match language {
            Language::Da => &Words {
                unknown: "ukendt meddelelse",
                valid: "gyldig",
                one: "1 fejl",
                many: "fejl",
                more: "flere fejl er ikke vist",
                uncompared: "referencer er ikke sammenlignet med tidligere: filen har flere, end der huskes",
                left_out: "gives ikke videre til banken",
                line: "linje",
            },
            Language::En => &Words {
                unknown: "unknown message",
                valid: "valid",
                one: "1 finding",
                many: "findings",
                more: "more findings are not shown",
                uncompared: "references are not compared with earlier ones: the file has more than are remembered",
                left_out: "does not pass on to the bank",
                line: "line",
            },
        }
    }
}
