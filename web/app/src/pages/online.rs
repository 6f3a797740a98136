//! What is done online only, and signing in and out, as callbacks.

use protocol::{JsonObject, PasswordRequest, RegisterRequest, TeamMember, TeamMemberRequest};
use yew::prelude::*;

use super::source::run;
use crate::data::{self, Online};
use crate::format::{Record, text};

/// What is done online only.
#[derive(Clone)]
pub(super) struct Api(Online);

/// For whoever writes online.
#[hook]
pub(super) fn use_api() -> Api {
    Api(data::use_phone().online())
}

impl Api {
    /// A product, new or changed; answers its id.
    pub(super) fn save_product(
        &self,
        product: Option<Record>,
        data: JsonObject,
        done: Callback<Result<String, String>>,
    ) {
        let api = self.0.clone();
        let work = async move {
            let saved = match &product {
                Some(product) => api.update_product(&product.0, &data).await,
                None => api.create_product(&data).await,
            };
            saved.map(|saved| text(&saved, "id").to_owned())
        };
        run(work, done);
    }

    /// Closes a day.
    pub(super) fn close_day(&self, data: JsonObject, done: Callback<Result<JsonObject, String>>) {
        let api = self.0.clone();
        run(async move { api.create_closing(&data).await }, done);
    }

    /// The people of the business.
    pub(super) fn team(&self, done: Callback<Result<Vec<TeamMember>, String>>) {
        let api = self.0.clone();
        run(async move { api.team().await }, done);
    }

    /// Who owes, as the server counts it.
    pub(super) fn receivables(&self, done: Callback<Result<JsonObject, String>>) {
        let api = self.0.clone();
        run(async move { api.receivables().await }, done);
    }

    /// A new person.
    pub(super) fn add_member(
        &self,
        member: TeamMemberRequest,
        done: Callback<Result<TeamMember, String>>,
    ) {
        let api = self.0.clone();
        run(async move { api.add_member(&member).await }, done);
    }

    /// Somebody leaves.
    pub(super) fn deactivate(
        &self,
        id: String,
        own_password: Option<String>,
        done: Callback<Result<TeamMember, String>>,
    ) {
        let api = self.0.clone();
        run(async move { api.deactivate_member(&id, own_password).await }, done);
    }

    /// A new password for somebody.
    pub(super) fn reset_password(
        &self,
        id: String,
        password: String,
        own_password: Option<String>,
        done: Callback<Result<(), String>>,
    ) {
        let api = self.0.clone();
        run(async move { api.reset_password(&id, &password, own_password).await }, done);
    }

    /// One's own new password.
    pub(super) fn change_password(
        &self,
        request: PasswordRequest,
        done: Callback<Result<(), String>>,
    ) {
        let api = self.0.clone();
        run(async move { api.change_password(&request).await }, done);
    }

    /// The phones that are signed in.
    pub(super) fn phones(&self, done: Callback<Result<Vec<JsonObject>, String>>) {
        let api = self.0.clone();
        run(async move { api.login_sessions().await }, done);
    }

    /// Signs another phone out.
    pub(super) fn end_phone(&self, id: String, done: Callback<Result<(), String>>) {
        let api = self.0.clone();
        run(async move { api.end_login_session(&id).await }, done);
    }
}

/// Signing in and out.
#[derive(Clone)]
pub(super) struct SessionActions(Option<crate::session::Sessions>);

/// For whoever signs in or out.
#[hook]
pub(super) fn use_session_actions() -> SessionActions {
    SessionActions(data::use_session().sessions)
}

impl SessionActions {
    /// Signs in.
    pub(super) fn login(
        &self,
        email: String,
        password: String,
        done: Callback<Result<(), String>>,
    ) {
        let Some(sessions) = self.0.clone() else { return done.emit(Err(NOT_READY.to_owned())) };
        run(async move { sessions.login(&email, &password).await.map(drop) }, done);
    }

    /// Makes a business and signs its administrator in.
    pub(super) fn register(&self, request: RegisterRequest, done: Callback<Result<(), String>>) {
        let Some(sessions) = self.0.clone() else { return done.emit(Err(NOT_READY.to_owned())) };
        run(async move { sessions.register(&request).await.map(drop) }, done);
    }

    /// Signs out; the queue stays.
    pub(super) fn logout(&self, done: Callback<Result<(), String>>) {
        let Some(sessions) = self.0.clone() else { return done.emit(Err(NOT_READY.to_owned())) };
        run(async move { sessions.logout().await }, done);
    }

    /// Sets the PIN, or takes it away.
    pub(super) fn set_pin(&self, pin: Option<String>, done: Callback<Result<(), String>>) {
        let Some(sessions) = self.0.clone() else { return done.emit(Err(NOT_READY.to_owned())) };
        run(async move { sessions.set_pin(pin.as_deref()).await }, done);
    }

    /// Hides the screen until the PIN is typed.
    pub(super) fn lock(&self, done: Callback<Result<(), String>>) {
        let Some(sessions) = self.0.clone() else { return done.emit(Err(NOT_READY.to_owned())) };
        run(async move { sessions.lock().await }, done);
    }

    /// Shows it again; answers whether the PIN was right.
    pub(super) fn unlock(&self, pin: String, done: Callback<Result<bool, String>>) {
        let Some(sessions) = self.0.clone() else { return done.emit(Err(NOT_READY.to_owned())) };
        run(async move { sessions.unlock(&pin).await }, done);
    }
}

/// Every call answers, also while there is no session: what waits for it would wait for ever.
const NOT_READY: &str = "Un momento: el teléfono se está preparando.";
