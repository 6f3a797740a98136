//! `POST /auth/refresh` and `POST /auth/logout`.

use protocol::Role;
use serde_json::json;
use store::memory::{Fault, Script};

use crate::world::{Together, World, send};

const REFUSED: (u16, &str) = (401, "invalid_refresh_token");

#[tokio::test]
async fn a_lost_reply_is_made_good_by_asking_again() {
    let world = World::new();
    let first = world.register().await.text("refreshToken");
    world.pass(3600);
    let once = world.refresh(&first).await;
    let again = world.refresh(&first).await;
    assert_eq!((once.status, again.status), (200, 200));
    assert_eq!(once.text("refreshToken"), again.text("refreshToken"));
    assert_ne!(once.text("refreshToken"), first);
    assert_eq!(once.data()["user"], again.data()["user"]);
    assert_eq!(once.data()["expiresAt"], "2026-11-22T14:20:00.000Z");
}

#[tokio::test]
async fn a_token_used_after_its_successor_ends_the_session() {
    let world = World::new();
    let first = world.register().await.text("refreshToken");
    let second = world.refresh(&first).await.text("refreshToken");
    let third = world.refresh(&second).await.text("refreshToken");
    // The second may still be repeated: its reply may be the one that was lost.
    assert_eq!(world.refresh(&second).await.text("refreshToken"), third);
    assert_eq!(world.refresh(&first).await.failure(), REFUSED);
    for token in [&first, &second, &third] {
        assert_eq!(world.refresh(token).await.failure(), REFUSED);
    }
}

#[tokio::test]
async fn a_forged_token_ends_nothing() {
    let world = World::new();
    let good = world.register().await.text("refreshToken");
    let mut forged = good.clone();
    let last = if forged.ends_with('A') { "Q" } else { "A" };
    forged.replace_range(85..86, last);
    for token in [forged.as_str(), "", "hola", &good[..85]] {
        assert_eq!(world.refresh(token).await.failure(), REFUSED, "{token}");
        let body = json!({"refreshToken": token});
        assert_eq!(world.post("/auth/logout", body).await.failure(), REFUSED, "{token}");
    }
    assert_eq!(world.refresh(&good).await.status, 200);
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_get_the_same_token() {
    let world = World::new();
    let body = json!({"refreshToken": world.register().await.text("refreshToken")});
    let [one, other] = Together::pair(&world.tables).map(|tables| world.routes_over(tables));
    let (one, other) = tokio::join!(
        send(one, "POST", "/auth/refresh", &[], &body),
        send(other, "POST", "/auth/refresh", &[], &body),
    );
    assert_eq!(one.text("refreshToken"), other.text("refreshToken"));
    assert_eq!(world.refresh(&one.text("refreshToken")).await.status, 200);
}

#[tokio::test]
async fn whichever_call_fails_the_session_goes_on() {
    for fault in [Fault::LoseReply, Fault::LoseRequest, Fault::Throttle, Fault::Conflict(0)] {
        for calls_before in 0..3 {
            let world = World::new();
            let first = world.register().await.text("refreshToken");
            let faults = std::iter::repeat_n(Fault::None, calls_before).chain([fault]);
            let shaky = world.routes_over(world.tables.with_faults(Script::new(faults)));
            let body = json!({"refreshToken": first});
            let got = send(shaky, "POST", "/auth/refresh", &[], &body).await;
            assert_eq!(got.status, 200, "{fault:?} after {calls_before}: {}", got.body);
            assert_eq!(world.refresh(&got.text("refreshToken")).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_token_lives_sixty_days_from_its_last_use() {
    const DAY: u64 = 86_400;
    let world = World::new();
    let first = world.register().await.text("refreshToken");
    world.pass(60 * DAY - 1);
    let second = world.refresh(&first).await.text("refreshToken");
    world.pass(59 * DAY);
    let third = world.refresh(&second).await.text("refreshToken");
    world.pass(60 * DAY);
    assert_eq!(world.refresh(&third).await.failure(), REFUSED);
}

#[tokio::test]
async fn a_deactivated_sellers_refresh_gives_a_leaving_token() {
    let world = World::new();
    let (admin, id) = world.team().await;
    let login = world.login("rosa@avileo.demo", crate::world::PASSWORD).await;
    world.with(&admin, "POST", &format!("/team/{id}/deactivate"), json!(null)).await;
    let ordinary = world.with(&login.text("token"), "GET", "/auth/sessions", json!(null)).await;
    assert_eq!(ordinary.failure(), (401, "user_inactive"));

    let leaving = world.refresh(&login.text("refreshToken")).await;
    assert_eq!(leaving.data()["user"]["role"], "SALIENTE");
    let token = leaving.text("token");
    assert_eq!(world.claims(&token).await.role, Role::Saliente);
    for (method, path) in [
        ("GET", "/auth/sessions"),
        ("DELETE", "/auth/sessions/90be8b3c-51d6-4a07-a6a5-7d1f3c1f2b11"),
        ("GET", "/team"),
        ("POST", "/team"),
        ("POST", "/team/x/reset"),
        ("POST", "/team/x/deactivate"),
        ("POST", "/auth/password"),
    ] {
        let got = world.with(&token, method, path, json!({})).await;
        assert_eq!(got.failure(), (403, "forbidden"), "{method} {path}");
    }
}

#[tokio::test]
async fn a_logout_ends_the_session_by_any_of_its_tokens_and_only_that_session() {
    let world = World::new();
    let first = world.register().await.text("refreshToken");
    let other = world.login("admin@avileo.demo", crate::world::PASSWORD).await;
    let second = world.refresh(&first).await.text("refreshToken");
    let got = world.post("/auth/logout", json!({"refreshToken": first})).await;
    assert_eq!((got.status, got.data()), (200, &json!(null)));
    assert_eq!(world.refresh(&second).await.failure(), REFUSED);
    // A reply that was lost: the phone says it again.
    let again = world.post("/auth/logout", json!({"refreshToken": first})).await;
    assert_eq!(again.status, 200);
    assert_eq!(world.refresh(&other.text("refreshToken")).await.status, 200);
}
