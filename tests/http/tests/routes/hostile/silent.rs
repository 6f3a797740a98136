//! Clients that connect and say little or nothing.

use std::thread;
use std::time::{Duration, Instant};

use http_tests::{Stack, StackOptions, operation};
use serde_json::json;

use super::raw::{Raw, insert};

/// One test, since each of its clients waits half a minute for the same thing.
#[test]
fn silent_clients_are_cut_off_and_nobody_waits_for_them() {
    let stack = Stack::start(&StackOptions::default());
    let admin = stack.business();
    let before_kb = resident_kb(&stack);
    let crowd = crowd(&stack);
    let held_kb = resident_kb(&stack).saturating_sub(before_kb) / crowd.len() as u64;
    assert!(held_kb < 64, "{held_kb} KB for each silent connection");

    let started = Instant::now();
    for number in 0..10 {
        let insert =
            operation("customers", "insert", &format!("c{number}"), json!({"name": "Ana"}));
        assert_eq!(admin.push_one(&insert)["status"], "applied");
    }
    assert!(started.elapsed() < Duration::from_secs(10), "others wait for silent clients");

    thread::scope(|scope| {
        let drip = scope.spawn(|| drip(&stack));
        let stop = scope.spawn(|| {
            let request = insert(&admin, "stopped");
            let mut connection = Raw::open(&stack);
            connection.say(&request[..request.len() - 5]).listen_for(CUT_OFF_WITHIN)
        });
        assert!(drip.join().expect("it ends"), "a head that drips is never cut off");
        let said = stop.join().expect("it ends");
        assert_eq!(said.statuses(), [400], "half a body, and then nothing: {}", said.text);
    });
    for mut silent in crowd {
        assert!(silent.is_closed(), "a silent connection is still open");
    }
    assert_eq!(admin.feed_of(10).len(), 10, "half a body wrote nothing");
}

/// Ten thousand, or what this machine lets us open.
fn crowd(stack: &Stack) -> Vec<Raw> {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("Linux");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
    let allowed: usize = line.split_whitespace().nth(3).expect("a number").parse().unwrap_or(1024);
    let count = allowed.saturating_sub(FILES_BESIDES).clamp(64, CROWD_MAX);
    (0..count).map(|_| Raw::open(stack)).collect()
}

/// Sends a head a byte at a time, as often as a socket stays quiet: whether it was cut off.
fn drip(stack: &Stack) -> bool {
    let mut connection = Raw::open(stack);
    let deadline = Instant::now() + CUT_OFF_WITHIN;
    connection.say("GET /api/health HTTP/1.1\r\nX-A: ");
    while Instant::now() < deadline {
        if connection.is_closed() {
            return true;
        }
        connection.say("a");
    }
    false
}

/// What the stack itself, without its functions, holds in memory.
fn resident_kb(stack: &Stack) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", stack.pid())).expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
    line.split_whitespace().nth(1).expect("a number").parse().expect("kilobytes")
}

const CROWD_MAX: usize = 10_000;

/// What this process has open besides, other tests' stacks included.
const FILES_BESIDES: usize = 512;

/// The edge allows thirty seconds for a head.
const CUT_OFF_WITHIN: Duration = Duration::from_secs(50);
