//! The edge: checks the token, keeps what an answer's headers permit, and serves it at the worst
//! moment that they permit.

use std::collections::BTreeMap;

use protocol::BusinessId;
use store::feed::caching::PageKind;

use crate::agenda::Millis;
use crate::functions::OriginAnswer;

/// What is kept of the feed: by business, and path with query.
#[derive(Debug, Default)]
pub(crate) struct Edge {
    kept: BTreeMap<(BusinessId, String), Kept>,
}

/// An answer that is kept.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The envelope.
    pub(crate) body: String,
    /// Its tag, and whether it is sealed.
    pub(crate) kind: PageKind,
    /// It may be served for so long without asking, and so long while the origin fails.
    fresh_ms: u64,
    stale_ms: u64,
    /// When it was made or last confirmed: its `Date`.
    pub(crate) made_at: Millis,
}

/// How the edge answers a read of the feed.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// From what it keeps.
    Fresh(Kept),
    /// The origin must be asked; this tag is what is kept and stale.
    Ask(Option<String>),
}

impl Edge {
    /// What it has for this URL at `now`.
    pub(crate) fn look_up(&self, business: &BusinessId, path: &str, now: Millis) -> Lookup {
        match self.kept.get(&(business.clone(), path.to_owned())) {
            Some(kept) if is_fresh(kept, now) => Lookup::Fresh(kept.clone()),
            Some(kept) => Lookup::Ask(kept.kind.entity_tag().map(str::to_owned)),
            None => Lookup::Ask(None),
        }
    }

    /// Takes in the origin's answer; what goes out instead of it, and its `Date`.
    pub(crate) fn take_in(
        &mut self,
        business: &BusinessId,
        path: &str,
        answer: OriginAnswer,
        now: Millis,
    ) -> (OriginAnswer, Millis) {
        let at = (business.clone(), path.to_owned());
        match (answer.status, &answer.kind) {
            (304, _) => match self.kept.get_mut(&at) {
                Some(kept) => {
                    kept.made_at = now;
                    (from(kept), now)
                }
                None => (OriginAnswer { status: 502, kind: None, ..answer }, now),
            },
            (500.., _) => match self.stale(business, path, now) {
                Some(kept) => (from(&kept), kept.made_at),
                None => (answer, now),
            },
            (200, Some(kind)) if may_keep(kind.cache_control()) => {
                let (body, kind) = (answer.body.clone(), kind.clone());
                let seconds = |name| directive(kind.cache_control(), name).unwrap_or(0) * 1_000;
                let (fresh_ms, stale_ms) = (seconds("s-maxage"), seconds("stale-if-error"));
                self.kept.insert(at, Kept { body, kind, fresh_ms, stale_ms, made_at: now });
                (answer, now)
            }
            _ => (answer, now),
        }
    }

    /// What may be served although the origin is not well.
    pub(crate) fn stale(&self, business: &BusinessId, path: &str, now: Millis) -> Option<Kept> {
        let kept = self.kept.get(&(business.clone(), path.to_owned()))?;
        (now.saturating_sub(kept.made_at) <= kept.fresh_ms + kept.stale_ms).then(|| kept.clone())
    }

    /// What is kept for ever.
    pub(crate) fn sealed(&self) -> impl Iterator<Item = (&BusinessId, &str, &Kept)> {
        let all = self.kept.iter();
        all.filter(|(_, kept)| kept.kind == PageKind::Sealed)
            .map(|((business, path), kept)| (business, path.as_str(), kept))
    }
}

fn is_fresh(kept: &Kept, now: Millis) -> bool {
    now.saturating_sub(kept.made_at) <= kept.fresh_ms
}

/// What the headers say, and nothing else, decides (RFC 9111, 5.2.2).
fn may_keep(cache_control: &str) -> bool {
    directive(cache_control, "s-maxage").is_some() && !cache_control.contains("no-store")
}

fn directive(cache_control: &str, name: &str) -> Option<u64> {
    let mut parts = cache_control.split(',').filter_map(|part| part.trim().split_once('='));
    parts.find(|(key, _)| *key == name)?.1.parse().ok()
}

/// An answer as it goes out again.
pub(crate) fn from(kept: &Kept) -> OriginAnswer {
    OriginAnswer {
        status: 200,
        body: kept.body.clone(),
        retry_after: None,
        kind: Some(kept.kind.clone()),
    }
}
