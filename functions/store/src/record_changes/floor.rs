//! The floor: changes older than 30 days leave the feed; whoever needs them takes the snapshot.

use protocol::{BusinessId, Instant, Number};
use serde_json::Value;

use super::PublishError;
use super::rebuild::{again, delete};
use crate::feed::{FeedError, Head, change_sort_key, read_head};
use crate::reading::query;
use crate::tables::{Item, Query, Surroundings, Table, Tables};

/// Raises the floor of `business` past changes that are older than 30 days and deletes the rows
/// below it. A multiple of 100, so that a rounded cursor never falls below it.
///
/// # Errors
/// [`PublishError`]; the next call goes on.
pub async fn raise_floor<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
) -> Result<(), PublishError> {
    let mut attempts = 0;
    loop {
        let head = match read_head(tables, surroundings, business).await {
            Ok(head) if head.rebuilding => return Ok(()),
            Ok(head) => head,
            Err(FeedError::NoFeed) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let floor = old_until(tables, surroundings, business, &head).await?;
        if floor > head.floor {
            let raised = Head { floor, ..head.clone() };
            if let Err(error) = tables.write(&raised.put(business, head.unchanged())).await {
                again(surroundings, &mut attempts, error).await?;
                continue;
            }
        }
        return delete_up_to(tables, surroundings, business, floor).await;
    }
}

/// The highest multiple of 100 whose change, and all before it, are old enough.
async fn old_until<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    head: &Head,
) -> Result<Number, PublishError> {
    let old = surroundings.now().plus_millis(-CHANGES_KEPT_MS);
    let mut floor = head.floor;
    for _ in 0..STEPS_MAX {
        let next = Number(floor.0 + STEP);
        if next > head.number {
            break;
        }
        let at = change_sort_key(next);
        let page = range(tables, surroundings, business, &at, &at).await?;
        match page.first().and_then(changed_at) {
            Some(at) if at < old => floor = next,
            _ => break,
        }
    }
    Ok(floor)
}

async fn delete_up_to<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    floor: Number,
) -> Result<(), PublishError> {
    if floor == Number(0) {
        return Ok(());
    }
    let (first, last) = (change_sort_key(Number(0)), change_sort_key(floor));
    loop {
        let rows = range(tables, surroundings, business, &first, &last).await?;
        if rows.is_empty() {
            return Ok(());
        }
        delete(tables, surroundings, rows.iter()).await?;
    }
}

async fn range<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    from: &str,
    to: &str,
) -> Result<Vec<Item>, PublishError> {
    let wanted =
        Query { limit: Some(100), ..Query::range(Table::Changes, business.to_string(), from, to) };
    Ok(query(tables, surroundings, &wanted).await.map_err(FeedError::Store)?.items)
}

fn changed_at(change: &Item) -> Option<Instant> {
    change.get("changedAt").and_then(Value::as_str)?.parse().ok()
}

const CHANGES_KEPT_MS: i64 = 30 * 86_400_000;
const STEP: u64 = 100;

/// At most 10,000 changes a run, so that a long neglected feed costs no function its time.
const STEPS_MAX: u32 = 100;
