//! Writes the grammar tables of this crate from a folder of official schemas.
//!
//! `cargo run -p iso20022 --bin generate-grammar -- <folder of .xsd files>`

use iso20022::generator::schema_from_xsd;
use iso20022::grammar::notation;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("give the folder that holds the .xsd files")?;
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar");
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "xsd") {
            continue;
        }
        let schema = schema_from_xsd(&std::fs::read_to_string(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        std::fs::write(target.join(format!("{}.grammar", schema.message)), notation::write(&schema))?;
    }
    Ok(())
}
