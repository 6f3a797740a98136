//! `export`: all of a business's data as JSON lines.
//!
//! ```json
//! {"table":"accounts","kind":"business","item":{"id":"b1","name":"Avícola Demo",…}}
//! {"table":"accounts","kind":"person","item":{"id":"u1","email":"…","sessions":[…],…}}
//! {"table":"records","item":{"business":"b1","record":"customers#7f1e…",…}}
//! {"table":"operations","item":{…}}
//! {"table":"changes","item":{…}}
//! ```
//! Of accounts it writes only what it knows to be no secret: neither hashes nor tokens.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;

use serde_json::{Value, json};
use store::tables::Table;

use crate::cli::Export;
use crate::place::Place;
use crate::problem::Problem;
use crate::report::Report;

/// Writes the file.
pub(crate) async fn export(place: &Place, wanted: &Export) -> Result<Report, Problem> {
    let business = place.business(&wanted.business).await?;
    let people = place.operator().people(&business.id).await?;
    let failed = Problem::file(&wanted.to);
    let mut options = OpenOptions::new();
    // Customers' data: for its owner's eyes only, and never over another file.
    let file =
        options.write(true).create_new(true).mode(0o600).open(&wanted.to).map_err(&failed)?;
    let mut file = BufWriter::new(file);
    let mut lines = 0;
    let accounts = [json!({"table": "accounts", "kind": "business", "item": business})];
    let people =
        people.iter().map(|one| json!({"table": "accounts", "kind": "person", "item": one}));
    for line in accounts.into_iter().chain(people) {
        write_line(&mut file, &line).map_err(&failed)?;
        lines += 1;
    }
    let mut tables = vec![("records", Table::Records), ("operations", Table::Operations)];
    if wanted.with_feed {
        tables.push(("changes", Table::Changes));
    }
    for (name, table) in tables {
        let mut after = None;
        loop {
            let (items, resume_after) = place.page(table, business.id.as_str(), after).await?;
            for item in items {
                write_line(&mut file, &json!({"table": name, "item": item})).map_err(&failed)?;
                lines += 1;
            }
            after = resume_after;
            if after.is_none() {
                break;
            }
        }
    }
    let whole = file.into_inner().map_err(|error| failed(error.into_error()))?;
    whole.sync_all().map_err(&failed)?;
    let line = format!("{}: {lines} lines written to {}", business.id, wanted.to.display());
    Ok(Report::new(vec![line], json!({"business": business.id, "lines": lines})))
}

fn write_line(file: &mut BufWriter<File>, line: &Value) -> std::io::Result<()> {
    writeln!(file, "{line}")
}
