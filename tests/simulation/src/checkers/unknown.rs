//! What a newer app wrote is kept by all that know less: a field stays through every later write.

use std::collections::BTreeMap;

use serde_json::Value;
use store::tables::Key;

use crate::world::World;

/// Fields of a newer app, by record: what was written last.
#[derive(Debug, Default)]
pub(crate) struct Unknown(BTreeMap<Key, String>);

impl Unknown {
    pub(crate) fn note(&mut self, key: &Key, value: &str) {
        self.0.insert(key.clone(), value.to_owned());
    }

    /// The tables are as they were at an earlier instant.
    pub(crate) fn restore(&mut self) {
        self.0.clear();
    }
}

/// In the tables; that phones have what the tables have is another checker's.
pub(crate) fn kept(world: &World) -> Result<(), String> {
    for (key, written) in &world.checkers.unknown.0 {
        let item = world.tables.look(key);
        let found = item.as_ref().map(|item| &item["value"]["apodo"]);
        if found.and_then(Value::as_str) != Some(written) {
            return Err(format!("{} lost what a newer app wrote: {found:?}", key.sort));
        }
    }
    Ok(())
}
