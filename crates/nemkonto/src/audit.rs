//! Audit: the change logs are verified, and exported for those who verify them without this program.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use platform::change_log::{Anchor, AnchorFile, Anchored, ChangeLog, export, verify};
use platform::database::{Database, PoolOptions};

use crate::Failure;
use crate::ground::Ground;
use crate::operate::DATABASE;
use crate::places::HouseName;
use crate::settings::Settings;

/// What is done with the change logs.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// What to do
    #[command(subcommand)]
    pub what: Audit,
}

/// The commands on change logs.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Read every change log and tell what was changed, removed or slipped in, and where
    Verify {
        /// Only the log of this house
        #[arg(long, value_name = "HOUSE")]
        house: Option<HouseName>,
        /// The file of anchors, where it is kept elsewhere than audit.anchor_file says
        #[arg(long, value_name = "FILE")]
        anchors: Option<PathBuf>,
        /// With --house: the end of the log as it was told before; the log must still lead through it too
        #[arg(long, value_name = "POSITION:HASH", requires = "house")]
        anchor: Option<Anchor>,
    },
    /// Write a change log to a file that can be verified without this program
    Export {
        /// The file; it must not be there yet
        file: PathBuf,
        /// The house whose log it is
        #[arg(long, value_name = "HOUSE", default_value = "parties")]
        house: HouseName,
        /// Also what was changed from what to what, and why: the file then holds personal data
        #[arg(long)]
        contents: bool,
    },
    /// Print the public keys of a house's log, a line for each version: what a verifier needs beside the export
    Keys {
        /// The house
        #[arg(long, value_name = "HOUSE", default_value = "parties")]
        house: HouseName,
    },
}

/// What there is to tell.
#[derive(Debug)]
pub struct Audited {
    /// The lines.
    pub text: String,
    /// Whether nothing was found.
    pub whole: bool,
}

impl Audited {
    fn of(text: String) -> Self {
        Self { text, whole: true }
    }
}

/// Does what the command says.
///
/// # Errors
/// When the database fails or the file cannot be written.
pub async fn audit(args: &AuditArgs, settings: &Settings) -> Result<Audited, Failure> {
    let ground = Ground::on(settings)?;
    match &args.what {
        Audit::Verify { house, anchors, anchor } => {
            let file = AnchorFile::new(anchors.as_ref().unwrap_or(&settings.anchor_file));
            match house {
                Some(house) => verify_one(&ground, *house, &file, *anchor).await,
                None => verify_all(&ground, &file).await,
            }
        }
        Audit::Export { file, house, contents } => export_to(&ground, *house, *contents, file).await,
        Audit::Keys { house } => {
            let keys = log(&ground, *house).public_keys();
            Ok(Audited::of(keys.iter().map(|key| format!("{key}\n")).collect()))
        }
    }
}

async fn verify_all(ground: &Ground, file: &AnchorFile) -> Result<Audited, Failure> {
    let mut all = Audited::of(String::new());
    for house in HouseName::ALL {
        let one = verify_one(ground, house, file, None).await?;
        all.text.push_str(&one.text);
        all.whole &= one.whole;
    }
    Ok(all)
}

/// The log must lead through what the file says of it, and through the anchor.
async fn verify_one(ground: &Ground, house: HouseName, file: &AnchorFile, anchor: Option<Anchor>) -> Result<Audited, Failure> {
    let (log, database) = (log(ground, house), open(ground, house).await?);
    let Anchored { anchors, unsigned } = file.read(&log).map_err(|error| format!("{}: {error}", file.path().display()))?;
    let verified = verify(&database, &log, anchors.into_iter().chain(anchor)).await;
    database.close().await;
    let verified = verified?;
    let mut text = format!(
        "{house}: {} changes in the chain, {} waiting for it, {} contents erased, {} findings\n",
        verified.links,
        verified.waiting,
        verified.erased,
        verified.findings.len() + unsigned.len(),
    );
    for finding in &verified.findings {
        writeln!(text, "{house}: {finding}")?;
    }
    for line in &unsigned {
        writeln!(text, "{house}: {}, line {line}: no key of the house has signed this anchor", file.path().display())?;
    }
    if let Some(end) = verified.end {
        writeln!(text, "{house}: end {end}")?;
    }
    Ok(Audited { text, whole: verified.findings.is_empty() && unsigned.is_empty() })
}

async fn export_to(ground: &Ground, house: HouseName, contents: bool, file: &Path) -> Result<Audited, Failure> {
    let log = log(ground, house);
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut out = BufWriter::new(opened.map_err(|error| format!("{}: {error}", file.display()))?);
    let database = open(ground, house).await?;
    let end = export(&database, &log, contents, &mut out).await;
    database.close().await;
    let end = end?;
    out.flush()?;
    Ok(Audited::of(match end {
        Some(end) => format!("{house}: end {end}\n"),
        None => format!("{house}: the log is empty\n"),
    }))
}

fn log(ground: &Ground, house: HouseName) -> ChangeLog {
    ChangeLog::new(house.schema().name, &ground.keys)
}

/// The database as the house sees it at run time: it may read the log and cannot change it.
async fn open(ground: &Ground, house: HouseName) -> Result<Database, Failure> {
    let urls = ground.database(DATABASE).await?;
    crate::street::check_migrated(&urls.url, &[house.schema()]).await?;
    let options = PoolOptions { max_connections: 1, application: "nemkonto audit", ..PoolOptions::default() };
    Ok(Database::connect(&urls.url, &house.schema().runtime_role(), &options).await?)
}
