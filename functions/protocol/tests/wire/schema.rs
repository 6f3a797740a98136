//! The shape of all messages, pinned: it does not change without its version.

use std::collections::BTreeSet;
use std::path::PathBuf;

use protocol::{Action, Entity, ErrorCode, PROTOCOL_VERSION};

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

/// The description is what clients in other languages are made from.
#[test]
fn words_are_described_as_they_are_written() {
    let schemas = serde_json::to_value(protocol::schema::components()).unwrap();
    let described = |name: &str| {
        let words = schemas["schemas"][name]["enum"].as_array().unwrap().iter();
        words.map(|word| word.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let written = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let entities: Vec<_> = Entity::ALL.iter().map(|entity| entity.as_str()).collect();
    let actions: Vec<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
    let codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(described("Entity"), written(&entities));
    assert_eq!(described("Action"), written(&actions));
    assert_eq!(described("ErrorCode"), written(&codes));
}
