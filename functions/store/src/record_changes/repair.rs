//! `repair`: appends what the stream has failed to bring, and raises floors.
//!
//! Idempotent, and safe beside the stream's own consumer: both append through the same code.

use protocol::BusinessId;
use serde_json::Value;

use super::publish::{Phase, append};
use super::{Image, PublishError, Scope, mark, marked, raise_floor, receipts};
use crate::feed::{BUSINESSES, FeedError};
use crate::reading::query;
use crate::rows::read_record;
use crate::tables::{Item, Query, Surroundings, Table, Tables};

/// What a repair of one business did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepairReport {
    /// Changes appended.
    pub published: usize,
    /// Receipts put back that a restore had lost; of a rebuild only.
    pub receipts: usize,
    /// Records that can never be published as they are; the business stays marked.
    pub poison: Vec<String>,
}

/// Repairs the businesses of `scope`; of each that was worked on, what came of it.
///
/// Businesses are known by the rows `businesses` / `{business}` of the `accounts` table, made with
/// their feeds.
///
/// # Errors
/// [`PublishError`] only if the list of businesses cannot be read.
pub async fn repair_all<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    scope: &Scope,
) -> Result<Vec<(BusinessId, Result<RepairReport, PublishError>)>, PublishError> {
    let businesses = match scope {
        Scope::One(business) => vec![business.clone()],
        Scope::Marked | Scope::Every => businesses(tables, surroundings).await?,
    };
    let mut reports = Vec::new();
    for business in businesses {
        // A floor that was not raised today is raised tomorrow: no reader notices.
        let floor = raise_floor(tables, surroundings, &business).await;
        let wanted = match scope {
            Scope::Marked => marked(tables, surroundings, &business).await.map(|m| m.is_some()),
            Scope::One(_) | Scope::Every => Ok(true),
        };
        match wanted {
            Ok(true) => {
                let report = repair(tables, surroundings, &business).await;
                reports.push((business, floor.and(report)));
            }
            Ok(false) => {
                if let Err(error) = floor {
                    reports.push((business, Err(error)));
                }
            }
            Err(error) => reports.push((business, Err(error))),
        }
    }
    Ok(reports)
}

/// Compares every record of `business` with its published image and appends what is news.
///
/// # Errors
/// [`PublishError`]; what was appended before it stays.
pub async fn repair<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
) -> Result<RepairReport, PublishError> {
    let mark = marked(tables, surroundings, business).await?;
    let report = append_every_record(tables, surroundings, business, Phase::Serving).await?;
    if let (Some(mark), true) = (mark, report.poison.is_empty()) {
        mark::clear(tables, business, &mark).await?;
    }
    Ok(report)
}

pub(super) async fn append_every_record<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    business: &BusinessId,
    phase: Phase,
) -> Result<RepairReport, PublishError> {
    let mut report = RepairReport::default();
    let mut range = Query {
        limit: Some(RECORDS_READ_AT_ONCE),
        ..Query::range(Table::Records, business.to_string(), FIRST_KEY, LAST_KEY)
    };
    loop {
        let page = query(tables, surroundings, &range).await.map_err(FeedError::Store)?;
        if phase == Phase::Rebuilding {
            report.receipts +=
                receipts::put_back(tables, surroundings, business, &page.items).await?;
        }
        let mut images = Vec::new();
        for item in page.items {
            match image_of(item) {
                Ok(image) => images.extend(image),
                Err(poison) => report.poison.push(poison.to_string()),
            }
        }
        report.published += append(tables, surroundings, business, images, phase).await?;
        match page.resume_after {
            Some(after) => range.after = Some(after),
            None => return Ok(report),
        }
    }
}

fn image_of(item: Item) -> Result<Option<Image>, super::Poison> {
    let key = item.get("record").and_then(Value::as_str).unwrap_or_default().to_owned();
    if key.starts_with(domain::GuardKey::PREFIX) {
        return Ok(None);
    }
    let stored = read_record(item).map_err(|foreign| super::Poison::new(&key, foreign.reason))?;
    Image::of(&key, stored).map(Some)
}

/// Every business that has a feed.
///
/// # Errors
/// [`PublishError::Feed`] if the list cannot be read.
pub async fn businesses<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
) -> Result<Vec<BusinessId>, PublishError> {
    let mut range = Query::range(Table::Accounts, BUSINESSES, FIRST_KEY, LAST_KEY);
    let mut businesses = Vec::new();
    loop {
        let page = query(tables, surroundings, &range).await.map_err(FeedError::Store)?;
        let ids = page.items.iter().filter_map(|item| item.get("item")?.as_str()?.parse().ok());
        businesses.extend(ids);
        match page.resume_after {
            Some(after) => range.after = Some(after),
            None => return Ok(businesses),
        }
    }
}

/// Keys and identifiers are printable ASCII: no key lies outside of these.
pub(crate) const FIRST_KEY: &str = "!";
pub(crate) const LAST_KEY: &str = "~~";

const RECORDS_READ_AT_ONCE: u32 = 100;
