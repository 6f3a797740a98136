//! The receipt of an operation: proof that it was decided, and how.

use std::fmt;

use protocol::{DeviceId, ErrorCode, Instant, OperationStatus, UserId, Version};
use serde::{Deserialize, Serialize};

use crate::{InvalidRecordKey, RecordKey};

/// What is kept of an operation for 400 days; no record inside.
///
/// ```json
/// {"hash":"1:9f86…","outcome":"applied","version":1,"record":"customers#7f1e…","manualRetries":0,
///  "device":"cart-a","by":"user-2","clientTimestamp":"2026-11-22T13:05:00.000Z",
///  "decidedAt":"2026-11-22T13:05:01.250Z"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "FlatReceipt", into = "FlatReceipt")]
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

/// A stored receipt that says too little, or two things at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReceipt {
    /// Its record is no `entity#id`.
    #[error(transparent)]
    Record(#[from] InvalidRecordKey),
    /// `outcome` is not `applied`, `merged`, `conflict` or `rejected`.
    #[error("an outcome that is never stored")]
    Outcome,
    /// A success without its version.
    #[error("a success without a version")]
    Version,
    /// A rejection without its code.
    #[error("a rejection without a code")]
    Code,
}

/// A receipt as it is stored: one level, camelCase.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FlatReceipt {
    hash: RequestHash,
    outcome: OperationStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Version>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<ErrorCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    record: String,
    #[serde(default)]
    manual_retries: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<DeviceId>,
    by: UserId,
    client_timestamp: Instant,
    decided_at: Instant,
}

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

impl From<Receipt> for FlatReceipt {
    fn from(receipt: Receipt) -> Self {
        let (outcome, version, code, message) = match receipt.outcome {
            Outcome::Succeeded { status, version } => (status, Some(version), None, None),
            Outcome::Rejected { code, message } => {
                (OperationStatus::Rejected, None, Some(code), message)
            }
        };
        Self {
            hash: receipt.hash,
            outcome,
            version,
            code,
            message,
            record: receipt.record.to_string(),
            manual_retries: receipt.manual_retries,
            device: receipt.device,
            by: receipt.by,
            client_timestamp: receipt.client_timestamp,
            decided_at: receipt.decided_at,
        }
    }
}

impl TryFrom<FlatReceipt> for Receipt {
    type Error = InvalidReceipt;

    fn try_from(flat: FlatReceipt) -> Result<Self, InvalidReceipt> {
        let outcome = match flat.outcome {
            OperationStatus::Rejected => Outcome::Rejected {
                code: flat.code.ok_or(InvalidReceipt::Code)?,
                message: flat.message,
            },
            status @ (OperationStatus::Applied
            | OperationStatus::Merged
            | OperationStatus::Conflict) => {
                Outcome::Succeeded { status, version: flat.version.ok_or(InvalidReceipt::Version)? }
            }
            OperationStatus::Duplicate | OperationStatus::Retry | OperationStatus::Blocked => {
                return Err(InvalidReceipt::Outcome);
            }
        };
        Ok(Self {
            hash: flat.hash,
            outcome,
            record: flat.record.parse()?,
            manual_retries: flat.manual_retries,
            device: flat.device,
            by: flat.by,
            client_timestamp: flat.client_timestamp,
            decided_at: flat.decided_at,
        })
    }
}

impl fmt::Display for RequestHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn receipt(outcome: Outcome) -> Receipt {
        Receipt {
            hash: RequestHash::from_text("1:ab"),
            outcome,
            record: "sales#a#b".parse().unwrap(),
            manual_retries: 2,
            device: None,
            by: "user-2".parse().unwrap(),
            client_timestamp: "2026-11-22T13:05:00Z".parse().unwrap(),
            decided_at: "2026-11-22T13:05:01.250Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_receipt_is_stored_flat_and_read_back() {
        let merged =
            receipt(Outcome::Succeeded { status: OperationStatus::Merged, version: Version(3) });
        let stored = serde_json::to_value(&merged).unwrap();
        assert_eq!(
            stored,
            json!({"hash": "1:ab", "outcome": "merged", "version": 3, "record": "sales#a#b",
                   "manualRetries": 2, "by": "user-2",
                   "clientTimestamp": "2026-11-22T13:05:00.000Z",
                   "decidedAt": "2026-11-22T13:05:01.250Z"})
        );
        assert_eq!(protocol::json::from_value::<Receipt>(&stored).unwrap(), merged);

        let refused = receipt(Outcome::Rejected {
            code: ErrorCode::OverPaid,
            message: Some("Mucho.".into()),
        });
        let text = serde_json::to_string(&refused).unwrap();
        assert!(text.contains(r#""outcome":"rejected","code":"over_paid","message":"Mucho.""#));
        assert_eq!(protocol::json::from_str::<Receipt>(&text).unwrap(), refused);
    }

    #[test]
    fn a_receipt_that_says_too_little_is_refused() {
        let good = serde_json::to_value(receipt(Outcome::Rejected {
            code: ErrorCode::Forbidden,
            message: None,
        }))
        .unwrap();
        for (field, value) in [
            ("outcome", json!("duplicate")),
            ("outcome", json!("applied")),
            ("code", json!(null)),
            ("record", json!("ventas#1")),
        ] {
            let mut bad = good.clone();
            bad[field] = value;
            assert!(protocol::json::from_value::<Receipt>(&bad).is_err(), "{field}");
        }
    }
}
