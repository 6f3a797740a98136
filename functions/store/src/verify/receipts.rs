//! Receipts: what took effect must be there.

use std::collections::BTreeMap;

use domain::{Outcome, Receipt, RecordKey, Row, RowKey};
use protocol::{OperationId, Version};
use serde_json::Value;

use super::records::{Seen, read_one};
use super::{Difference, Reader, Verification};
use crate::record_changes::{FIRST_KEY, LAST_KEY};
use crate::rows::read_row;
use crate::tables::{Item, StoreError, Surroundings, Table, Tables};

/// Every receipt of a success against the record that it names.
pub(super) async fn check<T: Tables, S: Surroundings>(
    reader: &Reader<'_, T, S>,
    records: &BTreeMap<RecordKey, Seen>,
    found: &mut Verification,
) -> Result<(), StoreError> {
    let mut suspects = Vec::new();
    let take = |item: Item| {
        let name = item.get("operation").and_then(Value::as_str).unwrap_or_default().to_owned();
        found.receipts += 1;
        let receipt = match read(&name, item) {
            Ok(receipt) => receipt,
            Err(reason) => return found.add(Difference::unreadable(&name, &reason)),
        };
        if let Outcome::Succeeded { version, .. } = receipt.outcome
            && !reaches(records.get(&receipt.record), version)
        {
            suspects.push((name, receipt.record, version));
        }
    };
    reader.each(Table::Operations, FIRST_KEY, LAST_KEY, take).await?;
    for (operation, record, version) in suspects {
        // It may be younger than the records as read; both were written at once.
        let now = read_one(reader, &record).await?;
        if !reaches(now.as_ref(), version) {
            let found_version = now.and_then(|seen| seen.version());
            found.add(Difference::ReceiptWithoutRecord {
                operation,
                record: record.to_string(),
                version,
                found: found_version,
            });
        }
    }
    Ok(())
}

fn read(name: &str, item: Item) -> Result<Receipt, String> {
    let id: OperationId = name.parse().map_err(|_| "its key is no operation id".to_owned())?;
    match read_row(&RowKey::Receipt(id), item) {
        Ok(Row::Receipt(receipt)) => Ok(receipt),
        Ok(_) => Err("it is no receipt".into()),
        Err(foreign) => Err(foreign.reason),
    }
}

fn reaches(record: Option<&Seen>, version: Version) -> bool {
    match record {
        Some(Seen::Record { version: present, .. }) => *present >= version,
        // Told by itself already.
        Some(Seen::Unreadable) => true,
        None => false,
    }
}
