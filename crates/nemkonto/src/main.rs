//! The program: reads the command line and does what it says.
#![allow(clippy::print_stdout, reason = "the commands print their results")]

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use nemkonto::cli::{Bench, BenchArgs, Cli, Command, DemoArgs, FileCommand, HouseCommand, ImportArgs, RegisterArgs};
use nemkonto::settings::{Settings, catalogue};
use nemkonto::{
    Failure, allocator, audit, bench, check, convert, demo, import, in_step, operate, outgoing, parallel, serve, show,
};

fn main() -> ExitCode {
    allocator::bound();
    let Cli { settings, command } = Cli::parse();
    match command {
        Command::OnFiles(command) => on_files(&command),
        Command::OnHouses(command) => on_houses(command, settings.as_deref()).unwrap_or_else(|error| failed(&error)),
    }
}

/// Reads a file and writes what there is to say; the command's answer is whether all is well.
fn on_files(command: &FileCommand) -> ExitCode {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let answer = match command {
        FileCommand::Check(args) => check::check(args, &mut out, &mut std::io::stderr()),
        FileCommand::Convert(args) => convert::convert(args, &mut out, &mut std::io::stderr()),
        FileCommand::Show(args) => show::show(args, &mut out),
    };
    match answer.and_then(|well| Ok(out.flush().map(|()| well)?)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => failed(&error),
    }
}

fn on_houses(command: HouseCommand, settings: Option<&Path>) -> Result<ExitCode, Failure> {
    let settings = Settings::load(settings, std::env::vars())?;
    platform::telemetry::init(settings.telemetry.format, &settings.telemetry.filter)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(command, &settings))
}

async fn run(command: HouseCommand, settings: &Settings) -> Result<ExitCode, Failure> {
    match command {
        HouseCommand::Demo(args) => return show_demo(args, settings).await,
        HouseCommand::Audit(args) => return show_audit(&args, settings).await,
        HouseCommand::Bench(BenchArgs { what }) => return show_bench(what).await,
        HouseCommand::Import(args) => return show_import(args, settings).await,
        HouseCommand::Register(args) => return show_register(&args, settings).await,
        HouseCommand::Serve(args) => serve::serve(&args, settings).await?,
        HouseCommand::Work(args) => operate::work(&args, settings).await?,
        HouseCommand::Migrate(args) => operate::migrate(&args, settings).await?,
        HouseCommand::Parallel(args) => parallel::run(&args.what, settings, &mut std::io::stdout()).await?,
        HouseCommand::Deliver(args) => println!("{}", operate::deliver(&args, settings).await?),
        HouseCommand::BankAnswer(args) => println!("{}", operate::bank_answer(&args, settings).await?),
        HouseCommand::Letters(args) => println!("{} letters", outgoing::letters(&args, settings).await?),
        HouseCommand::Notices(args) => println!("{} notices", outgoing::notices(&args, settings).await?),
        HouseCommand::Openapi(args) => operate::write_openapi(&args.folder)?,
        HouseCommand::Settings => print!("{}", catalogue::markdown()),
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

async fn show_audit(args: &audit::AuditArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let audited = audit::audit(args, settings).await?;
    print!("{}", audited.text);
    Ok(success_if(audited.whole))
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

async fn show_register(args: &RegisterArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let said = in_step::run(&args.what, settings).await?;
    println!("{}", said.text);
    Ok(success_if(said.well))
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
