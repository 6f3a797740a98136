//! What a list of customers by debt costs a business with many: it counts all debts for each page.
//!
//! Counted in calls, records and bytes, which do not depend on the machine. `--nocapture` tells them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use store::memory::{Call, Fault, MemoryTables, item_size};
use store::tables::{Condition, Item, Table, Tables, Write};

use crate::world::{Got, World};

/// A business as its owner would be proud of: a customer, a sale and an abono made as ever, and as
/// many more like them.
async fn big_business(world: &World, token: &str) {
    let customer = json!({"id": "c0", "name": "María Huamán Quispe", "phone": "987654321",
        "address": "Mercado Central, puesto 114", "dni": "45678912"});
    world.made(token, "/customers", customer).await;
    let items = ["i1", "i2"].map(|id| {
        json!({"id": id, "productId": "p1", "variantId": "v1", "productName": "Pollo",
            "variantName": "Entero", "quantity": "7.500", "unitPrice": "11.20", "subtotal": "84.00"})
    });
    let sale = json!({"id": "s0", "clientId": "c0", "saleType": "credito", "amountPaid": "20.00",
        "items": items});
    world.made(token, "/sales", sale).await;
    let abono = json!({"id": "a0", "clientId": "c0", "amount": "10.00", "paymentMethod": "yape",
        "notes": "Pagó su hijo"});
    world.made(token, "/abonos", abono).await;
    for (key, count) in [("customers#c", CUSTOMERS), ("sales#s", SALES), ("abonos#a", ABONOS)] {
        multiply(world, key, 1..count).await;
    }
}

/// Records like the one called `{key}0`, each of another customer.
async fn multiply(world: &World, key: &str, numbers: std::ops::Range<usize>) {
    let rows = world.tables.scan(Table::Records);
    let first = rows.iter().find(|row| row["record"] == format!("{key}0")).unwrap();
    let (_, letter) = key.split_once('#').unwrap();
    let numbers: Vec<usize> = numbers.collect();
    for some in numbers.chunks(100) {
        let puts = some.iter().map(|number| {
            let mut item = Item::clone(first);
            item["record"] = format!("{key}{number}").into();
            item["value"]["id"] = format!("{letter}{number}").into();
            if item["value"]["clientId"].is_string() {
                item["value"]["clientId"] = format!("c{}", number % CUSTOMERS).into();
            }
            Write::Put { table: Table::Records, item, condition: Condition::Absent }
        });
        world.tables.transact(&puts.collect::<Vec<_>>()).await.unwrap();
    }
}

/// Asks over tables that count the queries of each request.
struct Counted<'a> {
    world: &'a World,
    tables: MemoryTables,
    queries: Arc<AtomicUsize>,
}

impl<'a> Counted<'a> {
    fn of(world: &'a World) -> Self {
        let queries = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&queries);
        let tables = world.tables.with_faults(move |call: Call<'_>| {
            if matches!(call, Call::Query(_)) {
                seen.fetch_add(1, Ordering::SeqCst);
            }
            Fault::None
        });
        Self { world, tables, queries }
    }

    async fn get(&self, token: &str, path: &str) -> (Got, usize) {
        let tables = self.tables.clone();
        let got = self.world.call_over(tables, token, "GET", path, &[], Value::Null).await;
        (got, self.queries.swap(0, Ordering::SeqCst))
    }
}

/// The records that debts are counted from, and their bytes.
fn counted_of(world: &World) -> (usize, usize) {
    let rows = world.tables.scan(Table::Records);
    let kinds = ["customers#", "sales#", "abonos#"];
    let is_counted = |row: &Item| {
        let key = row["record"].as_str().unwrap_or_default();
        kinds.iter().any(|kind| key.starts_with(kind))
    };
    let sizes = rows.iter().filter(|row| is_counted(row)).map(|row| item_size(row));
    sizes.fold((0, 0), |(count, sum), bytes| (count + 1, sum + bytes))
}

/// Debts need a query for each kind, one more for each full page of rows or of bytes; the list
/// itself at most so many again.
fn queries_max(records: usize, bytes: usize) -> usize {
    3 + records / ROWS_OF_A_QUERY + bytes / (1 << 20) + QUERIES_OF_A_LIST
}

#[tokio::test]
async fn each_page_of_customers_by_debt_counts_the_business_once() {
    let world = World::new().await;
    let token = world.admin().await;
    big_business(&world, &token).await;
    let (records, bytes) = counted_of(&world);
    assert_eq!(records, CUSTOMERS + SALES + ABONOS);
    let counted = Counted::of(&world);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for page in 1..=3 {
        let path = format!("/customers?debt=con_deuda&limit=100{cursor}");
        let (got, queries) = counted.get(&token, &path).await;
        let units = bytes.div_ceil(4_096);
        eprintln!(
            "page {page}: {queries} queries; {records} records of {bytes} bytes counted, \
             {units} read units"
        );
        assert!((3..=queries_max(records, bytes)).contains(&queries), "{queries} queries");
        let items = got.data()["items"].as_array().unwrap();
        assert_eq!(items.len(), 100);
        seen.extend(items.iter().map(|customer| customer["id"].to_string()));
        cursor = format!("&cursor={}", got.data()["nextCursor"].as_str().unwrap());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 300, "no customer twice");
    // The measure that the routes' bound in bytes goes by.
    assert!(bytes * COUNTED_MAX < COUNTED_BYTES_MAX * records, "{bytes} bytes");
}

#[tokio::test]
async fn a_business_too_big_to_count_is_told_so_after_as_many_queries() {
    let world = World::new().await;
    let token = world.admin().await;
    big_business(&world, &token).await;
    multiply(&world, "abonos#a", ABONOS..ABONOS + COUNTED_MAX - CUSTOMERS - SALES - ABONOS + 1)
        .await;
    let (records, bytes) = counted_of(&world);
    assert_eq!(records, COUNTED_MAX + 1);
    let (got, queries) = Counted::of(&world).get(&token, "/customers?debt=con_deuda").await;
    assert_eq!(got.failure(), (413, "payload_too_large"));
    assert!(queries <= queries_max(records, bytes) && queries <= QUERIES_MAX, "{queries} queries");
}

const CUSTOMERS: usize = 2_000;
const SALES: usize = 4_000;
const ABONOS: usize = 1_000;
/// As the routes document: so many records are counted at most, 24 MB, in some 40 queries.
const COUNTED_MAX: usize = 20_000;
const COUNTED_BYTES_MAX: usize = 24_000_000;
const QUERIES_MAX: usize = 40;
const ROWS_OF_A_QUERY: usize = 1_000;
const QUERIES_OF_A_LIST: usize = 8;
