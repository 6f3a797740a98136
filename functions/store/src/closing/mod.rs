//! Closing a seller's day: claim it, read it, write what it came to.
//!
//! 1. The day's guard is read with the other rows; where nobody has claimed the day, the claim is
//!    written.
//! 2. The day is read by the local index, every page, strongly consistent.
//! 3. Closing, guard and receipt are written in one transaction, on the guard as it was read before
//!    the day was.
//!
//! A sale or abono of the day that is pushed in between has changed the guard: the transaction
//! fails, and the day is read again ([`domain`] lists the states). Killed between any two calls the
//! whole may be done again under the same operation id; a claim left behind binds nobody.

mod day;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use domain::{
    Caller, Channel, Decision, NotLoaded, RowKey, State, day_named_by, decide, keys_named_by,
};
use protocol::{ErrorCode, Operation, OperationResult, OperationStatus};

use crate::push::{PushError, Sender, answer};
use crate::reading::{pause, read_items};
use crate::rows::{key_of, read_row, write_of};
use crate::tables::{Key, RetryKind, StoreError, Surroundings, Tables, Write};

/// Closes the day that `operation` (an insert of [`Entity::Closings`](protocol::Entity)) names, or
/// says why not: as a push would, with its receipt.
///
/// A day that others keep writing to, or a busy store, is answered `retry`.
///
/// # Errors
/// [`PushError`] where nothing can be said: the sender may not write, the store cannot be read.
pub async fn close_day<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    sender: &Sender,
    operation: &Operation,
) -> Result<OperationResult, PushError> {
    let run = Run { tables, surroundings, sender, operation };
    let mut code = ErrorCode::Contention;
    for attempt in 0..ATTEMPTS_MAX {
        if attempt > 0 {
            pause(surroundings, attempt).await;
        }
        match run.attempt().await? {
            Attempt::Answered(result) => return Ok(*result),
            Attempt::Lost(RetryKind::Permanent) => {
                code = ErrorCode::Internal;
                break;
            }
            Attempt::Lost(RetryKind::Transient) => code = ErrorCode::Unavailable,
            Attempt::Lost(RetryKind::Reread) => code = ErrorCode::Contention,
        }
    }
    Ok(answer::retry(operation, code, surroundings.now()))
}

/// One closing under way.
struct Run<'a, T, S> {
    tables: &'a T,
    surroundings: &'a S,
    sender: &'a Sender,
    operation: &'a Operation,
}

/// How an attempt ended.
enum Attempt {
    /// What is answered is durable.
    Answered(Box<OperationResult>),
    /// A write did not go through, or nobody knows.
    Lost(RetryKind),
}

impl<T: Tables, S: Surroundings> Run<'_, T, S> {
    async fn attempt(&self) -> Result<Attempt, PushError> {
        let mut state = State::default();
        let mut keys: BTreeSet<RowKey> = keys_named_by(self.operation).into_iter().collect();
        let caller = self.caller().await?;
        for _ in 0..ROUNDS_MAX {
            self.load(&mut state, &keys).await?;
            keys.clear();
            let now = self.surroundings.now();
            let decision = match decide(&state, self.operation, &caller, now) {
                Err(NotLoaded(missing)) => {
                    keys.extend(missing);
                    continue;
                }
                Ok(decision) => decision,
            };
            if let Err(error) = self.write(&state, &decision).await {
                return Ok(Attempt::Lost(error.retry_kind()));
            }
            if decision.status != OperationStatus::Retry {
                let result = answer::decided(self.operation, &decision, now);
                return Ok(Attempt::Answered(Box::new(result)));
            }
            // The claim is durable: the guard is as if it had been read like this.
            for (key, row) in decision.rows {
                state.load(key, row);
            }
            self.load_day(&mut state, &caller).await?;
        }
        Err(StoreError::Invalid("a closing keeps asking for more rows".into()).into())
    }

    async fn caller(&self) -> Result<Caller, PushError> {
        let found = read_items(self.tables, self.surroundings, self.sender.keys()).await?;
        Ok(self.sender.caller(&found, Channel::Online, self.surroundings.now())?)
    }

    async fn load(&self, state: &mut State, keys: &BTreeSet<RowKey>) -> Result<(), PushError> {
        let business = &self.sender.business;
        let wanted: Vec<Key> = keys.iter().map(|key| key_of(business, key)).collect();
        let mut items = read_items(self.tables, self.surroundings, wanted).await?;
        for key in keys {
            let item = items.remove(&key_of(business, key));
            let row = item.map(|item| read_row(key, item)).transpose()?;
            state.load(key.clone(), row);
        }
        Ok(())
    }

    async fn load_day(&self, state: &mut State, caller: &Caller) -> Result<(), PushError> {
        let Some(seller_date) = day_named_by(self.operation, &caller.user) else { return Ok(()) };
        let business = &caller.business;
        let day = day::read(self.tables, self.surroundings, business, &seller_date).await?;
        state.load_day(seller_date, day);
        Ok(())
    }

    async fn write(&self, state: &State, decision: &Decision) -> Result<(), StoreError> {
        let business = &self.sender.business;
        let writes: Vec<Write> = decision
            .rows
            .iter()
            .map(|(key, row)| write_of(business, key, state.as_loaded(key), row.as_ref()))
            .collect();
        if writes.is_empty() {
            return Ok(());
        }
        self.tables.transact(&writes).await
    }
}

/// Attempts before a closing is answered `retry`; each reads everything anew.
const ATTEMPTS_MAX: u32 = 8;

/// Rows, guard, the claim, the day, its products.
const ROUNDS_MAX: u32 = 8;
