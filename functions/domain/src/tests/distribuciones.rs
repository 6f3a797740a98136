//! Loads: one per seller and day, closed for good.

use protocol::{Action, Entity, ErrorCode, OperationStatus};
use serde_json::{Value, json};

use crate::fixture::{Op, Shop, admin, caller, seller};

fn insert(id: &str, day: &str) -> Op {
    Op::new(&format!("load-{id}"), Entity::Distribuciones, Action::Insert, id).payload(json!({
        "vendedorId": "rosa", "puntoVenta": "Carro A", "fecha": day, "kilosVendidos": "3",
        "items": [{"variantId": "v1", "cantidadAsignada": "12.5", "unidad": "kg"},
                  {"variantId": "v2", "cantidadAsignada": 30, "unidad": "unidad"},
                  {"variantId": "v3", "cantidadAsignada": 4, "unidad": "kg"}]
    }))
}

fn update(operation: &str, payload: Value) -> Op {
    Op::new(operation, Entity::Distribuciones, Action::Update, "d1")
        .payload(payload)
        .device(operation)
        .at(5)
        .base(1)
}

fn shop() -> Shop {
    let mut shop = Shop::default();
    shop.done(&admin(), &insert("d1", "2026-11-22"));
    shop
}

#[test]
fn a_load_weighs_what_its_items_weigh() {
    let record = Shop::default().done(&admin(), &insert("d1", "2026-11-22"));
    assert_eq!(
        (&record["kilosAsignados"], &record["estado"]),
        (&json!("16.500"), &json!("activo"))
    );
    assert!(!record.contains_key("kilosVendidos"));
    let lighter = json!({"items": [{"variantId": "v1", "cantidadAsignada": 2, "unidad": "kg"}]});
    assert_eq!(shop().done(&admin(), &update("o1", lighter))["kilosAsignados"], "2.000");
    let date = shop().fails(&admin(), &insert("d2", "2026-02-30"));
    assert_eq!(date.1, ErrorCode::InvalidDate);
}

#[test]
fn a_seller_has_one_load_a_day() {
    let mut shop = shop();
    assert_eq!(
        shop.fails(&admin(), &insert("d2", "2026-11-22")),
        (OperationStatus::Rejected, ErrorCode::DistribucionExists)
    );
    shop.done(&admin(), &insert("d3", "2026-11-23"));
    shop.done(&admin(), &Op::new("o1", Entity::Distribuciones, Action::Delete, "d1").at(5));
    shop.done(&admin(), &insert("d4", "2026-11-22"));
}

#[test]
fn a_seller_may_only_close_his_own() {
    let close = json!({"estado": "cerrado", "kilosDevueltos": "1.2"});
    let luis = caller("luis", protocol::Role::Vendedor);
    assert_eq!(shop().fails(&luis, &update("o1", close.clone())).1, ErrorCode::Forbidden);
    assert_eq!(shop().fails(&seller(), &insert("d2", "2026-11-24")).1, ErrorCode::Forbidden);
    for payload in [json!({"estado": "en_ruta"}), json!({"estado": "cerrado", "modo": "libre"})] {
        assert_eq!(shop().fails(&seller(), &update("o2", payload)).1, ErrorCode::Forbidden);
    }
    let record = shop().done(&seller(), &update("o3", close));
    assert_eq!(
        (&record["estado"], &record["kilosDevueltos"]),
        (&json!("cerrado"), &json!("1.200"))
    );
}

#[test]
fn the_state_only_advances_and_closed_is_final() {
    let mut shop = shop();
    shop.done(&admin(), &update("o1", json!({"estado": "en_ruta"})));
    let back = shop.fails(&admin(), &update("o2", json!({"estado": "activo"})).base(2));
    assert_eq!(back.1, ErrorCode::InvalidField);
    shop.done(&seller(), &update("o3", json!({"estado": "cerrado"})).base(2));
    let late = shop.fails(&admin(), &update("o4", json!({"modo": "libre"})).base(3));
    assert_eq!(late.1, ErrorCode::DistribucionClosed);
}

#[test]
fn who_could_not_know_of_the_close_is_merged_in_either_order() {
    let close = update("a", json!({"estado": "cerrado"})).at(9);
    let edit = update("b", json!({"puntoVenta": "Casa", "estado": "en_ruta"})).at(6);
    for order in [[&close, &edit], [&edit, &close]] {
        let mut shop = shop();
        shop.done(&admin(), order[0]);
        let record = shop.done(&admin(), order[1]);
        assert_eq!((&record["estado"], &record["puntoVenta"]), (&json!("cerrado"), &json!("Casa")));
    }
}
