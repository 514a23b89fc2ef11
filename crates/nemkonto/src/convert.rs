//! `nemkonto convert`: a `pain.001` in another version. Needs no database and no settings.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use iso20022::Limits;
use iso20022::convert::{Conversion, ConvertOptions, convert as convert_message};

use crate::Failure;
use crate::cli::ConvertArgs;
use crate::source::once;
use crate::spool;

/// Writes the file in the other version, and on `notes` what stood in the way or was left out; tells whether it is written.
///
/// # Errors
/// When the file cannot be read or the new one not be written.
pub fn convert(args: &ConvertArgs, out: &mut impl Write, notes: &mut impl Write) -> Result<bool, Failure> {
    let name = args.file.display().to_string();
    let failed = |error: io::Error| Failure::from(format!("{name}: {error}"));
    let input = once(&args.file).map_err(failed)?;
    let conversion = match &args.out {
        None => to_output(input, args, out)?,
        Some(target) => to_file(input, args, target)?,
    };
    for finding in &conversion.obstacles {
        writeln!(notes, "{name}: {finding}")?;
    }
    for loss in &conversion.losses {
        writeln!(notes, "{name}: line {}: {}: left out", loss.line, loss.path)?;
    }
    if conversion.untold_losses > 0 {
        writeln!(notes, "{name}: {} more left out", conversion.untold_losses)?;
    }
    Ok(conversion.obstacles.is_empty())
}

fn run(input: impl Read, args: &ConvertArgs, out: &mut impl Write) -> Result<Conversion, Failure> {
    let options = ConvertOptions { limits: Limits::default(), lossy: args.lossy };
    Ok(convert_message(input, args.to, out, options)?)
}

/// Nothing is written before it is known to be whole: whoever reads the output may be a bank's program.
fn to_output(input: impl Read, args: &ConvertArgs, out: &mut impl Write) -> Result<Conversion, Failure> {
    let failed = |error: io::Error| Failure::from(format!("the temporary file: {error}"));
    let mut spool = BufWriter::new(spool::nameless().map_err(failed)?);
    let conversion = run(input, args, &mut spool)?;
    if conversion.obstacles.is_empty() {
        let mut spool = spool.into_inner().map_err(|error| failed(error.into_error()))?;
        spool.rewind().map_err(failed)?;
        io::copy(&mut spool, out)?;
        out.flush()?;
    }
    Ok(conversion)
}

/// The file appears under its name only when it is whole.
fn to_file(input: impl Read, args: &ConvertArgs, target: &Path) -> Result<Conversion, Failure> {
    let unfinished = unfinished(target);
    let failed = |error: io::Error| Failure::from(format!("{}: {error}", unfinished.display()));
    let mut out = BufWriter::new(File::create(&unfinished).map_err(failed)?);
    let conversion = run(input, args, &mut out).and_then(|conversion| Ok(out.flush().map(|()| conversion)?));
    match conversion {
        Ok(conversion) if conversion.obstacles.is_empty() => {
            std::fs::rename(&unfinished, target).map_err(failed)?;
            Ok(conversion)
        }
        other => {
            std::fs::remove_file(&unfinished).map_err(failed)?;
            other
        }
    }
}

fn unfinished(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".unfinished");
    PathBuf::from(name)
}
