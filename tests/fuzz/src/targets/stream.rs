//! Events of record-changes: any JSON is read or refused, and what is read never panics on its way
//! to an image of a record.

use protocol::json;
use serde_json::Value;
use store::record_changes::Event;

use crate::Bytes;

pub(crate) fn run(bytes: &[u8]) {
    let text = Bytes::new(bytes).rest();
    let Ok(event) = json::from_str::<Value>(&text) else { return };
    let Ok(Event::Stream(records)) = Event::from_json(&event) else { return };
    for record in records {
        let business = record.business();
        if let Ok(Some(image)) = record.into_image() {
            assert!(business.is_some(), "an image without a business: {image:?}");
        }
    }
}
