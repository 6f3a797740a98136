//! No byte of another business reaches a phone, and what a phone keeps under a business is that
//! business's own.

use engine::SyncedRecord;
use protocol::BusinessId;

/// An answer on its way to a phone of `business`.
pub(crate) fn body(business: &BusinessId, body: &str) -> Result<(), String> {
    let mut rest = body;
    while let Some(at) = rest.find(FIELD) {
        rest = &rest[at + FIELD.len()..];
        let whose = rest.split('"').next().unwrap_or_default();
        if whose != business.as_str() {
            return Err(format!("a phone of {business} is sent a record of {whose}"));
        }
    }
    Ok(())
}

/// A record that a phone stores.
pub(crate) fn record(business: &BusinessId, record: &SyncedRecord) -> Result<(), String> {
    let whose = record.record.as_ref().and_then(|record| record.get("businessId"));
    match whose {
        Some(whose) if whose != business.as_str() => {
            Err(format!("{} of {whose} is kept under {business}", record.key))
        }
        _ => Ok(()),
    }
}

const FIELD: &str = "\"businessId\":\"";
