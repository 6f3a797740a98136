//! Every operation ends: it took effect, or failed with a reason that a person can read, or waits
//! for one that failed.

use engine::{OperationRecord, QueueStatus, WaitingWhy};

use store::tables::{Item, Table};

use crate::world::World;

/// What waits is never written down as decided: no receipt refuses for a reason that passes.
pub(crate) fn receipts(world: &World) -> Result<(), String> {
    let passing = ["missing_reference", "earlier_failed", "contention", "unavailable"];
    let receipts = world.tables.scan(Table::Operations);
    let code = |item: &Item| item.get("code").and_then(|code| code.as_str().map(str::to_owned));
    match receipts.iter().find(|item| code(item).is_some_and(|code| passing.contains(&&*code))) {
        Some(item) => Err(format!("a receipt refuses for good what only waits: {item:?}")),
        None => Ok(()),
    }
}

/// It took effect, and its seller reads that it failed. Not so of an id that a cloned phone has used
/// for something else, nor of what had failed on both and only the other one was told to retry, or
/// sent it to a server that was restored meanwhile and had no reason to refuse it any more; nor of
/// what a dismissed seller's phone has set aside for want of a record, and a late copy of it has
/// found: he reads nothing, and hears of it when he retries.
fn contradicts(world: &World, one: &OperationRecord) -> bool {
    let is_restored = world.figures.restores > 0;
    let was_retried = |theirs: &OperationRecord| {
        let is_done = theirs.status == QueueStatus::Processed;
        theirs.manual_retries > one.manual_retries || (is_restored && is_done)
    };
    let cannot_hear = world.dismissed.contains_key(&one.account)
        && one.code.as_deref() == Some("missing_reference");
    one.status == QueueStatus::Failed
        && !cannot_hear
        && one.code.as_deref() != Some("operation_id_reused")
        && world.checkers.once.has_applied(&one.id)
        && !world
            .profiles
            .iter()
            .filter_map(|phone| phone.store.operation(&one.id))
            .any(was_retried)
}

/// It was done before its seller was dismissed, by his phone's own clock, and refused for that.
fn was_in_time(world: &World, one: &OperationRecord) -> bool {
    one.code.as_deref() == Some("after_deactivation")
        && one.makes_target()
        && world.dismissed.get(&one.account).is_none_or(|dismissed| one.timestamp <= dismissed.at)
}

/// Every operation of every phone, after the quiet.
pub(crate) fn all(world: &World) -> Result<(), String> {
    for (place, phone) in world.profiles.iter().enumerate() {
        let operations: Vec<_> = phone.store.operations().collect();
        for one in &operations {
            let reason = one.last_error.as_deref().unwrap_or_default();
            if one.status == QueueStatus::Failed && (reason.is_empty() || one.code.is_none()) {
                return Err(format!("{} failed on phone {place} without a reason", one.id));
            }
        }
        if let Some(one) = operations.iter().find(|one| contradicts(world, one)) {
            let (id, code) = (&one.id, &one.code);
            return Err(format!(
                "{id} took effect and phone {place} shows that it failed: {code:?}"
            ));
        }
        if let Some(one) = operations.iter().find(|one| was_in_time(world, one)) {
            return Err(format!("{} was done before its seller had to go, and refused", one.id));
        }
        let holds = |account: &engine::Account| {
            operations
                .iter()
                .any(|one| one.account == *account && one.status == QueueStatus::Failed)
        };
        for one in operations.iter().filter(|one| one.status == QueueStatus::Pending) {
            if !holds(&one.account) {
                let (id, why) = (&one.id, &one.last_error);
                return Err(format!(
                    "{id} is stuck on phone {place} for no reason: {why:?}, {one:?}"
                ));
            }
        }
    }
    for tab in &world.tabs {
        let Some(engine) = &tab.engine else { continue };
        let skew_ms = world.profiles[tab.profile].skew_ms;
        let wall = crate::phone::wall(world.now, skew_ms);
        let queue = engine.queue();
        for one in queue.iter().filter(|one| one.status == QueueStatus::Pending) {
            let waiting = queue.waiting(one, wall);
            let explained = waiting.as_ref().is_some_and(|waiting| match waiting.why {
                WaitingWhy::Failed | WaitingWhy::Waits => true,
                WaitingWhy::BacksOff(_) | WaitingWhy::InFlight => false,
            });
            if !explained {
                return Err(format!(
                    "{} still waits for {waiting:?}: {:?}",
                    one.id, one.last_error
                ));
            }
        }
    }
    Ok(())
}
