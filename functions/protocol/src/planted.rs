//! Faults of ours, planted on purpose: for proof that the simulation's checkers find them.
//!
//! Without the feature `planted`, which no function and no app turns on, [`Bug::is_planted`] is
//! `false` for the compiler already, and nothing of this is left. With it, one bug at a time can
//! be switched on for the present thread.

/// What can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// The phone takes an operation without a result for one that took effect.
    MissingResult,
    /// The phone stores the cursor of a page without its rows.
    CursorBeforeRows,
    /// The server does not look whether it has decided an operation before.
    DedupeOff,
    /// The feed takes a change without comparing it with what is published.
    PublishedNotCompared,
    /// The feed's head, and the changes below it, are written whoever else has written them.
    HeadUnconditional,
    /// A sealed page says whether there was more at its moment.
    SealedOfItsMoment,
    /// The phone changes an operation that was sent already.
    EditAfterSending,
    /// The phone does not notice that the server was restored.
    EpochIgnored,
    /// The phone takes a page that ends below its cursor.
    StaleTail,
    /// The phone says that it is saved before the database does.
    SavedEarly,
    /// The phone goes on with rows that another tab has changed since it read them.
    RowsOfAnotherRevision,
    /// A full disk does not slow the phone down.
    FullDiskIgnored,
    /// The feed serves a page although a change of it is missing.
    GapServed,
    /// The edge may keep a tail for a day.
    TailCachedTooLong,
    /// A 401 for everybody, though the token is good, is taken for a login that has ended.
    CollapsedUnauthorisedBelieved,
    /// A login that has ended empties the queue.
    QueueCleared,
    /// A tab synchronises although another has the lock. Nothing may come of it.
    LockIgnored,
    /// A merged sale keeps its total.
    MoneyTorn,
    /// What was acknowledged leaves the screen before it has come back.
    OverlayDropped,
    /// The wall clock orders the queue.
    QueueByClock,
    /// The snapshot shows records that the feed has not published.
    SnapshotOfUnpublished,
    /// What is blocked is stored as refused.
    BlockedStored,
    /// What names a record is sent before what makes it.
    DependentsEarly,
    /// A lost receipt is neither put back nor made up for by what the record remembers.
    ReplayApplied,
    /// The loser of a conflict is not written down.
    ConflictForgotten,
}

impl Bug {
    /// All, with their names on the command line.
    pub const ALL: [(&str, Self); 25] = [
        ("missing-result", Self::MissingResult),
        ("cursor-before-rows", Self::CursorBeforeRows),
        ("dedupe-off", Self::DedupeOff),
        ("published-not-compared", Self::PublishedNotCompared),
        ("head-unconditional", Self::HeadUnconditional),
        ("sealed-of-its-moment", Self::SealedOfItsMoment),
        ("edit-after-sending", Self::EditAfterSending),
        ("epoch-ignored", Self::EpochIgnored),
        ("stale-tail", Self::StaleTail),
        ("saved-early", Self::SavedEarly),
        ("rows-of-another-revision", Self::RowsOfAnotherRevision),
        ("full-disk-ignored", Self::FullDiskIgnored),
        ("gap-served", Self::GapServed),
        ("tail-cached-too-long", Self::TailCachedTooLong),
        ("collapsed-401-believed", Self::CollapsedUnauthorisedBelieved),
        ("queue-cleared", Self::QueueCleared),
        ("lock-ignored", Self::LockIgnored),
        ("money-torn", Self::MoneyTorn),
        ("overlay-dropped", Self::OverlayDropped),
        ("queue-by-clock", Self::QueueByClock),
        ("snapshot-of-unpublished", Self::SnapshotOfUnpublished),
        ("blocked-stored", Self::BlockedStored),
        ("dependents-early", Self::DependentsEarly),
        ("replay-applied", Self::ReplayApplied),
        ("conflict-forgotten", Self::ConflictForgotten),
    ];

    /// Nothing may come of it: the product does not depend on what it takes away.
    pub const fn is_harmless(self) -> bool {
        matches!(self, Self::LockIgnored)
    }

    /// It is switched on.
    #[cfg(feature = "planted")]
    pub fn is_planted(self) -> bool {
        PLANTED.get() == Some(self)
    }

    /// Never.
    #[cfg(not(feature = "planted"))]
    #[inline]
    pub const fn is_planted(self) -> bool {
        false
    }
}

/// Switches a bug on for this thread, and any other off.
#[cfg(feature = "planted")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

#[cfg(feature = "planted")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}
