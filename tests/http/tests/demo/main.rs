//! The demo business as whoever starts the system finds it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use http_tests::{Phone, Stack, StackOptions};
use protocol::Instant;
use serde_json::{Value, json};

/// What the feed says last of each record, by `entity#id`.
type Records = BTreeMap<String, Value>;

#[test]
fn a_new_day_adds_its_sales_and_doubles_nothing() {
    let (yesterday, today) = (day(1), day(0));
    let stack = Stack::start(&until_day(&yesterday));
    let before = records(&stack);
    for (entity, count) in
        [("products", 6), ("product_variants", 14), ("customers", 40), ("distribuciones", 14)]
    {
        assert_eq!(of(&before, entity).count(), count, "{entity}");
    }
    assert!(of(&before, "sales").count() >= 98);
    assert!(of(&before, "abonos").count() >= 14);
    assert!(of(&before, "sales").any(|sale| sold_on(sale) == yesterday));

    let stack = stack.kill_and_restart(&until_day(&today));
    let after = records(&stack);
    for (key, record) in &before {
        let closed = key.starts_with(&format!("distribuciones#load-{yesterday}"));
        if closed {
            assert_eq!(
                (&record["estado"], &after[key]["estado"]),
                (&json!("en_ruta"), &json!("cerrado"))
            );
        } else {
            assert_eq!(record, &after[key], "{key} has changed");
        }
    }
    let new = |entity| {
        let known = &before;
        let all = after.iter().filter(move |(key, _)| !known.contains_key(*key));
        all.filter(move |(key, _)| key.split('#').next() == Some(entity)).map(|(_, record)| record)
    };
    assert_eq!(new("distribuciones").count(), 2);
    assert_eq!(new("customers").count() + new("products").count(), 0);
    assert!(new("sales").count() >= 14);
    assert!(new("sales").all(|sale| sold_on(sale) == today));
}

#[test]
fn after_weeks_without_a_start_no_load_of_then_is_still_on_its_way() {
    let (then, today) = (day(16), day(0));
    let stack = Stack::start(&until_day(&then));
    let on_its_way = |records: &Records| -> Vec<String> {
        let open = of(records, "distribuciones").filter(|load| load["estado"] == "en_ruta");
        open.map(|load| load["fecha"].as_str().expect("a date").to_owned()).collect()
    };
    assert_eq!(on_its_way(&records(&stack)), [then.clone(), then]);
    let stack = stack.kill_and_restart(&until_day(&today));
    let after = records(&stack);
    assert_eq!(on_its_way(&after), [today.clone(), today]);
    assert_eq!(of(&after, "distribuciones").count(), 28);
}

#[test]
#[should_panic(expected = "still to come")]
fn a_day_that_is_to_come_stops_the_start() {
    Stack::start(&until_day(&day(-2)));
}

fn until_day(day: &str) -> StackOptions {
    StackOptions {
        seed_demo: true,
        demo_day: Some(day.to_owned()),
        on_disk: true,
        ..StackOptions::default()
    }
}

/// The date in Lima so many days ago.
fn day(ago: i64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now_ms = now.expect("the clock is past 1970").as_millis();
    let now = Instant::from_millis(i64::try_from(now_ms).expect("in range"));
    now.plus_millis(-ago * 86_400_000).date_in_lima().to_string()
}

/// All records of the feed. A stack that is ready has published the demo business whole.
fn records(stack: &Stack) -> Records {
    let rosa = Phone::login(stack.url(), "rosa@avileo.demo", "avileo-demo");
    let feed = rosa.feed();
    let mut records = Records::new();
    for change in &feed {
        let text = |field: &str| change[field].as_str().expect("a text").to_owned();
        let key = format!("{}#{}", text("entity"), text("entityId"));
        let twice = change["action"] == "insert" && records.contains_key(&key);
        assert!(!twice, "{key} is inserted twice");
        records.insert(key, change["record"].clone());
    }
    records
}

fn of<'a>(records: &'a Records, entity: &'a str) -> impl Iterator<Item = &'a Value> {
    let own = records.iter().filter(move |(key, _)| key.split('#').next() == Some(entity));
    own.map(|(_, record)| record)
}

fn sold_on(sale: &Value) -> String {
    let at: Option<Instant> = sale["saleDate"].as_str().and_then(|text| text.parse().ok());
    at.expect("a sale has a date").date_in_lima().to_string()
}
