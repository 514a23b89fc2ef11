//! Shadow mode: the register here and another one are asked the same lookups, and their answers compared.

use std::fmt::Write as _;
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt;

use contracts::Actor;
use primitives::{AgreementNumber, BenefitCode, Clock, SystemClock};
use register::{AnswerKind, Questions, Remote, Sample, Shadow, ShadowReport};
use serde_json::json;

use crate::Failure;
use crate::cli::{Elsewhere, ShadowArgs};
use crate::in_step::{Said, on_own};
use crate::operate::context;
use crate::places::{HouseName, Places};
use crate::settings::Settings;

/// Asks, and writes the differences to a new file that only its owner can read.
///
/// # Errors
/// When a file cannot be read or written, or a register cannot answer.
pub async fn run(args: &ShadowArgs, settings: &Settings) -> Result<Said, Failure> {
    let there = other_register(args)?;
    let questions = questions(args)?;
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", args.differences.display());
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&args.differences);
    let file = file.map_err(|error| named(&error))?;
    let mut differences = BufWriter::new(file);
    let user = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    let context = context(Actor::Operator { user }, "shadow mode: comparing the answers of two registers")?;
    let report = on_own(settings, async |here| {
        let shadow = Shadow { context: &context, registers: [here, &there], extracts: here, key: here.step_key() };
        Ok(shadow.run(questions, &mut differences).await?)
    });
    let report = report.await?;
    differences.get_ref().sync_all()?;
    Ok(Said { text: if args.json { as_object(&report) } else { as_text(args, &report) }, well: report.equal() })
}

fn other_register(args: &ShadowArgs) -> Result<Remote, Failure> {
    let other = Elsewhere {
        register_url: Some(args.with.clone()),
        service_secret: Some(args.service_secret.clone()),
        service_ca: args.service_ca.clone(),
        ..Elsewhere::default()
    };
    let client = Places::new(&[], &other).map_err(|error| format!("--with: {error}"))?.client(HouseName::Register);
    Ok(Remote::new(client.ok_or("--with names the other register")?))
}

fn questions(args: &ShadowArgs) -> Result<Questions<'_>, Failure> {
    if let Some(file) = &args.questions {
        return Ok(Questions::File(file));
    }
    let (Some(count), Some(payer)) = (args.sample, &args.payer) else {
        return Err("--questions or --sample with --payer says what is asked".into());
    };
    let benefit = args.benefit.as_deref().map(BenefitCode::parse).transpose().map_err(|error| format!("--benefit: {error}"))?;
    let payer = AgreementNumber::parse(payer).map_err(|error| format!("--payer: {error}"))?;
    let on = args.on.unwrap_or_else(|| SystemClock.today());
    Ok(Questions::Sample(Sample { count, seed: args.seed, payer, on, benefit }))
}

fn as_text(args: &ShadowArgs, report: &ShadowReport) -> String {
    let mut text = format!("{} asked", report.asked());
    for kind in AnswerKind::ALL {
        let _ = write!(text, "\n{:>8}  {}", report.count(kind), kind.word());
    }
    if let Some(file) = args.questions.as_ref().filter(|_| report.set_aside > 0) {
        let (count, file) = (report.set_aside, file.display());
        let _ = write!(text, "\n{count} lines are no questions: why is told in {file}.refused, and they stand in {file}.aside");
    }
    text.push_str(if report.equal() { "\nthe answers are equal" } else { "\nthe answers differ" });
    text
}

fn as_object(report: &ShadowReport) -> String {
    let counts = AnswerKind::ALL.map(|kind| (kind.word().to_owned(), json!(report.count(kind))));
    let counts: serde_json::Map<_, _> = counts.into_iter().collect();
    json!({ "asked": report.asked(), "set_aside": report.set_aside, "answers": counts, "equal": report.equal() }).to_string()
}
