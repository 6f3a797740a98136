//! The signing keys' rotation, on a stack that goes on running.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_tests::{Phone, Stack, StackOptions, faketime, kill_children, operation, skip};
use serde_json::{Value, json};

use crate::told::{admin, later};

#[test]
fn a_key_is_used_at_once_on_a_running_stack_and_nobodys_token_is_refused() {
    let stack = Stack::start(&StackOptions::default());
    let before = stack.business();
    let added = admin(&stack, &["rotate-key", "--json"]).data();
    let kid = added["waiting"].as_str().unwrap().to_owned();
    assert!(admin(&stack, &["rotate-key"]).refusal().contains(&kid));
    assert!(admin(&stack, &["rotate-key", "--use", &kid]).refusal().contains("wait until"));
    let used = admin(&stack, &["rotate-key", "--use", &kid, "--at-once", "--json"]).data();
    assert_eq!(used["current"], kid.as_str());
    functions_read_their_keys(&stack);
    let after = login_of(&stack, &before);
    assert_eq!(key_of(&after), kid);
    // It was not published: the edge alone does not know it yet.
    assert_eq!(after.send("GET", "/sync/changes", None).failure(), "401 invalid_token");
    let published = admin(&stack, &["publish-keys", "--json"]).data();
    assert_eq!(published, json!({"puts": [kid], "deletes": []}));
    assert_eq!((after.feed().len(), before.feed().len()), (0, 0));
    assert!(admin(&stack, &["publish-keys"]).good().contains("to the edge: nothing"));
}

#[test]
fn keys_are_rotated_by_the_clock_on_a_running_stack_as_the_operators_guide_says() {
    if faketime().is_none() {
        return skip("wrong-clocks: libfaketime is not installed");
    }
    let stack = Stack::start(&StackOptions::default());
    let before = stack.business();
    // 1. A key is added; nothing is signed with it.
    let added = admin(&stack, &["rotate-key", "--json"]).data();
    let (old, new) = (added["current"].as_str().unwrap(), added["waiting"].as_str().unwrap());
    functions_read_their_keys(&stack);
    assert_eq!((key_of(&before), key_of(&login_of(&stack, &before))), (old.into(), old.into()));
    // 2. The edge gets it.
    let published = admin(&stack, &["publish-keys", "--json"]).data();
    assert_eq!(published, json!({"puts": [new], "deletes": []}));
    // 3. Not before the functions have read it too: six minutes later.
    let early = later(&stack, "+5m", &["rotate-key", "--use", new]);
    assert!(early.refusal().contains("wait until"));
    let used = later(&stack, "+7m", &["rotate-key", "--use", new, "--json"]).data();
    assert_eq!((&used["current"], &used["dropped"]), (&json!(new), &json!([])));
    functions_read_their_keys(&stack);
    let after = login_of(&stack, &before);
    assert_eq!(key_of(&after), new);
    let insert = operation("customers", "insert", "c1", json!({"name": "Rosa Quispe"}));
    assert_eq!(before.push_one(&insert)["status"], "applied");
    assert_eq!((before.feed_of(1).len(), after.feed_of(1).len()), (1, 1));
    // 4. An hour and more after that the next rotation drops the old key, here and at the edge.
    let next = later(&stack, "+90m", &["rotate-key", "--json"]).data();
    assert_eq!((&next["current"], &next["dropped"]), (&json!(new), &json!([old])));
    let third = next["waiting"].as_str().unwrap();
    let published = admin(&stack, &["publish-keys", "--json"]).data();
    assert_eq!(published, json!({"puts": [third], "deletes": [old]}));
    functions_read_their_keys(&stack);
    for (method, path) in [("GET", "/sync/changes"), ("POST", "/sync/batch"), ("GET", "/customers")]
    {
        let body = (method == "POST").then(|| json!({"operations": [insert]}));
        let answer = before.send(method, path, body.as_ref());
        assert_eq!(answer.failure(), "401 invalid_token", "{path}");
    }
    assert_eq!(after.feed().len(), 1);
    // Whose token has ended refreshes, and goes on.
    let refresh = json!({"refreshToken": before.session["refreshToken"]});
    let refreshed = before.send("POST", "/auth/refresh", Some(&refresh)).data().clone();
    let mut before = before;
    before.session = refreshed;
    assert_eq!(before.push_one(&insert)["status"], "duplicate");
}

/// Functions read the secret every five minutes, and when they start: each is started anew.
fn functions_read_their_keys(stack: &Stack) {
    for binary in ["sync-batch", "sync-changes", "auth", "crud"] {
        kill_children(stack.pid(), binary);
    }
}

/// Signs in anew.
fn login_of(stack: &Stack, phone: &Phone) -> Phone {
    let email = phone.session["user"]["email"].as_str().unwrap();
    Phone::login(stack.url(), email, "clave-segura")
}

/// The id of the key that somebody's token is signed with.
fn key_of(phone: &Phone) -> String {
    let header = URL_SAFE_NO_PAD.decode(phone.token().split('.').next().unwrap()).unwrap();
    let header: Value = protocol::json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}
