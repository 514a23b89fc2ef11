//! Beside the old system: who has taken which delivery.

use std::fmt::Write as _;

use contracts::mediation::{Content, MAX_NOTED, Mediation, TakenBy, TakenElsewhere};
use contracts::register::FeedAfter;
use contracts::{Actor, Context, IdempotencyKey};
use primitives::{AgreementNumber, FeedPosition, IdSource, RandomIds};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use crate::Failure;
use crate::cli::Parallel;
use crate::operate::{context, on_mediation, open_file};
use crate::settings::Settings;

/// The longest line, in bytes: more than any MsgId.
const LONGEST_LINE: u64 = 1_000;
/// The deliveries of a page.
const PAGE: u32 = 1_000;

/// Does it; `out` gets a line for each delivery, as it becomes known.
///
/// # Errors
/// When the file cannot be read, the lines cannot be written, or mediation cannot answer.
pub async fn run(what: &Parallel, settings: &Settings, out: &mut (dyn std::io::Write + Send)) -> Result<(), Failure> {
    let user = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    let context = context(Actor::Operator { user }, "parallel running of two systems")?;
    match what {
        Parallel::Note { file, payer, elsewhere } => {
            let payer = AgreementNumber::parse(payer).map_err(|error| format!("--payer: {error}"))?;
            let content = open_file(file).await?;
            on_mediation(settings, elsewhere, async |mediation| note(mediation, &context, payer, content, out).await).await
        }
        Parallel::Taken { after, elsewhere } => {
            on_mediation(settings, elsewhere, async |mediation| taken(mediation, &context, *after, out).await).await
        }
    }
}

/// Notes the MsgIds, a call for so many as one may hold. Broken off and begun again it does no harm: what was answered is answered again.
async fn note(
    mediation: &dyn Mediation, context: &Context, payer: AgreementNumber, content: Content, out: &mut (dyn std::io::Write + Send),
) -> Result<(), Failure> {
    let (mut lines, run) = (BufReader::new(content), RandomIds.uuid_v4());
    for call in 0_u64.. {
        let message_ids = next_ids(&mut lines).await?;
        if message_ids.is_empty() {
            break;
        }
        let key = IdempotencyKey::new(format!("note/{run}/{call}"))?;
        let note = TakenElsewhere { payer, message_ids: message_ids.clone() };
        let mut text = String::new();
        for (id, answer) in message_ids.iter().zip(mediation.note_taken(context, &key, note).await?) {
            let word = match answer {
                Ok(TakenBy::TakenHere) => "taken_here",
                Ok(TakenBy::TakenElsewhere) => "taken_elsewhere",
                Err(_) => "refused",
            };
            writeln!(text, "{word}\t{id}")?;
        }
        out.write_all(text.as_bytes())?;
    }
    Ok(out.flush()?)
}

/// The next MsgIds, one a line; empty lines are passed over.
async fn next_ids(lines: &mut BufReader<Content>) -> Result<Vec<String>, Failure> {
    let (mut ids, mut line) = (Vec::new(), Vec::new());
    while ids.len() < MAX_NOTED {
        line.clear();
        if (&mut *lines).take(LONGEST_LINE).read_until(b'\n', &mut line).await? == 0 {
            break;
        }
        let id = std::str::from_utf8(line.trim_ascii()).map_err(|_| "a line is no text in UTF-8")?;
        if !id.is_empty() {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

/// All that was taken here after the position, a page after the other.
async fn taken(
    mediation: &dyn Mediation, context: &Context, after: i64, out: &mut (dyn std::io::Write + Send),
) -> Result<(), Failure> {
    let mut after = FeedPosition::new(after);
    loop {
        let page = mediation.taken(context, FeedAfter { after, limit: PAGE }).await?;
        let Some(last) = page.last() else { return Ok(out.flush()?) };
        after = last.position;
        for delivery in &page {
            writeln!(out, "{}", serde_json::to_string(delivery)?)?;
        }
    }
}
