//! What sellers and administrators do all day, and what they do to a queue that shows them errors.

use std::time::{Duration, Instant};

use engine::{Command, Event, NewOperation, OperationRecord, Query, QueueStatus, RecordKey, Rows};
use protocol::{Action, Entity, JsonObject, RecordId, Role, Version};
use serde_json::{Value, json};

use super::Phone;
use crate::silence::MARKER;

impl Phone {
    /// One act of the person, or a mishap of the phone.
    pub(super) fn act(&mut self) {
        match self.dice.below(100) {
            0..74 => {
                let new = self.new_operation();
                self.command(Command::Enqueue(new));
            }
            74..86 => {
                if let Some(command) = self.queue_command() {
                    self.command(command);
                }
            }
            86..90 => self.events.push_back(Event::SyncAsked),
            90..92 => self.close_day(),
            92..94 => {
                self.setup.tally.count("fault phone token ended");
                self.spoilt = true;
            }
            94..96 => {
                self.full_until = Instant::now() + Duration::from_millis(self.dice.below(3_000));
            }
            96..98 => {
                self.setup.tally.count("fault phone offline");
                let online = self.dice.one_in(2);
                self.events.push_back(Event::NetworkChanged { online });
            }
            _ => self.events.push_back(Event::NetworkChanged { online: true }),
        }
    }

    fn new_operation(&mut self) -> NewOperation {
        let is_admin = self.session.user.role == Role::AdminNegocio;
        match self.dice.below(100) {
            0..34 => self.sale(),
            34..50 => self.abono(),
            50..60 => self.customer(),
            60..72 => self.customer_update(),
            72..78 => self.sale_update(),
            78..84 => self.sale_item(),
            84..89 => self.delete(is_admin),
            89..95 => self.distribucion(is_admin),
            _ if is_admin => self.variant(),
            _ => self.sale(),
        }
    }

    fn sale(&mut self) -> NewOperation {
        let customer = self.some(Entity::Customers);
        let credit = customer.is_some() && self.dice.one_in(2);
        let count = self.dice.between(1, 5);
        let items: Vec<Value> = (0..count).map(|place| self.item(&format!("i{place}"))).collect();
        let kind = if credit { "credito" } else { "contado" };
        let mut data = json!({"saleType": kind, "sellerId": self.account.user, "items": items});
        if let Some(customer) = customer {
            data["clientId"] = json!(customer);
            if credit {
                data["amountPaid"] = json!(self.money(0, 20));
            }
        }
        if self.dice.one_in(4)
            && let Some(load) = self.some(Entity::Distribuciones)
        {
            data["distribucionId"] = json!(load);
        }
        self.insert(Entity::Sales, data)
    }

    fn item(&mut self, id: &str) -> Value {
        let quantity = format!("{}.{:03}", self.dice.between(1, 9), self.dice.below(1_000));
        json!({"id": id, "productId": "pollo", "variantId": "entero", "productName": "Pollo",
            "variantName": "Entero", "quantity": quantity, "unitPrice": self.money(1, 20)})
    }

    fn abono(&mut self) -> NewOperation {
        let known = if self.dice.one_in(6) { self.some(Entity::Abonos) } else { None };
        if let Some(id) = known {
            let notes = format!("nota {MARKER} {}", self.made);
            return self.update(Entity::Abonos, id, json!({ "notes": notes }));
        }
        let Some(customer) = self.some(Entity::Customers) else { return self.customer() };
        let methods = ["efectivo", "yape", "plin", "transferencia"];
        let method = self.dice.pick(&methods).copied();
        let data = json!({"clientId": customer, "sellerId": self.account.user,
            "amount": self.money(1, 200), "paymentMethod": method});
        self.insert(Entity::Abonos, data)
    }

    fn customer(&mut self) -> NewOperation {
        let mut data = json!({ "name": format!("Bodega {MARKER} Ñandú {}", self.made),
            "phone": format!("9{MARKER}{}", self.made) });
        if self.dice.one_in(4) {
            // Few numbers, so that some are taken.
            data["dni"] = json!(format!("{:08}", 40_000_000 + self.dice.below(12)));
        }
        self.insert(Entity::Customers, data)
    }

    fn customer_update(&mut self) -> NewOperation {
        let Some(id) = self.some(Entity::Customers) else { return self.customer() };
        let text = format!("texto {MARKER} {}-{}", self.setup.place, self.made);
        let field = self.dice.pick(&["name", "phone", "address", "notes"]).copied();
        let mut data = JsonObject::new();
        data.insert(field.unwrap_or("notes").to_owned(), json!(text));
        if self.dice.one_in(20) {
            data.insert(
                "dni".to_owned(),
                json!(format!("{:08}", 40_000_000 + self.dice.below(12))),
            );
        }
        self.update(Entity::Customers, id, Value::Object(data))
    }

    fn sale_update(&mut self) -> NewOperation {
        let Some(id) = self.some(Entity::Sales) else { return self.sale() };
        let data = match self.dice.below(3) {
            0 => json!({ "amountPaid": self.money(0, 20) }),
            1 => json!({ "saleType": "contado" }),
            _ => json!({ "items": [self.item("i0"), self.item("i9")] }),
        };
        self.update(Entity::Sales, id, data)
    }

    fn sale_item(&mut self) -> NewOperation {
        let Some(sale) = self.some(Entity::Sales) else { return self.sale() };
        let (action, id, mut data) = match self.dice.below(4) {
            0 => {
                let id = format!("n{}-{}", self.setup.place, self.made);
                (Action::Insert, id.clone(), self.item(&id))
            }
            1 => (Action::Delete, format!("i{}", self.dice.below(4)), json!({})),
            _ => {
                let id = format!("i{}", self.dice.below(4));
                (Action::Update, id, json!({"quantity": "2.500"}))
            }
        };
        if let Some(fields) = data.as_object_mut() {
            fields.remove("id");
        }
        data["saleId"] = json!(sale);
        let base = self.base(Entity::Sales, &sale);
        self.operation(action, Entity::SaleItems, id.parse().expect("an id"), data, base)
    }

    fn delete(&mut self, is_admin: bool) -> NewOperation {
        let all = [Entity::Sales, Entity::Abonos, Entity::Customers, Entity::Distribuciones];
        let entity = self.dice.pick(if is_admin { &all } else { &all[..2] }).copied();
        let entity = entity.unwrap_or(Entity::Sales);
        let Some(id) = self.some(entity) else { return self.sale() };
        let base = self.base(entity, &id);
        self.operation(Action::Delete, entity, id, json!({}), base)
    }

    fn distribucion(&mut self, is_admin: bool) -> NewOperation {
        if is_admin && self.dice.one_in(2) {
            let data = json!({
                "vendedorId": self.account.user, "puntoVenta": "Carro A",
                "fecha": format!("2026-{:02}-{:02}", self.dice.between(1, 12), self.dice.between(1, 28)),
                "items": [{"variantId": "entero", "cantidadAsignada": "20.500", "unidad": "kg"}],
            });
            return self.insert(Entity::Distribuciones, data);
        }
        let Some(id) = self.some(Entity::Distribuciones) else { return self.sale() };
        let data = if self.dice.one_in(2) {
            json!({"estado": "cerrado", "kilosDevueltos": "1.250"})
        } else {
            json!({"estado": "en_ruta"})
        };
        self.update(Entity::Distribuciones, id, data)
    }

    fn variant(&mut self) -> NewOperation {
        let price = json!({ "price": self.money(1, 30) });
        match self.some(Entity::ProductVariants) {
            Some(id) if self.dice.one_in(2) => self.update(Entity::ProductVariants, id, price),
            _ => {
                // Few names: a name is unique within its product.
                let name = format!("Corte {}", self.dice.below(9));
                let data = json!({"productId": "pollo", "name": name, "price": price["price"]});
                self.insert(Entity::ProductVariants, data)
            }
        }
    }

    /// What people do with what they see in the queue.
    fn queue_command(&mut self) -> Option<Command> {
        let engine = self.engine.as_ref()?;
        let open = engine.queue().iter().filter(|one| one.status != QueueStatus::Processed);
        let open: Vec<OperationRecord> = open.cloned().collect();
        let found = self.dice.pick(&open)?.clone();
        let operation = found.id.clone();
        let follow_up = self.new_id("op").parse().expect("an id");
        let mut data = found.data.clone();
        if found.entity == Entity::Customers {
            data.insert("notes".to_owned(), json!(format!("corregido {MARKER} {follow_up}")));
        }
        Some(match (found.status, self.dice.below(3)) {
            (QueueStatus::Failed, 0) => Command::Discard { operation },
            (QueueStatus::Failed, 1) => {
                Command::Correct { operation, data, base_version: None, replacement: follow_up }
            }
            (QueueStatus::Pending, 0) => Command::Cancel { operation, restore: None, follow_up },
            (QueueStatus::Pending, 1) if found.operation != Action::Delete => {
                Command::Edit { operation, data, follow_up }
            }
            _ => Command::Retry { operation },
        })
    }

    fn insert(&mut self, entity: Entity, data: Value) -> NewOperation {
        let id: RecordId = self.new_id(entity.as_str()).parse().expect("an id");
        self.setup.tally.know(&self.account.business, entity, id.clone());
        self.operation(Action::Insert, entity, id, data, None)
    }

    fn update(&mut self, entity: Entity, id: RecordId, data: Value) -> NewOperation {
        let base = self.base(entity, &id);
        self.operation(Action::Update, entity, id, data, base)
    }

    fn operation(
        &mut self,
        action: Action,
        entity: Entity,
        entity_id: RecordId,
        data: Value,
        base_version: Option<Version>,
    ) -> NewOperation {
        let id = self.new_id("op").parse().expect("an id");
        let Value::Object(data) = data else { unreachable!("payloads are objects") };
        NewOperation { id, entity, action, entity_id, data, base_version }
    }

    /// The version of the synced record that the person sees.
    fn base(&self, entity: Entity, id: &RecordId) -> Option<Version> {
        let query = Query::Records {
            business: self.account.business.clone(),
            generation: self.engine.as_ref()?.sync_state().generation,
            keys: vec![RecordKey::new(entity, id.clone()).into()],
        };
        match self.disk.store.read(&query) {
            Rows::Records(rows) => rows.first().map(|row| row.version),
            _ => None,
        }
    }

    /// A record that somebody of the business has made; some are hot.
    fn some(&mut self, entity: Entity) -> Option<RecordId> {
        let Self { dice, setup, account, .. } = self;
        setup.tally.known(&account.business, entity, |known| {
            let hot = &known[known.len().saturating_sub(4)..];
            if dice.one_in(2) { dice.pick(hot) } else { dice.pick(known) }.cloned()
        })
    }

    /// From so many soles to so many, with céntimos.
    pub(super) fn money(&mut self, from: u64, to: u64) -> String {
        format!("{}.{:02}", self.dice.between(from, to), self.dice.below(100))
    }
}
