//! The system's randomness.

use gateway::ApiError;
use uuid::{Builder, Uuid};

/// Bytes that nobody can guess.
pub(crate) fn random_bytes<const LENGTH: usize>() -> Result<[u8; LENGTH], ApiError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(bytes)
}

/// A new id (UUID, version 4).
pub(crate) fn new_id() -> Result<Uuid, ApiError> {
    Ok(Builder::from_random_bytes(random_bytes()?).into_uuid())
}
