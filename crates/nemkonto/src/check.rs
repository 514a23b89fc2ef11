//! `nemkonto check`: what is wrong with a file, before it is sent. Needs no database and no settings.

use std::io::{self, Write};

use iso20022::explain::{Examination, Options, examine, excerpts, write_text};
use iso20022::{Finding, Rules};
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

/// Checks the files in turn and writes what is wrong; tells whether all are valid.
///
/// # Errors
/// When a file cannot be read, or the output not written.
pub fn check(args: &CheckArgs, out: &mut impl Write) -> Result<bool, Failure> {
    let options = options(args);
    let mut all_valid = true;
    for file in &args.files {
        let name = file.display().to_string();
        let failed = |error: io::Error| Failure::from(format!("{name}: {error}"));
        let source = Source::of(file).map_err(failed)?;
        let examination = examine(|| source.open(), &options).map_err(failed)?;
        all_valid &= examination.is_valid();
        if args.json {
            serde_json::to_writer(&mut *out, &json(&name, &examination, args.language))?;
            writeln!(out)?;
        } else {
            let excerpts = match examination.findings.as_slice() {
                [] => Vec::new(),
                findings => excerpts(source.open().map_err(failed)?, findings).map_err(failed)?,
            };
            write_text(out, &name, &examination, &excerpts, args.language)?;
        }
    }
    Ok(all_valid)
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
    }
}
