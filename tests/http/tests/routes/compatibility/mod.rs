//! What was said over the wire in every protocol version that was ever committed, said again.
//!
//! `fixtures/wire/{version}.json` holds requests and answers of the real system, as they were when
//! that version was current; [`replay`] says the same to the present server, which must answer
//! alike: the same statuses and codes, and every field that there was, of the same type. More may
//! be there. The phone's engine reads the same answers in `web/engine/tests/engine/recorded.rs`.
//!
//! A new version is recorded with `AVILEO_RECORD_WIRE=1`, and never changed afterwards.

mod exchange;
mod record;
mod replay;

use std::path::PathBuf;

/// The recording of a version.
fn file_of(version: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/wire/{version}.json"))
}

/// The pinned schema of a version.
fn schema_of(version: u32) -> PathBuf {
    let golden = "../../functions/protocol/tests/golden";
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("{golden}/schema-{version}.json"))
}
