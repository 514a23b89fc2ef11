//! Environment variables as settings.

use toml::{Table, Value};

use super::SettingsError;

const PREFIX: &str = "NEMKONTO_";

/// Puts the variables that begin with `NEMKONTO_`, and `DATABASE_URL`, into the table.
pub(super) fn overlay(table: &mut Table, environment: impl Iterator<Item = (String, String)>) -> Result<(), SettingsError> {
    let mut variables: Vec<_> = environment.collect();
    // DATABASE_URL is the weaker name of the same setting, and sorts before NEMKONTO_.
    variables.sort();
    for (name, text) in variables {
        if name == "DATABASE_URL" {
            set(table, &["database", "url"], Value::String(text)).ok_or(SettingsError::Variable(name))?;
        } else if let Some(setting) = name.strip_prefix(PREFIX) {
            let lower = setting.to_ascii_lowercase();
            let path: Vec<&str> = lower.split("__").collect();
            if path.len() < 2 || path.iter().any(|part| part.is_empty()) {
                return Err(SettingsError::Variable(name));
            }
            set(table, &path, parse(text)).ok_or(SettingsError::Variable(name))?;
        }
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
