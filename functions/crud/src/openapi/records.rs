//! The routes of this function: the collections' from their own table, the rest one by one.

use std::borrow::Cow::{Borrowed, Owned};

use protocol::ErrorCode;

use super::route::{Access, Query, QueryKind, Route, Shape};
use crate::collection::{COLLECTIONS, Collection, MINE_FILTERS, Writing};
use crate::day::DAY_FILTERS;
use crate::filter::{Filter, FilterKind, STANDINGS};
use crate::list::{CURSOR, LIMIT, LIMIT_MAX};

/// All of them.
pub(super) fn routes() -> Vec<Route> {
    let mut routes: Vec<Route> = COLLECTIONS.iter().flat_map(of_collection).collect();
    routes.extend(special());
    routes
}

fn of_collection(collection: &Collection) -> Vec<Route> {
    let Collection { path, name, filters, writing, .. } = *collection;
    let many = |method, summary: &str| {
        let summary = Owned(format!("{name}: {summary}"));
        Route::new(method, Borrowed(path), FUNCTION, Access::Member, summary)
    };
    let one = |method, summary: &str| Route {
        path: Owned(format!("{path}/{{id}}")),
        ..many(method, summary)
    };
    let mut routes = vec![
        many("get", "a page of them, deleted ones left out.")
            .query(paged(filters))
            .answer(200, Shape::Page(name))
            .errors(LISTING),
        one("get", "one of them, its version as ETag.")
            .answer(200, Shape::One(name))
            .errors(&[ErrorCode::RecordNotFound]),
    ];
    let post = many("post", "a new one; without `id` it takes its id from Idempotency-Key.")
        .body(Shape::One(name))
        .answer(201, Shape::One(name));
    match writing {
        Writing::DayClosed => routes.push(post.errors(CLOSING)),
        Writing::Ordinary | Writing::Assigned => routes.extend([
            post.errors(WRITING),
            one("put", "changes the fields that the body names.")
                .body(Shape::Changes(name))
                .answer(200, Shape::One(name))
                .errors(WRITING),
            one("delete", "makes it a tombstone; may be repeated.")
                .answer(200, Shape::One(name))
                .errors(WRITING),
        ]),
    }
    routes
}

fn special() -> Vec<Route> {
    let member = |method, path, summary| {
        Route::new(method, Borrowed(path), FUNCTION, Access::Member, Borrowed(summary))
    };
    let open = |path, summary| {
        Route::new("get", Borrowed(path), FUNCTION, Access::Open, Borrowed(summary))
    };
    vec![
        member("get", "/distribuciones/mine", "Distribucion: the caller's own, the newest first.")
            .query(paged(MINE_FILTERS))
            .answer(200, Shape::Page("Distribucion"))
            .errors(LISTING),
        member("patch", "/distribuciones/{id}/close", "Distribucion: closes it for good.")
            .body(Shape::One("CloseRequest"))
            .answer(200, Shape::One("Distribucion"))
            .errors(WRITING),
        member(
            "get",
            "/records/{entity}/{id}/history",
            "What became of a record, the newest change first, as long as the feed holds it.",
        )
        .query(paged(&[]))
        .answer(200, Shape::Page("Change"))
        .errors(&[
            ErrorCode::RecordNotFound,
            ErrorCode::UnknownEntity,
            ErrorCode::InvalidCursor,
            ErrorCode::Rebuilding,
        ]),
        member("get", "/reports/accounts-receivable", "Who owes what, the highest debt first.")
            .answer(200, Shape::One("Receivables"))
            .errors(&[ErrorCode::PayloadTooLarge]),
        member("get", "/reports/day", "What was sold and collected on a day, by seller.")
            .query(DAY_FILTERS.iter().map(described).collect())
            .answer(200, Shape::One("DayReport"))
            .errors(&[ErrorCode::PayloadTooLarge, ErrorCode::InvalidDate]),
        open("/health", "Whether the store answers.").answer(200, Shape::One("Health")),
        open("/openapi.json", "This description.").answer(200, Shape::Bare),
    ]
}

fn paged(filters: &[Filter]) -> Vec<Query> {
    let mut query: Vec<Query> = filters.iter().map(described).collect();
    query.push(Query {
        name: LIMIT,
        says: Borrowed("So many at most; 50 if absent. A page may be short and yet have a cursor."),
        kind: QueryKind::Count(LIMIT_MAX as u64),
    });
    query.push(Query {
        name: CURSOR,
        says: Borrowed("`nextCursor` of the page before; the filters stay as they were."),
        kind: QueryKind::Cursor,
    });
    query
}

fn described(filter: &Filter) -> Query {
    let kind = match filter.kind {
        FilterKind::Id | FilterKind::Seller => QueryKind::Id,
        FilterKind::OneOf(words) => QueryKind::Words(words),
        FilterKind::Day | FilterKind::From | FilterKind::To => QueryKind::Date,
        FilterKind::Search => QueryKind::Text,
        FilterKind::Debt => QueryKind::Words(STANDINGS),
    };
    Query { name: filter.name, says: Borrowed(filter.says), kind }
}

const FUNCTION: &str = "crud";

const LISTING: &[ErrorCode] =
    &[ErrorCode::InvalidCursor, ErrorCode::InvalidDate, ErrorCode::PayloadTooLarge];

/// What the domain may refuse a write with, and what may keep it from being settled.
const WRITING: &[ErrorCode] = &[
    ErrorCode::InvalidIfMatch,
    ErrorCode::UserInactive,
    ErrorCode::InvalidField,
    ErrorCode::MissingField,
    ErrorCode::InvalidAmount,
    ErrorCode::InvalidDate,
    ErrorCode::InvalidTimestamp,
    ErrorCode::SaleWithoutItems,
    ErrorCode::TooManyItems,
    ErrorCode::TotalMismatch,
    ErrorCode::CustomerRequired,
    ErrorCode::OverPaid,
    ErrorCode::RecordTooLarge,
    ErrorCode::AlreadyExists,
    ErrorCode::OperationIdReused,
    ErrorCode::Deleted,
    ErrorCode::NameTaken,
    ErrorCode::DistribucionExists,
    ErrorCode::DistribucionClosed,
    ErrorCode::RecordNotFound,
    ErrorCode::MissingReference,
    ErrorCode::Contention,
];

/// What closing a day may be refused with.
const CLOSING: &[ErrorCode] = &[
    ErrorCode::InvalidIfMatch,
    ErrorCode::UserInactive,
    ErrorCode::InvalidField,
    ErrorCode::MissingField,
    ErrorCode::InvalidAmount,
    ErrorCode::InvalidDate,
    ErrorCode::AlreadyExists,
    ErrorCode::OperationIdReused,
    ErrorCode::ClosingExists,
    ErrorCode::ClosingNotAllowed,
    ErrorCode::MissingReference,
    ErrorCode::Contention,
];
