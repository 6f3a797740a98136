//! The document: routes, messages and codes put together.

use std::collections::{BTreeMap, BTreeSet};

use domain::payload_schema;
use protocol::{ErrorCode, PROTOCOL_VERSION};
use serde_json::{Map, Value, json};

use super::route::{Access, Query, QueryKind, Route, Shape};
use super::shapes;
use crate::collection::{COLLECTIONS, Writing};

/// The whole of it, as JSON.
pub fn document() -> Value {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in &super::routes() {
        let methods = paths.entry(route.path.to_string()).or_default();
        methods.insert(route.method.to_owned(), operation(route));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Avileo",
            "version": PROTOCOL_VERSION.to_string(),
            "description": "Offline-first sales for poultry distributors. Phones write by \
                            /sync/batch and read by /sync/changes; the rest waits for its answer.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/api"}],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
        "x-error-codes": error_codes(),
    })
}

/// Every code with its status and what a person reads.
fn error_codes() -> Map<String, Value> {
    let described = |code: &ErrorCode| json!({"status": code.status(), "message": code.message()});
    ErrorCode::ALL.iter().map(|code| (code.as_str().to_owned(), described(code))).collect()
}

fn schemas() -> Map<String, Value> {
    let wire = serde_json::to_value(protocol::schema::components()).unwrap_or_default();
    let mut schemas = match wire.get("schemas") {
        Some(Value::Object(schemas)) => schemas.clone(),
        _ => Map::new(),
    };
    for collection in COLLECTIONS {
        let mut fields = shapes::record(collection.entity, payload_schema(collection.entity));
        schemas.insert(collection.name.to_owned(), fields.clone());
        if !matches!(collection.writing, Writing::DayClosed) {
            // What is not named stays as it is.
            fields.as_object_mut().map(|fields| fields.remove("required"));
            schemas.insert(shapes::changes(collection.name), fields);
        }
    }
    schemas.extend(shapes::of_this_function());
    schemas
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": format!("{} {}", route.method, route.path),
        "tags": [route.function],
        "summary": route.summary,
        "parameters": parameters(route),
        "responses": responses(route),
        "security": if route.access == Access::Open { json!([]) } else { json!([{"token": []}]) },
    });
    if route.body != Shape::Nothing {
        operation["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": shapes::of(route.body)}},
        });
    }
    operation
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path =
        route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path
        .map(|name| {
            json!({"name": name, "in": "path", "required": true, "schema": shapes::identifier()})
        })
        .collect();
    parameters.extend(route.query.iter().map(in_query));
    if is_operation(route) {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "schema": shapes::identifier(),
            "description": "The operation's id: under one key a write takes effect once.",
        }));
        parameters.push(json!({
            "name": "If-Match", "in": "header",
            "schema": {"type": "string", "pattern": "^(\"[1-9][0-9]{0,15}\"|[1-9][0-9]{0,15})$"},
            "description": "The version that the change was made on, as the ETag says it.",
        }));
    }
    parameters.push(json!({
        "name": "x-avileo-client", "in": "header", "schema": {"type": "string"},
        "description": "The app's version; one too old is answered `client_too_old`.",
    }));
    parameters
}

fn in_query(query: &Query) -> Value {
    let schema = match query.kind {
        QueryKind::Text => json!({"type": "string", "maxLength": 100}),
        QueryKind::Id => shapes::identifier(),
        QueryKind::Date => json!({"type": "string", "format": "date"}),
        QueryKind::Words(words) => json!({"type": "string", "enum": words}),
        QueryKind::Count(most) => json!({"type": "integer", "minimum": 1, "maximum": most}),
        QueryKind::Cursor => json!({"type": "string", "minLength": 1}),
    };
    json!({"name": query.name, "in": "query", "description": query.says, "schema": schema})
}

/// A write that is one operation.
fn is_operation(route: &Route) -> bool {
    route.errors.contains(&ErrorCode::InvalidIfMatch)
}

fn responses(route: &Route) -> Map<String, Value> {
    let data = match route.answer {
        Shape::Bare => shapes::of(Shape::Object),
        shape => shapes::enveloped(shape),
    };
    let success = json!({
        "description": route.summary, "content": {"application/json": {"schema": data}},
    });
    let mut responses = Map::new();
    if route.status == 201 && is_operation(route) {
        // The same once more, under one key.
        responses.insert("200".to_owned(), success.clone());
    }
    responses.insert(route.status.to_string(), success);
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in errors(route) {
        by_status.entry(code.status()).or_default().push(code.as_str());
    }
    for (status, codes) in by_status {
        let says = format!("`{}`", codes.join("`, `"));
        let schema = json!({"$ref": "#/components/schemas/Failure"});
        let failure = json!({
            "description": says, "x-error-codes": codes,
            "content": {"application/json": {"schema": schema}},
        });
        responses.insert(status.to_string(), failure);
    }
    responses
}

/// The route's own failures, and those that its kind brings along.
fn errors(route: &Route) -> BTreeSet<ErrorCode> {
    let mut errors: BTreeSet<ErrorCode> = route.errors.iter().copied().collect();
    errors.extend([ErrorCode::ClientTooOld, ErrorCode::Internal, ErrorCode::Unavailable]);
    if route.access != Access::Open {
        errors.extend([ErrorCode::MissingToken, ErrorCode::InvalidToken, ErrorCode::TokenExpired]);
    }
    if !matches!(route.access, Access::Open | Access::SignedIn) {
        errors.insert(ErrorCode::Forbidden);
    }
    if route.body != Shape::Nothing {
        let of_bodies =
            [ErrorCode::InvalidJson, ErrorCode::InvalidRequest, ErrorCode::PayloadTooLarge];
        errors.extend(of_bodies);
    }
    if !route.query.is_empty() {
        errors.insert(ErrorCode::InvalidRequest);
    }
    if route.path.contains('{') || route.query.iter().any(|query| query.kind == QueryKind::Id) {
        errors.insert(ErrorCode::InvalidId);
    }
    errors
}
