//! What tabs tell each other.

use std::rc::Rc;

use gloo_events::EventListener;
use protocol::{BusinessId, OperationId};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use web_sys::{BroadcastChannel, MessageEvent};

/// Something that the other tabs should know: `{"kind":"wrote","business":"b-1",…}`. A tab ignores
/// what a newer version says and it does not understand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", try_from = "Heard")]
pub(crate) enum News {
    /// Rows of a business have changed.
    Wrote {
        /// Whose.
        business: BusinessId,
        /// Operations.
        operations: Vec<OperationId>,
        /// Records, as `entity#id`.
        records: Vec<String>,
        /// All of them.
        everything: bool,
    },
    /// Somebody signed in or out, or his login was renewed.
    Session,
}

/// News as they arrive. An enum told apart by a field would read them twice, with a reader of its
/// own.
#[derive(Deserialize)]
struct Heard {
    kind: String,
    business: Option<BusinessId>,
    #[serde(default)]
    operations: Vec<OperationId>,
    #[serde(default)]
    records: Vec<String>,
    #[serde(default)]
    everything: bool,
}

impl TryFrom<Heard> for News {
    type Error = &'static str;

    fn try_from(heard: Heard) -> Result<Self, Self::Error> {
        let Heard { kind, business, operations, records, everything } = heard;
        match (kind.as_str(), business) {
            ("wrote", Some(business)) => {
                Ok(Self::Wrote { business, operations, records, everything })
            }
            ("session", _) => Ok(Self::Session),
            _ => Err("news of another version"),
        }
    }
}

/// The channel to the other tabs; silent where the browser has none.
#[derive(Debug, Clone)]
pub(crate) struct Tabs {
    channel: Option<Rc<BroadcastChannel>>,
}

impl Tabs {
    pub(crate) fn new() -> Self {
        Self { channel: BroadcastChannel::new(CHANNEL).ok().map(Rc::new) }
    }

    /// Tells the others; whoever misses it finds out by himself a minute later.
    pub(crate) fn tell(&self, news: &News) {
        if let (Some(channel), Ok(text)) = (&self.channel, serde_json::to_string(news)) {
            drop(channel.post_message(&text.into()));
        }
    }

    /// Calls `heard` with what others tell, until the page goes.
    pub(crate) fn listen(&self, heard: impl Fn(News) + 'static) {
        let Some(channel) = &self.channel else { return };
        EventListener::new(channel, "message", move |event| {
            let data = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
            let news = data.and_then(|text| protocol::json::from_str(&text).ok());
            if let Some(news) = news {
                heard(news);
            }
        })
        .forget();
    }
}

const CHANNEL: &str = "avileo-sync";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_read_as_they_were_written_and_unknown_ones_are_none() {
        let news = News::Wrote {
            business: "b-1".parse().unwrap(),
            operations: vec!["op-1".parse().unwrap()],
            records: vec!["customers#rosa".to_owned()],
            everything: false,
        };
        let text = serde_json::to_string(&news).unwrap();
        assert!(text.starts_with(r#"{"kind":"wrote","business":"b-1""#), "{text}");
        assert_eq!(protocol::json::from_str::<News>(&text).unwrap(), news);
        assert!(protocol::json::from_str::<News>(r#"{"kind":"ofTheFuture"}"#).is_err());
    }
}
