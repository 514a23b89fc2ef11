//! What leaves the register for its holders: letters for the printing house and notices for Digital Post, as files in a folder.
//!
//! What is written is noted in the register once it is safely on the disk, and not before. If the program is killed between the two, the same is
//! written again, under the same names: nothing is lost, and what was handed over twice is known by its number.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contracts::register::{LetterRef, MAX_LETTERS, OutgoingLetter, RegisterServices};
use contracts::{Actor, Context, IdempotencyKey};
use platform::crash;
use primitives::{IdSource, RandomIds};
use serde::Serialize;
use serde_json::json;

use crate::cli::{Elsewhere, OutgoingArgs};
use crate::places::{HouseName, Places};
use crate::settings::Settings;
use crate::{Failure, operate};

/// Notices in one file.
const NOTICES_A_FILE: u32 = 1_000;

/// Writes all letters that wait to be printed: a PDF each, and lists of them, one letter a line. Answers how many.
///
/// # Errors
/// When the folder cannot be written to, or the register cannot answer.
pub async fn letters(args: &OutgoingArgs, settings: &Settings) -> Result<u64, Failure> {
    let folder = Folder::open(&args.folder)?;
    let (context, run) = (context("printing of letters")?, RandomIds.uuid_v4());
    on_register(settings, &args.elsewhere, async move |register| {
        let mut written = 0;
        loop {
            let letters = register.outgoing_letters(&context, MAX_LETTERS).await?;
            let (Some(first), Some(last)) = (letters.first(), letters.last()) else { return Ok(written) };
            folder.write_letters(&letters, &format!("letters-{}-{}.jsonl", first.letter.entry, last.letter.entry))?;
            crash::point("nemkonto.letters.written");
            let key = IdempotencyKey::new(format!("letters/{run}/{}", first.letter.entry))?;
            let printed: Vec<LetterRef> = letters.iter().map(|letter| letter.letter).collect();
            written += register.note_letters_printed(&context, &key, printed).await?;
        }
    })
    .await
}

/// Writes all notices that wait to be sent, one a line. Answers how many.
///
/// # Errors
/// When the folder cannot be written to, or the register cannot answer.
pub async fn notices(args: &OutgoingArgs, settings: &Settings) -> Result<u64, Failure> {
    let folder = Folder::open(&args.folder)?;
    let (context, run) = (context("sending of notices")?, RandomIds.uuid_v4());
    on_register(settings, &args.elsewhere, async move |register| {
        let mut written = 0;
        loop {
            let notices = register.outgoing_notices(&context, NOTICES_A_FILE).await?;
            let (Some(first), Some(last)) = (notices.first(), notices.last()) else { return Ok(written) };
            folder.write(&format!("notices-{}-{}.jsonl", first.notice, last.notice), &lines(&notices)?)?;
            folder.settle()?;
            crash::point("nemkonto.notices.written");
            let key = IdempotencyKey::new(format!("notices/{run}/{}", first.notice))?;
            let sent = notices.iter().map(|notice| notice.notice).collect();
            written += register.note_notices_sent(&context, &key, sent).await?;
        }
    })
    .await
}

fn context(purpose: &str) -> Result<Context, Failure> {
    let user = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    operate::context(Actor::Operator { user }, purpose)
}

/// Does the work with the register: with the one elsewhere, for which nothing is needed here, or with our own.
async fn on_register<T>(
    settings: &Settings, elsewhere: &Elsewhere, work: impl AsyncFnOnce(&dyn RegisterServices) -> Result<T, Failure>,
) -> Result<T, Failure> {
    match Places::new(&[], elsewhere)?.client(HouseName::Register) {
        Some(client) => work(&register::Remote::new(client)).await,
        None => {
            operate::on_street(settings, elsewhere, async move |street| {
                work(&*street.own_register().ok_or("the register runs nowhere")?).await
            })
            .await
        }
    }
}

/// A folder that only its owner can look into. What stands there under its name is whole and on the disk.
struct Folder(PathBuf);

impl Folder {
    fn open(path: &Path) -> Result<Self, Failure> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path.to_owned()))
    }

    fn write_letters(&self, letters: &[OutgoingLetter], list: &str) -> Result<(), Failure> {
        let mut told = Vec::with_capacity(letters.len());
        for letter in letters {
            let file = format!("{}.pdf", letter.letter.entry);
            self.write(&file, &STANDARD.decode(&letter.pdf)?)?;
            told.push(json!({
                "file": file,
                "entry": letter.letter.entry,
                "identifier": letter.identifier,
                "name": letter.name,
                "address": letter.address,
                "expires_at": letter.expires_at,
            }));
        }
        // The list comes last: what it names is there.
        self.write(list, &lines(&told)?)?;
        self.settle()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let (part, whole) = (self.0.join(format!(".{name}.part")), self.0.join(name));
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(fs::rename(part, whole)?)
    }

    /// The names too are on the disk.
    fn settle(&self) -> Result<(), Failure> {
        Ok(File::open(&self.0)?.sync_all()?)
    }
}

fn lines(items: &[impl Serialize]) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    for item in items {
        serde_json::to_writer(&mut bytes, item)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
