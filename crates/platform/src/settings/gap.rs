//! What the public sources do not say.

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

impl<T: DeserializeOwned + Clone> Gap<T> {
    pub(super) fn value(&self, gaps: &Table) -> Result<T, SettingsError> {
        let mut path = self.key.split('.');
        let found = path.next().and_then(|first| path.try_fold(gaps.get(first)?, |value, part| value.get(part)));
        let Some(value) = found else {
            return Ok(self.default.clone());
        };
        value
            .clone()
            .try_into()
            .map_err(|_| SettingsError::Invalid(format!("the setting gap.{} is of the wrong kind: {}", self.key, self.meaning)))
    }
}

/// The keys of all values in the table, with their sections.
pub(super) fn keys(gaps: &Table) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in gaps {
        match value {
            Value::Table(inner) => found.extend(keys(inner).into_iter().map(|key| format!("{name}.{key}"))),
            _ => found.push(name.clone()),
        }
    }
    found
}
