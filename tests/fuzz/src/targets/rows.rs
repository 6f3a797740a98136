//! Items of the tables, as this version or an older one, or somebody's hand, has left them.

use std::str::FromStr;

use domain::{Row, RowKey};
use protocol::{BusinessId, json};
use serde_json::{Map, Value};
use store::rows::{read_row, write_of};
use store::tables::Write;

use crate::Bytes;

pub(crate) fn run(bytes: &[u8]) {
    let text = Bytes::new(bytes).rest();
    let Ok(item) = json::from_str::<Map<String, Value>>(&text) else { return };
    let business = BusinessId::from_str("b1").unwrap();
    let keys = [
        RowKey::Record("customers#c1".parse().unwrap()),
        RowKey::Record("sales#s1".parse().unwrap()),
        RowKey::Receipt("o1".parse().unwrap()),
    ];
    for key in keys {
        let Ok(row) = read_row(&key, item.clone()) else { continue };
        if let Row::Record(record) = &row {
            let _ = (record.is_deleted(), record.seller_date());
        }
        // What was read is written so that it is read the same.
        let Write::Put { item, .. } = write_of(&business, &key, None, Some(&row)) else {
            panic!("a row is put");
        };
        assert_eq!(read_row(&key, item).ok(), Some(row));
    }
}
