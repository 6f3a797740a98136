//! Nothing that the seller was told is saved is missing: it is in a phone's queue, or the server
//! has decided it, or he has taken it back himself.

use std::collections::{BTreeMap, BTreeSet};

use engine::QueueStatus;
use protocol::OperationId;
use store::tables::{Key, Table};

use crate::phone::Profile;
use crate::world::World;

/// Promises, by phone.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    promised: BTreeMap<OperationId, usize>,
    taken_back: BTreeSet<(usize, OperationId)>,
}

impl Saved {
    /// The seller is told that it is saved: then it is in the database now.
    pub(crate) fn promise(
        &mut self,
        place: usize,
        id: &OperationId,
        phone: &Profile,
    ) -> Result<(), String> {
        self.promised.insert(id.clone(), place);
        let taken_back = self.taken_back.contains(&(place, id.clone()));
        let known = phone.open.contains_key(id) || phone.store.operation(id).is_some();
        if !taken_back && !known {
            return Err(format!("{id} was said to be saved and is not in the database"));
        }
        Ok(())
    }

    pub(crate) fn take_back(&mut self, place: usize, id: &OperationId) {
        self.taken_back.insert((place, id.clone()));
    }
}

/// Every promise is kept.
pub(crate) fn kept(world: &World) -> Result<(), String> {
    let stores: Vec<BTreeMap<OperationId, QueueStatus>> = world
        .profiles
        .iter()
        .map(|phone| phone.store.operations().map(|one| (one.id, one.status)).collect())
        .collect();
    for (id, place) in &world.checkers.saved.promised {
        let here = stores[*place].get(id);
        let taken_back = world.checkers.saved.taken_back.contains(&(*place, id.clone()));
        let decided = is_decided(world, id);
        if here.is_none() && !decided && !taken_back {
            return Err(format!("{id} was saved on phone {place} and is nowhere"));
        }
        if here == Some(&QueueStatus::Processed) && !world.took_effect(id) {
            return Err(format!("phone {place} believes that {id} took effect, and it never did"));
        }
    }
    Ok(())
}

/// The server holds its receipt.
fn is_decided(world: &World, id: &OperationId) -> bool {
    world.businesses.iter().any(|business| {
        let key = Key::new(Table::Operations, business.as_str(), id.as_str());
        world.tables.peek(&key).is_some()
    })
}

impl World {
    /// Its receipt says so, or a record remembers it.
    pub(crate) fn took_effect(&self, id: &OperationId) -> bool {
        let receipt = self.businesses.iter().find_map(|business| {
            self.tables.peek(&Key::new(Table::Operations, business.as_str(), id.as_str()))
        });
        match receipt {
            Some(receipt) => receipt.get("outcome").is_some_and(|outcome| outcome != "rejected"),
            None => self.checkers.once.has_applied(id),
        }
    }
}
