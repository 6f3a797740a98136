//! What the server answers for an operation, as its phone gets it: a conflict names its losers, and
//! the record shows each of them until somebody has looked.

use std::collections::BTreeMap;

use protocol::OperationId;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The lowest version that a phone was told an operation has led to: a repeated answer names the
/// record's present one, and what one of its tabs was told, another may hear again later.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    versions: BTreeMap<(usize, OperationId), u64>,
}

impl Answers {
    /// A batch's answer reaches a tab of this phone.
    pub(crate) fn note(&mut self, phone: usize, body: &str) -> Result<(), String> {
        if !body.contains("\"results\":") {
            return Ok(()); // Not a batch's.
        }
        let Enveloped { data: batch } =
            serde_json::from_str(body).map_err(|error| format!("{error} in {body}"))?;
        for result in batch.results {
            if let (Ok(id), Some(version)) = (result.operation_id.parse(), result.version) {
                let lowest = self.versions.entry((phone, id)).or_insert(version);
                *lowest = version.min(*lowest);
            }
            if result.status == "conflict" {
                losers_are_shown(&result)?;
            }
        }
        Ok(())
    }

    pub(crate) fn version(&self, phone: usize, id: &OperationId) -> Option<u64> {
        self.versions.get(&(phone, id.clone())).copied()
    }
}

/// A batch's answer.
#[derive(Deserialize)]
struct Enveloped<'body> {
    #[serde(borrow)]
    data: Batch<'body>,
}

#[derive(Deserialize)]
struct Batch<'body> {
    #[serde(borrow)]
    results: Vec<Answered<'body>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered<'body> {
    operation_id: &'body str,
    status: &'body str,
    version: Option<u64>,
    conflict: Option<Vec<Value>>,
    #[serde(borrow)]
    record: Option<&'body RawValue>,
}

fn losers_are_shown(result: &Answered<'_>) -> Result<(), String> {
    let id = result.operation_id;
    let lost = result.conflict.as_deref().unwrap_or_default();
    if lost.is_empty() {
        return Err(format!("{id} ended as a conflict without a loser"));
    }
    let record = result.record.map_or("null", RawValue::get);
    let record: Value = serde_json::from_str(record).map_err(|error| error.to_string())?;
    let shown = record["conflicts"].as_array().map(Vec::as_slice).unwrap_or_default();
    for one in lost {
        let is_shown = shown
            .iter()
            .any(|entry| entry["field"] == one["field"] && entry["lost"] == one["lost"]);
        if !is_shown {
            return Err(format!("{id}: nobody is shown that {} lost", one["field"]));
        }
    }
    Ok(())
}
