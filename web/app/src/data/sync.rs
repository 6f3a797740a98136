//! The queue and the engine, for the status badge and the screen of synchronisation.

use engine::{
    Command, Event, OperationRecord, QueueStatus, RecordKey, StatusWord, Trouble, View, Waiting,
};
use protocol::{Entity, Gather, JsonObject, OperationId};
use serde_json::Value;
use yew::prelude::hook;

use super::collections::new_operation_id;
use super::{Phone, Refused, Row, use_phone};
use crate::shell::{now, use_watched};

/// What the engine shows, and what a person may ask of it.
#[derive(Clone, PartialEq)]
pub struct SyncEngine {
    phone: Phone,
    /// State, word, counts, troubles; `None` until the engine has spoken.
    pub view: Option<View>,
}

/// An operation in the queue, and why it is not sent yet.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuedOperation {
    /// As it is stored: status, `last_error`, `retry_count`, what it says.
    pub operation: OperationRecord,
    /// What keeps it from being sent now, other than its turn.
    pub waiting: Option<Waiting>,
}

/// What taking an operation back did to the queue, so that it can be undone.
#[derive(Debug, Clone, PartialEq)]
pub struct Removed {
    /// As it was.
    operation: OperationRecord,
    /// What depended on it, as it was.
    dependents: Vec<OperationRecord>,
    /// The operation that undoes it on the server, where it had been sent.
    follow_up: Option<OperationId>,
}

/// The engine, followed.
#[hook]
pub fn use_sync_engine() -> SyncEngine {
    let phone = use_phone();
    let view = use_watched(&phone.0.driver.view());
    use_watched(&phone.0.driver.queue_changes());
    SyncEngine { phone, view }
}

impl SyncEngine {
    /// What the badge says.
    pub fn word(&self) -> StatusWord {
        self.view.as_ref().map_or(StatusWord::Syncing, |view| view.word)
    }

    /// Synchronises now.
    pub fn sync_now(&self) {
        self.phone.0.driver.dispatch(Event::SyncAsked);
    }

    /// The queue in order: what is pending or has failed, each with what it waits for. Goes through
    /// the whole queue: for the screen that shows it.
    pub fn operations(&self) -> Vec<QueuedOperation> {
        self.phone.0.driver.with_engine(|engine| {
            let open = engine.queue().open(now()).into_iter();
            let queued = |(one, waiting): (&OperationRecord, _)| QueuedOperation {
                operation: one.clone(),
                waiting,
            };
            open.map(queued).collect()
        })
    }

    /// The operations on one record that were set aside.
    pub fn failed_on(&self, record: &RecordKey) -> Vec<OperationRecord> {
        self.phone.0.driver.with_engine(|engine| {
            let failed = |one: &&OperationRecord| one.status == QueueStatus::Failed;
            engine.queue().on(record).filter(failed).cloned().collect()
        })
    }

    /// One operation of the queue.
    pub fn operation(&self, id: &OperationId) -> Option<OperationRecord> {
        self.phone.0.driver.with_engine(|engine| engine.queue().get(id).cloned())
    }

    /// Reintentar.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn retry(&self, operation: OperationId) -> Result<(), Refused> {
        self.ask(Command::Retry { operation }).await
    }

    /// Gives a failed operation up.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn discard(&self, operation: OperationId) -> Result<Removed, Refused> {
        let removed = self.removed_with(&operation)?;
        self.ask(Command::Discard { operation }).await?;
        Ok(removed)
    }

    /// Undoes [`Self::discard`] or [`Self::cancel`]. What the server was told meanwhile stays.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn put_back(&self, removed: Removed) -> Result<(), Refused> {
        let Removed { operation, dependents, follow_up } = removed;
        let command = match follow_up {
            None => Command::PutBack { removed: Box::new(operation), dependents },
            Some(operation) => {
                Command::Cancel { operation, restore: None, follow_up: new_operation_id() }
            }
        };
        self.ask(command).await
    }

    /// The operations that cannot be sent without this one, in order.
    pub fn dependents(&self, operation: &OperationRecord) -> Vec<OperationRecord> {
        if !operation.makes_target() {
            return Vec::new();
        }
        self.phone.0.driver.with_engine(|engine| {
            engine.queue().dependents_of(operation).into_iter().cloned().collect()
        })
    }

    /// A record as it is shown now; `None` if it is not there, or deleted.
    pub fn record(&self, key: &RecordKey) -> Option<Row> {
        self.phone.0.model.row(key.entity, key.id.as_str())
    }

    /// Corregir: `data` is all that the operation shall say. Takes the place of a failed one, and
    /// changes one that waits.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn correct(&self, operation: OperationId, data: JsonObject) -> Result<(), Refused> {
        let known = self.operation(&operation).ok_or(Refused::UnknownOperation)?;
        let fresh = new_operation_id();
        let command = if known.status == QueueStatus::Failed {
            let target = known.target();
            let row = self.phone.0.model.row(target.entity, target.id.as_str());
            let base_version = row.and_then(|row| row.base_version());
            Command::Correct { operation, data, base_version, replacement: fresh }
        } else {
            Command::Edit { operation, data, follow_up: fresh }
        };
        self.ask(command).await
    }

    /// Takes a waiting operation back; what was sent already is undone by another.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn cancel(&self, operation: OperationId) -> Result<Removed, Refused> {
        let removed = self.removed_with(&operation)?;
        let restore = self.synced_values(&removed.operation).await;
        let command = Command::Cancel { operation, restore, follow_up: new_operation_id() };
        let saved = self.phone.0.driver.command(command).await?;
        Ok(Removed { follow_up: saved.0, ..removed })
    }

    fn removed_with(&self, operation: &OperationId) -> Result<Removed, Refused> {
        let operation = self.operation(operation).ok_or(Refused::UnknownOperation)?;
        Ok(Removed { dependents: self.dependents(&operation), operation, follow_up: None })
    }

    /// What a person may send to support: states, counts, versions, errors; nobody's data.
    pub fn diagnostics(&self) -> String {
        let mut lines = vec![format!("Avileo {}", env!("CARGO_PKG_VERSION"))];
        let mut line = |name: &str, value: String| lines.push(format!("{name}: {value}"));
        line("hora", now().to_string());
        if let Some(view) = &self.view {
            line("estado", format!("{:?} · {}", view.state, view.word));
            line("pendientes", view.pending.to_string());
            line("con error", view.failed.to_string());
            line("cursor", view.cursor.map(|cursor| cursor.to_string()).unwrap_or_default());
            line("última", view.last_tail_at.map(|at| at.to_string()).unwrap_or_default());
            line("problemas", list(&view.troubles));
            line("último error", view.last_error.clone().unwrap_or_default());
        }
        for queued in self.operations() {
            let one = queued.operation;
            line(
                &format!("{} {}", one.entity, one.operation),
                format!(
                    "{:?} · intentos {} · {} · espera {:?}",
                    one.status,
                    one.retry_count,
                    one.code.unwrap_or_default(),
                    queued.waiting.map(|waiting| waiting.why)
                ),
            );
        }
        lines.join("\n")
    }

    async fn ask(&self, command: Command) -> Result<(), Refused> {
        self.phone.0.driver.command(command).await.map(drop)
    }

    /// The fields of an update as the server last had them: what taking it back sets them to.
    async fn synced_values(&self, operation: &OperationRecord) -> Option<JsonObject> {
        if operation.operation != protocol::Action::Update || operation.entity == Entity::SaleItems
        {
            return None;
        }
        let model = &self.phone.0.model;
        let (business, generation) = self.phone.0.driver.with_engine(|engine| {
            let business = engine.signed_in()?.account.business.clone();
            Some((business, engine.sync_state().generation))
        })?;
        let stored =
            model.database.texts(&business, generation, &[operation.target().into()]).await;
        let text = stored.ok()?.pop()?.text?;
        let synced: JsonObject = protocol::json::from_str(&text).ok()?;
        let fields = operation.data.keys();
        Some(
            fields
                .map(|field| (field.clone(), synced.get(field).cloned().unwrap_or(Value::Null)))
                .gather(),
        )
    }
}

fn list(troubles: &[Trouble]) -> String {
    let names: Vec<String> = troubles.iter().map(|trouble| format!("{trouble:?}")).collect();
    names.join(", ")
}
