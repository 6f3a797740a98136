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
    /// How long it may be served.
    pub(crate) kind: PageKind,
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
            (200, Some(kind)) if *kind != PageKind::Start => {
                let (body, kind) = (answer.body.clone(), kind.clone());
                self.kept.insert(at, Kept { body, kind, made_at: now });
                (answer, now)
            }
            _ => (answer, now),
        }
    }

    /// What may be served although the origin is not well.
    pub(crate) fn stale(&self, business: &BusinessId, path: &str, now: Millis) -> Option<Kept> {
        let kept = self.kept.get(&(business.clone(), path.to_owned()))?;
        (now.saturating_sub(kept.made_at) <= STALE_IF_ERROR_MS).then(|| kept.clone())
    }

    /// What is kept for ever.
    pub(crate) fn sealed(&self) -> impl Iterator<Item = (&BusinessId, &str, &Kept)> {
        let all = self.kept.iter();
        all.filter(|(_, kept)| kept.kind == PageKind::Sealed)
            .map(|((business, path), kept)| (business, path.as_str(), kept))
    }
}

fn is_fresh(kept: &Kept, now: Millis) -> bool {
    kept.kind == PageKind::Sealed || now.saturating_sub(kept.made_at) <= S_MAXAGE_MS
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

const S_MAXAGE_MS: u64 = 1_000;
const STALE_IF_ERROR_MS: u64 = 3_600_000;
