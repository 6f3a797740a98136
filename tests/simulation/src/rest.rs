//! The quiet after the storm, and when the world has come to rest in it.

use engine::Event;
use protocol::Cursor;

use crate::phone::Tab;
use crate::world::{Happening, World};

impl World {
    /// The storm is over. Everybody who has ever worked with a phone signs in on it, and waits.
    pub(crate) fn quiet(&mut self) {
        self.stormy = false;
        self.shift_ends_at = 0;
        self.weather.set(0);
        self.origin_down_until = 0;
        self.agenda.drop_those(|happening| matches!(happening, Happening::Befall));
        for profile in &mut self.profiles {
            (profile.full_until, profile.offline_until, profile.skew_ms) = (0, 0, 0);
        }
        for tab in 0..self.tabs.len() {
            self.wake(tab);
            self.tabs[tab].app = self.app_min;
        }
        self.agenda.put(self.now + 1_000, Happening::Repair { every: true });
        let people = self.profiles.iter().map(|profile| profile.users.len()).max().unwrap_or(1);
        // One person's operations may wait for another's, and what they change is read by those who
        // sign in after them: round again, until a whole round has changed nothing.
        for round in 0..if people > 1 { ROUNDS } else { 1 } {
            let before = self.heads();
            for turn in 0..people {
                if !self.everybody_takes_a_turn(turn) {
                    return;
                }
            }
            if round > 0 && self.heads() == before {
                break;
            }
        }
        // What the last answers set going comes to its end, too.
        for _ in 0..ASKS {
            self.run_until(self.now + 45_000);
            if self.is_settled() {
                break;
            }
        }
        // The last look must not fall into a cycle.
        for _ in 0..RESTS {
            if !self.tabs.iter().any(Tab::is_syncing) {
                return;
            }
            self.run_until(self.now + 700);
        }
    }

    /// On every phone the next of those who work with it signs in and synchronises; false once a
    /// checker has found something.
    fn everybody_takes_a_turn(&mut self, turn: usize) -> bool {
        for profile in 0..self.profiles.len() {
            let users = &self.profiles[profile].users;
            let user = users[turn % users.len()];
            self.log_in(profile, user);
        }
        for _ in 0..ASKS {
            if self.checkers.violation().is_some() {
                return false;
            }
            for tab in 0..self.tabs.len() {
                self.tell(tab, Event::NetworkChanged { online: true });
                self.tell(tab, Event::SyncAsked);
            }
            self.run_until(self.now + ASK_MS);
            if self.is_settled() {
                break;
            }
        }
        true
    }

    fn heads(&self) -> Vec<Option<Cursor>> {
        let heads = self.businesses.iter().map(|business| self.head(business));
        heads.map(|head| head.map(|head| head.cursor())).collect()
    }

    /// Nothing moves any more: no phone has anything to send, and every phone has read to the head.
    pub(crate) fn is_settled(&self) -> bool {
        let at_head = |place: usize| {
            let phone = &self.profiles[place];
            let business = &self.users[phone.at_work].account.business;
            let cursor = phone.store.sync_state(business).and_then(|sync| sync.cursor);
            if self.reads_no_more(place, business) {
                return true;
            }
            cursor.is_some() && cursor == self.head(business).map(|head| head.cursor())
        };
        let tabs_rest = self.tabs.iter().all(|tab| {
            let word = tab.view.as_ref().map(|view| view.word);
            match word {
                Some(engine::StatusWord::Synced) => true,
                Some(engine::StatusWord::Error) => tab.engine.as_ref().is_some_and(|engine| {
                    let wall = crate::phone::wall(self.now, 0);
                    let queue = engine.queue();
                    queue.iter().filter(|one| one.status == engine::QueueStatus::Pending).all(
                        |one| {
                            queue.waiting(one, wall).is_some_and(|waiting| {
                                matches!(
                                    waiting.why,
                                    engine::WaitingWhy::Failed | engine::WaitingWhy::Waits
                                )
                            })
                        },
                    )
                }),
                _ => false,
            }
        });
        tabs_rest
            && (0..self.profiles.len()).all(at_head)
            && self.tasks.is_empty()
            && self.stream.is_idle()
    }
}

/// So often everybody has their turn, at the most.
const ROUNDS: usize = 6;

/// So often everybody asks to synchronise before it must be settled.
const ASKS: usize = 160;

/// So often the last look waits for a cycle to end.
const RESTS: usize = 100;

/// Apart so far.
const ASK_MS: u64 = 13_000;
