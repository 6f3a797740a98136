//! Who may close which day, online; by phone nobody may.

use http_tests::{Phone, Stack, operation, until};
use protocol::Instant;
use serde_json::{Value, json};

/// The date in Lima so many days before the server's today.
fn day(admin: &Phone, ago: i64) -> String {
    let today = admin.send("GET", "/reports/day", None).data()["date"].clone();
    let noon: Instant = format!("{}T17:00:00Z", today.as_str().unwrap()).parse().unwrap();
    noon.plus_millis(-ago * 86_400_000).date_in_lima().to_string()
}

#[test]
fn each_role_closes_the_days_that_the_domain_says_and_no_other() {
    let admin = Stack::shared().business();
    let (rosa, luis) = (admin.seller(), admin.seller());
    let because = "La dueña estaba de viaje";
    let of_rosa = |ago: i64, more: Value| {
        let mut body = json!({"closingDate": day(&admin, ago), "sellerId": rosa.user()});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let why = json!({"backdateReason": because});
    let refused = [
        (&luis, of_rosa(0, json!({})), "403 forbidden"),
        (&rosa, of_rosa(1, why.clone()), "422 closing_not_allowed"),
        (&admin, of_rosa(1, json!({})), "422 closing_not_allowed"),
        (&admin, of_rosa(1, json!({"backdateReason": "  viaje   "})), "422 invalid_field"),
        (&admin, of_rosa(8, why.clone()), "422 closing_not_allowed"),
        (&admin, of_rosa(-1, why.clone()), "422 closing_not_allowed"),
    ];
    for (who, body, failure) in refused {
        assert_eq!(who.send("POST", "/closings", Some(&body)).failure(), failure, "{body}");
    }
    let close = |who: &Phone, id: &str, mut body: Value| {
        body["id"] = id.into();
        let answer = who.send("POST", "/closings", Some(&body));
        assert_eq!(answer.status, 201, "{body}: {}", answer.body);
    };
    close(&rosa, "k0", of_rosa(0, json!({})));
    close(&admin, "k7", of_rosa(7, why));
    let correction = of_rosa(0, json!({"correctionOf": "k0"}));
    let by_herself = rosa.send("POST", "/closings", Some(&correction));
    assert_eq!(by_herself.failure(), "403 forbidden");
    close(&admin, "k9", correction);
    // Whoever it is: by phone a closing is only read.
    for who in [&admin, &rosa, &luis] {
        let today = json!({"closingDate": day(&admin, 0)});
        let result = who.push_one(&operation("closings", "insert", "k5", today));
        assert_eq!(
            (&result["status"], &result["code"]),
            (&json!("rejected"), &json!("read_only_entity"))
        );
    }
    let closings = until("three closings in the feed", || {
        let feed = luis.feed();
        let ids = feed.iter().filter(|change| change["entity"] == "closings");
        let mut ids: Vec<String> =
            ids.map(|change| change["entityId"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids.dedup();
        (ids.len() == 3).then_some(ids)
    });
    assert_eq!(closings, ["k0", "k7", "k9"]);
}
