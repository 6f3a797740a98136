//! The first step: queue, records, and where each business stands.

use rexie::{Index, ObjectStore};

use super::{BY_AGE, BY_RESULT, BY_STATUS, META, OPERATIONS, RECORDS};

/// All stores as of this step.
pub(super) fn stores() -> Vec<ObjectStore> {
    let operations = ObjectStore::new(OPERATIONS)
        .key_path("id")
        .add_index(Index::new(BY_STATUS, "status"))
        .add_index(Index::new("createdAt", "createdAt"))
        .add_index(Index::new("sequence", "sequence"))
        .add_index(Index::new(BY_RESULT, "resultVersion"))
        .add_index(Index::new_array(BY_AGE, ["account.business", "status", "updatedAt"]));
    vec![operations, ObjectStore::new(RECORDS), ObjectStore::new(META)]
}
