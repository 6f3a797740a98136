//! When an operation counts as done, and how it stands to what others have set since.
//!
//! A device's clock is never trusted by itself: an operation's time is bounded by the server's own
//! from above and by what its maker had seen from below, so a wrong clock cannot win for ever.

use protocol::{DeviceId, Instant, Operation, OperationId, UserId, Version};
use serde_json::Value;

use crate::{Caller, FieldClock, StoredRecord};

/// Who does what, when, knowing which version, making which version.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    /// The version that the maker saw; none where that is not known, and times alone decide.
    pub(crate) base: Option<Version>,
    /// The effective time.
    pub(crate) at: Instant,
    /// The version that the operation makes.
    pub(crate) version: Version,
    pub(crate) by: UserId,
    pub(crate) device: Option<DeviceId>,
    pub(crate) operation: OperationId,
}

/// How an operation stands to the last setting of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stance {
    /// It knew of it (or comes later, where nothing is known): no conflict.
    Informed,
    /// Neither knew of the other; the operation is later.
    Wins,
    /// The operation is earlier: what stands stays.
    Loses,
}

impl Stamp {
    /// The stamp of an operation on `stored`, or of one that makes a record.
    pub(crate) fn new(
        operation: &Operation,
        caller: &Caller,
        now: Instant,
        stored: Option<&StoredRecord>,
    ) -> Self {
        let present = stored.map_or(Version(0), |stored| stored.version);
        let known = |base: &Version| (Version(1)..=present).contains(base);
        let base = operation.base_version.filter(known);
        let floor = base.zip(stored).and_then(|(base, stored)| {
            let seen = stored.clocks.values().filter(|clock| clock.version <= base);
            seen.map(|clock| clock.at).max()
        });
        let at = operation.client_timestamp.min(now);
        Self {
            base,
            at: floor.map_or(at, |floor| at.max(floor)),
            version: present.next(),
            by: caller.user.clone(),
            device: operation.device_id.clone(),
            operation: operation.operation_id.clone(),
        }
    }

    /// How the operation stands to a field's last setting; a field never set is nobody's rival.
    pub(crate) fn stance(&self, clock: Option<&FieldClock>) -> Stance {
        let Some(clock) = clock else { return Stance::Informed };
        if self.is_same_device(clock) {
            return Stance::Informed;
        }
        match (self.base, self.is_later_than(clock)) {
            (Some(base), _) if clock.version <= base => Stance::Informed,
            (Some(_), true) => Stance::Wins,
            (None, true) => Stance::Informed,
            (_, false) => Stance::Loses,
        }
    }

    /// The setting was made by somebody else after the version that the operation's maker saw.
    pub(crate) fn has_not_seen(&self, clock: &FieldClock) -> bool {
        self.base.is_some_and(|base| clock.version > base) && !self.is_same_device(clock)
    }

    /// Later effective time; ties by operation id.
    pub(crate) fn is_later_than(&self, clock: &FieldClock) -> bool {
        (self.at, &self.operation) > (clock.at, &clock.operation)
    }

    /// The clock of a field that the operation sets in place of `replaced`.
    ///
    /// What stood before is kept where the maker said what he saw: a rival that wins the whole of
    /// a sale's money takes the setting back. A device's run of settings keeps what stood before
    /// the first of them.
    pub(crate) fn clock(&self, over: Option<&FieldClock>, replaced: Option<Value>) -> FieldClock {
        let same_run = over.filter(|clock| {
            self.is_same_device(clock) && self.base.is_some_and(|base| clock.version > base)
        });
        FieldClock {
            version: self.version,
            at: over.map_or(self.at, |clock| clock.at.max(self.at)),
            by: self.by.clone(),
            device: self.device.clone(),
            operation: self.operation.clone(),
            previous: same_run.and_then(|clock| clock.previous.clone()).or(replaced),
        }
    }

    fn is_same_device(&self, clock: &FieldClock) -> bool {
        self.device.is_some() && self.device == clock.device
    }
}
