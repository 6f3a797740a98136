//! A small server: applies what it is sent by the simplest rules, publishes at once, and can be
//! told to misbehave. The real one has tests of its own; this one is here to be pushed around.

use std::collections::{BTreeMap, VecDeque};

use engine::{Answer, RecordKey, Request, SyncedKey, TransportFault};
use protocol::{
    Action, Change, ChangesPage, Cursor, Digest, Entity, Epoch, Instant, Number, Operation,
    SnapshotPage, SnapshotRecord, UserId, Version,
};
use serde_json::{Value, json};

/// Answers in the server's place, or lets a request pass.
pub(crate) type Filter = Box<dyn Fn(&Request) -> Option<Answer>>;

pub(crate) struct Server {
    pub(crate) epoch: Epoch,
    pub(crate) records: BTreeMap<RecordKey, (Version, Number, Option<Value>)>,
    pub(crate) results: BTreeMap<String, Value>,
    pub(crate) feed: Vec<Change>,
    digests: Vec<Digest>,
    /// Every request that arrived.
    pub(crate) requests: Vec<Request>,
    /// What the next requests get instead of an answer; `None`: answered as usual.
    pub(crate) script: VecDeque<Option<Result<Answer, TransportFault>>>,
    /// Something between phone and server: where it answers, the server hears nothing.
    pub(crate) filter: Option<Filter>,
    /// The answer to the next batch lacks these operations although they took effect.
    pub(crate) forgets: Vec<String>,
    /// Every page carries a digest of its own invention.
    pub(crate) lies_about_digests: bool,
    pub(crate) now: Instant,
    pub(crate) part_size: usize,
    /// An entity that has another name on the wire: one that the phones do not know.
    pub(crate) renamed: Option<(Entity, &'static str)>,
}

impl Server {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            epoch: Epoch(7),
            records: BTreeMap::new(),
            results: BTreeMap::new(),
            feed: Vec::new(),
            digests: vec![Digest::EMPTY],
            requests: Vec::new(),
            script: VecDeque::new(),
            filter: None,
            forgets: Vec::new(),
            lies_about_digests: false,
            now,
            part_size: 3,
            renamed: None,
        }
    }

    pub(crate) fn receive(&mut self, request: &Request) -> Result<Answer, TransportFault> {
        self.requests.push(request.clone());
        if let Some(answer) = self.filter.as_ref().and_then(|filter| filter(request)) {
            return Ok(answer);
        }
        match self.script.pop_front().flatten() {
            Some(scripted) => scripted,
            None => Ok(self.answer(request)),
        }
    }

    /// The operations of every batch that arrived, by their ids.
    pub(crate) fn batches(&self) -> Vec<Vec<String>> {
        let ids = |body: &str| {
            let body: Value = protocol::json::from_str(body).unwrap();
            let ids = body["operations"].as_array().unwrap().iter();
            ids.map(|one| one["operationId"].as_str().unwrap().to_owned()).collect()
        };
        self.requests.iter().filter_map(|one| one.body.as_deref()).map(ids).collect()
    }

    /// The path and query of every read that arrived.
    pub(crate) fn reads(&self) -> Vec<&str> {
        self.requests.iter().filter(|one| one.body.is_none()).map(|one| one.path.as_str()).collect()
    }

    /// Somebody else's write.
    pub(crate) fn write(&mut self, entity: Entity, id: &str, record: Option<Value>) {
        let key = RecordKey::new(entity, id.parse().unwrap());
        self.publish(key, record, "theirs");
    }

    /// The key of a record as phones read it.
    pub(crate) fn key_on_wire(&self, key: &RecordKey) -> SyncedKey {
        match self.renamed {
            Some((entity, name)) if entity == key.entity => {
                SyncedKey::new(name.parse().unwrap(), key.id.clone())
            }
            _ => key.clone().into(),
        }
    }

    /// A page or part, in which the changes of an entity that was renamed have an action that is
    /// as unknown.
    fn on_wire(&self, page: &impl serde::Serialize, rows: &str) -> Value {
        let mut page = serde_json::to_value(page).unwrap();
        let rows = page[rows].as_array_mut().unwrap().iter_mut();
        for row in rows {
            if let Some((_, name)) = self.renamed.filter(|(of, _)| row["entity"] == of.as_str()) {
                row["entity"] = name.into();
                row["action"] = "archive".into();
            }
        }
        page
    }

    pub(crate) fn digest(&self) -> Digest {
        *self.digests.last().unwrap()
    }

    /// Forgets everything after change `keep`, as a restore would, and starts a new epoch.
    pub(crate) fn restore(&mut self, keep: usize) {
        let kept: Vec<Change> = self.feed.drain(..).take(keep).collect();
        self.epoch = self.epoch.next();
        self.records.clear();
        self.results.clear();
        self.digests.truncate(1);
        for change in kept {
            let key = RecordKey::new(change.entity, change.entity_id);
            let id = change.operation_id.as_str();
            let version = change.version;
            let result = json!({"operationId": id, "success": true, "version": version});
            // As a record's own list of operations does where the receipt is lost.
            self.results.insert(id.to_owned(), result);
            self.publish(key, change.record, id);
        }
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let query: BTreeMap<&str, &str> =
            query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let data = match path {
            "/sync/batch" => Ok(self.batch(request.body.as_deref().unwrap())),
            "/sync/changes" => self.changes(&query),
            "/sync/snapshot" => self.snapshot(&query),
            _ => Err((404, "route_not_found")),
        };
        match data {
            Ok(data) => self.respond(200, &json!({"success": true, "data": data})),
            Err((status, code)) => self.failure(status, code),
        }
    }

    pub(crate) fn failure(&self, status: u16, code: &str) -> Answer {
        let error = json!({"code": code, "message": code});
        self.respond(status, &json!({"success": false, "error": error}))
    }

    fn respond(&self, status: u16, body: &Value) -> Answer {
        let date = Some(http_date(self.now));
        Answer { status, body: body.to_string(), date, retry_after: None }
    }

    fn batch(&mut self, body: &str) -> Value {
        let body: Value = protocol::json::from_str(body).unwrap();
        let elements = body["operations"].as_array().unwrap();
        assert!((1..=50).contains(&elements.len()), "a batch of {}", elements.len());
        let mut results: Vec<Value> = elements.iter().map(|element| self.decide(element)).collect();
        let forgets = std::mem::take(&mut self.forgets);
        results.retain(|result| {
            !forgets.iter().any(|id| result["operationId"].as_str() == Some(id.as_str()))
        });
        for result in &mut results {
            result["serverTimestamp"] = json!(self.now);
        }
        json!({ "results": results, "summary": {} })
    }

    fn decide(&mut self, element: &Value) -> Value {
        let operation = Operation::from_json(element).unwrap();
        let id = operation.operation_id.to_string();
        if let Some(before) = self.results.get(&id) {
            let mut again = before.clone();
            again["status"] = "duplicate".into();
            return again;
        }
        let failure = |status: &str, code: &str| {
            json!({"operationId": id, "success": false, "status": status, "code": code,
                   "error": format!("No: {code}")})
        };
        let mut key = RecordKey::new(operation.entity, operation.entity_id.clone());
        if let (Entity::SaleItems, Some(sale)) = (operation.entity, operation.payload.get("saleId"))
        {
            key = RecordKey::new(Entity::Sales, sale.as_str().unwrap().parse().unwrap());
        }
        if operation.payload.get("name").is_some_and(|name| name == "Veneno") {
            return failure("rejected", "invalid_field");
        }
        let named = operation.payload.get("clientId").and_then(Value::as_str);
        let customer = named.map(|id| RecordKey::new(Entity::Customers, id.parse().unwrap()));
        if customer.is_some_and(|customer| !self.records.contains_key(&customer)) {
            return failure("blocked", "missing_reference");
        }
        if operation.action != Action::Insert && !self.records.contains_key(&key) {
            return failure("blocked", "record_not_found");
        }
        let mut record = self.records.get(&key).and_then(|(_, _, record)| record.clone());
        if operation.action == Action::Delete {
            record = None;
        } else {
            let fields = record.get_or_insert_with(|| json!({"id": key.id.as_str()}));
            for (field, value) in operation.payload {
                fields[field] = value;
            }
        }
        self.publish(key.clone(), record, &id);
        let version = self.records[&key].0;
        let result =
            json!({"operationId": id, "success": true, "status": "applied", "version": version});
        self.results.insert(id, result.clone());
        result
    }

    fn publish(&mut self, key: RecordKey, record: Option<Value>, operation: &str) {
        let before = self.records.get(&key).cloned();
        let version = before.as_ref().map_or(Version(1), |(version, ..)| version.next());
        let number = Number(self.feed.len() as u64 + 1);
        let mut digest = self.digest();
        let on_wire = self.key_on_wire(&key);
        if let Some((old, _, Some(_))) = before {
            digest.toggle(&on_wire.entity, &key.id, old);
        }
        if record.is_some() {
            digest.toggle(&on_wire.entity, &key.id, version);
        }
        self.digests.push(digest);
        self.records.insert(key.clone(), (version, number, record.clone()));
        self.feed.push(Change {
            number,
            entity: key.entity,
            action: if record.is_some() { Action::Update } else { Action::Delete },
            entity_id: key.id,
            version,
            record,
            operation_id: operation.parse().unwrap(),
            changed_by: "user-9".parse::<UserId>().unwrap(),
            changed_at: self.now,
        });
    }

    fn changes(&self, query: &BTreeMap<&str, &str>) -> Result<Value, (u16, &'static str)> {
        let since: Cursor = query["since"].parse().unwrap();
        let limit: usize = query["limit"].parse().unwrap();
        let from = usize::try_from(since.number.0).unwrap();
        if since.epoch != self.epoch || from > self.feed.len() {
            return Err((410, "cursor_expired"));
        }
        Ok(self.on_wire(&self.page(from, limit), "changes"))
    }

    /// Changes after `from`, sealed if the range ends at a hundred and is whole.
    pub(crate) fn page(&self, from: usize, limit: usize) -> ChangesPage {
        let to = (from + limit).min(self.feed.len());
        let sealed = (from + limit).is_multiple_of(100) && to == from + limit;
        let number = Number(to as u64);
        ChangesPage {
            changes: self.feed[from..to].to_vec(),
            next_since: Cursor { epoch: self.epoch, number },
            digest: if self.lies_about_digests {
                "f".repeat(32)
            } else {
                self.digests[to].to_string()
            },
            has_more: sealed || to < self.feed.len(),
            head: (!sealed).then_some(Number(self.feed.len() as u64)),
        }
    }

    fn snapshot(&self, query: &BTreeMap<&str, &str>) -> Result<Value, (u16, &'static str)> {
        let head = Cursor { epoch: self.epoch, number: Number(self.feed.len() as u64) };
        let as_of: Cursor = query.get("asOf").map_or(head, |text| text.parse().unwrap());
        if as_of.epoch != self.epoch {
            return Err((410, "cursor_expired"));
        }
        let from: usize = query.get("part").map_or(0, |text| text.parse().unwrap());
        let rows = self.records.iter().skip(from).take(self.part_size);
        let records = rows.map(|(key, (version, number, record))| SnapshotRecord {
            entity: key.entity,
            entity_id: key.id.clone(),
            version: *version,
            number: *number,
            record: record.clone(),
        });
        let next = from + self.part_size;
        let page = SnapshotPage {
            records: records.collect(),
            as_of,
            next_part: (next < self.records.len()).then(|| next.to_string()),
        };
        Ok(self.on_wire(&page, "records"))
    }
}

/// As `Sun, 22 Nov 2026 13:05:00 GMT`.
pub(crate) fn http_date(moment: Instant) -> String {
    let timestamp: jiff::Timestamp = moment.to_string().parse().unwrap();
    timestamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
