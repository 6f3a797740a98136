//! A tab that died between a commit and its announcement: found by looking, now and then.

use std::collections::BTreeMap;

use engine::{Event, Query, Rows};
use gloo_timers::callback::Interval;
use protocol::{Gather, Instant, OperationId};
use wasm_bindgen_futures::spawn_local;

use super::{Driver, listen};

impl Driver {
    /// Looks once a minute, and whenever the page is shown again.
    pub(super) fn watch_for_silent_tabs(&self) {
        let driver = self.clone();
        Interval::new(LOOK_EVERY_MS, move || driver.look()).forget();
        let driver = self.clone();
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            listen(&document, "visibilitychange", move || driver.look());
        }
    }

    fn look(&self) {
        let known = self.with_engine(|engine| {
            let account = engine.signed_in()?.account.clone();
            let queue = engine.queue().iter().map(|one| (one.id.clone(), one.updated_at));
            Some((account, queue.gather::<BTreeMap<_, _>>(), engine.sync_state().revision))
        });
        let Some((account, queue, revision)) = known else { return };
        let driver = self.clone();
        spawn_local(async move {
            let read = driver.0.database.read(&Query::Queue(account)).await;
            let Ok(Rows::Queue { sync, operations }) = read else { return };
            let stored: BTreeMap<_, _> =
                operations.iter().map(|one| (one.id.clone(), one.updated_at)).gather();
            let differing = differing(&queue, &stored);
            let unheard = sync.map_or(0, |state| state.revision) > revision;
            if unheard || !differing.is_empty() {
                let records = operations.iter().filter(|one| differing.contains(&one.id));
                driver
                    .foreign_wrote(records.map(engine::OperationRecord::target).gather(), unheard);
                driver.dispatch(Event::OtherTabWrote { operations: differing });
            }
        });
    }
}

/// Operations that are only in one of the two, or look different.
fn differing(
    one: &BTreeMap<OperationId, Instant>,
    other: &BTreeMap<OperationId, Instant>,
) -> Vec<OperationId> {
    let ids = one.keys().chain(other.keys().filter(|id| !one.contains_key(*id)));
    ids.filter(|id| one.get(*id) != other.get(*id)).cloned().collect()
}

const LOOK_EVERY_MS: u32 = 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(rows: &[(&str, i64)]) -> BTreeMap<OperationId, Instant> {
        let row = |(id, at): &(&str, i64)| (id.parse().unwrap(), Instant::from_millis(*at));
        rows.iter().map(row).collect()
    }

    #[test]
    fn what_differs_is_what_came_went_or_changed() {
        let (known, stored) =
            (queue(&[("a", 1), ("b", 1), ("c", 1)]), queue(&[("a", 1), ("b", 2), ("d", 1)]));
        let found: Vec<_> = differing(&known, &stored).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["b", "c", "d"]);
        assert!(differing(&known, &known).is_empty());
    }
}
