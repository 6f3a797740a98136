//! A field that two devices changed without knowing of each other.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Instant, UserId};

/// Both values of a field that was changed twice, so that a person can restore the loser.
///
/// ```json
/// {"field":"phone","kept":"987654321","lost":"912345678","lostBy":"user-2","lostAt":"2026-11-22T13:05:00.000Z"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FieldConflict {
    /// The field's name on the wire; `deletedAt` where a delete lost or won against an update.
    pub field: String,
    /// The value that stands; null where the field is absent.
    pub kept: Value,
    /// The value that lost; null where it was a removal.
    pub lost: Value,
    /// Who had set the value that lost.
    pub lost_by: UserId,
    /// When it had been set, as the server counts it.
    pub lost_at: Instant,
}
