//! What the screen says of all this, honestly.

use protocol::{Cursor, Instant};

use crate::StorageFault;

/// All that a screen shows of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// What the engine does.
    pub state: EngineState,
    /// What the badge says.
    pub word: StatusWord,
    /// Operations without a final answer.
    pub pending: usize,
    /// Operations set aside.
    pub failed: usize,
    /// "Última sincronización", by the server's clock.
    pub last_tail_at: Option<Instant>,
    /// The place in the feed.
    pub cursor: Option<Cursor>,
    /// Why it is an error, worst first.
    pub troubles: Vec<Trouble>,
    /// Records received so far by a snapshot under way.
    pub snapshot_records: Option<u64>,
    /// What the last request that failed was told, in Spanish.
    pub last_error: Option<String>,
}

/// What the engine does.
///
/// | from | to | when |
/// |---|---|---|
/// | idle, offline, error | syncing | a cycle begins |
/// | syncing | idle | it ended, nothing is wrong |
/// | syncing | offline | it ended without reaching the server |
/// | syncing | error | it ended with a [`Trouble`] |
/// | idle | offline | the browser lost its network; no fresh tail for 5 minutes |
/// | idle, offline | error | a [`Trouble`] came up, a queue stood still for 2 minutes |
/// | error, offline | idle | the cause has gone |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineState {
    /// Nothing to do until the next beat.
    Idle,
    /// A cycle runs.
    Syncing,
    /// The server cannot be reached.
    Offline,
    /// A person should look.
    Error,
}

/// What the badge says, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusWord {
    /// "Error de sincronización".
    Error,
    /// "Sin conexión".
    Offline,
    /// "Sincronizando…".
    Syncing,
    /// "N pendientes".
    Pending(usize),
    /// "Sincronizado".
    Synced,
}

/// Why a person should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// The phone does not store.
    Storage(StorageFault),
    /// Only the password gives a new login.
    PasswordNeeded,
    /// The app must be updated.
    ClientTooOld,
    /// Operations were set aside.
    FailedOperations,
    /// The records differ from the server's although a snapshot was taken for it.
    Diverged,
    /// Nothing has moved for 2 minutes although there is a network.
    QueueStuck,
}

/// What the words are derived from.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own; none excludes another"
)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) troubled: bool,
    pub(crate) offline: bool,
    pub(crate) syncing: bool,
    /// The queue is read, a snapshot is whole, digests do not differ.
    pub(crate) settled: bool,
    pub(crate) pending: usize,
}

impl Facts {
    pub(crate) fn state(self) -> EngineState {
        match self {
            Self { syncing: true, .. } => EngineState::Syncing,
            Self { troubled: true, .. } => EngineState::Error,
            Self { offline: true, .. } => EngineState::Offline,
            _ => EngineState::Idle,
        }
    }

    pub(crate) fn word(self) -> StatusWord {
        match self {
            Self { troubled: true, .. } => StatusWord::Error,
            Self { offline: true, .. } => StatusWord::Offline,
            Self { syncing: true, .. } | Self { settled: false, .. } => StatusWord::Syncing,
            Self { pending: 1.., .. } => StatusWord::Pending(self.pending),
            _ => StatusWord::Synced,
        }
    }
}

impl std::fmt::Display for StatusWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Error => f.write_str("Error de sincronización"),
            Self::Offline => f.write_str("Sin conexión"),
            Self::Syncing => f.write_str("Sincronizando…"),
            Self::Pending(1) => f.write_str("1 pendiente"),
            Self::Pending(count) => write!(f, "{count} pendientes"),
            Self::Synced => f.write_str("Sincronizado"),
        }
    }
}

/// A queue that has not moved for so long while online is an error.
pub(crate) const STUCK_AFTER_MS: u64 = 2 * 60 * 1_000;

/// A tail whose `Date` has not advanced for so long means "Sin conexión".
pub(crate) const STALE_AFTER_MS: u64 = 5 * 60 * 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_word_wins() {
        let mut facts =
            Facts { troubled: true, offline: true, syncing: true, settled: true, pending: 3 };
        assert_eq!(facts.word().to_string(), "Error de sincronización");
        facts.troubled = false;
        assert_eq!(facts.word().to_string(), "Sin conexión");
        facts.offline = false;
        assert_eq!(facts.word().to_string(), "Sincronizando…");
        facts.syncing = false;
        assert_eq!(facts.word().to_string(), "3 pendientes");
        facts.pending = 0;
        assert_eq!(facts.word().to_string(), "Sincronizado");
        facts.settled = false;
        assert_eq!(facts.word().to_string(), "Sincronizando…");
    }

    #[test]
    fn a_running_cycle_is_a_state_of_its_own() {
        let mut facts =
            Facts { troubled: true, offline: true, syncing: true, settled: true, pending: 0 };
        assert_eq!(facts.state(), EngineState::Syncing);
        facts.syncing = false;
        assert_eq!(facts.state(), EngineState::Error);
        facts.troubled = false;
        assert_eq!(facts.state(), EngineState::Offline);
        facts.offline = false;
        assert_eq!(facts.state(), EngineState::Idle);
    }
}
