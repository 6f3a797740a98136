//! Refresh, logout, sessions, passwords, and people who leave.

use std::thread;

use http_tests::{Answer, Phone, Stack, operation};
use serde_json::{Value, json};

use crate::effect::Before;

/// Somebody's present pair of tokens.
#[derive(Debug, Clone)]
struct Login {
    phone: Phone,
    refresh: String,
}

impl Login {
    fn of(phone: Phone) -> Self {
        let refresh = text(&phone.session, "refreshToken");
        Self { phone, refresh }
    }

    /// The same person on one more phone.
    fn again(&self) -> Self {
        let mail = text(&self.phone.session["user"], "email");
        Self::of(Phone::login(Stack::shared().url(), &mail, "clave-segura"))
    }

    fn refresh(&self) -> Answer {
        refresh(&self.phone, &self.refresh)
    }

    /// The login after a refresh.
    fn next(&self) -> Self {
        let answer = self.refresh();
        let mut phone = self.phone.clone();
        phone.session = answer.data().clone();
        Self::of(phone)
    }

    fn is_over(&self) -> bool {
        match self.refresh().body["error"]["code"].as_str() {
            Some(code) => code == "invalid_refresh_token",
            None => false,
        }
    }
}

fn refresh(phone: &Phone, token: &str) -> Answer {
    let body = json!({"refreshToken": token}).to_string();
    phone.send_raw("POST", "/auth/refresh", &[], Some(body.as_bytes()))
}

fn text(object: &Value, field: &str) -> String {
    object[field].as_str().unwrap_or_else(|| panic!("{field} in {object}")).to_owned()
}

fn seller() -> (Phone, Login) {
    let admin = Stack::shared().business();
    let seller = Login::of(admin.seller());
    (admin, seller)
}

fn insert(phone: &Phone) -> Value {
    operation("customers", "insert", &phone.unique(), json!({"name": "Rosa"}))
}

#[test]
fn a_refresh_token_is_rotated_and_a_lost_reply_repeated() {
    let (_, first) = seller();
    let second = first.next();
    assert_ne!(first.refresh, second.refresh);
    assert_eq!(second.phone.push_one(&insert(&second.phone))["status"], "applied");
    assert_eq!(first.next().refresh, second.refresh, "the reply was lost: the same successor");
    assert_eq!(first.next().refresh, second.refresh);
    let third = second.next();
    assert_ne!(third.refresh, second.refresh);
    assert!(!third.is_over());
}

#[test]
fn refreshes_at_once_agree_on_one_successor() {
    let (_, first) = seller();
    let answers: Vec<Answer> = thread::scope(|scope| {
        let tabs: Vec<_> = (0..4).map(|_| scope.spawn(|| first.refresh())).collect();
        tabs.into_iter().map(|tab| tab.join().expect("an answer")).collect()
    });
    for answer in &answers {
        assert_eq!(answer.data()["refreshToken"], answers[0].data()["refreshToken"]);
    }
}

#[test]
fn a_used_token_that_comes_again_ends_its_family_and_no_other() {
    let (_, first) = seller();
    let other = first.again();
    let second = first.next();
    let third = second.next();
    assert_eq!(first.refresh().failure(), "401 invalid_refresh_token");
    assert!(third.is_over(), "the family is revoked");
    assert!(second.is_over());
    assert!(!other.is_over(), "another phone's login stands");
}

#[test]
fn a_token_that_was_never_given_is_refused() {
    let (admin, login) = seller();
    let token = &login.refresh;
    let (start, end) = token.split_at(token.len() - 1);
    let other_end = if end == "A" { "B" } else { "A" };
    for bad in [
        String::new(),
        "x".into(),
        format!("{start}{other_end}"),
        format!("{token}A"),
        start.to_owned(),
        token.to_uppercase(),
        format!(" {token}"),
        "A".repeat(token.len()),
        "A".repeat(100_000),
        login.phone.token().to_owned(),
    ] {
        assert_eq!(refresh(&admin, &bad).failure(), "401 invalid_refresh_token", "{bad:.80}");
    }
    for body in
        [json!({}), json!({"refreshToken": null}), json!({"refreshToken": 7}), json!([token])]
    {
        let answer = admin.send("POST", "/auth/refresh", Some(&body));
        assert_eq!(answer.failure(), "400 invalid_request", "{body}");
    }
    assert!(!login.is_over(), "guessing ends nobody's login");
}

#[test]
fn logout_ends_this_login_once_and_for_all() {
    let (_, login) = seller();
    let other = login.again();
    let gone = login.next();
    let body = json!({"refreshToken": gone.refresh});
    for _ in 0..2 {
        let answer = login.phone.send("POST", "/auth/logout", Some(&body));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert!(gone.is_over() && login.is_over());
    assert!(!other.is_over());
    let answer = other.phone.send("POST", "/auth/logout", Some(&json!({"refreshToken": "x"})));
    assert_eq!(answer.failure(), "401 invalid_refresh_token");
}

#[test]
fn a_lost_phones_login_is_ended_from_another() {
    let (admin, gone) = seller();
    let here = gone.again();
    let list = here.phone.send("GET", "/auth/sessions", None);
    let list = list.data().as_array().expect("a list").clone();
    assert_eq!(list.len(), 2, "{list:?}");
    let shown = json!(list).to_string();
    assert!(!shown.contains(&gone.refresh) && !shown.contains(&here.refresh));
    let of_gone = list.iter().find(|session| session["current"] == false).expect("the other");
    let path = format!("/auth/sessions/{}", text(of_gone, "id"));
    assert_eq!(admin.send("DELETE", &path, None).failure(), "404 record_not_found");
    assert!(!gone.is_over(), "nobody else can end it");
    assert_eq!(here.phone.send("DELETE", &path, None).status, 200);
    assert!(gone.is_over());
    assert_eq!(here.phone.send("DELETE", &path, None).failure(), "404 record_not_found");
    assert_eq!(here.phone.send("DELETE", "/auth/sessions/x", None).failure(), "400 invalid_id");
    assert!(!here.is_over());
}

#[test]
fn a_changed_password_ends_the_other_logins() {
    let (_, here) = seller();
    let other = here.again();
    let change = |old: &str, new: &str| {
        let body = json!({"currentPassword": old, "newPassword": new});
        here.phone.send("POST", "/auth/password", Some(&body))
    };
    assert_eq!(change("otra-clave", "clave-nueva").failure(), "401 invalid_credentials");
    assert_eq!(change("clave-segura", "corta").failure(), "422 invalid_password");
    assert!(!other.is_over(), "nothing has changed yet");
    let other = other.next();
    assert_eq!(change("clave-segura", "clave-nueva").status, 200);
    assert!(other.is_over());
    assert!(!here.is_over());
    let mail = text(&here.phone.session["user"], "email");
    let login = |password: &str| {
        let body = json!({"email": mail, "password": password}).to_string();
        here.phone.send_raw("POST", "/auth/login", &[], Some(body.as_bytes()))
    };
    assert_eq!(login("clave-segura").failure(), "401 invalid_credentials");
    assert_eq!(login("clave-nueva").status, 200);
}

#[test]
fn an_administrator_gives_a_seller_a_new_password() {
    let (admin, login) = seller();
    let path = format!("/team/{}/reset", login.phone.user());
    let weak = admin.send("POST", &path, Some(&json!({"password": "corta"})));
    assert_eq!(weak.failure(), "422 invalid_password");
    let nobody = admin.send("POST", "/team/nadie/reset", Some(&json!({"password": "clave-nueva"})));
    assert_eq!(nobody.failure(), "404 record_not_found");
    assert_eq!(admin.send("POST", &path, Some(&json!({"password": "clave-nueva"}))).status, 200);
    assert!(login.is_over());
    let mail = text(&login.phone.session["user"], "email");
    let back = Phone::login(Stack::shared().url(), &mail, "clave-nueva");
    assert_eq!(back.push_one(&insert(&back))["status"], "applied");
}

#[test]
fn who_has_left_brings_only_what_he_had_done() {
    let (admin, login) = seller();
    let rosa = &login.phone;
    let done_before = insert(rosa);
    let kept = insert(rosa);
    assert_eq!(rosa.push_one(&kept)["status"], "applied");
    let before = Before::of(&admin, 1);

    let path = format!("/team/{}/deactivate", rosa.user());
    let left = admin.send("POST", &path, None);
    assert_eq!(left.data()["active"], false);
    let again = admin.send("POST", &path, None);
    assert_eq!(again.data(), left.data(), "once more changes nothing");
    let own = format!("/team/{}/deactivate", admin.user());
    assert_eq!(admin.send("POST", &own, None).failure(), "403 forbidden");

    let batch = json!({"operations": [&done_before]});
    for (path, body) in [("/sync/batch", batch), ("/customers", json!({"name": "Rosa"}))] {
        let answer = rosa.send("POST", path, Some(&body));
        assert_eq!(answer.failure(), "401 user_inactive", "{path}");
    }
    before.nothing_has_changed(&admin);
    let mail = text(&rosa.session["user"], "email");
    let body = json!({"email": mail, "password": "clave-segura"}).to_string();
    let login_again = rosa.send_raw("POST", "/auth/login", &[], Some(body.as_bytes()));
    assert_eq!(login_again.data()["user"]["role"], "SALIENTE");

    let leaving = login.next();
    assert_eq!(leaving.phone.session["user"]["role"], "SALIENTE");
    let phone = &leaving.phone;
    for (method, path) in [
        ("GET", "/sync/changes"),
        ("GET", "/sync/snapshot"),
        ("POST", "/customers"),
        ("POST", "/products"),
        ("GET", "/team"),
        ("POST", "/auth/password"),
        ("GET", "/auth/sessions"),
    ] {
        let body = json!({"name": "Rosa", "currentPassword": "x", "newPassword": "x"});
        let answer = phone.send(method, path, (method == "POST").then_some(&body));
        assert_eq!(answer.failure(), "403 forbidden", "{method} {path}");
    }
    let results = phone.push(&[done_before, insert(phone), kept]);
    assert_eq!(results[0]["status"], "applied", "{results:?}");
    assert_eq!(results[0]["record"]["flags"], json!(["departed_seller"]));
    assert_eq!(results[1]["code"], "after_deactivation");
    assert_eq!(results[2]["status"], "duplicate");
    assert_eq!(admin.feed_of(3).len(), 3, "his customer, the mark, and what he brought");
}
