//! The routes: path, method, who may come in.
//!
//! Who may write what is the domain's to decide; the gate keeps out only who has left. Every record
//! of a business reaches every phone of it, so every user who works for it may read them here too.
//! Routes that read take a [`Member`], those that write a [`Writer`], whose session the push reads.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::middleware;
use axum::routing::{MethodRouter, any, get, patch};
use domain::RecordKey;
use gateway::{Answer, ApiError, Gate, JsonBody, Member, Parameters, Parts, PathId, Writer};
use protocol::{Change, Entity, ErrorCode, JsonObject, RecordId};
use store::tables::{Surroundings, Tables};

use crate::collection::{COLLECTIONS, Collection, MINE_FILTERS, Writing};
use crate::day::day;
use crate::debts::accounts_receivable;
use crate::health::health;
use crate::list::{Page, list, page, read_filters};
use crate::openapi;
use crate::operation::{self, WriteHeaders};
use crate::record::{Found, record, record_history};
use crate::unrouted::refuse_unrouted;
use crate::write::{Written, assign, close_day, write};

/// All of them; what comes by the gateway's `$default` is refused.
pub fn routes<T: Tables + 'static, S: Surroundings + 'static>(
    tables: T,
    surroundings: S,
    gate: &Gate,
) -> Router {
    let parts = Parts::new(tables, surroundings, gate);
    let mut routes = Router::new()
        .route("/health", get(health::<T, S>))
        .route("/openapi.json", get(openapi::serve))
        .route("/distribuciones/mine", mine())
        .route("/distribuciones/{id}/close", close())
        .route("/records/{entity}/{id}/history", changes())
        .route("/reports/accounts-receivable", receivable())
        .route("/reports/day", day_report());
    for collection in COLLECTIONS {
        let one = format!("{}/{{id}}", collection.path);
        routes = routes.route(collection.path, many(collection)).route(&one, single(collection));
    }
    routes
        // Set here and not only by the gateway, so that the layer below is around them too.
        .route("/", any(not_found))
        .route("/{*rest}", any(not_found))
        .method_not_allowed_fallback(async || ApiError::new(ErrorCode::MethodNotAllowed))
        .with_state(parts)
        .layer(middleware::from_fn(refuse_unrouted))
}

async fn not_found() -> ApiError {
    ErrorCode::RouteNotFound.into()
}

fn many<T: Tables + 'static, S: Surroundings + 'static>(
    collection: &'static Collection,
) -> MethodRouter<Parts<T, S>> {
    let read = get(
        async move |State(parts): State<Parts<T, S>>,
                    Member(claims): Member,
                    parameters: Parameters|
                    -> Result<Answer<Page<JsonObject>>, ApiError> {
            list(&parts, &claims, collection, &parameters).await
        },
    );
    read.post(
        async move |State(parts): State<Parts<T, S>>,
                    Writer(claims): Writer,
                    headers: HeaderMap,
                    JsonBody(body): JsonBody<JsonObject>|
                    -> Result<Written, ApiError> {
            let now = parts.surroundings.now();
            let headers = WriteHeaders::read(&headers)?;
            let operation = operation::insert(collection.entity, body, headers, now)?;
            match collection.writing {
                Writing::Ordinary => write(&parts, &claims, operation).await,
                Writing::Assigned => assign(&parts, &claims, operation).await,
                Writing::DayClosed => close_day(&parts, &claims, &operation).await,
            }
        },
    )
}

fn single<T: Tables + 'static, S: Surroundings + 'static>(
    collection: &'static Collection,
) -> MethodRouter<Parts<T, S>> {
    let entity = collection.entity;
    let read = get(
        async move |State(parts): State<Parts<T, S>>,
                    Member(claims): Member,
                    PathId(id): PathId<RecordId>|
                    -> Result<Found, ApiError> {
            record(&parts, &claims, RecordKey::new(entity, id)).await
        },
    );
    if collection.writing == Writing::DayClosed {
        return read;
    }
    read.put(
        async move |State(parts): State<Parts<T, S>>,
                    Writer(claims): Writer,
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
                    Writer(claims): Writer,
                    PathId(id): PathId<RecordId>,
                    headers: HeaderMap|
                    -> Result<Written, ApiError> {
            let now = parts.surroundings.now();
            let headers = WriteHeaders::read(&headers)?;
            write(&parts, &claims, operation::delete(entity, id, headers, now)).await
        },
    )
}

/// The caller's own loads, the newest first.
fn mine<T: Tables + 'static, S: Surroundings + 'static>() -> MethodRouter<Parts<T, S>> {
    let loads = COLLECTIONS.iter().find(|collection| collection.entity == Entity::Distribuciones);
    let loads = loads.expect("loads are among the collections");
    get(
        async move |State(parts): State<Parts<T, S>>,
                    Member(claims): Member,
                    parameters: Parameters|
                    -> Result<Answer<Page<JsonObject>>, ApiError> {
            let filters = read_filters(&parameters, MINE_FILTERS)?;
            let filters = filters.of_seller("vendedorId", &claims.user);
            page(&parts, &claims, loads, &parameters, filters).await
        },
    )
}

fn close<T: Tables + 'static, S: Surroundings + 'static>() -> MethodRouter<Parts<T, S>> {
    patch(
        async move |State(parts): State<Parts<T, S>>,
                    Writer(claims): Writer,
                    PathId(id): PathId<RecordId>,
                    headers: HeaderMap,
                    JsonBody(body): JsonBody<JsonObject>|
                    -> Result<Written, ApiError> {
            let now = parts.surroundings.now();
            let headers = WriteHeaders::read(&headers)?;
            write(&parts, &claims, operation::close(id, body, headers, now)?).await
        },
    )
}

fn changes<T: Tables + 'static, S: Surroundings + 'static>() -> MethodRouter<Parts<T, S>> {
    get(
        async move |State(parts): State<Parts<T, S>>,
                    Member(claims): Member,
                    path: Result<
            Path<(String, String)>,
            axum::extract::rejection::PathRejection,
        >,
                    parameters: Parameters|
                    -> Result<Answer<Page<Change>>, ApiError> {
            // What cannot be read of a path is no text.
            let Path((entity, id)) = path.map_err(|_| ErrorCode::InvalidId)?;
            record_history(&parts, &claims, &entity, &id, &parameters).await
        },
    )
}

fn receivable<T: Tables + 'static, S: Surroundings + 'static>() -> MethodRouter<Parts<T, S>> {
    get(
        async move |State(parts): State<Parts<T, S>>,
                    Member(claims): Member,
                    parameters: Parameters| {
            accounts_receivable(&parts, &claims, &parameters).await
        },
    )
}

fn day_report<T: Tables + 'static, S: Surroundings + 'static>() -> MethodRouter<Parts<T, S>> {
    get(
        async move |State(parts): State<Parts<T, S>>,
                    Member(claims): Member,
                    parameters: Parameters| { day(&parts, &claims, &parameters).await },
    )
}
