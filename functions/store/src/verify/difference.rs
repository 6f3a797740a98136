//! What a verification may find wrong.

use std::fmt;

use protocol::{Digest, Epoch, Number, Version};
use serde::Serialize;

/// One thing that is wrong.
///
/// ```json
/// {"kind":"otherVersion","record":"customers#7f1e…","version":3,"published":2}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Difference {
    /// The business has no feed.
    NoFeed,
    /// A rebuild has not ended.
    Rebuilding,
    /// The stream could not bring something.
    AwaitsRepair {
        /// What.
        reason: String,
    },
    /// An item is not of our shape.
    Unreadable {
        /// Its sort key.
        item: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A record that readers never got.
    NotPublished {
        /// The record.
        record: String,
        /// Its version.
        version: Version,
    },
    /// Readers have another version than the record has.
    OtherVersion {
        /// The record.
        record: String,
        /// Its version.
        version: Version,
        /// What readers have.
        published: Version,
    },
    /// Readers have the version, and something else in it.
    OtherContent {
        /// The record.
        record: String,
        /// Its version.
        version: Version,
    },
    /// Readers have a record that there is not.
    PublishedOrphan {
        /// The record.
        record: String,
        /// What readers have.
        version: Version,
    },
    /// A row of the feed is of another epoch than its head.
    OtherEpoch {
        /// The row.
        item: String,
        /// Its epoch.
        epoch: Epoch,
    },
    /// Change rows are missing between floor and head.
    Gap {
        /// The first missing one.
        from: Number,
        /// The last.
        to: Number,
    },
    /// There are change rows beyond the head: nothing can be appended any more.
    BeyondHead {
        /// The first.
        number: Number,
    },
    /// A change carries another number than its key.
    OtherNumber {
        /// The row.
        item: String,
        /// The number inside.
        number: Number,
    },
    /// The digest in a change row does not follow from the row before it.
    RowDigest {
        /// The change.
        number: Number,
        /// What it carries.
        stored: Digest,
        /// What follows from the row before.
        computed: Digest,
    },
    /// The head's digest is not that of the published records.
    HeadDigest {
        /// The head.
        number: Number,
        /// What it carries.
        stored: Digest,
        /// That of the published records.
        computed: Digest,
    },
    /// A record's last change is not what its published image says.
    LastChange {
        /// The record.
        record: String,
        /// Its last change.
        number: Number,
        /// The number in the published image, if there is one.
        published: Option<Number>,
    },
    /// An operation took effect on a record that there is not, or not in that version.
    ReceiptWithoutRecord {
        /// The operation.
        operation: String,
        /// The record.
        record: String,
        /// The version that the receipt tells.
        version: Version,
        /// The record's, if there is one.
        found: Option<Version>,
    },
}

impl Difference {
    pub(super) fn unreadable(item: &str, reason: &dyn fmt::Display) -> Self {
        Self::Unreadable { item: item.into(), reason: reason.to_string() }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFeed => f.write_str("the business has no feed"),
            Self::Rebuilding => f.write_str("the feed is being rebuilt: run the rebuild again"),
            Self::AwaitsRepair { reason } => write!(f, "the business awaits repair: {reason}"),
            Self::Unreadable { item, reason } => write!(f, "{item} cannot be read: {reason}"),
            Self::NotPublished { record, version } => {
                write!(f, "{record} version {version} was never published")
            }
            Self::OtherVersion { record, version, published } => {
                write!(f, "{record} is version {version}, published is version {published}")
            }
            Self::OtherContent { record, version } => {
                write!(f, "{record} version {version} was published with another content")
            }
            Self::PublishedOrphan { record, version } => {
                write!(f, "{record} version {version} is published, but there is no such record")
            }
            Self::OtherEpoch { item, epoch } => write!(f, "{item} is of another epoch, {epoch}"),
            Self::Gap { from, to } => write!(f, "changes {from} to {to} are missing"),
            Self::BeyondHead { number } => write!(f, "change {number} lies beyond the head"),
            Self::OtherNumber { item, number } => write!(f, "{item} says it is number {number}"),
            Self::RowDigest { number, stored, computed } => write!(
                f,
                "change {number} carries digest {stored}, the row before it leads to {computed}"
            ),
            Self::HeadDigest { number, stored, computed } => write!(
                f,
                "the head ({number}) carries digest {stored}, the records give {computed}"
            ),
            Self::LastChange { record, number, published: Some(published) } => write!(
                f,
                "the last change of {record} is {number}, its published image says {published}"
            ),
            Self::LastChange { record, number, published: None } => {
                write!(f, "the last change of {record} is {number}, it has no published image")
            }
            Self::ReceiptWithoutRecord { operation, record, version, found } => {
                write!(f, "operation {operation} made {record} version {version}, ")?;
                match found {
                    Some(found) => write!(f, "but that is version {found}"),
                    None => f.write_str("but there is no such record"),
                }
            }
        }
    }
}
