//! Every message as JSON Schema, for the test that pins them and for the API description.

#![expect(unused_qualifications, reason = "the derive writes them")]

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, Type};
use utoipa::{OpenApi, PartialSchema, ToSchema};

use crate::{
    BatchRequest, BatchResponse, ChangesPage, Cursor, DeactivateRequest, Failure, LoginRequest,
    Operation, PasswordRequest, RefreshRequest, RegisterRequest, ResetPasswordRequest, Session,
    SnapshotPage, TeamMember, TeamMemberRequest,
};

#[derive(OpenApi)]
#[openapi(components(schemas(
    BatchRequest,
    BatchResponse,
    ChangesPage,
    DeactivateRequest,
    Failure,
    LoginRequest,
    Operation,
    PasswordRequest,
    RefreshRequest,
    RegisterRequest,
    ResetPasswordRequest,
    Session,
    SnapshotPage,
    TeamMember,
    TeamMemberRequest,
)))]
struct Messages;

/// The schemas of all messages, by name.
pub fn components() -> utoipa::openapi::Components {
    Messages::openapi().components.unwrap_or_default()
}

impl PartialSchema for Cursor {
    fn schema() -> RefOr<Schema> {
        let text: Object = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})$"))
            .description(Some("A reader's place in the feed; opaque to clients."))
            .build();
        text.into()
    }
}

impl ToSchema for Cursor {}
