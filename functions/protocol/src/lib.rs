//! What phone and server say to each other: wire types only, one message a file.
//!
//! Nothing here decides anything. The domain gives the types their meaning, the store keeps them,
//! the engine sends them. JSON is camelCase; amounts are exact decimals written as strings.
//!
//! Start at [`Operation`] (what a phone sends), [`OperationResult`] (what it is told) and
//! [`Change`] (what every phone reads).
//!
//! The shape of all messages is pinned by `tests/golden/schema-{PROTOCOL_VERSION}.json`: a change
//! to it fails a test until someone has thought about [`PROTOCOL_VERSION`].

mod batch;
mod calendar;
mod changes;
mod compact;
mod conflict;
mod cursor;
mod date;
mod decimal;
mod digest;
mod entity;
mod envelope;
mod error;
mod ids;
mod instant;
pub mod json;
mod login;
mod operation;
pub mod planted;
mod published;
mod snapshot;
mod team;
mod version;

#[cfg(feature = "openapi")]
pub mod schema;

pub use batch::{
    BATCH_OPERATIONS_MAX, BatchRequest, BatchResponse, BatchSummary, OperationResult,
    OperationStatus,
};
pub use changes::{Change, ChangesPage, PAGE_CHANGES_MAX};
pub use compact::{Gather, arrange, json_bytes, object};
pub use conflict::FieldConflict;
pub use cursor::{Cursor, InvalidCursor};
pub use date::{BusinessDate, InvalidDate};
pub use decimal::{InvalidDecimal, Money, Quantity};
pub use digest::{Digest, InvalidDigest};
pub use entity::{Action, Entity, EntityName, InvalidEntityName, UnknownAction, UnknownEntity};
pub use envelope::{ErrorBody, Failure, Success};
pub use error::ErrorCode;
pub use ids::{BusinessId, DeviceId, InvalidId, OperationId, RecordId, UserId};
pub use instant::{Instant, InvalidInstant};
pub use login::{
    LoginRequest, PasswordRequest, RefreshRequest, RegisterRequest, Role, Session, SessionUser,
};
pub use operation::{MalformedOperation, Operation};
pub use published::PublishedRecord;
pub use snapshot::{SnapshotPage, SnapshotRecord};
pub use team::{DeactivateRequest, ResetPasswordRequest, TeamMember, TeamMemberRequest};
pub use version::{Epoch, Number, Version};

/// The version of the messages in this crate; raised by hand with every change of their shape.
pub const PROTOCOL_VERSION: u32 = 2;

/// Payload or record: a JSON object, its keys in order.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;
