//! The shell that the engine would have in a browser: performs its effects, or dies before.

use std::sync::Arc;
use std::time::Instant;

use engine::{Effect, EffectId, Event, StorageFault, Transaction};
use protocol::OperationId;
use serde_json::Value;

use super::{Message, Phone, http};
use crate::journal::Death;
use crate::tally::Tally;

impl Phone {
    /// Hands an event to the engine and performs what it asks, unless the phone dies on the way.
    pub(super) fn tell(&mut self, event: Event) {
        let now = self.moment();
        let Some(engine) = &mut self.engine else { return };
        let effects = engine.handle(event, now);
        let life = self.life;
        for effect in effects {
            if !self.resting && self.dice.one_in(DIES_ONE_IN) {
                self.die();
            }
            if self.life != life {
                return;
            }
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Read { effect, query } => {
                let result = Ok(self.disk.store.read(&query));
                self.events.push_back(Event::Read { effect, result });
            }
            Effect::Commit { effect, transaction } => self.commit(effect, transaction),
            Effect::Send { effect, request, account } => {
                assert_eq!(account, self.account, "nobody else works with this phone");
                let token = if self.spoilt { "spoilt" } else { &self.session.token };
                let (url, token) = (self.setup.url.clone(), token.to_owned());
                let (outbox, life) = (self.outbox.clone(), self.life);
                let (tally, business) =
                    (Arc::clone(&self.setup.tally), self.account.business.clone());
                std::thread::spawn(move || {
                    let result = http::send(&url, &token, &request);
                    tally.count("requests");
                    if let Ok(answer) = &result {
                        look_at(&tally, business.as_str(), answer);
                    }
                    // A phone that has gone does not hear it.
                    outbox.send(Message::Told(life, Event::Answered { effect, result })).ok();
                });
            }
            Effect::AcquireLock { effect } => {
                self.events.push_back(Event::LockAnswered { effect, granted: true });
            }
            Effect::RefreshLogin { effect, account: _ } => {
                let (url, token) = (self.setup.url.clone(), self.session.refresh_token.clone());
                let (outbox, life) = (self.outbox.clone(), self.life);
                self.setup.tally.count("refreshes");
                std::thread::spawn(move || {
                    let result = http::refresh(&url, &token).map(Box::new);
                    // A phone that has gone does not hear it.
                    outbox.send(Message::Refreshed(life, effect, result)).ok();
                });
            }
            Effect::SetTimer(at) => self.timer = Some(at),
            Effect::Answer { ticket, result } => self.answered(ticket, result),
            Effect::Notify(view) => self.word = Some(view.word),
            Effect::UpdateApp => self.setup.tally.found("told to update the app".to_owned()),
            Effect::Abort(_)
            | Effect::ReleaseLock
            | Effect::Announce { .. }
            | Effect::PublishCursor { .. } => {}
        }
    }

    fn commit(&mut self, effect: EffectId, transaction: Transaction) {
        if Instant::now() < self.full_until && !self.resting {
            self.setup.tally.count("fault phone disk full");
            let result = Err(StorageFault::QuotaExceeded);
            return self.events.push_back(Event::Committed { effect, result });
        }
        if !self.resting && self.dice.one_in(DIES_IN_COMMIT_ONE_IN) {
            let death = [Death::Before, Death::Within, Death::After];
            let death = *self.dice.pick(&death).expect("there are three");
            self.disk.die(transaction, death);
            return self.die();
        }
        let result = self.disk.commit(transaction);
        self.events.push_back(Event::Committed { effect, result });
    }
}

/// No byte of another business; and what was acknowledged is remembered.
fn look_at(tally: &Tally, business: &str, answer: &engine::Answer) {
    let status = answer.status;
    tally.count(&format!("answers {status}"));
    let mut rest = answer.body.as_str();
    while let Some(at) = rest.find(FIELD) {
        rest = &rest[at + FIELD.len()..];
        let whose = rest.split('"').next().unwrap_or_default();
        if whose != business {
            tally.found(format!("leak: a phone of {business} is sent a record of {whose}"));
        }
    }
    let Ok(body) = serde_json::from_str::<Value>(&answer.body) else { return };
    for result in body["data"]["results"].as_array().into_iter().flatten() {
        let status = result["status"].as_str().unwrap_or("?");
        tally.count(&format!("results {status}"));
        let id = result["operationId"].as_str().and_then(|id| id.parse::<OperationId>().ok());
        if let (Some(id), true, Some(version)) =
            (id, result["success"] == true, result["version"].as_u64())
        {
            tally.promises().acknowledged.insert(id, version);
        }
    }
}

const FIELD: &str = "\"businessId\":\"";

/// A phone dies before one effect in so many.
const DIES_ONE_IN: u64 = 1_500;

/// And in the middle of one commit in so many.
const DIES_IN_COMMIT_ONE_IN: u64 = 300;
