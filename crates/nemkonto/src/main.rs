//! The program: reads the command line and does what it says.
#![allow(clippy::print_stdout, reason = "the commands print their results")]

use std::process::ExitCode;

use clap::Parser;
use nemkonto::cli::{BenchArgs, Cli, Command, DemoArgs};
use nemkonto::{Failure, bench, demo, operate, serve};
use platform::telemetry::LogFormat;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = std::env::var("NEMKONTO_LOG").unwrap_or_else(|_| "warn".to_owned());
    if let Err(error) = platform::telemetry::init(LogFormat::Text, &filter) {
        return failed(&error.into());
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Demo(args) => return show_demo(args).await,
        Command::Serve(args) => serve::serve(&args).await?,
        Command::Work(args) => operate::work(&args).await?,
        Command::Migrate => operate::migrate().await?,
        Command::Deliver(args) => println!("{}", operate::deliver(&args).await?),
        Command::BankAnswer(args) => println!("{}", operate::bank_answer(&args).await?),
        Command::Bench(BenchArgs { what }) => println!("{}", bench::run(what).await?),
        Command::Openapi(args) => operate::write_openapi(&args.folder)?,
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
