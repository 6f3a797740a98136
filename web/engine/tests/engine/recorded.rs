//! What real servers of every protocol version have answered, read by the present engine; also as a
//! newer server might say it, with fields that this engine does not know, and of kinds of record
//! that it does not know.

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
        let recording: Value = serde_json::from_str(&text).unwrap();
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
    let server = server();
    let snapshot = as_said(body_of(recording, "GET /sync/snapshot").clone());
    server
        .borrow_mut()
        .script
        .extend([Some(Ok(answer(&snapshot))), Some(Ok(answer(&as_said(tail(recording)))))]);
    let phone = Phone::new(&server);
    (phone, server)
}

fn is_whole(phone: &Phone, server: &Rc<RefCell<Server>>, recording: &[(String, Value)]) {
    let page = &body_of(recording, "GET /sync/changes")["data"];
    let expected: Cursor = page["nextSince"].as_str().unwrap().parse().unwrap();
    let profile = phone.profile.borrow();
    let state = profile.sync_state(&phone.account.business).unwrap();
    assert_eq!(state.cursor, Some(expected));
    assert_eq!(state.digest.to_string(), page["digest"].as_str().unwrap());
    assert_eq!(server.borrow().reads().len(), 2, "nothing had to be healed");
    assert!(server.borrow().script.is_empty());
}

#[test]
fn snapshot_and_feed_of_every_version_make_a_whole_phone() {
    for recording in recordings() {
        let (phone, server) = loaded(&recording, |body| body);
        is_whole(&phone, &server, &recording);
        let snapshot = &body_of(&recording, "GET /sync/snapshot")["data"]["records"];
        for row in snapshot.as_array().unwrap() {
            let entity: Entity = row["entity"].as_str().unwrap().parse().unwrap();
            let record = phone.record(entity, row["entityId"].as_str().unwrap()).unwrap();
            assert_eq!(record.version.0, row["version"]);
            assert_eq!(record.record.unwrap_or_default(), row["record"]);
        }
    }
}

#[test]
fn fields_that_this_engine_does_not_know_are_borne_and_those_of_records_kept() {
    for recording in recordings() {
        let (phone, server) = loaded(&recording, with_more);
        is_whole(&phone, &server, &recording);
        let live: Vec<_> = phone.records().into_iter().filter_map(|row| row.record).collect();
        assert!(!live.is_empty());
        for record in live {
            assert_eq!(record["ofTheFuture"], more(), "{record}");
        }
    }
}

/// It cannot be shown, and its part of the digest cannot be left out unnoticed: nothing moves until
/// the app is a newer one. What was typed goes on being sent.
#[test]
fn a_kind_of_record_that_this_engine_does_not_know_stops_the_feed_and_loses_nothing() {
    for recording in recordings() {
        let (mut phone, server) = loaded(&recording, |body| body);
        let before = phone.profile.borrow().sync_state(&phone.account.business).cloned();
        let mut page = tail(&recording);
        let mut change = page["data"]["changes"][0].clone();
        let number = page["data"]["head"].as_u64().unwrap() + 1;
        (change["entity"], change["number"]) = ("loyalty".into(), number.into());
        let epoch = before.as_ref().unwrap().cursor.unwrap().epoch;
        page["data"]["changes"].as_array_mut().unwrap().push(change);
        page["data"]["nextSince"] = format!("{epoch}.{number}").into();
        page["data"]["head"] = number.into();

        let pushed = json!({"success": true, "data": {"results": [{"operationId": "typed",
            "success": true, "status": "applied", "version": 1,
            "serverTimestamp": "2026-11-22T13:05:00.000Z", "record": {"kind": "loyalty"}}]}});
        server.borrow_mut().script.extend([Some(Ok(answer(&pushed))), Some(Ok(answer(&page)))]);
        phone.insert("typed", Entity::Customers, "rosa", json!({"name": "Rosa"}));
        assert_eq!(phone.stored("typed").unwrap().status, QueueStatus::Processed);
        assert!(server.borrow().script.is_empty(), "the page was read");
        let after = phone.profile.borrow().sync_state(&phone.account.business).cloned();
        assert_eq!(after.unwrap().cursor, before.unwrap().cursor);
    }
}

/// Every batch that was recorded, with what became of each of its operations.
#[test]
fn results_of_every_version_settle_the_operations_that_they_are_about() {
    for recording in recordings() {
        let mut settled = 0;
        for (line, recorded) in &recording {
            let results = recorded["body"]["data"]["results"].as_array();
            for result in results.into_iter().flatten().filter(|_| line == "POST /sync/batch") {
                let (status, success) = (&result["status"], &result["success"]);
                let mut about = result.clone();
                about["operationId"] = "typed".into();
                let body = json!({"success": true, "data": {"results": [with_more(about)]}});
                let server = server();
                let mut phone = Phone::new(&server);
                server.borrow_mut().script.push_back(Some(Ok(answer(&body))));
                phone.insert("typed", Entity::Customers, "rosa", json!({"name": "Rosa"}));
                let expected = match status.as_str().unwrap() {
                    "applied" | "duplicate" | "merged" | "conflict" => QueueStatus::Processed,
                    "rejected" => QueueStatus::Failed,
                    _ => QueueStatus::Pending,
                };
                assert_eq!(success == true, expected == QueueStatus::Processed, "{result}");
                assert_eq!(phone.stored("typed").unwrap().status, expected, "{result}");
                settled += 1;
            }
        }
        assert!(settled > 30);
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
    serde_json::from_str(r#"{"weight":2.50,"list":[1,"a",null]}"#).unwrap()
}
