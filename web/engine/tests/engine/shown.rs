//! What a screen shows: synced records with the queue on top.

use engine::{CommandRefused, QueueStatus, RecordKey, Shown};
use protocol::Entity::{Customers, SaleItems, Sales};
use protocol::{Action, Entity, ErrorCode, Version};
use serde_json::json;

use crate::pair::{Network, Phone, enqueue, id, item, poison, sale, server};

fn shown(phone: &Phone, entity: Entity, record: &str) -> Shown {
    let key = RecordKey::new(entity, record.parse().unwrap());
    phone.engine.show_record(&key, phone.record(entity, record).as_ref()).unwrap()
}

#[test]
fn a_bad_sale_is_refused_with_the_words_of_the_server() {
    let server = server();
    let mut phone = Phone::new(&server);
    let empty = json!({"saleType": "contado", "items": []});
    let refused = phone.command(enqueue("op-1", Action::Insert, Sales, "s-1", empty));
    let Err(CommandRefused::Invalid(refusal)) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal.code, ErrorCode::SaleWithoutItems);
    assert_eq!(phone.stored("op-1"), None);
    let double = enqueue("op-2", Action::Insert, Customers, "rosa", json!({"name": "Rosa"}));
    phone.command(double).unwrap();
    let again = enqueue("op-3", Action::Insert, Customers, "rosa", json!({"name": "Rosa"}));
    let refused = phone.command(again);
    assert!(
        matches!(refused, Err(CommandRefused::Invalid(why)) if why.code == ErrorCode::AlreadyExists)
    );
}

#[test]
fn an_insert_offline_is_shown_whole_and_pending() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Sales, "s-1", sale(None));
    let shown = shown(&phone, Sales, "s-1");
    let record = shown.record.unwrap();
    assert_eq!(record["totalAmount"], "20.00");
    assert_eq!(record["balanceDue"], "0.00");
    assert_eq!((&record["syncStatus"], &record["syncAttempts"]), (&json!("pending"), &json!(0)));
    assert_eq!((shown.base_version, shown.operations), (None, vec![id("op-1")]));
    assert_eq!(phone.engine.records_on_top(Sales).len(), 1);
}

#[test]
fn an_item_added_offline_is_shown_inside_its_sale() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Sales, "s-1", sale(None));
    phone.go(Network::Down);
    let mut second = item();
    (second["id"], second["saleId"]) = ("i-2".into(), "s-1".into());
    phone.insert("op-2", SaleItems, "i-2", second);
    let shown = shown(&phone, Sales, "s-1");
    let record = shown.record.unwrap();
    assert_eq!(record["items"].as_array().unwrap().len(), 2);
    assert_eq!(record["totalAmount"], "40.00");
    assert_eq!((shown.base_version, &record["version"]), (Some(Version(1)), &json!(1)));
}

#[test]
fn an_update_shows_all_other_fields_as_they_are_synced_even_unknown_ones() {
    let server = server();
    let mut phone = Phone::new(&server);
    let rosa = r#"{"id": "rosa", "name": "Rosa", "phone": "1", "ofTheFuture": [1.50]}"#;
    let rosa = protocol::json::from_str(rosa).unwrap();
    server.borrow_mut().write(Customers, "rosa", Some(rosa));
    phone.sync();
    phone.go(Network::Down);
    phone.update("op-1", Customers, "rosa", json!({"phone": "987654321"}));
    let record = shown(&phone, Customers, "rosa").record.unwrap();
    assert_eq!((&record["name"], &record["phone"]), (&json!("Rosa"), &json!("987654321")));
    assert_eq!(record["ofTheFuture"].to_string(), "[1.50]");
}

#[test]
fn a_delete_hides_the_record_at_once() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Sales, "s-1", sale(None));
    phone.go(Network::Down);
    phone.command(enqueue("op-2", Action::Delete, Sales, "s-1", json!({}))).unwrap();
    assert_eq!(shown(&phone, Sales, "s-1").record, None);
}

#[test]
fn a_failed_operation_stays_on_top_marked() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.update("op-2", Customers, "rosa", poison());
    assert_eq!(phone.stored("op-2").unwrap().status, QueueStatus::Failed);
    let record = shown(&phone, Customers, "rosa").record.unwrap();
    assert_eq!((&record["name"], &record["syncStatus"]), (&json!("Veneno"), &json!("error")));
}

#[test]
fn nothing_flickers_between_the_acknowledgement_and_the_feed() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.holds_answers = true;
    phone.network = Network::Up;
    phone.tell(engine::Event::NetworkChanged { online: true });
    // Acknowledged, and the feed not read yet: the page is held back in its turn.
    let answer = phone.held.remove(0);
    phone.tell(answer);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
    let record = shown(&phone, Customers, "rosa").record.unwrap();
    assert_eq!((&record["name"], &record["syncStatus"]), (&json!("Rosa"), &json!("synced")));
    phone.release();
    assert_eq!(phone.engine.queue().iter().count(), 0);
    assert_eq!(shown(&phone, Customers, "rosa").record.unwrap()["name"], "Rosa");
}
