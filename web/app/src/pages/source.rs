//! Where screens meet the data: the collections and hooks of [`crate::data`], as callbacks.

use std::future::Future;
use std::ops::Deref;
use std::rc::Rc;

use engine::{EngineState, OperationRecord, QueueStatus, StatusWord, StorageFault, View};
use protocol::{Action, Entity, JsonObject, OperationId, Role};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::changes::{corrected, differing};
use crate::components::ReadFault;
use crate::data::{self, Loaded, Phone, Row};
use crate::format::Record;
use crate::session::SessionState;

/// What a screen is told of a write: the record's id, or in Spanish why nothing was written.
pub(super) type Written = Callback<Result<String, String>>;

/// A list, compared by identity.
#[derive(Clone)]
pub(super) struct Records(Rc<Vec<Record>>);

impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Records {
    type Target = [Record];

    fn deref(&self) -> &[Record] {
        &self.0
    }
}

/// A list as it was loaded, compared by identity, so that it is gone through once.
#[derive(Clone)]
struct Found<T>(Option<Rc<Vec<T>>>);

impl<T> PartialEq for Found<T> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(two)) => Rc::ptr_eq(one, two),
            (None, None) => true,
            _ => false,
        }
    }
}

#[hook]
fn use_found<T: Clone + 'static>(
    loaded: Loaded<Rc<Vec<T>>>,
    record: fn(&T) -> Row,
) -> Option<Records> {
    let found = Found(match loaded {
        Loaded::Ready(rows) => Some(rows),
        Loaded::Loading { .. } | Loaded::Failed(_) => None,
    });
    let records = use_memo(found, |found| {
        let rows = found.0.as_ref()?;
        Some(Records(Rc::new(rows.iter().map(|row| Record(record(row))).collect())))
    });
    (*records).clone()
}

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident($($filter:ident: $type:ident)?) = $hook:ident;)+) => {
        $($(#[$doc])*
        #[hook]
        pub(super) fn $name($($filter: data::$type)?) -> Option<Records> {
            let loaded = data::$hook($(&$filter)?);
            use_found(loaded, Clone::clone)
        })+
    };
}

lists! {
    /// Sales, the latest first.
    use_sales(filter: SaleFilter) = use_sales;
    /// Abonos, the latest first.
    use_abonos(filter: PaymentFilter) = use_payments;
    /// Loads, the latest first.
    use_loads(filter: DistribucionFilter) = use_distribuciones;
    /// Closings, the latest first.
    use_closings(filter: ClosingFilter) = use_closings;
    /// The ways products are sold.
    use_variants(filter: VariantFilter) = use_product_variants;
    /// Products by name.
    use_products() = use_products;
}

/// A customer and what he owes.
pub(super) type Customer = data::Customer;

/// Customers by name, each with his debt; nothing until they are read.
#[hook]
pub(super) fn use_customers(filter: data::CustomerFilter) -> Option<Rc<Vec<Customer>>> {
    match data::use_customers(&filter) {
        Loaded::Ready(customers) => Some(customers),
        Loaded::Loading { .. } | Loaded::Failed(_) => None,
    }
}

/// A record: not read yet, not there, or there.
#[derive(Clone, PartialEq)]
pub(super) enum One {
    Reading,
    Gone,
    Here(Record),
}

impl One {
    /// The record, if it is there.
    pub(super) fn here(&self) -> Option<&Record> {
        if let Self::Here(record) = self { Some(record) } else { None }
    }
}

/// Any record by its id.
#[hook]
pub(super) fn use_one(entity: Entity, id: &str) -> One {
    match data::use_record(entity, id) {
        Loaded::Ready(row) => row.as_ref().clone().map_or(One::Gone, |row| One::Here(Record(row))),
        Loaded::Loading { .. } | Loaded::Failed(_) => One::Reading,
    }
}

/// What a customer owes; zero for one who is not there.
#[hook]
pub(super) fn use_debt(id: &str) -> protocol::Money {
    match data::use_customer(id) {
        Loaded::Ready(customer) => {
            customer.as_ref().as_ref().map(|one| one.debt).unwrap_or_default()
        }
        Loaded::Loading { .. } | Loaded::Failed(_) => protocol::Money::ZERO,
    }
}

/// What is ready of something; nothing until then.
pub(super) fn ready<T>(loaded: Loaded<T>) -> Option<T> {
    if let Loaded::Ready(found) = loaded { Some(found) } else { None }
}

/// Who works with this phone.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Me {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) business: String,
    pub(super) role: Option<Role>,
}

impl Me {
    /// Runs the business.
    pub(super) fn is_admin(&self) -> bool {
        self.role == Some(Role::AdminNegocio)
    }

    /// A record of his own, or any for an administrator.
    pub(super) fn may_change(&self, record: &JsonObject, owner: &str) -> bool {
        self.is_admin() || crate::format::text(record, owner) == self.id
    }
}

/// Who works with this phone; nobody for the moment in which he leaves.
#[hook]
pub(super) fn use_me() -> Rc<Me> {
    let state = data::use_session().state;
    let user = match state {
        SessionState::SignedIn(user) | SessionState::Locked(user) => Some(user),
        _ => None,
    };
    use_memo(user, |user| {
        user.as_ref().map_or_else(Me::default, |user| Me {
            id: user.id.to_string(),
            name: user.name.clone(),
            email: user.email.clone(),
            business: user.business_name.clone(),
            role: Some(user.role),
        })
    })
}

/// What the engine says of itself.
#[hook]
pub(crate) fn use_view() -> View {
    data::use_sync_engine().view.unwrap_or(View {
        state: EngineState::Idle,
        word: StatusWord::Syncing,
        pending: 0,
        failed: 0,
        last_tail_at: None,
        cursor: None,
        troubles: Vec::new(),
        snapshot_records: None,
        last_error: None,
    })
}

/// Why the phone's records cannot be read, while they cannot.
#[hook]
pub(crate) fn use_read_fault() -> Option<ReadFault> {
    let phone = data::use_phone();
    data::use_read_fault().map(|fault| ReadFault {
        why: read_fault_text(fault).into(),
        onretry: Callback::from(move |()| phone.read_again()),
    })
}

/// The words of a fault are those of a write.
fn read_fault_text(fault: StorageFault) -> String {
    match fault {
        StorageFault::Aborted | StorageFault::Stale => {
            "El teléfono no pudo leer lo guardado. Nada se perdió: vuelve a intentar.".to_owned()
        }
        fault => fault.to_string(),
    }
}

/// Operations that wait or were set aside, each with what it waits for: the whole queue.
#[hook]
pub(super) fn use_queue() -> Vec<data::QueuedOperation> {
    data::use_sync_engine().operations()
}

/// The operations on a record that were set aside.
#[hook]
pub(super) fn use_failures(record: &Record) -> Vec<OperationRecord> {
    data::use_sync_engine().failed_on(record.0.key())
}

/// Writes records, and asks things of the queue.
#[derive(Clone, PartialEq)]
pub(super) struct Writer {
    phone: Phone,
    engine: data::SyncEngine,
}

/// For whoever writes.
#[hook]
pub(super) fn use_writer() -> Writer {
    Writer { phone: data::use_phone(), engine: data::use_sync_engine() }
}

impl Writer {
    /// Makes a record.
    pub(super) fn insert(&self, entity: Entity, data: JsonObject, done: Written) {
        let phone = self.phone.clone();
        spawn_local(async move {
            let made = match entity {
                Entity::Customers => data::create_customer(&phone, data).await,
                Entity::Sales => data::create_sale(&phone, data).await,
                Entity::Abonos => data::create_payment(&phone, data).await,
                Entity::ProductVariants => data::create_product_variant(&phone, data).await,
                Entity::Distribuciones => data::create_distribucion(&phone, data).await,
                _ => Err(data::Refused::ReadOnlyEntity),
            };
            done.emit(told(made));
        });
    }

    /// Makes a customer, and answers once it is durable on the phone.
    pub(super) async fn create_customer(&self, data: JsonObject) -> Result<String, String> {
        told(data::create_customer(&self.phone, data).await)
    }

    /// Changes what `data` names. Where an operation on the record was set aside, it takes that
    /// one's place, with what it said and what is changed now.
    pub(super) fn update(&self, record: &Record, data: JsonObject, done: Written) {
        let (phone, row) = (self.phone.clone(), record.0.clone());
        if let Some(OperationRecord { id: operation, operation: action, data: said, .. }) =
            self.set_aside(&row)
        {
            let said = corrected(action, said, data);
            let (engine, id) = (self.engine.clone(), row.id().to_owned());
            spawn_local(async move {
                let corrected = engine.correct(operation, said).await;
                done.emit(corrected.map(|()| id).map_err(|why| why.to_string()));
            });
            return;
        }
        let data = differing(row.record(), data);
        if data.is_empty() {
            return done.emit(Ok(row.id().to_owned()));
        }
        spawn_local(async move {
            let changed = match row.entity() {
                Entity::Customers => data::update_customer(&phone, &row, data).await,
                Entity::Sales => data::update_sale(&phone, &row, data).await,
                Entity::Abonos => data::update_payment(&phone, &row, data).await,
                Entity::ProductVariants => data::update_product_variant(&phone, &row, data).await,
                Entity::Distribuciones => data::update_distribucion(&phone, &row, data).await,
                _ => Err(data::Refused::ReadOnlyEntity),
            };
            done.emit(told(changed));
        });
    }

    /// Takes a record away.
    pub(super) fn delete(&self, record: &Record, done: Written) {
        let (phone, row) = (self.phone.clone(), record.0.clone());
        spawn_local(async move {
            let gone = match row.entity() {
                Entity::Customers => data::delete_customer(&phone, &row).await,
                Entity::Sales => data::delete_sale(&phone, &row).await,
                Entity::Abonos => data::delete_payment(&phone, &row).await,
                Entity::ProductVariants => data::delete_product_variant(&phone, &row).await,
                Entity::Distribuciones => data::delete_distribucion(&phone, &row).await,
                _ => Err(data::Refused::ReadOnlyEntity),
            };
            done.emit(told(gone));
        });
    }

    /// Undoes the deletion of a customer: the delete leaves the queue, or a later update revives
    /// the record on the server.
    pub(super) fn revive(&self, record: &Record, done: Written) {
        let (phone, engine, row) = (self.phone.clone(), self.engine.clone(), record.0.clone());
        let delete = engine.operations().into_iter().map(|queued| queued.operation).find(|one| {
            one.operation == Action::Delete && one.target() == *row.key() && one.is_unsent()
        });
        spawn_local(async move {
            let revived = if let Some(delete) = delete {
                engine.cancel(delete.id).await.map(|_| row.id().to_owned())
            } else {
                let name = protocol::object([("name".to_owned(), row.text("name").into())]);
                let revived = data::update_customer(&phone, &row, name).await;
                revived.map(|created| created.id.to_string())
            };
            done.emit(revived.map_err(|why| why.to_string()));
        });
    }

    /// Reintentar.
    pub(super) fn retry(&self, operation: &OperationId, done: Callback<Result<(), String>>) {
        let (engine, operation) = (self.engine.clone(), operation.clone());
        run(async move { engine.retry(operation).await }, done);
    }

    /// Gives an operation of the queue up: one that failed, or one that waits.
    pub(super) fn remove(
        &self,
        operation: &OperationRecord,
        done: Callback<Result<data::Removed, String>>,
    ) {
        let (engine, id) = (self.engine.clone(), operation.id.clone());
        let is_failed = operation.status == QueueStatus::Failed;
        let removal = async move {
            if is_failed { engine.discard(id).await } else { engine.cancel(id).await }
        };
        run(removal, done);
    }

    /// Undoes a removal.
    pub(super) fn put_back(&self, removed: data::Removed, done: Callback<Result<(), String>>) {
        let engine = self.engine.clone();
        run(async move { engine.put_back(removed).await }, done);
    }

    /// Synchronises now.
    pub(super) fn sync_now(&self) {
        self.engine.sync_now();
    }

    /// What support may know.
    pub(super) fn diagnostics(&self) -> String {
        self.engine.diagnostics()
    }

    /// The insert or update of this record that was set aside, and what it said.
    fn set_aside(&self, row: &Row) -> Option<OperationRecord> {
        let id = row.operation().filter(|_| row.badge() == data::Badge::Error)?;
        let operation = self.engine.operation(id)?;
        (operation.operation != Action::Delete).then_some(operation)
    }
}

fn told(written: Result<data::Created, data::Refused>) -> Result<String, String> {
    written.map(|created| created.id.to_string()).map_err(|why| why.to_string())
}

/// Runs something that takes a while and tells how it went.
pub(super) fn run<T: 'static, E: ToString + 'static>(
    work: impl Future<Output = Result<T, E>> + 'static,
    done: Callback<Result<T, String>>,
) {
    spawn_local(async move { done.emit(work.await.map_err(|why| why.to_string())) });
}

/// An id for something new.
pub(super) fn new_id() -> String {
    data::create_sync_id()
}
