//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use iso20022::{CharacterSet, Pain001Version};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::Language;

use crate::places::HouseName;

/// What the program tells by its end.
const EXIT_CODES: &str = "Exit status:
  0  done
  1  it failed; of demo: what went in did not come out to the øre; of import: items were refused; of register
     reconcile and shadow: they differ; of audit verify: something
     was found; of bench --require: too slow
  2  the command line is wrong";

/// NemKonto: pay people and companies knowing only a number.
///
/// Without DATABASE_URL the program starts a private PostgreSQL of its own and stops it when it is done.
#[derive(Debug, Parser)]
#[command(name = "nemkonto", version, max_term_width = 100, arg_required_else_help = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// The settings file; nemkonto.toml in this folder, if there is one, when not given. The environment wins: NEMKONTO_SECTION__KEY
    #[arg(long, global = true, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "one value lives, from the start of the program to its end")]
pub enum Command {
    /// Those that need nothing but a file.
    #[command(flatten)]
    OnFiles(FileCommand),
    /// Those that build the houses.
    #[command(flatten)]
    OnHouses(HouseCommand),
}

/// Commands on a file: no settings, no database, answered in milliseconds.
#[derive(Debug, Subcommand)]
pub enum FileCommand {
    /// Say what is wrong with ISO 20022 files before they are sent
    Check(CheckArgs),
    /// Turn a pain.001 of version 03, 09 or 12 into another of them
    Convert(ConvertArgs),
    /// Print a pain.001 as a table
    Show(ShowArgs),
}

/// Commands on the houses.
#[derive(Debug, Subcommand)]
pub enum HouseCommand {
    /// The main job on a seeded Denmark: from payers' files to bank files, recounted to the øre
    Demo(DemoArgs),
    /// nemkonto.dk on localhost, with people of a seeded Denmark to sign in as; with --only, houses for other processes
    Serve(Box<ServeArgs>),
    /// Run the rooms on the operator's database until stopped
    Work(WorkArgs),
    /// Make or update the roles, schemas and tables of all houses
    Migrate(MigrateArgs),
    /// Record parties, holders and accounts from a file of JSON lines
    Import(ImportArgs),
    /// Keep the register in step with another one: extracts in and out, comparison, repair
    Register(RegisterArgs),
    /// While the old system pays too: tell what it has taken, and ask what was taken here
    Parallel(ParallelArgs),
    /// Hand in a payer's pain.001 file
    Deliver(DeliverArgs),
    /// Hand in a bank's answer (pain.002)
    BankAnswer(BankAnswerArgs),
    /// Write the letters with activation codes that wait into a folder, for the printing house
    Letters(OutgoingArgs),
    /// Write the notices that wait into a folder, for Digital Post
    Notices(OutgoingArgs),
    /// Verify and export the change logs: who changed what, and that nothing of it was touched since
    Audit(crate::audit::AuditArgs),
    /// Measure, with something to compare beside it
    Bench(BenchArgs),
    /// Write the open interfaces as OpenAPI 3.1
    Openapi(OpenapiArgs),
    /// Print every setting with its default and meaning
    Settings,
}

/// What the demo shows.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct DemoArgs {
    /// How many persons live in the seeded Denmark
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(100..=6_000_000))]
    pub people: u64,
    /// How many companies; a tenth of the people when not given
    #[arg(long, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    pub companies: Option<u64>,
    /// How many payments the authorities order; as many as there are people when not given
    #[arg(long)]
    pub payments: Option<u64>,
    /// Take this pain.001 instead of the seeded files; what it leads to is written to the folder `file` in --out, which is emptied first
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Where the files go: a new folder, an empty one, or one of an earlier run, which is emptied first of in, bank, from-bank, reports
    #[arg(long, value_name = "FOLDER", default_value = "demo-out")]
    pub out: PathBuf,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What is served, and where.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The port of the site on localhost
    #[arg(long, default_value_t = 8005, conflicts_with = "only")]
    pub port: u16,
    /// How many persons live in the seeded Denmark; as many as on the kept site, or else 2,000, when not given
    #[arg(long, conflicts_with = "only", value_parser = clap::value_parser!(u64).range(100..=6_000_000))]
    pub people: Option<u64>,
    /// Begin anew: what the kept site knows is gone, its database and its files
    #[arg(long, conflicts_with = "only")]
    pub fresh: bool,
    /// Where the files go: a new folder, an empty one, or that of an earlier start
    #[arg(long, value_name = "FOLDER", default_value = "serve-out", conflicts_with = "only")]
    pub out: PathBuf,
    /// Serve the contracts of these houses to other processes instead, and run their rooms
    #[arg(long, value_name = "HOUSE", value_delimiter = ',', requires = "service_secret")]
    pub only: Vec<HouseName>,
    /// With --only: the address; one that other machines can reach needs --certificate and --key
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8010", requires = "only")]
    pub listen: SocketAddr,
    /// With --only or --site: our certificate, with those that lead to its authority (PEM); encrypts
    #[arg(long, value_name = "FILE", requires = "key")]
    pub certificate: Option<PathBuf>,
    /// The private key of the certificate (PEM, mode 0600)
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub key: Option<PathBuf>,
    /// The site on this address instead of localhost: encrypted, and by proof only (sign_in in the settings)
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["only", "port"], requires = "certificate")]
    pub site: Option<SocketAddr>,
    /// With --only: the authorities that vouch for other parties' systems (PEM): they may call with a certificate (mutual TLS)
    #[arg(long, value_name = "FILE", requires_all = ["only", "certificate"])]
    pub callers_ca: Option<PathBuf>,
    /// With --callers-ca: systems (TOML) of parties whose own terms name no certificates yet
    #[arg(long, value_name = "FILE", requires = "callers_ca")]
    pub systems: Option<PathBuf>,
    /// With --callers-ca: the address as others call it, for which client assertions are made; that of --listen when not given
    #[arg(long, value_name = "URL", requires = "callers_ca")]
    pub known_as: Option<String>,
    /// The other houses
    #[command(flatten)]
    pub elsewhere: Elsewhere,
}

/// Houses that run in other processes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Houses in other processes")]
pub struct Elsewhere {
    /// The register runs there: https://host:port, or http://localhost:port on this machine
    #[arg(long, value_name = "URL")]
    pub register_url: Option<String>,
    /// Parties run there
    #[arg(long, value_name = "URL")]
    pub parties_url: Option<String>,
    /// The holding account runs there
    #[arg(long, value_name = "URL")]
    pub holding_url: Option<String>,
    /// Set-off runs there
    #[arg(long, value_name = "URL")]
    pub setoff_url: Option<String>,
    /// Mediation runs there
    #[arg(long, value_name = "URL")]
    pub mediation_url: Option<String>,
    /// The file (mode 0600) with the secret that the processes of one system show each other: at least 32 visible characters
    #[arg(long, value_name = "FILE", env = "NEMKONTO_SERVICE_SECRET")]
    pub service_secret: Option<PathBuf>,
    /// The certificates of the authorities that vouch for https URLs (PEM)
    #[arg(long, value_name = "FILE", env = "NEMKONTO_SERVICE_CA")]
    pub service_ca: Option<PathBuf>,
}

/// Whose tables are made.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// Only those of these houses
    #[arg(long, value_name = "HOUSE", value_delimiter = ',')]
    pub only: Vec<HouseName>,
    /// The database was restored from a backup: the houses' feeds begin a new epoch, so that readers see what was lost. Once, before anything
    /// else runs on it
    #[arg(long)]
    pub restored: bool,
}

/// How the rooms run.
#[derive(Debug, Args)]
pub struct WorkArgs {
    /// Workers per room; as the settings say, or else 2, when not given
    #[arg(long)]
    pub workers: Option<usize>,
    /// Stop when there is nothing left to do
    #[arg(long)]
    pub until_idle: bool,
    /// The houses that are not here
    #[command(flatten)]
    pub elsewhere: Elsewhere,
}

/// What is recorded.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// What the lines are
    pub what: Import,
    /// The file: one JSON object a line, as openapi/parties.json, register.json and setoff.json define them; - for standard input
    pub file: PathBuf,
    /// The houses that are not here
    #[command(flatten)]
    pub elsewhere: Elsewhere,
}

/// What can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Import {
    /// Banks, payers and users (PartyChange)
    Parties,
    /// Persons, companies and their units (HolderRecord)
    Holders,
    /// Accounts (Designation)
    Accounts,
    /// What may be set off against which benefit (BenefitRule)
    BenefitRules,
    /// Whose payouts go to the recovery authority (Marker)
    Markers,
}

/// What is done to keep the register in step.
#[derive(Debug, Args)]
pub struct RegisterArgs {
    /// What to do
    #[command(subcommand)]
    pub what: InStep,
}

/// What keeps registers in step.
#[derive(Debug, Subcommand)]
pub enum InStep {
    /// Take an extract over, of everything or of changes; broken off and begun again, it goes on
    Import {
        /// The extract: REGISTER_EXTRACT.md describes its form
        file: PathBuf,
        /// The houses that are not here
        #[command(flatten)]
        elsewhere: Elsewhere,
    },
    /// Write an extract of everything, or of what has changed since another
    Export {
        /// The new file
        file: PathBuf,
        /// As known at this moment (2026-03-02T12:00:00Z); the latest change when not given
        #[arg(long, value_name = "TIME")]
        as_known: Option<Timestamp>,
        /// Only what has changed after this moment: `as_known` of the extract before
        #[arg(long, value_name = "TIME")]
        since: Option<Timestamp>,
        /// The houses that are not here
        #[command(flatten)]
        elsewhere: Elsewhere,
    },
    /// Ask the register here and another one the same lookups, and compare their answers (shadow mode)
    Shadow(ShadowArgs),
    /// Find in what the register here and another one differ
    Reconcile {
        /// The other register: https://host:port, or http://localhost:port on this machine
        #[arg(long, value_name = "URL")]
        with: String,
        /// Make them equal, each part as its master says it
        #[arg(long)]
        repair: bool,
        /// Who is the master of what: a JSON list of dated rules; without it the other register is, of everything (chosen by us, not Danish practice)
        #[arg(long, value_name = "FILE")]
        masters: Option<PathBuf>,
        /// The file (mode 0600) with the secret that the two processes show each other
        #[arg(long, value_name = "FILE", env = "NEMKONTO_SERVICE_SECRET")]
        service_secret: PathBuf,
        /// The certificates of the authorities that vouch for an https URL (PEM)
        #[arg(long, value_name = "FILE", env = "NEMKONTO_SERVICE_CA")]
        service_ca: Option<PathBuf>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// Which lookups are asked of two registers.
#[derive(Debug, Args)]
pub struct ShadowArgs {
    /// The other register: https://host:port, or http://localhost:port on this machine
    #[arg(long, value_name = "URL")]
    pub with: String,
    /// Ask what stands in this file, a JSON object a line: REGISTER_EXTRACT.md describes its form
    #[arg(long, value_name = "FILE", required_unless_present = "sample", conflicts_with = "sample")]
    pub questions: Option<PathBuf>,
    /// Ask about this many holders of the register here, drawn by chance
    #[arg(long, value_name = "N", requires = "payer", value_parser = clap::value_parser!(u64).range(1..))]
    pub sample: Option<u64>,
    /// With --sample: draws others
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// With --sample: the agreement number of the payer that asks
    #[arg(long, value_name = "NUMBER", conflicts_with = "questions")]
    pub payer: Option<String>,
    /// With --sample: the day of payment; today when not given
    #[arg(long, value_name = "DAY", conflicts_with = "questions")]
    pub on: Option<Date>,
    /// With --sample: the benefit
    #[arg(long, value_name = "CODE", conflicts_with = "questions")]
    pub benefit: Option<String>,
    /// The new file (mode 0600) for the answers that differ, a JSON object a line; without numbers and accounts
    #[arg(long, value_name = "FILE")]
    pub differences: PathBuf,
    /// The file (mode 0600) with the secret that the two processes show each other
    #[arg(long, value_name = "FILE", env = "NEMKONTO_SERVICE_SECRET")]
    pub service_secret: PathBuf,
    /// The certificates of the authorities that vouch for an https URL (PEM)
    #[arg(long, value_name = "FILE", env = "NEMKONTO_SERVICE_CA")]
    pub service_ca: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What is settled with the old system.
#[derive(Debug, Args)]
pub struct ParallelArgs {
    /// What to do
    #[command(subcommand)]
    pub what: Parallel,
}

/// What keeps a delivery that is sent to both systems from being paid twice.
#[derive(Debug, Subcommand)]
pub enum Parallel {
    /// Note the deliveries the old system has taken; prints of each whether it is `taken_elsewhere` or, not to be paid there, `taken_here`
    Note {
        /// The MsgIds, one a line; - for standard input
        file: PathBuf,
        /// The payer's agreement number
        #[arg(long, value_name = "NUMBER")]
        payer: String,
        /// The houses that are not here
        #[command(flatten)]
        elsewhere: Elsewhere,
    },
    /// Print the deliveries that were taken here, a JSON object a line, in order
    Taken {
        /// Only those after this position
        #[arg(long, value_name = "POSITION", default_value_t = 0)]
        after: i64,
        /// The houses that are not here
        #[command(flatten)]
        elsewhere: Elsewhere,
    },
}

/// What is handed in.
#[derive(Debug, Args)]
pub struct DeliverArgs {
    /// The pain.001 file; - for standard input
    pub file: PathBuf,
    /// The data supplier that hands it in
    #[arg(long, value_name = "ID")]
    pub supplier: String,
    /// The houses that are not here
    #[command(flatten)]
    pub elsewhere: Elsewhere,
}

/// A bank's answer.
#[derive(Debug, Args)]
pub struct BankAnswerArgs {
    /// The pain.002 file; - for standard input
    pub file: PathBuf,
    /// The code of the bank that answers
    #[arg(long, value_name = "CODE")]
    pub bank: String,
    /// The houses that are not here
    #[command(flatten)]
    pub elsewhere: Elsewhere,
}

/// What leaves the register.
#[derive(Debug, Args)]
pub struct OutgoingArgs {
    /// The folder; made, for nobody else to look into, where it is not there
    pub folder: PathBuf,
    /// The houses that are not here
    #[command(flatten)]
    pub elsewhere: Elsewhere,
}

/// What is measured.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// What to measure; everything when not given
    #[command(subcommand)]
    pub what: Option<Bench>,
}

/// The benchmarks.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// From payers' files on disk to bank files on disk, durable, beside a bare binary COPY of the same rows
    Pipeline {
        /// How many payments
        #[arg(long, default_value_t = 1_000_000)]
        payments: u64,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        /// Fail below 40,000 payments/s or above 300 MB of anonymous memory
        #[arg(long)]
        require: bool,
    },
    /// Reading a pain.001 with full validation, on one core, on two and through a pipe, beside xmllint --stream --schema
    /// where it is installed
    Parse {
        /// How many payments the file has
        #[arg(long, default_value_t = 1_000_000)]
        payments: u64,
        /// The folder of the ISO 20022 schemas, for xmllint
        #[arg(long, value_name = "FOLDER", default_value = "../shared/iso20022/xsd")]
        schemas: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        /// Fail below 250 MB/s on one core, 8 times xmllint, or 1.7 times one core on two
        #[arg(long)]
        require: bool,
    },
    /// The register alone: filled, then asked in bulk and one by one, in process and over HTTP
    Register {
        /// How many holders
        #[arg(long, default_value_t = 1_000_000)]
        holders: u64,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        /// Fail below 200,000 ids/s in process, 80,000 over HTTP, 10,000 single lookups/s, or above a p99 of 20 ms
        #[arg(long)]
        require: bool,
    },
    /// What it costs to know who asked: single lookups in process, each logged before it is answered
    Access {
        /// How many holders
        #[arg(long, default_value_t = 200_000)]
        holders: u64,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        /// Fail below 20,000 lookups/s
        #[arg(long)]
        require: bool,
    },
}

/// Where the interface documents go.
#[derive(Debug, Args)]
pub struct OpenapiArgs {
    /// The folder, one file per house
    #[arg(default_value = "openapi")]
    pub folder: PathBuf,
}

/// What is checked.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The files; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print one JSON object a line, one for each file: file, message, valid, findings
    #[arg(long)]
    pub json: bool,
    /// Check the schema only, not the rules beyond it
    #[arg(long)]
    pub schema_only: bool,
    /// Judge the requested dates as if the files were received on this day (YYYY-MM-DD, or today); not judged when not given
    #[arg(long, value_name = "DATE", value_parser = Received::parse)]
    pub received: Option<Received>,
    /// The characters that references must have and texts must be convertible to
    #[arg(long, value_enum)]
    pub characters: Option<CharacterChoice>,
    /// The most findings told of a file
    #[arg(long, default_value_t = 100)]
    pub most: usize,
    /// The language of the findings: en or da
    #[arg(long, default_value = "en", value_parser = language)]
    pub language: Language,
}

/// The day a file is taken to be received on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// The day the command runs.
    Today,
    /// Another day.
    On(Date),
}

impl Received {
    fn parse(text: &str) -> Result<Received, String> {
        match text {
            "today" => Ok(Received::Today),
            date => date.parse().map(Received::On).map_err(|_| "neither a date such as 2026-03-02 nor today".to_owned()),
        }
    }
}

fn language(text: &str) -> Result<Language, String> {
    text.parse().map_err(|_| "neither da nor en".to_owned())
}

/// A set of characters on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CharacterChoice {
    /// All that XML allows
    Unicode,
    /// SWIFT X and the Danish letters
    Danish,
    /// SWIFT X
    Sepa,
}

impl CharacterChoice {
    /// The set.
    #[must_use]
    pub fn set(self) -> CharacterSet {
        match self {
            Self::Unicode => CharacterSet::Unicode,
            Self::Danish => CharacterSet::Danish,
            Self::Sepa => CharacterSet::Sepa,
        }
    }
}

/// What is converted, and to what.
#[derive(Debug, Args)]
pub struct ConvertArgs {
    /// The pain.001 file; - for standard input
    pub file: PathBuf,
    /// The version wanted: 03, 09 or 12
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub to: Pain001Version,
    /// Where the new file goes; standard output when not given
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Leave out what the version has no place for, and say so; never an amount, account, reference or remittance
    #[arg(long)]
    pub lossy: bool,
}

fn version(text: &str) -> Result<Pain001Version, String> {
    match text.trim_start_matches("pain.001.001.").trim_start_matches('.') {
        "03" | "3" => Ok(Pain001Version::V03),
        "09" | "9" => Ok(Pain001Version::V09),
        "12" => Ok(Pain001Version::V12),
        _ => Err("none of 03, 09 and 12".to_owned()),
    }
}

/// What is shown.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The pain.001 file; - for standard input
    pub file: PathBuf,
    /// Show CPR, CVR and account numbers in full
    #[arg(long)]
    pub unmasked: bool,
    /// The most rows shown of a block
    #[arg(long, default_value_t = 100)]
    pub rows: u64,
}
