//! What a person asks of the queue, and what he is told.

use protocol::{Action, Entity, JsonObject, OperationId, RecordId, Version};

use crate::{OperationRecord, StorageFault};

/// A person's wish about the queue. Ids are made by the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Does something to a record.
    Enqueue(NewOperation),
    /// Changes what a pending operation says. Before its first sending the operation itself
    /// changes; after that `follow_up` is enqueued behind it.
    Edit {
        /// The pending operation.
        operation: OperationId,
        /// All that it shall say.
        data: JsonObject,
        /// The id of the follow-up, should one be needed.
        follow_up: OperationId,
    },
    /// Takes a pending operation back. Before its first sending it leaves the queue; after that
    /// `follow_up` undoes it: an insert is deleted, an update set back to `restore`.
    Cancel {
        /// The pending operation.
        operation: OperationId,
        /// The values before an update, as they were shown.
        restore: Option<JsonObject>,
        /// The id of the follow-up, should one be needed.
        follow_up: OperationId,
    },
    /// Gives a failed operation up. Those that needed its record fail too (`missing_reference`).
    Discard {
        /// The failed operation.
        operation: OperationId,
    },
    /// Undoes a `Cancel` or `Discard` that took an operation out of the queue: the rows are again as
    /// they were, ids and order included.
    PutBack {
        /// The operation that left the queue, as it was.
        removed: Box<OperationRecord>,
        /// What depended on it, as it was. One that a person has changed since stays as it is.
        dependents: Vec<OperationRecord>,
    },
    /// Puts a new operation in the place of a failed one.
    Correct {
        /// The failed operation.
        operation: OperationId,
        /// All that the new one says.
        data: JsonObject,
        /// The version of the record that the person saw.
        base_version: Option<Version>,
        /// The id of the new one.
        replacement: OperationId,
    },
    /// Sends a failed or waiting operation again, now.
    Retry {
        /// The operation.
        operation: OperationId,
    },
}

/// Something done to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOperation {
    /// Made by the shell.
    pub id: OperationId,
    /// The kind of record.
    pub entity: Entity,
    /// What is done to it.
    pub action: Action,
    /// The record.
    pub entity_id: RecordId,
    /// The fields that it sets.
    pub data: JsonObject,
    /// The version of the synced record that the person saw.
    pub base_version: Option<Version>,
}

/// The shell's name for a command, repeated in [`Effect::Answer`](crate::Effect::Answer).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// It is durable: the operation that now stands for the wish. `None` where one left the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved(pub Option<OperationId>);

/// Nothing was changed; what was typed stays in the form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandRefused {
    /// The server would refuse it for good, with these words.
    #[error("{}", .0.text())]
    Invalid(domain::Refusal),
    /// Nobody is signed in, or somebody else by now.
    #[error("Ingresa para guardar.")]
    NotSignedIn,
    /// No such operation in this account's queue.
    #[error("La operación ya no está en la cola.")]
    UnknownOperation,
    /// It is not in the state that the command is for.
    #[error("La operación ya cambió de estado.")]
    WrongState,
    /// The id belongs to another operation.
    #[error("El identificador de la operación ya fue usado.")]
    IdInUse,
    /// A delete that was sent cannot be taken back, nor an update whose old values are not given.
    #[error("Esta operación ya fue enviada y no se puede deshacer.")]
    NotUndoable,
    /// The entity is written online only.
    #[error("Este registro no se puede modificar desde el teléfono.")]
    ReadOnlyEntity,
    /// More operations wait than a phone is made for.
    #[error("Hay demasiadas operaciones pendientes: sincroniza primero.")]
    QueueFull,
    /// The database did not take it.
    #[error(transparent)]
    Storage(#[from] StorageFault),
}
