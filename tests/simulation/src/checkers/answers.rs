//! What the server answers for an operation, as its phone gets it: a conflict names its losers, and
//! the record shows each of them until somebody has looked.

use std::collections::BTreeMap;

use protocol::OperationId;
use serde_json::Value;

/// The lowest version that a phone was told an operation has led to: a repeated answer names the
/// record's present one, and what one of its tabs was told, another may hear again later.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    versions: BTreeMap<(usize, OperationId), u64>,
}

impl Answers {
    /// A batch's answer reaches a tab of this phone.
    pub(crate) fn note(&mut self, phone: usize, body: &str) -> Result<(), String> {
        let Ok(body) = serde_json::from_str::<Value>(body) else { return Ok(()) };
        let results = body.pointer("/data/results").and_then(Value::as_array);
        for result in results.into_iter().flatten() {
            let id = result["operationId"].as_str().and_then(|id| id.parse().ok());
            if let (Some(id), Some(version)) = (id, result["version"].as_u64()) {
                let lowest = self.versions.entry((phone, id)).or_insert(version);
                *lowest = version.min(*lowest);
            }
            if result["status"] == "conflict" {
                losers_are_shown(result)?;
            }
        }
        Ok(())
    }

    pub(crate) fn version(&self, phone: usize, id: &OperationId) -> Option<u64> {
        self.versions.get(&(phone, id.clone())).copied()
    }
}

fn losers_are_shown(result: &Value) -> Result<(), String> {
    let id = &result["operationId"];
    let lost = result["conflict"].as_array().map(Vec::as_slice).unwrap_or_default();
    if lost.is_empty() {
        return Err(format!("{id} ended as a conflict without a loser"));
    }
    let shown = result["record"]["conflicts"].as_array().map(Vec::as_slice).unwrap_or_default();
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
