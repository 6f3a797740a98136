//! The recorded answers as no server of their version would give them: with a field under another
//! name, gone, or saying something else. Each must be noticed, or the replay proves nothing.

use serde_json::{Map, Value, json};

use super::{fed, is_whole, loaded, recordings, results, settles};

#[test]
fn a_snapshot_that_says_something_else_is_noticed() {
    let changed = spoilt(
        &["data", "records", "asOf", "entity", "entityId", "version", "record"],
        &[
            ("records", json!([])),
            ("asOf", json!("1.1")),
            ("nextPart", json!("p2")),
            ("entity", json!("customers")),
            ("entityId", json!("other")),
            ("version", json!(99)),
            ("record", json!({"id": "other"})),
        ],
    );
    for recording in recordings() {
        for (what, spoil) in &changed {
            let said =
                |body: Value| if body["data"]["records"].is_null() { body } else { spoil(body) };
            assert!(is_whole(&loaded(&recording, said), &recording).is_err(), "{what}");
        }
    }
}

#[test]
fn a_feed_that_says_something_else_is_noticed() {
    let changed = spoilt(
        &["data", "changes", "nextSince", "digest", "entity", "entityId", "version", "record"],
        &[
            ("changes", json!([])),
            ("nextSince", json!("1.1")),
            ("digest", json!("0".repeat(32))),
            ("hasMore", json!(true)),
            ("entity", json!("customers")),
            ("entityId", json!("other")),
            ("version", json!(99)),
            ("record", json!({"id": "other"})),
        ],
    );
    for recording in recordings() {
        for (what, spoil) in &changed {
            assert!(is_whole(&fed(&recording, spoil), &recording).is_err(), "{what}");
        }
    }
}

/// Where a result has the field at all.
#[test]
fn a_result_that_says_something_else_is_noticed() {
    let fields = ["operationId", "index", "success", "status", "version", "code"];
    let changed = spoilt(
        &fields,
        &[
            ("operationId", json!("other")),
            ("success", json!("yes")),
            ("status", json!("done")),
            ("version", json!(99)),
            ("code", json!("another_code")),
        ],
    );
    for recording in recordings() {
        let results = results(&recording);
        for (what, spoil) in &changed {
            let told = results.iter().map(|result| (result, spoil(result.clone())));
            let mut spoilt = 0;
            for (result, said) in told.filter(|(result, said)| *result != said) {
                assert!(settles(result, &said).is_err(), "{what}: {result}");
                spoilt += 1;
            }
            assert!(spoilt > 0, "{what}");
        }
        let lost = results.iter().filter(|result| settles(result, &json!({})).is_ok()).count();
        assert_eq!(lost, 0, "results that nobody misses");
    }
}

type Spoil = Box<dyn Fn(Value) -> Value>;

/// What is done to an answer, by its name: each of `renamed` under another name, and each of `said`
/// with another value.
fn spoilt(renamed: &[&'static str], said: &[(&'static str, Value)]) -> Vec<(String, Spoil)> {
    let renames = renamed.iter().copied().map(|field| {
        let rename = move |object: &mut Map<String, Value>| {
            let value = object.remove(field).expect("it is there");
            object.insert(format!("{field}OfOld"), value);
        };
        let spoil: Spoil = Box::new(move |body| everywhere(body, field, &rename));
        (format!("{field} renamed"), spoil)
    });
    let others = said.iter().cloned().map(|(field, other)| {
        let spoil: Spoil = Box::new(move |body| {
            everywhere(body, field, &|object| {
                object.insert(field.to_owned(), other.clone());
            })
        });
        (format!("{field} another"), spoil)
    });
    renames.chain(others).collect()
}

/// In every object of the protocol that has the field; a record's own fields are left alone.
fn everywhere(value: Value, field: &str, spoil: &dyn Fn(&mut Map<String, Value>)) -> Value {
    match value {
        Value::Object(fields) => {
            let within = |(name, value): (String, Value)| match name.as_str() {
                "record" => (name, value),
                _ => (name, everywhere(value, field, spoil)),
            };
            let mut fields: Map<_, _> = fields.into_iter().map(within).collect();
            if fields.contains_key(field) {
                spoil(&mut fields);
            }
            Value::Object(fields)
        }
        Value::Array(list) => {
            list.into_iter().map(|value| everywhere(value, field, spoil)).collect()
        }
        other => other,
    }
}
