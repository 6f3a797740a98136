//! Days as operations: what the phones of administrator and sellers would send.
//!
//! Every id comes from date and seller, and no payload says a time (a sale's date follows from
//! `clientTimestamp`): so an operation that is sent again, on whichever day, is a duplicate.

use jiff::civil::Date;
use protocol::{Instant, UserId};
use serde_json::{Value, json};

use super::catalog::{Product, Variant, variants};
use super::customers::{self, CUSTOMERS};
use super::day::{self, Abono, Line, Load, Sale};
use super::hours::{Week, days_before};
use super::people::{ADMIN, Seller};

/// The body of a product's `POST`.
pub(super) fn product(product: &Product) -> Value {
    json!({"id": product.id, "name": product.name, "type": product.kind,
        "unit": product.unit.as_str(), "basePrice": product.base_price})
}

/// The body of a variant's `POST`.
pub(super) fn variant(product: &Product, variant: &Variant) -> Value {
    let place = variants().position(|(_, other)| other.id == variant.id);
    json!({"id": variant.id, "productId": product.id, "name": variant.name, "sku": variant.sku,
        "price": variant.price, "unitQuantity": variant.unit_quantity, "sortOrder": place})
}

/// The administrator's: customers, from the evening before the week.
pub(super) fn customers(week: Week) -> Vec<Value> {
    let at = week.hours(days_before(week.first(), 1)).moment(1000);
    let one = CUSTOMERS.iter().enumerate().map(|(place, customer)| {
        let payload = json!({"name": customer.name, "dni": customer.dni, "phone": customer.phone,
            "address": customer.address, "saldoInicial": customer.initial_balance});
        insert("customers", &customers::id(place), payload, at, ADMIN.slug)
    });
    one.collect()
}

/// The administrator's: the loads of a seller, one a day.
pub(super) fn loads(seller: &Seller, user: &UserId, week: Week) -> Vec<Value> {
    let one = week.days().map(|day| {
        let load = day::load(seller, day);
        let items: Vec<Value> = load.items.iter().map(load_item).collect();
        let payload = json!({"vendedorId": user, "puntoVenta": seller.sales_point, "fecha": day.to_string(),
            "estado": "en_ruta", "modo": "acumulativo", "pesoConfirmado": true, "items": items});
        insert("distribuciones", &load.id, payload, week.hours(day).moment(0), ADMIN.slug)
    });
    one.collect()
}

/// A seller's own: sales and abonos in the order of the week, each past day closed.
pub(super) fn week_of(seller: &Seller, week: Week) -> Vec<Value> {
    week.days().flat_map(|day| day_of(seller, day, week)).collect()
}

/// A seller's own: his load of `day` is closed at its end.
pub(super) fn close_of(seller: &Seller, day: Date, week: Week) -> Value {
    let load = day::load(seller, day);
    let payload = json!({"estado": "cerrado", "kilosDevueltos": load.returned});
    let name = format!("close-{}", load.id);
    let close = Act { name: &name, entity: "distribuciones", action: "update", id: &load.id };
    operation(&close, payload, week.hours(day).moment(1000), seller.person.slug)
}

fn day_of(seller: &Seller, day: Date, week: Week) -> Vec<Value> {
    let load = day::load(seller, day);
    let slug = seller.person.slug;
    let hours = week.hours(day);
    let mut done: Vec<(u64, Value)> = Vec::new();
    for sale in day::sales(seller, day) {
        let at = hours.moment(sale.permille);
        let payload = sale_payload(&sale, &load);
        done.push((sale.permille, insert("sales", &sale.id, payload, at, slug)));
    }
    for abono in day::abonos(seller, day, week.first()) {
        let at = hours.moment(abono.permille);
        done.push((abono.permille, insert("abonos", &abono.id, abono_payload(&abono), at, slug)));
    }
    if day < week.last() {
        done.push((1000, close_of(seller, day, week)));
    }
    done.sort_by_key(|(permille, _)| *permille);
    done.into_iter().map(|(_, operation)| operation).collect()
}

fn load_item(line: &Line) -> Value {
    json!({"variantId": line.variant.id, "cantidadAsignada": line.quantity(),
        "unidad": line.product.unit.as_str()})
}

fn sale_payload(sale: &Sale, load: &Load) -> Value {
    let items = sale.lines.iter().enumerate().map(|(place, line)| {
        json!({"id": format!("{}-{}", sale.id, place + 1), "productId": line.product.id,
            "variantId": line.variant.id, "productName": line.product.name,
            "variantName": line.variant.name, "quantity": line.quantity(),
            "unitPrice": line.price(), "subtotal": line.subtotal()})
    });
    let kind = if sale.payment == day::Payment::Cash { "contado" } else { "credito" };
    json!({"clientId": sale.customer.map(customers::id), "distribucionId": load.id,
        "saleType": kind, "totalAmount": sale.total(), "amountPaid": sale.paid(),
        "balanceDue": sale.balance(), "tara": sale.tara, "netWeight": sale.net_weight(),
        "items": items.collect::<Vec<_>>()})
}

fn abono_payload(abono: &Abono) -> Value {
    json!({"clientId": customers::id(abono.customer), "amount": abono.amount,
        "paymentMethod": abono.method, "referenceNumber": abono.reference})
}

/// What an operation does to what.
struct Act<'a> {
    name: &'a str,
    entity: &'a str,
    action: &'a str,
    id: &'a str,
}

fn insert(entity: &str, id: &str, payload: Value, at: Instant, slug: &str) -> Value {
    operation(&Act { name: id, entity, action: "insert", id }, payload, at, slug)
}

#[expect(clippy::needless_pass_by_value, reason = "a payload is made for its operation")]
fn operation(act: &Act<'_>, payload: Value, at: Instant, slug: &str) -> Value {
    json!({"operationId": format!("demo-{}", act.name), "entity": act.entity,
        "action": act.action, "entityId": act.id, "payload": payload, "clientTimestamp": at,
        "deviceId": format!("demo-{slug}")})
}
