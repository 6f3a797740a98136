//! `rebuild`: a new epoch of a business's feed, after its tables were restored to an instant.
//!
//! 1. A head with a new epoch, number 0 and the mark `rebuilding`: readers get 503, the stream's
//!    consumer waits.
//! 2. The rows of other epochs are deleted.
//! 3. Every record is appended, tombstones too, and the receipts that it remembers are put back.
//! 4. The mark is cleared.
//!
//! Killed at any point, it resumes: a head that was marked a moment ago is taken up where it stands.

use protocol::{BusinessId, Digest, Epoch, Number};
use serde_json::Value;

use super::publish::Phase;
use super::repair::append_every_record;
use super::{PublishError, RepairReport};
use crate::feed::{FeedError, Head, read_head};
use crate::reading::{pause, query};
use crate::tables::{
    Condition, Item, Key, Query, RetryKind, StoreError, Surroundings, Table, Tables, Write,
};

/// Rebuilds the feed of `business`, or goes on with a rebuild that was interrupted.
///
/// # Errors
/// [`PublishError`]; call it again, it resumes.
pub async fn rebuild<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
) -> Result<RepairReport, PublishError> {
    let head = begin(tables, surroundings, business).await?;
    delete_other_epochs(tables, surroundings, business, head.epoch).await?;
    let report = append_every_record(tables, surroundings, business, Phase::Rebuilding).await?;
    finish(tables, surroundings, business, head.epoch).await?;
    Ok(report)
}

/// Puts the new head, unless one is marked already.
async fn begin<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
) -> Result<Head, PublishError> {
    let mut attempts = 0;
    loop {
        let seconds = u64::try_from(surroundings.now().as_millis() / 1000).unwrap_or_default();
        let (found, condition) = match read_head(tables, surroundings, business).await {
            Ok(head) if head.rebuilding && seconds < head.epoch.0 + RESUMED_WITHIN_SECONDS => {
                return Ok(head);
            }
            Ok(head) => (head.epoch, head.unchanged()),
            Err(FeedError::NoFeed) => (Epoch(0), Condition::Absent),
            Err(error) => return Err(error.into()),
        };
        // From outside of the tables: a restored table may say an epoch that was in use before.
        let head = Head {
            epoch: Epoch(seconds).max(found.next()),
            number: Number(0),
            digest: Digest::EMPTY,
            floor: Number(0),
            rebuilding: true,
        };
        match tables.write(&head.put(business, condition)).await {
            Ok(()) => return Ok(head),
            Err(error) => again(surroundings, &mut attempts, error).await?,
        }
    }
}

async fn delete_other_epochs<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    epoch: Epoch,
) -> Result<(), PublishError> {
    for (from, to) in [("change#", "change#~"), ("published#", "published#~~")] {
        let mut range = Query {
            limit: Some(ROWS_DELETED_AT_ONCE),
            ..Query::range(Table::Changes, business.to_string(), from, to)
        };
        loop {
            let page = query(tables, surroundings, &range).await.map_err(FeedError::Store)?;
            let old = page.items.iter().filter(|item| item.get("epoch") != Some(&epoch.0.into()));
            delete(tables, surroundings, old).await?;
            match page.resume_after {
                Some(after) => range.after = Some(after),
                None => break,
            }
        }
    }
    Ok(())
}

/// Deletes rows in one transaction.
pub(super) async fn delete<'a, T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    rows: impl Iterator<Item = &'a Item>,
) -> Result<(), PublishError> {
    let keys = rows.filter_map(|item| Key::of(Table::Changes, item));
    let deletes: Vec<Write> =
        keys.map(|key| Write::Delete { key, condition: Condition::None }).collect();
    let mut attempts = 0;
    while !deletes.is_empty() {
        match tables.transact(&deletes).await {
            Ok(()) => break,
            Err(error) => again(surroundings, &mut attempts, error).await?,
        }
    }
    Ok(())
}

async fn finish<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    epoch: Epoch,
) -> Result<(), PublishError> {
    let mut attempts = 0;
    loop {
        let head = read_head(tables, surroundings, business).await?;
        if !head.rebuilding || head.epoch != epoch {
            return Ok(());
        }
        let open = Head { rebuilding: false, ..head.clone() };
        let mut unchanged = head.unchanged();
        if let Condition::Equals(values) = &mut unchanged {
            values.push(("rebuilding", Value::Bool(true)));
        }
        match tables.write(&open.put(business, unchanged)).await {
            Ok(()) => return Ok(()),
            Err(error) => again(surroundings, &mut attempts, error).await?,
        }
    }
}

/// Waits before the next attempt, or gives up.
pub(super) async fn again<S: Surroundings>(
    surroundings: &S,
    attempts: &mut u32,
    error: StoreError,
) -> Result<(), PublishError> {
    *attempts += 1;
    if error.retry_kind() == RetryKind::Permanent {
        return Err(FeedError::Store(error).into());
    }
    if *attempts >= ATTEMPTS_MAX {
        return Err(PublishError::Busy);
    }
    pause(surroundings, *attempts).await;
    Ok(())
}

const ATTEMPTS_MAX: u32 = 8;

/// A head that was marked longer ago is no rebuild of this restore: the restore has brought the mark
/// of an earlier one back, and its epoch, which phones know.
const RESUMED_WITHIN_SECONDS: u64 = 20 * 60;

/// One transaction of deletes.
const ROWS_DELETED_AT_ONCE: u32 = 100;
