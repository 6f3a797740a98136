//! The routes: what each takes, who may come in, and what it answers.

use axum::Router;
use axum::extract::State;
use axum::routing::{delete, get, post};
use gateway::{Admin, Answer, ApiError, Gate, JsonBody, Member, Parts, PathId};
use protocol::{
    DeactivateRequest, LoginRequest, PasswordRequest, RefreshRequest, RegisterRequest,
    ResetPasswordRequest, Session, TeamMember, TeamMemberRequest, UserId,
};
use store::tables::{Surroundings, Tables};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::attempts::Address;
use crate::device::Device;
use crate::sessions::SessionSummary;

type Answered<T> = Result<Answer<T>, ApiError>;

/// `/auth/…` and `/team/…`.
pub fn routes<T: Tables + 'static, S: Surroundings + 'static>(
    tables: T,
    surroundings: S,
    gate: &Gate,
) -> Router {
    Router::new()
        .route("/auth/register", post(register::<T, S>))
        .route("/auth/login", post(login::<T, S>))
        .route("/auth/refresh", post(refresh::<T, S>))
        .route("/auth/logout", post(logout::<T, S>))
        .route("/auth/password", post(change_password::<T, S>))
        .route("/auth/sessions", get(sessions::<T, S>))
        .route("/auth/sessions/{id}", delete(end_session::<T, S>))
        .route("/team", get(members::<T, S>).post(add_member::<T, S>))
        .route("/team/{id}/deactivate", post(deactivate::<T, S>))
        .route("/team/{id}/reset", post(reset_password::<T, S>))
        .with_state(Parts::new(tables, surroundings, gate))
}

async fn register<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    device: Device,
    address: Address,
    JsonBody(request): JsonBody<RegisterRequest>,
) -> Answered<Session> {
    accounts.register(&request, device, &address).await.map(Answer::created)
}

async fn login<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    device: Device,
    address: Address,
    JsonBody(request): JsonBody<LoginRequest>,
) -> Answered<Session> {
    accounts.login(&request, device, &address).await.map(Answer::ok)
}

async fn refresh<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    JsonBody(request): JsonBody<RefreshRequest>,
) -> Answered<Session> {
    accounts.refresh(&request.refresh_token).await.map(Answer::ok)
}

async fn logout<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    JsonBody(request): JsonBody<RefreshRequest>,
) -> Answered<()> {
    accounts.logout(&request.refresh_token).await.map(Answer::ok)
}

async fn change_password<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    Member(claims): Member,
    address: Address,
    JsonBody(request): JsonBody<PasswordRequest>,
) -> Answered<()> {
    accounts.change_password(&claims, &request, &address).await.map(Answer::ok)
}

async fn sessions<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    Member(claims): Member,
) -> Answered<Vec<SessionSummary>> {
    accounts.sessions(&claims).await.map(Answer::ok)
}

async fn end_session<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    Member(claims): Member,
    PathId(id): PathId<Uuid>,
) -> Answered<()> {
    accounts.end_session(&claims, &id.to_string()).await.map(Answer::ok)
}

async fn members<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    Admin(claims): Admin,
) -> Answered<Vec<TeamMember>> {
    accounts.members(&claims).await.map(Answer::ok)
}

async fn add_member<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    Admin(claims): Admin,
    address: Address,
    JsonBody(request): JsonBody<TeamMemberRequest>,
) -> Answered<TeamMember> {
    accounts.add_member(&claims, &request, &address).await.map(Answer::created)
}

async fn deactivate<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    Admin(claims): Admin,
    PathId(id): PathId<UserId>,
    address: Address,
    body: Result<JsonBody<DeactivateRequest>, ApiError>,
) -> Answered<TeamMember> {
    // Older clients send no body, or an arbitrary one: what cannot be read has no password in it.
    let request = body.map(|JsonBody(request)| request).unwrap_or_default();
    accounts.deactivate(&claims, &id, &request, &address).await.map(Answer::ok)
}

async fn reset_password<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    Admin(claims): Admin,
    PathId(id): PathId<UserId>,
    address: Address,
    JsonBody(request): JsonBody<ResetPasswordRequest>,
) -> Answered<()> {
    accounts.reset_password(&claims, &id, &request, &address).await.map(Answer::ok)
}
