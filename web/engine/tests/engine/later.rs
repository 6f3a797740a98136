//! Records and actions of a later server, on a phone that does not know them yet.

use engine::{StatusWord, SyncedKey};
use protocol::Entity::{Customers, Products};
use serde_json::json;

use crate::pair::{Phone, server};
use crate::pull::check_converged;
use crate::server::Server;

/// A server on which `products` are called `price_lists`, and are done to what no phone knows.
fn later_server() -> std::rc::Rc<std::cell::RefCell<Server>> {
    let server = server();
    server.borrow_mut().renamed = Some((Products, "price_lists"));
    server
}

fn unknown(id: &str) -> SyncedKey {
    SyncedKey::new("price_lists".parse().unwrap(), id.parse().unwrap())
}

fn row(phone: &Phone, id: &str) -> Option<serde_json::Value> {
    phone.records().into_iter().find(|row| row.key == unknown(id)).unwrap().record
}

#[test]
fn a_page_with_an_unknown_entity_is_kept_as_it_came_and_agrees_with_the_server() {
    let server = later_server();
    let mut phone = Phone::new(&server);
    let list = json!({"id": "p-1", "rows": [{"of": "the future", "n": 1.5}]});
    server.borrow_mut().write(Customers, "rosa", Some(json!({"name": "Rosa"})));
    server.borrow_mut().write(Products, "p-1", Some(list.clone()));
    server.borrow_mut().write(Products, "p-2", Some(json!({"id": "p-2"})));
    phone.sync();
    check_converged(&phone, &server.borrow());
    assert_eq!(phone.word(), StatusWord::Synced);
    assert_eq!(row(&phone, "p-1"), Some(list));
    server.borrow_mut().write(Products, "p-1", None);
    phone.sync();
    check_converged(&phone, &server.borrow());
    assert_eq!(row(&phone, "p-1"), None, "a tombstone is kept");
}

#[test]
fn a_first_load_with_an_unknown_entity_is_whole_and_a_recount_finds_it_right() {
    let server = later_server();
    for number in 0..4 {
        let record = Some(json!({"n": number}));
        server.borrow_mut().write(Products, &format!("p-{number}"), record.clone());
        server.borrow_mut().write(Customers, &format!("c-{number}"), record);
    }
    server.borrow_mut().write(Products, "p-2", None);
    let mut phone = Phone::new(&server);
    check_converged(&phone, &server.borrow());
    // Over a day the rows are counted anew.
    let counted = phone.engine.sync_state().recounted_at;
    phone.wait(25 * 60 * 60 * 1_000);
    assert!(phone.engine.sync_state().recounted_at > counted);
    check_converged(&phone, &server.borrow());
    assert_eq!(phone.engine.sync_state().heal_count, 0);
    assert_eq!(phone.word(), StatusWord::Synced);
}
