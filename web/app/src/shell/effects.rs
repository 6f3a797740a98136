//! Each effect, performed.

use engine::{
    Account, Effect, EffectId, Elapsed, Event, Query, QueueStatus, Request, RowWrite, StorageFault,
    SyncedKey, Transaction,
};
use gloo_timers::callback::Timeout;
use protocol::{Action, Entity, Gather, OperationId};
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

use super::browser::{ask_to_persist, elapsed};
use super::lock::{acquire_free, steal};
use super::request::{Outgoing, fetch, written};
use super::{Driver, News, cursor};

impl Driver {
    pub(super) fn perform(&self, effect: Effect) {
        match effect {
            Effect::Read { effect, query } => self.read(effect, query),
            Effect::Commit { effect, transaction } => self.commit(effect, transaction),
            Effect::Send { effect, account, request } => self.send(effect, account, request),
            Effect::Abort(effect) => self.abort(effect),
            Effect::AcquireLock { effect } => self.acquire_lock(effect),
            Effect::ReleaseLock => drop(self.0.lock.take()),
            Effect::RefreshLogin { effect, account } => self.refresh_login(effect, account),
            Effect::SetTimer(at) => self.set_timer(at),
            Effect::Answer { ticket, result } => {
                if let Some(waiting) = self.0.answers.borrow_mut().remove(&ticket) {
                    // The form that asked may be gone; the queue has it all the same.
                    drop(waiting.send(result));
                }
            }
            Effect::Notify(view) => self.0.view.set(Some(*view)),
            Effect::Announce { operations, records, everything } => {
                self.announce(operations, &records, everything);
            }
            Effect::PublishCursor { cursor, last_tail_at } => {
                cursor::publish(cursor, last_tail_at);
            }
            Effect::UpdateApp => self.update_app(),
        }
    }

    fn read(&self, effect: EffectId, query: Query) {
        if matches!(query, Query::Queue(_) | Query::Operations { .. }) {
            self.0.reloads.borrow_mut().push(effect);
        }
        let driver = self.clone();
        spawn_local(async move {
            let result = driver.0.database.read(&query).await;
            driver.note(result.as_ref().err());
            driver.dispatch(Event::Read { effect, result });
        });
    }

    fn commit(&self, effect: EffectId, transaction: Transaction) {
        let driver = self.clone();
        let is_sale = transaction.writes.iter().any(makes_a_sale);
        spawn_local(async move {
            let result = driver.0.database.commit(transaction).await;
            driver.note(result.as_ref().err());
            if is_sale && result.is_ok() && cursor::first_time(PERSIST_ASKED) {
                ask_to_persist();
            }
            driver.dispatch(Event::Committed { effect, result });
        });
    }

    /// With this account's token, never another's.
    fn send(&self, effect: EffectId, account: Account, request: Request) {
        let controller = AbortController::new().ok();
        let signal = controller.as_ref().map(AbortController::signal);
        self.0.requests.borrow_mut().insert(effect, controller);
        let driver = self.clone();
        spawn_local(async move {
            let token = driver.0.tokens.bearer(&account);
            let outgoing = Outgoing {
                method: written(request.method),
                path: &request.path,
                body: request.body.as_deref(),
                token: Some(&token),
                idempotency: None,
            };
            let result = fetch(outgoing, signal.as_ref()).await;
            driver.0.requests.borrow_mut().remove(&effect);
            driver.dispatch(Event::Answered { effect, result });
        });
    }

    fn abort(&self, effect: EffectId) {
        if let Some(Some(controller)) = self.0.requests.borrow_mut().remove(&effect) {
            controller.abort();
        }
    }

    fn acquire_lock(&self, effect: EffectId) {
        let driver = self.clone();
        spawn_local(async move {
            let lock = if driver.is_lock_abandoned() {
                Some(steal(SYNC_LOCK).await)
            } else {
                acquire_free(SYNC_LOCK).await
            };
            let granted = lock.is_some();
            driver.note_lock(granted);
            driver.0.lock.replace(lock);
            driver.dispatch(Event::LockAnswered { effect, granted });
        });
    }

    /// The tab that has the lock has moved nothing for so long that it is frozen, or waits for what
    /// never comes.
    fn is_lock_abandoned(&self) -> bool {
        self.0.refused.get().is_some_and(|(since, progress)| {
            progress == self.progress() && elapsed().since(since) >= LOCK_PATIENCE_MS
        })
    }

    fn note_lock(&self, granted: bool) {
        let progress = self.progress();
        let before = self.0.refused.get().filter(|(_, seen)| *seen == progress);
        let refused = before.unwrap_or((elapsed(), progress));
        self.0.refused.set((!granted).then_some(refused));
    }

    /// Changes with what a tab that synchronises stores, pages and parts and settled operations,
    /// and not with what a seller writes.
    fn progress(&self) -> (u64, usize) {
        self.with_engine(|engine| {
            let settled = engine.queue().iter().filter(|one| one.status == QueueStatus::Processed);
            (engine.sync_state().revision, settled.count())
        })
    }

    fn refresh_login(&self, effect: EffectId, account: Account) {
        let driver = self.clone();
        spawn_local(async move {
            let result = driver.0.tokens.refresh(&account).await;
            driver.dispatch(Event::LoginAnswered { effect, result });
        });
    }

    fn set_timer(&self, at: Elapsed) {
        let delay = u32::try_from(at.since(elapsed())).unwrap_or(u32::MAX).min(DELAY_MS_MAX);
        let driver = self.clone();
        // A millisecond more: browsers' timers may fire just before their time.
        let timer = Timeout::new(delay + 1, move || driver.dispatch(Event::TimerFired));
        // The one that stood is cancelled by being dropped.
        self.0.timer.replace(Some(timer));
    }

    fn announce(&self, operations: Vec<OperationId>, records: &[SyncedKey], everything: bool) {
        if !operations.is_empty() {
            self.queue_changed();
        }
        let business =
            self.with_engine(|engine| engine.signed_in().map(|who| who.account.business.clone()));
        if let Some(business) = business {
            // Records of unknown kinds too: the other tab may be of a later version.
            let records = records.iter().map(ToString::to_string).collect();
            self.0.tabs.tell(&News::Wrote { business, operations, records, everything });
        }
        let listener = self.0.listener.borrow().clone();
        if let Some(listener) = listener {
            listener.changed(records.iter().filter_map(SyncedKey::known).gather(), everything);
        }
    }

    /// A newer version of the app has the database in another tab: this one can only follow.
    fn note(&self, fault: Option<&StorageFault>) {
        if fault == Some(&StorageFault::Blocked) {
            self.update_app();
        }
    }

    /// `start.js` looks for the new version and offers it when it is there.
    fn update_app(&self) {
        let event = web_sys::Event::new("avileo-update-asked").ok();
        if let (Some(window), Some(event)) = (web_sys::window(), event) {
            drop(window.dispatch_event(&event));
        }
        self.queue_changed();
    }
}

fn makes_a_sale(write: &RowWrite) -> bool {
    matches!(write, RowWrite::Enqueue(operation)
        if operation.entity == Entity::Sales && operation.operation == Action::Insert)
}

/// The engine asks again a second later than this. A tab that works has stored something by then; if
/// it is only slow, both do the same work once.
const LOCK_PATIENCE_MS: u64 = 15_000;

const SYNC_LOCK: &str = "avileo-sync";

const PERSIST_ASKED: &str = "avileo-persist-asked";

/// What `setTimeout` can count to is less than 25 days; the engine asks for minutes.
const DELAY_MS_MAX: u32 = 86_400_000;
