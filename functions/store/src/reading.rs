//! Reading many items: batch reads until nothing is left unprocessed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::tables::{
    BATCH_GET_KEYS_MAX, Item, Key, Query, QueryPage, RetryKind, StoreError, Surroundings, Tables,
};

/// Reads all `keys`; absent items are simply not in the answer.
///
/// # Errors
/// [`StoreError`] if anything could not be read after a bounded number of rounds: never an answer
/// that takes "not read" for "absent".
pub async fn read_items<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    keys: impl IntoIterator<Item = Key>,
) -> Result<BTreeMap<Key, Item>, StoreError> {
    let mut waiting: BTreeSet<Key> = keys.into_iter().collect();
    let mut found = BTreeMap::new();
    let mut failures = 0;
    while !waiting.is_empty() {
        let batch: Vec<Key> = waiting.iter().take(BATCH_GET_KEYS_MAX).cloned().collect();
        let error = match tables.batch_get(&batch).await {
            Ok(got) => {
                for key in &batch {
                    waiting.remove(key);
                }
                let some_were_read = got.unprocessed.len() < batch.len();
                waiting.extend(got.unprocessed);
                found.extend(got.items);
                if some_were_read {
                    continue;
                }
                StoreError::Throttled
            }
            Err(error) if error.retry_kind() == RetryKind::Permanent => return Err(error),
            Err(error) => error,
        };
        failures += 1;
        if failures >= READ_FAILURES_MAX {
            return Err(error);
        }
        pause(surroundings, failures).await;
    }
    Ok(found)
}

/// Reads one page of a range, trying again while the store is busy.
///
/// # Errors
/// [`StoreError`] once the attempts are used up.
pub async fn query<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    query: &Query,
) -> Result<QueryPage, StoreError> {
    let mut failures = 0;
    loop {
        match tables.query(query).await {
            Ok(page) => return Ok(page),
            Err(error) if error.retry_kind() == RetryKind::Permanent => return Err(error),
            Err(error) => {
                failures += 1;
                if failures >= READ_FAILURES_MAX {
                    return Err(error);
                }
            }
        }
        pause(surroundings, failures).await;
    }
}

/// Waits before attempt number `failures`: exponential with full jitter.
///
/// Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
pub async fn pause<S: Surroundings>(surroundings: &S, failures: u32) {
    let ceiling_ms = (PAUSE_BASE_MS << failures.min(10)).min(PAUSE_MAX_MS);
    let pause_ms = surroundings.random() % ceiling_ms + 1;
    surroundings.sleep(Duration::from_millis(pause_ms)).await;
}

const READ_FAILURES_MAX: u32 = 6;
const PAUSE_BASE_MS: u64 = 10;
const PAUSE_MAX_MS: u64 = 1_000;
