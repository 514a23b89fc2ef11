//! What the page "How to send to NemKonto" shows is what the program prints.

use std::path::{Path, PathBuf};
use std::process::Command;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

fn examples() -> PathBuf {
    workspace().join("fixtures/how-to-send")
}

/// The commands of the page's consoles, each with the lines shown below it.
fn shown() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(workspace().join("HOW_TO_SEND.md")).unwrap();
    let mut shown: Vec<(String, String)> = Vec::new();
    for console in page.split("```console\n").skip(1) {
        let (console, _) = console.split_once("```").unwrap();
        for line in console.lines() {
            match line.strip_prefix("$ ") {
                Some(command) => shown.push((command.to_owned(), String::new())),
                None => shown.last_mut().unwrap().1.extend([line, "\n"]),
            }
        }
    }
    shown
}

/// What a command prints in the folder of the examples.
fn printed(command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_nemkonto"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());
    let output =
        Command::new("sh").args(["-c", &format!("{command} 2>&1")]).current_dir(examples()).env("PATH", path).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_console_of_the_page_shows_what_is_printed() {
    let shown = shown();
    let mut programs = 0;
    for (command, lines) in &shown {
        if command.starts_with("nemkonto ") {
            assert_eq!(&printed(command), lines, "$ {command}");
            programs += 1;
        }
    }
    assert!(programs > 15, "the page shows {programs} commands");
}

#[test]
fn every_example_is_on_the_page() {
    let page = std::fs::read_to_string(workspace().join("HOW_TO_SEND.md")).unwrap();
    for folder in [examples(), examples().join("faulty")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(!name.ends_with(".xml") || page.contains(&name), "{name} is not on the page");
        }
    }
}
