//! `/team`.

use serde_json::json;
use store::tables::Table;

use crate::world::{PASSWORD, World, registration, seller};

#[tokio::test]
async fn an_administrator_sees_his_team_and_nobody_elses() {
    let world = World::new();
    let (admin, id) = world.team().await;
    let stranger = world.post("/auth/register", registration("otra@granja.pe")).await.text("token");
    let got = world.with(&admin, "GET", "/team", json!(null)).await;
    let names: Vec<_> = got.data().as_array().unwrap().iter().map(|m| m["name"].clone()).collect();
    assert_eq!(names, ["Ana Flores", "Rosa Quispe"]);
    assert_eq!(
        got.data()[1],
        json!({
            "id": id, "name": "Rosa Quispe", "email": "rosa@avileo.demo", "role": "VENDEDOR",
            "salesPoint": "Carro A", "active": true, "createdAt": "2026-11-22T13:05:00.000Z",
        })
    );
    let got = world.with(&stranger, "GET", "/team", json!(null)).await;
    assert_eq!(got.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn only_an_administrator_has_a_team() {
    let world = World::new();
    let (_, id) = world.team().await;
    let token = world.login("rosa@avileo.demo", PASSWORD).await.text("token");
    for (method, path) in [
        ("GET", "/team".to_owned()),
        ("POST", "/team".to_owned()),
        ("POST", format!("/team/{id}/deactivate")),
        ("POST", format!("/team/{id}/reset")),
    ] {
        let got = world.with(&token, method, &path, seller("luis@avileo.demo")).await;
        assert_eq!(got.failure(), (403, "forbidden"), "{method} {path}");
        let got = world.call(method, &path, &[], &seller("luis@avileo.demo")).await;
        assert_eq!(got.failure(), (401, "missing_token"), "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_new_member_is_named() {
    let world = World::new();
    let (admin, _) = world.team().await;
    let stored = world.tables.scan(Table::Accounts).len();
    for (field, value, expected) in [
        ("email", json!("rosa@avileo.demo"), (409, "email_taken")),
        ("email", json!("ADMIN@avileo.demo"), (409, "email_taken")),
        ("email", json!("rosa@"), (422, "invalid_email")),
        ("name", json!(""), (422, "invalid_field")),
        ("salesPoint", json!("A"), (422, "invalid_field")),
        ("role", json!("SALIENTE"), (422, "invalid_field")),
        ("role", json!("DUEÑO"), (400, "invalid_request")),
        ("password", json!("corta"), (422, "invalid_password")),
    ] {
        let mut body = seller("luis@avileo.demo");
        body[field] = value;
        let got = world.with(&admin, "POST", "/team", body).await;
        assert_eq!(got.failure(), expected, "{field}");
    }
    assert_eq!(world.tables.scan(Table::Accounts).len(), stored);
}

#[tokio::test]
async fn a_deactivation_keeps_its_first_moment() {
    let world = World::new();
    let (admin, id) = world.team().await;
    let path = format!("/team/{id}/deactivate");
    for _ in 0..2 {
        let got = world.with(&admin, "POST", &path, json!(null)).await;
        assert_eq!(got.data()["active"], false);
        assert_eq!(got.data()["deactivatedAt"], "2026-11-22T13:05:00.000Z");
        world.pass(10);
    }
}

#[tokio::test]
async fn nobody_deactivates_himself_a_stranger_or_no_one() {
    let world = World::new();
    let (admin, rosa) = world.team().await;
    let stranger = world.post("/auth/register", registration("otra@granja.pe")).await;
    let own = world.claims(&admin).await.user;
    for (token, id, expected) in [
        (&admin, own.as_str(), (403, "forbidden")),
        (&stranger.text("token"), rosa.as_str(), (404, "record_not_found")),
        (&admin, "nadie", (404, "record_not_found")),
        (&admin, "a%20b", (400, "invalid_id")),
        (&admin, &"a".repeat(129), (400, "invalid_id")),
    ] {
        let got = world.with(token, "POST", &format!("/team/{id}/deactivate"), json!(null)).await;
        assert_eq!(got.failure(), expected, "{id}");
    }
    assert_eq!(world.login("rosa@avileo.demo", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_deactivated_administrator_is_stopped_at_once() {
    let world = World::new();
    let (admin, _) = world.team().await;
    let (token, id) = world.second_admin(&admin).await;
    assert_eq!(world.with(&token, "GET", "/team", json!(null)).await.status, 200);
    let own = json!({"ownPassword": PASSWORD});
    let got = world.with(&admin, "POST", &format!("/team/{id}/deactivate"), own).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let got = world.with(&token, "POST", "/team", seller("nuevo@avileo.demo")).await;
    assert_eq!(got.failure(), (401, "user_inactive"));
}
