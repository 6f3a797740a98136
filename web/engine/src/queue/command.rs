//! What a command does to the queue, as a transaction derived from what is in it now.
//!
//! | command | operation is | becomes |
//! |---|---|---|
//! | `Enqueue` | – | a pending operation at the end |
//! | `Enqueue` of an update | the last on its record, pending, never sent | the same operation with its fields too ([`join`](super::join)) |
//! | `Edit` | pending, never sent | the same operation with other data |
//! | `Edit` | pending, sent | a follow-up update behind it with the fields that differ |
//! | `Cancel` | pending, never sent | gone; an insert's dependents fail |
//! | `Cancel` | pending, sent | a follow-up: the delete of an insert, the old values of an update |
//! | `Discard` | failed | gone; an insert's dependents fail |
//! | `PutBack` | gone | as it was, and its dependents with it |
//! | `Correct` | failed | gone; a new operation in its place, which `replaces` it |
//! | `Retry` | failed | pending, `manualRetries` one higher |
//! | `Retry` | pending | due now |
//!
//! Everything else is refused and changes nothing.

use protocol::planted::Bug;
use protocol::{Action, Entity, ErrorCode, Gather, Instant, JsonObject, OperationId};

use super::Queue;
use super::join::{Joining, joining};
use crate::{
    Command, CommandRefused, NewOperation, OperationRecord, QueueStatus, RowWrite, Saved, Sequence,
    SignedIn, Transaction,
};

/// What to commit, and what to say once it is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) transaction: Transaction,
    pub(crate) saved: Saved,
    /// The operation whose contents are new: the domain judges it first.
    pub(crate) written: Option<OperationRecord>,
    /// The operation that `written` becomes part of instead, if the domain agrees.
    pub(crate) joining: Option<Joining>,
}

/// Derives what a command does.
pub(crate) fn plan(
    queue: &Queue,
    command: &Command,
    signed_in: &SignedIn,
    now: Instant,
) -> Result<Plan, CommandRefused> {
    let planner = Planner { queue, signed_in, now };
    match command {
        Command::Enqueue(new) => planner.enqueue(new),
        Command::Edit { operation, data, follow_up } => planner.edit(operation, data, follow_up),
        Command::Cancel { operation, restore, follow_up } => {
            planner.cancel(operation, restore.as_ref(), follow_up)
        }
        Command::Discard { operation } => {
            planner.in_state(operation, QueueStatus::Failed).map(|found| planner.remove(found))
        }
        Command::PutBack { removed, dependents } => planner.put_back(removed, dependents),
        Command::Correct { operation, replacement, .. }
            if planner.has_replaced(operation, replacement) =>
        {
            Ok(Plan::of(Transaction::default(), Some(replacement)))
        }
        Command::Correct { operation, data, base_version, replacement } => {
            let failed = planner.in_state(operation, QueueStatus::Failed)?;
            planner.correct(failed, data, *base_version, replacement)
        }
        Command::Retry { operation } => planner.retry(operation),
    }
}

struct Planner<'a> {
    queue: &'a Queue,
    signed_in: &'a SignedIn,
    now: Instant,
}

impl<'a> Planner<'a> {
    fn enqueue(&self, new: &NewOperation) -> Result<Plan, CommandRefused> {
        if matches!(new.entity, Entity::Products | Entity::Closings) {
            return Err(CommandRefused::ReadOnlyEntity);
        }
        let operation = self.record(new);
        // A commit of unknown outcome had succeeded after all.
        let saved = |as_part_of| Ok(Plan::of(Transaction::default(), Some(as_part_of)));
        if let Some(known) = self.queue.get(&new.id) {
            let same = known.data == new.data || !known.joined.is_empty();
            let same = same && known.entity_id == new.entity_id;
            return if same { saved(&new.id) } else { Err(CommandRefused::IdInUse) };
        }
        let target = operation.target();
        if let Some(known) = self.queue.on(&target).find(|one| one.joined.contains(&new.id)) {
            return saved(&known.id);
        }
        if self.queue.count(QueueStatus::Pending) >= OPERATIONS_PENDING_MAX {
            return Err(CommandRefused::QueueFull);
        }
        let joining = joining(self.queue, &operation);
        Ok(Plan { joining, ..append(operation) })
    }

    fn edit(
        &self,
        id: &OperationId,
        data: &JsonObject,
        follow_up: &OperationId,
    ) -> Result<Plan, CommandRefused> {
        let found = self.in_state(id, QueueStatus::Pending)?;
        if found.is_unsent() || Bug::EditAfterSending.is_planted() {
            let mut next = OperationRecord { data: data.clone(), ..found.clone() };
            next.touch(self.now);
            return Ok(replace(found, next.clone()).judged(next));
        }
        if found.operation == Action::Delete {
            return Err(CommandRefused::NotUndoable);
        }
        let mut differing: JsonObject = data
            .iter()
            .filter(|(field, value)| found.data.get(*field) != Some(value))
            .map(|(field, value)| (field.clone(), value.clone()))
            .gather();
        keep_sale(found, &mut differing);
        self.follow(found, Action::Update, differing, follow_up)
    }

    fn cancel(
        &self,
        id: &OperationId,
        restore: Option<&JsonObject>,
        follow_up: &OperationId,
    ) -> Result<Plan, CommandRefused> {
        let found = self.in_state(id, QueueStatus::Pending)?;
        if found.is_unsent() {
            return Ok(self.remove(found));
        }
        let mut data = restore.cloned().unwrap_or_default();
        keep_sale(found, &mut data);
        match (found.operation, restore) {
            (Action::Insert, _) => {
                data.retain(|field, _| field == "saleId");
                self.follow(found, Action::Delete, data, follow_up)
            }
            (Action::Update, Some(_)) => self.follow(found, Action::Update, data, follow_up),
            _ => Err(CommandRefused::NotUndoable),
        }
    }

    fn correct(
        &self,
        failed: &OperationRecord,
        data: &JsonObject,
        base_version: Option<protocol::Version>,
        replacement: &OperationId,
    ) -> Result<Plan, CommandRefused> {
        if self.queue.get(replacement).is_some() {
            return Err(CommandRefused::IdInUse);
        }
        let next = OperationRecord {
            sequence: failed.sequence,
            replaces: Some(failed.id.clone()),
            ..self.record(&NewOperation {
                id: replacement.clone(),
                entity: failed.entity,
                action: failed.operation,
                entity_id: failed.entity_id.clone(),
                data: data.clone(),
                base_version,
            })
        };
        let mut transaction = Transaction::default();
        transaction.expect_operation(failed);
        transaction.expect_absent(replacement);
        transaction.writes.push(RowWrite::RemoveOperation(failed.id.clone()));
        transaction.writes.push(RowWrite::PutOperation(next.clone()));
        Ok(Plan::of(transaction, Some(replacement)).judged(next))
    }

    /// A commit of unknown outcome had succeeded after all.
    fn has_replaced(&self, failed: &OperationId, replacement: &OperationId) -> bool {
        self.queue.get(replacement).is_some_and(|found| found.replaces.as_ref() == Some(failed))
    }

    fn retry(&self, id: &OperationId) -> Result<Plan, CommandRefused> {
        let found = self.queue.get(id).ok_or(CommandRefused::UnknownOperation)?;
        let manual_retries = match found.status {
            QueueStatus::Failed => found.manual_retries + 1,
            QueueStatus::Pending => found.manual_retries,
            QueueStatus::Processed => return Err(CommandRefused::WrongState),
        };
        let next = OperationRecord { manual_retries, ..pending_again(found, self.now) };
        Ok(replace(found, next))
    }

    /// Removes an operation; what needed the record that it would have made fails with it, except
    /// for deletes of that record: their wish is fulfilled.
    fn remove(&self, found: &OperationRecord) -> Plan {
        let mut transaction = Transaction::default();
        transaction.expect_operation(found);
        transaction.writes.push(RowWrite::RemoveOperation(found.id.clone()));
        let dependents =
            if found.makes_target() { self.queue.dependents_of(found) } else { Vec::new() };
        for dependent in dependents {
            let fulfilled = dependent.operation == Action::Delete
                && dependent.entity == found.entity
                && dependent.entity_id == found.entity_id;
            if fulfilled {
                transaction.expect_operation(dependent);
                transaction.writes.push(RowWrite::RemoveOperation(dependent.id.clone()));
            } else {
                transaction.replace(dependent, lost_its_reference(dependent, self.now));
            }
        }
        Plan::of(transaction, None)
    }

    fn put_back(
        &self,
        removed: &OperationRecord,
        dependents: &[OperationRecord],
    ) -> Result<Plan, CommandRefused> {
        if removed.account != self.signed_in.account {
            return Err(CommandRefused::NotSignedIn);
        }
        let mut transaction = Transaction::default();
        if self.queue.get(&removed.id).is_some() {
            // A commit of unknown outcome had succeeded after all.
            return Ok(Plan::of(transaction, Some(&removed.id)));
        }
        let mut put = |operation: &OperationRecord| {
            transaction.expect_absent(&operation.id);
            let mut next = operation.clone();
            next.touch(self.now);
            transaction.writes.push(RowWrite::PutOperation(next));
        };
        put(removed);
        let is_fulfilled_delete =
            |dependent: &&OperationRecord| dependent.operation == Action::Delete;
        let gone = dependents.iter().filter(|dependent| self.queue.get(&dependent.id).is_none());
        gone.filter(is_fulfilled_delete).for_each(&mut put);
        for dependent in dependents {
            let Some(failed) = self.queue.get(&dependent.id) else { continue };
            if failed.status == QueueStatus::Failed && failed.data == dependent.data {
                let mut next = dependent.clone();
                next.touch(self.now.max(failed.updated_at));
                transaction.replace(failed, next);
            }
        }
        Ok(Plan::of(transaction, Some(&removed.id)))
    }

    fn follow(
        &self,
        after: &OperationRecord,
        action: Action,
        data: JsonObject,
        id: &OperationId,
    ) -> Result<Plan, CommandRefused> {
        self.enqueue(&NewOperation {
            id: id.clone(),
            entity: after.entity,
            action,
            entity_id: after.entity_id.clone(),
            data,
            base_version: after.base_version,
        })
    }

    fn in_state(
        &self,
        id: &OperationId,
        status: QueueStatus,
    ) -> Result<&'a OperationRecord, CommandRefused> {
        let found = self.queue.get(id).ok_or(CommandRefused::UnknownOperation)?;
        if found.status == status { Ok(found) } else { Err(CommandRefused::WrongState) }
    }

    fn record(&self, new: &NewOperation) -> OperationRecord {
        OperationRecord {
            id: new.id.clone(),
            sequence: Sequence::default(),
            entity: new.entity,
            operation: new.action,
            entity_id: new.entity_id.clone(),
            data: new.data.clone(),
            timestamp: self.now,
            base_version: new.base_version,
            status: QueueStatus::Pending,
            retry_count: 0,
            last_error: None,
            created_at: self.now,
            updated_at: self.now,
            next_retry_at: None,
            sent_at: None,
            device_id: self.signed_in.device.clone(),
            manual_retries: 0,
            replaces: None,
            code: None,
            result_version: None,
            account: self.signed_in.account.clone(),
            blocked_count: 0,
            joined: Vec::new(),
            unknown: JsonObject::new(),
        }
    }
}

impl Plan {
    fn of(transaction: Transaction, stands: Option<&OperationId>) -> Self {
        Self { transaction, saved: Saved(stands.cloned()), written: None, joining: None }
    }

    fn judged(self, written: OperationRecord) -> Self {
        Self { written: Some(written), ..self }
    }

    /// What an update does as part of another operation.
    pub(crate) fn joined(joining: Joining) -> Self {
        replace(&joining.as_read, joining.joined)
    }
}

fn append(operation: OperationRecord) -> Plan {
    let mut transaction = Transaction::default();
    transaction.expect_absent(&operation.id);
    transaction.writes.push(RowWrite::Enqueue(operation.clone()));
    Plan::of(transaction, Some(&operation.id)).judged(operation)
}

fn replace(as_read: &OperationRecord, next: OperationRecord) -> Plan {
    let mut transaction = Transaction::default();
    transaction.replace(as_read, next);
    Plan::of(transaction, Some(&as_read.id))
}

/// The operation set aside because what it names will never be there.
pub(crate) fn lost_its_reference(operation: &OperationRecord, now: Instant) -> OperationRecord {
    let mut next = OperationRecord {
        status: QueueStatus::Failed,
        code: Some(ErrorCode::MissingReference.to_string()),
        last_error: Some(LOST_REFERENCE.to_owned()),
        next_retry_at: None,
        ..operation.clone()
    };
    next.touch(now);
    next
}

/// The operation to be sent at once. `blocked_count` stays: what waits for a record that will never
/// be there asks the server once for each press of Reintentar, and for each record that comes.
pub(crate) fn pending_again(operation: &OperationRecord, now: Instant) -> OperationRecord {
    let mut next = OperationRecord {
        status: QueueStatus::Pending,
        retry_count: 0,
        next_retry_at: None,
        code: None,
        ..operation.clone()
    };
    next.touch(now);
    next
}

/// An operation on a sale's item must name the sale.
fn keep_sale(found: &OperationRecord, data: &mut JsonObject) {
    if let (Entity::SaleItems, Some(sale)) = (found.entity, found.data.get("saleId")) {
        data.insert("saleId".to_owned(), sale.clone());
    }
}

/// More pending operations than a phone makes in weeks.
const OPERATIONS_PENDING_MAX: usize = 20_000;

const LOST_REFERENCE: &str =
    "Necesita un registro que se eliminó o que no ha llegado, por ejemplo su cliente.";
