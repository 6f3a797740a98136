//! Whole partitions: read page by page, or deleted.

use store::reading::query;
use store::tables::{
    Condition, Item, Key, Query, RetryKind, StoreError, Surroundings, Table, Tables, Write,
};

use crate::place::Place;

impl Place {
    /// The rows of a partition after `after`, a page of them.
    pub(crate) async fn page(
        &self,
        table: Table,
        partition: &str,
        after: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let wanted = Query {
            after,
            limit: Some(ROWS_AT_ONCE),
            // Keys are printable ASCII: none lies outside of these.
            ..Query::range(table, partition, "!", "~~")
        };
        let page = query(&self.tables, &self.clock, &wanted).await?;
        Ok((page.items, page.resume_after))
    }

    /// Deletes the rows of a partition but the one called `kept`; returns how many there were.
    pub(crate) async fn delete_partition(
        &self,
        table: Table,
        partition: &str,
        kept: Option<&str>,
    ) -> Result<usize, StoreError> {
        let (mut count, mut after) = (0, None);
        loop {
            let (items, resume_after) = self.page(table, partition, after).await?;
            let keys = items.iter().filter_map(|item| Key::of(table, item));
            let keys = keys.filter(|key| Some(key.sort.as_str()) != kept);
            let deletes: Vec<Write> =
                keys.map(|key| Write::Delete { key, condition: Condition::None }).collect();
            self.transact_surely(&deletes).await?;
            count += deletes.len();
            after = resume_after;
            if after.is_none() {
                return Ok(count);
            }
        }
    }

    /// Writes that may be done twice.
    pub(crate) async fn transact_surely(&self, writes: &[Write]) -> Result<(), StoreError> {
        let mut attempts = 0;
        while !writes.is_empty() {
            match self.tables.transact(writes).await {
                Ok(()) => break,
                Err(error) if error.retry_kind() == RetryKind::Permanent => return Err(error),
                Err(error) => {
                    attempts += 1;
                    if attempts == ATTEMPTS_MAX {
                        return Err(error);
                    }
                    self.clock.sleep(std::time::Duration::from_millis(200 * attempts)).await;
                }
            }
        }
        Ok(())
    }
}

/// One page is one transaction of deletes.
const ROWS_AT_ONCE: u32 = 100;
const ATTEMPTS_MAX: u64 = 8;
