//! Starts, refusals to start, and ends.

use std::net::TcpListener;
use std::process::Stdio;

use serde_json::json;

use crate::harness::{Place, TEMPLATE, until};

#[test]
fn a_second_start_finds_the_data_of_the_first() {
    let place = Place::new();
    let stack = place.start(&[]);
    stack.put("sales#1", 7, "");
    assert!(stack.terminate());
    let stack = place.start(&[]);
    let table = &stack.status["tables"]["RecordsTable"];
    let key = json!({"business": {"S": "b"}, "record": {"S": "sales#1"}});
    let found = stack.dynamodb("GetItem", &json!({"TableName": table, "Key": key}));
    assert_eq!(found["Item"]["value"]["N"], "7");
    let table = stack.dynamodb("DescribeTable", &json!({"TableName": table}));
    assert_eq!(table["Table"]["StreamSpecification"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
}

#[test]
fn what_prevents_a_start_is_said_clearly() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = place.refused(&["--memory", "--port", &port]);
    assert!(said.contains(&format!("port {port} is in use")), "{said}");

    std::fs::write(place.path("file"), "").unwrap();
    let file = place.path("file").display().to_string();
    let said = place.refused(&["--data", &file]);
    assert!(said.contains("not writable"), "{said}");

    let running = place.start(&[]);
    let said = place.refused(&[]);
    assert!(said.contains("in use by another running stack"), "{said}");
    running.kill();

    std::fs::write(place.path("data/version"), "avileo-local 0\n").unwrap();
    let said = place.refused(&[]);
    assert!(said.contains("avileo-local 0"), "{said}");

    let said = place.refused(&["--memory", "--pages", "/nowhere"]);
    assert!(said.contains("/nowhere"), "{said}");
}

#[test]
fn a_template_that_cannot_run_here_is_said_clearly() {
    let place = Place::new();
    place.write_template(&TEMPLATE.replace("Binary: echo", "Binary: nothing"));
    let said = place.refused(&["--memory"]);
    assert!(said.contains("EchoFunction") && said.contains("nothing"), "{said}");

    place.write_template(&TEMPLATE.replace("BatchSize: 10", "TumblingWindowInSeconds: 10"));
    let said = place.refused(&["--memory"]);
    assert!(said.contains("TumblingWindowInSeconds"), "{said}");

    place.write_template(&TEMPLATE.replace("LOG_FILE:", "FAIL_AT_START: 'yes', LOG_FILE:"));
    let said = place.refused(&["--memory"]);
    assert!(said.contains("EchoFunction") && said.contains("did not start"), "{said}");
}

#[test]
fn data_with_other_keys_is_data_of_another_version() {
    let place = Place::new();
    place.start(&[]).kill();
    place.write_template(&TEMPLATE.replace("AttributeName: record", "AttributeName: other"));
    let said = place.refused(&[]);
    assert!(said.contains("another version") && said.contains("RecordsTable"), "{said}");
}

#[test]
fn no_function_outlives_a_killed_stack() {
    let place = Place::new();
    let stack = place.start(&["--memory"]);
    let child = stack.get("/api/environment").json()["pid"].as_u64().unwrap();
    assert_ne!(child, u64::from(stack.pid()));
    let process = format!("/proc/{child}/stat");
    assert!(std::path::Path::new(&process).exists());
    stack.kill();
    until("the function's process is gone", || {
        // A zombie has no parent here that would reap it; it runs no more either.
        std::fs::read_to_string(&process).map_or(true, |stat| stat.contains(") Z "))
    });
}

#[test]
fn the_end_of_standard_input_stops_the_stack() {
    let place = Place::new();
    let mut child = place
        .command(&["--memory", "--stop-with-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    until("the stack is ready", || place.path("status").exists());
    assert!(child.try_wait().unwrap().is_none());
    drop(child.stdin.take());
    until("the stack ends", || child.try_wait().unwrap().is_some_and(|status| status.success()));
}

#[test]
fn pages_are_served_from_a_folder() {
    let place = Place::new();
    std::fs::create_dir(place.path("pages")).unwrap();
    std::fs::write(place.path("pages/index.html"), "<p>app").unwrap();
    std::fs::write(place.path("pages/a.js"), "1").unwrap();
    let folder = place.path("pages").display().to_string();
    let stack = place.start(&["--memory", "--pages", &folder]);
    assert_eq!(stack.get("/a.js").header("content-type"), ["text/javascript; charset=utf-8"]);
    assert_eq!(stack.get("/ventas/hoy").body, b"<p>app");
    assert_eq!(stack.get("/..%2ftemplate.yaml").status, 404);
    assert_eq!(stack.send("POST", "/", &[], b"").status, 405);
}
