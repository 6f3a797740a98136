//! What the browser says of the network is a hint.

use engine::{Effect, Event, QueueStatus, StatusWord};
use protocol::Entity::Customers;
use serde_json::json;

use crate::pair::{Network, Phone, server};

/// A phone that was told that the network has gone; nobody tells it when it comes back.
fn told_offline() -> Phone {
    let mut phone = Phone::new(&server());
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.wait(10 * 60 * 1_000);
    assert_eq!(phone.word(), StatusWord::Offline);
    phone
}

#[test]
fn a_network_that_comes_back_without_a_word_is_found_within_a_minute() {
    let mut phone = told_offline();
    phone.network = Network::Up;
    phone.wait(60_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
    assert_eq!(phone.word(), StatusWord::Synced);
}

#[test]
fn coming_to_the_foreground_asks_at_once_whatever_the_browser_says() {
    for online in [false, true] {
        let mut phone = told_offline();
        phone.network = Network::Up;
        phone.tell(Event::Foregrounded { online });
        assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed, "{online}");
    }
}

#[test]
fn a_probe_sends_nothing_that_was_typed_and_is_no_hammer() {
    let mut phone = told_offline();
    assert_eq!(phone.stored("op-1").unwrap().sent_at, None, "an edit still joins it");
    phone.log.clear();
    for _ in 0..5 {
        phone.tell(Event::Foregrounded { online: false });
    }
    let sends = |phone: &Phone| {
        phone.log.iter().filter(|effect| matches!(effect, Effect::Send { .. })).count()
    };
    assert_eq!(sends(&phone), 1);
    assert_eq!(phone.word(), StatusWord::Offline);
    phone.wait(60 * 60 * 1_000);
    assert!((60..=160).contains(&sends(&phone)), "{}", sends(&phone));
    assert_eq!(phone.stored("op-1").unwrap().sent_at, None);
}
