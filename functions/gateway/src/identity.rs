//! Who asks, as an argument of a route: the type says which roles may come in.
//!
//! [`Member`] and [`Admin`] read the stored user and session before the route runs, so that a token
//! whose session has ended opens nothing. [`SignedIn`] and [`Writer`] leave that to the push that
//! follows, which reads both along with the records that it is about.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts as RequestParts;
use protocol::{ErrorCode, Role};
use store::tables::{Surroundings, Tables};

use crate::caller::load_caller;
use crate::{ApiError, Claims, Gate, Parts, TokenError};

/// Anyone with a valid token, `SALIENTE` too: for the push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn(pub Claims);

/// A valid token of somebody who works for the business: for routes that push, and do nothing
/// else. `SALIENTE` is `forbidden`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer(pub Claims);

/// A user who works for the business, in a session that has not ended; `SALIENTE` is `forbidden`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member(pub Claims);

/// An administrator, in a session that has not ended; others are `forbidden`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin(pub Claims);

/// A reader of the feed, by the headers that the edge sets: `x-avileo-business` from the claim and
/// `x-avileo-token`. Everything that is wrong with them is `tenant_mismatch` (503) and never a 401,
/// which the edge's collapsing could hand to others who wait for the same page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedReader(pub Claims);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn
where
    Gate: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut RequestParts, state: &S) -> Result<Self, ApiError> {
        let token = bearer_token(&parts.headers)?;
        Ok(Self(Gate::from_ref(state).verify(token).await?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Writer
where
    Gate: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut RequestParts, state: &S) -> Result<Self, ApiError> {
        let SignedIn(claims) = SignedIn::from_request_parts(parts, state).await?;
        match claims.role {
            Role::AdminNegocio | Role::Vendedor => Ok(Self(claims)),
            Role::Saliente => Err(ErrorCode::Forbidden.into()),
        }
    }
}

impl<T, S> FromRequestParts<Parts<T, S>> for Member
where
    T: Tables + 'static,
    S: Surroundings + 'static,
{
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut RequestParts,
        state: &Parts<T, S>,
    ) -> Result<Self, ApiError> {
        let Writer(claims) = Writer::from_request_parts(parts, state).await?;
        load_caller(&*state.tables, &*state.surroundings, &claims).await?;
        Ok(Self(claims))
    }
}

impl<T, S> FromRequestParts<Parts<T, S>> for Admin
where
    T: Tables + 'static,
    S: Surroundings + 'static,
{
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut RequestParts,
        state: &Parts<T, S>,
    ) -> Result<Self, ApiError> {
        let Member(claims) = Member::from_request_parts(parts, state).await?;
        match claims.role {
            Role::AdminNegocio => Ok(Self(claims)),
            Role::Vendedor | Role::Saliente => Err(ErrorCode::Forbidden.into()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for FeedReader
where
    Gate: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut RequestParts, state: &S) -> Result<Self, ApiError> {
        let mismatch = || ApiError::new(ErrorCode::TenantMismatch);
        let business = single(&parts.headers, "x-avileo-business").ok_or_else(mismatch)?;
        let token = single(&parts.headers, "x-avileo-token").ok_or_else(mismatch)?;
        let claims = match Gate::from_ref(state).verify(token).await {
            Ok(claims) => claims,
            Err(TokenError::KeysUnavailable(source)) => return Err(ApiError::unavailable(source)),
            Err(error) => return Err(mismatch().caused_by(error)),
        };
        if claims.business.as_str() != business || claims.role == Role::Saliente {
            return Err(mismatch().caused_by("the edge let a token through that does not fit"));
        }
        Ok(Self(claims))
    }
}

fn bearer_token(headers: &HeaderMap) -> Result<&str, TokenError> {
    if !headers.contains_key(AUTHORIZATION) {
        return Err(TokenError::Missing);
    }
    let (scheme, token) = single(headers, AUTHORIZATION.as_str())
        .and_then(|value| value.split_once(' '))
        .ok_or(TokenError::Invalid)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(TokenError::Invalid) }
}

/// The value of a header that is there exactly once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}
