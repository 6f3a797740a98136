//! Every recorded version against the present server, and a recording for every version.

use std::collections::BTreeMap;
use std::fs;

use base64::Engine;
use http_tests::Stack;
use protocol::PROTOCOL_VERSION;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::exchange::{difference, kept, say};
use super::{file_of, schema_of};

#[test]
fn the_present_server_answers_every_recorded_version_as_it_was_answered() {
    let stack = Stack::shared();
    for version in 1..=PROTOCOL_VERSION {
        // Only for its sockets: the recording registers a business of its own.
        let phone = stack.business();
        let mut names = BTreeMap::from([("unique".to_owned(), phone.unique())]);
        let recording = recording(version);
        let exchanges = recording["exchanges"].as_array().expect("exchanges");
        assert!(exchanges.len() > 40, "version {version} is recorded in full");
        for exchange in exchanges {
            let answer = kept(&say(&phone, &exchange["request"], &mut names));
            let unlike = difference("answer", &exchange["answer"], &answer);
            assert_eq!(unlike, None, "version {version}, {}", exchange["request"]);
        }
    }
}

/// Whoever changes the schema raises the version (that is `protocol`'s own test), and records it.
#[test]
fn every_version_of_the_schema_has_its_recording() {
    for version in 1..=PROTOCOL_VERSION {
        assert_eq!(
            recording(version)["schema"],
            fingerprint(version),
            "the schema of version {version} is not the one that its requests were recorded with: \
             raise PROTOCOL_VERSION, and record with AVILEO_RECORD_WIRE=1"
        );
    }
    assert!(!schema_of(PROTOCOL_VERSION + 1).exists(), "a schema without its version");
    assert!(!file_of(PROTOCOL_VERSION + 1).exists(), "a recording without its version");
}

#[test]
fn an_answer_that_lacks_what_there_was_is_noticed() {
    let of = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let then = of(r#"{"status":"applied","list":[{"version":1,"name":"a"}]}"#);
    for (now, unlike) in [
        (r#"{"status":"applied","list":[{"version":1,"name":"b","more":1}]}"#, None),
        (r#"{"status":"merged","list":[{"version":1,"name":"a"}]}"#, Some("a.status was")),
        (r#"{"status":"applied","list":[{"version":1}]}"#, Some("a.list[0].name is gone")),
        (r#"{"status":"applied","list":[{"version":1,"name":null}]}"#, Some("a.list[0].name was")),
        (r#"{"status":"applied","list":[]}"#, Some("a.list had 1")),
    ] {
        let found = difference("a", &then, &of(now));
        assert_eq!(found.is_some(), unlike.is_some(), "{now}: {found:?}");
        assert!(unlike.is_none_or(|words| found.unwrap().starts_with(words)), "{now}");
    }
}

pub(super) fn recording(version: u32) -> Value {
    let file = file_of(version);
    let text = fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("{}: {error}; record it with AVILEO_RECORD_WIRE=1", file.display())
    });
    serde_json::from_str(&text).expect("a recording is JSON")
}

/// Of the pinned schema.
pub(super) fn fingerprint(version: u32) -> String {
    let schema = fs::read(schema_of(version)).expect("the schema is pinned");
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&schema))
}
