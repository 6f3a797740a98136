//! Limits on attempts, per account and per address.

use serde_json::json;

use crate::world::{Got, PASSWORD, World, registration};

async fn login_from(world: &World, address: &str, email: &str, password: &str) -> Got {
    let body = json!({"email": email, "password": password});
    world.call("POST", "/auth/login", &[("x-avileo-address", address)], &body).await
}

#[tokio::test]
async fn the_sixth_wrong_password_within_a_minute_is_refused_and_so_is_the_right_one() {
    let world = World::new();
    world.register().await;
    for email in ["admin@avileo.demo", "nadie@avileo.demo"] {
        for _ in 0..5 {
            let got = world.login(email, "otra-clave").await;
            assert_eq!(got.failure(), (401, "invalid_credentials"), "{email}");
            world.pass(2);
        }
        for password in ["otra-clave", PASSWORD] {
            let got = world.login(&email.to_uppercase(), password).await;
            assert_eq!(got.failure(), (429, "too_many_attempts"), "{email}");
            assert_eq!(got.headers["retry-after"], "50");
        }
    }
    world.pass(49);
    assert_eq!(world.login("admin@avileo.demo", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn wrong_passwords_of_one_account_do_not_stop_another() {
    let world = World::new();
    world.team().await;
    for _ in 0..6 {
        world.login("admin@avileo.demo", "otra-clave").await;
    }
    assert_eq!(world.login("admin@avileo.demo", PASSWORD).await.status, 429);
    assert_eq!(world.login("rosa@avileo.demo", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_address_that_tries_many_accounts_is_stopped_and_others_are_not() {
    let world = World::new();
    world.register().await;
    for guess in 0..30 {
        let email = format!("vendedor{guess}@avileo.demo");
        let got = login_from(&world, "190.42.7.1", &email, "otra-clave").await;
        assert_eq!(got.failure(), (401, "invalid_credentials"));
    }
    let stopped = login_from(&world, "190.42.7.1", "admin@avileo.demo", PASSWORD).await;
    assert_eq!(stopped.failure(), (429, "too_many_attempts"));
    let elsewhere = login_from(&world, "190.42.7.2", "admin@avileo.demo", PASSWORD).await;
    assert_eq!(elsewhere.status, 200);
    assert_eq!(world.login("admin@avileo.demo", PASSWORD).await.status, 200, "no address");
}

#[tokio::test]
async fn the_address_is_taken_from_the_edges_header_and_from_no_other() {
    let world = World::new();
    world.register().await;
    for guess in 0..31 {
        let body = json!({"email": format!("v{guess}@avileo.demo"), "password": "otra-clave"});
        let headers = [("x-forwarded-for", "190.42.7.1"), ("forwarded", "for=190.42.7.1")];
        let got = world.call("POST", "/auth/login", &headers, &body).await;
        assert_eq!(got.failure(), (401, "invalid_credentials"), "{guess}");
    }
}

#[tokio::test]
async fn asking_for_taken_addresses_is_counted_too() {
    let world = World::new();
    world.register().await;
    let headers = [("x-avileo-address", "190.42.7.1")];
    for _ in 0..30 {
        let body = registration("admin@avileo.demo");
        let got = world.call("POST", "/auth/register", &headers, &body).await;
        assert_eq!(got.failure(), (409, "email_taken"));
    }
    let got = world.call("POST", "/auth/register", &headers, &registration("luis@x.pe")).await;
    assert_eq!(got.failure(), (429, "too_many_attempts"));
}
