//! `GET /auth/sessions` and `DELETE /auth/sessions/{id}`.

use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

async fn sessions(world: &World, token: &str) -> Vec<Value> {
    let got = world.with(token, "GET", "/auth/sessions", json!(null)).await;
    got.data().as_array().unwrap().clone()
}

#[tokio::test]
async fn a_lost_phone_is_signed_out_from_another() {
    let world = World::new();
    world.team().await;
    let body = json!({"email": "rosa@avileo.demo", "password": PASSWORD});
    let lost =
        world.call("POST", "/auth/login", &[("user-agent", "Moto G (perdido)")], &body).await;
    world.pass(60);
    let kept = world.call("POST", "/auth/login", &[("user-agent", "Samsung A15")], &body).await;
    let listed = sessions(&world, &kept.text("token")).await;
    let shown: Vec<_> =
        listed.iter().map(|s| (s["device"].clone(), s["current"].clone())).collect();
    assert_eq!(
        shown,
        [(json!("Samsung A15"), json!(true)), (json!("Moto G (perdido)"), json!(false))]
    );

    let path = format!("/auth/sessions/{}", listed[1]["id"].as_str().unwrap());
    assert_eq!(world.with(&kept.text("token"), "DELETE", &path, json!(null)).await.status, 200);
    let refused = world.refresh(&lost.text("refreshToken")).await;
    assert_eq!(refused.failure(), (401, "invalid_refresh_token"));
    assert_eq!(world.refresh(&kept.text("refreshToken")).await.status, 200);
    let gone = world.with(&kept.text("token"), "DELETE", &path, json!(null)).await;
    assert_eq!(gone.failure(), (404, "record_not_found"));
}

#[tokio::test]
async fn nobody_sees_or_ends_anothers_sessions() {
    let world = World::new();
    let (admin, _) = world.team().await;
    let rosa = world.login("rosa@avileo.demo", PASSWORD).await.text("token");
    let of_admin = sessions(&world, &admin).await;
    assert_eq!((of_admin.len(), sessions(&world, &rosa).await.len()), (1, 1));
    let path = format!("/auth/sessions/{}", of_admin[0]["id"].as_str().unwrap());
    let got = world.with(&rosa, "DELETE", &path, json!(null)).await;
    assert_eq!(got.failure(), (404, "record_not_found"));
    assert_eq!(sessions(&world, &admin).await.len(), 1);
    let got = world.with(&rosa, "DELETE", "/auth/sessions/otra", json!(null)).await;
    assert_eq!(got.failure(), (400, "invalid_id"));
}
