//! How the talk with the server goes: when to begin again, and whether it can be reached at all.

use crate::backoff::cycle_delay_ms;
use crate::status::{STALE_AFTER_MS, STUCK_AFTER_MS};
use crate::{Elapsed, Moment};

/// Times are of the clock that never goes back.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own; none excludes another"
)]
#[derive(Debug)]
pub(super) struct Contact {
    /// The browser says that there is a network. A hint: some say false for ever, or forget to say
    /// true again. While it says false, the server is asked for the feed now and then all the same.
    pub(super) online: bool,
    /// The last exchange reached the server.
    pub(super) reached: bool,
    /// Cycles in a row that failed.
    pub(super) failures: u32,
    /// The cycle under way has failed somewhere.
    failed: bool,
    /// The server asked for patience until then.
    pub(super) not_before: Elapsed,
    /// The next beat.
    pub(super) next_cycle: Elapsed,
    /// When the last cycle began.
    begun: Elapsed,
    /// When the browser last said that the network has gone.
    lost: Elapsed,
    /// A cycle is to begin as soon as may be.
    pub(super) wanted: bool,
    /// A person asked: tried even where the browser says that there is no network.
    pub(super) asked: bool,
    /// The app has come to the foreground without a network: a probe is due.
    foregrounded: bool,
    /// The cycle under way is a probe.
    pub(super) probing: bool,
    /// Something was enqueued that no batch has considered yet.
    pub(super) written: bool,
    /// When a tail last had a newer `Date`.
    pub(super) tail_advanced: Elapsed,
    /// When the queue last moved.
    pub(super) moved: Elapsed,
}

impl Contact {
    /// Another account begins.
    pub(super) fn restart(&mut self, now: Moment) {
        *self = Self {
            online: self.online,
            lost: self.lost,
            tail_advanced: now.elapsed,
            moved: now.elapsed,
            ..Self::default()
        };
    }

    pub(super) fn network_changed(&mut self, online: bool, now: Moment) {
        if online && !self.online {
            self.moved = now.elapsed;
            self.tail_advanced = now.elapsed;
            self.reached = true;
        }
        if !online {
            self.lost = now.elapsed;
        }
        self.wanted |= online;
        self.online = online;
    }

    /// A person looks at the app: it asks at once, unless it has just done so. (A return to the
    /// foreground is told by several events of the browser.)
    pub(super) fn foregrounded(&mut self, online: bool, now: Moment) {
        if online && !self.online {
            self.network_changed(true, now);
        } else if now.elapsed >= self.begun.plus(FOREGROUND_MS_MIN) {
            self.wanted |= self.online;
            self.foregrounded |= !self.online;
        }
    }

    /// A person wants to synchronise now.
    pub(super) fn ask(&mut self) {
        (self.wanted, self.asked) = (true, true);
    }

    /// A cycle may begin now.
    pub(super) fn is_due(&self, now: Moment) -> bool {
        now.elapsed >= self.due_at()
    }

    /// When the next cycle may begin.
    pub(super) fn due_at(&self) -> Elapsed {
        if !self.online && !self.asked {
            let probe = self.next_cycle.min(self.begun.plus(PROBE_MS_MAX));
            let soon = if self.foregrounded { Elapsed(0) } else { probe };
            return soon.max(self.not_before);
        }
        let soon = if self.wanted {
            Elapsed(0)
        } else if self.written {
            // A write goes at once, but a server that fails is not hammered by a busy seller.
            if self.failures == 0 { Elapsed(0) } else { self.begun.plus(WRITE_AFTER_FAILURE_MS) }
        } else {
            self.next_cycle
        };
        soon.min(self.next_cycle).max(self.not_before)
    }

    pub(super) fn begin(&mut self, now: Moment) {
        self.probing = !self.online && !self.asked;
        (self.wanted, self.asked, self.foregrounded) = (false, false, false);
        (self.written, self.failed) = (false, false);
        self.begun = now.elapsed;
    }

    /// The server was reached, whatever the browser says of the network; but an answer to what was
    /// asked before the network went says nothing of what came after.
    pub(super) fn note_success(&mut self) {
        let came_back = !self.online && self.begun >= self.lost;
        self.online |= came_back;
        // A probe only reads: what waits is sent by the next cycle, at once.
        self.wanted |= came_back && self.probing;
        self.reached = true;
    }

    /// Nothing has failed since the cycle under way began.
    pub(super) fn nothing_failed(&self) -> bool {
        !self.failed
    }

    /// A newer tail is stored, by this tab or by another: the server was reached from this phone.
    pub(super) fn note_tail(&mut self, now: Moment) {
        self.tail_advanced = now.elapsed;
        self.reached = true;
    }

    pub(super) fn note_failure(&mut self, reached: bool, retry_after_ms: Option<u64>, now: Moment) {
        self.failed = true;
        self.reached = reached;
        if let Some(patience) = retry_after_ms {
            self.not_before = self.not_before.max(now.elapsed.plus(patience));
        }
    }

    /// What failed was one operation, which waits by itself now: the cycle goes on as if it had not
    /// been sent, and the next one is not delayed for it.
    pub(super) fn note_isolated(&mut self) {
        self.failed = false;
    }

    /// The phone's own database failed the cycle. It says nothing of the server, but what is due
    /// stays due: without patience the next cycle would begin at once, and the next.
    pub(super) fn note_storage_failure(&mut self) {
        self.failed = true;
    }

    pub(super) fn end(&mut self, now: Moment) {
        self.failures = if self.failed { self.failures.saturating_add(1) } else { 0 };
        self.next_cycle = now.elapsed.plus(cycle_delay_ms(self.failures, now.random));
    }

    /// Another tab has the lock. If it is frozen, whoever gives out locks finds it out by our asking
    /// a second time, so that comes sooner than the next beat.
    pub(super) fn ask_for_the_lock_again(&mut self, now: Moment) {
        self.next_cycle = self.next_cycle.min(now.elapsed.plus(LOCK_AGAIN_MS));
    }

    /// "Sin conexión". Who may not read waits for no tail, so none of his grows stale.
    pub(super) fn is_offline(&self, reads: bool, now: Moment) -> bool {
        !self.online || !self.reached || (reads && now.elapsed >= self.stale_at())
    }

    pub(super) fn stale_at(&self) -> Elapsed {
        self.tail_advanced.plus(STALE_AFTER_MS)
    }

    pub(super) fn stuck_at(&self) -> Elapsed {
        self.moved.plus(STUCK_AFTER_MS)
    }
}

impl Default for Contact {
    fn default() -> Self {
        Self {
            online: true,
            reached: true,
            failures: 0,
            failed: false,
            not_before: Elapsed(0),
            next_cycle: Elapsed(0),
            begun: Elapsed(0),
            lost: Elapsed(0),
            wanted: false,
            asked: false,
            foregrounded: false,
            probing: false,
            written: false,
            tail_advanced: Elapsed(0),
            moved: Elapsed(0),
        }
    }
}

/// After a failed cycle a new write waits so long since that one began.
const WRITE_AFTER_FAILURE_MS: u64 = 5_000;

/// A lock that was refused is asked for again after so long.
const LOCK_AGAIN_MS: u64 = 16_000;

/// While the browser says that there is no network, the server is asked at least this often.
const PROBE_MS_MAX: u64 = 50_000;

/// After a cycle began, a return to the foreground begins no other for so long.
const FOREGROUND_MS_MIN: u64 = 3_000;

#[cfg(test)]
mod tests {
    use protocol::Instant;

    use super::*;

    fn at(elapsed: u64) -> Moment {
        Moment { wall: Instant::from_millis(0), elapsed: Elapsed(elapsed), random: 0 }
    }

    #[test]
    fn an_answer_to_a_question_of_before_does_not_bring_the_network_back() {
        let mut contact = Contact::default();
        contact.begin(at(1_000));
        contact.network_changed(false, at(1_500));
        contact.note_success();
        assert!(contact.is_offline(true, at(1_600)));
        // A person asks all the same, and is answered.
        contact.ask();
        contact.begin(at(2_000));
        contact.note_success();
        assert!(!contact.is_offline(true, at(2_100)));
    }
}
