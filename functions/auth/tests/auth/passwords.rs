//! `POST /auth/password` and `POST /team/{id}/reset`.

use serde_json::json;

use crate::world::{PASSWORD, World, registration};

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_not_this_one() {
    let world = World::new();
    let other = world.register().await.text("refreshToken");
    let mine = world.login("admin@avileo.demo", PASSWORD).await;
    let body = json!({"currentPassword": PASSWORD, "newPassword": "clave-nueva"});
    let got = world.with(&mine.text("token"), "POST", "/auth/password", body).await;
    assert_eq!(got.status, 200, "{}", got.body);
    assert_eq!(world.login("admin@avileo.demo", PASSWORD).await.status, 401);
    assert_eq!(world.login("admin@avileo.demo", "clave-nueva").await.status, 200);
    assert_eq!(world.refresh(&other).await.status, 401);
    assert_eq!(world.refresh(&mine.text("refreshToken")).await.status, 200);
}

#[tokio::test]
async fn a_password_is_changed_only_with_the_present_one_and_guesses_are_counted() {
    let world = World::new();
    let token = world.register().await.text("token");
    let change = async |current: &str, new: &str| {
        let body = json!({"currentPassword": current, "newPassword": new});
        let got = world.with(&token, "POST", "/auth/password", body).await;
        (got.status, got.body["error"]["code"].as_str().unwrap_or("none").to_owned())
    };
    assert_eq!(change(PASSWORD, "corta").await, (422, "invalid_password".into()));
    for _ in 0..5 {
        let got = change("otra-clave", "clave-nueva").await;
        assert_eq!(got, (401, "invalid_credentials".into()));
    }
    assert_eq!(change(PASSWORD, "clave-nueva").await, (429, "too_many_attempts".into()));
    assert_eq!(world.login("admin@avileo.demo", PASSWORD).await.status, 429);
    world.pass(60);
    assert_eq!(world.login("admin@avileo.demo", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_administrator_resets_a_sellers_password_and_his_sessions_end() {
    let world = World::new();
    let (admin, id) = world.team().await;
    let login = world.login("rosa@avileo.demo", PASSWORD).await;
    let path = format!("/team/{id}/reset");
    let got = world.with(&admin, "POST", &path, json!({"password": "corta"})).await;
    assert_eq!(got.failure(), (422, "invalid_password"));
    let got = world.with(&admin, "POST", &path, json!({"password": "clave-nueva"})).await;
    assert_eq!(got.status, 200, "{}", got.body);
    assert_eq!(world.refresh(&login.text("refreshToken")).await.status, 401);
    assert_eq!(world.login("rosa@avileo.demo", PASSWORD).await.status, 401);
    assert_eq!(world.login("rosa@avileo.demo", "clave-nueva").await.status, 200);
}

#[tokio::test]
async fn nobody_resets_a_password_of_another_business_or_without_being_administrator() {
    let world = World::new();
    let (_, rosa) = world.team().await;
    let stranger = world.post("/auth/register", registration("otra@granja.pe")).await.text("token");
    let seller = world.login("rosa@avileo.demo", PASSWORD).await.text("token");
    let path = format!("/team/{rosa}/reset");
    let body = json!({"password": "clave-nueva"});
    let got = world.with(&stranger, "POST", &path, body.clone()).await;
    assert_eq!(got.failure(), (404, "record_not_found"));
    let got = world.with(&seller, "POST", &path, body.clone()).await;
    assert_eq!(got.failure(), (403, "forbidden"));
    let got = world.call("POST", &path, &[], &body).await;
    assert_eq!(got.failure(), (401, "missing_token"));
    assert_eq!(world.login("rosa@avileo.demo", PASSWORD).await.status, 200);
}
