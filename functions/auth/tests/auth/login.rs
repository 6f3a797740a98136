//! `POST /auth/login`, and the keys that its tokens are signed with.

use protocol::Role;
use serde_json::json;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn a_seller_signs_in_with_his_place_of_sale() {
    let world = World::new();
    let (_, id) = world.team().await;
    let got = world.login("ROSA@avileo.demo", PASSWORD).await;
    assert_eq!(got.status, 200);
    assert_eq!(got.data()["user"]["id"], id);
    assert_eq!(got.data()["user"]["salesPoint"], "Carro A");
    let claims = world.claims(&got.text("token")).await;
    assert_eq!((claims.role, claims.user.as_str()), (Role::Vendedor, id.as_str()));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_email_are_answered_alike() {
    let world = World::new();
    world.register().await;
    let wrong = world.login("admin@avileo.demo", "otra-clave").await;
    assert_eq!(wrong.failure(), (401, "invalid_credentials"));
    let long = "a".repeat(5000);
    for (email, password) in [
        ("nadie@avileo.demo", PASSWORD),
        ("no es un correo", PASSWORD),
        ("", ""),
        ("luis@avileo.demo", &long),
    ] {
        let got = world.login(email, password).await;
        assert_eq!((got.status, &got.body), (wrong.status, &wrong.body), "{email}");
    }
}

#[tokio::test]
async fn a_deactivated_user_learns_it_only_with_his_password() {
    let world = World::new();
    let (admin, id) = world.team().await;
    world.with(&admin, "POST", &format!("/team/{id}/deactivate"), json!(null)).await;
    // The session is good for delivering what the phone had written before, and nothing else.
    let right = world.login("rosa@avileo.demo", PASSWORD).await;
    assert_eq!(right.data()["user"]["role"], "SALIENTE");
    let wrong = world.login("rosa@avileo.demo", "otra-clave").await;
    assert_eq!(wrong.failure(), (401, "invalid_credentials"));
}

#[tokio::test]
async fn a_new_signing_key_is_taken_up_while_tokens_of_the_old_one_live_on() {
    let world = World::new();
    let old = world.register().await.text("token");
    world.rotate_key();
    world.pass(300);
    let new = world.login("admin@avileo.demo", PASSWORD).await.text("token");
    for token in [&old, &new] {
        assert_eq!(world.with(token, "GET", "/team", json!(null)).await.status, 200);
    }
    assert_ne!(old.split('.').next(), new.split('.').next(), "the header names another key");
    world.pass(3300);
    let expired = world.with(&old, "GET", "/team", json!(null)).await;
    assert_eq!(expired.failure(), (401, "token_expired"));
}
