//! Every golden file is read into its type and written back as it was.

use protocol::{
    Action, BatchRequest, BatchResponse, ChangesPage, DeactivateRequest, Entity, Failure,
    LoginRequest, Operation, RegisterRequest, ResetPasswordRequest, Session, SnapshotPage, Success,
    TeamMemberRequest, Version, json,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn check<T: DeserializeOwned + Serialize>(golden: &str) -> T {
    let expected: Value = json::from_str(golden).unwrap();
    let read: T = json::from_str(golden).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), expected);
    read
}

#[test]
fn every_message_is_written_as_it_is_read() {
    check::<Success<BatchResponse>>(include_str!("../golden/batch-response.json"));
    check::<Success<ChangesPage>>(include_str!("../golden/changes-tail.json"));
    check::<Success<ChangesPage>>(include_str!("../golden/changes-sealed.json"));
    check::<Success<SnapshotPage>>(include_str!("../golden/snapshot.json"));
    check::<Success<Session>>(include_str!("../golden/session.json"));
    check::<RegisterRequest>(include_str!("../golden/register.json"));
    check::<LoginRequest>(include_str!("../golden/login.json"));
    check::<TeamMemberRequest>(include_str!("../golden/team-member.json"));
    check::<ResetPasswordRequest>(include_str!("../golden/reset-password.json"));
    check::<DeactivateRequest>(include_str!("../golden/deactivate.json"));
    check::<Failure>(include_str!("../golden/failure.json"));
}

#[test]
fn a_batch_is_read_element_by_element() {
    let batch: BatchRequest = check(include_str!("../golden/batch-request.json"));
    let operations: Vec<Operation> =
        batch.operations.iter().map(|element| Operation::from_json(element).unwrap()).collect();
    assert_eq!(operations[0].entity, Entity::Customers);
    assert_eq!(operations[0].action, Action::Insert);
    assert_eq!((operations[0].base_version, operations[0].manual_retries), (None, 0));
    assert_eq!(operations[1].base_version, Some(Version(1)));
    assert_eq!(operations[1].manual_retries, 2);
}

#[test]
fn the_original_clients_batch_is_read_with_its_numbers_digit_by_digit() {
    let golden = include_str!("../golden/batch-request-original.json");
    let batch: BatchRequest = json::from_str(golden).unwrap();
    let operation = Operation::from_json(&batch.operations[0]).unwrap();
    assert_eq!(operation.entity_id.as_str(), "uuid-XXXX");
    assert_eq!(operation.payload["items"][0]["subtotal"].to_string(), "84.00");
}

#[test]
fn a_malformed_element_says_which_field_is_wrong() {
    let golden: Value = json::from_str(include_str!("../golden/batch-request.json")).unwrap();
    let good = &golden["operations"][0];
    let with = |field: &str, value: Value| {
        let mut element = good.clone();
        element[field] = value;
        Operation::from_json(&element).unwrap_err()
    };
    for (field, value, code) in [
        ("operationId", Value::Null, "invalid_id"),
        ("operationId", "a b".into(), "invalid_id"),
        ("operationId", "x".repeat(129).into(), "invalid_id"),
        ("entity", "ventas".into(), "unknown_entity"),
        ("action", "upsert".into(), "unknown_action"),
        ("entityId", 7.into(), "invalid_id"),
        ("payload", "texto".into(), "malformed_operation"),
        ("clientTimestamp", "2026-02-30T00:00:00Z".into(), "invalid_timestamp"),
        ("clientTimestamp", 1_763_836_800_000_u64.into(), "invalid_timestamp"),
        ("baseVersion", (-1).into(), "malformed_operation"),
        ("deviceId", "a b".into(), "invalid_id"),
        ("manualRetries", "2".into(), "malformed_operation"),
    ] {
        let malformed = with(field, value.clone());
        assert_eq!((malformed.code.as_str(), malformed.field), (code, field), "{value}");
    }
    for element in [Value::Null, 3.into(), "x".into(), Value::Array(Vec::new())] {
        let malformed = Operation::from_json(&element).unwrap_err();
        assert_eq!(malformed.code.as_str(), "malformed_operation");
        assert_eq!(malformed.operation_id, None);
    }
}
