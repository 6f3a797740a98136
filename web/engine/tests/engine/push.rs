//! The way up.

use engine::{
    Answer, CommandRefused, EngineState, QueueStatus, StatusWord, StorageFault, TransportFault,
};
use protocol::Entity::Customers;
use serde_json::json;

use crate::pair::{Network, Phone, poison, server};

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
pub(crate) fn results(results: &serde_json::Value) -> Answer {
    let body = json!({"success": true, "data": {"results": results}}).to_string();
    Answer { status: 200, body, date: None, retry_after: None }
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
