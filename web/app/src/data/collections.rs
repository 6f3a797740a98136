//! Writing: each function puts one operation into the queue, and answers once it is durable.
//!
//! The engine has the domain judge what is written before it is kept, so that a bad sale is refused
//! here with the server's own code and words.

use engine::{Command, NewOperation, RecordKey};
use protocol::{Action, Entity, ErrorCode, JsonObject, OperationId, RecordId};
use serde_json::{Value, json};

use super::{Phone, Row};
use crate::shell::{create_sync_id, now};

/// Why nothing was written: words for the seller in `Display`, and a code where the data is at fault.
pub use engine::CommandRefused as Refused;

/// It is on the phone for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The record.
    pub id: RecordId,
    /// The operation that carries it to the server.
    pub operation: OperationId,
}

/// Writes a customer.
///
/// # Errors
/// Why nothing was written.
pub async fn create_customer(phone: &Phone, data: JsonObject) -> Result<Created, Refused> {
    create(phone, Entity::Customers, data).await
}

/// Changes a customer: the fields that are named, null to clear one.
///
/// # Errors
/// Why nothing was written.
pub async fn update_customer(
    phone: &Phone,
    row: &Row,
    data: JsonObject,
) -> Result<Created, Refused> {
    write(phone, Action::Update, row, data).await
}

/// Deletes a customer.
///
/// # Errors
/// Why nothing was written.
pub async fn delete_customer(phone: &Phone, row: &Row) -> Result<Created, Refused> {
    write(phone, Action::Delete, row, JsonObject::new()).await
}

/// Writes a sale with its items.
///
/// # Errors
/// Why nothing was written.
pub async fn create_sale(phone: &Phone, data: JsonObject) -> Result<Created, Refused> {
    create(phone, Entity::Sales, data).await
}

/// Changes a sale with its items: the fields that are named, null to clear one.
///
/// # Errors
/// Why nothing was written.
pub async fn update_sale(phone: &Phone, row: &Row, data: JsonObject) -> Result<Created, Refused> {
    write(phone, Action::Update, row, data).await
}

/// Deletes a sale with its items.
///
/// # Errors
/// Why nothing was written.
pub async fn delete_sale(phone: &Phone, row: &Row) -> Result<Created, Refused> {
    write(phone, Action::Delete, row, JsonObject::new()).await
}

/// Writes an abono.
///
/// # Errors
/// Why nothing was written.
pub async fn create_payment(phone: &Phone, data: JsonObject) -> Result<Created, Refused> {
    create(phone, Entity::Abonos, data).await
}

/// Changes an abono: the fields that are named, null to clear one.
///
/// # Errors
/// Why nothing was written.
pub async fn update_payment(
    phone: &Phone,
    row: &Row,
    data: JsonObject,
) -> Result<Created, Refused> {
    write(phone, Action::Update, row, data).await
}

/// Deletes an abono.
///
/// # Errors
/// Why nothing was written.
pub async fn delete_payment(phone: &Phone, row: &Row) -> Result<Created, Refused> {
    write(phone, Action::Delete, row, JsonObject::new()).await
}

/// Writes a load.
///
/// # Errors
/// Why nothing was written.
pub async fn create_distribucion(phone: &Phone, data: JsonObject) -> Result<Created, Refused> {
    create(phone, Entity::Distribuciones, data).await
}

/// Changes a load: the fields that are named, null to clear one.
///
/// # Errors
/// Why nothing was written.
pub async fn update_distribucion(
    phone: &Phone,
    row: &Row,
    data: JsonObject,
) -> Result<Created, Refused> {
    write(phone, Action::Update, row, data).await
}

/// Deletes a load.
///
/// # Errors
/// Why nothing was written.
pub async fn delete_distribucion(phone: &Phone, row: &Row) -> Result<Created, Refused> {
    write(phone, Action::Delete, row, JsonObject::new()).await
}

/// Writes a way a product is sold.
///
/// # Errors
/// Why nothing was written.
pub async fn create_product_variant(phone: &Phone, data: JsonObject) -> Result<Created, Refused> {
    create(phone, Entity::ProductVariants, data).await
}

/// Changes a way a product is sold: the fields that are named, null to clear one.
///
/// # Errors
/// Why nothing was written.
pub async fn update_product_variant(
    phone: &Phone,
    row: &Row,
    data: JsonObject,
) -> Result<Created, Refused> {
    write(phone, Action::Update, row, data).await
}

/// Deletes a way a product is sold.
///
/// # Errors
/// Why nothing was written.
pub async fn delete_product_variant(phone: &Phone, row: &Row) -> Result<Created, Refused> {
    write(phone, Action::Delete, row, JsonObject::new()).await
}

/// Closes a load for good, with what was weighed on its return.
///
/// # Errors
/// Why nothing was written.
pub async fn close_distribucion(
    phone: &Phone,
    row: &Row,
    kilos_devueltos: Option<&str>,
) -> Result<Created, Refused> {
    let mut data = JsonObject::new();
    data.insert("estado".to_owned(), "cerrado".into());
    if let Some(kilos) = kilos_devueltos {
        data.insert("kilosDevueltos".to_owned(), kilos.into());
    }
    write(phone, Action::Update, row, data).await
}

async fn create(phone: &Phone, entity: Entity, mut data: JsonObject) -> Result<Created, Refused> {
    if entity == Entity::Sales {
        data.entry("saleDate").or_insert_with(|| json!(now()));
    }
    if let Some(Value::Array(items)) = data.get_mut("items") {
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            item.entry("id").or_insert_with(|| create_sync_id().into());
        }
    }
    let id = data.remove("id").and_then(|id| id.as_str().and_then(|id| id.parse().ok()));
    let id = id.unwrap_or_else(new_record_id);
    let key = RecordKey::new(entity, id);
    let made = enqueue(phone, Action::Insert, key, None, data.clone()).await;
    match made {
        // A draft that two tabs had open and both save, the person seeing it: these are two.
        Err(Refused::Invalid(refusal)) if refusal.code == ErrorCode::AlreadyExists => {
            let key = RecordKey::new(entity, new_record_id());
            enqueue(phone, Action::Insert, key, None, data).await
        }
        made => made,
    }
}

async fn write(
    phone: &Phone,
    action: Action,
    row: &Row,
    data: JsonObject,
) -> Result<Created, Refused> {
    // A base of another epoch would claim to have seen what nobody has shown.
    let base_version = row.base_version().filter(|_| phone.0.model.is_current());
    enqueue(phone, action, row.key().clone(), base_version, data).await
}

async fn enqueue(
    phone: &Phone,
    action: Action,
    key: RecordKey,
    base_version: Option<protocol::Version>,
    data: JsonObject,
) -> Result<Created, Refused> {
    let (id, entity, entity_id) = (new_operation_id(), key.entity, key.id.clone());
    let new = NewOperation { id: id.clone(), entity, action, entity_id, data, base_version };
    let saved = phone.0.driver.command(Command::Enqueue(new)).await?;
    Ok(Created { id: key.id, operation: saved.0.unwrap_or(id) })
}

/// A fresh operation id.
pub(super) fn new_operation_id() -> OperationId {
    create_sync_id().parse().expect("an id of ours is letters, digits and dashes")
}

fn new_record_id() -> RecordId {
    create_sync_id().parse().expect("an id of ours is letters, digits and dashes")
}
