//! Recorded queries are held against the real schema.

use platform::testing::{TemporaryFolder, TestDatabase, check_recorded_queries};

use crate::houses::first;

fn folder(query: &str, column: &str, parameter: &str) -> TemporaryFolder {
    let folder = TemporaryFolder::new();
    let recorded = serde_json::json!({
        "db_name": "PostgreSQL",
        "query": query,
        "describe": {
            "columns": [{ "ordinal": 0, "name": column, "type_info": "Text" }],
            "parameters": { "Left": [parameter] },
            "nullable": [false],
        },
        "hash": "0",
    });
    std::fs::write(folder.path().join("query-0.json"), recorded.to_string()).unwrap();
    folder
}

const QUERY: &str = "select name from first.thing where id = $1";

async fn check(query: &str, column: &str, parameter: &str) -> Result<usize, String> {
    let folder = folder(query, column, parameter);
    let task = tokio::spawn(async move {
        let database = TestDatabase::new(&[first()]).await;
        check_recorded_queries(&mut database.admin().await, folder.path()).await
    });
    task.await.map_err(|error| *error.into_panic().downcast::<String>().unwrap())
}

#[tokio::test]
async fn a_query_that_fits_passes() {
    assert_eq!(check(QUERY, "name", "Int8").await, Ok(1));
}

#[tokio::test]
async fn a_query_that_does_not_fit_is_named() {
    let gone = check("select nam from first.thing where id = $1", "nam", "Int8").await.unwrap_err();
    assert!(gone.contains("does not exist") && gone.contains("query-0.json"), "{gone}");
    let column = check(QUERY, "title", "Int8").await.unwrap_err();
    assert!(column.contains("the columns are"), "{column}");
    let parameter = check(QUERY, "name", "Int4").await.unwrap_err();
    assert!(parameter.contains("the parameters are"), "{parameter}");
}
