//! Sessions that have ended, and administrators who act on each other.

use protocol::Role;
use serde_json::{Value, json};

use crate::world::{Got, PASSWORD, Together, World, seller, send};

const NEW_PASSWORD: &str = "clave-nueva";

fn own(password: &str) -> Value {
    json!({"ownPassword": password})
}

/// What a token opens of the routes that ask for a session.
async fn failure_of(world: &World, token: &str) -> (u16, String) {
    let mut failures = Vec::new();
    for (method, path) in [("GET", "/auth/sessions"), ("POST", "/auth/password")] {
        let body = json!({"currentPassword": PASSWORD, "newPassword": "otra-clave-nueva"});
        let got = world.with(token, method, path, body).await;
        failures.push((got.status, got.failure().1.to_owned()));
    }
    assert_eq!(failures[0], failures[1]);
    failures.remove(0)
}

fn invalid() -> (u16, String) {
    (401, "invalid_token".to_owned())
}

#[tokio::test]
async fn a_token_ends_with_its_session_however_that_ended() {
    let world = World::new();
    let (admin, id) = world.team().await;
    let rosa = async |password: &str| {
        let got = world.login("rosa@avileo.demo", password).await;
        (got.text("token"), got.text("refreshToken"))
    };

    let (token, refresh) = rosa(PASSWORD).await;
    world.post("/auth/logout", json!({"refreshToken": refresh})).await;
    assert_eq!(failure_of(&world, &token).await, invalid(), "signed out");

    let (lost, _) = rosa(PASSWORD).await;
    let (token, first) = rosa(PASSWORD).await;
    let session = world.claims(&lost).await.session.unwrap();
    let path = format!("/auth/sessions/{session}");
    assert_eq!(world.with(&token, "DELETE", &path, json!(null)).await.status, 200);
    assert_eq!(failure_of(&world, &lost).await, invalid(), "a lost phone");

    let second = world.refresh(&first).await.text("refreshToken");
    world.refresh(&second).await;
    assert_eq!(world.refresh(&first).await.status, 401);
    assert_eq!(failure_of(&world, &token).await, invalid(), "a refresh token came again");

    let ((other, _), (token, _)) = (rosa(PASSWORD).await, rosa(PASSWORD).await);
    let change = json!({"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD});
    assert_eq!(world.with(&token, "POST", "/auth/password", change).await.status, 200);
    assert_eq!(failure_of(&world, &other).await, invalid(), "a changed password");
    assert_eq!(world.with(&token, "GET", "/auth/sessions", json!(null)).await.status, 200);

    let reset = json!({"password": PASSWORD});
    let path = format!("/team/{id}/reset");
    assert_eq!(world.with(&admin, "POST", &path, reset.clone()).await.status, 200);
    assert_eq!(failure_of(&world, &token).await, invalid(), "a reset");

    // The session goes on as the deactivated user's; what the phone has to say comes first.
    let (token, _) = rosa(PASSWORD).await;
    world.with(&admin, "POST", &format!("/team/{id}/deactivate"), json!({})).await;
    let inactive = (401, "user_inactive".to_owned());
    assert_eq!(failure_of(&world, &token).await, inactive, "deactivated");
    assert_eq!(world.with(&admin, "POST", &path, reset).await.status, 200);
    assert_eq!(failure_of(&world, &token).await, inactive, "deactivated, and the session ended");
}

#[tokio::test]
async fn who_was_reset_and_deactivated_signs_in_to_deliver_and_for_nothing_else() {
    let world = World::new();
    let (admin, id) = world.team().await;
    let before = world.login("rosa@avileo.demo", PASSWORD).await;
    let reset = json!({"password": NEW_PASSWORD});
    world.with(&admin, "POST", &format!("/team/{id}/reset"), reset).await;
    world.with(&admin, "POST", &format!("/team/{id}/deactivate"), json!({})).await;
    assert_eq!(world.refresh(&before.text("refreshToken")).await.status, 401);
    assert_eq!(world.login("rosa@avileo.demo", PASSWORD).await.status, 401);
    let session = world.login("rosa@avileo.demo", NEW_PASSWORD).await;
    let token = session.text("token");
    assert_eq!(world.claims(&token).await.role, Role::Saliente);
    for (method, path) in [("GET", "/auth/sessions"), ("POST", "/auth/password"), ("GET", "/team")]
    {
        let got = world.with(&token, method, path, json!({})).await;
        assert_eq!(got.failure(), (403, "forbidden"), "{method} {path}");
    }
    let next = world.refresh(&session.text("refreshToken")).await;
    assert_eq!(next.data()["user"]["role"], "SALIENTE");
}

#[tokio::test]
async fn a_stolen_administrators_token_does_not_take_the_business() {
    let world = World::new();
    let owner = world.register().await;
    let stolen = owner.text("token");
    let id = world.claims(&stolen).await.user;
    let refused = async |method: &str, path: &str, body: Value| {
        let got = world.with(&stolen, method, path, body).await;
        (got.status, got.failure().1.to_owned())
    };
    let mut back_door = seller("puerta@trasera.pe");
    back_door["role"] = json!("ADMIN_NEGOCIO");
    let forbidden = (403, "forbidden".to_owned());
    let required = (403, "password_required".to_owned());
    let reset = json!({"password": "clave-robada"});
    let path = format!("/team/{id}/reset");
    assert_eq!(refused("POST", "/team", back_door.clone()).await, required);
    back_door["ownPassword"] = json!("adivinada");
    assert_eq!(refused("POST", "/team", back_door.clone()).await, required);
    assert_eq!(refused("POST", &path, reset.clone()).await, forbidden, "one's own");

    // The owner signs in elsewhere and changes the password: the stolen token is worth nothing.
    let fresh = world.login("admin@avileo.demo", PASSWORD).await.text("token");
    let change = json!({"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD});
    assert_eq!(world.with(&fresh, "POST", "/auth/password", change).await.status, 200);
    assert_eq!(refused("GET", "/team", json!(null)).await, invalid());
    assert_eq!(refused("POST", "/team", back_door).await, invalid());
    assert_eq!(refused("POST", &path, reset).await, invalid());
    assert_eq!(refused("POST", &format!("/team/{id}/deactivate"), json!({})).await, invalid());
    assert_eq!(world.login("admin@avileo.demo", NEW_PASSWORD).await.status, 200);
    assert_eq!(world.active_administrators(), 1);
}

#[tokio::test]
async fn administrators_are_deactivated_and_reset_with_ones_own_password_only() {
    let world = World::new();
    let (admin, rosa) = world.team().await;
    let (_, luis) = world.second_admin(&admin).await;
    let reset = |password: Value| json!({"password": NEW_PASSWORD, "ownPassword": password});
    let post = async |path: String, body: Value| world.with(&admin, "POST", &path, body).await;
    let required = (403, "password_required");
    for wrong in [json!(null), json!(""), json!("otra-clave")] {
        let got = post(format!("/team/{luis}/reset"), reset(wrong.clone())).await;
        assert_eq!(got.failure(), required, "{wrong}");
        let got = post(format!("/team/{luis}/deactivate"), json!({"ownPassword": wrong})).await;
        assert_eq!(got.failure(), required, "{wrong}");
    }
    let got = post(format!("/team/{luis}/deactivate"), json!("texto")).await;
    assert_eq!(got.failure(), required);
    assert_eq!(world.login("luis@avileo.demo", PASSWORD).await.status, 200);
    assert_eq!(post(format!("/team/{luis}/reset"), reset(json!(PASSWORD))).await.status, 200);
    assert_eq!(post(format!("/team/{luis}/deactivate"), own(PASSWORD)).await.status, 200);
    // A seller's is not asked for, so that an older app still does it.
    assert_eq!(post(format!("/team/{rosa}/reset"), reset(json!(null))).await.status, 200);
    assert_eq!(post(format!("/team/{rosa}/deactivate"), json!(null)).await.status, 200);
}

#[tokio::test]
async fn guesses_at_ones_own_password_are_counted() {
    let world = World::new();
    let (admin, _) = world.team().await;
    let (_, luis) = world.second_admin(&admin).await;
    let path = format!("/team/{luis}/deactivate");
    for _ in 0..5 {
        let got = world.with(&admin, "POST", &path, own("adivinada")).await;
        assert_eq!(got.failure(), (403, "password_required"));
    }
    let got = world.with(&admin, "POST", &path, own(PASSWORD)).await;
    assert_eq!(got.failure(), (429, "too_many_attempts"));
}

/// Both have passed every check that reads before either writes.
async fn at_once(world: &World, action: &str, body: &Value) -> [Got; 2] {
    let ana = world.register().await.text("token");
    let (luis, luis_id) = world.second_admin(&ana).await;
    let ana_id = world.claims(&ana).await.user;
    let [one, two] = Together::about_to_write(&world.tables);
    let ask = async |tables: Together, token: &str, id: &str| {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        let path = format!("/team/{id}/{action}");
        send(world.routes_over(tables), "POST", &path, &headers, body).await
    };
    let (first, second) = tokio::join!(ask(one, &ana, &luis_id), ask(two, &luis, ana_id.as_str()));
    [first, second]
}

#[tokio::test]
async fn of_two_administrators_who_deactivate_each_other_one_stays() {
    let world = World::new();
    let mut answers = at_once(&world, "deactivate", &own(PASSWORD)).await;
    answers.sort_by_key(|got| got.status);
    assert_eq!(answers[0].status, 200, "{}", answers[0].body);
    assert_eq!(answers[1].failure(), (401, "user_inactive"));
    assert_eq!(world.active_administrators(), 1);
}

#[tokio::test]
async fn of_two_administrators_who_reset_each_other_one_keeps_the_session() {
    let world = World::new();
    let body = json!({"password": NEW_PASSWORD, "ownPassword": PASSWORD});
    let mut answers = at_once(&world, "reset", &body).await;
    answers.sort_by_key(|got| got.status);
    assert_eq!(answers[0].status, 200, "{}", answers[0].body);
    assert_eq!(answers[1].failure(), (401, "invalid_token"));
}

#[tokio::test]
async fn a_login_that_is_overtaken_by_a_reset_opens_no_session() {
    let world = World::new();
    let (admin, id) = world.team().await;
    let [one, two] = Together::about_to_write(&world.tables);
    let body = json!({"email": "rosa@avileo.demo", "password": PASSWORD});
    // Both have read the old password's hash: whichever writes first, none of its sessions is left.
    let login = async { send(world.routes_over(one), "POST", "/auth/login", &[], &body).await };
    let reset = async {
        let authorization = format!("Bearer {admin}");
        let headers = [("authorization", authorization.as_str())];
        let (path, body) = (format!("/team/{id}/reset"), json!({"password": NEW_PASSWORD}));
        send(world.routes_over(two), "POST", &path, &headers, &body).await
    };
    let (got, reset) = tokio::join!(login, reset);
    assert_eq!(reset.status, 200, "{}", reset.body);
    if got.status == 200 {
        assert_eq!(failure_of(&world, &got.text("token")).await, invalid());
    } else {
        assert_eq!(got.failure(), (401, "invalid_credentials"));
    }
}
