//! No phone says "Sincronizado" while something of its is not: while an operation waits in its
//! queue, or while it has not heard from the server for long.

use engine::{QueueStatus, StatusWord, Trouble};

use crate::world::World;

impl World {
    /// After every event of a tab.
    pub(crate) fn check_word(&mut self, tab: usize) {
        let ours = &self.tabs[tab];
        let asks = ours.view.as_ref().map(|view| view.troubles.contains(&Trouble::PasswordNeeded));
        if asks == Some(true) && ours.is_awake() {
            let account =
                ours.engine.as_ref().and_then(|one| one.signed_in()).map(|one| &one.account);
            let user = self.users.iter().position(|user| Some(&user.account) == account);
            let logins = &self.profiles[ours.profile].logins;
            if !user.and_then(|user| logins.get(&user)).is_some_and(|login| login.revoked) {
                let what = format!("tab {tab} asks for the password, and the login is good");
                return self.checkers.accuse("honest", what);
            }
        }
        let says = ours.view.as_ref().map(|view| view.word);
        if says != Some(StatusWord::Synced) || !ours.is_awake() {
            return;
        }
        let heard_ms = self.now.saturating_sub(ours.fresh_at);
        let reader = &self.users[self.profiles[ours.profile].at_work].account;
        if heard_ms > HEARD_MS_MAX && !self.dismissed.contains_key(reader) {
            let what = format!("tab {tab} says Sincronizado, {heard_ms} ms after it last heard");
            return self.checkers.accuse("honest", what);
        }
        let phone = &self.profiles[ours.profile];
        let account = &self.users[phone.at_work].account;
        let mut open = phone.open.iter();
        let waits = open.find(|(_, one)| {
            one.account == *account && one.since.max(ours.awake_since) + WAITS_MS_MAX < self.now
        });
        if let Some((id, waits)) = waits {
            let what = format!("tab {tab} says Sincronizado and {id} waits since {}", waits.since);
            self.checkers.accuse("honest", what);
        }
    }
}

/// After the quiet: a phone without failed operations is synchronised, and says so.
pub(crate) fn at_rest(world: &World) -> Result<(), String> {
    for (place, tab) in world.tabs.iter().enumerate() {
        let phone = &world.profiles[tab.profile];
        let account = &world.users[phone.at_work].account;
        let open = phone
            .store
            .operations()
            .any(|one| one.account == *account && one.status != QueueStatus::Processed);
        let says = tab.view.as_ref().map(|view| view.word);
        let expected = if open { StatusWord::Error } else { StatusWord::Synced };
        if says != Some(expected) {
            let troubles = tab.view.as_ref().map(|view| &view.troubles);
            return Err(format!(
                "tab {place} says {says:?} and should say {expected:?}: {troubles:?}"
            ));
        }
    }
    Ok(())
}

/// Another tab's write is heard of in a moment, unless that tab died with the news.
const WAITS_MS_MAX: u64 = 60_000;

/// "Sin conexión" comes after 5 minutes; a tail that the edge keeps is a second old.
const HEARD_MS_MAX: u64 = 5 * 60_000 + 15_000;
