//! `refused`: operations that were refused, through the operators' index.

use protocol::BusinessId;
use serde_json::{Value, json};
use store::tables::Item;

use crate::place::Place;
use crate::problem::Problem;
use crate::report::Report;

/// Lists them, oldest first.
pub(crate) async fn list(
    place: &Place,
    business: Option<&BusinessId>,
    since: Option<&str>,
) -> Result<Report, Problem> {
    let since = since.map(checked).transpose()?.unwrap_or(BEGINNING);
    let businesses = match business {
        Some(id) => vec![place.business(id).await?.id],
        None => place.businesses().await?,
    };
    let (mut lines, mut data) = (Vec::new(), Vec::new());
    for id in &businesses {
        let mut after: Option<Item> = None;
        loop {
            let page = place.tables.refused(id, since, after.as_ref()).await?;
            for item in &page.items {
                lines.push(told(id, item));
                data.push(shown(id, item));
            }
            after = page.resume_after;
            if after.is_none() {
                break;
            }
        }
    }
    lines.push(format!("{} operations were refused", data.len()));
    Ok(Report::new(lines, json!({ "refused": data })))
}

/// A date, or an instant in UTC: as text they sort like the times that they say.
fn checked(text: &str) -> Result<&str, Problem> {
    let is_date = text.parse::<protocol::BusinessDate>().is_ok();
    if is_date || (text.ends_with('Z') && text.parse::<protocol::Instant>().is_ok()) {
        return Ok(text);
    }
    Err(Problem::Refused(format!(
        "--since: `{text}` is neither 2026-11-22 nor 2026-11-22T13:00:00Z"
    )))
}

fn told(business: &BusinessId, item: &Item) -> String {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or("-");
    let parts = ["refusedAt", "code", "record", "operation", "by", "device"].map(text);
    let [at, code, record, operation, by, device] = parts;
    format!("{at}  {business}  {code}  {record}  operation {operation}  by {by}  device {device}")
}

fn shown(business: &BusinessId, item: &Item) -> Value {
    let mut shown = json!({ "business": business });
    for name in SHOWN {
        if let Some(value) = item.get(name) {
            shown[name] = value.clone();
        }
    }
    shown
}

const SHOWN: [&str; 9] = [
    "refusedAt",
    "code",
    "message",
    "record",
    "operation",
    "by",
    "device",
    "manualRetries",
    "clientTimestamp",
];

/// Before every moment.
const BEGINNING: &str = "0";
