//! Environment variables as settings.

use toml::{Table, Value};

use super::SettingsError;

const PREFIX: &str = "NEMKONTO_";

/// Variables with a name of their own, and the settings they set. The long name `NEMKONTO_SECTION__KEY` wins over the short one.
pub const SHORT_NAMES: [(&str, [&str; 2]); 4] = [
    ("DATABASE_URL", ["database", "url"]),
    ("NEMKONTO_DATA_DIR", ["local_postgres", "data_dir"]),
    ("NEMKONTO_KEY_FILE", ["seal", "key_file"]),
    ("NEMKONTO_LOG", ["telemetry", "filter"]),
];

/// Variables of ours that are no settings: options of the command line, and those that tests set.
pub const NOT_SETTINGS: [&str; 6] = [
    "NEMKONTO_SERVICE_SECRET",
    "NEMKONTO_SERVICE_CA",
    crate::crash::CRASH_AT,
    "NEMKONTO_TEST_POSTGRES",
    "NEMKONTO_FUZZ_FILES",
    "NEMKONTO_FUZZ_SEED",
];

/// Puts the variables that begin with `NEMKONTO_`, and those with a short name, into the table. An empty short one is as good as none.
pub(super) fn overlay(table: &mut Table, environment: impl Iterator<Item = (String, String)>) -> Result<(), SettingsError> {
    let (mut short, mut long) = (Vec::new(), Vec::new());
    for (name, text) in environment {
        if let Some((_, path)) = SHORT_NAMES.iter().find(|(known, _)| *known == name) {
            if !text.is_empty() {
                short.push((name, path, text));
            }
        } else if name.starts_with(PREFIX) && !NOT_SETTINGS.contains(&name.as_str()) {
            long.push((name, text));
        }
    }
    for (name, path, text) in short {
        set(table, path, Value::String(text)).ok_or(SettingsError::Variable(name))?;
    }
    long.sort();
    for (name, text) in long {
        let lower = name[PREFIX.len()..].to_ascii_lowercase();
        let path: Vec<&str> = lower.split("__").collect();
        if path.len() < 2 || path.iter().any(|part| part.is_empty()) {
            return Err(SettingsError::Variable(name));
        }
        set(table, &path, parse(text)).ok_or(SettingsError::Variable(name))?;
    }
    Ok(())
}

/// `None` when a part of the path is already a value and not a section.
fn set(table: &mut Table, path: &[&str], value: Value) -> Option<()> {
    let (key, sections) = path.split_last()?;
    let mut section = table;
    for name in sections {
        section = section.entry(*name).or_insert_with(|| Value::Table(Table::new())).as_table_mut()?;
    }
    section.insert((*key).to_owned(), value);
    Some(())
}

/// Numbers, truth values, lists and quoted strings as TOML writes them; anything else is a string as it stands.
fn parse(text: String) -> Value {
    let parsed = toml::from_str::<Table>(&format!("value = {text}")).ok().and_then(|mut table| table.remove("value"));
    match parsed {
        Some(value @ (Value::Integer(_) | Value::Boolean(_) | Value::Array(_) | Value::String(_))) => value,
        _ => Value::String(text),
    }
}
