//! The routes: path, method, who may come in.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::{MethodRouter, get, post, put};
use gateway::{ApiError, Gate, JsonBody, Member, PathId};
use protocol::{Entity, JsonObject, RecordId};
use store::tables::{Surroundings, Tables};

use crate::health::health;
use crate::operation::{self, WriteHeaders};
use crate::parts::Parts;
use crate::write::{Written, write};

/// `/health`, and the writing routes of the entities that have them.
pub fn routes<T: Tables + 'static, S: Surroundings + 'static>(
    tables: T,
    surroundings: S,
    gate: &Gate,
) -> Router {
    let parts = Parts {
        tables: Arc::new(tables),
        surroundings: Arc::new(surroundings),
        gate: gate.clone(),
    };
    let mut routes = Router::new().route("/health", get(health::<T, S>));
    for (path, entity) in WRITABLE {
        routes = routes
            .route(path, collection(*entity))
            .route(&format!("{path}/{{id}}"), single(*entity));
    }
    routes.with_state(parts)
}

/// Who may write what is the domain's to decide; the gate keeps out only who has left.
fn collection<T: Tables + 'static, S: Surroundings + 'static>(
    entity: Entity,
) -> MethodRouter<Parts<T, S>> {
    post(
        async move |State(parts): State<Parts<T, S>>,
                    Member(claims): Member,
                    headers: HeaderMap,
                    JsonBody(body): JsonBody<JsonObject>|
                    -> Result<Written, ApiError> {
            let now = parts.surroundings.now();
            let headers = WriteHeaders::read(&headers)?;
            let operation = operation::insert(entity, body, headers, now)?;
            write(&parts, &claims, operation).await
        },
    )
}

fn single<T: Tables + 'static, S: Surroundings + 'static>(
    entity: Entity,
) -> MethodRouter<Parts<T, S>> {
    put(
        async move |State(parts): State<Parts<T, S>>,
                    Member(claims): Member,
                    PathId(id): PathId<RecordId>,
                    headers: HeaderMap,
                    JsonBody(body): JsonBody<JsonObject>|
                    -> Result<Written, ApiError> {
            let now = parts.surroundings.now();
            let headers = WriteHeaders::read(&headers)?;
            let operation = operation::update(entity, id, body, headers, now)?;
            write(&parts, &claims, operation).await
        },
    )
    .delete(
        async move |State(parts): State<Parts<T, S>>,
                    Member(claims): Member,
                    PathId(id): PathId<RecordId>,
                    headers: HeaderMap|
                    -> Result<Written, ApiError> {
            let now = parts.surroundings.now();
            let headers = WriteHeaders::read(&headers)?;
            write(&parts, &claims, operation::delete(entity, id, headers, now)).await
        },
    )
}

/// Entities that are written like any other; the rest come with rules of their own.
const WRITABLE: &[(&str, Entity)] = &[
    ("/customers", Entity::Customers),
    ("/sales", Entity::Sales),
    ("/abonos", Entity::Abonos),
    ("/products", Entity::Products),
    ("/product-variants", Entity::ProductVariants),
];
