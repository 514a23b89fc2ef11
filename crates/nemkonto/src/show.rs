//! `nemkonto show`: a delivery as a table. Needs no database and no settings.

use std::io::{self, Write};

use iso20022::explain::{TableOptions, write_table};

use crate::Failure;
use crate::cli::ShowArgs;
use crate::source::once;

/// Writes the file as a table; tells whether it can be read at all.
///
/// # Errors
/// When the file cannot be read, or the output not written.
pub fn show(args: &ShowArgs, out: &mut impl Write) -> Result<bool, Failure> {
    let failed = |error: io::Error| Failure::from(format!("{}: {error}", args.file.display()));
    let input = once(&args.file).map_err(failed)?;
    let options = TableOptions { unmasked: args.unmasked, rows: args.rows };
    Ok(write_table(input, out, options)?)
}
