//! What the engine asks of its shell: all that it ever does.

use protocol::{Cursor, Instant, OperationId};

use crate::{
    Account, CommandRefused, Elapsed, Query, Request, Saved, SyncedKey, Ticket, Transaction, View,
};

/// Names an effect until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EffectId(pub u64);

/// Something for the shell to do.
///
/// `Read`, `Commit`, `Send`, `AcquireLock` and `RefreshLogin` are answered by the event that names
/// the same id. The others are not answered. A `Read` or `Commit` must be answered in the end, if
/// only by a fault: the engine derives nothing while one is out. The deadlines of requests are the
/// engine's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Read from the database.
    Read {
        /// To be repeated.
        effect: EffectId,
        /// What.
        query: Query,
    },
    /// Write to the database.
    Commit {
        /// To be repeated.
        effect: EffectId,
        /// What.
        transaction: Transaction,
    },
    /// Send a request with the present token of this account, and with no other's: a shell that
    /// has none answers as the network would.
    Send {
        /// To be repeated.
        effect: EffectId,
        /// Whose token.
        account: Account,
        /// What.
        request: Request,
    },
    /// Give a request up; its answer will be ignored.
    Abort(EffectId),
    /// Take the lock under which one tab synchronises, if it is free.
    AcquireLock {
        /// To be repeated.
        effect: EffectId,
    },
    /// Give the lock back.
    ReleaseLock,
    /// Get a new token by the refresh token of this account.
    RefreshLogin {
        /// To be repeated.
        effect: EffectId,
        /// Whose login.
        account: Account,
    },
    /// Fire at this moment, and not at an earlier one that was asked for.
    SetTimer(Elapsed),
    /// Tell a person what became of his command.
    Answer {
        /// His command.
        ticket: Ticket,
        /// Durable, or why not.
        result: Result<Saved, CommandRefused>,
    },
    /// Show this.
    Notify(Box<View>),
    /// Rows have changed: screens read them anew, other tabs are told.
    Announce {
        /// Operations whose rows changed here.
        operations: Vec<OperationId>,
        /// Records that look different.
        records: Vec<SyncedKey>,
        /// All records may look different.
        everything: bool,
    },
    /// Copy the place in the feed to where people look for it (`avileo-sync-last-since`, `-at`).
    PublishCursor {
        /// In the feed.
        cursor: Cursor,
        /// The server's clock at the last tail.
        last_tail_at: Option<Instant>,
    },
    /// This app is too old for the server: get the new one.
    UpdateApp,
}
