//! The demo data itself: complete, believable, and the same however often it is told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use protocol::{Action, Entity, Money, Operation, Quantity};
use serde_json::Value;

use super::catalog::{PRODUCTS, Unit, variants};
use super::customers::CUSTOMERS;
use super::day::money;
use super::hours::Week;
use super::operations;
use super::people::{ADMIN, CUSTOMERS_PER_SELLER, SELLERS};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// The week that ends on a day, told in the evening of `now`.
fn week(last: &str) -> Week {
    Week::until_day(day(last), "2027-03-01T03:00:00Z".parse().unwrap()).unwrap()
}

/// All that is pushed in a week, by operation id.
fn told(week: Week) -> BTreeMap<String, Operation> {
    let mut all = operations::customers(week);
    for seller in SELLERS {
        let user = seller.person.slug.parse().unwrap();
        all.extend(operations::loads(seller, &user, week));
        all.extend(operations::week_of(seller, week));
    }
    let count = all.len();
    let read = all.iter().map(|one| Operation::from_json(one).unwrap());
    let told: BTreeMap<_, _> = read.map(|one| (one.operation_id.to_string(), one)).collect();
    assert_eq!(told.len(), count, "an operation id is used twice");
    told
}

fn of(told: &BTreeMap<String, Operation>, entity: Entity) -> Vec<&Operation> {
    told.values().filter(|one| one.entity == entity && one.action == Action::Insert).collect()
}

fn amount(payload: &Value, field: &str) -> Money {
    Money::from_json(&payload[field]).unwrap()
}

fn unique<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    let texts: Vec<&str> = texts.collect();
    let count = texts.iter().collect::<BTreeSet<_>>().len();
    assert_eq!(count, texts.len(), "something is there twice: {texts:?}");
    count
}

#[test]
fn there_are_three_users_six_products_fourteen_variants_and_forty_customers() {
    let users = SELLERS.iter().map(|seller| seller.person.email).chain([ADMIN.email]);
    assert_eq!(unique(users), 3);
    assert_eq!(unique(PRODUCTS.iter().map(|product| product.id)), 6);
    assert_eq!(unique(PRODUCTS.iter().map(|product| product.name)), 6);
    assert_eq!(unique(variants().map(|(_, variant)| variant.id)), 14);
    assert_eq!(unique(variants().map(|(_, variant)| variant.sku)), 14);
    assert_eq!(unique(CUSTOMERS.iter().map(|customer| customer.name)), 40);
    assert_eq!(unique(CUSTOMERS.iter().map(|customer| customer.dni)), 40);
    assert_eq!(unique(CUSTOMERS.iter().map(|customer| customer.phone)), 40);
    assert_eq!(unique(CUSTOMERS.iter().map(|customer| customer.address)), 40);
    assert_eq!(CUSTOMERS_PER_SELLER * SELLERS.len(), CUSTOMERS.len());
}

#[test]
fn numbers_of_people_and_prices_could_be_real() {
    for customer in CUSTOMERS {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        assert!(customer.phone.len() == 9 && customer.phone.starts_with('9'), "{customer:?}");
        assert!(digits(customer.dni) && digits(customer.phone), "{customer:?}");
        match customer.dni.len() {
            8 => {}
            11 => assert!(has_check_digit(customer.dni), "{customer:?}"),
            _ => panic!("{customer:?}"),
        }
        assert!(customer.initial_balance.map(money).is_none_or(|owed| owed > Money::ZERO));
    }
    assert!((5..20).contains(&CUSTOMERS.iter().filter(|c| c.initial_balance.is_some()).count()));
    for (product, variant) in variants() {
        let price = money(variant.price);
        assert!(price >= money("5.00") && price <= money("30.00"), "{variant:?}");
        assert!(money(product.base_price) > Money::ZERO);
        let (from, to) = variant.taken_milli;
        assert!(0 < from && from < to, "{variant:?}");
        assert!(from % product.unit.step_milli() == 0 && to % product.unit.step_milli() == 0);
        assert_eq!(variant.unit_quantity.is_some(), product.unit == Unit::Piece);
    }
}

/// Modulo 11 over the first ten digits of a RUC, as SUNAT computes it.
fn has_check_digit(ruc: &str) -> bool {
    let digits: Vec<u32> = ruc.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
    (11 - sum % 11) % 10 == digits[10]
}

#[test]
fn every_sale_adds_up() {
    let told = told(week("2026-11-22"));
    let sales = of(&told, Entity::Sales);
    assert!((98..=154).contains(&sales.len()), "{}", sales.len());
    let (mut cash, mut credit, mut crates) = (0, 0, 0);
    for sale in &sales {
        let payload = Value::Object(sale.payload.clone());
        let mut sum = Money::ZERO;
        for item in payload["items"].as_array().unwrap() {
            let quantity = Quantity::from_json(&item["quantity"]).unwrap();
            let exact = quantity.times(amount(item, "unitPrice"));
            assert_eq!(Some(amount(item, "subtotal")), exact);
            sum = sum + amount(item, "subtotal");
        }
        let [total, paid, due] =
            ["totalAmount", "amountPaid", "balanceDue"].map(|field| amount(&payload, field));
        assert_eq!(total, sum);
        assert_eq!(due, total - paid);
        crates += usize::from(!payload["tara"].is_null());
        if payload["saleType"] == "contado" {
            cash += 1;
            assert_eq!(due, Money::ZERO);
        } else {
            credit += 1;
            assert!(!payload["clientId"].is_null() && due > Money::ZERO);
        }
    }
    assert!(cash > 30 && credit > 30 && crates > 10, "{cash} {credit} {crates}");
}

#[test]
fn no_sale_is_paid_more_than_once_nor_with_more_than_is_due() {
    let told = told(week("2026-11-22"));
    let mut methods = BTreeSet::new();
    for abono in of(&told, Entity::Abonos) {
        let payload = Value::Object(abono.payload.clone());
        let id = abono.operation_id.as_str().replace("abono", "sale");
        let sale = &told[&id];
        assert_eq!(sale.payload["clientId"], payload["clientId"]);
        assert!(sale.client_timestamp < abono.client_timestamp, "{id}");
        assert!(amount(&payload, "amount") > Money::ZERO);
        let due = amount(&Value::Object(sale.payload.clone()), "balanceDue");
        assert!(amount(&payload, "amount") <= due, "{id}");
        methods.insert(payload["paymentMethod"].as_str().unwrap().to_owned());
    }
    assert_eq!(methods.len(), 4, "{methods:?}");
}

#[test]
fn a_load_covers_what_is_sold_of_it() {
    let told = told(week("2026-11-22"));
    for load in of(&told, Entity::Distribuciones) {
        let mut left: BTreeMap<String, Quantity> = BTreeMap::new();
        for item in load.payload["items"].as_array().unwrap() {
            let id = item["variantId"].as_str().unwrap().to_owned();
            left.insert(id, Quantity::from_json(&item["cantidadAsignada"]).unwrap());
        }
        let sales = of(&told, Entity::Sales);
        let own = sales.iter().filter(|s| s.payload["distribucionId"] == load.entity_id.as_str());
        for item in own.flat_map(|sale| sale.payload["items"].as_array().unwrap()) {
            let stock = left.get_mut(item["variantId"].as_str().unwrap()).unwrap();
            *stock = *stock - Quantity::from_json(&item["quantity"]).unwrap();
            assert!(!stock.is_negative(), "{}", load.entity_id);
        }
        let eggs = |id: &str| id.starts_with("huevos");
        let kilos = left.iter().filter(|(id, _)| !eggs(id)).map(|(_, kilos)| *kilos).sum();
        if let Some(close) = told.get(&format!("demo-close-{}", load.entity_id)) {
            assert_eq!(Quantity::from_json(&close.payload["kilosDevueltos"]), Ok(kilos));
        } else {
            assert_eq!(load.payload["fecha"], "2026-11-22");
        }
    }
}

#[test]
fn a_new_day_changes_nothing_of_the_days_before() {
    let (before, after) = (told(week("2026-11-22")), told(week("2026-11-23")));
    let is_new = |id: &&String| !before.contains_key(*id);
    for (id, operation) in &after {
        if let Some(known) = before.get(id) {
            assert_eq!(known.payload, operation.payload, "{id} would be another operation");
        }
    }
    let new: Vec<&String> = after.keys().filter(is_new).collect();
    assert!(new.len() > 20, "{new:?}");
    let sold = |id: &str| after[id].entity == Entity::Sales;
    assert!(new.iter().filter(|id| sold(id)).all(|id| id.contains("2026-11-23")), "{new:?}");
    let closed = new.iter().filter(|id| id.starts_with("demo-close-load-2026-11-22"));
    assert_eq!(closed.count(), SELLERS.len());
}

#[test]
fn what_is_done_names_only_what_was_there() {
    let told = told(week("2026-11-22"));
    for operation in told.values() {
        for field in ["clientId", "distribucionId"] {
            let Some(id) = operation.payload.get(field).and_then(Value::as_str) else { continue };
            let made = &told[&format!("demo-{id}")];
            assert_eq!((made.action, made.entity_id.as_str()), (Action::Insert, id));
            assert!(made.client_timestamp <= operation.client_timestamp, "{id}");
        }
    }
}
