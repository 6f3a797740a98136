//! The routes of the other functions: what they are called with and what they answer.

use std::borrow::Cow::Borrowed;

use protocol::{ErrorCode, PAGE_CHANGES_MAX};

use super::route::{Access, Query, QueryKind, Route, Shape};

/// `sync-batch`, `sync-changes` and `auth`.
pub(super) fn routes() -> Vec<Route> {
    [sync(), login(), sessions(), team()].concat()
}

fn sync() -> Vec<Route> {
    vec![
        Route::new(
            "post",
            Borrowed("/sync/batch"),
            "sync-batch",
            Access::SignedIn,
            Borrowed(
                "Applies what a phone did offline: 1 to 50 operations, each answered by itself.",
            ),
        )
        .body(Shape::One("BatchRequest"))
        .answer(200, Shape::One("BatchResponse"))
        .errors(&[ErrorCode::InvalidBatchSize]),
        Route::new(
            "get",
            Borrowed("/sync/changes"),
            "sync-changes",
            Access::Feed,
            Borrowed("A page of the change feed."),
        )
        .answer(200, Shape::One("ChangesPage"))
        .errors(&[
            ErrorCode::InvalidCursor,
            ErrorCode::CursorExpired,
            ErrorCode::FeedGap,
            ErrorCode::Rebuilding,
            ErrorCode::TenantMismatch,
        ])
        .query(vec![SINCE, LIMIT]),
        Route::new(
            "get",
            Borrowed("/sync/snapshot"),
            "sync-changes",
            Access::Member,
            Borrowed("A part of all records as last published."),
        )
        .answer(200, Shape::One("SnapshotPage"))
        .errors(&[ErrorCode::InvalidCursor, ErrorCode::CursorExpired, ErrorCode::Rebuilding])
        .query(vec![AS_OF, PART]),
    ]
}

fn login() -> Vec<Route> {
    vec![
        Route::new(
            "post",
            Borrowed("/auth/register"),
            "auth",
            Access::Open,
            Borrowed("A new business with its first administrator."),
        )
        .body(Shape::One("RegisterRequest"))
        .answer(201, Shape::One("Session"))
        .errors(&[
            ErrorCode::EmailTaken,
            ErrorCode::InvalidEmail,
            ErrorCode::InvalidPassword,
            ErrorCode::InvalidField,
            ErrorCode::TooManyAttempts,
        ]),
        Route::new(
            "post",
            Borrowed("/auth/login"),
            "auth",
            Access::Open,
            Borrowed("Signs in on a device."),
        )
        .body(Shape::One("LoginRequest"))
        .answer(200, Shape::One("Session"))
        .errors(&[ErrorCode::InvalidCredentials, ErrorCode::TooManyAttempts]),
        Route::new(
            "post",
            Borrowed("/auth/refresh"),
            "auth",
            Access::Open,
            Borrowed("The next access token; the refresh token is replaced."),
        )
        .body(Shape::One("RefreshRequest"))
        .answer(200, Shape::One("Session"))
        .errors(&[ErrorCode::InvalidRefreshToken]),
    ]
}

fn sessions() -> Vec<Route> {
    vec![
        Route::new(
            "post",
            Borrowed("/auth/logout"),
            "auth",
            Access::Open,
            Borrowed("Ends the session of a refresh token."),
        )
        .body(Shape::One("RefreshRequest"))
        .answer(200, Shape::Nothing)
        .errors(&[ErrorCode::InvalidRefreshToken]),
        Route::new(
            "post",
            Borrowed("/auth/password"),
            "auth",
            Access::Member,
            Borrowed("Changes the caller's own password."),
        )
        .body(Shape::One("PasswordRequest"))
        .answer(200, Shape::Nothing)
        .errors(&[
            ErrorCode::InvalidCredentials,
            ErrorCode::InvalidPassword,
            ErrorCode::TooManyAttempts,
            ErrorCode::UserInactive,
        ]),
        Route::new(
            "get",
            Borrowed("/auth/sessions"),
            "auth",
            Access::Member,
            Borrowed("The caller's devices."),
        )
        .answer(200, Shape::Many("SessionSummary"))
        .errors(&[ErrorCode::UserInactive]),
        Route::new(
            "delete",
            Borrowed("/auth/sessions/{id}"),
            "auth",
            Access::Member,
            Borrowed("Ends the session of a lost phone."),
        )
        .answer(200, Shape::Nothing)
        .errors(&[ErrorCode::RecordNotFound, ErrorCode::UserInactive]),
    ]
}

fn team() -> Vec<Route> {
    vec![
        Route::new(
            "get",
            Borrowed("/team"),
            "auth",
            Access::Admin,
            Borrowed("The users of the business."),
        )
        .answer(200, Shape::Many("TeamMember"))
        .errors(&[ErrorCode::UserInactive]),
        Route::new(
            "post",
            Borrowed("/team"),
            "auth",
            Access::Admin,
            Borrowed("A new user of the business."),
        )
        .body(Shape::One("TeamMemberRequest"))
        .answer(201, Shape::One("TeamMember"))
        .errors(&[
            ErrorCode::EmailTaken,
            ErrorCode::InvalidEmail,
            ErrorCode::InvalidPassword,
            ErrorCode::InvalidField,
            ErrorCode::PasswordRequired,
            ErrorCode::TooManyAttempts,
            ErrorCode::UserInactive,
        ]),
        Route::new(
            "post",
            Borrowed("/team/{id}/deactivate"),
            "auth",
            Access::Admin,
            Borrowed("Ends a user's work for the business."),
        )
        .answer(200, Shape::One("TeamMember"))
        .errors(&[
            ErrorCode::RecordNotFound,
            ErrorCode::PasswordRequired,
            ErrorCode::TooManyAttempts,
            ErrorCode::UserInactive,
        ]),
        Route::new(
            "post",
            Borrowed("/team/{id}/reset"),
            "auth",
            Access::Admin,
            Borrowed("Gives a user a new password."),
        )
        .body(Shape::One("ResetPasswordRequest"))
        .answer(200, Shape::Nothing)
        .errors(&[
            ErrorCode::RecordNotFound,
            ErrorCode::InvalidPassword,
            ErrorCode::PasswordRequired,
            ErrorCode::TooManyAttempts,
            ErrorCode::UserInactive,
        ]),
    ]
}

const SINCE: Query = Query {
    name: "since",
    says: Borrowed("Where the reader stands; from the start of the present epoch if absent."),
    kind: QueryKind::Cursor,
};
const LIMIT: Query = Query {
    name: "limit",
    says: Borrowed("So many changes at most; 100 if absent."),
    kind: QueryKind::Count(PAGE_CHANGES_MAX),
};
const AS_OF: Query = Query {
    name: "asOf",
    says: Borrowed("Of the answer before, with its `nextPart` as `part`; neither at first."),
    kind: QueryKind::Cursor,
};
const PART: Query = Query {
    name: "part",
    says: Borrowed("`nextPart` of the answer before."),
    kind: QueryKind::Cursor,
};
