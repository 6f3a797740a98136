//! `Effect::Read`, and pages of records for the screens.

use engine::{
    Account, Generation, OperationRecord, Query, QueueStatus, Rows, StorageFault, SyncState,
    SyncedKey, SyncedRecord,
};
use protocol::{BusinessId, OperationId, Version};
use rexie::{KeyRange, TransactionMode};
use wasm_bindgen::JsValue;

use crate::database::Work;
use crate::schema::{BY_RESULT, BY_STATUS, META, OPERATIONS, RECORDS};
use crate::{Database, keys, rows};

/// A record as it is kept: screens parse what they show, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredText {
    /// Entity and id.
    pub key: SyncedKey,
    /// Its version.
    pub version: Version,
    /// JSON; `None` once deleted.
    pub text: Option<String>,
}

impl Database {
    /// Performs [`engine::Effect::Read`].
    ///
    /// # Errors
    /// What the browser says, and [`StorageFault::Aborted`] for a row that cannot be read.
    pub async fn read(&self, query: &Query) -> Result<Rows, StorageFault> {
        match query {
            Query::Queue(account) => self.queue(account, None).await,
            Query::Operations { account, ids } => self.queue(account, Some(ids)).await,
            Query::BusinessOperations(business) => {
                let read = self.transact(&[OPERATIONS], TransactionMode::ReadOnly, all_operations);
                let found = read.await?;
                let ours = found.into_iter().filter(|one| one.account.business == *business);
                Ok(Rows::Operations(ours.collect()))
            }
            Query::Records { business, generation, keys } => {
                let texts = self.texts(business, *generation, keys).await?;
                texts
                    .into_iter()
                    .map(StoredText::parse)
                    .collect::<Result<_, _>>()
                    .map(Rows::Records)
            }
            Query::Versions { business, generation, after, limit } => {
                let found = self.rows_after(business, *generation, after.as_ref(), *limit).await?;
                let versions = found.into_iter().map(|(key, row)| rows::version_of(key, &row));
                versions.collect::<Result<_, _>>().map(Rows::Versions)
            }
        }
    }

    /// A page of a set of records in the order of their keys, from the first above `after`; fewer
    /// than `limit` mean that the end was reached.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn page(
        &self,
        business: &BusinessId,
        generation: Generation,
        after: Option<&SyncedKey>,
        limit: usize,
    ) -> Result<Vec<StoredText>, StorageFault> {
        let found = self.rows_after(business, generation, after, limit).await?;
        found.into_iter().map(|(key, row)| StoredText::of(key, &row)).collect()
    }

    /// Records by key; absent ones are left out.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn texts(
        &self,
        business: &BusinessId,
        generation: Generation,
        keys: &[SyncedKey],
    ) -> Result<Vec<StoredText>, StorageFault> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.transact(&[RECORDS], TransactionMode::ReadOnly, async |work: &Work| {
            let store = work.transaction.store(RECORDS).map_err(|error| work.fault(&error))?;
            let mut found = Vec::new();
            for key in keys {
                let row = store.get(keys::record(business, generation, key)).await;
                if let Some(row) = row.map_err(|error| work.fault(&error))? {
                    found.push(StoredText::of(key.clone(), &row)?);
                }
            }
            Ok(found)
        })
        .await
    }

    async fn rows_after(
        &self,
        business: &BusinessId,
        generation: Generation,
        after: Option<&SyncedKey>,
        limit: usize,
    ) -> Result<Vec<(SyncedKey, JsValue)>, StorageFault> {
        let read = self.transact(&[RECORDS], TransactionMode::ReadOnly, async |work: &Work| {
            let read = async {
                let store = work.transaction.store(RECORDS)?;
                let limit = u32::try_from(limit).unwrap_or(u32::MAX);
                let range = || keys::records_after(business, generation, after);
                let found = store.get_all_keys(Some(range()?), Some(limit)).await?;
                Ok((found, store.get_all(Some(range()?), Some(limit)).await?))
            };
            read.await.map_err(|error: rexie::Error| work.fault(&error))
        });
        let (found, values) = read.await?;
        let keys = found.iter().map(rows::record_key);
        keys.zip(values).map(|(key, value)| Ok((key?, value))).collect()
    }

    /// Of the account: these operations, or all that are pending, failed or await the feed.
    async fn queue(
        &self,
        account: &Account,
        ids: Option<&Vec<OperationId>>,
    ) -> Result<Rows, StorageFault> {
        let stores = [OPERATIONS, META];
        let read = self.transact(&stores, TransactionMode::ReadOnly, async |work: &Work| {
            let sync = sync_state(work, &account.business).await?;
            let operations = match ids {
                Some(ids) => operations_by_id(work, ids).await?,
                None => unfinished(work).await?,
            };
            Ok((sync, operations))
        });
        let (sync, mut operations) = read.await?;
        operations.retain(|operation| operation.account == *account);
        Ok(Rows::Queue { sync: sync.map(Box::new), operations })
    }
}

impl StoredText {
    fn of(key: SyncedKey, row: &JsValue) -> Result<Self, StorageFault> {
        let (version, text) = rows::version_and_text(row)?;
        Ok(Self { key, version, text })
    }

    fn parse(self) -> Result<SyncedRecord, StorageFault> {
        let record = self.text.map(|text| protocol::json::from_str(&text)).transpose();
        let record = record.map_err(|_| rows::UNREADABLE)?;
        Ok(SyncedRecord { key: self.key, version: self.version, record })
    }
}

/// Where a business stands.
pub(crate) async fn sync_state(
    work: &Work,
    business: &BusinessId,
) -> Result<Option<SyncState>, StorageFault> {
    let read =
        async { work.transaction.store(META)?.get(keys::names(&[business.as_str(), SYNC])).await };
    let row = read.await.map_err(|error| work.fault(&error))?;
    let text = row.and_then(|row| row.as_string());
    text.map(|text| protocol::json::from_str(&text)).transpose().map_err(|_| rows::UNREADABLE)
}

async fn operations_by_id(
    work: &Work,
    ids: &[OperationId],
) -> Result<Vec<OperationRecord>, StorageFault> {
    let store = work.transaction.store(OPERATIONS).map_err(|error| work.fault(&error))?;
    let mut found = Vec::new();
    for id in ids {
        let row = store.get(id.as_str().into()).await.map_err(|error| work.fault(&error))?;
        found.extend(row.map(|row| rows::operation(&row)).transpose()?);
    }
    Ok(found)
}

/// By indexes: the processed ones of 35 days are many.
async fn unfinished(work: &Work) -> Result<Vec<OperationRecord>, StorageFault> {
    let read = async {
        let store = work.transaction.store(OPERATIONS)?;
        let by_status = store.index(BY_STATUS)?;
        let of = |status: &str| KeyRange::only(&status.into());
        let mut found = by_status.get_all(Some(of("pending")?), None).await?;
        found.extend(by_status.get_all(Some(of("failed")?), None).await?);
        let awaiting = store.index(BY_RESULT)?.get_all(None, None).await?;
        Ok((found, awaiting))
    };
    let (found, awaiting): (Vec<JsValue>, Vec<JsValue>) =
        read.await.map_err(|error: rexie::Error| work.fault(&error))?;
    let mut operations = rows::operations(found)?;
    let awaiting = rows::operations(awaiting)?.into_iter();
    operations.extend(awaiting.filter(|one| one.status == QueueStatus::Processed));
    Ok(operations)
}

async fn all_operations(work: &Work) -> Result<Vec<OperationRecord>, StorageFault> {
    let read = async { work.transaction.store(OPERATIONS)?.get_all(None, None).await };
    rows::operations(read.await.map_err(|error| work.fault(&error))?)
}

/// The name of a business's sync state among its small rows.
pub(crate) const SYNC: &str = "sync";
