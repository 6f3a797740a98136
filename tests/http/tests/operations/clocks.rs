//! Functions whose clock is hours off: what they do then is told to phones, the feed stays whole, and
//! nothing is lost or undone once the clock is right again. The machine's own clock is never touched.

use std::collections::BTreeMap;

use http_tests::{Phone, Stack, StackOptions, faketime, operation, skip};
use serde_json::{Value, json};

/// A stack with these clocks; nothing where this machine cannot show a process another time.
fn with_clocks(clocks: &[(&'static str, &'static str)]) -> Option<(Stack, StackOptions)> {
    if faketime().is_none() {
        skip("wrong-clocks: libfaketime is not installed");
        return None;
    }
    let clocks: BTreeMap<_, _> = clocks.iter().copied().collect();
    let right = StackOptions { on_disk: true, ..StackOptions::default() };
    Some((Stack::start(&StackOptions { clocks, ..right.clone() }), right))
}

fn rename(name: &str) -> Value {
    operation("customers", "update", "c1", json!({"name": name}))
}

fn name_in(feed: &[Value]) -> &Value {
    &feed.iter().rfind(|change| change["entityId"] == "c1").unwrap()["record"]["name"]
}

#[test]
fn writes_of_functions_with_wrong_clocks_are_kept_in_order_and_later_ones_win() {
    let wrong = [("sync-batch", "-5h"), ("record-changes", "-9h"), ("crud", "+5h")];
    let Some((stack, right)) = with_clocks(&wrong) else { return };
    let phone = stack.business();
    // Its clock says that every token is over: it refuses, and stores nothing.
    let refused = phone.send("POST", "/customers", Some(&json!({"name": "Luis Rojas"})));
    assert_eq!(refused.failure(), "401 token_expired");
    // A phone's time is hours ahead of this function's; a clock alone makes nobody refuse.
    let first = operation("customers", "insert", "c1", json!({"name": "Rosa Quispe"}));
    let writes = [first, rename("Rosa Quispe Mamani")];
    for write in &writes {
        assert_eq!(phone.push_one(write)["status"], "applied");
    }
    let again: Vec<Value> = phone.other_device().push(&[rename("Rosa Mamani")]);
    assert_eq!(again[0]["success"], true, "{again:?}");
    stack.stream_is_worked_off();
    let feed = phone.feed_of(1);
    assert_eq!(name_in(&feed), "Rosa Mamani");

    // The clocks are right again: what was written meanwhile is older than what comes now.
    let stack = stack.kill_and_restart(&right);
    let phone = phone.moved_to(&stack);
    let replayed = phone.push(&writes);
    assert!(replayed.iter().all(|result| result["status"] == "duplicate"), "{replayed:?}");
    let later = phone.push_one(&rename("Rosa Quispe de Mamani"));
    assert_eq!(later["success"], true, "{later}");
    stack.stream_is_worked_off();
    let feed = phone.feed_of(feed.len() + 1);
    assert_eq!(name_in(&feed), "Rosa Quispe de Mamani");
    assert_eq!(
        phone.send("GET", "/customers", None).data()["items"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn tokens_of_a_clock_that_is_behind_are_over_and_of_one_ahead_are_good_and_nothing_is_lost() {
    let Some((stack, right)) = with_clocks(&[("auth", "-5h")]) else { return };
    let phone = stack.business();
    let insert = operation("customers", "insert", "c1", json!({"name": "Rosa Quispe"}));
    let body = json!({"operations": [insert]});
    for (method, path, body) in
        [("POST", "/sync/batch", Some(&body)), ("GET", "/sync/changes", None)]
    {
        let answer = phone.send(method, path, body);
        assert_eq!(answer.failure(), "401 token_expired", "{path}");
    }
    let email = phone.session["user"]["email"].as_str().unwrap().to_owned();
    let ahead = StackOptions { clocks: BTreeMap::from([("auth", "+5h")]), ..right.clone() };
    let stack = stack.kill_and_restart(&ahead);
    let phone = Phone::login(stack.url(), &email, "clave-segura");
    assert!(phone.feed().is_empty(), "nothing was stored before");
    assert_eq!(phone.push_one(&insert)["status"], "applied");
    assert_eq!(phone.feed_of(1).len(), 1);
    // Whoever signed in meanwhile stays so, and refreshes.
    let stack = stack.kill_and_restart(&right);
    let phone = phone.moved_to(&stack);
    assert_eq!(phone.push_one(&insert)["status"], "duplicate");
    let refresh = json!({"refreshToken": phone.session["refreshToken"]});
    let refreshed = phone.send("POST", "/auth/refresh", Some(&refresh));
    assert!(refreshed.data()["token"].is_string());
    assert_eq!(phone.feed().len(), 1);
}
