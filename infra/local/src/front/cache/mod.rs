//! The edge's cache: one answer for all who ask the same, one question to the origin at a time.
//!
//! ```text
//! fresh on the shelf ──────────────────────────────────────────────→ Hit
//! someone is asking the origin already → wait for his answer ──────→ Hit, or once more
//! nobody is → ask (If-None-Match, if a stale one is there):
//!     200 that may be kept → keep, give to all who wait ───────────→ Miss
//!     304 → the stale one is good again, for all ──────────────────→ RefreshHit
//!     5xx, and the stale one may stand in (stale-if-error) ────────→ Hit, with its old Date
//!     anything else: this viewer's own answer, nobody else's ──────→ Miss or Error
//! ```
//!
//! Every viewer has passed the edge's function before he comes here. What CloudFront does with
//! those who wait when the one request fails is not documented; here a failure is never another's
//! answer: it may be due to the token that was forwarded.

mod date;
mod entry;
mod found;
mod shelf;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use tokio::sync::watch;

use super::compress::Accepted;
use super::forward::Key;
use crate::template::CacheRule;
pub(super) use found::Found;

use date::http_date;
use entry::Entry;
use shelf::Shelf;

/// Tells the present moment.
pub(super) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// The cache.
pub(super) struct Cache {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    shelf: Shelf,
    flights: HashMap<Key, watch::Receiver<Flight>>,
}

/// A question to the origin that others wait for.
#[derive(Debug, Clone)]
enum Flight {
    /// There is no answer yet.
    Open,
    /// It is everyone's.
    Shared(Arc<Entry>),
    /// The page is nobody else's: whoever waits asks for himself.
    Single,
    /// It failed, for a reason that may be the asker's own.
    Failed,
}

/// What is asked for.
pub(super) struct Asked<'a> {
    /// Equal keys share an answer.
    pub(super) key: Key,
    /// How long it is kept.
    pub(super) rule: &'a CacheRule,
    /// How it is encoded.
    pub(super) accepted: Accepted,
    /// The viewer's own headers, for `If-None-Match`.
    pub(super) headers: &'a HeaderMap,
}

/// What to do about a key.
enum Look {
    Fresh(Arc<Entry>),
    Wait(watch::Receiver<Flight>),
    Lead(Lead),
}

impl Cache {
    /// An empty one.
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// The answer to `asked`; `fetch` asks the origin, with an entity tag if one is known.
    pub(super) async fn answer<F, A>(&self, asked: &Asked<'_>, fetch: F) -> (Response<Bytes>, Found)
    where
        F: Fn(Option<HeaderValue>) -> A,
        A: Future<Output = Response<Bytes>>,
    {
        for _ in 0..FLIGHTS_WAITED_FOR_MAX {
            match self.look(&asked.key) {
                Look::Fresh(entry) => {
                    return (entry.answer(asked.headers, (self.clock)()), Found::Hit);
                }
                Look::Lead(lead) => return self.ask(asked, fetch, Some(lead)).await,
                Look::Wait(mut flight) => {
                    let landed = flight.wait_for(|flight| !matches!(flight, Flight::Open)).await;
                    // Whoever asked may have gone: that is a failure too.
                    let landed = landed.map_or(Flight::Failed, |flight| flight.clone());
                    match landed {
                        Flight::Shared(entry) => {
                            return (entry.answer(asked.headers, (self.clock)()), Found::Hit);
                        }
                        Flight::Single => break,
                        Flight::Open | Flight::Failed => {}
                    }
                }
            }
        }
        if let Some(entry) = self.stand_in(&asked.key) {
            return (entry.answer(asked.headers, (self.clock)()), Found::Hit);
        }
        self.ask(asked, fetch, None).await
    }

    fn look(&self, key: &Key) -> Look {
        let mut state = self.state();
        let entry = state.shelf.get(key);
        if let Some(entry) = entry.as_ref().filter(|entry| entry.is_fresh((self.clock)())) {
            return Look::Fresh(Arc::clone(entry));
        }
        if let Some(flight) = state.flights.get(key).filter(|flight| flight.has_changed().is_ok()) {
            return Look::Wait(flight.clone());
        }
        if state.flights.len() >= FLIGHTS_KEPT_MAX {
            // Those whose asker has gone.
            state.flights.retain(|_, flight| flight.has_changed().is_ok());
        }
        let (landing, flight) = watch::channel(Flight::Open);
        state.flights.insert(key.clone(), flight);
        Look::Lead(Lead { landing, stale: entry })
    }

    fn stand_in(&self, key: &Key) -> Option<Arc<Entry>> {
        self.state().shelf.get(key).filter(|entry| entry.stands_in((self.clock)()))
    }

    /// Asks the origin; with `lead`, for all who wait.
    async fn ask<F, A>(
        &self,
        asked: &Asked<'_>,
        fetch: F,
        lead: Option<Lead>,
    ) -> (Response<Bytes>, Found)
    where
        F: Fn(Option<HeaderValue>) -> A,
        A: Future<Output = Response<Bytes>>,
    {
        let stale = lead.as_ref().and_then(|lead| lead.stale.clone());
        let mut response = self.dated(fetch(stale.as_ref().and_then(|s| s.tag().cloned())).await);
        let mut renewed = None;
        if response.status() == StatusCode::NOT_MODIFIED {
            let now = (self.clock)();
            renewed = stale.as_ref().and_then(|s| s.renewed(&response, asked.rule, now));
            if renewed.is_none() {
                // It speaks of a page that we do not have.
                response = self.dated(fetch(None).await);
            }
        }
        let now = (self.clock)();
        let is_failure = is_failure(response.status());
        let kept = match renewed {
            Some(entry) => Ok((entry, Found::RefreshHit)),
            None => Entry::keep(response, asked.rule, asked.accepted, now)
                .await
                .map(|entry| (entry, Found::Miss)),
        };
        match kept {
            Ok((entry, found)) => {
                let entry = Arc::new(entry);
                let flight = Flight::Shared(Arc::clone(&entry));
                self.land(&asked.key, lead, flight, Some(Arc::clone(&entry)));
                (entry.answer(asked.headers, now), found)
            }
            Err(response) => {
                let flight = if is_failure { Flight::Failed } else { Flight::Single };
                self.land(&asked.key, lead, flight, None);
                let stands_in = stale.filter(|stale| stale.stands_in(now));
                if let Some(stale) = stands_in.filter(|_| response.status().is_server_error()) {
                    return (stale.answer(asked.headers, now), Found::Hit);
                }
                let found = Found::uncached(response.status());
                (response, found)
            }
        }
    }

    /// Ends a flight: what is kept is on the shelf before anyone is told.
    fn land(&self, key: &Key, lead: Option<Lead>, flight: Flight, entry: Option<Arc<Entry>>) {
        let mut state = self.state();
        if let Some(entry) = entry {
            state.shelf.put(key.clone(), entry);
        }
        if let Some(lead) = lead {
            state.flights.remove(key);
            drop(state);
            lead.landing.send_replace(flight);
        }
    }

    /// Every answer of an origin has a date; API Gateway and S3 give it one.
    fn dated(&self, mut response: Response<Bytes>) -> Response<Bytes> {
        if !response.headers().contains_key(header::DATE)
            && let Ok(date) = HeaderValue::from_str(&http_date((self.clock)()))
        {
            response.headers_mut().insert(header::DATE, date);
        }
        response
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half-done by a panic: each change is one call.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one who asks. Dropped before it lands (its viewer has gone), its flight is over.
struct Lead {
    landing: watch::Sender<Flight>,
    stale: Option<Arc<Entry>>,
}

/// Whether the reason may be the asker's own token, or nobody's: others ask again.
fn is_failure(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

/// How often one waits for another's question before he asks for himself.
const FLIGHTS_WAITED_FOR_MAX: usize = 4;

/// Past so many, those that nobody will end are swept out.
const FLIGHTS_KEPT_MAX: usize = 1024;
