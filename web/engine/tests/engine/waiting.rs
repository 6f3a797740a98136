//! What waits, for what, and how long.

use engine::{Answer, Command, QueueStatus, StatusWord};
use protocol::Entity::{Abonos, Customers, Sales};
use serde_json::json;

use crate::pair::{Network, Phone, enqueue, id, poison, sale, server};
use crate::push::results;

#[test]
fn an_operation_that_breaks_the_server_waits_alone_in_the_end() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    for number in 0..8 {
        let record = format!("c-{number}");
        phone.insert(&format!("op-{number}"), Customers, &record, json!({"name": "Rosa"}));
    }
    phone.network = Network::Up;
    phone.tell(engine::Event::NetworkChanged { online: true });
    // Nothing scripted: this only shows that all went at once.
    assert_eq!(server.borrow().feed.len(), 8);
    phone.go(Network::Down);
    for number in 10..18 {
        let record = format!("c-{number}");
        phone.insert(&format!("op-{number}"), Customers, &record, json!({"name": "Rosa"}));
    }
    let broken =
        || Some(Ok(Answer { status: 500, body: "oops".into(), date: None, retry_after: None }));
    // Eight, then four, two and one of them break it; each cycle also pulls.
    server.borrow_mut().script.extend([broken(), None, broken(), None, broken(), None, broken()]);
    phone.go(Network::Up);
    phone.wait(10 * 60_000);
    assert_eq!(server.borrow().feed.len(), 16);
    assert_eq!(phone.word(), StatusWord::Synced);
}

#[test]
fn retry_after_is_honoured_even_on_demand() {
    let server = server();
    let mut phone = Phone::new(&server);
    let mut busy = server.borrow().failure(503, "unavailable");
    busy.retry_after = Some("120".into());
    server.borrow_mut().script.push_back(Some(Ok(busy)));
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    let requests = server.borrow().requests.len();
    phone.sync();
    phone.wait(119_000);
    assert_eq!(server.borrow().requests.len(), requests);
    phone.wait(2_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
}

#[test]
fn dependents_follow_in_one_batch_and_wait_for_what_has_failed() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.insert("op-2", Sales, "s-1", sale(Some("rosa")));
    phone.insert("op-3", Customers, "luis", poison());
    phone.insert("op-4", Sales, "s-2", sale(Some("luis")));
    phone.insert("op-5", Sales, "s-3", sale(None));
    phone.go(Network::Up);
    assert_eq!(server.borrow().batches()[0], ["op-1", "op-2", "op-3", "op-4", "op-5"]);
    assert_eq!(phone.stored("op-4").unwrap().status, QueueStatus::Pending);
    phone.wait(20 * 60_000);
    let sent = server.borrow().batches().iter().flatten().filter(|id| *id == "op-4").count();
    assert_eq!(sent, 1, "it waits for the customer and is not sent in vain");
    let queue = phone.engine.queue();
    let waiting = queue.waiting(queue.get(&id("op-4")).unwrap(), phone.wall).unwrap();
    assert_eq!(waiting.operation, id("op-3"));
    assert_eq!(waiting.why, engine::WaitingWhy::Failed);
}

#[test]
fn ten_blocked_answers_for_something_elsewhere_set_an_operation_aside() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Sales, "s-1", sale(Some("nobody")));
    for _ in 0..200 {
        phone.wait(60_000);
    }
    let failed = phone.stored("op-1").unwrap();
    assert_eq!(failed.status, QueueStatus::Failed);
    assert_eq!(failed.code.as_deref(), Some("missing_reference"));
    assert_eq!(server.borrow().batches().len(), 10);
    // Each press asks once more, and no more than that.
    for press in 1..=3 {
        phone.command(Command::Retry { operation: id("op-1") }).expect("saved");
        phone.wait(20 * 60_000);
        assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Failed);
        assert_eq!(server.borrow().batches().len(), 10 + press);
    }
}

#[test]
fn what_was_set_aside_for_want_of_a_record_goes_when_that_record_comes() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Sales, "s-1", sale(Some("rosa")));
    phone.insert("op-2", Sales, "s-2", sale(Some("nobody")));
    for _ in 0..200 {
        phone.wait(60_000);
    }
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Failed);
    let batches = server.borrow().batches().len();
    server.borrow_mut().write(Customers, "rosa", Some(json!({"id": "rosa", "name": "Rosa"})));
    phone.wait(20 * 60_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
    assert_eq!(phone.stored("op-2").unwrap().status, QueueStatus::Failed);
    assert_eq!(server.borrow().batches()[batches..], [["op-1"]]);
}

#[test]
fn what_was_set_aside_and_has_come_to_pass_is_seen_to_have_done_so() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Sales, "s-1", sale(Some("rosa")));
    for _ in 0..200 {
        phone.wait(60_000);
    }
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Failed);
    // The customer comes and goes, and a late copy of the request arrives between.
    let late = server.borrow().requests.iter().find(|one| one.body.is_some()).unwrap().clone();
    server.borrow_mut().write(Customers, "rosa", Some(json!({"id": "rosa", "name": "Rosa"})));
    server.borrow_mut().receive(&late).expect("an answer");
    server.borrow_mut().write(Customers, "rosa", None);
    phone.wait(20 * 60_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
    let applied = server.borrow().feed.iter().filter(|one| one.operation_id == id("op-1")).count();
    assert_eq!(applied, 1);
}

#[test]
fn a_delete_that_was_set_aside_and_done_elsewhere_is_seen_to_be_done() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.command(enqueue("op-1", protocol::Action::Delete, Abonos, "a-1", json!({}))).unwrap();
    for _ in 0..200 {
        phone.wait(60_000);
    }
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Failed);
    let late = server.borrow().requests.iter().find(|one| one.body.is_some()).unwrap().clone();
    server.borrow_mut().write(Abonos, "a-1", Some(json!({"id": "a-1", "amount": "5.00"})));
    server.borrow_mut().receive(&late).expect("an answer");
    phone.wait(20 * 60_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
}

#[test]
fn pressing_retry_does_not_keep_an_operation_waiting_for_what_is_nowhere() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Sales, "s-1", sale(Some("nobody")));
    for _ in 0..20 {
        if phone.stored("op-1").unwrap().status == QueueStatus::Pending {
            phone.command(Command::Retry { operation: id("op-1") }).expect("saved");
        }
        phone.wait(1_000);
    }
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Failed);
    assert_eq!(server.borrow().batches().len(), 10);
}

#[test]
fn pressing_retry_sends_at_once_even_after_a_failure() {
    let server = server();
    let mut phone = Phone::new(&server);
    let broken = Answer { status: 500, body: "oops".into(), date: None, retry_after: None };
    // Neither the push nor the pull after it is answered.
    server.borrow_mut().script.extend([Some(Ok(broken.clone())), Some(Ok(broken))]);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Pending);
    phone.command(Command::Retry { operation: id("op-1") }).expect("saved");
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
}

#[test]
fn a_queue_that_has_not_moved_for_two_minutes_online_is_an_error() {
    let server = server();
    let mut phone = Phone::new(&server);
    let later = |_| {
        let result = json!({"operationId": "op-1", "success": false, "status": "retry"});
        let body = json!({"success": true, "data": {"results": [result]}}).to_string();
        Some(Ok(Answer { status: 200, body, date: None, retry_after: None }))
    };
    server.borrow_mut().script.extend((0..20).flat_map(|step| [later(step), None]));
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.word(), StatusWord::Pending(1));
    phone.wait(121_000);
    assert_eq!(phone.word(), StatusWord::Error);
}

#[test]
fn what_follows_on_a_record_waits_while_the_earlier_backs_off() {
    let server = server();
    let mut phone = Phone::new(&server);
    let later = json!([{"operationId": "op-1", "success": false, "status": "retry"}]);
    server.borrow_mut().script.push_back(Some(Ok(results(&later))));
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.update("op-2", Customers, "rosa", json!({"notes": "x"}));
    assert_eq!(server.borrow().batches(), [["op-1"]], "op-2 waits although it is due");
    phone.insert("op-3", Customers, "luis", json!({"name": "Luis"}));
    assert_eq!(server.borrow().batches()[1], ["op-3"], "others do not");
    phone.wait(40_000);
    assert_eq!(server.borrow().batches()[2], ["op-1", "op-2"]);
}

#[test]
fn blocked_by_something_in_this_queue_is_never_given_up() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.insert("op-2", Sales, "s-1", sale(Some("rosa")));
    let answer = json!([
        {"operationId": "op-1", "success": false, "status": "retry"},
        {"operationId": "op-2", "success": false, "status": "blocked", "code": "earlier_failed"},
    ]);
    server.borrow_mut().script.extend((0..12).flat_map(|_| [Some(Ok(results(&answer))), None]));
    phone.go(Network::Up);
    for _ in 0..15 {
        phone.sync();
    }
    assert_eq!(server.borrow().batches().len(), 13);
    assert_eq!(phone.stored("op-2").unwrap().status, QueueStatus::Processed);
}

#[test]
fn a_failed_change_of_a_customer_holds_up_no_sale() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.update("op-2", Customers, "rosa", poison());
    phone.insert("op-3", Sales, "s-1", sale(Some("rosa")));
    assert_eq!(phone.stored("op-2").unwrap().status, QueueStatus::Failed);
    assert_eq!(phone.stored("op-3").unwrap().status, QueueStatus::Processed);
}

#[test]
fn batches_grow_again_once_the_server_answers() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    for number in 0..60 {
        let record = format!("c-{number}");
        phone.insert(&format!("op-{number:02}"), Customers, &record, json!({"name": "Rosa"}));
    }
    let broken = Answer { status: 502, body: String::new(), date: None, retry_after: None };
    server.borrow_mut().script.push_back(Some(Ok(broken)));
    phone.go(Network::Up);
    assert_eq!(server.borrow().feed.len(), 0, "the rest of a cycle is left in peace");
    phone.sync();
    let sizes: Vec<usize> = server.borrow().batches().iter().map(Vec::len).collect();
    assert_eq!(sizes, [50, 25, 35]);
}
