//! Rows of the phone's queue as an older or newer app has left them: read or refused, written back
//! with what this app does not know, and laid on top of records without a panic.

use domain::{Caller, Channel};
use engine::{OperationRecord, SyncState};
use protocol::{Role, json};
use serde_json::Value;

use crate::Bytes;

pub(crate) fn run(bytes: &[u8]) {
    let text = Bytes::new(bytes).rest();
    if let Ok(state) = json::from_str::<SyncState>(&text) {
        let written = serde_json::to_string(&state).unwrap();
        assert_eq!(json::from_str::<SyncState>(&written).ok(), Some(state));
    }
    let Ok(row) = json::from_str::<OperationRecord>(&text) else { return };
    let written = serde_json::to_string(&row).unwrap();
    let again: OperationRecord = json::from_str(&written).unwrap();
    assert_eq!(again, row, "{written}");
    let came: Value = json::from_str(&text).unwrap();
    for (field, value) in &row.unknown {
        assert_eq!(came.get(field), Some(value), "what is not known stays as it came");
    }
    let _ = (row.target(), row.references(), row.makes_target(), row.awaits_feed());
    let caller = Caller {
        business: "b1".parse().unwrap(),
        user: "rosa".parse().unwrap(),
        role: Role::Vendedor,
        deactivated_at: None,
        channel: Channel::Batch,
    };
    let operation = row.to_wire();
    let _ = domain::preview(None, &operation, &caller);
    let _ = domain::preview(Some(&row.data), &operation, &caller);
}
