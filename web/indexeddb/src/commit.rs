//! `Effect::Commit`: expectations and writes in one transaction.

use engine::{
    Committed, Expectation, OperationRecord, RowWrite, Sequence, StorageFault, Transaction,
};
use protocol::{BusinessId, Instant, arrange};
use rexie::{Store, TransactionMode};
use wasm_bindgen::JsValue;

use crate::database::Work;
use crate::read::{SYNC, sync_state};
use crate::schema::{BY_AGE, META, OPERATIONS, RECORDS};
use crate::{Database, keys, rows};

impl Database {
    /// Performs [`engine::Effect::Commit`].
    ///
    /// # Errors
    /// [`StorageFault::Stale`] if an expectation does not hold, otherwise what the browser says.
    /// Nothing is written then, or with [`StorageFault::Aborted`] nothing is known of it.
    pub async fn commit(&self, transaction: Transaction) -> Result<Committed, StorageFault> {
        let Transaction { expectations, writes } = transaction;
        let writes = prepare(writes)?;
        let stores = [OPERATIONS, RECORDS, META];
        self.transact(&stores, TransactionMode::ReadWrite, async |work: &Work| {
            perform(work, &expectations, &writes).await
        })
        .await
    }
}

/// A write with everything that can fail outside of the transaction behind it.
enum Write {
    Enqueue(Box<OperationRecord>),
    Put {
        store: &'static str,
        key: Option<JsValue>,
        value: JsValue,
    },
    Remove(JsValue),
    Forget {
        business: BusinessId,
        before: Instant,
    },
    /// A range: the browser takes one wherever it takes a key.
    RemoveRecords(JsValue),
}

fn prepare(writes: Vec<RowWrite>) -> Result<Vec<Write>, StorageFault> {
    let mut prepared = Vec::with_capacity(writes.len());
    for write in writes {
        prepared.push(match write {
            RowWrite::Enqueue(operation) => Write::Enqueue(Box::new(operation)),
            RowWrite::PutOperation(operation) => put_operation(&operation)?,
            RowWrite::RemoveOperation(id) => Write::Remove(id.as_str().into()),
            RowWrite::ForgetProcessed { business, before } => Write::Forget { business, before },
            RowWrite::PutSync { business, state } => {
                let text = serde_json::to_string(&*state).map_err(|_| StorageFault::Aborted)?;
                let key = Some(keys::names(&[business.as_str(), SYNC]));
                Write::Put { store: META, key, value: text.into() }
            }
            RowWrite::PutRecord { business, generation, record } => {
                let key = Some(keys::record(&business, generation, &record.key));
                Write::Put { store: RECORDS, key, value: rows::record_to_row(&record)? }
            }
            RowWrite::KeepGenerations { business, mut generations } => {
                arrange(&mut generations, Ord::cmp);
                let starts = std::iter::once(None).chain(generations.iter().copied().map(Some));
                let ends = generations.iter().copied().map(Some).chain(std::iter::once(None));
                for (above, below) in starts.zip(ends) {
                    let range = keys::between(&business, above, below);
                    let range = range.map_err(|_| StorageFault::Aborted)?;
                    prepared.push(Write::RemoveRecords(web_sys::IdbKeyRange::from(range).into()));
                }
                continue;
            }
        });
    }
    Ok(prepared)
}

async fn perform(
    work: &Work,
    expectations: &[Expectation],
    writes: &[Write],
) -> Result<Committed, StorageFault> {
    for expectation in expectations {
        if !holds(work, expectation).await? {
            return Err(StorageFault::Stale);
        }
    }
    let mut committed = Committed::default();
    for write in writes {
        match write {
            Write::Enqueue(operation) => {
                let sequence = next_sequence(work).await?;
                committed.sequences.push(sequence);
                let operation = OperationRecord { sequence, ..(**operation).clone() };
                put(work, &put_operation(&operation)?).await?;
            }
            Write::Remove(id) => {
                let store = store(work, OPERATIONS)?;
                store.delete(id.clone()).await.map_err(|error| work.fault(&error))?;
            }
            Write::Forget { business, before } => forget(work, business, *before).await?,
            Write::RemoveRecords(range) => {
                let store = store(work, RECORDS)?;
                store.delete(range.clone()).await.map_err(|error| work.fault(&error))?;
            }
            write @ Write::Put { .. } => put(work, write).await?,
        }
    }
    Ok(committed)
}

async fn holds(work: &Work, expectation: &Expectation) -> Result<bool, StorageFault> {
    match expectation {
        Expectation::Operation { id, updated_at } => {
            let row = store(work, OPERATIONS)?.get(id.as_str().into()).await;
            let row = row.map_err(|error| work.fault(&error))?;
            let stored = row.map(|row| rows::operation(&row)).transpose()?;
            Ok(stored.map(|operation| operation.updated_at) == *updated_at)
        }
        Expectation::Sync { business, revision } => {
            let stored = sync_state(work, business).await?;
            Ok(stored.map_or(0, |state| state.revision) == *revision)
        }
    }
}

/// The queue's counter: a place is never given twice, not even after its operation has gone.
async fn next_sequence(work: &Work) -> Result<Sequence, StorageFault> {
    let (meta, key) = (store(work, META)?, keys::names(&["", SEQUENCE]));
    let row = meta.get(key.clone()).await.map_err(|error| work.fault(&error))?;
    let last = row.and_then(|row| row.as_string()).map(|text| text.parse::<u64>());
    let next = last.transpose().map_err(|_| rows::UNREADABLE)?.unwrap_or(0) + 1;
    let value = next.to_string().into();
    meta.put(&value, Some(&key)).await.map_err(|error| work.fault(&error))?;
    Ok(Sequence(next))
}

async fn forget(work: &Work, business: &BusinessId, before: Instant) -> Result<(), StorageFault> {
    let store = store(work, OPERATIONS)?;
    let (first, last) = (
        keys::names(&[business.as_str(), "processed"]),
        keys::names(&[business.as_str(), "processed", &before.to_string()]),
    );
    let read = async {
        let range = keys::open_range(&first, &last)?;
        store.index(BY_AGE)?.get_all_keys(Some(range), None).await
    };
    for id in read.await.map_err(|error| work.fault(&error))? {
        store.delete(id).await.map_err(|error| work.fault(&error))?;
    }
    Ok(())
}

fn put_operation(operation: &OperationRecord) -> Result<Write, StorageFault> {
    let value = rows::operation_to_row(operation)?;
    Ok(Write::Put { store: OPERATIONS, key: None, value })
}

async fn put(work: &Work, write: &Write) -> Result<(), StorageFault> {
    let Write::Put { store: name, key, value } = write else { return Ok(()) };
    let put = store(work, name)?.put(value, key.as_ref()).await;
    put.map(|_| ()).map_err(|error| work.fault(&error))
}

fn store(work: &Work, name: &str) -> Result<Store, StorageFault> {
    work.transaction.store(name).map_err(|error| work.fault(&error))
}

/// The counter belongs to no business: all queues of the phone are in one order.
const SEQUENCE: &str = "sequence";
