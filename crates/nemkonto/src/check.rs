//! `nemkonto check`: what is wrong with a file, before it is sent. Needs no database and no settings.

use std::io::{self, Write};
use std::path::Path;

use iso20022::explain::{Examination, Excerpt, Options, examine, excerpts, write_text};
use iso20022::{Finding, LeftOut, Rules};
use primitives::{Clock, Language, SystemClock};
use serde::Serialize;

use crate::Failure;
use crate::cli::{CharacterChoice, CheckArgs, Received};
use crate::source::Source;

/// A file's line of the JSON output.
#[derive(Serialize)]
struct JsonReport<'a> {
    file: &'a str,
    message: Option<&'static str>,
    valid: bool,
    findings: Vec<JsonFinding<'a>>,
    /// Findings beyond the number asked for.
    #[serde(skip_serializing_if = "is_zero")]
    untold: u64,
    /// References that were not compared with earlier ones of the file, which has more than are remembered.
    #[serde(skip_serializing_if = "is_zero")]
    uncompared: u64,
    /// Elements of an order that are valid and do not pass on to the bank.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<&'static str>,
    /// Why the file could not be read; nothing is said of its content then.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    line: u64,
    path: &'a str,
    code: &'static str,
    text: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Checks the files in turn and writes what is wrong; tells whether all are valid. A file that cannot be read is told of, on `notes` or in the
/// JSON, and the others are checked all the same.
///
/// # Errors
/// When the output cannot be written.
pub fn check(args: &CheckArgs, out: &mut impl Write, notes: &mut impl Write) -> Result<bool, Failure> {
    let options = options(args);
    let mut all_valid = true;
    for file in &args.files {
        let name = file.display().to_string();
        match look(file, &options, args.json) {
            Ok((examination, excerpts)) => {
                all_valid &= examination.is_valid();
                if args.json {
                    write_json(out, &json(&name, &examination, args.language))?;
                } else {
                    write_text(out, &name, &examination, &excerpts, args.language)?;
                }
            }
            Err(error) => {
                all_valid = false;
                if args.json {
                    let error = Some(error.to_string());
                    write_json(out, &JsonReport { valid: false, error, ..json(&name, &Examination::default(), args.language) })?;
                } else {
                    // What is wrong with a file before it comes first.
                    out.flush()?;
                    writeln!(notes, "{name}: {error}")?;
                }
            }
        }
    }
    Ok(all_valid)
}

/// Examines a file; what its findings speak of is shown to people only.
fn look(file: &Path, options: &Options, for_program: bool) -> io::Result<(Examination, Vec<Option<Excerpt>>)> {
    let source = Source::of(file)?;
    let examination = examine(|| source.open(), options)?;
    let shown = match examination.findings.as_slice() {
        findings if for_program || findings.is_empty() => Vec::new(),
        findings => excerpts(source.open()?, findings)?,
    };
    Ok((examination, shown))
}

fn write_json(out: &mut impl Write, report: &JsonReport<'_>) -> Result<(), Failure> {
    serde_json::to_writer(&mut *out, report)?;
    Ok(writeln!(out)?)
}

fn options(args: &CheckArgs) -> Options {
    let default = Options::default();
    let received = args.received.map(|received| match received {
        Received::Today => SystemClock.today(),
        Received::On(date) => date,
    });
    let characters = args.characters.map(CharacterChoice::set);
    let rules = |rules: Rules| Rules { received, characters: characters.unwrap_or(rules.characters), ..rules };
    Options { rules: default.rules.map(rules).filter(|_| !args.schema_only), most_findings: args.most, ..default }
}

fn json<'a>(file: &'a str, examination: &'a Examination, language: Language) -> JsonReport<'a> {
    let finding = |finding: &'a Finding| JsonFinding {
        line: finding.line,
        path: &finding.path,
        code: finding.code.as_str(),
        text: finding.sentence().get(language).to_owned(),
    };
    JsonReport {
        file,
        message: examination.message.map(|message| message.name()),
        valid: examination.is_valid(),
        findings: examination.findings.iter().map(finding).collect(),
        untold: examination.untold,
        uncompared: examination.uncompared_references,
        left_out: examination.left_out.iter().map(LeftOut::elements).collect(),
        error: None,
    }
}

#[cfg(test)]
mod tests {
    use iso20022::AllLeftOut;

    use super::*;

    fn shown(examination: &Examination) -> serde_json::Value {
        serde_json::to_value(json("F", examination, Language::En)).unwrap()
    }

    #[test]
    fn what_was_not_looked_at_or_does_not_pass_on_is_named_where_there_is_any() {
        let plain = serde_json::json!({"file": "F", "message": null, "valid": true, "findings": []});
        assert_eq!(shown(&Examination::default()), plain);
        let mut left_out = AllLeftOut::default();
        left_out.add(LeftOut::Tax);
        let more = Examination { uncompared_references: 3, left_out, ..Examination::default() };
        let shown = shown(&more);
        assert_eq!((&shown["valid"], &shown["uncompared"]), (&true.into(), &3.into()));
        assert_eq!(shown["left_out"], serde_json::json!(["Tax"]));
    }
}
