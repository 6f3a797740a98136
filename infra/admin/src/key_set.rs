//! The set of keys that sign access tokens, and the steps of its rotation. Pure.
//!
//! ```text
//! no keys ──add──▶ current
//! current + others ──add──▶ current + others + waiting ──use──▶ the waiting one is current
//! ```
//! A key that is no longer current verifies until the last token that it signed has ended; the next
//! step after that drops it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::Instant;
use serde::{Deserialize, Serialize};

/// What the secret holds; functions read `current` and `keys`, the rest is the rotation's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeySet {
    pub(crate) current: String,
    pub(crate) keys: BTreeMap<String, String>,
    /// When a key was added, and when another took its place.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    dates: BTreeMap<String, Dates>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dates {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    added_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaced_at: Option<Instant>,
}

/// Why a step of the rotation is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyRefusal {
    #[error("there is no key {0}")]
    Unknown(String),
    #[error("{0} is the key that signs already")]
    Current(String),
    #[error("{0} was replaced before; add a new one")]
    Replaced(String),
    #[error("{0} waits to be used: publish it to the edge, then `rotate-key --use {0}`")]
    Waiting(String),
    #[error("functions may not have read {0} yet: wait until {1}, or say --at-once")]
    TooYoung(String, Instant),
}

impl KeySet {
    /// The first key of a new system.
    pub(crate) fn first(kid: &str, key: &[u8], now: Instant) -> Self {
        let mut set =
            Self { current: kid.to_owned(), keys: BTreeMap::new(), dates: BTreeMap::new() };
        set.insert(kid, key, now);
        set
    }

    /// Adds a key that verifies and does not sign yet.
    pub(crate) fn add(&mut self, kid: &str, key: &[u8], now: Instant) -> Result<(), KeyRefusal> {
        if let Some(waiting) = self.waiting() {
            return Err(KeyRefusal::Waiting(waiting.to_owned()));
        }
        self.insert(kid, key, now);
        Ok(())
    }

    /// Signs with `kid` from now on.
    pub(crate) fn switch_to(
        &mut self,
        kid: &str,
        now: Instant,
        at_once: bool,
    ) -> Result<(), KeyRefusal> {
        if !self.keys.contains_key(kid) {
            return Err(KeyRefusal::Unknown(kid.to_owned()));
        }
        if kid == self.current {
            return Err(KeyRefusal::Current(kid.to_owned()));
        }
        let dates = self.dates.get(kid).cloned().unwrap_or_default();
        if dates.replaced_at.is_some() {
            return Err(KeyRefusal::Replaced(kid.to_owned()));
        }
        let ready = dates.added_at.map(|at| at.plus_millis(READ_EVERYWHERE_MS));
        if let Some(ready) = ready.filter(|ready| !at_once && *ready > now) {
            return Err(KeyRefusal::TooYoung(kid.to_owned(), ready));
        }
        let before = std::mem::replace(&mut self.current, kid.to_owned());
        self.dates.entry(before).or_default().replaced_at = Some(now);
        Ok(())
    }

    /// Drops the keys whose last token has ended; returns their ids.
    pub(crate) fn drop_ended(&mut self, now: Instant) -> Vec<String> {
        let ended =
            |dates: &Dates| dates.replaced_at.is_some_and(|at| at.plus_millis(TOKEN_LIFE_MS) < now);
        let gone: Vec<String> = self
            .dates
            .iter()
            .filter(|(kid, dates)| **kid != self.current && ended(dates))
            .map(|(kid, _)| kid.clone())
            .collect();
        for kid in &gone {
            self.keys.remove(kid);
            self.dates.remove(kid);
        }
        gone
    }

    /// The key that was added and has not signed yet.
    pub(crate) fn waiting(&self) -> Option<&str> {
        let waits = |kid: &&String| {
            **kid != self.current
                && self.dates.get(*kid).is_some_and(|dates| dates.replaced_at.is_none())
        };
        self.keys.keys().find(waits).map(String::as_str)
    }

    fn insert(&mut self, kid: &str, key: &[u8], now: Instant) {
        self.keys.insert(kid.to_owned(), STANDARD.encode(key));
        self.dates.insert(kid.to_owned(), Dates { added_at: Some(now), replaced_at: None });
    }
}

impl std::fmt::Debug for KeySet {
    /// Ids only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySet").field("current", &self.current).finish_non_exhaustive()
    }
}

/// Functions read the keys anew every five minutes.
const READ_EVERYWHERE_MS: i64 = 6 * 60_000;

/// A token lives 15 minutes, one of an older version an hour; the rest is for functions that still
/// sign with the old key.
const TOKEN_LIFE_MS: i64 = 70 * 60_000;

#[cfg(test)]
mod tests {
    use gateway::SigningKeys;

    use super::*;

    fn minute(minute: i64) -> Instant {
        Instant::from_millis(1_795_352_700_000 + minute * 60_000)
    }

    #[test]
    fn a_rotation_adds_then_switches_then_drops() {
        let mut set = KeySet::first("a", &[1; 32], minute(0));
        set.add("b", &[2; 32], minute(10)).unwrap();
        assert_eq!((set.current.as_str(), set.waiting()), ("a", Some("b")));
        let early = set.switch_to("b", minute(12), false).unwrap_err();
        assert_eq!(early, KeyRefusal::TooYoung("b".into(), minute(16)));
        set.switch_to("b", minute(16), false).unwrap();
        assert_eq!((set.current.as_str(), set.waiting()), ("b", None));
        assert_eq!(set.drop_ended(minute(86)), Vec::<String>::new());
        assert_eq!(set.drop_ended(minute(87)), ["a"]);
        let text = serde_json::to_string(&set).unwrap();
        let read = SigningKeys::from_json(&text).unwrap();
        assert_eq!(read.current(), ("b", &[2; 32][..]));
        assert!(read.get("a").is_none());
    }

    #[test]
    fn steps_that_make_no_sense_are_refused() {
        let mut set = KeySet::first("a", &[1; 32], minute(0));
        let refusal = |outcome: Result<(), KeyRefusal>| outcome.unwrap_err();
        let unknown = set.switch_to("x", minute(1), true);
        assert_eq!(refusal(unknown), KeyRefusal::Unknown("x".into()));
        assert_eq!(refusal(set.switch_to("a", minute(1), true)), KeyRefusal::Current("a".into()));
        set.add("b", &[2; 32], minute(1)).unwrap();
        let second = set.add("c", &[3; 32], minute(2));
        assert_eq!(refusal(second), KeyRefusal::Waiting("b".into()));
        set.switch_to("b", minute(2), true).unwrap();
        assert_eq!(refusal(set.switch_to("a", minute(3), true)), KeyRefusal::Replaced("a".into()));
    }

    #[test]
    fn a_set_that_was_never_rotated_is_read_and_rotated() {
        let old = r#"{"current":"local-1","keys":{"local-1":"AAAA"}}"#;
        let mut set: KeySet = protocol::json::from_str(old).unwrap();
        assert_eq!(serde_json::to_string(&set).unwrap(), old);
        set.add("b", &[2; 32], minute(0)).unwrap();
        set.switch_to("b", minute(6), false).unwrap();
        assert_eq!(set.drop_ended(minute(77)), ["local-1"]);
    }
}
