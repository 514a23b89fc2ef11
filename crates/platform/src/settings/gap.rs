//! What the public sources do not say.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::SettingsError;

/// A choice without a public source: a key, what it means, and a default that is ours and not Danish practice. The operator sets it in
/// section `[gap]`, under the house's name: `mediation.cut_off` is `[gap.mediation] cut_off = …` or `NEMKONTO_GAP__MEDIATION__CUT_OFF`.
#[derive(Clone, Debug)]
pub struct Gap<T> {
    /// `house.name`.
    pub key: &'static str,
    /// What it decides, with its unit.
    pub meaning: &'static str,
    /// What holds until the operator says otherwise.
    pub default: T,
}

/// Section `[gap]`: what the operator has decided.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Gaps(Table);

impl Gaps {
    /// The value of a gap: the operator's, or the labelled default.
    ///
    /// # Errors
    /// When the operator's value is of another kind.
    pub fn get<T: DeserializeOwned + Clone>(&self, gap: &Gap<T>) -> Result<T, SettingsError> {
        let mut path = gap.key.split('.');
        let found = path.next().and_then(|first| path.try_fold(self.0.get(first)?, |value, part| value.get(part)));
        let Some(value) = found else {
            return Ok(gap.default.clone());
        };
        value
            .clone()
            .try_into()
            .map_err(|_| SettingsError::Invalid(format!("the setting gap.{} is of the wrong kind: {}", gap.key, gap.meaning)))
    }

    /// Checks that the operator has set no gap that does not exist; `known` are the keys of all houses.
    ///
    /// # Errors
    /// Names the first unknown one.
    pub fn check(&self, known: &[&str]) -> Result<(), SettingsError> {
        keys(&self.0)
            .into_iter()
            .find(|key| !known.contains(&key.as_str()))
            .map_or(Ok(()), |key| Err(SettingsError::Invalid(format!("the setting gap.{key} is unknown"))))
    }
}

/// The keys of all values in the table, with their sections.
fn keys(gaps: &Table) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in gaps {
        match value {
            Value::Table(inner) => found.extend(keys(inner).into_iter().map(|key| format!("{name}.{key}"))),
            _ => found.push(name.clone()),
        }
    }
    found
}
