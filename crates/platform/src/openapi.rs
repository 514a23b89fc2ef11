//! The OpenAPI 3.1 document of a house's open interface, built from its operations. The same operations give the same bytes.

use contracts::operation::CALL_HEADER;
use contracts::{Context, IdempotencyKey, Operation, OperationName};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::http::{PROBLEM_JSON, ProblemBody};
use crate::rpc;

/// One operation, ready to be described.
#[derive(Clone, Copy)]
pub struct OperationDoc {
    name: OperationName,
    input: fn(&mut SchemaGenerator) -> Schema,
    output: fn(&mut SchemaGenerator) -> Schema,
    /// The media type of the file that comes with the call, if one does.
    file: Option<&'static str>,
}

impl OperationDoc {
    /// Where the operation stands.
    #[must_use]
    pub fn name(&self) -> OperationName {
        self.name
    }

    /// The description of `O`.
    #[must_use]
    pub fn of<O: Operation>() -> Self {
        Self { name: O::NAME, input: schema_of::<O::Input>, output: schema_of::<O::Output>, file: None }
    }

    /// The description of `O`, whose body is a file of this media type; the call stands in a header.
    #[must_use]
    pub fn of_stream<O: Operation>(media_type: &'static str) -> Self {
        Self { file: Some(media_type), ..Self::of::<O>() }
    }
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The document of the operations, in the order of their paths.
#[must_use]
pub fn openapi(title: &str, version: &str, operations: &[OperationDoc]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let paths: Map<String, Value> = operations.iter().map(|operation| describe(operation, &mut generator)).collect();
    let mut schemas = generator.take_definitions(true);
    schemas.sort_keys();
    json!({
        "openapi": "3.1.0",
        "info": { "title": title, "version": version },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "service": { "type": "http", "scheme": "bearer" } },
        },
        "security": [{ "service": [] }],
    })
}

fn describe(operation: &OperationDoc, generator: &mut SchemaGenerator) -> (String, Value) {
    let name = operation.name;
    let problem = generator.subschema_for::<ProblemBody>();
    let call = call_schema(operation, generator);
    let mut post = json!({
        "operationId": format!("{}.{}", name.house, name.name),
        "summary": name.summary,
        "tags": [name.house],
        "responses": {
            "200": {
                "description": "The output",
                "content": { "application/json": { "schema": (operation.output)(generator) } },
            },
            "default": {
                "description": "A problem (RFC 9457)",
                "content": { PROBLEM_JSON: { "schema": problem } },
            },
        },
    });
    let body = match operation.file {
        None => json!({ "application/json": { "schema": call } }),
        Some(media_type) => {
            post["parameters"] = call_header(&call);
            json!({ media_type: {} })
        }
    };
    post["requestBody"] = json!({ "required": true, "content": body });
    (rpc::path(name), json!({ "post": post }))
}

/// The header of a call that comes with a file: JSON in ASCII (other characters escaped).
fn call_header(call: &Value) -> Value {
    json!([{
        "name": CALL_HEADER,
        "in": "header",
        "required": true,
        "content": { "application/json": { "schema": call } },
    }])
}

/// A call; the key is required exactly where the operation changes state.
fn call_schema(operation: &OperationDoc, generator: &mut SchemaGenerator) -> Value {
    let mut properties = json!({
        "context": generator.subschema_for::<Context>(),
        "input": (operation.input)(generator),
    });
    let mut required = vec!["context", "input"];
    if operation.name.keyed {
        properties["key"] = generator.subschema_for::<IdempotencyKey>().to_value();
        required.push("key");
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

#[cfg(test)]
mod tests {
    use contracts::register::{Designate, Resolve};

    use super::*;

    fn document() -> Value {
        openapi("Register", "1.0.0", &[OperationDoc::of::<Resolve>(), OperationDoc::of::<Designate>()])
    }

    /// Every `$ref` in the document, wherever it stands.
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.strip_prefix('#').expect("references stay inside the document");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn the_same_operations_give_the_same_bytes_and_the_key_is_required_where_state_changes() {
        let document = document();
        assert_eq!(serde_json::to_string(&document).unwrap(), serde_json::to_string(&super::tests::document()).unwrap());
        let required = |path: &str| {
            document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["required"].clone()
        };
        assert_eq!(required("/v1/register/resolve"), json!(["context", "input"]));
        assert_eq!(required("/v1/register/designate"), json!(["context", "input", "key"]));
    }
}
