//! The description of the whole API, `OpenAPI` 3.1, at `/openapi.json`.
//!
//! Messages are described by the wire types themselves, what may be written of a record by the
//! domain's own tables, filters by what the lists read; paths stand in two tables, `others` for the
//! other functions and `records` for this one's, which tests hold against `template.yaml`.

mod document;
mod others;
mod records;
mod route;
mod shapes;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

pub use document::document;
pub(crate) use route::Route;

/// Every route of every function.
pub(crate) fn routes() -> Vec<Route> {
    [others::routes(), records::routes()].concat()
}

/// `GET /openapi.json`; as it is, in no envelope.
pub(crate) async fn serve() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], document().to_string()).into_response()
}
