//! What keeps phone and server the same: the overlay, digests, restores, tabs.

use engine::{QueueStatus, StatusWord, Trouble};
use protocol::Entity::{Customers, Sales};
use protocol::Version;
use serde_json::json;

use crate::pair::{Phone, poison, sale, server};
use crate::pull::{check_converged, customers, data};

#[test]
fn a_processed_operation_stays_on_top_until_its_version_has_come() {
    let server = server();
    let mut phone = Phone::new(&server);
    // The feed lags: the tail knows nothing of the write that was just acknowledged.
    let page = server.borrow().page(0, 100);
    let lagging = data(&server.borrow(), &page);
    server.borrow_mut().script.extend([None, Some(Ok(lagging))]);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    let operation = phone.stored("op-1").unwrap();
    assert_eq!(operation.status, QueueStatus::Processed);
    assert_eq!(operation.result_version, Some(Version(1)));
    assert!(operation.shows_on(None));
    assert!(!operation.shows_on(Some(Version(1))));
    assert_eq!(phone.engine.queue().iter().count(), 1);
    phone.sync();
    assert_eq!(phone.stored("op-1").unwrap().result_version, None, "retired with the synced row");
    assert_eq!(phone.engine.queue().iter().count(), 0);
    check_converged(&phone, &server.borrow());
}

#[test]
fn what_the_records_caught_up_with_in_another_session_retires_at_the_next_load() {
    let server = server();
    let mut phone = Phone::new(&server);
    server.borrow_mut().script.extend([None, Some(Err(engine::TransportFault::Network))]);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    let mut other = phone.restarted();
    other.account = crate::pair::account("b-1", "user-3");
    other.sign_in();
    assert!(other.stored("op-1").unwrap().result_version.is_some());
    other.account = crate::pair::account("b-1", "user-2");
    other.sign_in();
    assert_eq!(other.stored("op-1").unwrap().result_version, None);
}

#[test]
fn a_spoilt_running_digest_is_mended_by_a_recount_alone() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..5);
    let mut phone = Phone::new(&server);
    spoil_digest(&mut phone);
    server.borrow_mut().requests.clear();
    phone.sync();
    check_converged(&phone, &server.borrow());
    assert!(server.borrow().reads().iter().all(|path| !path.starts_with("/sync/snapshot")));
}

#[test]
fn rows_that_differ_are_healed_by_a_snapshot_which_keeps_the_queue() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..5);
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Customers, "x", poison());
    let key = engine::RecordKey::new(Customers, "c-0002".parse().unwrap());
    phone.profile.borrow_mut().tamper(|row| row.version = Version(9), &key);
    // The daily recount notices.
    phone.wait(25 * 60 * 60 * 1_000);
    check_converged(&phone, &server.borrow());
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Failed);
}

#[test]
fn what_one_tab_finds_wrong_and_another_mends_is_no_longer_wrong() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..5);
    let mut first = Phone::new(&server);
    let key = engine::RecordKey::new(Customers, "c-0002".parse().unwrap());
    first.profile.borrow_mut().tamper(|row| row.version = Version(9), &key);
    spoil_digest(&mut first);
    server.borrow_mut().script.extend([None, Some(Err(engine::TransportFault::Network))]);
    first.sync();
    first.locked_out = true;
    assert_eq!(first.word(), StatusWord::Error, "the snapshot did not come");
    let mut second = Phone::tab(&server, &first.profile);
    second.wall = first.wall;
    second.sign_in();
    second.wait(10 * 60_000);
    check_converged(&second, &server.borrow());
    first.tell(engine::Event::OtherTabWrote { operations: vec![] });
    assert_eq!(first.word(), StatusWord::Synced);
}

#[test]
fn who_may_only_send_is_not_told_of_rows_that_he_cannot_read_again() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..5);
    let mut phone = Phone::new(&server);
    let key = engine::RecordKey::new(Customers, "c-0002".parse().unwrap());
    phone.profile.borrow_mut().tamper(|row| row.version = Version(9), &key);
    spoil_digest(&mut phone);
    server.borrow_mut().script.extend([None, Some(Err(engine::TransportFault::Network))]);
    phone.sync();
    assert_eq!(phone.view.as_ref().unwrap().troubles, [Trouble::Diverged]);
    // Nor where another tab has the lock, and something still waits.
    phone.locked_out = true;
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.sign_in_as(protocol::Role::Saliente);
    phone.wait(1_000);
    assert_eq!(phone.view.as_ref().unwrap().troubles, []);
    phone.locked_out = false;
    phone.wait(10 * 60_000);
    assert_eq!(phone.word(), StatusWord::Synced);
}

#[test]
fn a_server_whose_digest_is_wrong_is_not_asked_for_snapshots_in_a_loop() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..5);
    let mut phone = Phone::new(&server);
    server.borrow_mut().lies_about_digests = true;
    server.borrow_mut().requests.clear();
    phone.wait(2 * 60 * 60 * 1_000);
    let server_now = server.borrow();
    let snapshots = server_now.reads().iter().filter(|path| **path == "/sync/snapshot").count();
    assert!((1..=3).contains(&snapshots), "{snapshots}");
    let view = phone.view.as_ref().unwrap();
    assert_eq!(view.troubles, [Trouble::Diverged]);
    assert_eq!(view.word, StatusWord::Error);
}

#[test]
fn after_a_restore_what_the_server_lost_is_pushed_again_in_sequence() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.update("op-2", Customers, "rosa", json!({"phone": "1"}));
    phone.insert("op-3", Sales, "s-1", sale(Some("rosa")));
    phone.insert("op-4", Customers, "x", poison());
    server.borrow_mut().restore(1);
    server.borrow_mut().requests.clear();
    phone.sync();
    phone.wait(40_000);
    assert_eq!(server.borrow().batches()[0], ["op-1", "op-2", "op-3"]);
    check_converged(&phone, &server.borrow());
    let rosa = phone.record(Customers, "rosa").unwrap().record.unwrap();
    assert_eq!((&rosa["name"], &rosa["phone"]), (&json!("Rosa"), &json!("1")));
    assert_eq!(phone.stored("op-4").unwrap().status, QueueStatus::Failed);
    assert_eq!(phone.stored("op-4").unwrap().base_version, None);
}

#[test]
fn after_a_restore_the_snapshot_counts_whatever_versions_say() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..5);
    for number in 0..5 {
        server.borrow_mut().write(Customers, "c-0001", Some(json!({ "again": number })));
    }
    let mut phone = Phone::new(&server);
    assert_eq!(phone.record(Customers, "c-0001").unwrap().version, Version(6));
    server.borrow_mut().restore(5);
    phone.sync();
    assert_eq!(phone.record(Customers, "c-0001").unwrap().version, Version(1));
    check_converged(&phone, &server.borrow());
}

#[test]
fn a_tab_without_the_lock_sends_nothing_and_sees_what_the_other_one_brought() {
    let server = server();
    let first = Phone::new(&server);
    let mut second = Phone::tab(&server, &first.profile);
    second.locked_out = true;
    server.borrow_mut().requests.clear();
    second.sign_in();
    second.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert!(server.borrow().requests.is_empty());
    let mut first = first;
    first.tell(engine::Event::OtherTabWrote { operations: vec![crate::pair::id("op-1")] });
    assert_eq!(server.borrow().batches(), [["op-1"]]);
    second.tell(engine::Event::OtherTabWrote { operations: vec![crate::pair::id("op-1")] });
    assert_eq!(second.word(), StatusWord::Synced);
    assert_eq!(second.engine.sync_state().cursor, first.engine.sync_state().cursor);
}

#[test]
fn two_tabs_that_both_sync_do_no_harm() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..30);
    let mut first = Phone::new(&server);
    let mut second = Phone::tab(&server, &first.profile);
    second.sign_in();
    customers(&mut server.borrow_mut(), 30..40);
    first.holds_answers = true;
    first.sync();
    second.sync();
    second.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    first.release();
    first.sync();
    check_converged(&first, &server.borrow());
    assert_eq!(server.borrow().feed.len(), 41);
}

#[test]
fn digests_are_not_compared_before_the_cursor_is_past_all_that_the_snapshot_showed() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..8);
    let page = server.borrow().page(0, 100);
    let old_tail = data(&server.borrow(), &page);
    let mut phone = Phone::tab(&server, &crate::pair::Profile::default());
    phone.holds_answers = true;
    phone.sign_in();
    server.borrow_mut().write(Customers, "c-0007", Some(json!({"n": 77})));
    server.borrow_mut().script.extend([None, None, Some(Ok(old_tail))]);
    phone.release();
    assert_eq!(phone.engine.sync_state().cursor.unwrap().number.0, 8);
    assert!(phone.view.as_ref().unwrap().troubles.is_empty());
    assert_eq!(phone.word(), StatusWord::Synced);
    phone.sync();
    check_converged(&phone, &server.borrow());
    let snapshots =
        server.borrow().reads().iter().filter(|path| **path == "/sync/snapshot").count();
    assert_eq!(snapshots, 1);
}

#[test]
fn a_tab_that_lags_does_not_take_the_cursor_back() {
    let server = server();
    let mut first = Phone::new(&server);
    let mut second = Phone::tab(&server, &first.profile);
    second.sign_in();
    customers(&mut server.borrow_mut(), 0..5);
    first.holds_answers = true;
    first.sync();
    customers(&mut server.borrow_mut(), 5..9);
    second.sync();
    let stored = second.engine.sync_state().clone();
    assert_eq!(stored.cursor.unwrap().number.0, 9);
    first.release();
    let business = first.account.business.clone();
    assert_eq!(first.profile.borrow().sync_state(&business), Some(&stored));
    assert_eq!(*first.engine.sync_state(), stored);
}

#[test]
fn a_restore_wakes_the_operations_of_every_user_of_the_phone_but_sends_only_ones_own() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.account = crate::pair::account("b-1", "user-3");
    phone.sign_in();
    phone.insert("op-2", Customers, "luis", json!({"name": "Luis"}));
    server.borrow_mut().restore(0);
    server.borrow_mut().requests.clear();
    phone.sync();
    phone.wait(40_000);
    assert_eq!(server.borrow().batches(), [["op-2"]]);
    assert_eq!(phone.engine.queue().iter().count(), 0);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Pending);
    phone.account = crate::pair::account("b-1", "user-2");
    phone.sign_in();
    assert_eq!(server.borrow().batches(), [["op-2"], ["op-1"]]);
    check_converged(&phone, &server.borrow());
}

#[test]
fn processed_operations_are_kept_for_35_days_by_the_slower_clock() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.wall = "2028-01-01T00:00:00.000Z".parse().unwrap();
    let mut phone = phone.restarted();
    phone.sign_in();
    assert!(phone.stored("op-1").is_some(), "a wrong wall clock alone forgets nothing");
    phone.wall = crate::pair::START.parse().unwrap();
    phone.jump(34 * 24 * 60 * 60 * 1_000);
    phone.sync();
    assert!(phone.stored("op-1").is_some());
    phone.jump(3 * 24 * 60 * 60 * 1_000);
    phone.sync();
    phone.sync();
    assert!(phone.stored("op-1").is_none());
}

#[test]
fn what_a_phone_with_a_slow_clock_saved_is_kept_as_long_once_the_clock_is_right() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.wall = phone.wall.plus_millis(-30 * 60 * 60 * 1_000);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
    phone.wall = server.borrow().now;
    for days in [34, 2] {
        assert!(phone.stored("op-1").is_some());
        phone.jump(days * 24 * 60 * 60 * 1_000);
        phone.sync();
        phone.sync();
    }
    assert!(phone.stored("op-1").is_none());
}

/// The running digest is wrong, whatever the rows are.
fn spoil_digest(phone: &mut Phone) {
    let mut state = phone.engine.sync_state().clone();
    state.revision += 1;
    state.digest = protocol::Digest::EMPTY;
    let business = phone.account.business.clone();
    let put = engine::RowWrite::PutSync { business, state: Box::new(state) };
    let spoil = engine::Transaction { expectations: vec![], writes: vec![put] };
    phone.profile.borrow_mut().commit(spoil).unwrap();
    phone.tell(engine::Event::OtherTabWrote { operations: vec![] });
}
