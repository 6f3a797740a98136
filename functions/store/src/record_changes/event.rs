//! The events that the function takes: the stream's batches, and `repair` and `rebuild`.
//!
//! ```json
//! {"Records":[{"eventName":"MODIFY","dynamodb":{"SequenceNumber":"12","Keys":{…},"NewImage":{"business":{"S":"b1"},…}}}]}
//! {"repair":{}}                        every business that is marked, and floors
//! {"repair":{"business":"b1"}}         one business
//! {"rebuild":{"business":"b1"}}        after a restore
//! {"Records":[{"eventSource":"aws:sqs","body":"…"}]}   from the failure queue: every business
//! ```

use protocol::BusinessId;
use serde_json::{Map, Number, Value};

use super::{Image, Poison};
use crate::rows::read_record;
use crate::tables::Item;

/// What the function is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Append what the stream brings.
    Stream(Vec<StreamRecord>),
    /// Append what the stream has failed to bring.
    Repair(Scope),
    /// Begin a new epoch after a restore.
    Rebuild(BusinessId),
}

/// Which businesses to repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Those that are marked.
    Marked,
    /// Every one.
    Every,
    /// This one.
    One(BusinessId),
}

/// One record of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRecord {
    /// Its sequence number, by which a partial failure names it.
    pub sequence: String,
    /// The item's keys.
    pub keys: Item,
    /// The item after the write; `None` where it was removed.
    pub new_image: Option<Item>,
}

/// The event is none of those that the function takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event is none that record-changes takes: {0}")]
pub struct InvalidEvent(pub String);

impl Event {
    /// Reads an event as Lambda hands it over.
    ///
    /// # Errors
    /// [`InvalidEvent`].
    pub fn from_json(event: &Value) -> Result<Self, InvalidEvent> {
        if let Some(records) = event.get("Records").and_then(Value::as_array) {
            let from_queue =
                |record: &Value| record.get("eventSource") == Some(&Value::from("aws:sqs"));
            if records.iter().any(from_queue) {
                return Ok(Self::Repair(Scope::Every));
            }
            return records
                .iter()
                .map(StreamRecord::from_json)
                .collect::<Result<_, _>>()
                .map(Self::Stream);
        }
        if let Some(repair) = event.get("repair") {
            return Ok(Self::Repair(match business_in(repair)? {
                Some(business) => Scope::One(business),
                None if repair.get("every") == Some(&Value::Bool(true)) => Scope::Every,
                None => Scope::Marked,
            }));
        }
        if let Some(rebuild) = event.get("rebuild") {
            let business = business_in(rebuild)?;
            return business
                .map(Self::Rebuild)
                .ok_or_else(|| InvalidEvent("rebuild names no business".into()));
        }
        Err(InvalidEvent("neither Records, repair nor rebuild".into()))
    }
}

impl StreamRecord {
    fn from_json(record: &Value) -> Result<Self, InvalidEvent> {
        let change = record.get("dynamodb").ok_or_else(|| InvalidEvent("no dynamodb".into()))?;
        let sequence = change.get("SequenceNumber").and_then(Value::as_str);
        let image = |name| change.get(name).map(attributes).transpose();
        Ok(Self {
            sequence: sequence.ok_or_else(|| InvalidEvent("no SequenceNumber".into()))?.to_owned(),
            keys: image("Keys")?.unwrap_or_default(),
            new_image: image("NewImage")?,
        })
    }

    /// The business that the item belongs to.
    pub fn business(&self) -> Option<BusinessId> {
        self.keys.get("business")?.as_str()?.parse().ok()
    }

    /// What it publishes; nothing for a guard or a removal.
    ///
    /// # Errors
    /// [`Poison`] if the item is not of our shape.
    pub fn into_image(self) -> Result<Option<Image>, Poison> {
        let key = self.keys.get("record").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(item) = self.new_image else { return Ok(None) };
        if key.starts_with(domain::GuardKey::PREFIX) {
            return Ok(None);
        }
        let stored = read_record(item).map_err(|foreign| Poison::new(&key, foreign.reason))?;
        Image::of(&key, stored).map(Some)
    }
}

fn business_in(event: &Value) -> Result<Option<BusinessId>, InvalidEvent> {
    match event.get("business") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            text.parse().map(Some).map_err(|_| InvalidEvent("business is no identifier".into()))
        }
        Some(_) => Err(InvalidEvent("business is no text".into())),
    }
}

/// A map of typed attribute values (`{"S":"…"}`) as plain JSON.
fn attributes(image: &Value) -> Result<Item, InvalidEvent> {
    let image = image.as_object().ok_or_else(|| InvalidEvent("an image is no map".into()))?;
    image.iter().map(|(name, value)| Ok((name.clone(), attribute(value)?))).collect()
}

fn attribute(value: &Value) -> Result<Value, InvalidEvent> {
    let invalid = || InvalidEvent("an attribute value of another type".into());
    let typed = value.as_object().ok_or_else(invalid)?;
    let (kind, inner) = typed.iter().next().ok_or_else(invalid)?;
    match (kind.as_str(), inner) {
        ("S" | "BOOL", inner) => Ok(inner.clone()),
        ("N", Value::String(digits)) => {
            digits.parse::<Number>().map(Value::Number).map_err(|_| invalid())
        }
        ("NULL", _) => Ok(Value::Null),
        ("L", Value::Array(list)) => list.iter().map(attribute).collect(),
        ("M", Value::Object(map)) => map
            .iter()
            .map(|(name, value)| Ok((name.clone(), attribute(value)?)))
            .collect::<Result<Map<_, _>, _>>()
            .map(Value::Object),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stream_batch_is_read_with_its_types() {
        let event = json!({"Records": [{"eventName": "INSERT", "dynamodb": {
            "SequenceNumber": "12",
            "Keys": {"business": {"S": "b1"}, "record": {"S": "customers#c1"}},
            "NewImage": {"version": {"N": "3"}, "list": {"L": [{"BOOL": true}, {"NULL": true}]},
                "map": {"M": {"a": {"S": "1"}}}}}}]});
        let Ok(Event::Stream(records)) = Event::from_json(&event) else { panic!("no stream") };
        assert_eq!(records[0].business().unwrap().as_str(), "b1");
        assert_eq!(
            Value::Object(records[0].new_image.clone().unwrap()),
            json!({"version": 3, "list": [true, null], "map": {"a": "1"}})
        );
    }

    #[test]
    fn other_events_are_told_apart() {
        let read = |event| Event::from_json(&event);
        let one = "b1".parse::<BusinessId>().unwrap();
        assert_eq!(read(json!({"repair": {}})), Ok(Event::Repair(Scope::Marked)));
        assert_eq!(read(json!({"repair": {"every": true}})), Ok(Event::Repair(Scope::Every)));
        assert_eq!(
            read(json!({"repair": {"business": "b1"}})),
            Ok(Event::Repair(Scope::One(one.clone())))
        );
        assert_eq!(read(json!({"rebuild": {"business": "b1"}})), Ok(Event::Rebuild(one)));
        let queue = json!({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]});
        assert_eq!(read(queue), Ok(Event::Repair(Scope::Every)));
        for event in [json!(null), json!({}), json!({"rebuild": {}}), json!({"Records": [{}]})] {
            assert!(read(event.clone()).is_err(), "{event}");
        }
    }
}
