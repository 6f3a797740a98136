//! What sellers do all day: sales above all, some debts collected, a customer now and then, and
//! what people do to a queue that shows them errors.

use domain::Known;
use engine::{Command, NewOperation, OperationRecord, QueueStatus, RecordKey};
use protocol::{Action, Entity, JsonObject, Money, OperationId, Quantity, RecordId, Version};
use serde_json::{Value, json};

use crate::world::{Happening, World};

impl World {
    /// Somebody at a tab does something, and will again.
    pub(crate) fn act(&mut self, tab: usize, life: u64) {
        if self.tabs[tab].life != life || self.tabs[tab].frozen {
            return;
        }
        if self.tabs[tab].engine.is_none() {
            self.open(tab);
        } else if self.stormy {
            self.do_something(tab);
        }
        let life = self.tabs[tab].life;
        if self.now < self.shift_ends_at {
            let at = self.now + self.dice.between(300, self.pace_ms);
            self.agenda.put(at, Happening::Act { tab, life });
        }
    }

    fn do_something(&mut self, tab: usize) {
        match self.dice.below(100) {
            0..62 if self.tabs[tab].form.is_some() && self.dice.one_in(3) => self.type_a_while(tab),
            0..62 => {
                let new = self.new_operation(tab);
                self.command(tab, Command::Enqueue(new));
            }
            62..72 => {
                if let Some(command) = self.queue_command(tab) {
                    self.command(tab, command);
                }
            }
            72..76 => self.tell(tab, engine::Event::SyncAsked),
            76..79 => {
                let profile = self.tabs[tab].profile;
                let user = self.profiles[profile].at_work;
                if self.profiles[profile].logins.get(&user).is_some_and(|login| login.revoked) {
                    self.log_in(profile, user);
                }
            }
            79..81 if self.profiles[self.tabs[tab].profile].users.len() > 1 => {
                let profile = self.tabs[tab].profile;
                let place = self.dice.place(self.profiles[profile].users.len());
                let user = self.profiles[profile].users[place];
                self.log_in(profile, user);
            }
            81..84 => self.write_online(tab),
            84..86 => self.close_a_day(tab),
            86..88 => self.write_as_a_newer_app(),
            88..92 => self.type_a_while(tab),
            _ => {
                let new = self.sale(tab);
                self.command(tab, Command::Enqueue(new));
            }
        }
    }

    /// A form stays open: what it says of the record it changes may be old when it is saved, and of
    /// a life of the server that is over.
    fn type_a_while(&mut self, tab: usize) {
        let typed = match self.tabs[tab].form.take() {
            Some(typed) => typed,
            None => self.customer_update(tab),
        };
        if typed.action == Action::Update && self.dice.one_in(2) {
            self.tabs[tab].form = Some(typed);
        } else {
            self.command(tab, Command::Enqueue(typed));
        }
    }

    fn new_operation(&mut self, tab: usize) -> NewOperation {
        match self.dice.below(100) {
            0..30 => self.sale(tab),
            30..44 => self.abono(tab),
            44..53 => self.customer(tab),
            53..66 => self.customer_update(tab),
            66..78 => self.sale_update(tab),
            78..84 => self.sale_item(tab),
            84..88 => self.delete(tab),
            88..94 => self.distribucion(tab),
            _ => self.variant(tab),
        }
    }

    fn sale(&mut self, tab: usize) -> NewOperation {
        let credit = self.dice.one_in(2);
        let customer = self.some(tab, Entity::Customers);
        let count = self.dice.between(1, 3);
        let items: Vec<Value> = (0..count).map(|n| self.item(&format!("i{n}"))).collect();
        let mut data = json!({
            "saleType": if credit && customer.is_some() { "credito" } else { "contado" },
            "sellerId": self.user_of(tab),
            "items": items,
        });
        if let Some(customer) = customer {
            data["clientId"] = json!(customer);
            if credit {
                data["amountPaid"] = json!(self.money(300));
            }
        }
        if self.dice.one_in(4)
            && let Some(load) = self.some(tab, Entity::Distribuciones)
        {
            data["distribucionId"] = json!(load);
        }
        if self.dice.one_in(12) && data.get("amountPaid").is_none() {
            // An app that cuts where we round: 1.333 kg at S/ 7.77 are S/ 10.35741.
            data["items"] = json!([sold("i0", "1.333", "7.77"), sold("i1", "1.333", "7.77")]);
            data["totalAmount"] = json!("20.71");
        }
        self.insert(tab, Entity::Sales, data)
    }

    fn item(&mut self, id: &str) -> Value {
        let weighed = if self.dice.one_in(3) { self.weighed() } else { None };
        let (quantity, price) = weighed.unwrap_or_else(|| {
            let quantity = format!("{}.{:03}", self.dice.below(9), self.dice.between(1, 999));
            let price = format!("{}.{:02}", self.dice.between(1, 20), self.dice.below(100));
            (json!(quantity), json!(price))
        });
        sold(id, quantity, price)
    }

    /// "Usar en venta": the calculator's figures, from any two of the three.
    fn weighed(&mut self) -> Option<(Value, Value)> {
        let (price, total) = (self.money(200), self.money(900));
        let kilos = format!("{}.{:03}", self.dice.below(30), self.dice.below(1_000));
        let tara = format!("0.{:03}", self.dice.below(900));
        let price = Money::from_json(&json!(price)).ok();
        let total = Money::from_json(&json!(total)).ok();
        let kilos = Quantity::from_json(&json!(kilos)).ok();
        let known = match self.dice.below(3) {
            0 => Known::of(None, price, kilos),
            1 => Known::of(total, None, kilos),
            _ => Known::of(total, price, None),
        };
        let tara = Quantity::from_json(&json!(tara)).ok()?;
        let weighing = domain::calculate(known?, tara).ok()?;
        let sells = weighing.net > Quantity::ZERO;
        sells.then(|| (weighing.net.to_json(), weighing.price.to_json()))
    }

    fn abono(&mut self, tab: usize) -> NewOperation {
        if self.dice.one_in(8)
            && let Some(id) = self.some(tab, Entity::Abonos)
        {
            let notes = format!("nota {}", self.ids_made);
            return self.update(tab, Entity::Abonos, id, json!({ "notes": notes }));
        }
        let customer = self.some(tab, Entity::Customers);
        if customer.is_none() && !self.dice.one_in(8) {
            return self.customer(tab);
        }
        let methods = ["efectivo", "yape", "plin", "transferencia"];
        let method = methods[self.dice.place(4)];
        let data = json!({
            "clientId": customer.map_or_else(|| "nobody".to_owned(), |id| id.to_string()),
            "sellerId": self.user_of(tab),
            "amount": self.money(5_000),
            "paymentMethod": method,
        });
        self.insert(tab, Entity::Abonos, data)
    }

    fn customer(&mut self, tab: usize) -> NewOperation {
        let mut data = json!({ "name": format!("Cliente {}", self.ids_made) });
        if self.dice.one_in(4) {
            // Few numbers, so that some are taken.
            data["dni"] = json!(format!("{:08}", self.dice.below(12) + 40_000_000));
        }
        self.insert(tab, Entity::Customers, data)
    }

    fn customer_update(&mut self, tab: usize) -> NewOperation {
        let Some(id) = self.some(tab, Entity::Customers) else { return self.customer(tab) };
        let text = format!("texto {}", self.ids_made);
        let fields = ["name", "phone", "address", "notes"];
        let field = fields[self.dice.place(4)];
        if self.dice.one_in(12) {
            return self.update(tab, Entity::Customers, id, json!({ "dismiss": [field, "dni"] }));
        }
        let mut data = JsonObject::new();
        data.insert(field.to_owned(), json!(text));
        if self.dice.one_in(5) {
            data.insert("notes".to_owned(), json!(text));
        }
        if self.dice.one_in(20) {
            data.insert(
                "dni".to_owned(),
                json!(format!("{:08}", self.dice.below(12) + 40_000_000)),
            );
        }
        self.update(tab, Entity::Customers, id, Value::Object(data))
    }

    fn sale_update(&mut self, tab: usize) -> NewOperation {
        let Some(id) = self.some(tab, Entity::Sales) else { return self.sale(tab) };
        let data = match self.dice.below(8) {
            // Who takes most of it back and who is paid most of it may not both be right.
            0 | 1 => json!({ "items": [sold("i0", "1.000", "20.00")] }),
            2 | 3 => json!({ "amountPaid": self.money(900) }),
            4 => json!({ "amountPaid": self.money(200) }),
            5 => json!({ "saleType": "contado" }),
            6 => json!({ "dismiss": ["amountPaid", "saleType", "item:i0"] }),
            _ => json!({ "items": [self.item("i0"), self.item("i9")] }),
        };
        self.update(tab, Entity::Sales, id, data)
    }

    fn sale_item(&mut self, tab: usize) -> NewOperation {
        let Some(sale) = self.some(tab, Entity::Sales) else { return self.sale(tab) };
        let id = format!("i{}", self.dice.below(4));
        let (action, mut data) = match self.dice.below(4) {
            0 => (Action::Insert, self.item(&format!("n{}", self.ids_made))),
            1 => (Action::Delete, json!({})),
            _ => (Action::Update, json!({"quantity": "2.500"})),
        };
        let id = data.get("id").and_then(Value::as_str).map_or(id, str::to_owned);
        if let Some(fields) = data.as_object_mut() {
            fields.remove("id");
        }
        data["saleId"] = json!(sale);
        let base = self.base(tab, Entity::Sales, &sale);
        self.operation(action, Entity::SaleItems, id.parse().expect("an id"), data, base)
    }

    fn delete(&mut self, tab: usize) -> NewOperation {
        let entities = [
            Entity::Sales,
            Entity::Sales,
            Entity::Abonos,
            Entity::Customers,
            Entity::Distribuciones,
        ];
        let entity = entities[self.dice.place(entities.len())];
        let Some(id) = self.some(tab, entity) else { return self.sale(tab) };
        let base = self.base(tab, entity, &id);
        self.operation(Action::Delete, entity, id, json!({}), base)
    }

    fn distribucion(&mut self, tab: usize) -> NewOperation {
        let known = self.some(tab, Entity::Distribuciones).filter(|_| self.dice.one_in(2));
        if let Some(id) = known {
            let data = if self.dice.one_in(3) {
                json!({"estado": "cerrado", "kilosDevueltos": "1.250"})
            } else if self.dice.one_in(2) {
                json!({"estado": "en_ruta"})
            } else {
                json!({"puntoVenta": format!("Carro {}", self.ids_made)})
            };
            return self.update(tab, Entity::Distribuciones, id, data);
        }
        let data = json!({
            "vendedorId": self.user_of(tab), "puntoVenta": "Carro A",
            "fecha": format!("2026-11-{:02}", self.dice.between(20, 29)),
            "items": [{"variantId": "v-1", "cantidadAsignada": "20.500", "unidad": "kg"}],
        });
        self.insert(tab, Entity::Distribuciones, data)
    }

    fn variant(&mut self, tab: usize) -> NewOperation {
        let known = self.some(tab, Entity::ProductVariants).filter(|_| self.dice.one_in(2));
        if let Some(id) = known {
            let data = json!({ "price": self.money(2_000) });
            return self.update(tab, Entity::ProductVariants, id, data);
        }
        // Few names: a name is unique within its product.
        let name = format!("Corte {}", self.dice.below(9));
        let data = json!({"productId": "p-1", "name": name, "price": self.money(2_000)});
        self.insert(tab, Entity::ProductVariants, data)
    }

    /// What people do with what they see in the queue.
    fn queue_command(&mut self, tab: usize) -> Option<Command> {
        let engine = self.tabs[tab].engine.as_ref()?;
        let open: Vec<OperationRecord> = engine
            .queue()
            .iter()
            .filter(|one| one.status != QueueStatus::Processed)
            .cloned()
            .collect();
        let found = self.dice.pick(&open)?.clone();
        let (operation, follow_up) = (found.id.clone(), self.new_operation_id());
        let mut data = found.data.clone();
        if found.entity == Entity::Customers {
            data.insert("notes".to_owned(), json!(format!("corregido {follow_up}")));
        }
        Some(match (found.status, self.dice.below(3)) {
            (QueueStatus::Failed, 0) => Command::Discard { operation },
            (QueueStatus::Failed, 1) => {
                Command::Correct { operation, data, base_version: None, replacement: follow_up }
            }
            (_, 0) => Command::Cancel { operation, restore: None, follow_up },
            (_, 1) if found.operation != Action::Delete => {
                Command::Edit { operation, data, follow_up }
            }
            _ => Command::Retry { operation },
        })
    }

    fn insert(&mut self, tab: usize, entity: Entity, data: Value) -> NewOperation {
        let id: RecordId = self.new_id(entity.as_str()).parse().expect("an id");
        let business = self.business_of(tab);
        self.known.entry((business, entity)).or_default().push(id.clone());
        self.operation(Action::Insert, entity, id, data, None)
    }

    fn update(&mut self, tab: usize, entity: Entity, id: RecordId, data: Value) -> NewOperation {
        let base = self.base(tab, entity, &id);
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
        let id = self.new_operation_id();
        let Value::Object(data) = data else { unreachable!("payloads are objects") };
        NewOperation { id, entity, action, entity_id, data, base_version }
    }

    /// The version of the synced record that the person sees.
    fn base(&self, tab: usize, entity: Entity, id: &RecordId) -> Option<Version> {
        let engine = self.tabs[tab].engine.as_ref()?;
        let store = &self.profiles[self.tabs[tab].profile].store;
        let (business, generation) = (self.business_of(tab), engine.sync_state().generation);
        let key = RecordKey::new(entity, id.clone());
        store.record(&business, generation, &key).map(|row| row.version)
    }

    /// A record that somebody made at some time; some are hot.
    fn some(&mut self, tab: usize, entity: Entity) -> Option<RecordId> {
        let known = self.known.get(&(self.business_of(tab), entity))?;
        let hot = &known[..known.len().min(3)];
        let place = if self.dice.one_in(2) { self.dice.pick(hot) } else { self.dice.pick(known) };
        place.cloned()
    }

    pub(crate) fn business_of(&self, tab: usize) -> protocol::BusinessId {
        let user = self.profiles[self.tabs[tab].profile].at_work;
        self.users[user].account.business.clone()
    }

    fn user_of(&self, tab: usize) -> protocol::UserId {
        let user = self.profiles[self.tabs[tab].profile].at_work;
        self.users[user].account.user.clone()
    }

    /// Up to so many soles, with céntimos.
    pub(crate) fn money(&mut self, soles: u64) -> String {
        format!("{}.{:02}", self.dice.below(soles) / 10 + 1, self.dice.below(100))
    }

    pub(crate) fn new_id(&mut self, kind: &str) -> String {
        self.ids_made += 1;
        format!("{kind}-{:x}-{}", self.dice.below(4_096), self.ids_made)
    }

    fn new_operation_id(&mut self) -> OperationId {
        self.new_id("op").parse().expect("an id")
    }
}

/// An item of a sale.
fn sold(id: &str, quantity: impl Into<Value>, price: impl Into<Value>) -> Value {
    json!({"id": id, "productId": "p-1", "variantId": "v-1", "productName": "Pollo",
           "variantName": "Entero", "quantity": quantity.into(), "unitPrice": price.into()})
}
