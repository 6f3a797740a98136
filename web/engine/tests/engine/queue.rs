//! What a person may do to the queue.

use engine::{Command, CommandRefused, QueueStatus, StatusWord};
use protocol::Action;
use protocol::Entity::{Closings, Customers, SaleItems, Sales};
use serde_json::json;

use crate::pair::{Network, Phone, account, enqueue, id, item, object, poison, sale, server};

#[test]
fn an_edit_before_the_first_sending_changes_the_operation() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    let data = object(json!({"name": "Rosa Quispe"}));
    let edit = Command::Edit { operation: id("op-1"), data, follow_up: id("op-2") };
    phone.command(edit).unwrap();
    phone.go(Network::Up);
    assert_eq!(server.borrow().batches(), [["op-1"]]);
    assert_eq!(server.borrow().feed[0].record.as_ref().unwrap()["name"], "Rosa Quispe");
}

#[test]
fn an_edit_after_sending_is_a_follow_up_that_waits_for_the_answer() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.holds_answers = true;
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa", "phone": "1"}));
    let data = object(json!({"name": "Rosa Quispe", "phone": "1"}));
    let edit = Command::Edit { operation: id("op-1"), data, follow_up: id("op-2") };
    phone.command(edit).unwrap();
    assert_eq!(phone.stored("op-1").unwrap().data, object(json!({"name": "Rosa", "phone": "1"})));
    let follow_up = phone.stored("op-2").unwrap();
    assert_eq!(follow_up.operation, Action::Update);
    assert_eq!(follow_up.data, object(json!({"name": "Rosa Quispe"})));
    assert_eq!(server.borrow().batches(), [["op-1"]]);
    phone.release();
    assert_eq!(server.borrow().batches(), [["op-1"], ["op-2"]]);
}

#[test]
fn cancelling_before_the_first_sending_leaves_no_trace() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.insert("op-2", Sales, "s-1", sale(Some("rosa")));
    let delete = enqueue("op-3", Action::Delete, Sales, "s-1", json!({}));
    phone.command(delete).unwrap();
    let cancel = Command::Cancel { operation: id("op-1"), restore: None, follow_up: id("op-9") };
    phone.command(cancel).unwrap();
    assert_eq!(phone.stored("op-1"), None);
    for lost in ["op-2", "op-3"] {
        let lost = phone.stored(lost).unwrap();
        assert_eq!(lost.status, QueueStatus::Failed);
        assert_eq!(lost.code.as_deref(), Some("missing_reference"));
    }
    phone.go(Network::Up);
    assert!(server.borrow().batches().is_empty());
}

#[test]
fn cancelling_after_sending_undoes_what_was_done() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-0", Sales, "s-1", sale(None));
    phone.holds_answers = true;
    let mut item = item();
    item["id"] = "i-2".into();
    item["saleId"] = "s-1".into();
    phone.insert("op-1", SaleItems, "i-2", item);
    let cancel = Command::Cancel { operation: id("op-1"), restore: None, follow_up: id("op-2") };
    phone.command(cancel).unwrap();
    let undone = phone.stored("op-2").unwrap();
    assert_eq!((undone.operation, undone.data), (Action::Delete, object(json!({"saleId": "s-1"}))));

    let cancel = Command::Cancel { operation: id("op-2"), restore: None, follow_up: id("op-3") };
    phone.command(cancel).unwrap();
    assert_eq!(phone.stored("op-2"), None, "never sent: it just goes");
}

#[test]
fn an_update_that_was_sent_is_only_undone_by_the_values_before_it() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa", "phone": "1"}));
    phone.holds_answers = true;
    phone.update("op-2", Customers, "rosa", json!({"phone": "2"}));
    let cancel =
        |restore| Command::Cancel { operation: id("op-2"), restore, follow_up: id("op-3") };
    assert_eq!(phone.command(cancel(None)), Err(CommandRefused::NotUndoable));
    phone.command(cancel(Some(object(json!({"phone": "1"}))))).unwrap();
    phone.release();
    assert_eq!(server.borrow().feed[2].record.as_ref().unwrap()["phone"], "1");
}

#[test]
fn correcting_takes_the_place_and_lets_dependents_follow() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", poison());
    phone.insert("op-2", Sales, "s-1", sale(Some("rosa")));
    phone.go(Network::Up);
    let sequence = phone.stored("op-1").unwrap().sequence;
    phone
        .command(Command::Correct {
            operation: id("op-1"),
            data: object(json!({"name": "Rosa"})),
            base_version: None,
            replacement: id("op-3"),
        })
        .unwrap();
    assert_eq!(phone.stored("op-1"), None);
    let corrected = phone.stored("op-3").unwrap();
    assert_eq!((corrected.sequence, corrected.replaces), (sequence, Some(id("op-1"))));
    phone.wait(60_000);
    assert_eq!(server.borrow().feed.len(), 2);
    assert_eq!(phone.word(), StatusWord::Synced);
}

#[test]
fn discarding_an_insert_fails_its_dependents_and_theirs() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.sign_in_as(protocol::Role::AdminNegocio);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", poison());
    phone.insert("op-2", Sales, "s-1", sale(Some("rosa")));
    phone.update("op-3", SaleItems, "i-1", json!({"saleId": "s-1", "quantity": "3.000"}));
    phone.insert("op-4", Sales, "s-2", sale(None));
    phone.command(enqueue("op-5", Action::Delete, Customers, "rosa", json!({}))).unwrap();
    phone.go(Network::Up);
    phone.command(Command::Discard { operation: id("op-1") }).unwrap();
    for lost in ["op-2", "op-3"] {
        let lost = phone.stored(lost).unwrap();
        assert_eq!(lost.status, QueueStatus::Failed);
        assert_eq!(lost.code.as_deref(), Some("missing_reference"));
    }
    assert_eq!(phone.stored("op-4").unwrap().status, QueueStatus::Processed);
    assert_eq!(phone.stored("op-5"), None, "deleting what never was is done");
}

#[test]
fn a_cancelled_insert_is_put_back_with_what_depended_on_it() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.sign_in_as(protocol::Role::AdminNegocio);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.insert("op-2", Sales, "s-1", sale(Some("rosa")));
    phone.update("op-3", Sales, "s-1", json!({"tara": "0.500"}));
    phone.command(enqueue("op-4", Action::Delete, Customers, "rosa", json!({}))).unwrap();
    let queue: Vec<_> = phone.engine.queue().iter().cloned().collect();
    let before = phone.engine.queue().get(&id("op-1")).cloned().unwrap();
    let dependents: Vec<_> =
        phone.engine.queue().dependents_of(&before).into_iter().cloned().collect();
    let cancel =
        Command::Cancel { operation: id("op-1"), restore: None, follow_up: id("follow-up") };
    phone.command(cancel).unwrap();
    assert_eq!((phone.stored("op-1"), phone.stored("op-4")), (None, None));
    assert_eq!(phone.stored("op-2").unwrap().status, QueueStatus::Failed);

    let undo = Command::PutBack { removed: Box::new(before), dependents };
    phone.command(undo.clone()).unwrap();
    let shown = |queue: &[engine::OperationRecord]| {
        let rows = queue.iter().map(|one| {
            (one.id.clone(), one.sequence, one.status, one.data.clone(), one.code.clone())
        });
        rows.collect::<Vec<_>>()
    };
    let put_back: Vec<_> = phone.engine.queue().iter().cloned().collect();
    assert_eq!(shown(&put_back), shown(&queue));
    phone.command(undo).unwrap();
    assert_eq!(phone.engine.queue().iter().count(), queue.len(), "a second undo changes nothing");
    phone.go(Network::Up);
    assert_eq!(phone.engine.queue().count(QueueStatus::Pending), 0);
    assert_eq!(phone.engine.queue().count(QueueStatus::Failed), 0);
}

#[test]
fn a_dependent_that_was_discarded_since_is_not_put_back() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    phone.insert("op-2", Sales, "s-1", sale(Some("rosa")));
    let before = phone.engine.queue().get(&id("op-1")).cloned().unwrap();
    let dependents = vec![phone.stored("op-2").unwrap()];
    let cancel =
        Command::Cancel { operation: id("op-1"), restore: None, follow_up: id("follow-up") };
    phone.command(cancel).unwrap();
    phone.command(Command::Discard { operation: id("op-2") }).unwrap();
    phone.command(Command::PutBack { removed: Box::new(before), dependents }).unwrap();
    assert_eq!(phone.stored("op-1").unwrap().status, QueueStatus::Pending);
    assert_eq!(phone.stored("op-2"), None);
}

#[test]
fn reintentar_raises_manual_retries_and_nothing_else_does() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Customers, "rosa", poison());
    assert_eq!(phone.stored("op-1").unwrap().manual_retries, 0);
    phone.command(Command::Retry { operation: id("op-1") }).unwrap();
    let again = phone.stored("op-1").unwrap();
    assert_eq!((again.manual_retries, again.status), (1, QueueStatus::Failed));
    assert_eq!(server.borrow().batches().len(), 2);
}

#[test]
fn commands_that_do_not_fit_are_refused_and_change_nothing() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.insert("op-1", Customers, "rosa", poison());
    let before = phone.stored("op-1");
    let unknown = Command::Discard { operation: id("none") };
    assert_eq!(phone.command(unknown), Err(CommandRefused::UnknownOperation));
    let data = object(json!({}));
    let edit = Command::Edit { operation: id("op-1"), data, follow_up: id("op-2") };
    assert_eq!(phone.command(edit), Err(CommandRefused::WrongState));
    let reused = enqueue("op-1", Action::Insert, Customers, "luis", json!({"name": "Luis"}));
    assert_eq!(phone.command(reused), Err(CommandRefused::IdInUse));
    let closing = enqueue("op-3", Action::Insert, Closings, "c", json!({}));
    assert_eq!(phone.command(closing), Err(CommandRefused::ReadOnlyEntity));
    assert_eq!(phone.stored("op-1"), before);
    phone.tell(engine::Event::SignedOut);
    let late = enqueue("op-4", Action::Insert, Customers, "luis", json!({"name": "Luis"}));
    assert_eq!(phone.command(late), Err(CommandRefused::NotSignedIn));
}

#[test]
fn another_users_operations_are_neither_sent_nor_shown() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    let mut other = phone.restarted();
    other.account = account("b-1", "user-3");
    other.sign_in();
    other.sync();
    assert!(server.borrow().batches().is_empty());
    assert_eq!(other.engine.queue().iter().count(), 0);
    assert_eq!(other.word(), StatusWord::Synced);

    other.account = account("b-1", "user-2");
    other.sign_in();
    assert_eq!(server.borrow().batches(), [["op-1"]]);
}

#[test]
fn tabs_see_each_others_writes_and_settle_edits_by_who_came_first() {
    let server = server();
    let mut first = Phone::new(&server);
    first.go(Network::Down);
    first.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    let mut second = Phone::tab(&server, &first.profile);
    second.go(Network::Down);
    second.sign_in();
    assert_eq!(second.engine.queue().iter().count(), 1);

    let edit = |name: &str| Command::Edit {
        operation: id("op-1"),
        data: object(json!({ "name": name })),
        follow_up: id("op-9"),
    };
    second.command(edit("Rosa Dos")).unwrap();
    // The first has not heard of it; its commit is stale and is derived anew.
    first.command(edit("Rosa Tres")).unwrap();
    assert_eq!(first.stored("op-1").unwrap().data["name"], "Rosa Tres");

    second.insert("op-2", Customers, "luis", json!({"name": "Luis"}));
    first.tell(engine::Event::OtherTabWrote { operations: vec![id("op-2")] });
    assert_eq!(first.engine.queue().iter().count(), 2);
    assert_ne!(first.stored("op-1").unwrap().sequence, first.stored("op-2").unwrap().sequence);
}

#[test]
fn a_wall_clock_that_jumps_back_holds_nothing_up() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.wall = "2027-11-22T13:05:00.000Z".parse().unwrap();
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    server.borrow_mut().forgets.push("op-1".into());
    phone.go(Network::Up);
    assert!(phone.stored("op-1").unwrap().next_retry_at.is_some());
    phone.wall = crate::pair::START.parse().unwrap();
    phone.insert("op-2", Customers, "luis", json!({"name": "Luis"}));
    phone.wait(40_000);
    assert_eq!(phone.stored("op-2").unwrap().status, QueueStatus::Processed);
    assert!(phone.stored("op-1").unwrap().sequence < phone.stored("op-2").unwrap().sequence);
}

#[test]
fn an_edit_meets_the_sending_of_another_tab_as_a_follow_up() {
    let server = server();
    let mut first = Phone::new(&server);
    first.go(Network::Down);
    first.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    let mut second = Phone::tab(&server, &first.profile);
    second.holds_answers = true;
    second.sign_in();
    assert!(first.stored("op-1").unwrap().sent_at.is_some());
    assert!(first.engine.queue().get(&id("op-1")).unwrap().sent_at.is_none(), "it has not heard");
    let data = object(json!({"name": "Rosa Quispe"}));
    let edit = Command::Edit { operation: id("op-1"), data, follow_up: id("op-2") };
    first.command(edit).unwrap();
    assert_eq!(first.stored("op-1").unwrap().data["name"], "Rosa");
    assert_eq!(first.stored("op-2").unwrap().operation, Action::Update);
}

#[test]
fn a_commit_whose_outcome_is_unknown_is_looked_up_and_not_repeated() {
    let server = server();
    let mut phone = Phone::new(&server);
    phone.go(Network::Down);
    phone.loses_next_acknowledgement = true;
    phone.insert("op-1", Customers, "rosa", json!({"name": "Rosa"}));
    assert_eq!(phone.profile.borrow().operations().count(), 1);
    assert_eq!(phone.engine.queue().iter().count(), 1);
}
