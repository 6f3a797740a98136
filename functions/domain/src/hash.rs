//! What was asked, as one short text: two spellings of one request have one hash.

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
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
    RequestHash::from_text(&text)
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Raised when the normal form changes: hashes of another prefix are not compared.
const PREFIX: &str = "1:";
