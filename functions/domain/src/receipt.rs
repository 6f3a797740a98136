//! The receipt of an operation: proof that it was decided, and how.

use std::fmt;

use protocol::{DeviceId, ErrorCode, Instant, OperationStatus, UserId, Version};
use serde::{Deserialize, Serialize};

use crate::RecordKey;

/// What is kept of an operation for 400 days; no record inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Hash of what was asked.
    pub hash: RequestHash,
    /// How it ended.
    pub outcome: Outcome,
    /// The record that it was about (for `sale_items` the sale).
    pub record: RecordKey,
    /// How often Reintentar had been pressed.
    pub manual_retries: u32,
    /// On which device it was made.
    pub device: Option<DeviceId>,
    /// Who sent it.
    pub by: UserId,
    /// What the device's clock said.
    pub client_timestamp: Instant,
    /// When it was decided.
    pub decided_at: Instant,
}

/// How an operation ended for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Succeeded {
        /// `applied`, `merged` or `conflict`.
        status: OperationStatus,
        /// The record's version after it.
        version: Version,
    },
    /// It was refused.
    Rejected {
        /// Why, for a program.
        code: ErrorCode,
        /// Why, for a person; absent where the code's own message says it.
        message: Option<String>,
    },
}

/// `{prefix}:{hex}`: a version prefix and the SHA-256 of the canonical JSON of entity, action,
/// entity id and payload.
///
/// ```
/// # use domain::RequestHash;
/// // Two spellings of one request have one hash once the payload is normalised.
/// assert!(RequestHash::from_text("0:ab").matches(&RequestHash::from_text("1:cd")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestHash(String);

impl RequestHash {
    /// A hash as it was stored.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The same request. A hash with another prefix cannot be compared and counts as the same.
    pub fn matches(&self, other: &Self) -> bool {
        self.prefix() != other.prefix() || self == other
    }

    fn prefix(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

impl fmt::Display for RequestHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
