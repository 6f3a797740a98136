//! From the stream of the `records` table to the feed.
//!
//! Called at least once with every change, in order per record and in no order between records,
//! perhaps twice at once, perhaps killed between any two calls: the feed stays gapless and free of
//! duplicates all the same, because a change is appended in one transaction with the head as read
//! and with the record's published version, and only if its version is above that.
//!
//! Businesses are isolated: what fails for good marks that business for [`repair`] and counts as
//! done; what may pass is reported as a partial failure, so that the stream brings it again.

mod event;
mod floor;
mod image;
mod mark;
mod publish;
mod rebuild;
mod receipts;
mod repair;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use protocol::BusinessId;

use crate::tables::{Surroundings, Tables};

pub use event::{Event, InvalidEvent, Scope, StreamRecord};
pub use floor::raise_floor;
pub use image::{Image, Poison};
pub use mark::{Mark, marked};
pub use publish::{PublishError, publish};
pub use rebuild::rebuild;
pub(crate) use repair::{FIRST_KEY, LAST_KEY};
pub use repair::{RepairReport, businesses, repair, repair_all};

/// What became of a batch of the stream.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Changes appended to feeds.
    pub published: usize,
    /// The oldest acceptance among them, to measure the lag to publishing.
    pub oldest: Option<protocol::Instant>,
    /// Sequence numbers to bring again: the first of each business that failed in passing.
    pub failed: Vec<String>,
    /// Businesses that were marked for repair, with the reason.
    pub marked: Vec<(BusinessId, String)>,
}

/// Appends what a batch of the stream brings.
pub async fn record_changes<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    records: Vec<StreamRecord>,
) -> Report {
    let mut report = Report::default();
    for (business, records) in by_business(records, &mut report) {
        of_business(tables, surroundings, &business, records, &mut report).await;
    }
    report
}

fn by_business(
    records: Vec<StreamRecord>,
    report: &mut Report,
) -> BTreeMap<BusinessId, Vec<StreamRecord>> {
    let mut grouped: BTreeMap<BusinessId, Vec<StreamRecord>> = BTreeMap::new();
    for record in records {
        match record.business() {
            Some(business) => grouped.entry(business).or_default().push(record),
            // No business can be marked for it, and bringing it again would change nothing.
            None => report.failed.push(record.sequence),
        }
    }
    grouped
}

async fn of_business<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    records: Vec<StreamRecord>,
    report: &mut Report,
) {
    let first_sequence = records.first().map(|record| record.sequence.clone());
    let mut images = Vec::new();
    let mut trouble = None;
    for record in records {
        match record.into_image() {
            Ok(Some(image)) => images.push(image),
            Ok(None) => {}
            Err(poison) => trouble = Some(poison.to_string()),
        }
    }
    let oldest = images.iter().map(|image| image.changed_at).min();
    match publish(tables, surroundings, business, images).await {
        Ok(0) => {}
        Ok(published) => {
            report.published += published;
            report.oldest = report.oldest.min(oldest).or(report.oldest).or(oldest);
        }
        Err(error) if error.is_transient() => {
            report.failed.extend(first_sequence);
            return;
        }
        Err(error) => trouble = Some(error.to_string()),
    }
    let Some(reason) = trouble else { return };
    match mark::mark(tables, surroundings, business, &reason).await {
        Ok(true) => report.marked.push((business.clone(), reason)),
        // It was deleted since; its stream may bring what it was for a day.
        Ok(false) => {}
        Err(_) => report.failed.extend(first_sequence),
    }
}
