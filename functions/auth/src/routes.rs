//! The routes: what each takes, who may come in, and what it answers.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{delete, get, post};
use gateway::{Admin, Answer, ApiError, Gate, JsonBody, Member, PathId};
use protocol::{
    LoginRequest, PasswordRequest, RefreshRequest, RegisterRequest, ResetPasswordRequest, Session,
    TeamMember, TeamMemberRequest, UserId,
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
    let accounts = Accounts {
        tables: Arc::new(tables),
        surroundings: Arc::new(surroundings),
        gate: gate.clone(),
    };
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
        .with_state(accounts)
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
    JsonBody(request): JsonBody<TeamMemberRequest>,
) -> Answered<TeamMember> {
    accounts.add_member(&claims, &request).await.map(Answer::created)
}

async fn deactivate<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    Admin(claims): Admin,
    PathId(id): PathId<UserId>,
) -> Answered<TeamMember> {
    accounts.deactivate(&claims, &id).await.map(Answer::ok)
}

async fn reset_password<T: Tables, S: Surroundings>(
    State(accounts): State<Accounts<T, S>>,
    Admin(claims): Admin,
    PathId(id): PathId<UserId>,
    JsonBody(request): JsonBody<ResetPasswordRequest>,
) -> Answered<()> {
    accounts.reset_password(&claims, &id, &request.password).await.map(Answer::ok)
}
