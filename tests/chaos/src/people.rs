//! Who works: three businesses, each with an administrator and sellers; and who is dismissed.
//!
//! What is personal about them carries [`MARKER`], which no log may ever show.

use std::time::{Duration, Instant};

use protocol::Session;
use serde_json::{Value, json};

use crate::phone::PASSWORD;
use crate::phone::http::exchange;
use crate::silence::MARKER;
use crate::tally::Tally;

/// E-mail and session of each person.
pub(crate) type People = Vec<(String, Session)>;

/// Everybody, registered and signed in; an administrator before his sellers.
pub(crate) fn people(url: &str, seed: u64) -> People {
    let mut people = Vec::new();
    for business in 0..BUSINESSES {
        let email = format!("admin-{MARKER}-{seed}-{business}@example.pe");
        let admin = register(url, &email);
        let token = admin.token.clone();
        let product = json!({"id": "pollo", "name": "Pollo", "type": "pollo", "unit": "kg",
            "basePrice": "9.50"});
        post(url, "/products", Some(&token), &product);
        people.push((email, admin));
        for seller in 0..SELLERS {
            let email = format!("seller-{MARKER}-{seed}-{business}-{seller}@example.pe");
            let member = json!({"name": format!("Luis {MARKER} Rojas"), "email": email,
                "password": PASSWORD, "role": "VENDEDOR", "salesPoint": "Carro A"});
            post(url, "/team", Some(&token), &member);
            let session = login(url, &email);
            people.push((email, session));
        }
    }
    people
}

/// The administrator of a new business.
pub(crate) fn register(url: &str, email: &str) -> Session {
    let body = json!({"businessName": format!("Avícola {MARKER}"), "name": format!("Ana {MARKER}"),
        "email": email, "password": PASSWORD});
    let session = post(url, "/auth/register", None, &body);
    serde_json::from_value(session).expect("a session")
}

/// Somebody of [`people`] or [`register`], signed in anew.
pub(crate) fn login(url: &str, email: &str) -> Session {
    let body = json!({"email": email, "password": PASSWORD});
    let session = post(url, "/auth/login", None, &body);
    serde_json::from_value(session).expect("a session")
}

/// The last seller of the first business and of the last are dismissed, by their administrators, on
/// a network that may need many tries.
pub(crate) fn dismiss(people: &People, url: &str, tally: &Tally, until: Instant) {
    for business in [0, BUSINESSES - 1] {
        let team = &people[business * (1 + SELLERS)..(business + 1) * (1 + SELLERS)];
        let (Some((_, admin)), Some((_, seller))) = (team.first(), team.last()) else { continue };
        let url = format!("{url}/api/team/{}/deactivate", seller.user.id);
        let bearer = format!("Bearer {}", admin.token);
        let headers = [("authorization", bearer.as_str())];
        while Instant::now() < until {
            // Once more changes nothing, so a lost answer is asked for again.
            if exchange("POST", &url, &headers, None).is_ok_and(|answer| answer.status == 200) {
                tally.count("sellers dismissed");
                break;
            }
            std::thread::sleep(TRY_EVERY);
        }
    }
}

fn post(url: &str, path: &str, token: Option<&str>, body: &Value) -> Value {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<(&str, &str)> =
        bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
    let answer = exchange("POST", &format!("{url}/api{path}"), &headers, Some(&body.to_string()));
    let answer = answer.unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    assert!(body["success"] == true, "{path}: {} {}", answer.status, answer.body);
    body["data"].take()
}

const BUSINESSES: usize = 3;
const SELLERS: usize = 3;
const TRY_EVERY: Duration = Duration::from_millis(300);
