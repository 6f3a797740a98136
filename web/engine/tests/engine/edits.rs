//! Edits of what was not sent yet become one operation.

use engine::{Command, NewOperation, QueueStatus, StatusWord};
use protocol::Entity::{Abonos, Customers, ProductVariants, SaleItems, Sales};
use protocol::{Action, Entity, Version};
use serde_json::{Value, json};

use crate::pair::{Network, Phone, enqueue, id, item, object, sale, server};

/// An update by a user who sees this version of the record.
fn update_of(version: u64, operation: &str, entity: Entity, record: &str, data: Value) -> Command {
    Command::Enqueue(NewOperation {
        id: id(operation),
        entity,
        action: Action::Update,
        entity_id: record.parse().unwrap(),
        data: object(data),
        base_version: Some(Version(version)),
    })
}

/// The ids of the operations that wait, in order.
fn waiting(phone: &Phone) -> Vec<String> {
    let open = phone.engine.queue().iter().filter(|one| one.status != QueueStatus::Processed);
    open.map(|one| one.id.to_string()).collect()
}

#[test]
fn many_edits_of_one_record_offline_are_one_operation() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-0", Customers, "rosa", json!({"name": "Rosa", "phone": "1"}));
    for edit in 1..=26 {
        let data = json!({"notes": format!("nota {edit}"), "phone": null});
        phone.update(&format!("op-{edit}"), Customers, "rosa", data);
        phone.wait(60_000);
    }
    assert_eq!(waiting(&phone), ["op-0"]);
    let stored = phone.stored("op-0").unwrap();
    assert_eq!(stored.data, object(json!({"name": "Rosa", "notes": "nota 26"})));
    assert_eq!(stored.timestamp, stored.created_at, "the customer is as old as he is");
    assert!(stored.joined.len() < 26, "ids are remembered for a while only");
    phone.go(Network::Up);
    assert_eq!(server.borrow().batches(), [["op-0"]]);
    let record = server.borrow().feed[0].record.clone().unwrap();
    assert_eq!((&record["notes"], record.get("phone")), (&json!("nota 26"), None));
    assert_eq!(phone.word(), StatusWord::Synced);
}

#[test]
fn edits_of_a_synced_record_join_where_they_saw_the_same_version() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-0", Customers, "rosa", json!({"name": "Rosa"}));
    phone.go(Network::Down);
    phone.command(update_of(1, "op-1", Customers, "rosa", json!({"phone": "1"}))).unwrap();
    let first = phone.stored("op-1").unwrap();
    phone.wait(60_000);
    phone.command(update_of(1, "op-2", Customers, "rosa", json!({"notes": "n"}))).unwrap();
    assert_eq!(waiting(&phone), ["op-1"]);
    let joined = phone.stored("op-1").unwrap();
    assert_eq!(joined.data, object(json!({"phone": "1", "notes": "n"})));
    assert_eq!((joined.base_version, joined.sequence), (Some(Version(1)), first.sequence));
    assert_eq!(joined.timestamp, first.timestamp.plus_millis(60_000), "as old as its last edit");

    // Fields of one operation have one base.
    phone.command(update_of(2, "op-3", Customers, "rosa", json!({"phone": "3"}))).unwrap();
    assert_eq!(waiting(&phone), ["op-1", "op-3"]);
    // Nor is an edit dated back to one of long ago.
    phone.wait(11 * 60_000);
    phone.command(update_of(2, "op-4", Customers, "rosa", json!({"phone": "4"}))).unwrap();
    assert_eq!(waiting(&phone), ["op-1", "op-3", "op-4"]);
    phone.go(Network::Up);
    assert_eq!(server.borrow().feed.last().unwrap().record.as_ref().unwrap()["phone"], "4");
}

#[test]
fn without_a_base_an_edit_joins_only_what_it_replaces_whole() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-0", Customers, "rosa", json!({"name": "Rosa"}));
    phone.go(Network::Down);
    phone.update("op-1", Customers, "rosa", json!({"phone": "1"}));
    phone.update("op-2", Customers, "rosa", json!({"phone": "2", "notes": "n"}));
    assert_eq!(waiting(&phone), ["op-1"]);
    phone.update("op-3", Customers, "rosa", json!({"phone": "3"}));
    assert_eq!(waiting(&phone), ["op-1", "op-3"]);
}

#[test]
fn what_was_sent_never_changes() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.holds_answers = true;
    phone.insert("op-0", Customers, "rosa", json!({"name": "Rosa"}));
    phone.update("op-1", Customers, "rosa", json!({"notes": "a"}));
    phone.update("op-2", Customers, "rosa", json!({"notes": "b"}));
    assert_eq!(waiting(&phone), ["op-0", "op-1"]);
    assert_eq!(phone.stored("op-0").unwrap().data, object(json!({"name": "Rosa"})));
    phone.release();
    assert_eq!(server.borrow().batches(), [["op-0"], ["op-1"]]);
    assert_eq!(phone.word(), StatusWord::Synced);
}

#[test]
fn an_edit_never_comes_before_what_it_names() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-0", Customers, "luis", json!({"name": "Luis"}));
    phone.insert("op-1", Sales, "s-1", sale(Some("luis")));
    phone.insert("op-2", Customers, "rosa", json!({"name": "Rosa"}));
    phone.update("op-3", Sales, "s-1", json!({"clientId": "rosa"}));
    assert_eq!(waiting(&phone), ["op-0", "op-1", "op-2", "op-3"]);
    // The next one joins the last, which stands behind the customer.
    phone.update("op-4", Sales, "s-1", json!({"clientId": "rosa", "tara": "0.500"}));
    assert_eq!(waiting(&phone), ["op-0", "op-1", "op-2", "op-3"]);
    phone.go(Network::Up);
    assert_eq!(server.borrow().batches(), [["op-0", "op-1", "op-2", "op-3"]]);
    let sale = server.borrow().feed.last().unwrap().record.clone().unwrap();
    assert_eq!((&sale["clientId"], &sale["tara"]), (&json!("rosa"), &json!("0.500")));
}

#[test]
fn a_variant_never_takes_a_name_before_it_is_free() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.sign_in_as(protocol::Role::AdminNegocio);
    let named = |name: &str| json!({"productId": "p", "name": name, "price": "9.00"});
    phone.insert("op-0", ProductVariants, "v-1", named("Entero"));
    phone.go(Network::Down);
    phone.insert("op-1", ProductVariants, "v-2", named("Pierna"));
    phone.update("op-2", ProductVariants, "v-1", json!({"name": "Trozado"}));
    phone.update("op-3", ProductVariants, "v-2", json!({"name": "Entero"}));
    assert_eq!(waiting(&phone), ["op-1", "op-2", "op-3"]);
}

#[test]
fn what_the_domain_sees_otherwise_is_not_joined() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-0", Customers, "rosa", json!({"name": "Rosa"}));
    let mut credit = sale(Some("rosa"));
    (credit["saleType"], credit["amountPaid"]) = ("credito".into(), "5.00".into());
    phone.insert("op-1", Sales, "s-1", credit);
    // As one, this would be a cash sale that has paid too little.
    phone.update("op-2", Sales, "s-1", json!({"saleType": "contado"}));
    assert_eq!(waiting(&phone), ["op-0", "op-1", "op-2"]);
    // What it refuses, it refuses in the same words as before.
    let empty = enqueue("op-3", Action::Update, Sales, "s-1", json!({"items": []}));
    assert!(phone.command(empty).is_err());
    assert_eq!(waiting(&phone), ["op-0", "op-1", "op-2"]);
}

#[test]
fn lines_of_a_sale_join_line_by_line() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-0", Sales, "s-1", sale(None));
    let mut line = item();
    line["saleId"] = "s-1".into();
    line["id"] = "i-2".into();
    line.as_object_mut().unwrap().remove("subtotal");
    phone.insert("op-1", SaleItems, "i-2", line);
    phone.update("op-2", SaleItems, "i-2", json!({"saleId": "s-1", "quantity": "3.000"}));
    assert_eq!(waiting(&phone), ["op-0", "op-1"]);
    assert_eq!(phone.stored("op-1").unwrap().data["quantity"], "3.000");
    // Another line, and the sale itself, which stands behind a line now.
    phone.update("op-3", SaleItems, "i-1", json!({"saleId": "s-1", "quantity": "4.000"}));
    phone.update("op-4", Sales, "s-1", json!({"tara": "0.500"}));
    assert_eq!(waiting(&phone), ["op-0", "op-1", "op-3", "op-4"]);
}

#[test]
fn a_delete_is_an_operation_of_its_own_even_of_what_was_never_sent() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.sign_in_as(protocol::Role::AdminNegocio);
    phone.go(Network::Down);
    phone.insert("op-0", Customers, "rosa", json!({"name": "Rosa"}));
    let abono = json!({"clientId": "rosa", "amount": "5.00", "paymentMethod": "yape"});
    phone.insert("op-1", Abonos, "a-1", abono);
    phone.command(enqueue("op-2", Action::Delete, Customers, "rosa", json!({}))).unwrap();
    phone.update("op-3", Customers, "rosa", json!({"notes": "n"}));
    assert_eq!(waiting(&phone), ["op-0", "op-1", "op-2", "op-3"]);
    let failed = phone.engine.queue().count(QueueStatus::Failed);
    assert_eq!(failed, 0, "the abono of a customer who goes is taken all the same");
}

#[test]
fn an_edit_whose_commit_is_of_unknown_outcome_is_recognised_and_not_repeated() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-0", Customers, "rosa", json!({"name": "Rosa"}));
    phone.loses_next_acknowledgement = true;
    let edit = |notes: &str| json!({ "notes": notes });
    let command = enqueue("op-1", Action::Update, Customers, "rosa", edit("a"));
    assert_eq!(phone.command(command.clone()).unwrap().0, Some(id("op-0")));
    phone.update("op-2", Customers, "rosa", edit("b"));
    assert_eq!(phone.command(command).unwrap().0, Some(id("op-0")), "it was saved before");
    assert_eq!(phone.stored("op-0").unwrap().data["notes"], "b");
    // So is the insert that has changed since.
    let insert = enqueue("op-0", Action::Insert, Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.command(insert).unwrap().0, Some(id("op-0")));
    assert_eq!(waiting(&phone), ["op-0"]);
}

#[test]
fn two_tabs_join_one_operation_and_lose_nothing() {
    let server = server();
    let mut first = Phone::new(&server);
    first.go(Network::Down);
    first.insert("op-0", Customers, "rosa", json!({"name": "Rosa"}));
    let mut second = Phone::tab(&server, &first.profile);
    second.go(Network::Down);
    second.sign_in();
    second.update("op-1", Customers, "rosa", json!({"notes": "n"}));
    // The first has not heard of it; its commit is stale and is derived again.
    first.update("op-2", Customers, "rosa", json!({"phone": "2"}));
    assert_eq!(waiting(&first), ["op-0"]);
    let stored = first.stored("op-0").unwrap();
    assert_eq!(stored.data, object(json!({"name": "Rosa", "notes": "n", "phone": "2"})));
}

#[test]
fn conflicts_dismissed_one_by_one_are_all_dismissed() {
    let server = server();
    let mut phone = Phone::new(&server);
    let conflict = |field: &str| {
        json!({"field": field, "kept": "a", "lost": "b", "lostBy": "u",
        "lostAt": "2026-11-22T13:05:00.000Z"})
    };
    let record = json!({"id": "rosa", "name": "Rosa", "createdAt": "2026-11-22T13:05:00.000Z",
        "conflicts": [conflict("phone"), conflict("notes")]});
    server.borrow_mut().write(Customers, "rosa", Some(record));
    phone.sync();
    phone.go(Network::Down);
    for (operation, field) in [("op-1", "phone"), ("op-2", "notes")] {
        let data = json!({ "dismiss": [field] });
        phone.command(update_of(1, operation, Customers, "rosa", data)).unwrap();
    }
    assert_eq!(waiting(&phone), ["op-1"]);
    assert_eq!(phone.stored("op-1").unwrap().data["dismiss"], json!(["phone", "notes"]));
}
