//! Two phones that did not know of each other: in whichever order their changes arrive, the same
//! customer and the same sale come out, and the sale adds up.

use domain::StoredRecord;
use protocol::{Action, Entity, Operation, Role, Version};
use serde_json::{Map, Value, json};

use crate::Bytes;
use crate::shop::{Shop, adds_up, caller, item, minute, operation};

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let caller = caller(Role::AdminNegocio);
    let mut before = Shop::open();
    for number in 0..bytes.below(5) {
        let mut operation = change(&mut bytes, &format!("h{number}"), 1);
        operation.device_id = Some(bytes.one_of(&["a", "b", "c"]).parse().unwrap());
        before.push(&caller, &operation);
    }
    let was_deleted = before.stored("customers#c1").is_some_and(StoredRecord::is_deleted);
    let one = change(&mut bytes, "one", version(&before));
    let two = change(&mut bytes, "two", version(&before));
    let deletes = |op: &Operation| op.action == Action::Delete && op.entity == Entity::Customers;
    if was_deleted && (deletes(&one) || deletes(&two)) {
        // A delete of what is deleted changes nothing, its time neither: an update between the two
        // deletes revives the record, and the second one would have ended that.
        return;
    }
    let [first, second] = [[&one, &two], [&two, &one]].map(|order| {
        let mut shop = before.clone();
        for operation in order {
            shop.push(&caller, operation);
        }
        shop
    });
    for key in ["customers#c1", "sales#s1"] {
        let (first, second) = (first.stored(key).unwrap(), second.stored(key).unwrap());
        assert_eq!(content(first), content(second), "{key} after {one:?} and {two:?}");
        if key == "sales#s1" && !first.is_deleted() {
            adds_up(&first.record);
        }
    }
}

/// Both work on what they saw last; a base per record.
fn version(shop: &Shop) -> u64 {
    shop.stored("sales#s1").unwrap().version.0
}

fn change(bytes: &mut Bytes<'_>, id: &str, sale_version: u64) -> Operation {
    let mut operation = match bytes.below(8) {
        0..=2 => {
            let mut set = Map::new();
            for field in ["name", "phone", "address", "notes"] {
                if let Some(text) = bytes.one_of(&[None, Some("911"), Some("Puno"), Some("")]) {
                    let is_cleared = text.is_empty() && field != "name";
                    set.insert(field.into(), if is_cleared { Value::Null } else { text.into() });
                }
            }
            operation(id, Entity::Customers, Action::Update, "c1", Value::Object(set))
        }
        3 => operation(id, Entity::Customers, Action::Delete, "c1", json!({})),
        4..=6 => operation(id, Entity::Sales, Action::Update, "s1", sale_fields(bytes)),
        _ => {
            let id_of_item = bytes.one_of(&["i1", "i2", "i3"]);
            let payload = json!({"saleId": "s1", "quantity": 1 + bytes.below(4)});
            let action = bytes.one_of(&[Action::Update, Action::Delete]);
            operation(id, Entity::SaleItems, action, id_of_item, payload)
        }
    };
    if matches!(operation.entity, Entity::Sales | Entity::SaleItems) {
        operation.base_version = Some(Version(sale_version));
    }
    operation.device_id = Some(id.parse().unwrap());
    operation.client_timestamp = minute(i64::from(bytes.byte()) % 13 - 4);
    operation
}

fn sale_fields(bytes: &mut Bytes<'_>) -> Value {
    let mut set = Map::new();
    let chosen: [(&str, Option<Value>); 5] = [
        ("clientId", bytes.one_of(&[None, Some("c1"), Some("c2")]).map(Value::from)),
        ("saleType", bytes.one_of(&[None, Some("contado"), Some("credito")]).map(Value::from)),
        ("amountPaid", bytes.one_of(&[None, Some(0), Some(8), Some(39)]).map(Value::from)),
        ("tara", bytes.one_of(&[None, Some(0), Some(1)]).map(Value::from)),
        ("items", items(bytes)),
    ];
    set.extend(chosen.into_iter().filter_map(|(field, value)| Some((field.to_owned(), value?))));
    Value::Object(set)
}

fn items(bytes: &mut Bytes<'_>) -> Option<Value> {
    let list: Vec<Value> = ["i1", "i2", "i3", "i4", "i5"]
        .into_iter()
        .filter_map(|id| {
            let quantity = bytes.below(4);
            (quantity > 0)
                .then(|| item(id, u32::try_from(quantity).unwrap(), bytes.one_of(&[1, 5, 7, 10])))
        })
        .collect();
    (!list.is_empty()).then(|| list.into())
}

/// A record without what tells of its history.
fn content(stored: &StoredRecord) -> Value {
    if stored.is_deleted() {
        return json!("deleted");
    }
    let mut content = stored.record.clone();
    // Flags tell what was deleted at the moment when it was named.
    for field in ["version", "updatedAt", "updatedBy", "conflicts", "flags"] {
        content.remove(field);
    }
    if let Some(items) = content.get_mut("items").and_then(Value::as_array_mut) {
        items.sort_by_key(|item| item["id"].to_string());
    }
    Value::Object(content)
}
