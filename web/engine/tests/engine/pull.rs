//! The way down.

use engine::{Answer, Effect, QueueStatus, StatusWord, StorageFault};
use protocol::Entity::Customers;
use protocol::{Cursor, Role, Version};
use serde_json::json;

use crate::pair::{Network, Phone, server};
use crate::server::Server;

/// Same cursor, same records, same digest.
pub(crate) fn check_converged(phone: &Phone, server: &Server) {
    let sync = phone.engine.sync_state();
    assert_eq!(sync.cursor.unwrap().epoch, server.epoch);
    assert_eq!(sync.cursor.unwrap().number.0, server.feed.len() as u64);
    assert_eq!(sync.digest, server.digest());
    let ours: Vec<_> =
        phone.records().into_iter().map(|row| (row.key, row.version, row.record)).collect();
    let mut theirs: Vec<_> = server
        .records
        .iter()
        .map(|(key, (version, _, record))| (server.key_on_wire(key), *version, record.clone()))
        .collect();
    theirs.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    assert_eq!(ours, theirs);
    assert_eq!(phone.profile.borrow().sync_state(&phone.account.business), Some(sync));
}

pub(crate) fn customers(server: &mut Server, numbers: std::ops::Range<u32>) {
    for number in numbers {
        server.write(Customers, &format!("c-{number:04}"), Some(json!({"n": number})));
    }
}

#[test]
fn a_new_phone_takes_the_snapshot_and_reads_on_from_there() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..8);
    server.borrow_mut().write(Customers, "c-0003", None);
    let phone = Phone::new(&server);
    check_converged(&phone, &server.borrow());
    assert_eq!(phone.word(), StatusWord::Synced);
    let server = server.borrow();
    let reads = server.reads();
    assert_eq!(reads[0], "/sync/snapshot");
    assert_eq!(reads[1], "/sync/snapshot?asOf=7.9&part=3");
    assert_eq!(reads[3], "/sync/changes?since=7.0&limit=100");
    assert_eq!(phone.record(Customers, "c-0003").unwrap().version, Version(2), "kept of the dead");
}

#[test]
fn a_snapshot_resumes_where_a_crash_left_it_and_nothing_of_it_shows_before_the_swap() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..10);
    let mut phone = Phone::tab(&server, &crate::pair::Profile::default());
    server.borrow_mut().script.extend([None, None, Some(Err(engine::TransportFault::Network))]);
    phone.sign_in();
    assert!(phone.records().is_empty());
    assert_eq!(phone.view.as_ref().unwrap().snapshot_records, Some(6));
    assert_ne!(phone.word(), StatusWord::Synced);
    let mut phone = phone.restarted();
    phone.sign_in();
    check_converged(&phone, &server.borrow());
    let firsts = server.borrow().reads().iter().filter(|path| **path == "/sync/snapshot").count();
    assert_eq!(firsts, 1);
}

#[test]
fn after_the_swap_only_higher_versions_are_applied() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..8);
    let mut phone = Phone::tab(&server, &crate::pair::Profile::default());
    phone.holds_answers = true;
    phone.sign_in();
    // The first part is on its way; what comes later shows in later parts, ahead of `asOf`.
    server.borrow_mut().write(Customers, "c-0007", Some(json!({"n": 77})));
    server.borrow_mut().write(Customers, "c-0006", None);
    server.borrow_mut().write(Customers, "c-0000", Some(json!({"n": 100})));
    phone.release();
    check_converged(&phone, &server.borrow());
    assert_eq!(phone.word(), StatusWord::Synced);
    let snapshots =
        server.borrow().reads().iter().filter(|path| **path == "/sync/snapshot").count();
    assert_eq!(snapshots, 1, "digests are compared once the cursor is past all that was seen");
}

#[test]
fn a_410_in_the_middle_of_a_snapshot_starts_it_again() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..8);
    let gone = server.borrow().failure(410, "cursor_expired");
    server.borrow_mut().script.extend([None, Some(Ok(gone))]);
    let phone = Phone::new(&server);
    check_converged(&phone, &server.borrow());
    assert_eq!(server.borrow().reads()[2], "/sync/snapshot");
}

#[test]
fn a_phone_far_behind_follows_whole_hundreds_and_then_the_head_by_tens() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..5);
    let mut phone = Phone::new(&server);
    customers(&mut server.borrow_mut(), 5..257);
    server.borrow_mut().requests.clear();
    phone.sync();
    check_converged(&phone, &server.borrow());
    let expected = ["7.0&limit=100", "7.100&limit=100", "7.200&limit=100"];
    let reads: Vec<_> = server.borrow().reads().iter().map(|path| path[20..].to_owned()).collect();
    assert_eq!(reads, expected);
    server.borrow_mut().requests.clear();
    phone.sync();
    assert_eq!(server.borrow().reads(), ["/sync/changes?since=7.250&limit=50"]);
}

#[test]
fn a_page_with_a_hole_is_not_applied() {
    let server = server();
    let mut phone = Phone::new(&server);
    customers(&mut server.borrow_mut(), 0..5);
    let mut page = server.borrow().page(0, 100);
    page.changes.remove(2);
    let answer = data(&server.borrow(), &page);
    server.borrow_mut().script.push_back(Some(Ok(answer)));
    phone.sync();
    assert!(phone.records().is_empty());
    assert_eq!(phone.engine.sync_state().cursor.unwrap().number.0, 0);
    phone.sync();
    check_converged(&phone, &server.borrow());
}

#[test]
fn a_page_that_ends_short_of_what_it_says_is_not_applied() {
    let server = server();
    let mut phone = Phone::new(&server);
    customers(&mut server.borrow_mut(), 0..5);
    let mut page = server.borrow().page(0, 100);
    page.changes.pop();
    let answer = data(&server.borrow(), &page);
    server.borrow_mut().script.push_back(Some(Ok(answer)));
    phone.sync();
    assert!(phone.records().is_empty());
}

#[test]
fn a_stale_page_is_ignored_and_the_cursor_never_goes_back() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..5);
    let stale = server.borrow().page(0, 100);
    let stale = data(&server.borrow(), &stale);
    customers(&mut server.borrow_mut(), 5..9);
    let mut phone = Phone::new(&server);
    let before = phone.engine.sync_state().clone();
    server.borrow_mut().script.push_back(Some(Ok(stale)));
    phone.sync();
    assert_eq!(*phone.engine.sync_state(), before);
    assert_eq!(phone.word(), StatusWord::Synced);
    phone.sync();
    check_converged(&phone, &server.borrow());
}

#[test]
fn a_tail_with_an_older_date_than_one_seen_is_ignored() {
    let server = server();
    let mut phone = Phone::new(&server);
    customers(&mut server.borrow_mut(), 0..5);
    let page = server.borrow().page(0, 100);
    let older = Answer {
        date: Some("Sun, 22 Nov 2026 13:04:00 GMT".into()),
        ..data(&server.borrow(), &page)
    };
    server.borrow_mut().script.push_back(Some(Ok(older)));
    phone.sync();
    assert!(phone.records().is_empty());
}

#[test]
fn a_tail_whose_date_stands_still_for_five_minutes_means_no_connection() {
    let server = server();
    let mut phone = Phone::new(&server);
    let seen = phone.view.as_ref().unwrap().last_tail_at;
    let page = server.borrow().page(0, 100);
    let same = data(&server.borrow(), &page);
    server.borrow_mut().script.extend((0..40).map(|_| Some(Ok(same.clone()))));
    phone.wall = "2031-01-01T00:00:00.000Z".parse().unwrap();
    phone.wait(299_000);
    assert_eq!(phone.word(), StatusWord::Synced);
    phone.wait(2_000);
    assert_eq!(phone.word(), StatusWord::Offline);
    assert_eq!(phone.view.as_ref().unwrap().last_tail_at, seen);
    server.borrow_mut().script.clear();
    phone.sync();
    assert_eq!(phone.word(), StatusWord::Synced);
    assert!(phone.view.as_ref().unwrap().last_tail_at > seen);
}

#[test]
fn cursor_and_rows_are_one_transaction() {
    let server = server();
    let mut phone = Phone::new(&server);
    customers(&mut server.borrow_mut(), 0..5);
    phone.commit_faults.push_back(StorageFault::Aborted);
    phone.sync();
    assert!(phone.records().is_empty());
    assert_eq!(phone.engine.sync_state().cursor.unwrap().number.0, 0);
    assert_eq!(phone.word(), StatusWord::Error);
    phone.wait(60_000);
    check_converged(&phone, &server.borrow());
    assert_eq!(phone.word(), StatusWord::Synced);
    let published = phone.log.iter().rev().find_map(|effect| match effect {
        Effect::PublishCursor { cursor, .. } => Some(cursor.to_string()),
        _ => None,
    });
    assert_eq!(published.as_deref(), Some("7.5"));
}

#[test]
fn the_pull_follows_even_when_the_push_failed() {
    let server = server();
    let mut phone = Phone::new(&server);
    customers(&mut server.borrow_mut(), 0..5);
    let broken = Answer { status: 500, body: String::new(), date: None, retry_after: None };
    server.borrow_mut().script.push_back(Some(Ok(broken)));
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.records().len(), 5);
}

#[test]
fn a_saliente_pushes_and_does_not_read() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    let inactive = server.borrow().failure(401, "user_inactive");
    server.borrow_mut().script.push_back(Some(Ok(inactive)));
    server.borrow_mut().requests.clear();
    phone.refresh = Ok(Role::Saliente);
    phone.go(Network::Up);
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Processed);
    assert!(server.borrow().reads().is_empty());
}

#[test]
fn a_401_on_the_feed_refreshes_once_and_a_second_one_is_no_answer() {
    let server = server();
    let mut phone = Phone::new(&server);
    let expired = server.borrow().failure(401, "token_expired");
    server.borrow_mut().script.extend([Some(Ok(expired.clone())), Some(Ok(expired))]);
    phone.log.clear();
    phone.sync();
    let refreshes = phone.log.iter().filter(|effect| matches!(effect, Effect::RefreshLogin { .. }));
    assert_eq!(refreshes.count(), 1);
    assert!(phone.view.as_ref().unwrap().troubles.is_empty());
    phone.sync();
    check_converged(&phone, &server.borrow());
}

#[test]
fn requests_and_refreshes_name_the_account_whose_token_they_need() {
    let server = server();
    let mut phone = Phone::new(&server);
    let expired = server.borrow().failure(401, "token_expired");
    server.borrow_mut().script.push_back(Some(Ok(expired)));
    phone.log.clear();
    phone.sync();
    let named: Vec<_> = phone
        .log
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send { account, .. } | Effect::RefreshLogin { account, .. } => Some(account),
            _ => None,
        })
        .collect();
    assert_eq!(named, [&phone.account; 3]);
}

#[test]
fn work_in_a_quiet_hour_is_bounded() {
    let server = server();
    let mut phone = Phone::new(&server);
    server.borrow_mut().requests.clear();
    phone.wait(60 * 60 * 1_000);
    let requests = server.borrow().requests.len();
    assert!((100..=150).contains(&requests), "{requests}");
}

#[test]
fn a_server_that_is_down_for_an_hour_is_asked_ever_more_rarely() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.network = Network::Hangs;
    phone.log.clear();
    phone.wait(60 * 60 * 1_000);
    let sends = phone.log.iter().filter(|effect| matches!(effect, Effect::Send { .. })).count();
    assert!((5..=25).contains(&sends), "{sends}");
}

pub(crate) fn data(server: &Server, page: &protocol::ChangesPage) -> Answer {
    let body = json!({"success": true, "data": page}).to_string();
    let date = Some(crate::server::http_date(server.now));
    Answer { status: 200, body, date, retry_after: None }
}

#[test]
fn a_cursor_of_the_future_is_answered_by_a_snapshot() {
    let server = server();
    customers(&mut server.borrow_mut(), 0..5);
    let mut phone = Phone::new(&server);
    server.borrow_mut().restore(0);
    phone.sync();
    assert_eq!(phone.engine.sync_state().cursor, Some(Cursor::start(server.borrow().epoch)));
    assert!(phone.records().is_empty());
}

#[test]
fn a_page_that_repeats_a_number_is_not_applied() {
    let server = server();
    let mut phone = Phone::new(&server);
    customers(&mut server.borrow_mut(), 0..5);
    let mut page = server.borrow().page(0, 100);
    page.changes[2] = page.changes[1].clone();
    let answer = data(&server.borrow(), &page);
    server.borrow_mut().script.push_back(Some(Ok(answer)));
    phone.sync();
    assert!(phone.records().is_empty());
}
