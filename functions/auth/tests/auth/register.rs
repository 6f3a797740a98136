//! `POST /auth/register`.

use protocol::{Epoch, Role};
use serde_json::json;
use store::feed::read_head;
use store::memory::{Fault, Script};
use store::tables::Table;

use crate::world::{PASSWORD, Together, World, registration, send};

#[tokio::test]
async fn a_registration_makes_a_business_with_administrator_feed_and_session() {
    let world = World::new();
    let got = world.post("/auth/register", registration("Admin@Avileo.DEMO")).await;
    assert_eq!((got.status, &got.headers["cache-control"]), (201, &"no-store".parse().unwrap()));
    let user = &got.data()["user"];
    assert_eq!(user["email"], "admin@avileo.demo");
    assert_eq!(user["businessName"], "Avícola Demo");
    assert_eq!(user["role"], "ADMIN_NEGOCIO");
    assert_eq!(got.data()["expiresAt"], "2026-11-22T13:20:00.000Z");

    let claims = world.claims(&got.text("token")).await;
    assert_eq!(claims.role, Role::AdminNegocio);
    assert_eq!(user["businessId"], claims.business.as_str());
    assert_eq!(user["id"], claims.user.as_str());
    let head = read_head(&world.tables, &world.clock, &claims.business).await.unwrap();
    assert_eq!((head.epoch, head.number.0), (Epoch(1_795_352_700), 0));

    assert_eq!(world.login("admin@avileo.demo", PASSWORD).await.status, 200);
    assert_eq!(world.refresh(&got.text("refreshToken")).await.status, 200);
}

#[tokio::test]
async fn neither_password_nor_refresh_token_is_stored() {
    let world = World::new();
    let got = world.register().await;
    let stored = serde_json::to_string(&world.tables.scan(Table::Accounts)).unwrap();
    assert!(!stored.contains(PASSWORD));
    assert!(!stored.contains(&got.text("refreshToken")));
    assert!(!stored.contains(&got.text("token")));
    assert!(stored.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn an_email_is_one_user_in_whatever_case() {
    let world = World::new();
    world.register().await;
    let before = world.tables.scan(Table::Accounts);
    let again = world.post("/auth/register", registration(" ADMIN@avileo.demo")).await;
    assert_eq!(again.failure(), (409, "email_taken"));
    assert_eq!(world.tables.scan(Table::Accounts), before);
}

#[tokio::test]
async fn of_two_registrations_at_once_one_wins() {
    let world = World::new();
    let body = registration("admin@avileo.demo");
    let [one, other] = Together::pair(&world.tables).map(|tables| world.routes_over(tables));
    let (one, other) = tokio::join!(
        send(one, "POST", "/auth/register", &[], &body),
        send(other, "POST", "/auth/register", &[], &body),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(world.tables.scan(Table::Changes).len(), 1, "the loser left no feed behind");
}

#[tokio::test]
async fn whichever_call_fails_the_registration_is_whole_and_once() {
    for fault in [Fault::LoseReply, Fault::LoseRequest, Fault::Throttle, Fault::Conflict(0)] {
        for calls_before in 0..4 {
            let world = World::new();
            let faults = std::iter::repeat_n(Fault::None, calls_before).chain([fault]);
            let shaky = world.tables.with_faults(Script::new(faults));
            let body = registration("admin@avileo.demo");
            let got = send(world.routes_over(shaky), "POST", "/auth/register", &[], &body).await;
            assert_eq!(got.status, 201, "{fault:?} after {calls_before}: {}", got.body);
            // Business, its place in the list of all, user, credential, session.
            assert_eq!(world.tables.scan(Table::Accounts).len(), 5);
            assert_eq!(world.tables.scan(Table::Changes).len(), 1);
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_registration_is_named() {
    let world = World::new();
    for (field, value, expected) in [
        ("businessName", json!("A"), (422, "invalid_field")),
        ("name", json!("  "), (422, "invalid_field")),
        ("email", json!("rosa"), (422, "invalid_email")),
        ("password", json!("1234567"), (422, "invalid_password")),
        ("password", json!("a".repeat(129)), (422, "invalid_password")),
        ("password", json!(12_345_678), (400, "invalid_request")),
        ("email", json!(null), (400, "invalid_request")),
    ] {
        let mut body = registration("admin@avileo.demo");
        body[field] = value;
        let got = world.post("/auth/register", body).await;
        assert_eq!(got.failure(), expected, "{field}");
    }
    assert!(world.tables.scan(Table::Accounts).is_empty());
}
