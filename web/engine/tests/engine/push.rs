//! The way up.

use engine::{
    Answer, CommandRefused, EngineState, QueueStatus, StatusWord, StorageFault, TransportFault,
};
use protocol::Entity::{Customers, Sales};
use serde_json::json;

use crate::pair::{Network, Phone, id, poison, sale, server};

#[test]
fn a_write_online_is_sent_at_once_as_a_batch_of_one() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(server.borrow().batches(), [["op-1"]]);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
}

#[test]
fn sent_at_is_durable_before_the_first_sending() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.stored("op-1").unwrap().sent_at, None);
    phone.holds_commits = true;
    phone.go(Network::Up);
    assert!(server.borrow().batches().is_empty(), "sent before sentAt was acknowledged");
    phone.release();
    assert_eq!(server.borrow().batches(), [["op-1"]]);
    assert!(phone.stored("op-1").unwrap().sent_at.is_some());
}

#[test]
fn nothing_is_saved_before_its_acknowledgement() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.holds_commits = true;
    let rosa = json!({"name": "Rosa"});
    phone.ask(crate::pair::enqueue("op-1", protocol::Action::Insert, Customers, "rosa", rosa));
    assert!(phone.answers.is_empty());
    assert_eq!(phone.engine.queue().iter().count(), 0);
    phone.release();
    assert_eq!(phone.answers.len(), 1);
}

#[test]
fn a_full_disk_refuses_the_write_and_leaves_the_queue_as_it_was() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.commit_faults.push_back(StorageFault::QuotaExceeded);
    let rosa = json!({"name": "Rosa"});
    let command = crate::pair::enqueue("op-1", protocol::Action::Insert, Customers, "rosa", rosa);
    let refused = phone.command(command.clone());
    assert_eq!(refused, Err(CommandRefused::Storage(StorageFault::QuotaExceeded)));
    assert_eq!(phone.word(), StatusWord::Error);
    assert_eq!(phone.stored("op-1"), None);
    assert!(phone.command(command).is_ok(), "the form may try again under the same id");
    assert_eq!(phone.word(), StatusWord::Synced);
}

#[test]
fn fifty_go_in_a_batch_and_each_once_in_a_cycle() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    for number in 0..120 {
        let name = format!("c-{number}");
        phone.insert(&format!("op-{number:03}"), Customers, &name, json!({"name": name}));
    }
    assert_eq!(phone.word(), StatusWord::Offline);
    phone.go(Network::Up);
    let sizes: Vec<usize> = server.borrow().batches().iter().map(Vec::len).collect();
    assert_eq!(sizes, [50, 50, 20]);
    assert_eq!(phone.word(), StatusWord::Synced);
}

#[test]
fn a_lost_reply_is_asked_for_again_under_the_same_id() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.network = Network::LosesReplies;
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Pending);
    phone.go(Network::Up);
    phone.sync();
    assert_eq!(server.borrow().batches(), [["op-1"], ["op-1"]]);
    assert_eq!(server.borrow().feed.len(), 1);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
}

#[test]
fn an_answer_that_lacks_an_operation_leaves_it_pending() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.insert("op-2", Customers, "luis", json!({"name": "Luis"}));
    server.borrow_mut().forgets.push("op-1".into());
    phone.go(Network::Up);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Pending);
    assert_eq!(phone.stored("op-2").unwrap().status, QueueStatus::Processed);
    phone.wait(60_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
}

#[test]
fn html_with_status_200_changes_nothing() {
    let server = server();
    let mut phone = Phone::new(&server);
    let portal = Answer {
        status: 200,
        body: "<html>Bienvenido</html>".into(),
        date: None,
        retry_after: None,
    };
    server.borrow_mut().script.extend([Some(Ok(portal.clone())), Some(Ok(portal))]);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Pending);
    assert_eq!(phone.word(), StatusWord::Offline);
    phone.wait(60_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
}

#[test]
fn a_poison_operation_is_set_aside_and_the_rest_flows() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    for number in 0..30 {
        let data = if number == 7 { poison() } else { json!({"name": "Rosa"}) };
        let record = format!("c-{number}");
        phone.insert(&format!("op-{number:02}"), Customers, &record, data);
    }
    phone.go(Network::Up);
    let failed = phone.stored("op-07").unwrap();
    assert_eq!(failed.status, QueueStatus::Failed);
    assert_eq!(failed.code.as_deref(), Some("invalid_field"));
    assert_eq!(server.borrow().feed.len(), 29);
    assert_eq!(phone.word(), StatusWord::Error);
}

#[test]
fn a_batch_refused_as_a_whole_is_halved_down_to_the_culprit() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    for number in 0..4 {
        let record = format!("c-{number}");
        phone.insert(&format!("op-{number}"), Customers, &record, json!({"name": "Rosa"}));
    }
    let too_large = server.borrow().failure(413, "payload_too_large");
    // The four, the first two, the first alone.
    for _ in 0..3 {
        server.borrow_mut().script.push_back(Some(Ok(too_large.clone())));
    }
    phone.go(Network::Up);
    let batches = server.borrow().batches();
    assert_eq!(
        batches[1..],
        [vec!["op-0", "op-1"], vec!["op-0"], vec!["op-1"], vec!["op-2", "op-3"]]
    );
    let failed = phone.stored("op-0").unwrap();
    assert_eq!(failed.status, QueueStatus::Failed);
    assert_eq!(failed.code.as_deref(), Some("payload_too_large"));
    assert_eq!(server.borrow().feed.len(), 3);
}

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
fn a_request_that_hangs_is_given_up_at_its_deadline() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.network = Network::Hangs;
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.view.as_ref().unwrap().state, EngineState::Syncing);
    phone.wait(61_000);
    assert!(phone.log.iter().any(|effect| matches!(effect, engine::Effect::Abort(_))));
    phone.network = Network::Up;
    phone.wait(120_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
}

#[test]
fn an_answer_after_the_deadline_is_ignored() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.holds_answers = true;
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.holds_answers = false;
    phone.network = Network::Down;
    phone.wait(31_000);
    phone.release();
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Pending);
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
}

#[test]
fn a_401_refreshes_the_login_and_sends_again() {
    let server = server();
    let mut phone = Phone::new(&server);
    let expired = server.borrow().failure(401, "token_expired");
    server.borrow_mut().script.push_back(Some(Ok(expired)));
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(server.borrow().batches(), [["op-1"], ["op-1"]]);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
}

#[test]
fn a_login_that_needs_the_password_keeps_the_queue_and_says_so() {
    let server = server();
    let mut phone = Phone::new(&server);
    let expired = server.borrow().failure(401, "token_expired");
    server.borrow_mut().script.push_back(Some(Ok(expired)));
    phone.refresh = Err(engine::RefreshFault::Refused);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.word(), StatusWord::Error);
    phone.wait(10 * 60_000);
    assert_eq!(server.borrow().batches().len(), 1, "nothing is sent without a login");
    phone.insert("op-2", Customers, "luis", json!({"name": "Luis"}));
    phone.sign_in();
    assert_eq!(phone.word(), StatusWord::Synced);
    assert_eq!(server.borrow().feed.len(), 2);
}

#[test]
fn a_client_too_old_keeps_its_queue_and_asks_for_the_new_app() {
    let server = server();
    let mut phone = Phone::new(&server);
    let too_old = server.borrow().failure(426, "client_too_old");
    server.borrow_mut().script.push_back(Some(Ok(too_old)));
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert!(phone.log.contains(&engine::Effect::UpdateApp));
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Pending);
    assert_eq!(phone.word(), StatusWord::Error);
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
fn a_crash_between_sending_and_the_answer_repeats_the_same_operation() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.holds_answers = true;
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    let mut phone = phone.restarted();
    phone.sign_in();
    assert_eq!(server.borrow().batches(), [["op-1"], ["op-1"]]);
    assert_eq!(server.borrow().feed.len(), 1);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
}

#[test]
fn a_network_that_dies_is_tried_at_every_beat_and_at_once_when_it_is_back() {
    let server = server();
    let mut phone = Phone::new(&server);
    server.borrow_mut().script.push_back(Some(Err(TransportFault::Network)));
    server.borrow_mut().script.push_back(Some(Err(TransportFault::Network)));
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.word(), StatusWord::Offline);
    phone.tell(engine::Event::NetworkChanged { online: true });
    assert_eq!(phone.word(), StatusWord::Synced);
}

/// A batch's answer as given.
fn results(results: &serde_json::Value) -> Answer {
    let body = json!({"success": true, "data": {"results": results}}).to_string();
    Answer { status: 200, body, date: None, retry_after: None }
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
fn a_person_who_asks_is_served_even_where_the_browser_sees_no_network() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.tell(engine::Event::NetworkChanged { online: false });
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert!(server.borrow().batches().is_empty());
    assert_eq!(phone.word(), StatusWord::Offline);
    phone.sync();
    assert_eq!(server.borrow().batches(), [["op-1"]]);
    assert_eq!(phone.word(), StatusWord::Synced);
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
