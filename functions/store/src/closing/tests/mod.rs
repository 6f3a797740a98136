//! A day is closed once, and whatever meets the close is counted or late: tried in every order.

mod world;

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use protocol::{Operation, OperationStatus};
use serde_json::json;

use super::*;
use crate::memory::{Call, Fault, Script};
use crate::tables::{Condition, Table};
use world::*;

use OperationStatus::{Applied, Duplicate, Rejected, Retry};

#[test]
fn a_close_is_seven_calls_and_takes_effect_once() {
    let world = World::new();
    let calls: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&calls);
    let counted = world.suffering(move |call: Call<'_>| {
        noted.lock().unwrap().push(match call {
            Call::BatchGet(keys) => format!("get {}", keys.len()),
            Call::Query(_) => "query".into(),
            Call::Transact(writes) => format!("transact {}", writes.len()),
            Call::Write(_) => "write".into(),
        });
        Fault::None
    });
    let result = counted.close(&rosa(), &close("k1"));
    assert_eq!(result.status, Applied, "{result:?}");
    // The caller, the closing, its guard, the claim, the day, its products, the closing.
    let expected = ["get 2", "get 2", "get 1", "transact 1", "query", "get 1", "transact 3"];
    assert_eq!(*calls.lock().unwrap(), expected);
    assert_eq!(result.record.unwrap()["totalAmount"], "10.00");
    assert_eq!(world.guard()["owner"], "k1");
    assert_eq!(world.close(&rosa(), &close("k1")).status, Duplicate);
    let second = world.close(&rosa(), &close("k2"));
    assert_eq!((second.status, second.code), (Rejected, Some(ErrorCode::ClosingExists)));
}

#[test]
fn a_sale_in_any_order_of_calls_is_counted_or_late() {
    let (mut counted_once, mut late_once) = (false, false);
    for schedule in 0..ORDERS {
        let world = World::new();
        let stepping = Stepping(world.tables.clone());
        let (closed, sold) = interleaved(
            close_day(&stepping, &world.surroundings, &rosa(), &close("k1")),
            sell(&stepping, &world.surroundings, &[sale("s2")]),
            schedule,
        );
        let status = closed.unwrap().status;
        assert_eq!((status, sold), (Applied, vec![Applied]), "schedule {schedule:b}");
        match world.counted_and_late("k1", 1, "s2") {
            (1, 0) => counted_once = true,
            (0, 1) => late_once = true,
            other => panic!("counted and late {other:?}, schedule {schedule:b}"),
        }
    }
    assert!(counted_once && late_once, "both ends are reached");
}

#[test]
fn a_deleted_sale_in_any_order_of_calls_is_left_out_or_late() {
    let delete = op("undo", "sales", "delete", "s1", &json!({}));
    let mut left_out_once = false;
    for schedule in 0..ORDERS {
        let world = World::new();
        let stepping = Stepping(world.tables.clone());
        let (closed, sold) = interleaved(
            close_day(&stepping, &world.surroundings, &rosa(), &close("k1")),
            sell(&stepping, &world.surroundings, std::slice::from_ref(&delete)),
            schedule,
        );
        assert_eq!((closed.unwrap().status, sold), (Applied, vec![Applied]));
        let (counted, late) = world.counted_and_late("k1", 0, "s1");
        assert_eq!(usize::try_from(counted).unwrap(), late, "schedule {schedule:b}");
        left_out_once |= counted == 0;
    }
    assert!(left_out_once);
}

#[test]
fn a_correction_in_any_order_of_calls_counts_a_sale_or_has_it_late() {
    for schedule in 0..ORDERS {
        let world = World::new();
        world.close(&rosa(), &close("k1"));
        let stepping = Stepping(world.tables.clone());
        let (closed, sold) = interleaved(
            close_day(&stepping, &world.surroundings, &ana(), &correct("k2", "k1")),
            sell(&stepping, &world.surroundings, &[sale("s2")]),
            schedule,
        );
        assert_eq!((closed.unwrap().status, sold), (Applied, vec![Applied]));
        // The closing that stands tells of it once; one that it was late for tells it too.
        let (counted, late) = world.counted_and_late("k2", 1, "s2");
        assert_eq!(counted + late as u64, 1, "schedule {schedule:b}");
        let (counted, late) = world.counted_and_late("k1", 1, "s2");
        assert_eq!((counted, late), (0, usize::from(world.counted_and_late("k2", 1, "s2").0 == 1)));
    }
}

#[test]
fn two_who_close_one_day_make_one_closing() {
    for schedule in 0..ORDERS {
        let world = World::new();
        let stepping = Stepping(world.tables.clone());
        let (one, two) = interleaved(
            close_day(&stepping, &world.surroundings, &rosa(), &close("k1")),
            close_day(&stepping, &world.surroundings, &rosa(), &close("k2")),
            schedule,
        );
        let mut statuses = [one.unwrap().status, two.unwrap().status];
        statuses.sort();
        assert_eq!(statuses, [Applied, Rejected], "schedule {schedule:b}");
        let closings = ["closings#k1", "closings#k2"].map(|key| world.value(key).is_some());
        assert_ne!(closings[0], closings[1]);
    }
}

#[test]
fn one_that_dies_at_any_call_is_resumed_or_taken_over_and_blocks_no_sale() {
    for calls in 0..10 {
        for next in ["k1", "k2"] {
            let world = World::new();
            let stepping = Stepping(world.tables.clone());
            let operation = close("k1");
            let sender = rosa();
            {
                let mut dying =
                    pin!(close_day(&stepping, &world.surroundings, &sender, &operation));
                let mut context = Context::from_waker(Waker::noop());
                for _ in 0..calls {
                    if dying.as_mut().poll(&mut context).is_ready() {
                        break;
                    }
                }
            }
            let was_done = world.value("closings#k1").is_some();
            assert_eq!(world.sell(&[sale("s2")]), [Applied]);
            let result = world.close(&rosa(), &close(next));
            let expected = match (was_done, next) {
                (false, _) => Applied,
                (true, "k1") => Duplicate,
                (true, _) => Rejected,
            };
            assert_eq!(result.status, expected, "dies at call {calls}, then {next}");
            let stands = if was_done { "k1" } else { next };
            let (counted, late) = world.counted_and_late(stands, 1, "s2");
            assert_eq!((counted, late), if was_done { (0, 1) } else { (1, 0) });
        }
    }
}

#[test]
fn no_fault_of_the_store_loses_or_doubles_a_closing() {
    let faults = [
        Fault::Throttle,
        Fault::LoseRequest,
        Fault::LoseReply,
        Fault::Partial(1),
        Fault::Conflict(0),
        Fault::ThrottleWrite(2),
    ];
    for fault in faults {
        for at in 0..8 {
            let world = World::new();
            world.sell(&[sale("s2"), sale("s3")]);
            let script = std::iter::repeat_n(Fault::None, at).chain([fault, fault]);
            let shaky = world.suffering(Script::new(script));
            let result = shaky.close(&rosa(), &close("k1"));
            assert!(result.success, "{fault:?} at call {at}: {result:?}");
            assert_eq!(world.close(&rosa(), &close("k1")).status, Duplicate);
            let closing = world.value("closings#k1").unwrap();
            assert_eq!((&closing["totalSales"], &closing["version"]), (&json!(3), &json!(1)));
        }
    }
}

#[test]
fn a_day_is_read_to_its_last_page() {
    let world = World::new();
    let sales: Vec<Operation> = (2..40).map(|number| sale(&format!("s{number}"))).collect();
    assert!(world.sell(&sales).iter().all(|status| *status == Applied));
    let short_pages = world.suffering(|call: Call<'_>| match call {
        Call::Query(_) => Fault::Partial(3),
        _ => Fault::None,
    });
    let result = short_pages.close(&rosa(), &close("k1"));
    assert_eq!(result.record.unwrap()["totalSales"], 39);
}

#[test]
fn fifty_sales_after_the_close_or_under_a_claim_are_all_taken() {
    let sales: Vec<Operation> = (2..52).map(|number| sale(&format!("s{number}"))).collect();
    let world = World::new();
    assert_eq!(world.close(&rosa(), &close("k1")).status, Applied);
    assert_eq!(world.sell(&sales), [Applied; 50]);
    let closing = world.value("closings#k1").unwrap();
    assert_eq!((&closing["totalSales"], &closing["lateEntriesCount"]), (&json!(1), &json!(50)));

    let world = World::new();
    let dead = world.suffering(|call: Call<'_>| match call {
        Call::Query(_) => Fault::Refuse,
        _ => Fault::None,
    });
    let died = at_once(close_day(&dead.tables, &dead.surroundings, &rosa(), &close("k1")));
    assert!(matches!(died, Err(PushError::Store(_))), "{died:?}");
    assert_eq!(world.guard()["state"], "counting");
    assert_eq!(world.sell(&sales), [Applied; 50]);
    let closed = world.close(&rosa(), &close("k2"));
    assert_eq!(closed.record.unwrap()["totalSales"], 51);
    assert_eq!(world.guard().get("state"), None);
}

#[test]
fn a_day_that_never_rests_is_answered_retry_and_can_be_closed_later() {
    let world = World::new();
    let rival = World { tables: world.tables.clone(), surroundings: world.surroundings.clone() };
    let number = Mutex::new(100);
    let busy = world.suffering(move |call: Call<'_>| {
        if let Call::Query(_) = call {
            let mut number = number.lock().unwrap();
            *number += 1;
            assert_eq!(rival.sell(&[sale(&format!("s{number}"))]), [Applied]);
        }
        Fault::None
    });
    let result = busy.close(&rosa(), &close("k1"));
    // The rival sells before the page is read: such a sale has raised the guard.
    assert_eq!((result.status, result.code), (Retry, Some(ErrorCode::Contention)));
    assert!(world.value("closings#k1").is_none());
    let result = world.close(&rosa(), &close("k1"));
    assert_eq!(result.record.unwrap()["totalSales"], 1 + u64::from(ATTEMPTS_MAX));
}

#[test]
fn who_was_deactivated_closes_nothing() {
    let world = World::new();
    let mut item = rosa().key().to_item();
    item.insert("active".into(), false.into());
    let put = Write::Put { table: Table::Accounts, item, condition: Condition::None };
    at_once(world.tables.write(&put)).unwrap();
    let refused = at_once(close_day(&world.tables, &world.surroundings, &rosa(), &close("k1")));
    assert!(matches!(refused, Err(PushError::Sender(_))), "{refused:?}");
}
