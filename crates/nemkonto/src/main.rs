//! The program: reads the command line and does what it says.
#![allow(clippy::print_stdout, reason = "the commands print their results")]

use std::process::ExitCode;

use clap::Parser;
use nemkonto::cli::{Bench, BenchArgs, Cli, Command, DemoArgs, ImportArgs};
use nemkonto::settings::{Settings, catalogue};
use nemkonto::{Failure, bench, demo, import, operate, serve};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match start(cli) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

fn start(cli: Cli) -> Result<ExitCode, Failure> {
    let settings = Settings::load(cli.settings.as_deref(), std::env::vars())?;
    platform::telemetry::init(settings.telemetry.format, &settings.telemetry.filter)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(cli.command, &settings))
}

async fn run(command: Command, settings: &Settings) -> Result<ExitCode, Failure> {
    match command {
        Command::Demo(args) => return show_demo(args, settings).await,
        Command::Bench(BenchArgs { what }) => return show_bench(what).await,
        Command::Import(args) => return show_import(args, settings).await,
        Command::Serve(args) => serve::serve(&args, settings).await?,
        Command::Work(args) => operate::work(&args, settings).await?,
        Command::Migrate(args) => operate::migrate(&args, settings).await?,
        Command::Deliver(args) => println!("{}", operate::deliver(&args, settings).await?),
        Command::BankAnswer(args) => println!("{}", operate::bank_answer(&args, settings).await?),
        Command::Openapi(args) => operate::write_openapi(&args.folder)?,
        Command::Settings => print!("{}", catalogue::markdown()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn show_demo(args: DemoArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let options = demo::Options::from_args(&args);
    let summary = match &args.file {
        Some(file) => demo::outside_file(settings, &options, file).await?,
        None => demo::run(settings, &options).await?,
    };
    if args.json {
        println!("{}", summary.to_json());
    } else {
        println!("{summary}");
    }
    Ok(success_if(summary.balanced()))
}

async fn show_bench(what: Option<Bench>) -> Result<ExitCode, Failure> {
    let measured = bench::run(what).await?;
    println!("{}", measured.text);
    for shortfall in &measured.shortfalls {
        eprintln!("nemkonto: {shortfall}");
    }
    Ok(success_if(measured.shortfalls.is_empty()))
}

async fn show_import(args: ImportArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let imported = import::import(&args, settings).await?;
    for refusal in &imported.refused {
        eprintln!("nemkonto: {refusal}");
    }
    println!("{} recorded, {} refused", imported.recorded, imported.refused.len());
    Ok(success_if(imported.refused.is_empty()))
}

fn success_if(success: bool) -> ExitCode {
    if success { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Says why, with every cause, on the error stream.
fn failed(error: &Failure) -> ExitCode {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    eprintln!("nemkonto: {text}");
    ExitCode::FAILURE
}
