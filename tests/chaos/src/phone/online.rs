//! What has no offline form: a seller settles his day, an administrator corrects one.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use protocol::{BusinessId, RecordId, Role};
use serde_json::{Value, json};

use super::{Phone, http};
use crate::tally::Closed;

impl Phone {
    /// Asks once, and again with the same key while nobody answers.
    pub(super) fn close_day(&mut self) {
        let Some((id, day, mut body)) = self.closing() else { return };
        body["cashCounted"] = json!(self.money(0, 900));
        let key = self.new_id("op");
        let (url, token) = (self.setup.url.clone(), self.session.token.clone());
        let tally = Arc::clone(&self.setup.tally);
        std::thread::spawn(move || {
            let (bearer, body) = (format!("Bearer {token}"), body.to_string());
            let headers = [("authorization", bearer.as_str()), ("idempotency-key", key.as_str())];
            let url = format!("{url}/api/closings");
            for _ in 0..TRIES_MAX {
                let Ok(answer) = http::exchange("POST", &url, &headers, Some(&body)) else {
                    continue;
                };
                let Ok(said) = serde_json::from_str::<Value>(&answer.body) else { continue };
                if said["success"] == true {
                    tally.count("days closed or corrected");
                    tally.promises().closed.insert(id, day);
                    return;
                }
                let code = said["error"]["code"].as_str().unwrap_or("?");
                tally.count(&format!("closings refused {} {code}", answer.status));
                if answer.status < 500 {
                    return;
                }
            }
        });
    }

    fn closing(&mut self) -> Option<(RecordId, Closed, Value)> {
        let id: RecordId = self.new_id("closing").parse().expect("an id");
        let business = self.account.business.clone();
        if self.session.user.role == Role::AdminNegocio {
            let days = self.days_closed_in(&business);
            let (corrected, day) = self.dice.pick(&days)?.clone();
            let body = json!({"id": id, "closingDate": day.date, "sellerId": day.seller,
                "correctionOf": corrected});
            return Some((id, day, body));
        }
        let day = Closed { business, seller: self.account.user.clone(), date: today() };
        let body = json!({"id": id, "closingDate": day.date});
        Some((id, day, body))
    }

    fn days_closed_in(&self, business: &BusinessId) -> Vec<(RecordId, Closed)> {
        let promises = self.setup.tally.promises();
        let days = promises.closed.iter().filter(|(_, day)| day.business == *business);
        days.map(|(id, day)| (id.clone(), day.clone())).collect()
    }
}

/// Lima is five hours behind, all year.
fn today() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("past 1970");
    let now_ms = i64::try_from(now.as_millis()).expect("in range");
    protocol::Instant::from_millis(now_ms - 5 * 3_600_000).to_string()[..10].to_owned()
}

const TRIES_MAX: usize = 4;
