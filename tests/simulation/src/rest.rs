//! When the world has come to rest after the storm.

use crate::world::World;

impl World {
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
