//! What holds for any input.

use proptest::prelude::*;
use protocol::{Action, Entity, JsonObject, Money, OperationStatus, Role};
use serde_json::{Value, json};

use crate::Caller;
use crate::fixture::{Op, Shop, admin, caller, seller};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "-?[0-9]{1,13}(\\.[0-9]{1,4})?".prop_map(Value::from),
        "[0-9]{8}|[0-9]{11}|s1|c1|i1|contado|credito|cerrado|kg|yape".prop_map(Value::from),
        "2026-[01][0-9]-[0-3][0-9](T0[0-9]:00:00Z)?".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any_field(), inner, 0..8).prop_map(|fields| json!(fields)),
        ]
    })
}

fn any_field() -> impl Strategy<Value = String> {
    const FIELDS: &[&str] = &[
        "name",
        "dni",
        "phone",
        "saldoInicial",
        "clientId",
        "sellerId",
        "saleType",
        "amountPaid",
        "totalAmount",
        "balanceDue",
        "items",
        "id",
        "productId",
        "quantity",
        "unitPrice",
        "subtotal",
        "saleId",
        "amount",
        "paymentMethod",
        "vendedorId",
        "fecha",
        "estado",
        "dismiss",
        "sortOrder",
        "saleDate",
        "distribucionId",
        "tara",
        "cantidadAsignada",
        "unidad",
    ];
    prop_oneof![8 => prop::sample::select(FIELDS).prop_map(str::to_owned), 1 => ".{0,6}"]
}

fn any_op() -> impl Strategy<Value = Op> {
    (
        prop::sample::select(Entity::ALL),
        prop::sample::select(Action::ALL),
        prop::sample::select(&["s1", "c1", "i1", "x"][..]),
        prop::collection::btree_map(any_field(), any_json(), 0..10),
        -5_i64..700,
        prop::option::of(0_u64..5),
        prop::option::of("[ab]"),
        0_u32..1_000_000,
    )
        .prop_map(|(entity, action, id, payload, minute, base, device, number)| {
            let mut op = Op::new(&format!("any-{number}"), entity, action, id)
                .payload(json!(payload))
                .at(minute);
            op.0.base_version = base.map(protocol::Version);
            op.0.device_id = device.map(|device| device.parse().unwrap());
            op
        })
}

fn shop() -> Shop {
    let mut shop = Shop::default();
    for id in ["c1", "c2"] {
        let made = Op::new(&format!("make-{id}"), Entity::Customers, Action::Insert, id);
        shop.done(&admin(), &made.payload(json!({"name": "Rosa", "phone": "900"})));
    }
    let items = json!([item("i1", 2, 10), item("i2", 1, 5), item("i3", 3, 7)]);
    let sale = json!({"saleType": "credito", "clientId": "c1", "amountPaid": 8, "items": items});
    shop.done(&seller(), &Op::new("sell", Entity::Sales, Action::Insert, "s1").payload(sale));
    shop
}

fn item(id: &str, quantity: u32, price: u32) -> Value {
    json!({"id": id, "productId": "p1", "quantity": quantity, "unitPrice": price})
}

/// Fields of a record, without what tells of its history.
fn content(record: &JsonObject) -> Value {
    if record.contains_key("deletedAt") {
        // What lost against a delete is not in the tombstone, or is, as it came.
        return json!("deleted");
    }
    let mut content = record.clone();
    for field in ["version", "updatedAt", "updatedBy", "conflicts"] {
        content.remove(field);
    }
    if let Some(items) = content.get_mut("items").and_then(Value::as_array_mut) {
        items.sort_by_key(|item| item["id"].to_string());
    }
    Value::Object(content)
}

fn money(record: &JsonObject, field: &str) -> Money {
    Money::from_json(&record[field]).unwrap()
}

fn adds_up(sale: &JsonObject) {
    let items = sale["items"].as_array().unwrap();
    let sum: Money = items.iter().map(|item| Money::from_json(&item["subtotal"]).unwrap()).sum();
    assert!((1..=50).contains(&items.len()));
    assert_eq!(money(sale, "totalAmount"), sum);
    let (total, paid) = (money(sale, "totalAmount"), money(sale, "amountPaid"));
    assert_eq!(money(sale, "balanceDue"), total - paid);
    assert!(!paid.is_negative() && paid <= total);
    if sale["saleType"] == "contado" {
        assert_eq!(paid, total);
    } else {
        assert!(sale.contains_key("clientId"));
    }
}

fn customer_change() -> impl Strategy<Value = (Action, Value)> {
    let value = |texts: &'static [&'static str]| {
        prop::option::of(prop::sample::select(texts).prop_map(|text| match text {
            "" => Value::Null,
            text => json!(text),
        }))
    };
    let fields = (
        value(&["Rosa", "Luisa", "Carmen"]),
        value(&["", "911", "922", "900"]),
        value(&["", "Puno", "Juli"]),
    );
    prop_oneof![
        6 => fields.prop_map(|(name, phone, address)| {
            let named = [("name", name), ("phone", phone), ("address", address)];
            let set = named.into_iter().filter_map(|(field, value)| Some((field, value?)));
            (Action::Update, set.collect::<std::collections::BTreeMap<_, _>>())
        }).prop_map(|(action, fields)| (action, json!(fields))),
        1 => Just((Action::Delete, json!({}))),
    ]
}

fn sale_change() -> impl Strategy<Value = (Entity, Action, &'static str, Value)> {
    let items = prop::collection::btree_map(
        prop::sample::select(&["i1", "i2", "i3", "i4", "i5"][..]),
        (1_u32..4, prop::sample::select(&[1_u32, 5, 7, 10][..])),
        1..5,
    );
    let items = items.prop_map(|items| {
        let list = items.into_iter().map(|(id, (quantity, price))| item(id, quantity, price));
        Value::from(list.collect::<Vec<_>>())
    });
    let scalars = (
        prop::option::of(prop::sample::select(&["c1", "c2"][..])),
        prop::option::of(prop::sample::select(&["contado", "credito"][..])),
        prop::option::of(0_u32..40),
        prop::option::of(0_u32..3),
        prop::option::of(items),
    );
    let update = scalars.prop_map(|(client, kind, paid, tara, items)| {
        let named = [
            ("clientId", client.map(Value::from)),
            ("saleType", kind.map(Value::from)),
            ("amountPaid", paid.map(Value::from)),
            ("tara", tara.map(Value::from)),
            ("items", items),
        ];
        let set = named.into_iter().filter_map(|(field, value)| Some((field.to_owned(), value?)));
        (Entity::Sales, Action::Update, "s1", Value::Object(set.collect()))
    });
    let one = (prop::sample::select(&["i1", "i2", "i3"][..]), 1_u32..4, 0_u8..3);
    let one = one.prop_map(|(id, quantity, action)| {
        let (action, payload) = match action {
            0 => (Action::Insert, json!({"productId": "p", "quantity": quantity, "unitPrice": 3})),
            1 => (Action::Update, json!({"quantity": quantity})),
            _ => (Action::Delete, json!({})),
        };
        let mut payload = payload;
        payload["saleId"] = json!("s1");
        (Entity::SaleItems, action, id, payload)
    });
    prop_oneof![3 => update, 1 => one]
}

/// Both orders of two operations that did not know of each other.
fn both_orders(before: &Shop, one: &(Caller, Op), two: &(Caller, Op)) -> [Shop; 2] {
    [[one, two], [two, one]].map(|order| {
        let mut shop = before.clone();
        for (caller, op) in order {
            shop.push(caller, op);
        }
        shop
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_input_panics_and_twice_equals_once(
        ops in prop::collection::vec(any_op(), 1..6),
        role in prop::sample::select(&[Role::AdminNegocio, Role::Vendedor, Role::Saliente][..]),
    ) {
        let mut shop = shop();
        for op in ops {
            let caller = caller("rosa", role);
            let first = shop.push(&caller, &op);
            let between = shop.clone();
            let second = shop.push(&caller, &op);
            match first.status {
                OperationStatus::Rejected => {
                    prop_assert_eq!(second.refusal.clone(), first.refusal);
                    prop_assert!(second.rows.is_empty());
                }
                OperationStatus::Blocked => prop_assert_eq!(&second, &first),
                _ => {
                    prop_assert_eq!(second.status, OperationStatus::Duplicate);
                    prop_assert_eq!(&second.record, &first.record);
                    prop_assert!(second.rows.is_empty());
                }
            }
            for key in ["customers#c1", "sales#s1"] {
                prop_assert_eq!(shop.stored(key), between.stored(key));
            }
            adds_up(&shop.stored("sales#s1").record);
        }
    }

    #[test]
    fn two_changes_of_a_customer_converge(
        one in customer_change(), two in customer_change(),
        minutes in (1_i64..5, 1_i64..5), based in (any::<bool>(), any::<bool>()),
    ) {
        let op = |id: &str, (action, payload): &(Action, Value), minute, based| {
            let op = Op::new(id, Entity::Customers, *action, "c1")
                .payload(payload.clone()).device(id).at(minute);
            (admin(), if based { op.base(1) } else { op })
        };
        let [first, second] = both_orders(
            &shop(),
            &op("a", &one, minutes.0, based.0),
            &op("b", &two, minutes.1, based.1),
        );
        let (first, second) = (first.stored("customers#c1"), second.stored("customers#c1"));
        prop_assert_eq!(content(&first.record), content(&second.record));
    }

    #[test]
    fn two_changes_of_a_sale_converge_and_add_up(
        history in prop::collection::vec((sale_change(), "[abc]"), 0..4),
        one in sale_change(), two in sale_change(), minutes in (-4_i64..9, -4_i64..9),
    ) {
        let mut before = shop();
        for (number, ((entity, action, record, payload), device)) in history.iter().enumerate() {
            let op = Op::new(&format!("h{number}"), *entity, *action, record)
                .payload(payload.clone()).device(device).at(5);
            let base = before.stored("sales#s1").version.0;
            before.push(&seller(), &op.base(base));
        }
        let base = before.stored("sales#s1").version.0;
        let op = |id: &str, change: &(Entity, Action, &str, Value), minute| {
            let (entity, action, record, payload) = change;
            // Two phones never make items of one id.
            let fresh = format!("{record}-{id}");
            let record = if *action == Action::Insert { fresh.as_str() } else { *record };
            let op = Op::new(id, *entity, *action, record).payload(payload.clone());
            (seller(), op.device(id).at(minute).base(base))
        };
        let (one, two) = (op("a", &one, minutes.0), op("b", &two, minutes.1));
        let [first, second] = both_orders(&before, &one, &two);
        let (first, second) = (first.stored("sales#s1"), second.stored("sales#s1"));
        adds_up(&first.record);
        prop_assert_eq!(content(&first.record), content(&second.record));
    }

    #[test]
    fn an_update_that_repeats_the_whole_sale_says_no_more_than_its_change(
        change in prop::collection::btree_map(
            prop::sample::select(&["clientId", "saleType", "amountPaid", "tara"][..]), 0_u32..3, 0..3),
        rival in sale_change(), minutes in (1_i64..9, 1_i64..9), rival_is_first in any::<bool>(),
    ) {
        let mut change: JsonObject = change.into_iter().map(|(field, value)| {
            let value = match (field, value) {
                ("clientId", 0) => json!("c1"),
                ("clientId", _) => json!("c2"),
                ("saleType", 0) => json!("contado"),
                ("saleType", _) => json!("credito"),
                ("amountPaid", 0) => json!("8.00"),
                (_, value) => json!(value),
            };
            (field.to_owned(), value)
        }).collect();
        let before = shop();
        let sale = before.stored("sales#s1").record;
        let mut whole: JsonObject = ["clientId", "saleType", "amountPaid", "tara", "items"]
            .into_iter()
            .map(|field| (field.to_owned(), sale.get(field).cloned().unwrap_or_default()))
            .collect();
        whole.extend(change.clone());
        // Of a cash sale the payment follows; another figure is refused where the items are named.
        if whole["saleType"] == "contado" {
            whole.remove("amountPaid");
            change.remove("amountPaid");
        }
        let update = |payload: &JsonObject| {
            let op = Op::new("a", Entity::Sales, Action::Update, "s1").payload(json!(payload));
            op.device("a").at(minutes.0).base(1)
        };
        let (entity, action, record, payload) = rival;
        let rival = Op::new("b", entity, action, record).payload(payload);
        let rival = rival.device("b").at(minutes.1).base(1);
        let outcome = |payload: &JsonObject| {
            let mut shop = before.clone();
            let op = update(payload);
            for op in if rival_is_first { [&rival, &op] } else { [&op, &rival] } {
                shop.push(&seller(), op);
            }
            let record = shop.stored("sales#s1").record;
            (content(&record), record.get("conflicts").cloned())
        };
        prop_assert_eq!(outcome(&whole), outcome(&change));
    }

    #[test]
    fn operations_on_different_fields_commute(
        phone in "[0-9]{6,9}", address in "[a-z]{1,9}", minutes in (1_i64..99, 1_i64..99),
        bases in (prop::option::of(1_u64..3), prop::option::of(1_u64..3)),
    ) {
        let op = |id: &str, payload, minute, base: Option<u64>| {
            let op = Op::new(id, Entity::Customers, Action::Update, "c1").payload(payload);
            let op = op.device(id).at(minute);
            (admin(), base.map_or(op.clone(), |base| op.base(base)))
        };
        let [first, second] = both_orders(
            &shop(),
            &op("a", json!({"phone": phone}), minutes.0, bases.0),
            &op("b", json!({"address": address}), minutes.1, bases.1),
        );
        let (first, second) = (first.stored("customers#c1"), second.stored("customers#c1"));
        prop_assert_eq!(&first.record["phone"], &json!(phone));
        prop_assert_eq!(&first.record["address"], &json!(address));
        prop_assert_eq!(content(&first.record), content(&second.record));
    }

    #[test]
    fn any_run_of_edits_leaves_a_sale_that_adds_up(
        changes in prop::collection::vec(
            (sale_change(), 0_i64..60, prop::option::of(1_u64..8), "[abc]"), 1..12),
    ) {
        let mut shop = shop();
        for (number, ((entity, action, record, payload), minute, base, device)) in
            changes.into_iter().enumerate()
        {
            let mut op = Op::new(&format!("o{number}"), entity, action, record)
                .payload(payload).at(minute).device(&device);
            op.0.base_version = base.map(protocol::Version);
            shop.push(&seller(), &op);
            adds_up(&shop.stored("sales#s1").record);
        }
    }
}
