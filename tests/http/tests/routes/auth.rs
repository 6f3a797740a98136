//! `/auth/register`, `/auth/login` and `POST /team`: how people come in.

use std::thread;

use http_tests::{Answer, Phone, Stack, StackOptions, operation};
use serde_json::{Value, json};

use crate::effect::Before;
use crate::signer;

/// Posts without a token.
fn post(path: &str, body: &Value) -> Answer {
    static STRANGER: std::sync::LazyLock<Phone> =
        std::sync::LazyLock::new(|| Stack::shared().business());
    let text = body.to_string();
    STRANGER.send_raw("POST", path, &[], Some(text.as_bytes()))
}

fn registration(email: &str) -> Value {
    json!({"businessName": "Avícola Sur", "name": "Ana", "email": email, "password": "clave-segura"})
}

fn email(phone: &Phone) -> String {
    phone.session["user"]["email"].as_str().expect("an e-mail").to_owned()
}

#[test]
fn a_new_business_signs_in_as_it_registered() {
    let admin = Stack::shared().business();
    let mail = format!("  Ana.{}@Example.PE ", admin.unique());
    let made = post("/auth/register", &registration(&mail));
    assert_eq!(made.status, 201, "{}", made.body);
    let folded = mail.trim().to_lowercase();
    for mail in [&folded, &mail, &folded.to_uppercase()] {
        let login = post("/auth/login", &json!({"email": mail, "password": "clave-segura"}));
        assert_eq!(login.data()["user"], made.data()["user"]);
        assert_eq!(login.headers["cache-control"], "no-store");
        assert_ne!(login.data()["refreshToken"], made.data()["refreshToken"]);
        let (header, claims) = signer::opened(login.data()["token"].as_str().expect("a token"));
        assert_eq!(header["alg"], "HS256");
        assert!(header["kid"].is_string());
        let user = &login.data()["user"];
        assert_eq!(
            (&claims["sub"], &claims["biz"], &claims["role"]),
            (&user["id"], &user["businessId"], &json!("ADMIN_NEGOCIO"))
        );
        let latest = signer::claims(&admin, 15 * 60)["exp"].as_i64().expect("a number");
        assert!(claims["exp"].as_i64().is_some_and(|end| end <= latest), "15 minutes at most");
    }
    assert_eq!(made.data()["user"]["email"], folded.as_str());
    assert_eq!(made.data()["user"]["businessName"], "Avícola Sur");
}

#[test]
fn one_email_is_one_user_whoever_comes_first() {
    let admin = Stack::shared().business();
    let mail = format!("carrera-{}@example.pe", admin.unique());
    let spelled = [mail.clone(), mail.to_uppercase(), format!(" {mail}"), mail.clone()];
    let answers: Vec<Answer> = thread::scope(|scope| {
        let racers: Vec<_> = spelled
            .iter()
            .map(|mail| scope.spawn(|| post("/auth/register", &registration(mail))))
            .collect();
        racers.into_iter().map(|racer| racer.join().expect("an answer")).collect()
    });
    let won: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    for lost in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(lost.failure(), "409 email_taken");
    }
    let late = post("/auth/register", &registration(&mail));
    assert_eq!(late.failure(), "409 email_taken");
    let member =
        json!({"name": "Luis", "email": mail, "password": "clave-segura", "role": "VENDEDOR"});
    assert_eq!(admin.send("POST", "/team", Some(&member)).failure(), "409 email_taken");
    let login = post("/auth/login", &json!({"email": mail, "password": "clave-segura"}));
    assert_eq!(login.data()["user"], won[0].data()["user"], "the winner's user stands");
    assert_eq!(admin.send("GET", "/team", None).data().as_array().map(Vec::len), Some(1));
}

#[test]
fn a_wrong_password_and_an_unknown_email_are_answered_alike() {
    let admin = Stack::shared().business();
    let known = email(&admin);
    let unknown = format!("nadie-{}@example.pe", admin.unique());
    let mut answers = Vec::new();
    for (mail, password) in [
        (known.as_str(), "otra-clave"),
        (unknown.as_str(), "otra-clave"),
        (unknown.as_str(), "clave-segura"),
        (known.as_str(), ""),
        (known.as_str(), "CLAVE-SEGURA"),
        (known.as_str(), " clave-segura"),
        ("no es un correo", "clave-segura"),
    ] {
        let mut answer = post("/auth/login", &json!({"email": mail, "password": password}));
        assert_eq!(answer.failure(), "401 invalid_credentials", "{mail:?} {password:?}");
        answer.headers.remove("date");
        answers.push((answer.body, answer.headers));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let long = "a".repeat(100_000);
    let answer = post("/auth/login", &json!({"email": unknown, "password": long}));
    assert_eq!(answer.failure(), "401 invalid_credentials");
}

#[test]
fn the_sixth_wrong_password_within_a_minute_waits() {
    // A stack of its own: an address, too, has only so many attempts, and all tests share one.
    let stack = Stack::start(&StackOptions::default());
    let (admin, other) = (stack.business(), stack.business());
    let post = |path: &str, body: &Value| {
        admin.send_raw("POST", path, &[], Some(body.to_string().as_bytes()))
    };
    let unknown = format!("nadie-{}@example.pe", admin.unique());
    for mail in [email(&admin), unknown] {
        let wrong = json!({"email": mail, "password": "otra-clave"});
        for _ in 0..5 {
            assert_eq!(post("/auth/login", &wrong).failure(), "401 invalid_credentials");
        }
        let right = json!({"email": mail.to_uppercase(), "password": "clave-segura"});
        for sixth in [&wrong, &right] {
            let answer = post("/auth/login", sixth);
            assert_eq!(answer.failure(), "429 too_many_attempts", "{mail}");
            let wait: u64 = answer.headers["retry-after"].parse().expect("seconds");
            assert!((1..=60).contains(&wait), "{wait}");
        }
    }
    // Neither who is signed in nor anybody else has to wait.
    assert_eq!(admin.send("GET", "/team", None).status, 200);
    let right = json!({"email": email(&other), "password": "clave-segura"});
    assert_eq!(post("/auth/login", &right).status, 200);
}

/// Fields of a new user with what may not be in them, and the code.
fn bad_users() -> Vec<(&'static str, Value, &'static str)> {
    let mut list: Vec<(&str, Value, &str)> = Vec::new();
    for mail in [
        "",
        "@",
        "ana",
        "ana@",
        "@x.pe",
        "ana@x",
        "ana@x.",
        "ana@.pe",
        "ana@-x.pe",
        "a b@x.pe",
        "ana@@x.pe",
        "a@b@x.pe",
        ".ana@x.pe",
        "ana.@x.pe",
        "a..b@x.pe",
        "añá@x.pe",
        "ana@x .pe",
        "ana@x.pe\n.",
        "\"ana\"@x.pe",
        "ana@[127.0.0.1]",
        "ana#1@x.pe\u{0}",
    ] {
        list.push(("email", json!(mail), "422 invalid_email"));
    }
    list.push(("email", json!(format!("{}@x.pe", "a".repeat(65))), "422 invalid_email"));
    list.push(("email", json!(format!("a@{}.pe", "x.".repeat(130))), "422 invalid_email"));
    for password in ["", "1234567", "ñññññññ", &"a".repeat(129)] {
        list.push(("password", json!(password), "422 invalid_password"));
    }
    for name in ["", " ", "A", " A ", "Ana\u{7}", "Ana\nTorres", &"a".repeat(256)] {
        list.push(("name", json!(name), "422 invalid_field"));
    }
    for field in ["email", "password", "name"] {
        for value in [json!(null), json!(7), json!(["x"]), json!({"a": 1}), json!(true)] {
            list.push((field, value, "400 invalid_request"));
        }
    }
    list
}

#[test]
fn a_user_of_a_wrong_form_is_not_made() {
    let admin = Stack::shared().business();
    let before = Before::of(&admin, 0);
    let mail = format!("nadie-{}@example.pe", admin.unique());
    let member =
        json!({"name": "Ana", "email": mail, "password": "clave-segura", "role": "VENDEDOR"});
    let with = |base: &Value, field: &str, value: Value| {
        let mut body = base.clone();
        body[field] = value;
        body
    };
    for (field, value, expected) in bad_users() {
        let what = format!("{field} = {value}");
        let answer = post("/auth/register", &with(&registration(&mail), field, value.clone()));
        assert_eq!(answer.failure(), expected, "register {what}");
        let answer = admin.send("POST", "/team", Some(&with(&member, field, value)));
        assert_eq!(answer.failure(), expected, "team {what}");
    }
    for (value, expected) in [
        (json!(null), "400 invalid_request"),
        (json!(7), "400 invalid_request"),
        (json!(" x "), "422 invalid_field"),
        (json!("x".repeat(256)), "422 invalid_field"),
    ] {
        let answer = post("/auth/register", &with(&registration(&mail), "businessName", value));
        assert_eq!(answer.failure(), expected, "{}", answer.body);
    }
    for (field, value, expected) in [
        ("role", json!(null), "400 invalid_request"),
        ("role", json!("admin_negocio"), "400 invalid_request"),
        ("role", json!("OWNER"), "400 invalid_request"),
        ("role", json!("SALIENTE"), "422 invalid_field"),
        ("salesPoint", json!(7), "400 invalid_request"),
        ("salesPoint", json!("C"), "422 invalid_field"),
        ("salesPoint", json!("x".repeat(101)), "422 invalid_field"),
    ] {
        let answer = admin.send("POST", "/team", Some(&with(&member, field, value)));
        assert_eq!(answer.failure(), expected, "{field}: {}", answer.body);
    }
    let login = post("/auth/login", &json!({"email": mail, "password": "clave-segura"}));
    assert_eq!(login.failure(), "401 invalid_credentials", "none of them was made");
    assert_eq!(admin.send("GET", "/team", None).data().as_array().map(Vec::len), Some(1));
    before.nothing_has_changed(&admin);
}

#[test]
fn texts_at_their_bounds_make_a_user() {
    let admin = Stack::shared().business();
    let unique = admin.unique();
    for (name, password, role, point) in [
        ("Al".to_owned(), "12345678".to_owned(), "VENDEDOR", json!("")),
        ("ñ".repeat(255), "🐔".repeat(128), "ADMIN_NEGOCIO", json!("ñ".repeat(100))),
        ("  Ana  ".to_owned(), "  espacios  ".to_owned(), "VENDEDOR", json!(null)),
    ] {
        let mail = format!("{}-{unique}@example.pe", name.trim().len());
        let member = json!({"name": name, "email": mail, "password": password, "role": role,
            "salesPoint": point, "ownPassword": "clave-segura", "businessId": "otro", "active": false, "id": "otro"});
        let made = admin.send("POST", "/team", Some(&member));
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(
            (&made.data()["name"], &made.data()["active"]),
            (&json!(name.trim()), &json!(true))
        );
        let user = Phone::login(Stack::shared().url(), &mail, &password);
        assert_eq!(user.business(), admin.business());
        assert_eq!(user.session["user"]["role"], role);
        assert_eq!(user.user(), made.data()["id"]);
        let insert = operation("customers", "insert", &mail, json!({"name": "Rosa"}));
        assert_eq!(user.push_one(&insert)["status"], "applied");
    }
}
