//! Who may push: a user who is active, with a session that has not ended.

use protocol::{ErrorCode, OperationStatus, Role};
use serde_json::{Value, json};

use super::{World, customer};
use crate::push::{PushError, Sender};
use crate::tables::{Condition, Tables, Write};

#[tokio::test]
async fn a_deactivated_user_stores_nothing_with_his_ordinary_token() {
    let world = World::new().await;
    world.user(json!({"active": false, "deactivatedAt": "2026-11-22T12:30:00.000Z"})).await;
    let refused = world.try_push(&[customer(0)]).await;
    let Err(PushError::Sender(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!(refused.code, ErrorCode::UserInactive);
    assert!(world.record("customers#c0").is_none());
}

#[tokio::test]
async fn a_token_of_an_ended_session_stores_nothing_and_a_deactivation_is_told_before() {
    let refusal = async |world: &World, operations: &[Value]| {
        let refused = world.try_push(operations).await;
        let Err(PushError::Sender(refused)) = refused else { panic!("{refused:?}") };
        refused.code
    };
    let world = World::new().await;
    world.session("2026-11-22T13:00:00.000Z").await;
    assert_eq!(refusal(&world, &[customer(0)]).await, ErrorCode::InvalidToken, "expired");
    let key = world.sender.session_key().unwrap();
    let end = Write::Delete { key, condition: Condition::None };
    world.tables.write(&end).await.unwrap();
    assert_eq!(refusal(&world, &[customer(0)]).await, ErrorCode::InvalidToken, "ended");
    assert_eq!(refusal(&world, &[json!("texto")]).await, ErrorCode::InvalidToken, "malformed");
    let unnamed = Sender { session: None, ..world.sender.clone() };
    let unnamed = World { sender: unnamed, ..world };
    assert_eq!(refusal(&unnamed, &[customer(0)]).await, ErrorCode::InvalidToken, "none named");
    unnamed.user(json!({"active": false, "deactivatedAt": "2026-11-22T12:30:00.000Z"})).await;
    assert_eq!(refusal(&unnamed, &[customer(0)]).await, ErrorCode::UserInactive);
    assert!(unnamed.record("customers#c0").is_none());
}

#[tokio::test]
async fn one_who_left_pushes_what_he_did_before_and_nothing_else() {
    let world = World::new().await;
    world.user(json!({"active": false, "deactivatedAt": "2026-11-22T12:30:00.000Z"})).await;
    let sender = Sender { role: Role::Saliente, ..world.sender.clone() };
    let world = World { sender, ..world };
    let mut later = customer(1);
    later["clientTimestamp"] = "2026-11-22T12:45:00.000Z".into();
    let results = world.push(&[customer(0), later]).await;
    assert_eq!(results[0].status, OperationStatus::Applied);
    assert_eq!(results[1].code, Some(ErrorCode::AfterDeactivation));
}
