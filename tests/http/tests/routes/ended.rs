//! Tokens whose session has ended, on every function; a thief with a token; administrators who act
//! on each other at once.

use std::thread;

use http_tests::{Answer, Phone, Stack, operation};
use serde_json::{Value, json};

use crate::effect::Before;

/// A phone's name of its session, and what ends it.
type End = (&'static str, fn(&Team, &Phone));

/// A business, and a seller with two phones.
struct Team {
    admin: Phone,
    email: String,
    other: Phone,
}

const PASSWORD: &str = "clave-segura";

fn email_of(phone: &Phone) -> String {
    phone.session["user"]["email"].as_str().expect("an email").to_owned()
}

fn login(email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password}).to_string();
    let phone = Stack::shared().business();
    phone.send_raw("POST", "/auth/login", &[], Some(body.as_bytes()))
}

impl Team {
    /// The phone of the seller that is about to lose its session, and the rest.
    fn new() -> (Self, Phone) {
        let admin = Stack::shared().business();
        let phone = admin.seller();
        let email = email_of(&phone);
        let other = Phone::login(Stack::shared().url(), &email, PASSWORD);
        (Self { admin, email, other }, phone)
    }
}

fn customer(phone: &Phone) -> Value {
    operation("customers", "insert", &phone.unique(), json!({"name": "Rosa"}))
}

/// Every route that reads or writes in a member's name, but the feed, which the edge keeps.
fn every_route(phone: &Phone) -> Vec<(&'static str, String, Option<Value>)> {
    let get = |path: &str| ("GET", path.to_owned(), None);
    let mut routes: Vec<_> = [
        "/customers",
        "/customers/c1",
        "/customers?debt=true",
        "/sales",
        "/abonos",
        "/distribuciones",
        "/distribuciones/mine",
        "/products",
        "/product-variants",
        "/closings",
        "/records/customers/c1/history",
        "/reports/accounts-receivable",
        "/reports/day",
        "/sync/snapshot",
        "/auth/sessions",
        "/team",
    ]
    .into_iter()
    .map(get)
    .collect();
    let change = json!({"currentPassword": PASSWORD, "newPassword": "otra-clave-nueva"});
    routes.extend([
        ("POST", "/sync/batch".to_owned(), Some(json!({"operations": [customer(phone)]}))),
        ("POST", "/sync/batch".to_owned(), Some(json!({"operations": ["texto"]}))),
        ("POST", "/customers".to_owned(), Some(json!({"name": "Rosa"}))),
        ("PUT", "/customers/c1".to_owned(), Some(json!({"name": "Rosa"}))),
        ("DELETE", "/customers/c1".to_owned(), None),
        ("POST", "/closings".to_owned(), Some(json!({"closingDate": "2026-11-20"}))),
        ("POST", "/auth/password".to_owned(), Some(change)),
        ("DELETE", format!("/auth/sessions/{}", uuid_of(phone)), None),
    ]);
    routes
}

/// An id of the right form.
fn uuid_of(phone: &Phone) -> &str {
    phone.user()
}

#[test]
fn a_token_opens_nothing_once_its_session_has_ended_however_it_did() {
    let ends: &[End] = &[
        ("signed out", |_, phone| {
            let token = json!({"refreshToken": phone.session["refreshToken"]});
            assert_eq!(phone.send("POST", "/auth/logout", Some(&token)).status, 200);
        }),
        ("a lost phone", |team, _| {
            let sessions = team.other.send("GET", "/auth/sessions", None);
            let sessions = sessions.data().as_array().expect("a list").clone();
            let lost = sessions.iter().find(|one| one["current"] == false).expect("the other");
            let path = format!("/auth/sessions/{}", lost["id"].as_str().expect("an id"));
            assert_eq!(team.other.send("DELETE", &path, None).status, 200);
        }),
        ("a changed password", |team, _| {
            let change = json!({"currentPassword": PASSWORD, "newPassword": "clave-nueva"});
            assert_eq!(team.other.send("POST", "/auth/password", Some(&change)).status, 200);
        }),
        ("a reset", |team, phone| {
            let path = format!("/team/{}/reset", phone.user());
            let reset = json!({"password": "clave-nueva"});
            assert_eq!(team.admin.send("POST", &path, Some(&reset)).status, 200);
        }),
        ("a refresh token that came again", |_, phone| {
            let refresh = |token: &Value| {
                phone.send("POST", "/auth/refresh", Some(&json!({"refreshToken": token})))
            };
            let first = phone.session["refreshToken"].clone();
            let second = refresh(&first).data()["refreshToken"].clone();
            refresh(&second).data();
            assert_eq!(refresh(&first).failure(), "401 invalid_refresh_token");
        }),
    ];
    for (what, end) in ends {
        let (team, phone) = Team::new();
        team.admin.push_one(&operation("customers", "insert", "c1", json!({"name": "Rosa"})));
        let before = Before::of(&team.admin, 1);
        end(&team, &phone);
        for (method, path, body) in every_route(&phone) {
            let answer = phone.send(method, &path, body.as_ref());
            assert_eq!(answer.failure(), "401 invalid_token", "{what}: {method} {path}");
        }
        before.nothing_has_changed(&team.admin);
    }
}

#[test]
fn an_administrators_stolen_token_takes_no_business() {
    let stack = Stack::shared();
    let thief = stack.business();
    let (owner, email) = (thief.user().to_owned(), email_of(&thief));
    let mut back_door = json!({"name": "Puerta", "email": format!("p-{}@example.pe", thief.unique()),
        "password": PASSWORD, "role": "ADMIN_NEGOCIO"});
    let reset = json!({"password": "clave-robada"});
    let own_reset = format!("/team/{owner}/reset");
    let answer = thief.send("POST", "/team", Some(&back_door));
    assert_eq!(answer.failure(), "403 password_required");
    assert!(
        answer.body["error"]["message"].as_str().is_some_and(|said| said.contains("contraseña"))
    );
    back_door["ownPassword"] = "adivinada".into();
    let answer = thief.send("POST", "/team", Some(&back_door));
    assert_eq!(answer.failure(), "403 password_required");
    assert_eq!(thief.send("POST", &own_reset, Some(&reset)).failure(), "403 forbidden");

    let here = Phone::login(stack.url(), &email, PASSWORD);
    let change = json!({"currentPassword": PASSWORD, "newPassword": "clave-nueva"});
    assert_eq!(here.send("POST", "/auth/password", Some(&change)).status, 200);
    for (method, path, body) in [
        ("GET", "/team".to_owned(), None),
        ("POST", "/team".to_owned(), Some(&back_door)),
        ("POST", own_reset, Some(&reset)),
        ("POST", format!("/team/{owner}/deactivate"), None),
    ] {
        let answer = thief.send(method, &path, body);
        assert_eq!(answer.failure(), "401 invalid_token", "{method} {path}");
    }
    assert_eq!(login(&email, "clave-nueva").status, 200);
    assert_eq!(here.send("GET", "/team", None).data().as_array().map(Vec::len), Some(1));
}

#[test]
fn what_was_written_before_a_reset_and_a_deactivation_is_delivered_with_the_new_password() {
    let (team, phone) = Team::new();
    let (written, user) = (customer(&phone), phone.user());
    let reset = json!({"password": "clave-nueva"});
    assert_eq!(team.admin.send("POST", &format!("/team/{user}/reset"), Some(&reset)).status, 200);
    assert_eq!(team.admin.send("POST", &format!("/team/{user}/deactivate"), None).status, 200);
    let batch = json!({"operations": [written]});
    let answer = phone.send("POST", "/sync/batch", Some(&batch));
    assert_eq!(answer.failure(), "401 user_inactive");
    let back = Phone::login(Stack::shared().url(), &team.email, "clave-nueva");
    assert_eq!(back.session["user"]["role"], "SALIENTE");
    assert_eq!(back.send("GET", "/customers", None).failure(), "403 forbidden");
    let results = back.push(&[written, customer(&back)]);
    assert_eq!(results[0]["status"], "applied", "{results:?}");
    assert_eq!(results[1]["code"], "after_deactivation", "{results:?}");
    team.admin.feed_of(1);
}

/// Both ask at the same moment; how each was answered.
fn against_each_other(action: &str, body: &Value) -> (Phone, Phone, [Answer; 2]) {
    let stack = Stack::shared();
    let ana = stack.business();
    let email = format!("luis-{}@example.pe", ana.unique());
    let second = json!({"name": "Luis Rojas", "email": email, "password": PASSWORD,
        "role": "ADMIN_NEGOCIO", "ownPassword": PASSWORD});
    ana.send("POST", "/team", Some(&second)).data();
    let luis = Phone::login(stack.url(), &email, PASSWORD);
    let answers = thread::scope(|scope| {
        let asked = [(&ana, &luis), (&luis, &ana)].map(|(who, whom)| {
            let path = format!("/team/{}/{action}", whom.user());
            scope.spawn(move || who.send("POST", &path, Some(body)))
        });
        asked.map(|asked| asked.join().expect("an answer"))
    });
    (ana, luis, answers)
}

#[test]
fn ten_times_of_two_administrators_who_deactivate_each_other_one_stays() {
    for round in 0..10 {
        let (ana, luis, answers) =
            against_each_other("deactivate", &json!({"ownPassword": PASSWORD}));
        let statuses = answers.clone().map(|answer| answer.status);
        assert!(matches!(statuses, [200, 401] | [401, 200]), "{round}: {answers:?}");
        let stays = if statuses[0] == 200 { &ana } else { &luis };
        let team = stays.send("GET", "/team", None);
        let team = team.data().as_array().expect("a list");
        assert_eq!(team.iter().filter(|one| one["active"] == true).count(), 1, "{round}");
    }
}

#[test]
fn of_two_administrators_who_reset_each_other_one_keeps_the_session() {
    let body = json!({"password": "clave-nueva", "ownPassword": PASSWORD});
    for round in 0..3 {
        let (ana, luis, answers) = against_each_other("reset", &body);
        let done = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "{round}: {answers:?}");
        let open = [&ana, &luis].map(|who| who.send("GET", "/team", None).status);
        assert!(matches!(open, [200, 401] | [401, 200]), "{round}: {open:?}");
    }
}
