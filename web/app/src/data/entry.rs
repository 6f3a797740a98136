//! What the phone keeps in memory of a record: what lists ask of it, and the rest as text.
//!
//! 20,000 sales taken apart would weigh as much as the rest of the app; so each is read once for
//! what lists, sums and searches need, and taken apart again only when a screen shows it.

use std::cell::OnceCell;

use domain::{Debts, RecordKey, fold};
use engine::Shown;
use protocol::{BusinessDate, Entity, Instant, JsonObject, Money, OperationId, RecordId, Version};
use serde_json::Value;

use super::Badge;

/// One record.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: RecordKey,
    pub(super) base_version: Option<Version>,
    pub(super) badge: Badge,
    pub(super) operation: Option<OperationId>,
    /// For lists: see [`day_of`].
    pub(super) day: Option<BusinessDate>,
    /// The order within a list: a moment, or a folded name.
    pub(super) order: Box<str>,
    /// What a search looks into, folded.
    pub(super) searched: Box<str>,
    pub(super) client: Option<Box<str>>,
    pub(super) seller: Option<Box<str>>,
    /// The load that a sale names, the product of a variant.
    pub(super) parent: Option<Box<str>>,
    /// A sale's total, an abono's amount: what lists add up.
    pub(super) amount: Money,
    /// Another phone changed the same field, and a person has yet to look at it.
    pub(super) conflicted: bool,
    /// What it adds to whose debt.
    pub(super) debt: Option<(Box<str>, Money)>,
    text: Option<Box<str>>,
    record: OnceCell<JsonObject>,
}

impl Entry {
    /// A synced record with nothing on top; `None` if its text is no record.
    pub(super) fn synced(key: RecordKey, version: Version, text: String) -> Option<Self> {
        let record: JsonObject = protocol::json::from_str(&text).ok()?;
        let mut entry = Self::of(key, &record);
        entry.base_version = Some(version);
        entry.text = Some(text.into_boxed_str());
        Some(entry)
    }

    /// A record with operations on top; `None` if it is deleted or not there.
    pub(super) fn shown(shown: Shown, failed: impl Fn(&OperationId) -> bool) -> Option<Self> {
        let record = shown.record?;
        let mut entry = Self::of(shown.key, &record);
        entry.base_version = shown.base_version;
        entry.badge = match record.get("syncStatus").and_then(Value::as_str) {
            Some("error") => Badge::Error,
            Some("pending") => Badge::Pending,
            _ => Badge::Synced,
        };
        entry.operation = match entry.badge {
            Badge::Error => shown.operations.into_iter().find(failed),
            Badge::Pending => shown.operations.into_iter().next_back(),
            Badge::Synced => None,
        };
        entry.record = OnceCell::from(record);
        Some(entry)
    }

    /// The whole record.
    pub(super) fn record(&self) -> &JsonObject {
        self.record.get_or_init(|| {
            let text = self.text.as_deref().unwrap_or_default();
            let mut record: JsonObject = protocol::json::from_str(text).unwrap_or_default();
            record.insert("syncStatus".to_owned(), "synced".into());
            record.insert("syncAttempts".to_owned(), 0.into());
            record
        })
    }

    fn of(key: RecordKey, record: &JsonObject) -> Self {
        let owned = |field: &str| text(record, field).map(Box::from);
        let (order, searched) = match key.entity {
            Entity::Customers => (sorted_by(text(record, "name")), searched(record)),
            Entity::Products | Entity::ProductVariants => {
                (sorted_by(text(record, "name")), fold(text(record, "name").unwrap_or_default()))
            }
            _ => (moment_of(record).unwrap_or_default().to_owned(), String::new()),
        };
        Self {
            day: day_of(key.entity, record),
            debt: debt_of(key.entity, record),
            amount: amount_of(key.entity, record),
            conflicted: record.contains_key("conflicts"),
            base_version: None,
            badge: Badge::Synced,
            operation: None,
            order: order.into_boxed_str(),
            searched: searched.into_boxed_str(),
            client: owned("clientId"),
            seller: owned("sellerId").or_else(|| owned("vendedorId")),
            parent: owned("distribucionId").or_else(|| owned("productId")),
            text: None,
            record: OnceCell::new(),
            key,
        }
    }
}

/// A customer's own debt, a sale's balance, what an abono takes off: by the domain's own sum.
fn debt_of(entity: Entity, record: &JsonObject) -> Option<(Box<str>, Money)> {
    let whose = match entity {
        Entity::Customers => text(record, "id")?,
        Entity::Sales | Entity::Abonos => text(record, "clientId")?,
        _ => return None,
    };
    let mut debts = Debts::default();
    debts.add(entity, record);
    let id: RecordId = whose.parse().ok()?;
    Some((whose.into(), debts.of(&id))).filter(|(_, debt)| *debt != Money::ZERO)
}

fn amount_of(entity: Entity, record: &JsonObject) -> Money {
    let field = match entity {
        Entity::Sales => "totalAmount",
        Entity::Abonos => "amount",
        _ => return Money::ZERO,
    };
    record.get(field).and_then(|value| Money::from_json(value).ok()).unwrap_or_default()
}

/// `saleDate`, `closingDate` and `fecha` say it; otherwise when the record was made.
fn day_of(entity: Entity, record: &JsonObject) -> Option<BusinessDate> {
    match entity {
        Entity::Closings => text(record, "closingDate")?.parse().ok(),
        Entity::Distribuciones => text(record, "fecha")?.parse().ok(),
        Entity::Sales | Entity::Abonos => {
            let at: Instant = moment_of(record)?.parse().ok()?;
            Some(at.date_in_lima())
        }
        _ => None,
    }
}

fn moment_of(record: &JsonObject) -> Option<&str> {
    ["saleDate", "closingDate", "fecha", "createdAt"].iter().find_map(|field| text(record, field))
}

/// Spanish order: accents count for nothing, ñ comes after n.
fn sorted_by(name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    if name.contains(['ñ', 'Ñ']) {
        let parts: Vec<String> = name.split(['ñ', 'Ñ']).map(fold).collect();
        return parts.join("n\u{7f}");
    }
    fold(name)
}

fn searched(customer: &JsonObject) -> String {
    let parts = ["name", "dni", "phone", "address"].map(|field| text(customer, field));
    fold(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

fn text<'a>(record: &'a JsonObject, field: &str) -> Option<&'a str> {
    record.get(field)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(entity: Entity, text: &str) -> Entry {
        let key = RecordKey::new(entity, "x".parse().unwrap());
        Entry::synced(key, Version(3), text.to_owned()).unwrap()
    }

    #[test]
    fn names_sort_as_in_spanish() {
        let mut names = ["Ñandú", "Nube", "Ávila", "Zoila", "Azul", "Añil", "Anzuelo"];
        names.sort_by_key(|name| sorted_by(Some(name)));
        assert_eq!(names, ["Anzuelo", "Añil", "Ávila", "Azul", "Nube", "Ñandú", "Zoila"]);
    }

    #[test]
    fn a_sale_adds_its_balance_and_an_abono_takes_off() {
        let sale = entry(
            Entity::Sales,
            r#"{"id":"x","clientId":"rosa","saleType":"credito","balanceDue":"64.00",
                "saleDate":"2026-11-22T04:59:59.000Z"}"#,
        );
        assert_eq!(sale.debt, Some(("rosa".into(), "64.00".parse().unwrap())));
        assert_eq!(sale.day, "2026-11-21".parse().ok());
        let abono = entry(Entity::Abonos, r#"{"id":"x","clientId":"rosa","amount":"30.00"}"#);
        assert_eq!(abono.debt.map(|(_, debt)| debt.is_negative()), Some(true));
    }

    #[test]
    fn a_record_read_again_says_that_it_is_synced() {
        let customer =
            entry(Entity::Customers, r#"{"id":"x","name":"José Núñez","dni":"12345678"}"#);
        assert_eq!(customer.record()["syncStatus"], "synced");
        assert_eq!(&*customer.searched, "jose nunez 12345678");
        assert_eq!(customer.base_version, Some(Version(3)));
    }
}
