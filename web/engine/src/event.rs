//! What happens to the engine: all that it ever learns.

use crate::{
    Answer, Command, Committed, EffectId, Rows, SignedIn, StorageFault, Ticket, TransportFault,
};
use protocol::{OperationId, Role};

/// Something that happened. Answers to effects that are no longer awaited are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// This account is at work from now on; another one's affairs are put down as they are. Also
    /// after a password was asked for and given.
    SignedIn(SignedIn),
    /// Nobody is at work. The queue stays where it is.
    SignedOut,
    /// A person asked something of the queue.
    Commanded {
        /// Repeated in the answer.
        ticket: Ticket,
        /// What.
        command: Command,
    },
    /// A person asked to synchronise.
    SyncAsked,
    /// The browser says that there is a network, or none.
    NetworkChanged {
        /// There is one.
        online: bool,
    },
    /// The app has come to the foreground. What the browser said of the network before may be old:
    /// events are lost while a page is frozen.
    Foregrounded {
        /// The browser says that there is a network.
        online: bool,
    },
    /// Another tab has committed.
    OtherTabWrote {
        /// The operations that it changed.
        operations: Vec<OperationId>,
    },
    /// The moment asked for by [`Effect::SetTimer`](crate::Effect::SetTimer) has come.
    TimerFired,
    /// [`Effect::Read`](crate::Effect::Read) is done.
    Read {
        /// Which.
        effect: EffectId,
        /// What was found.
        result: Result<Rows, StorageFault>,
    },
    /// [`Effect::Commit`](crate::Effect::Commit) is durable, or was given up.
    Committed {
        /// Which.
        effect: EffectId,
        /// How it went.
        result: Result<Committed, StorageFault>,
    },
    /// [`Effect::Send`](crate::Effect::Send) has been answered, or nothing came.
    Answered {
        /// Which.
        effect: EffectId,
        /// What came.
        result: Result<Answer, TransportFault>,
    },
    /// [`Effect::AcquireLock`](crate::Effect::AcquireLock) is answered.
    LockAnswered {
        /// Which.
        effect: EffectId,
        /// It is ours; otherwise another tab synchronises now.
        granted: bool,
    },
    /// [`Effect::RefreshLogin`](crate::Effect::RefreshLogin) is answered.
    LoginAnswered {
        /// Which.
        effect: EffectId,
        /// How it went.
        result: Result<Role, RefreshFault>,
    },
}

/// Why there is no new token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshFault {
    /// The server refused: only the password helps.
    Refused,
    /// The server was not reached, or is not well.
    Unreachable,
}
