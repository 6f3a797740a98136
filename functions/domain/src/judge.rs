//! An operation on its way to a decision: what was asked, by whom, of what.

use protocol::{Action, Entity, ErrorCode, Instant, JsonObject, Operation, RecordId, Role};
use serde_json::Value;

use crate::normalise::{DISMISS, normalise};
use crate::schema::{Schema, schema};
use crate::stamp::Stamp;
use crate::{
    Caller, Channel, NotLoaded, RecordKey, Refusal, Row, RowKey, State, StoredRecord,
    distribuciones, sales,
};

/// Why a decision ends before its write.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Rows are needed first.
    NotLoaded(NotLoaded),
    /// It is refused for good.
    Refused(Refusal),
    /// It waits for something else.
    Blocked(Refusal),
    /// The day of a closing must be read first, after these rows were written.
    Unready(Vec<(RowKey, Option<Row>)>),
}

impl From<NotLoaded> for Stop {
    fn from(rows: NotLoaded) -> Self {
        Self::NotLoaded(rows)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ErrorCode> for Stop {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code.into())
    }
}

/// An operation and all that judging it needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) state: &'a State,
    pub(crate) operation: &'a Operation,
    pub(crate) caller: &'a Caller,
    pub(crate) now: Instant,
    /// The record that is written: for `sale_items` the sale.
    pub(crate) key: &'a RecordKey,
}

/// The record that an operation writes: for `sale_items` the sale that `payload.saleId` names.
pub fn record_named_by(operation: &Operation) -> RecordKey {
    let named =
        |field: &str| -> Option<RecordId> { operation.payload.get(field)?.as_str()?.parse().ok() };
    match operation.entity {
        // Without its sale it will be refused; the receipt still wants a record's name.
        Entity::SaleItems => RecordKey::new(
            Entity::Sales,
            named(sales::SALE_ID).unwrap_or_else(|| operation.entity_id.clone()),
        ),
        entity => RecordKey::new(entity, operation.entity_id.clone()),
    }
}

/// The payload in its normal form, whoever sends it.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn normal_payload(
    entity: Entity,
    action: Action,
    id: &RecordId,
    payload: &JsonObject,
) -> Result<JsonObject, Refusal> {
    let schema = schema(entity);
    match (entity, action) {
        // What was signed is not edited: it is corrected by another closing.
        (Entity::Closings, Action::Update | Action::Delete) => Err(ErrorCode::UnknownAction.into()),
        (Entity::SaleItems, _) => sales::normal_item(action, id, payload),
        (_, Action::Delete) => Ok(JsonObject::new()),
        (Entity::Sales, _) => {
            let fields = normalise(schema.fields, action, &sales::name_items(id, payload))?;
            sales::normal_sale(action, fields)
        }
        _ => normalise(schema.fields, action, payload),
    }
}

impl Request<'_> {
    /// The kind of record that is written.
    pub(crate) fn schema(&self) -> &'static Schema {
        schema(self.key.entity)
    }

    /// Entities without an offline form are not written from a phone's queue.
    pub(crate) fn check_channel(&self) -> Result<(), Refusal> {
        let online_only = matches!(self.operation.entity, Entity::Products | Entity::Closings);
        if online_only && self.caller.channel == Channel::Batch {
            return Err(ErrorCode::ReadOnlyEntity.into());
        }
        Ok(())
    }

    /// A seller writes only what is his.
    pub(crate) fn check_owner(&self, record: &JsonObject) -> Result<(), Refusal> {
        let Some(owner) = self.schema().owner else { return Ok(()) };
        let own = record.get(owner).and_then(Value::as_str) == Some(self.caller.user.as_str());
        if own || self.is_admin() {
            return Ok(());
        }
        Err(Refusal::new(ErrorCode::Forbidden, "Este registro es de otro vendedor."))
    }

    /// What only an administrator sets is left out where it changes nothing, and refused where it
    /// would.
    pub(crate) fn check_admin_fields(
        &self,
        changes: &mut JsonObject,
        stored: Option<&JsonObject>,
    ) -> Result<(), Refusal> {
        if self.is_admin() {
            return Ok(());
        }
        for field in self.schema().fields.iter().filter(|field| field.admin_only) {
            let Some(value) = changes.remove(field.name) else { continue };
            let present = stored.and_then(|record| record.get(field.name));
            if value_or_zero(Some(&value)) != value_or_zero(present) {
                let what = format!("{} lo fija un administrador.", field.label);
                return Err(Refusal::new(ErrorCode::Forbidden, what));
            }
        }
        Ok(())
    }

    /// What stays as it was made may be named, as old clients do, but not changed.
    pub(crate) fn check_immutable(
        &self,
        changes: &mut JsonObject,
        stored: &JsonObject,
    ) -> Result<(), Refusal> {
        for field in self.schema().fields.iter().filter(|field| field.immutable) {
            let Some(value) = changes.remove(field.name) else { continue };
            if stored.get(field.name).unwrap_or(&Value::Null) != &value {
                let what = format!("{} no se puede cambiar.", field.label);
                return Err(Refusal::new(ErrorCode::InvalidField, what));
            }
        }
        Ok(())
    }

    /// Records that the payload names must be there; deleted ones may be named.
    pub(crate) fn check_references(&self, payload: &JsonObject) -> Result<(), Stop> {
        for key in self.references(payload) {
            if self.state.has_failed(&key) {
                return Err(Stop::Blocked(ErrorCode::EarlierFailed.into()));
            }
            if self.state.record(&key)?.is_none() {
                return Err(Stop::Blocked(ErrorCode::MissingReference.into()));
            }
        }
        Ok(())
    }

    /// Whether the record names a deleted one.
    pub(crate) fn names_a_deleted_record(&self, record: &JsonObject) -> Result<bool, Stop> {
        for key in self.references(record) {
            if self.state.record(&key)?.is_some_and(StoredRecord::is_deleted) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A deactivated user may only push what he did before.
    pub(crate) fn check_departure(&self, stamp: &Stamp) -> Result<(), Refusal> {
        let departed = self.caller.role == Role::Saliente;
        if departed && self.caller.deactivated_at.is_none_or(|end| stamp.at > end) {
            return Err(ErrorCode::AfterDeactivation.into());
        }
        Ok(())
    }

    /// The caller runs the business.
    pub(crate) fn is_admin(&self) -> bool {
        self.caller.role == Role::AdminNegocio
    }

    fn references(&self, fields: &JsonObject) -> Vec<RecordKey> {
        references_in(self.schema(), fields)
    }
}

/// What a role allows, before anything is known of the record.
///
/// # Errors
/// `forbidden`.
pub(crate) fn check_role(
    role: Role,
    entity: Entity,
    action: Action,
    payload: &JsonObject,
) -> Result<(), Refusal> {
    let allowed = match (entity, action) {
        _ if role == Role::AdminNegocio => true,
        (Entity::Customers, action) => action != Action::Delete,
        (Entity::Sales | Entity::SaleItems | Entity::Abonos, _) => true,
        (Entity::Closings, action) => role == Role::Vendedor && action == Action::Insert,
        (Entity::Distribuciones, Action::Update) => distribuciones::is_close(payload),
        _ => false,
    };
    if allowed { Ok(()) } else { Err(ErrorCode::Forbidden.into()) }
}

/// The records that `fields` name.
pub(crate) fn references_in(schema: &Schema, fields: &JsonObject) -> Vec<RecordKey> {
    let named = schema.references.iter().filter_map(|reference| {
        let id = fields.get(reference.field)?.as_str()?.parse().ok()?;
        Some(RecordKey::new(reference.entity, id))
    });
    named.collect()
}

/// The payload says nothing but what is dismissed, or nothing at all.
pub(crate) fn sets_nothing(payload: &JsonObject) -> bool {
    payload.keys().all(|field| field == DISMISS)
}

/// An absent amount is zero.
fn value_or_zero(value: Option<&Value>) -> Value {
    match value {
        None | Some(Value::Null) => Value::String("0.00".to_owned()),
        Some(value) => value.clone(),
    }
}
