//! Money, weights, moments, days, ids, cursors, words, versions: what is read is written back so
//! that it is read the same, and what is written is in its one form.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use domain::RecordKey;
use gateway::ClientVersion;
use protocol::{
    Action, BusinessDate, Cursor, Digest, Entity, ErrorCode, Instant, Money, OperationId, Quantity,
    RecordId, json,
};
use serde_json::Value;

use crate::Bytes;

pub(crate) fn run(bytes: &[u8]) {
    let text = Bytes::new(bytes).rest();
    settles::<Cursor>(&text);
    settles::<Instant>(&text);
    settles::<BusinessDate>(&text);
    settles::<Entity>(&text);
    settles::<Action>(&text);
    settles::<ErrorCode>(&text);
    settles::<Digest>(&text);
    settles::<OperationId>(&text);
    settles::<RecordId>(&text);
    settles::<RecordKey>(&text);
    settles::<Money>(&text);
    settles::<Quantity>(&text);
    let _: Result<ClientVersion, _> = text.parse();
    if let Ok(id) = text.parse::<RecordId>() {
        assert!(
            (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        );
        assert_eq!(id.as_str(), text);
    }
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert_eq!(cursor.to_string(), text, "a cursor has one spelling");
    }
    amounts(&text);
}

/// As a text and as a JSON number: the same digits, never a float's.
fn amounts(text: &str) {
    let of_text = Money::from_json(&Value::from(text));
    if let Ok(amount) = &of_text {
        let written = amount.to_string();
        let (whole, fraction) = written.split_once('.').unwrap();
        assert!(fraction.len() == 2 && whole.trim_start_matches('-').len() <= 12, "{written}");
        let digits = |text: &str| text.bytes().filter(|byte| (b'1'..=b'9').contains(byte)).count();
        assert_eq!(digits(&written), digits(text), "{text} became {written}");
    }
    if let Ok(number @ Value::Number(_)) = json::from_str::<Value>(text) {
        assert_eq!(
            Money::from_json(&number).ok(),
            Money::from_json(&Value::from(number.to_string())).ok()
        );
    }
}

fn settles<T: FromStr + Display + PartialEq + Debug>(text: &str) {
    let Ok(read) = text.parse::<T>() else { return };
    let written = read.to_string();
    let again = written.parse::<T>().ok();
    assert_eq!(again.as_ref(), Some(&read), "{text:?} was written as {written:?}");
    assert_eq!(again.unwrap().to_string(), written);
}
