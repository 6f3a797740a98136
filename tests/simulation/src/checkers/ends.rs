//! Every operation ends: it took effect, or failed with a reason that a person can read, or waits
//! for one that failed.

use engine::{QueueStatus, WaitingWhy};

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
