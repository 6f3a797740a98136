//! The stores and their indexes, one file a step.
//!
//! The browser deletes at an upgrade whatever store or index the builder does not declare, so a
//! new step takes the declaration of the one before and adds to it; only a step that means to
//! delete leaves something out.

mod v1;

use rexie::RexieBuilder;

/// As seen in the browser's tools.
pub const NAME: &str = "avileo-sync";

/// The latest step.
pub const VERSION: u32 = 1;

/// What an operation is kept in.
pub(crate) const OPERATIONS: &str = "operations";
/// What feed and snapshot wrote.
pub(crate) const RECORDS: &str = "records";
/// Everything else.
pub(crate) const META: &str = "meta";

/// Operations by how far they have come.
pub(crate) const BY_STATUS: &str = "status";
/// Only operations that may still be shown on top of a record.
pub(crate) const BY_RESULT: &str = "resultVersion";
/// `[business, status, updatedAt]`.
pub(crate) const BY_AGE: &str = "age";

/// The database of this version of the app.
pub(crate) fn declaration(name: &str) -> RexieBuilder {
    v1::stores().into_iter().fold(RexieBuilder::new(name).version(VERSION), |builder, store| {
        builder.add_object_store(store)
    })
}
