//! What was asked, as one short text: two spellings of one request have one hash.

use std::fmt::Write as _;

use protocol::{JsonObject, Operation};
use sha2::{Digest as _, Sha256};

use crate::RequestHash;

/// The hash of an operation with its payload in normal form, or as it came where it has none.
///
/// Neither time nor base nor device nor retries are part of it: they may differ when one request
/// is sent again.
pub(crate) fn request_hash(operation: &Operation, normal: Option<&JsonObject>) -> RequestHash {
    let payload = normal.unwrap_or(&operation.payload);
    let asked = (operation.entity, operation.action, &operation.entity_id, payload);
    let asked = serde_json::to_vec(&asked).expect("maps with text keys are JSON");
    let mut text = PREFIX.to_owned();
    for byte in Sha256::digest(asked) {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").ok();
    }
    RequestHash::from_text(&text)
}

/// Raised when the normal form changes: hashes of another prefix are not compared.
const PREFIX: &str = "1:";
