//! Phones: profiles with their stores and logins, tabs with their engines.

use std::collections::BTreeMap;

use engine::memory::MemoryStore;
use engine::{
    Account, Elapsed, Engine, Event, Moment, NewOperation, OperationRecord, QueueStatus, SignedIn,
    View,
};
use protocol::{DeviceId, Instant, OperationId, Role};
use store::push::Sender;

use crate::agenda::Millis;

/// Somebody with a login.
#[derive(Debug, Clone)]
pub(crate) struct User {
    /// Business and id.
    pub(crate) account: Account,
    /// As the token says.
    pub(crate) role: Role,
}

impl User {
    /// Pushes with a token of `role`. All of a user's phones share a session, which never ends.
    pub(crate) fn sender(&self, role: Role) -> Sender {
        let Account { business, user } = self.account.clone();
        Sender { business, user, role, session: Some("s1".to_owned()) }
    }
}

/// One browser profile: what its tabs share.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    /// Its database.
    pub(crate) store: MemoryStore,
    /// The installation.
    pub(crate) device: DeviceId,
    /// Who works with this phone (places in the world's list).
    pub(crate) users: Vec<usize>,
    /// Who is at work now.
    pub(crate) at_work: usize,
    /// Logins by user.
    pub(crate) logins: BTreeMap<usize, Login>,
    /// The tab that holds the Web Lock, and its life.
    pub(crate) lock: Option<(usize, u64)>,
    /// The wall clock's error.
    pub(crate) skew_ms: i64,
    /// The disk is full from then on.
    pub(crate) full_from: Millis,
    /// The disk is full until then.
    pub(crate) full_until: Millis,
    /// No network until then.
    pub(crate) offline_until: Millis,
    /// What waits or has failed in the store, as it was last written.
    pub(crate) open: BTreeMap<OperationId, Open>,
}

/// An operation that has not taken effect.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    /// Whose.
    pub(crate) account: Account,
    /// When it came into the store.
    pub(crate) since: Millis,
}

/// A user's login on a phone.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Login {
    /// The access token is good until then.
    pub(crate) good_until: Millis,
    /// As the token says, where that is no longer what he was hired as.
    pub(crate) role: Option<Role>,
    /// The refresh token is no longer accepted.
    pub(crate) revoked: bool,
}

/// One tab.
#[derive(Debug)]
pub(crate) struct Tab {
    /// Of which phone.
    pub(crate) profile: usize,
    /// `None` while it is closed.
    pub(crate) engine: Option<Engine>,
    /// Rises with every start: what was meant for an earlier life is lost.
    pub(crate) life: u64,
    /// When this life began.
    pub(crate) born_at: Millis,
    /// Asleep: nothing reaches the engine until it is woken.
    pub(crate) frozen: bool,
    /// Since when it has been awake.
    pub(crate) awake_since: Millis,
    /// What came while it was asleep.
    pub(crate) held: Vec<Event>,
    /// A timer came due while it was asleep.
    pub(crate) missed_timer: bool,
    /// The moment of the last timer that was asked for.
    pub(crate) timer: Option<Elapsed>,
    /// What it shows.
    pub(crate) view: Option<View>,
    /// The version of the app.
    pub(crate) app: u32,
    /// The newest `Date` of a tail that reached it, or when it was last signed in or online.
    pub(crate) fresh_at: Millis,
    /// A change that is typed and not yet saved.
    pub(crate) form: Option<NewOperation>,
    /// Commands by ticket.
    pub(crate) asked: BTreeMap<u64, Asked>,
}

/// A command that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Something new is to be saved under this id.
    Save(OperationId),
    /// An operation is to be changed, or followed up.
    Change,
    /// An operation is to leave the queue.
    TakeBack(OperationId),
}

impl Tab {
    /// A closed tab.
    pub(crate) fn closed(profile: usize) -> Self {
        Self {
            profile,
            engine: None,
            form: None,
            life: 0,
            born_at: 0,
            frozen: false,
            awake_since: 0,
            held: Vec::new(),
            missed_timer: false,
            timer: None,
            view: None,
            app: 1,
            fresh_at: 0,
            asked: BTreeMap::new(),
        }
    }

    /// A new life.
    pub(crate) fn start(&mut self, now: Millis) {
        let life = self.life + 1;
        *self = Self {
            life,
            born_at: now,
            app: self.app,
            fresh_at: now,
            awake_since: now,
            ..Self::closed(self.profile)
        };
        self.engine = Some(Engine::default());
    }

    /// It is gone with all that it had in memory.
    pub(crate) fn kill(&mut self) {
        *self = Self { life: self.life + 1, app: self.app, ..Self::closed(self.profile) };
    }

    /// It runs and is awake.
    pub(crate) fn is_awake(&self) -> bool {
        self.engine.is_some() && !self.frozen
    }

    /// A cycle is under way.
    pub(crate) fn is_syncing(&self) -> bool {
        self.view.as_ref().is_some_and(|view| view.state == engine::EngineState::Syncing)
    }

    /// The clocks as this tab sees them.
    pub(crate) fn moment(&self, now: Millis, skew_ms: i64, random: u64) -> Moment {
        Moment { wall: wall(now, skew_ms), elapsed: Elapsed(now - self.born_at + 1), random }
    }
}

impl Profile {
    /// An operation's row is written.
    pub(crate) fn note_open(&mut self, operation: &OperationRecord, now: Millis) {
        if operation.status == QueueStatus::Processed {
            self.open.remove(&operation.id);
        } else {
            let account = operation.account.clone();
            self.open.entry(operation.id.clone()).or_insert(Open { account, since: now });
        }
    }
}

impl User {
    /// Signed in on this installation.
    pub(crate) fn signed_in(&self, device: &DeviceId, role: Option<Role>) -> SignedIn {
        let role = role.unwrap_or(self.role);
        SignedIn { account: self.account.clone(), role, device: device.clone() }
    }
}

/// The world's time as an instant, with a clock that is wrong by `skew_ms`.
pub(crate) fn wall(now: Millis, skew_ms: i64) -> Instant {
    Instant::from_millis(EPOCH_MS).plus_millis(i64::try_from(now).expect("years") + skew_ms)
}

/// 2026-11-22T11:00:00Z: six in the morning in Lima.
pub(crate) const EPOCH_MS: i64 = 1_795_345_200_000;
