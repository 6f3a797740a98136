//! The shape of all messages, pinned: it does not change without its version.

use std::path::PathBuf;

use protocol::PROTOCOL_VERSION;

/// To accept a change: raise `PROTOCOL_VERSION`, think of the clients of the last 400 days, run
/// this test with `AVILEO_WRITE_SCHEMA=1`, and commit the new file beside the old ones.
#[test]
fn the_schema_changes_only_with_its_version() {
    let schema = serde_json::to_string_pretty(&protocol::schema::components()).unwrap() + "\n";
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(format!("tests/golden/schema-{PROTOCOL_VERSION}.json"));
    if std::env::var_os("AVILEO_WRITE_SCHEMA").is_some() {
        assert!(!file.exists(), "version {PROTOCOL_VERSION} is pinned already: raise it first");
        std::fs::write(&file, &schema).unwrap();
    }
    let pinned = std::fs::read_to_string(&file).unwrap();
    assert!(schema == pinned, "the wire schema differs from {}", file.display());
}
