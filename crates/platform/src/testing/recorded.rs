//! Do the recorded queries fit the migrated schema?

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Column, Either, Executor, PgConnection, SqlSafeStr, Statement};

/// What sqlx records of one checked query, as far as it is compared.
#[derive(Deserialize)]
struct Recorded {
    query: String,
    describe: Description,
}

#[derive(Deserialize)]
struct Description {
    columns: Vec<RecordedColumn>,
    parameters: RecordedParameters,
}

#[derive(Debug, PartialEq, Deserialize)]
struct RecordedColumn {
    name: String,
    type_info: Value,
}

/// sqlx writes the known types of parameters as the left of an either.
#[derive(Deserialize)]
struct RecordedParameters {
    #[serde(rename = "Left")]
    types: Vec<Value>,
}

/// Prepares every query recorded in `folder` (a crate's `.sqlx`) on a migrated database and compares the types of its parameters and columns
/// with the recorded ones. Answers how many queries there were.
///
/// # Panics
/// When a recorded query does not fit the schema, or the folder cannot be read: names the file and the query.
pub async fn check_recorded_queries(connection: &mut PgConnection, folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    for file in &files {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let recorded: Recorded = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        if let Err(reason) = check(connection, &recorded).await {
            panic!("{}: {reason}; record the queries anew\n{}", file.display(), recorded.query);
        }
    }
    files.len()
}

async fn check(connection: &mut PgConnection, recorded: &Recorded) -> Result<(), String> {
    let query = AssertSqlSafe(recorded.query.clone()).into_sql_str();
    let statement = connection.prepare(query).await.map_err(|error| error.to_string())?;
    let columns: Vec<RecordedColumn> = statement
        .columns()
        .iter()
        .map(|column| RecordedColumn { name: column.name().to_owned(), type_info: json(column.type_info()) })
        .collect();
    if columns != recorded.describe.columns {
        return Err(format!("the columns are {columns:?}, recorded are {:?}", recorded.describe.columns));
    }
    let parameters: Vec<Value> = match statement.parameters() {
        Some(Either::Left(types)) => types.iter().map(json).collect(),
        _ => Vec::new(),
    };
    if parameters != recorded.describe.parameters.types {
        return Err(format!("the parameters are {parameters:?}, recorded are {:?}", recorded.describe.parameters.types));
    }
    Ok(())
}

fn json(type_info: &impl serde::Serialize) -> Value {
    serde_json::to_value(type_info).expect("sqlx itself writes types as JSON")
}
