//! What real servers of every protocol version have answered, read by the present engine; also as a
//! newer server might say it, with fields that this engine does not know, and of kinds of record
//! that it does not know. That these checks can fail at all is `noticed`'s to show.

mod noticed;

use std::cell::RefCell;
use std::rc::Rc;

use engine::{Answer, QueueStatus};
use protocol::{Cursor, Entity, PROTOCOL_VERSION};
use serde_json::{Value, json};

use crate::pair::{Phone, server};
use crate::server::Server;

/// `(method and path, answer)` in order, of each version.
fn recordings() -> Vec<Vec<(String, Value)>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/http/fixtures/wire");
    let read = |version: u32| {
        let text = std::fs::read_to_string(format!("{folder}/{version}.json")).unwrap();
        let recording: Value = protocol::json::from_str(&text).unwrap();
        let exchanges = recording["exchanges"].as_array().unwrap().iter();
        exchanges
            .map(|exchange| {
                let text = |field: &str| exchange["request"][field].as_str().unwrap();
                (format!("{} {}", text("method"), text("path")), exchange["answer"].clone())
            })
            .collect()
    };
    (1..=PROTOCOL_VERSION).map(read).collect()
}

fn body_of<'a>(recording: &'a [(String, Value)], line: &str) -> &'a Value {
    let mut found =
        recording.iter().filter(|(said, answer)| said == line && answer["status"] == 200);
    &found.next().unwrap_or_else(|| panic!("{line} is recorded")).1["body"]
}

fn answer(body: &Value) -> Answer {
    let date = Some("Sun, 22 Nov 2026 13:05:00 GMT".to_owned());
    Answer { status: 200, body: body.to_string(), date, retry_after: None }
}

/// The tail from the ten below its end, as the engine asks for it.
fn tail(recording: &[(String, Value)]) -> Value {
    let mut page = body_of(recording, "GET /sync/changes").clone();
    let changes = page["data"]["changes"].as_array_mut().unwrap();
    let skipped = changes.len() - changes.len() % 10;
    changes.drain(..skipped);
    page
}

/// A phone whose first load is what was recorded, each answer changed by `as_said`.
fn loaded(
    recording: &[(String, Value)],
    as_said: impl Fn(Value) -> Value,
) -> (Phone, Rc<RefCell<Server>>) {
    let snapshot = body_of(recording, "GET /sync/snapshot").clone();
    answered(&[as_said(snapshot), as_said(tail(recording))])
}

/// The same from the feed alone: the snapshot was taken before there was anything.
fn fed(
    recording: &[(String, Value)],
    as_said: impl Fn(Value) -> Value,
) -> (Phone, Rc<RefCell<Server>>) {
    let mut empty = body_of(recording, "GET /sync/snapshot").clone();
    let epoch = read_to(recording).epoch;
    (empty["data"]["records"], empty["data"]["asOf"]) = (json!([]), format!("{epoch}.0").into());
    answered(&[empty, as_said(body_of(recording, "GET /sync/changes").clone())])
}

fn answered(bodies: &[Value]) -> (Phone, Rc<RefCell<Server>>) {
    let server = server();
    server.borrow_mut().script.extend(bodies.iter().map(|body| Some(Ok(answer(body)))));
    let phone = Phone::new(&server);
    (phone, server)
}

fn read_to(recording: &[(String, Value)]) -> Cursor {
    let page = &body_of(recording, "GET /sync/changes")["data"];
    page["nextSince"].as_str().unwrap().parse().unwrap()
}

/// The phone has what was recorded, all of it and nothing else; or what it lacks.
fn is_whole(
    (phone, server): &(Phone, Rc<RefCell<Server>>),
    recording: &[(String, Value)],
) -> Result<(), String> {
    let page = &body_of(recording, "GET /sync/changes")["data"];
    let profile = phone.profile.borrow();
    let state = profile.sync_state(&phone.account.business).ok_or("nothing was read")?;
    same("the cursor", &state.cursor, &Some(read_to(recording)))?;
    same("the digest", &state.digest.to_string().as_str(), &page["digest"].as_str().unwrap())?;
    same("the number of reads", &server.borrow().reads().len(), &2)?;
    same("the number of answers not asked for", &server.borrow().script.len(), &0)?;
    let rows = body_of(recording, "GET /sync/snapshot")["data"]["records"].as_array().unwrap();
    same("the number of records", &phone.records().len(), &rows.len())?;
    for row in rows {
        let entity: Entity = row["entity"].as_str().unwrap().parse().unwrap();
        let id = row["entityId"].as_str().unwrap();
        let record = phone.record(entity, id).ok_or_else(|| format!("{entity}#{id} is missing"))?;
        same(&format!("the version of {entity}#{id}"), &json!(record.version), &row["version"])?;
        let known = without_more(record.record.unwrap_or_default());
        same(&format!("{entity}#{id}"), &known, &row["record"])?;
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what} is {found:?} instead of {expected:?}"))
}

#[test]
fn snapshot_and_feed_of_every_version_make_a_whole_phone() {
    for recording in recordings() {
        assert_eq!(is_whole(&loaded(&recording, |body| body), &recording), Ok(()));
        assert_eq!(is_whole(&fed(&recording, |body| body), &recording), Ok(()));
    }
}

#[test]
fn fields_that_this_engine_does_not_know_are_borne_and_those_of_records_kept() {
    for recording in recordings() {
        for read in [loaded(&recording, with_more), fed(&recording, with_more)] {
            assert_eq!(is_whole(&read, &recording), Ok(()));
            let live: Vec<_> = read.0.records().into_iter().filter_map(|row| row.record).collect();
            assert!(!live.is_empty());
            for record in live {
                assert_eq!(record["ofTheFuture"], more(), "{record}");
            }
        }
    }
}

/// It cannot be shown, but it is kept, its part of the digest is counted, and the feed goes on; what
/// was typed is sent as ever.
#[test]
fn a_kind_of_record_that_this_engine_does_not_know_is_kept_and_the_feed_goes_on() {
    for recording in recordings() {
        let (mut phone, server) = loaded(&recording, |body| body);
        let before = phone.engine.sync_state().clone();
        let mut page = tail(&recording);
        let mut change = page["data"]["changes"][0].clone();
        let number = page["data"]["head"].as_u64().unwrap() + 1;
        (change["entity"], change["number"]) = ("loyalty".into(), number.into());
        (change["record"], change["version"]) = (json!({"points": 7}), 1.into());
        let epoch = before.cursor.unwrap().epoch;
        let mut digest: protocol::Digest = before.digest;
        let id = change["entityId"].as_str().unwrap().parse().unwrap();
        digest.toggle("loyalty", &id, protocol::Version(1));
        page["data"]["changes"].as_array_mut().unwrap().push(change);
        page["data"]["nextSince"] = format!("{epoch}.{number}").into();
        page["data"]["head"] = number.into();
        page["data"]["digest"] = json!(digest);

        let pushed = json!({"success": true, "data": {"results": [{"operationId": "typed",
            "success": true, "status": "applied", "version": 1,
            "serverTimestamp": "2026-11-22T13:05:00.000Z", "record": {"kind": "loyalty"}}]}});
        server.borrow_mut().script.extend([Some(Ok(answer(&pushed))), Some(Ok(answer(&page)))]);
        phone.insert("typed", Entity::Customers, "rosa", json!({"name": "Rosa"}));
        assert_eq!(phone.stored("typed").unwrap().status, QueueStatus::Processed);
        assert!(server.borrow().script.is_empty(), "the page was read");
        let after = phone.engine.sync_state();
        assert_eq!((after.cursor.unwrap().number.0, after.digest), (number, digest));
        let kept = phone.records().into_iter().find(|row| row.key.known().is_none()).unwrap();
        assert_eq!(kept.record, Some(json!({"points": 7})));
    }
}

/// Every result of every batch that was recorded.
fn results(recording: &[(String, Value)]) -> Vec<Value> {
    let batches = recording.iter().filter(|(line, _)| line == "POST /sync/batch");
    let results = batches.filter_map(|(_, said)| said["body"]["data"]["results"].as_array());
    results.flatten().cloned().collect()
}

/// What a phone makes of the operation that `recorded` is about, told of it by `said`, is what the
/// server meant; or how it is unlike.
fn settles(recorded: &Value, said: &Value) -> Result<(), String> {
    // What the server could not read at all it names by its place.
    let id = recorded["operationId"].as_str().unwrap_or("typed");
    let server = server();
    let mut phone = Phone::new(&server);
    let mut body = json!({"success": true, "data": {"results": [said]}});
    if let Some(index) = body["data"]["results"][0].get_mut("index") {
        *index = 0.into();
    }
    server.borrow_mut().script.push_back(Some(Ok(answer(&body))));
    phone.insert(id, Entity::Customers, "rosa", json!({"name": "Rosa"}));

    let found = phone.stored(id).ok_or("the operation is gone")?;
    let expected = match recorded["status"].as_str().unwrap() {
        "applied" | "duplicate" | "merged" | "conflict" => QueueStatus::Processed,
        "rejected" => QueueStatus::Failed,
        _ => QueueStatus::Pending,
    };
    same("the state", &found.status, &expected)?;
    same("the version", &json!(found.result_version), &recorded["version"])?;
    same("the code", &json!(found.code), &recorded["code"])?;
    same("a reason to read", &found.last_error.is_some(), &recorded["error"].is_string())
}

#[test]
fn results_of_every_version_settle_the_operations_that_they_are_about() {
    for recording in recordings() {
        let results = results(&recording);
        assert!(results.len() > 30);
        for result in results {
            assert_eq!(settles(&result, &with_more(result.clone())), Ok(()), "{result}");
        }
    }
}

/// The same with a field of the future in every object.
fn with_more(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: serde_json::Map<_, _> =
                fields.into_iter().map(|(field, value)| (field, with_more(value))).collect();
            fields.insert("ofTheFuture".into(), more());
            Value::Object(fields)
        }
        Value::Array(list) => list.into_iter().map(with_more).collect(),
        other => other,
    }
}

fn more() -> Value {
    protocol::json::from_str(r#"{"weight":2.50,"list":[1,"a",null]}"#).unwrap()
}

/// What was known of a record before [`with_more`].
fn without_more(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let known = fields.into_iter().filter(|(field, _)| field != "ofTheFuture");
            known.map(|(field, value)| (field, without_more(value))).collect()
        }
        Value::Array(list) => list.into_iter().map(without_more).collect(),
        other => other,
    }
}
