//! What reaches the tables without a phone's queue: an administrator at a desk, a seller who closes
//! his day, an app that is newer than all of these, and a seller who is dismissed.

use domain::Channel;
use protocol::{BATCH_OPERATIONS_MAX, Entity, Operation, Role};
use serde_json::{Value, json};
use store::tables::{Condition, Item, Key, Table, Write};

use crate::cloud_side::Then;
use crate::functions;
use crate::phone::{User, wall};
use crate::world::{Dismissed, World};

impl World {
    /// An administrator at a desk: a product has no offline form.
    pub(crate) fn write_online(&mut self, tab: usize) {
        let user = self.users[self.profiles[self.tabs[tab].profile].at_work].clone();
        if user.role != Role::AdminNegocio || self.maintenance {
            return;
        }
        let id = self.new_id("p");
        let data = json!({"name": format!("Producto {id}"), "type": "pollo", "unit": "kg", "basePrice": "9.50"});
        let body = json!({"operations": [{
            "operationId": format!("online-{id}"), "entity": "products", "action": "insert",
            "entityId": id, "payload": data, "clientTimestamp": wall(self.now, 0),
        }]});
        self.send_online(&user, &body);
    }

    /// An administrator brings the customers of a day along, in one go.
    pub(crate) fn import_customers(&mut self) {
        if self.maintenance {
            return;
        }
        let admins = self.users.iter().filter(|user| user.role == Role::AdminNegocio);
        for user in admins.cloned().collect::<Vec<_>>() {
            let ids: Vec<_> =
                (0..self.pace.customers).map(|_| self.new_id(Entity::Customers.as_str())).collect();
            for ids in ids.chunks(BATCH_OPERATIONS_MAX) {
                let insert = |id: &String| {
                    json!({
                        "operationId": format!("online-{id}"), "entity": "customers",
                        "action": "insert", "entityId": id,
                        "payload": {"name": format!("Cliente {id}")},
                        "clientTimestamp": wall(self.now, 0),
                    })
                };
                let operations: Vec<_> = ids.iter().map(insert).collect();
                self.send_online(&user, &json!({ "operations": operations }));
            }
        }
    }

    fn send_online(&mut self, user: &User, body: &Value) {
        let sender = user.sender(user.role);
        let (tables, surroundings, alarm) = self.invocation();
        let body = body.to_string();
        let future = functions::sync_batch(tables, surroundings, sender, Channel::Online, body);
        self.spawn(future, alarm, Then::Online);
    }

    /// A seller settles his day, online; what he or others still have in their queues comes late.
    pub(crate) fn close_a_day(&mut self, tab: usize) {
        let user = self.users[self.profiles[self.tabs[tab].profile].at_work].clone();
        if user.role != Role::Vendedor || self.maintenance {
            return;
        }
        let id = self.new_id("closing");
        let now = wall(self.now, 0);
        // Lima is five hours behind, all year.
        let today = now.plus_millis(-5 * 3_600_000).to_string();
        let operation = json!({
            "operationId": format!("online-{id}"), "entity": "closings", "action": "insert",
            "entityId": id, "clientTimestamp": now,
            "payload": {"sellerId": user.account.user, "closingDate": &today[..10],
                        "cashCounted": self.money(900)},
        });
        let operation = Operation::from_json(&operation).expect("of our shape");
        let sender = user.sender(user.role);
        let (tables, surroundings, alarm) = self.invocation();
        let future = functions::close_day(tables, surroundings, sender, operation);
        self.spawn(future, alarm, Then::Online);
    }

    /// A customer is changed by an app that knows more fields than this one.
    pub(crate) fn write_as_a_newer_app(&mut self) {
        if self.maintenance {
            return;
        }
        let customers: Vec<_> = self
            .tables
            .scan(Table::Records)
            .into_iter()
            .filter(|item| {
                let key = item.get("record").and_then(Value::as_str).unwrap_or_default();
                key.starts_with("customers#") && item["value"].get("deletedAt").is_none()
            })
            .collect();
        let Some(item) = self.dice.pick(&customers) else { return };
        let mut item = Item::clone(item);
        let before = item["version"].clone();
        let version = before.as_u64().unwrap_or_default() + 1;
        let id = self.new_id("newer");
        item.insert("version".to_owned(), json!(version));
        item["value"]["version"] = json!(version);
        item["value"]["apodo"] = json!(id);
        if let Some(operations) = item.get_mut("operations").and_then(Value::as_array_mut) {
            operations.push(json!(id));
            let surplus = operations.len().saturating_sub(domain::OPERATION_IDS_KEPT);
            operations.drain(..surplus);
        }
        let key = Key::of(Table::Records, &item).expect("as it was read");
        let condition = Condition::Equals(vec![("version", before)]);
        self.put(&Write::Put { table: Table::Records, item, condition });
        self.checkers.unknown.note(&key, &id);
        self.pump(self.now);
    }

    /// A seller is dismissed in mid-day. He may still send what he did before, and reads no more.
    ///
    /// Not in a world that was restored, of which a phone that may not read never learns, nor where
    /// two phones are of one backup: what they do to each other's queue then is not settled yet.
    pub(crate) fn dismiss(&mut self) {
        let mut devices: Vec<_> = self.profiles.iter().map(|phone| &phone.device).collect();
        devices.sort();
        if self.figures.restores > 0 || devices.windows(2).any(|two| two[0] == two[1]) {
            return;
        }
        let staying = |user: &User| {
            user.role == Role::Vendedor && !self.dismissed.contains_key(&user.account)
        };
        let sellers: Vec<_> = self.users.iter().filter(|user| staying(user)).cloned().collect();
        let Some(user) = self.dice.pick(&sellers).cloned() else { return };
        let at = wall(self.now, 0);
        let mut item = user.sender(Role::Vendedor).key().to_item();
        item.insert("active".to_owned(), json!(false));
        item.insert("role".to_owned(), json!(Role::Vendedor));
        item.insert("deactivatedAt".to_owned(), json!(at));
        self.put(&Write::Put { table: Table::Accounts, item, condition: Condition::None });
        self.trace.note(self.now, &format!("{} is dismissed", user.account.user));
        self.dismissed.insert(user.account, Dismissed { at });
    }

    /// Whoever works with this phone for this business reads no more.
    pub(crate) fn reads_no_more(&self, profile: usize, business: &protocol::BusinessId) -> bool {
        let users = self.profiles[profile].users.iter().map(|user| &self.users[*user].account);
        users
            .filter(|account| account.business == *business)
            .all(|account| self.dismissed.contains_key(account))
    }
}
