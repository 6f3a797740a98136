//! All that was written of one seller's day.

use domain::{Day, RecordKey};
use protocol::BusinessId;
use serde_json::Value;

use crate::push::PushError;
use crate::reading::query;
use crate::rows::{ForeignItem, read_record};
use crate::tables::{LocalIndex, Query, Surroundings, Table, Tables};

/// Reads the day `{seller}#{date}` to its last page.
///
/// # Errors
/// [`PushError`]: a day that was read in part is no day.
pub(super) async fn read<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    seller_date: &str,
) -> Result<Day, PushError> {
    let mut wanted = Query {
        index: Some(LocalIndex::SellerDate),
        ..Query::range(
            Table::Records,
            business.to_string(),
            seller_date.to_owned(),
            seller_date.to_owned(),
        )
    };
    let mut records = Vec::new();
    loop {
        let page = query(tables, surroundings, &wanted).await?;
        for item in page.items {
            let key = item.get("record").and_then(Value::as_str).unwrap_or_default();
            let key: RecordKey = key.parse().map_err(|_| ForeignItem {
                key: key.to_owned(),
                reason: "a seller's day holds records only".to_owned(),
            })?;
            records.push((key.entity, read_record(item)?));
        }
        match page.resume_after {
            None => return Ok(Day::new(records)),
            after => wanted.after = after,
        }
    }
}
