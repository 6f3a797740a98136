//! Who owes what, counted from all customers, sales and abonos of the business.
//!
//! Debts are never stored, so they are counted anew each time, and a business with more records
//! than one request can read is told so instead of being given half a sum. Phones count theirs
//! from local records and do not need this.
//!
//! A list of customers by debt counts anew for each of its pages: a cursor that carried sums would
//! tell the second page of another moment than the first, and what is kept between requests would
//! not know of the last abono. What that costs is bounded by [`COUNTED_RECORDS_MAX`]; measured by
//! `tests/crud/cost.rs`, records have about 1.2 KB, so that is 24 MB, 6,000 read units of 4 KB,
//! $0.0008 a page; of a business with 2,000 customers and 5,000 sales and abonos a third of it, in
//! a dozen queries.

use domain::{Debts, Receivables, StoredRecord};
use gateway::{Answer, ApiError, Claims, Parameters, Parts};
use protocol::{BusinessId, Entity, ErrorCode};
use serde_json::json;
use store::rows::read_record;
use store::tables::{Surroundings, Tables};

use crate::filter::Filters;
use crate::place::Range;

/// `GET /reports/accounts-receivable`: everybody who owes, the highest debt first.
pub(crate) async fn accounts_receivable<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    claims: &Claims,
    parameters: &Parameters,
) -> Result<Answer<Receivables>, ApiError> {
    Filters::read(parameters, &[], &[])?;
    Ok(Answer::ok(read_debts(parts, &claims.business).await?.receivables()))
}

/// The debts of all customers.
///
/// # Errors
/// `payload_too_large` past [`COUNTED_RECORDS_MAX`].
pub(crate) async fn read_debts<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    business: &BusinessId,
) -> Result<Debts, ApiError> {
    let mut debts = Debts::default();
    let mut left = COUNTED_RECORDS_MAX;
    for entity in [Entity::Customers, Entity::Sales, Entity::Abonos] {
        let range = Range::of_kind(entity);
        let add = |entity, stored: StoredRecord| debts.add(entity, &stored.record);
        read_range(parts, business, &range, &mut left, add).await?;
    }
    Ok(debts)
}

/// Gives every record of `range` to `count`, tombstones too, and takes them off `left`.
///
/// # Errors
/// `payload_too_large` where `left` is not enough.
pub(crate) async fn read_range<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    business: &BusinessId,
    range: &Range,
    left: &mut usize,
    mut count: impl FnMut(Entity, StoredRecord),
) -> Result<(), ApiError> {
    let mut query = range.query(business, None, READ_ROWS_MAX);
    loop {
        let read = store::reading::query(&*parts.tables, &*parts.surroundings, &query).await?;
        *left = left.checked_sub(read.items.len()).ok_or_else(too_many)?;
        for row in read.items {
            if let Some(key) = range.key_of_row(&row) {
                count(key.entity, read_record(row).map_err(ApiError::internal)?);
            }
        }
        match read.resume_after {
            Some(after) => query.after = Some(after),
            None => return Ok(()),
        }
    }
}

fn too_many() -> ApiError {
    ApiError::new(ErrorCode::PayloadTooLarge)
        .with_message("Hay demasiados registros para calcularlo de una vez.")
        .with_details(json!({ "recordsMax": COUNTED_RECORDS_MAX }))
}

/// Records that one request counts at most: some 40 reads of a megabyte, a few seconds.
pub(crate) const COUNTED_RECORDS_MAX: usize = 20_000;

const READ_ROWS_MAX: u32 = 1_000;
