//! What was done first is sent first: no operation leaves a phone before an earlier one that it
//! needs, as far as its tab knows the queue: on the same record, or making a record that it names.

use engine::{Engine, QueueStatus};
use serde::Deserialize;

#[derive(Deserialize)]
struct Batch<'body> {
    #[serde(borrow)]
    operations: Vec<Sent<'body>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent<'body> {
    operation_id: &'body str,
}

/// A batch leaves a tab.
pub(crate) fn batch(engine: &Engine, body: &str) -> Result<(), String> {
    let Ok(Batch { operations }) = serde_json::from_str(body) else { return Ok(()) };
    let ids: Vec<&str> = operations.iter().map(|one| one.operation_id).collect();
    let queue = engine.queue();
    for (place, id) in ids.iter().enumerate() {
        let Some(sent) = id.parse().ok().and_then(|id| queue.get(&id)) else { continue };
        let (target, references) = (sent.target(), sent.references());
        let before = queue.iter().take_while(|other| other.sequence < sent.sequence);
        let needed = before.filter(|other| other.status != QueueStatus::Processed).find(|other| {
            let theirs = other.target();
            let needs = theirs == target || (other.makes_target() && references.contains(&theirs));
            needs && !ids[..place].contains(&other.id.as_str())
        });
        if let Some(needed) = needed {
            return Err(format!("{id} is sent before {}, which it needs", needed.id));
        }
    }
    Ok(())
}
