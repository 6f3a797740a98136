//! `GET /health`: whether the store answers.

use axum::extract::State;
use gateway::{Answer, ApiError, Parts};
use protocol::{Instant, PROTOCOL_VERSION};
use serde::Serialize;
use store::reading::read_items;
use store::tables::{Key, Surroundings, Table, Tables};

/// `{"status":"ok","protocol":1,"serverTimestamp":"2026-11-22T13:05:00.000Z"}`; `unavailable` (503)
/// if the store does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Health {
    status: &'static str,
    protocol: u32,
    server_timestamp: Instant,
}

pub(crate) async fn health<T: Tables, S: Surroundings>(
    State(parts): State<Parts<T, S>>,
) -> Result<Answer<Health>, ApiError> {
    // A key that nobody has: what counts is that the store can say so.
    let nobody = Key::new(Table::Records, "health", "health");
    read_items(&*parts.tables, &*parts.surroundings, [nobody]).await?;
    Ok(Answer::ok(Health {
        status: "ok",
        protocol: PROTOCOL_VERSION,
        server_timestamp: parts.surroundings.now(),
    }))
}
