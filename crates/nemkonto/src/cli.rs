//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use iso20022::{CharacterSet, Pain001Version};
use jiff::civil::Date;
use primitives::Language;

/// NemKonto: pay people and companies knowing only a number.
///
/// Without DATABASE_URL the program starts a private PostgreSQL of its own and stops it when it is done.
#[derive(Debug, Parser)]
#[command(name = "nemkonto", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
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
    /// nemkonto.dk on localhost, with people of a seeded Denmark to sign in as
    Serve(ServeArgs),
    /// Run the rooms on the operator's database until stopped
    Work(WorkArgs),
    /// Make or update the roles, schemas and tables of all houses
    Migrate,
    /// Hand in a payer's pain.001 file
    Deliver(DeliverArgs),
    /// Hand in a bank's answer (pain.002)
    BankAnswer(BankAnswerArgs),
    /// Measure, with something to compare beside it
    Bench(BenchArgs),
    /// Write the open interfaces as OpenAPI 3.1
    Openapi(OpenapiArgs),
}

/// What the demo shows.
#[derive(Debug, Args)]
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
    /// Take this pain.001 instead of the seeded files
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Where the files go
    #[arg(long, value_name = "FOLDER", default_value = "demo-out")]
    pub out: PathBuf,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Where the site stands.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The port on localhost
    #[arg(long, default_value_t = 8005)]
    pub port: u16,
    /// How many persons live in the seeded Denmark
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(100..=6_000_000))]
    pub people: u64,
    /// Where the files go
    #[arg(long, value_name = "FOLDER", default_value = "serve-out")]
    pub out: PathBuf,
}

/// How the rooms run.
#[derive(Debug, Args)]
pub struct WorkArgs {
    /// The settings file
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Workers per room
    #[arg(long, default_value_t = 2)]
    pub workers: usize,
    /// Stop when there is nothing left to do
    #[arg(long)]
    pub until_idle: bool,
}

/// What is handed in.
#[derive(Debug, Args)]
pub struct DeliverArgs {
    /// The pain.001 file; - for standard input
    pub file: PathBuf,
    /// The data supplier that hands it in
    #[arg(long, value_name = "ID")]
    pub supplier: String,
    /// The settings file
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
}

/// A bank's answer.
#[derive(Debug, Args)]
pub struct BankAnswerArgs {
    /// The pain.002 file; - for standard input
    pub file: PathBuf,
    /// The code of the bank that answers
    #[arg(long, value_name = "CODE")]
    pub bank: String,
    /// The settings file
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
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
    },
    /// Reading a pain.001 with full validation on one core, beside xmllint --stream --schema where it is installed
    Parse {
        /// How many payments the file has
        #[arg(long, default_value_t = 200_000)]
        payments: u64,
        /// The folder of the ISO 20022 schemas, for xmllint
        #[arg(long, value_name = "FOLDER", default_value = "../shared/iso20022/xsd")]
        schemas: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
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
