//! What the simulation has found, each as small as it can be told: seeds change their stories with
//! the world, these do not.

use engine::{
    Answer, Effect, Event, QueueStatus, StatusWord, StorageFault, TransportFault, WaitingWhy,
};
use protocol::Entity::{Customers, Sales};
use protocol::{Action, Version};
use serde_json::json;

use crate::pair::{Network, Phone, Profile, enqueue, id, poison, sale, server};
use crate::pull::{check_converged, customers};

#[test]
fn a_page_is_not_applied_to_rows_that_another_tab_has_changed_since_they_were_read() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..5);
    let mut first = Phone::new(&server);
    let mut second = Phone::tab(&server, &first.profile);
    second.sign_in();
    server.borrow_mut().write(Customers, "c-0001", Some(json!({ "name": "once" })));
    first.holds_reads = true;
    first.sync();
    server.borrow_mut().write(Customers, "c-0001", Some(json!({ "name": "twice" })));
    second.sync();
    first.tell(Event::OtherTabWrote { operations: vec![] });
    first.release();
    check_converged(&first, &server.borrow());
    first.sync();
    check_converged(&first, &server.borrow());
}

#[test]
fn a_full_disk_does_not_make_cycle_follow_cycle() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.commit_faults = [StorageFault::QuotaExceeded; 500].into();
    phone.log.clear();
    phone.go(Network::Up);
    phone.wait(10 * 60_000);
    let cycles = phone.log.iter().filter(|one| matches!(one, Effect::AcquireLock { .. })).count();
    assert!((2..=130).contains(&cycles), "{cycles} cycles in ten minutes");
    phone.commit_faults.clear();
    phone.wait(10 * 60_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
}

#[test]
fn what_waits_is_put_back_into_a_database_that_the_browser_has_removed() {
    for is_told in [true, false] {
        let server = server();
        customers(&mut server.borrow_mut(), 0..5);
        let mut phone = Phone::new(&server);
        phone.go(Network::Down);
        phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
        phone.insert("op-2", Sales, "s-1", sale(Some("rosa")));
        phone.profile.take();
        if is_told {
            phone.commit_faults = [StorageFault::Evicted].into();
        }
        let third = enqueue("op-3", Action::Insert, Customers, "luis", json!({"name": "Luis"}));
        let answer = phone.command(third.clone());
        assert_eq!(answer.is_err(), is_told, "{answer:?}");
        if is_told {
            assert_eq!(answer.unwrap_err().to_string(), StorageFault::Evicted.to_string());
            phone.command(third).unwrap();
        }
        phone.wait(10_000);
        let [one, two, three] =
            ["op-1", "op-2", "op-3"].map(|name| phone.stored(name).unwrap().sequence);
        assert!(one < two && (two < three || !is_told), "{one:?} {two:?} {three:?}");
        assert_eq!(phone.engine.queue().count(QueueStatus::Pending), 3);
        phone.go(Network::Up);
        phone.wait(60_000);
        for name in ["op-1", "op-2", "op-3"] {
            assert_eq!(phone.stored(name).unwrap().status, QueueStatus::Processed);
        }
        check_converged(&phone, &server.borrow());
    }
}

#[test]
fn what_waits_is_put_back_once_there_is_room_and_by_one_of_two_tabs() {
    let server = server();
    let mut first = Phone::new(&server);
    let mut second = Phone::tab(&server, &first.profile);
    second.sign_in();
    first.go(Network::Down);
    second.go(Network::Down);
    first.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    second.tell(Event::OtherTabWrote { operations: vec![id("op-1")] });
    first.profile.take();
    first.commit_faults = [StorageFault::Evicted, StorageFault::QuotaExceeded].into();
    let more = enqueue("op-2", Action::Insert, Customers, "luis", json!({"name": "Luis"}));
    first.command(more.clone()).unwrap_err();
    first.wait(10_000);
    assert_eq!(first.stored("op-1").unwrap().status, QueueStatus::Pending);
    second.command(more).unwrap();
    assert_eq!(second.engine.queue().count(QueueStatus::Pending), 2);
    first.tell(Event::OtherTabWrote { operations: vec![id("op-2")] });
    first.go(Network::Up);
    first.sync();
    first.wait(60_000);
    for name in ["op-1", "op-2"] {
        assert_eq!(first.stored(name).unwrap().status, QueueStatus::Processed);
    }
    check_converged(&first, &server.borrow());
}

#[test]
fn what_is_blocked_behind_a_failed_operation_is_not_said_to_be_in_flight() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "x", poison());
    phone.insert("op-2", Sales, "s-1", sale(Some("x")));
    let delete = enqueue("op-3", Action::Delete, Sales, "s-1", json!({}));
    phone.command(delete).unwrap();
    phone.go(Network::Up);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Failed);
    let queue = phone.engine.queue();
    let later = phone.wall.plus_millis(60 * 60_000);
    let why = |name: &str| queue.waiting(queue.get(&id(name)).unwrap(), later).map(|one| one.why);
    assert!(phone.stored("op-2").unwrap().sent_at.is_some(), "it was sent, and answered blocked");
    assert_eq!(why("op-2"), Some(WaitingWhy::Failed));
    assert_eq!(why("op-3"), Some(WaitingWhy::Waits));
}

#[test]
fn what_was_processed_before_the_first_load_is_pushed_again_if_the_server_was_restored() {
    let server = server();
    let mut phone = Phone::tab(&server, &Profile::default());
    let lost = || Some(Err(TransportFault::Network));
    server.borrow_mut().script.extend([lost(), None, lost()]);
    phone.sign_in();
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.wait(6_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
    assert_eq!(phone.engine.sync_state().cursor, None, "nothing was ever loaded");
    server.borrow_mut().script.clear();
    server.borrow_mut().restore(0);
    phone.sync();
    phone.wait(60_000);
    assert!(phone.record(Customers, "rosa").is_some(), "it is there again");
    check_converged(&phone, &server.borrow());
}

#[test]
fn an_answer_from_before_a_restore_does_not_count_after_another_tab_has_swapped() {
    for refused in [false, true] {
        let server = server();
        let mut first = Phone::new(&server);
        let mut second = Phone::tab(&server, &first.profile);
        second.sign_in();
        first.holds_answers = true;
        server.borrow_mut().script.extend(refused.then(|| Some(Ok(refusal("op-1")))));
        first.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
        assert_eq!(server.borrow().batches(), [["op-1"]], "the answer is on its way");
        server.borrow_mut().restore(0);
        second.sync();
        first.release();
        assert_eq!(first.stored("op-1").unwrap().status, QueueStatus::Pending);
        first.wait(60_000);
        assert!(first.record(Customers, "rosa").is_some(), "it is there again");
        check_converged(&first, &server.borrow());
    }
}

#[test]
fn what_took_effect_has_not_failed_whatever_another_tab_was_told() {
    let server = server();
    let mut first = Phone::new(&server);
    let mut second = Phone::tab(&server, &first.profile);
    second.sign_in();
    first.holds_answers = true;
    first.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    server.borrow_mut().script.push_back(Some(Ok(refusal("op-1"))));
    second.tell(Event::OtherTabWrote { operations: vec![id("op-1")] });
    second.sync();
    assert_eq!(first.stored("op-1").unwrap().status, QueueStatus::Failed);
    first.tell(Event::OtherTabWrote { operations: vec![id("op-1")] });
    first.release();
    let operation = first.stored("op-1").unwrap();
    assert_eq!((operation.status, operation.code), (QueueStatus::Processed, None));
    check_converged(&first, &server.borrow());
}

fn refusal(operation: &str) -> Answer {
    let result = json!({"operationId": operation, "success": false, "status": "rejected",
                        "code": "deleted", "error": "El registro fue eliminado."});
    let body = json!({"success": true, "data": {"results": [result]}}).to_string();
    Answer { status: 200, body, date: None, retry_after: None }
}

#[test]
fn a_base_is_dropped_while_the_snapshot_of_another_epoch_is_under_way() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..5);
    let mut phone = Phone::new(&server);
    server.borrow_mut().restore(5);
    let lost = Some(Err(TransportFault::Network));
    server.borrow_mut().script.extend([None, None, lost]);
    phone.sync();
    assert!(phone.engine.sync_state().snapshot.is_some(), "one part of two is in");
    phone.go(Network::Down);
    let mut command = enqueue("op-1", Action::Update, Customers, "c-0001", json!({"phone": "1"}));
    if let engine::Command::Enqueue(new) = &mut command {
        new.base_version = Some(Version(1));
    }
    phone.command(command).unwrap();
    assert_eq!(phone.stored("op-1").unwrap().base_version, None);
}

#[test]
fn a_tab_hears_through_another_tab_that_the_server_is_reached_again() {
    let server = server();
    let mut first = Phone::new(&server);
    let mut second = Phone::tab(&server, &first.profile);
    second.sign_in();
    second.network = Network::Down;
    second.sync();
    assert_eq!(second.word(), StatusWord::Offline);
    second.locked_out = true;
    first.jump(2_000);
    first.sync();
    second.tell(Event::OtherTabWrote { operations: vec![] });
    assert_eq!(second.word(), StatusWord::Synced);
}

#[test]
fn a_refusal_of_the_old_login_says_nothing_of_the_one_just_given() {
    let server = server();
    let mut phone = Phone::new(&server);
    let expired = server.borrow().failure(401, "token_expired");
    server.borrow_mut().script.push_back(Some(Ok(expired)));
    phone.refresh = Err(engine::RefreshFault::Refused);
    phone.holds_answers = true;
    phone.sync();
    let expired = phone.held.remove(0);
    phone.tell(expired);
    assert_eq!(phone.held.len(), 1, "the refresh is on its way");
    phone.sign_in();
    phone.release();
    assert!(phone.view.as_ref().unwrap().troubles.is_empty());
}

#[test]
fn who_may_only_send_and_has_nothing_left_to_send_is_not_offline() {
    let server = server();
    let mut first = Phone::new(&server);
    first.network = Network::Hangs;
    first.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    first.sign_in_as(protocol::Role::Saliente);
    first.wait(2 * 60_000);
    assert_ne!(first.word(), StatusWord::Synced, "it hangs");
    let mut second = Phone::tab(&server, &first.profile);
    second.jump(10 * 60_000);
    second.sign_in_as(protocol::Role::Saliente);
    second.wait(5 * 60_000);
    first.network = Network::Up;
    first.tell(Event::OtherTabWrote { operations: vec![id("op-1")] });
    // Longer than any tail stays fresh: he waits for none.
    first.wait(10 * 60_000);
    assert_eq!(first.word(), StatusWord::Synced);
}

#[test]
fn what_a_seller_sends_who_had_to_go_in_his_first_load_is_done_once_it_is_answered() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..9);
    let lost = Some(Err(TransportFault::Network));
    server.borrow_mut().script.extend([None, lost]);
    let mut phone = Phone::tab(&server, &Profile::default());
    phone.sign_in();
    assert!(phone.engine.sync_state().snapshot.is_some(), "a part has come, not all");
    phone.network = Network::Hangs;
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.sign_in_as(protocol::Role::Saliente);
    phone.network = Network::Up;
    phone.wait(10 * 60_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
    assert_eq!(phone.word(), StatusWord::Synced);
}

#[test]
fn a_full_disk_is_over_for_a_tab_that_another_has_stored_beside() {
    let server = server();
    let mut first = Phone::new(&server);
    let mut second = Phone::tab(&server, &first.profile);
    second.sign_in();
    second.locked_out = true;
    second.commit_faults.push_back(StorageFault::QuotaExceeded);
    let command = enqueue("op-1", Action::Insert, Customers, "rosa", json!({"name": "Rosa"}));
    assert!(second.command(command).is_err());
    assert_eq!(second.word(), StatusWord::Error);
    first.jump(2_000);
    first.sync();
    second.tell(Event::OtherTabWrote { operations: vec![] });
    assert_eq!(second.word(), StatusWord::Synced);
}

#[test]
fn a_full_disk_is_over_for_who_had_to_go_and_has_nothing_left_to_store() {
    for locked_out in [false, true] {
        let server = server();
        let mut phone = Phone::new(&server);
        phone.locked_out = locked_out;
        phone.commit_faults.push_back(StorageFault::QuotaExceeded);
        let command = enqueue("op-1", Action::Insert, Customers, "rosa", json!({"name": "Rosa"}));
        assert!(phone.command(command).is_err());
        assert_eq!(phone.word(), StatusWord::Error);
        phone.sign_in_as(protocol::Role::Saliente);
        phone.wait(60_000);
        assert_eq!(phone.word(), StatusWord::Synced, "locked out: {locked_out}");
    }
}

#[test]
fn what_was_stored_though_a_fault_was_reported_is_announced_once_it_is_read() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Customers, "x", poison());
    phone.wait(60_000);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Failed);
    phone.loses_next_acknowledgement = true;
    phone.log.clear();
    let discard = phone.command(engine::Command::Discard { operation: id("op-1") });
    assert!(discard.is_err() && phone.stored("op-1").is_none());
    let told = |one: &Effect| match one {
        Effect::Announce { operations, records, .. } => {
            operations == &[id("op-1")] && records[0].id.as_str() == "x"
        }
        _ => false,
    };
    assert!(phone.log.iter().any(told), "{:?}", phone.log);
}

#[test]
fn a_later_part_of_a_snapshot_is_not_the_first_of_the_one_that_another_tab_began_anew() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..8);
    let lost = || Some(Err(TransportFault::Network));
    let mut first = Phone::tab(&server, &Profile::default());
    server.borrow_mut().script.extend([None, lost()]);
    first.sign_in();
    first.holds_answers = true;
    first.sync();
    assert_eq!(server.borrow().reads().last(), Some(&"/sync/snapshot?asOf=7.8&part=3"));
    let mut second = Phone::tab(&server, &first.profile);
    let gone = server.borrow().failure(410, "cursor_expired");
    server.borrow_mut().script.extend([Some(Ok(gone)), lost()]);
    second.sign_in();
    let anew = second.engine.sync_state().snapshot.as_ref();
    assert!(anew.is_some_and(|progress| progress.as_of.is_none()), "begun anew");
    first.tell(Event::OtherTabWrote { operations: vec![] });
    first.release();
    check_converged(&first, &server.borrow());
    assert_eq!(first.engine.sync_state().heal_count, 0, "right at once");
}
