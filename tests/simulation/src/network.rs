//! The way between a phone and the functions: a network that loses, hangs, repeats and lies, and
//! the edge.

use domain::Channel;
use engine::{Answer, EffectId, Method, Request, TransportFault};
use protocol::{Cursor, Role};
use store::feed::Part;

use crate::agenda::Millis;
use crate::cloud_side::Then;
use crate::edge::{Lookup, from};
use crate::functions::{self, OriginAnswer, failure};
use crate::phone::wall;
use crate::world::{Happening, World};

/// A request that is out, and who waits for it.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) tab: usize,
    pub(crate) life: u64,
    pub(crate) effect: EffectId,
    pub(crate) request: Request,
    /// Whose token it carries.
    pub(crate) user: usize,
}

impl World {
    pub(crate) fn send(&mut self, exchange: Exchange) {
        let profile = self.tabs[exchange.tab].profile;
        let path = &exchange.request.path;
        self.trace.note(self.now, &format!("tab {} sends {path}", exchange.tab));
        if let Some(body) = &exchange.request.body {
            self.trace.note(self.now, body);
        }
        self.checkers.bounded.note_request(exchange.tab, self.now);
        let delay_ms = self.dice.between(20, 150);
        if self.profiles[profile].offline_until > self.now {
            return self.answer_later(&exchange, 5, Err(TransportFault::Network));
        }
        if self.ill(12) {
            match self.dice.below(6) {
                0 => self.answer_later(&exchange, delay_ms, Err(TransportFault::Network)),
                // It hangs: the engine's own deadline must end it.
                1 => {}
                2 => {
                    let body = "<html>Bienvenido al wifi del mercado</html>".to_owned();
                    let answer = Answer { status: 200, body, date: None, retry_after: None };
                    self.answer_later(&exchange, delay_ms, Ok(answer));
                }
                3 => {
                    // Twice, the second time late.
                    let late = self.now + self.dice.between(200, 90_000);
                    self.agenda.put(late, Happening::Arrive(exchange.clone()));
                    self.agenda.put(self.now + delay_ms, Happening::Arrive(exchange));
                }
                4 => {
                    let late = self.now + self.dice.between(1_000, 60_000);
                    self.agenda.put(late, Happening::Arrive(exchange));
                }
                _ => {
                    let (status, retry_after) =
                        if self.dice.one_in(2) { (429, Some("7".to_owned())) } else { (502, None) };
                    let answer = Answer { status, body: String::new(), date: None, retry_after };
                    self.answer_later(&exchange, delay_ms, Ok(answer));
                }
            }
            return;
        }
        self.agenda.put(self.now + delay_ms, Happening::Arrive(exchange));
    }

    /// A request reaches the edge.
    pub(crate) fn arrive(&mut self, exchange: Exchange) {
        self.figures.requests += 1;
        let profile = self.tabs[exchange.tab].profile;
        let login = self.profiles[profile].logins.get(&exchange.user).copied().unwrap_or_default();
        if login.good_until < self.now {
            return self.refuse(exchange, 401, "token_expired");
        }
        if self.tabs[exchange.tab].app < self.app_min {
            return self.refuse(exchange, 426, "client_too_old");
        }
        // The keys of a token's signature are changed, and a part of the edge does not know it yet.
        if exchange.request.body.is_none() && self.ill(120) {
            return self.refuse(exchange, 401, "token_expired");
        }
        let path = exchange.request.path.clone();
        let (route, query) = path.split_once('?').unwrap_or((path.as_str(), ""));
        match (exchange.request.method, route) {
            (Method::Post, "/sync/batch") => self.batch(exchange),
            (Method::Get, "/sync/changes") => self.changes(exchange, query),
            (Method::Get, "/sync/snapshot") => self.snapshot(exchange, query),
            _ => self.checkers.accuse("bounded", format!("nobody answers {path}")),
        }
    }

    fn batch(&mut self, exchange: Exchange) {
        let role = self.token_role(&exchange);
        let sender = self.users[exchange.user].sender(role);
        let body = exchange.request.body.clone().unwrap_or_default();
        let phone = self.tabs[exchange.tab].profile;
        if let Err(what) = self.checkers.once.note_sent(phone, &body) {
            self.checkers.accuse("once", what);
        }
        if self.origin_is_down() {
            return self.refuse(exchange, 503, "unavailable");
        }
        let (tables, surroundings, alarm) = self.invocation();
        let future = functions::sync_batch(tables, surroundings, sender, Channel::Batch, body);
        self.spawn(future, alarm, Then::Answer(exchange));
    }

    /// As the token says that it carries.
    fn token_role(&self, exchange: &Exchange) -> Role {
        let phone = &self.profiles[self.tabs[exchange.tab].profile];
        let login = phone.logins.get(&exchange.user);
        login.and_then(|login| login.role).unwrap_or(self.users[exchange.user].role)
    }

    fn changes(&mut self, exchange: Exchange, query: &str) {
        let business = self.users[exchange.user].account.business.clone();
        if self.token_role(&exchange) == Role::Saliente {
            return self.refuse(exchange, 403, "forbidden");
        }
        let path = exchange.request.path.clone();
        let now = self.now;
        let known = match self.edge.look_up(&business, &path, now) {
            Lookup::Fresh(kept) => {
                let made_at = kept.made_at;
                return self.go_out(exchange, from(&kept), made_at);
            }
            Lookup::Ask(known) => known,
        };
        let flight = (business.clone(), path.clone());
        if let Some(others) = self.flights.get_mut(&flight) {
            // The edge asks the origin once, and gives everybody the same answer.
            return others.push(exchange);
        }
        if self.origin_is_down() || self.ill(40) {
            return match self.edge.stale(&business, &path, now) {
                Some(kept) => {
                    let made_at = kept.made_at;
                    self.go_out(exchange, from(&kept), made_at);
                }
                None => self.refuse(exchange, 503, "unavailable"),
            };
        }
        let since: Option<Cursor> = value(query, "since").and_then(|text| text.parse().ok());
        let limit = value(query, "limit").and_then(|text| text.parse().ok()).unwrap_or(100);
        self.flights.insert(flight, Vec::new());
        let (tables, surroundings, alarm) = self.invocation();
        let future = functions::sync_changes(tables, surroundings, business, since, limit, known);
        self.spawn(future, alarm, Then::Answer(exchange));
    }

    fn snapshot(&mut self, exchange: Exchange, query: &str) {
        let business = self.users[exchange.user].account.business.clone();
        if self.token_role(&exchange) == Role::Saliente {
            return self.refuse(exchange, 403, "forbidden");
        }
        if self.origin_is_down() {
            return self.refuse(exchange, 503, "unavailable");
        }
        let as_of: Option<Cursor> = value(query, "asOf").and_then(|text| text.parse().ok());
        let part: Option<Part> = value(query, "part").and_then(|text| text.parse().ok());
        let (tables, surroundings, alarm) = self.invocation();
        let resume = as_of.zip(part);
        let future = functions::sync_snapshot(tables, surroundings, business, resume);
        self.spawn(future, alarm, Then::Answer(exchange));
    }

    /// A function has answered: through the edge to the phone.
    pub(crate) fn origin_answered(&mut self, exchange: Exchange, answer: OriginAnswer) {
        let is_feed = exchange.request.path.starts_with("/sync/changes");
        let (answer, made_at) = if is_feed {
            let business = self.users[exchange.user].account.business.clone();
            let path = exchange.request.path.clone();
            let (answer, made_at) = self.edge.take_in(&business, &path, answer, self.now);
            for other in self.flights.remove(&(business, path)).unwrap_or_default() {
                self.go_out(other, answer.clone(), made_at);
            }
            (answer, made_at)
        } else {
            (answer, self.now)
        };
        self.go_out(exchange, answer, made_at);
    }

    fn refuse(&mut self, exchange: Exchange, status: u16, code: &str) {
        let body = failure(code);
        let answer = OriginAnswer { status, body, retry_after: None, kind: None };
        let now = self.now;
        self.go_out(exchange, answer, now);
    }

    /// From the edge to the phone.
    fn go_out(&mut self, exchange: Exchange, answer: OriginAnswer, made_at: Millis) {
        let business = self.users[exchange.user].account.business.clone();
        if let Err(what) = crate::checkers::isolation::body(&business, &answer.body) {
            self.checkers.accuse("isolation", what);
        }
        if answer.status == 200
            && exchange.request.path.starts_with("/sync/changes")
            && let Err(what) = self.checkers.feed.page(&exchange.request.path, &answer.body)
        {
            self.checkers.accuse("feed", what);
        }
        let answer = Answer {
            status: answer.status,
            body: answer.body,
            date: Some(http_date(made_at)),
            retry_after: answer.retry_after.map(|seconds| seconds.to_string()),
        };
        let mut answer = answer;
        if exchange.request.body.is_some() && self.ill(40) {
            answer.body = without_first_result(&answer.body);
        }
        let lost = self.ill(25);
        let delay_ms =
            if self.ill(15) { self.dice.between(500, 25_000) } else { self.dice.between(20, 150) };
        let result = if lost { Err(TransportFault::Network) } else { Ok(answer) };
        self.agenda.put(self.now + delay_ms, Happening::Reply { exchange, result });
    }

    pub(crate) fn reply(&mut self, exchange: &Exchange, result: Result<Answer, TransportFault>) {
        if let Ok(answer) = &result {
            self.trace.note(self.now, &answer.body);
            self.figures.expired += u64::from(answer.status == 410);
            self.note_date(exchange, answer);
            if exchange.request.body.is_some()
                && self.tabs[exchange.tab].life == exchange.life
                && let Err(what) =
                    self.checkers.answers.note(self.tabs[exchange.tab].profile, &answer.body)
            {
                self.checkers.accuse("conflict", what);
            }
        }
        self.answer_later(exchange, 1, result);
    }

    fn note_date(&mut self, exchange: &Exchange, answer: &Answer) {
        let asked = &self.tabs[exchange.tab];
        let (arrives, profile) = (asked.life == exchange.life, asked.profile);
        let is_page = exchange.request.path.starts_with("/sync/changes");
        if arrives
            && is_page
            && answer.body.rfind("\"head\":").is_some()
            && let Some(at) = answer.date.as_deref().and_then(date_of)
        {
            // What one tab hears, its phone's other tabs hear of.
            for tab in self.tabs.iter_mut().filter(|tab| tab.profile == profile) {
                tab.fresh_at = tab.fresh_at.max(at);
            }
        }
    }

    fn origin_is_down(&self) -> bool {
        self.maintenance || self.origin_down_until > self.now
    }
}

fn value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// An answer that has forgotten one of its operations.
fn without_first_result(body: &str) -> String {
    let Ok(mut body) = serde_json::from_str::<serde_json::Value>(body) else {
        return body.to_owned();
    };
    if let Some(results) = body.pointer_mut("/data/results").and_then(|list| list.as_array_mut()) {
        results.drain(..results.len().min(1));
    }
    body.to_string()
}

fn http_date(at: Millis) -> String {
    let timestamp: jiff::Timestamp = jiff::Timestamp::from_millisecond(wall(at, 0).as_millis())
        .expect("within the years that can be written");
    timestamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn date_of(text: &str) -> Option<Millis> {
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_millisecond();
    u64::try_from(at - crate::phone::EPOCH_MS).ok()
}
