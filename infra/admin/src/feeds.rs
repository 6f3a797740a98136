//! `verify`, `repair`, `rebuild`: the very functions that `record-changes` runs.

use protocol::BusinessId;
use serde_json::json;
use store::record_changes::{self, Scope};

use crate::cli::{Rebuild, Which};
use crate::confirm::confirm;
use crate::place::Place;
use crate::problem::Problem;
use crate::report::Report;

/// Compares records, feed and receipts; the report is good if nothing differs.
pub(crate) async fn verify(place: &Place, which: &Which) -> Result<Report, Problem> {
    let businesses = match which {
        Which::All => place.businesses().await?,
        Which::One(id) => vec![place.business(id).await?.id],
    };
    let (mut lines, mut data, mut differing) = (Vec::new(), Vec::new(), 0);
    for id in &businesses {
        let found = store::verify::verify(&place.tables, &place.clock, id).await?;
        let moving = match found.moving {
            0 => String::new(),
            count => format!(", {count} being written all the while"),
        };
        let outcome = match found.differences.len() {
            0 => "nothing differs".to_owned(),
            count => {
                format!("{count} differences{}", if found.truncated { " or more" } else { "" })
            }
        };
        differing += usize::from(!found.is_clean());
        lines.push(format!(
            "{id}: {} records, {} changes, {} published, {} receipts{moving}: {outcome}",
            found.records, found.changes, found.published, found.receipts
        ));
        lines.extend(found.differences.iter().map(|difference| format!("  {difference}")));
        data.push(json!({"business": id, "verification": found}));
    }
    lines.push(format!("{} businesses verified, {differing} differ", businesses.len()));
    Ok(Report::new(lines, json!({ "businesses": data })).good_if(differing == 0))
}

/// Appends what is missing.
pub(crate) async fn repair(
    place: &Place,
    business: Option<&BusinessId>,
) -> Result<Report, Problem> {
    let scope = match business {
        Some(id) => Scope::One(place.business(id).await?.id),
        None => Scope::Every,
    };
    let outcomes = record_changes::repair_all(&place.tables, &place.clock, &scope).await?;
    let (mut lines, mut data, mut failed) = (Vec::new(), Vec::new(), 0);
    for (id, outcome) in outcomes {
        let (line, published, poison, error) = match outcome {
            Ok(report) => {
                let line = format!("{id}: {} changes appended", report.published);
                (line, report.published, report.poison, None)
            }
            Err(error) => (format!("{id}: {error}"), 0, Vec::new(), Some(error.to_string())),
        };
        failed += usize::from(error.is_some() || !poison.is_empty());
        lines.push(line);
        lines.extend(poison.iter().map(|poison| format!("  {poison}")));
        data.push(
            json!({"business": id, "published": published, "poison": poison, "error": error}),
        );
    }
    lines.push(format!("{} businesses looked at, {failed} not in order", data.len()));
    Ok(Report::new(lines, json!({ "businesses": data })).good_if(failed == 0))
}

/// Begins a new epoch.
pub(crate) async fn rebuild(place: &Place, wanted: &Rebuild) -> Result<Report, Problem> {
    if wanted.reason.trim().len() < REASON_BYTES_MIN {
        return Err(Problem::Refused(format!(
            "--reason: say in {REASON_BYTES_MIN} characters or more why every phone has to read anew"
        )));
    }
    let business = place.business(&wanted.business).await?;
    if !wanted.yes {
        confirm(&format!("Rebuild the feed of {} ({})?", business.name, business.id))?;
    }
    let report = record_changes::rebuild(&place.tables, &place.clock, &business.id).await?;
    let mut lines = vec![format!(
        "{}: feed rebuilt with {} changes; reason: {}",
        business.id,
        report.published,
        wanted.reason.trim()
    )];
    lines.extend(report.poison.iter().map(|poison| format!("  {poison}")));
    let data = json!({"business": business.id, "published": report.published,
        "poison": report.poison, "reason": wanted.reason.trim()});
    Ok(Report::new(lines, data).good_if(report.poison.is_empty()))
}

const REASON_BYTES_MIN: usize = 10;
