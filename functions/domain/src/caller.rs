//! Who asks, and by which way.

use protocol::{BusinessId, Instant, Role, UserId};

/// The signed-in user behind an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The business that all of his records belong to.
    pub business: BusinessId,
    /// Himself.
    pub user: UserId,
    /// What he may do.
    pub role: Role,
    /// When he was deactivated, if he was: only with [`Role::Saliente`].
    pub deactivated_at: Option<Instant>,
    /// The way that the operation came.
    pub channel: Channel,
}

/// The way that an operation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// From a phone's queue: entities without an offline form are `read_only_entity`.
    Batch,
    /// From a request that waits for its answer.
    Online,
}
