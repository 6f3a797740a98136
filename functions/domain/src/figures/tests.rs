//! What every screen can rely on: figures follow from the records, in whatever order they came.

use proptest::prelude::*;
use protocol::{Action, Entity, JsonObject, Money, Quantity};
use serde_json::{Value, json};

use super::*;
use crate::fixture::{Op, Shop, admin, object, seller};

fn units() -> Units {
    Units::of(&[
        object(json!({"id": "huevo", "unit": "unidad"})),
        object(json!({"id": "pollo", "unit": "kg"})),
    ])
}

fn line(product: &str, variant: &str, quantity: &str) -> Value {
    json!({"productId": product, "variantId": variant, "variantName": "Entero",
           "quantity": quantity, "unitPrice": "10"})
}

/// A sale as the server stores it.
fn sale(id: &str, fields: Value, items: &[Value]) -> JsonObject {
    let mut payload = object(json!({"saleType": "contado", "items": items}));
    payload.extend(object(fields));
    let mut shop = Shop::default();
    let customer = Op::new("c", Entity::Customers, Action::Insert, "c1");
    shop.done(&admin(), &customer.payload(json!({"name": "Rosa"})));
    shop.done(&admin(), &load_op());
    let op = Op::new(id, Entity::Sales, Action::Insert, id).payload(Value::Object(payload));
    shop.done(&seller(), &op)
}

fn load_op() -> Op {
    Op::new("load", Entity::Distribuciones, Action::Insert, "d1").payload(json!({
        "vendedorId": "rosa", "puntoVenta": "Carro A", "fecha": "2026-11-22",
        "items": [{"variantId": "v1", "cantidadAsignada": "12.5", "unidad": "kg"},
                  {"variantId": "v2", "cantidadAsignada": 30, "unidad": "unidad"},
                  {"variantId": "v3", "cantidadAsignada": 4, "unidad": "kg"}]
    }))
}

fn load(modo: &str) -> JsonObject {
    let mut load = Shop::default().done(&admin(), &load_op());
    load.insert("modo".into(), json!(modo));
    load
}

fn named(id: &str, items: &[Value]) -> JsonObject {
    sale(id, json!({"distribucionId": "d1"}), items)
}

fn kilos(text: &str) -> Quantity {
    text.parse().unwrap()
}

#[test]
fn a_load_shows_what_its_sales_have_taken() {
    let part_paid = json!({"saleType": "credito", "clientId": "c1", "amountPaid": "5",
                           "distribucionId": "d1"});
    let mut cancelled = named("s3", &[line("pollo", "v1", "9")]);
    cancelled.insert("deletedAt".into(), json!("2026-11-22T14:00:00.000Z"));
    let sales = [
        named("s1", &[line("pollo", "v1", "10"), line("huevo", "v2", "12")]),
        sale("s2", part_paid, &[line("pollo", "v1", "4.5"), line("pollo", "v9", "3")]),
        cancelled,
        sale("s4", json!({}), &[line("pollo", "v1", "7")]),
    ];
    let figures = LoadFigures::of(&load("libre"), &sales, &units());
    assert_eq!(
        json!(figures),
        json!({
            "kilosAsignados": "16.500", "kilosVendidos": "17.500", "kilosRestantes": "-1.000",
            "montoRecaudado": "225.00", "porEncimaDeLoAsignado": "1.000",
            "items": [
                {"variantId": "v1", "unidad": "kg", "cantidadAsignada": "12.500",
                 "cantidadVendida": "14.500", "cantidadRestante": "-2.000"},
                {"variantId": "v2", "unidad": "unidad", "cantidadAsignada": "30.000",
                 "cantidadVendida": "12.000", "cantidadRestante": "18.000"},
                {"variantId": "v3", "unidad": "kg", "cantidadAsignada": "4.000",
                 "cantidadVendida": "0.000", "cantidadRestante": "4.000"},
                {"variantId": "v9", "unidad": "kg", "cantidadAsignada": "0.000",
                 "cantidadVendida": "3.000", "cantidadRestante": "-3.000"},
            ],
        })
    );
}

#[test]
fn a_strict_load_blocks_what_another_warns_of_and_a_free_one_lets_pass() {
    let before = [named("s1", &[line("pollo", "v1", "10")])];
    let wanted = named("s2", &[line("pollo", "v1", "3")]);
    let short = vec![Shortage {
        variant_id: Some("v1".into()),
        name: Some("Entero".into()),
        left: kilos("2.5"),
        wanted: kilos("3"),
    }];
    assert_eq!(short[0].text(), "De Entero quedan 2.500 y la venta lleva 3.000.");
    let verdict = |modo| check_stock(&load(modo), &before, &wanted, &units());
    assert_eq!(verdict("estricto"), StockVerdict::Block(short.clone()));
    assert_eq!(verdict("acumulativo"), StockVerdict::Warn(short));
    assert_eq!(verdict("libre"), StockVerdict::None);
    let last = named("s2", &[line("pollo", "v1", "2.5")]);
    assert_eq!(check_stock(&load("estricto"), &before, &last, &units()), StockVerdict::None);
}

#[test]
fn an_edit_does_not_count_against_itself() {
    let before = [named("s1", &[line("pollo", "v1", "10")])];
    let more = named("s1", &[line("pollo", "v1", "12.5")]);
    assert_eq!(check_stock(&load("estricto"), &before, &more, &units()), StockVerdict::None);
}

#[test]
fn lines_without_a_variant_are_held_against_the_whole_load() {
    let mut item = line("pollo", "v1", "16.501");
    item.as_object_mut().unwrap().remove("variantId");
    let wanted = named("s1", &[item]);
    let StockVerdict::Block(short) = check_stock(&load("estricto"), [], &wanted, &units()) else {
        panic!("passes")
    };
    assert_eq!((&short[0].variant_id, short[0].left), (&None, kilos("16.5")));
}

#[test]
fn a_day_tells_cash_from_credit_and_kilos_from_pieces() {
    let credit = json!({"saleType": "credito", "clientId": "c1", "amountPaid": "30"});
    let mut gone = sale("s3", json!({}), &[line("pollo", "v1", "50")]);
    gone.insert("deletedAt".into(), json!("2026-11-22T14:00:00.000Z"));
    let sales = [
        sale("s1", json!({}), &[line("pollo", "v1", "1.5"), line("huevo", "v2", "6")]),
        sale("s2", credit, &[line("pollo", "v1", "5")]),
        gone,
    ];
    let abono = |amount: &str, method: &str| {
        object(json!({"amount": amount, "paymentMethod": method, "clientId": "c1"}))
    };
    let abonos = [abono("20", "efectivo"), abono("7.50", "yape"), abono("1", "efectivo")];
    let of_day = sales.iter().map(|sale| (Entity::Sales, sale));
    let of_day = of_day.chain(abonos.iter().map(|abono| (Entity::Abonos, abono)));
    let figures = DayFigures::of(of_day, &units());
    assert_eq!(
        json!(figures),
        json!({"totalSales": 2, "totalAmount": "125.00", "cashAmount": "105.00",
               "creditAmount": "20.00", "totalKilos": "6.500",
               "paymentsByMethod": {"efectivo": "21.00", "yape": "7.50", "plin": "0.00",
                                    "transferencia": "0.00"}})
    );
    assert_eq!(figures.cash_expected().to_string(), "126.00");
    assert_eq!(figures.payments_by_method.total().to_string(), "28.50");
}

pub(super) fn debts(records: &[(Entity, JsonObject)]) -> Debts {
    let mut debts = Debts::default();
    for (entity, record) in records {
        debts.add(*entity, record);
    }
    debts
}

/// What a property sums: a record and what it adds to the debt of which customer.
fn any_entry() -> impl Strategy<Value = (Entity, JsonObject, &'static str, i64)> {
    let customer = prop::sample::select(&["c1", "c2", "c3"][..]);
    (0_u8..5, customer, 0_i64..1_000_000, any::<bool>()).prop_map(
        |(kind, customer, cents, live)| {
            let amount = Money::from_units(cents).to_json();
            let (entity, record, owed) = match kind {
                0 => (Entity::Abonos, json!({"clientId": customer, "amount": amount}), -cents),
                1 => (
                    Entity::Sales,
                    json!({"clientId": customer, "saleType": "contado", "balanceDue": "0.00"}),
                    0,
                ),
                2 => (Entity::Distribuciones, json!({"clientId": customer, "amount": amount}), 0),
                _ => (
                    Entity::Sales,
                    json!({"clientId": customer, "saleType": "credito", "balanceDue": amount}),
                    cents,
                ),
            };
            let mut record = object(record);
            if !live {
                record.insert("deletedAt".into(), json!("2026-11-22T14:00:00.000Z"));
            }
            (entity, record, customer, if live { owed } else { 0 })
        },
    )
}

proptest! {
    #[test]
    fn debt_is_what_was_owed_plus_credit_less_abonos_in_any_order(
        opening in prop::collection::vec(-100_000_i64..100_000, 3),
        entries in prop::collection::vec(any_entry(), 0..40),
        seed in any::<u64>(),
    ) {
        let cents = |cents| Money::from_units(cents);
        let mut owed = std::collections::BTreeMap::new();
        let mut records = Vec::new();
        for (id, opening) in ["c1", "c2", "c3"].into_iter().zip(opening) {
            let customer = json!({"id": id, "name": id, "saldoInicial": cents(opening)});
            records.push((Entity::Customers, object(customer)));
            owed.insert(id, opening);
        }
        for (entity, record, customer, adds) in entries {
            *owed.get_mut(customer).unwrap() += adds;
            records.push((entity, record));
        }
        let in_order = debts(&records);
        // A shuffle of our own: proptest shrinks the seed.
        let mut dice = seed;
        for at in (1..records.len()).rev() {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            records.swap(at, usize::try_from(dice >> 33).unwrap() % (at + 1));
        }
        let shuffled = debts(&records);
        prop_assert_eq!(&in_order, &shuffled);
        for (id, owed) in &owed {
            prop_assert_eq!(shuffled.of(&id.parse().unwrap()), cents(*owed));
        }
        let receivables = shuffled.receivables();
        let positive: i64 = owed.values().filter(|owed| **owed > 0).sum();
        prop_assert_eq!(receivables.total, cents(positive));
        prop_assert!(receivables.customers.is_sorted_by(|one, two| one.debt >= two.debt));
        prop_assert!(receivables.customers.iter().all(|one| one.debt > Money::ZERO));
    }

    #[test]
    fn a_day_adds_up_whatever_was_sold(
        sales in prop::collection::vec((1_u32..40, any::<bool>(), 0_u32..9), 0..8),
    ) {
        let records: Vec<JsonObject> = sales.iter().enumerate().map(|(at, (quantity, cash, paid))| {
            let fields = if *cash {
                json!({})
            } else {
                json!({"saleType": "credito", "clientId": "c1", "amountPaid": paid})
            };
            sale(&format!("s{at}"), fields, &[line("pollo", "v1", &quantity.to_string())])
        }).collect();
        let of_day = records.iter().map(|sale| (Entity::Sales, sale));
        let figures = DayFigures::of(of_day, &units());
        prop_assert_eq!(figures.cash_amount + figures.credit_amount, figures.total_amount);
        let quantity: u32 = sales.iter().map(|(quantity, _, _)| quantity).sum();
        prop_assert_eq!(figures.total_kilos, Quantity::from_json(&json!(quantity)).unwrap());
        prop_assert_eq!(figures.total_sales as usize, sales.len());
    }

    #[test]
    fn what_was_assigned_is_sold_or_left(
        sold in prop::collection::vec((prop::sample::select(&["v1", "v2", "v3", "v9"][..]), 1_u32..20), 0..8),
    ) {
        let sales: Vec<JsonObject> = sold.iter().enumerate().map(|(at, (variant, quantity))| {
            named(&format!("s{at}"), &[line("pollo", variant, &quantity.to_string())])
        }).collect();
        let figures = LoadFigures::of(&load("libre"), &sales, &units());
        for line in &figures.items {
            prop_assert_eq!(line.cantidad_vendida + line.cantidad_restante, line.cantidad_asignada);
        }
        prop_assert_eq!(figures.kilos_vendidos + figures.kilos_restantes, figures.kilos_asignados);
        let over = figures.por_encima_de_lo_asignado;
        prop_assert_eq!(over, (figures.kilos_vendidos - figures.kilos_asignados).max(Quantity::ZERO));
    }
}
