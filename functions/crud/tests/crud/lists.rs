//! Lists: pages, filters, what is wrong with a query.

use std::time::Duration;

use serde_json::{Value, json};
use store::memory::{Call, Fault};

use crate::world::World;

fn sale(id: &str, seller: &str, client: Option<&str>, day: &str) -> Value {
    let kind = if client.is_some() { "credito" } else { "contado" };
    json!({"id": id, "sellerId": seller, "clientId": client, "saleType": kind,
           "saleDate": format!("{day}T15:00:00.000Z"),
           "items": [{"id": "i1", "productId": "p1", "productName": "Pollo", "quantity": "2",
                      "unitPrice": "10.00", "subtotal": "20.00"}]})
}

/// Customers of every standing: María owes 20, José has paid, Ñato never bought, Pedro is gone.
async fn customers(world: &World, token: &str) {
    for (id, name, dni) in [
        ("c1", "María Huamán", "45678912"),
        ("c2", "José  QUISPE", "11111111"),
        ("c3", "El Ñato", "22222222"),
        ("c4", "Pedro Rojas", "33333333"),
    ] {
        let customer = json!({"id": id, "name": name, "dni": dni});
        world.made(token, "/customers", customer).await;
    }
    world.made(token, "/sales", sale("s1", "rosa", Some("c1"), "2026-11-22")).await;
    world.made(token, "/sales", sale("s2", "rosa", Some("c2"), "2026-11-22")).await;
    let paid = json!({"id": "a1", "clientId": "c2", "amount": "25.00", "paymentMethod": "yape"});
    world.made(token, "/abonos", paid).await;
    world.call(token, "DELETE", "/customers/c4", &[], json!(null)).await;
}

#[tokio::test]
async fn every_page_size_lists_each_live_record_once() {
    let world = World::new().await;
    let token = world.admin().await;
    for number in 0..25 {
        let product = json!({"id": format!("p#~{number:02}"), "name": format!("Pollo {number}"),
                             "type": "pollo", "unit": "kg", "basePrice": "12.50"});
        world.made(&token, "/products", product).await;
    }
    // A tombstone in the middle, a kind whose name begins alike, another business.
    world.call(&token, "DELETE", "/products/p%23~07", &[], json!(null)).await;
    let variant = json!({"id": "v1", "productId": "p#~01", "name": "Entero"});
    world.made(&token, "/product-variants", variant).await;
    let theirs = world.token("b2", "admin", protocol::Role::AdminNegocio).await;
    let product = json!({"id": "p#~30", "name": "Pato", "type": "pollo", "unit": "kg"});
    world.made(&theirs, "/products", product).await;
    let expected: Vec<String> =
        (0..25).filter(|number| *number != 7).map(|number| format!("p#~{number:02}")).collect();
    for (limit, pages_max) in [(1, 25), (5, 6), (24, 2), (100, 1)] {
        let (ids, pages) = world.ids(&token, "/products", limit).await;
        assert_eq!(ids, expected, "{limit}");
        assert!(pages <= pages_max, "{limit}: {pages}");
    }
    assert_eq!(world.listed(&theirs, "/products").await, ["p#~30"]);
    assert_eq!(world.listed(&token, "/product-variants?productId=p%23~01").await, ["v1"]);
    assert!(world.listed(&token, "/product-variants?productId=p2").await.is_empty());
}

#[tokio::test]
async fn a_sparse_filter_reads_a_bounded_part_and_goes_on() {
    let world = World::new().await;
    let token = world.admin().await;
    for number in 0..2_100 {
        let last = if number == 2_099 { "Zulema" } else { "Rosa" };
        let customer = json!({"id": format!("c{number:04}"), "name": format!("{last} {number}")});
        world.made(&token, "/customers", customer).await;
    }
    let first = world.get(&token, "/customers?search=zulema").await;
    assert!(first.data()["items"].as_array().unwrap().is_empty());
    assert!(first.data()["nextCursor"].is_string(), "2,000 rows are read at once");
    let (ids, pages) = world.ids(&token, "/customers?search=zulema", 50).await;
    assert_eq!((ids, pages), (vec!["c2099".to_owned()], 2));
}

#[tokio::test]
async fn customers_are_found_whatever_case_and_accents() {
    let world = World::new().await;
    let token = world.admin().await;
    customers(&world, &token).await;
    for (search, expected) in [
        ("maria", &["c1"][..]),
        ("HUAM%C3%81N+mar", &["c1"]),
        ("quispe%20jose", &["c2"]),
        ("nato", &["c3"]),
        ("%C3%B1ato", &["c3"]),
        ("4567", &["c1"]),
        ("pedro", &[]),
        ("maria+quispe", &[]),
        ("", &["c1", "c2", "c3"]),
        ("++", &["c1", "c2", "c3"]),
    ] {
        let found = world.listed(&token, &format!("/customers?search={search}")).await;
        assert_eq!(found, expected, "{search}");
    }
}

#[tokio::test]
async fn customers_are_told_apart_by_what_they_owe() {
    let world = World::new().await;
    let token = world.admin().await;
    customers(&world, &token).await;
    for (query, expected) in [
        ("debt=con_deuda", &["c1"][..]),
        ("debt=al_dia", &["c2", "c3"]),
        ("debt=todos", &["c1", "c2", "c3"]),
        ("debt=al_dia&search=nato", &["c3"]),
        ("debt=con_deuda&search=nato", &[]),
    ] {
        assert_eq!(world.listed(&token, &format!("/customers?{query}")).await, expected, "{query}");
    }
}

#[tokio::test]
async fn sales_and_abonos_are_listed_by_day_seller_customer_and_type() {
    let world = World::new().await;
    let token = world.admin().await;
    for id in ["c1", "c2"] {
        world.made(&token, "/customers", json!({"id": id, "name": "Rosa Quispe"})).await;
    }
    world.made(&token, "/sales", sale("s1", "rosa", Some("c1"), "2026-11-20")).await;
    world.made(&token, "/sales", sale("s2", "rosa", None, "2026-11-21")).await;
    world.made(&token, "/sales", sale("s3", "luis", Some("c2"), "2026-11-21")).await;
    // Three in the morning of the 22nd in UTC is the evening of the 21st in Lima.
    let mut late = sale("s4", "rosa", None, "2026-11-22");
    late["saleDate"] = json!("2026-11-22T03:00:00.000Z");
    world.made(&token, "/sales", late).await;
    world.made(&token, "/sales", sale("s5", "rosa", None, "2026-11-21")).await;
    world.call(&token, "DELETE", "/sales/s5", &[], json!(null)).await;
    for (query, expected) in [
        ("", &["s1", "s2", "s3", "s4"][..]),
        ("?from=2026-11-21", &["s2", "s3", "s4"]),
        ("?to=2026-11-20", &["s1"]),
        ("?from=2026-11-21&to=2026-11-21", &["s2", "s3", "s4"]),
        ("?sellerId=rosa", &["s1", "s2", "s4"]),
        ("?sellerId=ros", &[]),
        ("?sellerId=rosa&from=2026-11-21", &["s2", "s4"]),
        ("?sellerId=rosa&to=2026-11-20", &["s1"]),
        ("?sellerId=luis&from=2026-11-20&to=2026-11-21", &["s3"]),
        ("?clientId=c1", &["s1"]),
        ("?saleType=contado", &["s2", "s4"]),
        ("?saleType=credito&sellerId=rosa", &["s1"]),
    ] {
        assert_eq!(world.listed(&token, &format!("/sales{query}")).await, expected, "{query}");
    }
    let (newest_first, pages) = world.ids(&token, "/sales?sellerId=rosa", 1).await;
    assert_eq!(newest_first.last().unwrap(), "s1");
    assert!(newest_first.len() == 3 && pages >= 3, "{newest_first:?} {pages}");
    let abono = |id: &str, seller: &str, client: &str| {
        json!({"id": id, "sellerId": seller, "clientId": client, "amount": "5.00",
               "paymentMethod": "plin"})
    };
    world.made(&token, "/abonos", abono("a1", "rosa", "c1")).await;
    world.clock.advance(Duration::from_hours(24));
    let token = world.admin().await;
    world.made(&token, "/abonos", abono("a2", "rosa", "c2")).await;
    world.made(&token, "/abonos", abono("a3", "luis", "c1")).await;
    for (query, expected) in [
        ("", &["a1", "a2", "a3"][..]),
        ("?clientId=c1", &["a1", "a3"]),
        ("?sellerId=rosa", &["a1", "a2"]),
        ("?from=2026-11-23", &["a2", "a3"]),
        ("?sellerId=rosa&from=2026-11-22&to=2026-11-22", &["a1"]),
    ] {
        assert_eq!(world.listed(&token, &format!("/abonos{query}")).await, expected, "{query}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_named() {
    let world = World::new().await;
    let token = world.admin().await;
    for (path, name, expected) in [
        ("/customers?limit=0", "limit", (400, "invalid_request")),
        ("/customers?limit=101", "limit", (400, "invalid_request")),
        ("/customers?limit=%2B5", "limit", (400, "invalid_request")),
        ("/customers?limit=", "limit", (400, "invalid_request")),
        ("/customers?cursor=", "cursor", (400, "invalid_cursor")),
        ("/customers?cursor=c2FsZXMjczE", "cursor", (400, "invalid_cursor")),
        ("/customers?debt=mucho", "debt", (400, "invalid_request")),
        ("/customers?serch=rosa", "serch", (400, "invalid_request")),
        ("/customers?search=a&search=b", "search", (400, "invalid_request")),
        ("/customers?sellerId=rosa", "sellerId", (400, "invalid_request")),
        ("/sales?from=ayer", "from", (422, "invalid_date")),
        ("/sales?to=2026-02-30", "to", (422, "invalid_date")),
        ("/sales?from=2026-11-22&to=2026-11-21", "from", (400, "invalid_request")),
        ("/sales?sellerId=", "sellerId", (400, "invalid_id")),
        ("/sales?clientId=a%20b", "clientId", (400, "invalid_id")),
        ("/sales?saleType=fiado", "saleType", (400, "invalid_request")),
        ("/distribuciones?estado=abierto", "estado", (400, "invalid_request")),
        ("/distribuciones?fecha=hoy", "fecha", (422, "invalid_date")),
        ("/distribuciones/mine?vendedorId=luis", "vendedorId", (400, "invalid_request")),
        ("/products?limit=1&x=1", "x", (400, "invalid_request")),
        ("/reports/day?date=hoy", "date", (422, "invalid_date")),
        ("/reports/accounts-receivable?limit=5", "limit", (400, "invalid_request")),
        ("/records/customers/c1/history?cursor=abc", "cursor", (400, "invalid_cursor")),
    ] {
        let got = world.get(&token, path).await;
        assert_eq!(got.failure(), expected, "{path} {}", got.body);
        assert_eq!(got.body["error"]["details"]["path"], name, "{path}");
    }
    let long = "a".repeat(101);
    let got = world.get(&token, &format!("/customers?search={long}")).await;
    assert_eq!(got.failure(), (400, "invalid_request"));
}

#[tokio::test]
async fn one_record_is_read_with_its_version() {
    let world = World::new().await;
    let token = world.admin().await;
    world.made(&token, "/customers", json!({"id": "c#1", "name": "Rosa Quispe"})).await;
    let got = world.get(&token, "/customers/c%231").await;
    assert_eq!((got.status, &got.headers["etag"]), (200, &"\"1\"".parse().unwrap()));
    assert_eq!(got.data()["name"], "Rosa Quispe");
    world.call(&token, "DELETE", "/customers/c%231", &[], json!(null)).await;
    for path in ["/customers/c%231", "/customers/c2", "/sales/c%231"] {
        assert_eq!(world.get(&token, path).await.failure(), (404, "record_not_found"), "{path}");
    }
    let theirs = world.token("b2", "admin", protocol::Role::AdminNegocio).await;
    let got = world.get(&theirs, "/customers/c%231").await;
    assert_eq!(got.failure(), (404, "record_not_found"));
    assert_eq!(world.get(&token, "/customers/a%20b").await.failure(), (400, "invalid_id"));
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_no_short_list() {
    let world = World::new().await;
    let token = world.admin().await;
    let busy = world.tables.with_faults(|call: Call<'_>| match call {
        Call::Query(_) => Fault::Throttle,
        _ => Fault::None,
    });
    let got = world.call_over(busy, &token, "GET", "/customers", &[], json!(null)).await;
    assert_eq!(
        (got.failure(), got.headers.get("retry-after").is_some()),
        ((503, "unavailable"), true)
    );
}
