//! The program: reads the command line and does what it says.
#![allow(clippy::print_stdout, reason = "the commands print their results")]

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use clap::Parser;
use nemkonto::cli::{BenchArgs, Cli, Command, DemoArgs, FileCommand, HouseCommand};
use nemkonto::{Failure, bench, check, convert, demo, operate, serve, show};
use platform::telemetry::LogFormat;

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::OnFiles(command) => on_files(&command),
        Command::OnHouses(command) => on_houses(command),
    }
}

/// Reads a file and writes what there is to say; the command's answer is whether all is well.
fn on_files(command: &FileCommand) -> ExitCode {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let answer = match command {
        FileCommand::Check(args) => check::check(args, &mut out),
        FileCommand::Convert(args) => convert::convert(args, &mut out, &mut std::io::stderr()),
        FileCommand::Show(args) => show::show(args, &mut out),
    };
    match answer.and_then(|well| Ok(out.flush().map(|()| well)?)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => failed(&error),
    }
}

fn on_houses(command: HouseCommand) -> ExitCode {
    let filter = std::env::var("NEMKONTO_LOG").unwrap_or_else(|_| "warn".to_owned());
    if let Err(error) = platform::telemetry::init(LogFormat::Text, &filter) {
        return failed(&error.into());
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(run(command)) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

async fn run(command: HouseCommand) -> Result<ExitCode, Failure> {
    match command {
        HouseCommand::Demo(args) => return show_demo(args).await,
        HouseCommand::Serve(args) => serve::serve(&args).await?,
        HouseCommand::Work(args) => operate::work(&args).await?,
        HouseCommand::Migrate => operate::migrate().await?,
        HouseCommand::Deliver(args) => println!("{}", operate::deliver(&args).await?),
        HouseCommand::BankAnswer(args) => println!("{}", operate::bank_answer(&args).await?),
        HouseCommand::Bench(BenchArgs { what }) => println!("{}", bench::run(what).await?),
        HouseCommand::Openapi(args) => operate::write_openapi(&args.folder)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn show_demo(args: DemoArgs) -> Result<ExitCode, Failure> {
    let options = demo::Options::from_args(&args);
    if let Some(file) = &args.file {
        for written in demo::outside_file(&options, file).await? {
            println!("{}\n{}", written.display(), std::fs::read_to_string(&written)?);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let summary = demo::run(&options).await?;
    if args.json {
        println!("{}", summary.to_json());
    } else {
        println!("{summary}");
    }
    Ok(if summary.balanced() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
