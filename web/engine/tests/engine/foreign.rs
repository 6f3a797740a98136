//! Answers of something between phone and server: a proxy, a filter, a captive portal. They judge
//! nothing.

use engine::{Answer, Command, Effect, QueueStatus, RefreshFault, RowWrite, StatusWord};
use protocol::Entity::{Customers, Sales};
use serde_json::json;

use crate::pair::{Network, Phone, id, poison, sale, server};

/// What a proxy answers in the server's place.
fn page(status: u16) -> Answer {
    let body = "<html><h1>Bad Request</h1></html>".to_owned();
    Answer { status, body, date: None, retry_after: None }
}

#[test]
fn a_foreign_answer_to_a_batch_sets_nothing_aside_whatever_its_status() {
    for status in [200, 400, 401, 403, 404, 405, 407, 410, 413, 422, 426, 429, 451, 500, 502] {
        let server = server();
        let mut phone = Phone::new(&server);
        phone.refresh = Err(RefreshFault::Refused);
        phone.go(Network::Down);
        for number in 0..3 {
            let record = format!("c-{number}");
            phone.insert(&format!("op-{number}"), Customers, &record, json!({"name": "Rosa"}));
        }
        server.borrow_mut().filter =
            Some(Box::new(move |request| request.body.as_ref().map(|_| page(status))));
        phone.go(Network::Up);
        phone.wait(15 * 60_000);
        let stored: Vec<_> = (0..3).map(|n| phone.stored(&format!("op-{n}")).unwrap()).collect();
        assert!(stored.iter().all(|one| one.status == QueueStatus::Pending), "{status}");
        // A network that swallows requests costs a phone few of them.
        assert!(server.borrow().batches().len() < 100, "{status}");

        server.borrow_mut().filter = None;
        phone.wait(11 * 60_000);
        assert_eq!(server.borrow().feed.len(), 3, "{status}");
        assert_eq!(phone.word(), StatusWord::Synced, "{status}");
        let refreshed = |effect: &Effect| matches!(effect, Effect::RefreshLogin { .. });
        assert!(!phone.log.iter().any(refreshed), "{status} is no word on the login");
        assert!(!phone.log.contains(&Effect::UpdateApp), "{status} is no word on the app");
    }
}

#[test]
fn an_operation_that_a_filter_dislikes_waits_alone_and_says_why() {
    for status in [200, 400, 403, 413, 422] {
        let server = server();
        let mut phone = Phone::new(&server);
        phone.go(Network::Down);
        for number in 0..60 {
            let name = if number == 7 { "Robert'); DROP TABLE" } else { "Rosa" };
            let record = format!("c-{number}");
            phone.insert(&format!("op-{number:02}"), Customers, &record, json!({"name": name}));
        }
        server.borrow_mut().filter = Some(Box::new(move |request| {
            let body = request.body.as_deref()?;
            body.contains("DROP TABLE").then(|| page(status))
        }));
        phone.go(Network::Up);
        phone.wait(3 * 60_000);
        assert_eq!(server.borrow().feed.len(), 59, "{status}");
        let disliked = phone.stored("op-07").unwrap();
        assert_eq!(disliked.status, QueueStatus::Pending);
        assert!(disliked.retry_count > 0);
        let why = disliked.last_error.unwrap();
        assert_eq!(why, "Algo en la red no dejó pasar el envío a Avileo: se intentará de nuevo.");

        // What is written meanwhile is sent at once, and so is what others write read.
        phone.insert("op-60", Customers, "c-60", json!({"name": "Luis"}));
        assert_eq!(phone.stored("op-60").unwrap().status, QueueStatus::Processed, "{status}");
        server.borrow_mut().write(Customers, "theirs", Some(json!({"name": "Ana"})));
        phone.wait(40_000);
        assert!(phone.record(Customers, "theirs").is_some(), "{status}");

        server.borrow_mut().filter = None;
        phone.wait(2 * 60_000);
        assert_eq!(phone.stored("op-07").unwrap().status, QueueStatus::Processed, "{status}");
        assert_eq!(phone.word(), StatusWord::Synced, "{status}");
    }
}

#[test]
fn what_an_earlier_version_set_aside_for_a_foreign_answer_comes_back_in_its_place() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.insert("op-2", Sales, "s-1", sale(Some("rosa")));
    phone.insert("op-3", Customers, "luis", poison());
    let mut set_aside = engine::Transaction::default();
    for (operation, code, why) in [
        ("op-1", None, "El servidor no acepta la operación."),
        ("op-3", Some("invalid_field"), "El nombre no es válido."),
    ] {
        let mut row = phone.stored(operation).unwrap();
        row.status = QueueStatus::Failed;
        row.sent_at = Some(row.created_at);
        (row.code, row.last_error) = (code.map(str::to_owned), Some(why.to_owned()));
        set_aside.writes.push(RowWrite::PutOperation(row));
    }
    phone.profile.borrow_mut().commit(set_aside).unwrap();

    let mut phone = phone.restarted();
    phone.sign_in();
    assert_eq!(server.borrow().batches(), [["op-1", "op-2"]]);
    for operation in ["op-1", "op-2"] {
        assert_eq!(phone.stored(operation).unwrap().status, QueueStatus::Processed);
    }
    let refused = phone.stored("op-3").unwrap();
    assert_eq!(refused.status, QueueStatus::Failed, "that was the server's own word");

    // Once: what the server itself refuses then stays refused.
    phone.command(Command::Retry { operation: id("op-3") }).unwrap();
    let mut phone = phone.restarted();
    phone.sign_in();
    assert_eq!(phone.stored("op-3").unwrap().status, QueueStatus::Failed);
    assert_eq!(server.borrow().feed.len(), 2);
}
