//! The simulated banks' side of the demo: every file in the banks' folder is answered once, and the answer delivered.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use contracts::{Actor, Context};
use primitives::BankCode;
use simulation::banks::Banks;

use super::{progress::Progress, seed::operator};
use crate::{Failure, street::Street};

/// Answers every bank file below `out/bank` that has no answer below `out/from-bank` yet, and hands the answers to mediation; then what has come
/// back, which a bank tells when it is booked.
///
/// # Errors
/// When a file cannot be read or written, or mediation does not take an answer.
pub async fn answer_all(street: &Street, banks: &Banks, out: &Path, progress: &Progress) -> Result<u64, Failure> {
    let files = unanswered(out)?;
    let bar = progress.phase("bank answers", files.len() as u64);
    let mut booked = Vec::new();
    for file in &files {
        let folder = out.join("from-bank").join(file.bank.as_str());
        fs::create_dir_all(&folder)?;
        let answer = folder.join(&file.name);
        let (_, returns) = banks.answer_and_return(&file.path, BufWriter::new(File::create(&answer)?))?;
        hand_over(street, file.bank, &answer).await?;
        if returns.count() > 0 {
            let path = folder.join(format!("RETUR-{}", file.name));
            returns.write(BufWriter::new(File::create(&path)?))?;
            booked.push((file.bank, path));
        }
        bar.advance(1);
    }
    for (bank, path) in &booked {
        hand_over(street, *bank, path).await?;
    }
    bar.done();
    Ok(files.len() as u64)
}

async fn hand_over(street: &Street, bank: BankCode, answer: &Path) -> Result<(), Failure> {
    let context = Context { actor: Actor::Bank { code: bank }, ..operator() };
    let content = tokio::fs::File::open(answer).await?;
    street.mediation.bank_answer(&context, bank, Box::pin(content)).await?;
    Ok(())
}

struct BankFile {
    bank: BankCode,
    name: String,
    path: PathBuf,
}

fn unanswered(out: &Path) -> Result<Vec<BankFile>, Failure> {
    let mut files = Vec::new();
    let folder = out.join("bank");
    if !folder.is_dir() {
        return Ok(files);
    }
    for bank in sorted(&folder)? {
        let code = BankCode::parse(&file_name(&bank))?;
        for path in sorted(&bank)? {
            let name = file_name(&path);
            if path.extension().is_some_and(|ending| ending == "xml")
                && !out.join("from-bank").join(code.as_str()).join(&name).exists()
            {
                files.push(BankFile { bank: code, name, path });
            }
        }
    }
    Ok(files)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
