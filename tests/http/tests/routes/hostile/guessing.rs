//! Guessing passwords, and using what has been taken back.

use std::thread;

use http_tests::{Stack, StackOptions};
use serde_json::json;

/// Wrong passwords of one address within a minute, whatever the account.
const ADDRESS_FAILURES_MAX: usize = 30;

#[test]
fn an_address_that_guesses_waits_however_it_calls_itself() {
    // A stack of its own: all tests come from one address.
    let stack = Stack::start(&StackOptions::default());
    let admin = stack.business();
    let guess = |number: usize| {
        let body = json!({"email": format!("nadie-{number}@example.pe"), "password": "clave-1234"});
        let spoofed = format!("10.0.0.{number}");
        let headers = [
            ("x-forwarded-for", spoofed.as_str()),
            ("x-avileo-address", spoofed.as_str()),
            ("x_avileo_address", spoofed.as_str()),
            ("x-real-ip", spoofed.as_str()),
            ("cloudfront-viewer-address", spoofed.as_str()),
        ];
        admin.send_raw("POST", "/auth/login", &headers, Some(body.to_string().as_bytes()))
    };
    for number in 0..ADDRESS_FAILURES_MAX {
        assert_eq!(guess(number).failure(), "401 invalid_credentials", "guess {number}");
    }
    let refused = guess(ADDRESS_FAILURES_MAX);
    assert_eq!(refused.failure(), "429 too_many_attempts");
    let wait: u64 = refused.headers["retry-after"].parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    // Who is signed in already goes on working.
    assert_eq!(admin.send("GET", "/customers", None).status, 200);
}

#[test]
fn guesses_sent_at_once_are_counted_one_by_one() {
    let stack = Stack::start(&StackOptions::default());
    let admin = stack.business();
    let email = admin.session["user"]["email"].as_str().expect("an e-mail");
    let statuses: Vec<u16> = thread::scope(|scope| {
        let guesses: Vec<_> = (0..24)
            .map(|number| {
                let admin = &admin;
                let body = json!({"email": email, "password": format!("adivina-{number}")});
                scope.spawn(move || {
                    let body = body.to_string();
                    admin.send_raw("POST", "/auth/login", &[], Some(body.as_bytes())).status
                })
            })
            .collect();
        guesses.into_iter().map(|guess| guess.join().expect("an answer")).collect()
    });
    assert!(statuses.iter().all(|status| [401, 429, 503].contains(status)), "{statuses:?}");
    // Now even the right password has to wait: nobody learns which guess was right.
    let right = json!({"email": email, "password": "clave-segura"}).to_string();
    let answer = admin.send_raw("POST", "/auth/login", &[], Some(right.as_bytes()));
    assert_eq!(answer.failure(), "429 too_many_attempts");
}

#[test]
fn guessing_ones_own_present_password_is_guessing() {
    let stack = Stack::start(&StackOptions::default());
    let seller = stack.business().seller();
    let change = json!({"currentPassword": "adivina-1234", "newPassword": "otra-clave-1"});
    for _ in 0..5 {
        let answer = seller.send("POST", "/auth/password", Some(&change));
        assert_eq!(answer.failure(), "401 invalid_credentials");
    }
    let answer = seller.send("POST", "/auth/password", Some(&change));
    assert_eq!(answer.failure(), "429 too_many_attempts");
}

#[test]
fn a_refresh_token_is_worth_nothing_after_logout() {
    let stack = Stack::shared();
    let phone = stack.business().seller();
    let token = json!({"refreshToken": phone.session["refreshToken"]});
    assert_eq!(phone.send("POST", "/auth/logout", Some(&token)).status, 200);
    for _ in 0..2 {
        let answer =
            phone.send_raw("POST", "/auth/refresh", &[], Some(token.to_string().as_bytes()));
        assert_eq!(answer.failure(), "401 invalid_refresh_token");
    }
    // So is its access token, everywhere but at the edge, which keeps the feed's pages.
    let answer = phone.send("GET", "/sync/snapshot", None);
    assert_eq!(answer.failure(), "401 invalid_token");
}
