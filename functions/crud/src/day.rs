//! `GET /reports/day`: what was sold and collected on a day, by each seller and by all together.
//!
//! Read by the index of sellers' days, so it costs what the day holds and not what the years hold.

use domain::{DayFigures, Units};
use gateway::{Answer, ApiError, Claims, Parameters, Parts};
use protocol::{BusinessDate, BusinessId, Entity, JsonObject, Money, UserId};
use serde::Serialize;
use store::tables::{Query, Surroundings, Table, Tables};

use crate::debts::{COUNTED_RECORDS_MAX, read_range};
use crate::filter::{Filter, FilterKind, Filters};
use crate::place::Range;

/// ```json
/// {"date":"2026-11-22","cashExpected":"200.00","figures":{…},
///  "sellers":[{"sellerId":"user-2","cashExpected":"200.00","figures":{…}}]}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DayReport {
    date: BusinessDate,
    cash_expected: Money,
    figures: DayFigures,
    /// Those who sold or collected, in order of their ids.
    sellers: Vec<SellerDay>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SellerDay {
    seller_id: UserId,
    cash_expected: Money,
    figures: DayFigures,
}

/// The report of `date` (today in Lima if absent), of `sellerId` or of everybody.
pub(crate) async fn day<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    claims: &Claims,
    parameters: &Parameters,
) -> Result<Answer<DayReport>, ApiError> {
    let asked = Filters::read(parameters, DAY_FILTERS, &[])?;
    let date = asked.from.unwrap_or_else(|| parts.surroundings.now().date_in_lima());
    let business = &claims.business;
    let mut left = COUNTED_RECORDS_MAX;
    let units = read_units(parts, business, &mut left).await?;
    let sellers = match asked.seller {
        Some(seller) => vec![seller],
        None => read_users(parts, business).await?,
    };
    let mut all: Vec<(Entity, JsonObject)> = Vec::new();
    let mut days = Vec::new();
    for seller_id in sellers {
        let records = read_day(parts, business, &seller_id, date, &mut left).await?;
        if !records.is_empty() {
            let figures = figures_of(&records, &units);
            let cash_expected = figures.cash_expected();
            days.push(SellerDay { seller_id, cash_expected, figures });
        }
        all.extend(records);
    }
    let figures = figures_of(&all, &units);
    let cash_expected = figures.cash_expected();
    Ok(Answer::ok(DayReport { date, cash_expected, figures, sellers: days }))
}

fn figures_of(records: &[(Entity, JsonObject)], units: &Units) -> DayFigures {
    DayFigures::of(records.iter().map(|(entity, record)| (*entity, record)), units)
}

/// The live sales and abonos of a seller's day.
async fn read_day<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    business: &BusinessId,
    seller: &UserId,
    date: BusinessDate,
    left: &mut usize,
) -> Result<Vec<(Entity, JsonObject)>, ApiError> {
    let range = Range::of_day(seller, date);
    let mut records = Vec::new();
    read_range(parts, business, &range, left, |entity, stored| {
        if matches!(entity, Entity::Sales | Entity::Abonos) && !stored.is_deleted() {
            records.push((entity, stored.record));
        }
    })
    .await?;
    Ok(records)
}

async fn read_units<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    business: &BusinessId,
    left: &mut usize,
) -> Result<Units, ApiError> {
    let mut products = Vec::new();
    let range = Range::of_kind(Entity::Products);
    read_range(parts, business, &range, left, |_, stored| products.push(stored.record)).await?;
    Ok(Units::of(&products))
}

/// Everybody who has ever been a user of the business: none is ever removed.
async fn read_users<T: Tables, S: Surroundings>(
    parts: &Parts<T, S>,
    business: &BusinessId,
) -> Result<Vec<UserId>, ApiError> {
    let mut users = Query {
        table: Table::Accounts,
        index: None,
        partition: format!("business#{business}"),
        from: USER_PREFIX.to_owned(),
        to: "user$".to_owned(),
        after: None,
        limit: None,
        descending: false,
    };
    let mut found = Vec::new();
    loop {
        let read = store::reading::query(&*parts.tables, &*parts.surroundings, &users).await?;
        let ids = read.items.iter().filter_map(|item| item.get("item")?.as_str());
        found.extend(ids.filter_map(|item| item.strip_prefix(USER_PREFIX)?.parse().ok()));
        match read.resume_after {
            Some(after) => users.after = Some(after),
            None => return Ok(found),
        }
    }
}

/// What the report may be asked for.
pub(crate) const DAY_FILTERS: &[Filter] = &[
    Filter { name: "date", kind: FilterKind::Day, says: "The day, in Lima; today if absent." },
    Filter {
        name: "sellerId",
        kind: FilterKind::Seller,
        says: "Whose day; everybody's, seller by seller, if absent.",
    },
];

/// Of the sort key in the `accounts` table, as `auth` writes it.
const USER_PREFIX: &str = "user#";
