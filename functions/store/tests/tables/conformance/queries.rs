//! Queries: order, bounds, pages, and the local index.

use serde_json::{Value, json};
use store::tables::{Item, Key, Query, QueryPage, Table, Tables};

use crate::building::{by_seller_date, fill, is_invalid, item, key, of_size, put, range, sorts};

pub(super) async fn a_range_includes_both_ends_in_order_of_bytes(tables: &impl Tables) {
    let ordered = ["A", "B", "a", "a#1", "b", "ñ", "\u{ffff}", "🐔"];
    for sort in ["🐔", "b", "\u{ffff}", "ñ", "a#1", "a", "B", "A"] {
        fill(tables, &[put(&key(sort), json!({}))]).await;
    }
    let page = tables.query(&range("A", "🐔")).await.unwrap();
    assert_eq!(sorts(&page), ordered);
    assert_eq!(page.resume_after, None);
    let inner = tables.query(&range("a", "ñ")).await.unwrap();
    assert_eq!(sorts(&inner), ["a", "a#1", "b", "ñ"]);
    let back = tables.query(&Query { descending: true, ..range("B", "b") }).await.unwrap();
    assert_eq!(sorts(&back), ["b", "a#1", "a", "B"]);
}

pub(super) async fn a_range_stays_in_its_partition_and_table(tables: &impl Tables) {
    let elsewhere =
        [Key::new(Table::Records, "c", "2"), Key::new(Table::Records, "a", "2"), key("4")];
    for key in elsewhere.iter().chain([&Key::new(Table::Changes, "b", "2"), &key("1")]) {
        fill(tables, &[put(key, json!({}))]).await;
    }
    assert_eq!(sorts(&tables.query(&range("1", "3")).await.unwrap()), ["1"]);
    assert_eq!(tables.query(&range("2", "3")).await, Ok(QueryPage::default()));
}

pub(super) async fn a_limit_gives_a_place_to_resume_even_at_the_end(tables: &impl Tables) {
    for sort in ["1", "2", "3", "4"] {
        fill(tables, &[put(&key(sort), json!({"more": sort}))]).await;
    }
    let mut query = Query { limit: Some(2), ..range("1", "9") };
    let first = tables.query(&query).await.unwrap();
    assert_eq!((sorts(&first), &first.resume_after), (vec!["1", "2"], &Some(key("2").to_item())));
    query.after = first.resume_after;
    let second = tables.query(&query).await.unwrap();
    assert_eq!((sorts(&second), &second.resume_after), (vec!["3", "4"], &Some(key("4").to_item())));
    query.after = second.resume_after;
    assert_eq!(tables.query(&query).await, Ok(QueryPage::default()));
    let back = Query { descending: true, after: Some(key("3").to_item()), ..query };
    assert_eq!(sorts(&tables.query(&back).await.unwrap()), ["2", "1"]);
}

pub(super) async fn a_page_stops_at_1_megabyte(tables: &impl Tables) {
    for sort in ["1", "2", "3", "4", "5"] {
        fill(tables, &[of_size(&key(sort), 400_000)]).await;
    }
    let mut query = range("1", "9");
    let mut pages = Vec::new();
    loop {
        let page = tables.query(&query).await.unwrap();
        pages.push(page.items.len());
        query.after = page.resume_after;
        if query.after.is_none() {
            break;
        }
    }
    assert_eq!(pages, [2, 2, 1]);
}

pub(super) async fn the_local_index_is_sparse_and_ordered(tables: &impl Tables) {
    let day = |date: &str| json!({"sellerDate": format!("luis#{date}"), "whole": [1]});
    let writes = [
        put(&key("sales#1"), day("2026-11-22")),
        put(&key("sales#2"), day("2026-11-20")),
        put(&key("sales#3"), day("2026-11-21")),
        put(&key("customers#1"), json!({})),
        put(&key("sales#4"), json!({"sellerDate": "rosa#2026-11-21"})),
    ];
    fill(tables, &writes).await;
    let query = by_seller_date("luis#2026-11-20", "luis#2026-11-21");
    let page = tables.query(&query).await.unwrap();
    assert_eq!(sorts(&page), ["sales#2", "sales#3"]);
    assert_eq!(page.items[1], item(&key("sales#3"), day("2026-11-21")));
    let back = Query { descending: true, limit: Some(1), ..by_seller_date("luis#", "luis#~") };
    let last = tables.query(&back).await.unwrap();
    assert_eq!(sorts(&last), ["sales#1"]);
    let place = item(&key("sales#1"), json!({"sellerDate": "luis#2026-11-22"}));
    assert_eq!(last.resume_after, Some(place));
    // What leaves the attribute behind leaves the index.
    fill(tables, &[put(&key("sales#3"), json!({}))]).await;
    assert_eq!(sorts(&tables.query(&query).await.unwrap()), ["sales#2"]);
}

pub(super) async fn the_local_index_resumes_among_equals(tables: &impl Tables) {
    for number in 0..5 {
        let attributes = json!({"sellerDate": "luis#2026-11-22"});
        fill(tables, &[put(&key(&format!("sales#{number}")), attributes)]).await;
    }
    let mut query = Query { limit: Some(2), ..by_seller_date("luis#", "luis#~") };
    let mut seen = Vec::new();
    loop {
        let page = tables.query(&query).await.unwrap();
        seen.extend(sorts(&page).into_iter().map(str::to_owned));
        query.after = page.resume_after;
        if query.after.is_none() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, ["sales#0", "sales#1", "sales#2", "sales#3", "sales#4"]);
}

pub(super) async fn a_range_that_makes_no_sense_is_refused(tables: &impl Tables) {
    let elsewhere = Query { table: Table::Changes, ..by_seller_date("a", "b") };
    for query in [
        range("b", "a"),
        Query { limit: Some(0), ..range("a", "b") },
        Query { limit: Some(u32::MAX), ..range("a", "b") },
        elsewhere,
    ] {
        assert!(is_invalid(&tables.query(&query).await), "{query:?}");
    }
}

pub(super) async fn a_start_outside_of_the_range_is_refused(tables: &impl Tables) {
    let extra = |attributes: Value| Some(item(&key("b"), attributes));
    let starts: [Option<Item>; 6] = [
        Some(key("a").to_item()),
        Some(key("d").to_item()),
        Some(Key::new(Table::Records, "other", "b").to_item()),
        Some(Key::new(Table::Changes, "b", "b").to_item()),
        extra(json!({"sellerDate": "x"})),
        Some(Item::new()),
    ];
    for after in starts {
        let query = Query { after, ..range("b", "c") };
        assert!(is_invalid(&tables.query(&query).await), "{query:?}");
    }
    let without_its_key = Query { after: extra(json!({})), ..by_seller_date("a", "z") };
    assert!(is_invalid(&tables.query(&without_its_key).await));
}

/// AWS refuses an empty key wherever it stands; dynoxide lets one pass in a key condition.
pub(super) async fn a_range_has_no_empty_key(tables: &impl Tables) {
    let nobody = Query { partition: String::new(), ..range("a", "b") };
    for query in [range("", "a"), range("", ""), nobody] {
        assert!(is_invalid(&tables.query(&query).await), "{query:?}");
    }
}
