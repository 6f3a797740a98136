//! No text ends the process, whatever type reads it; what is JSON of ours is read as before.

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::hostile::{PRIVATE_KEYS, nested};
use super::*;
use crate::{BatchRequest, ChangesPage, JsonObject};

/// Refused wherever it stands: alone, inside a typed message, skipped by it, or kept unread.
fn check_refused(value: &str, refused: Refused) {
    let errors = [
        from_str::<Value>(value).err(),
        from_str::<JsonObject>(&format!(r#"{{"amount":{value}}}"#)).err(),
        from_str::<IgnoredAny>(value).err(),
        from_str::<&RawValue>(value).err(),
        from_str::<BatchRequest>(&format!(r#"{{"operations":[{value}]}}"#)).err(),
        from_str::<BatchRequest>(&format!(r#"{{"operations":[],"other":{value}}}"#)).err(),
        from_str::<ChangesPage>(&format!(r#"{{"changes":[{{"record":{value}}}]}}"#)).err(),
        from_slice::<Value>(value.as_bytes()).err(),
    ];
    for error in errors {
        assert_eq!(error.unwrap().to_string(), refused.to_string());
    }
    assert_eq!(reader(value).err(), Some(refused));
}

#[test]
fn private_keys_are_refused_in_every_spelling() {
    for key in PRIVATE_KEYS {
        check_refused(&format!(r#"{{"{key}":"5.00"}}"#), Refused::PrivateKey);
        check_refused(
            &format!("[{{\"a\":\"\\\\\",\n \"{key}\" \t\r\n:\"5\"}}]"),
            Refused::PrivateKey,
        );
    }
    let letters: Vec<_> =
        PRIVATE_PREFIX.chars().map(|letter| format!("\\u{:04X}", u32::from(letter))).collect();
    let escaped = letters.concat();
    check_refused(&format!(r#"{{"{escaped}OfTheFuture":1}}"#), Refused::PrivateKey);
}

#[test]
fn private_keys_inside_each_other_are_refused_at_any_length() {
    for key in PRIVATE_KEYS {
        for bytes in [500, 52 * 1024, 4 * 1024 * 1024] {
            check_refused(&nested(key, bytes), Refused::PrivateKey);
        }
    }
}

/// Otherwise the lengths above would prove nothing.
#[test]
fn the_nested_texts_are_what_serde_json_would_unpack() {
    for key in &PRIVATE_KEYS[..2] {
        let read: Value = serde_json::from_str(&nested(key, 1500)).unwrap();
        let text = read.to_string();
        assert_eq!((text.matches('[').count(), text.contains("private")), (480, false), "{key}");
    }
}

#[test]
fn one_bound_of_depth_holds_for_every_type() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"[{"]\"[":"#, "}]")] {
        let each = open.matches(['[', '{']).count() - open.matches("\"[").count();
        let of = |levels: usize| {
            let times = levels / each;
            format!("{}1{}", open.repeat(times), close.repeat(times))
        };
        let fits = of(DEPTH_MAX - 1);
        assert!(from_str::<Value>(&fits).is_ok() && from_str::<IgnoredAny>(&fits).is_ok());
        check_refused(&of(DEPTH_MAX + each), Refused::TooDeep);
    }
    check_refused(&"[".repeat(4_000_000), Refused::TooDeep);
    let side_by_side = format!("[{}1]", "[[]],".repeat(1000));
    assert!(from_str::<Value>(&side_by_side).is_ok());
}

#[test]
fn the_bound_of_depth_is_that_of_serde_json() {
    for levels in [DEPTH_MAX, DEPTH_MAX + 1] {
        let text = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(serde_json::from_str::<Value>(&text).is_ok(), levels == DEPTH_MAX);
        assert_eq!(from_str::<Value>(&text).is_ok(), levels == DEPTH_MAX);
    }
}

#[test]
fn what_only_looks_like_a_private_key_is_read() {
    for text in [
        r#""$serde_json::private::RawValue""#,
        r#"{"a":"$serde_json::private::RawValue","b":["$serde_json::private::Number"]}"#,
        r#"{"serde_json::private::RawValue":1}"#,
        r#"{"$serde_json::private:":1}"#,
        r#"{"\\u0024serde_json::private::RawValue":1}"#,
        r#"{"a\"$serde_json::private::RawValue":"\\"}"#,
        r#"{" $serde_json::private::RawValue":1}"#,
    ] {
        let read: Value = from_str(text).unwrap();
        assert_eq!(read, serde_json::from_str::<Value>(text).unwrap(), "{text}");
    }
}

#[test]
fn what_is_no_json_is_left_to_the_reader() {
    for text in
        ["", "{", "\"", "\"\\", "\"\\u00", "{\"$serde_json::private::R", "]", "}]1", "{\"\\"]
    {
        assert!(from_str::<Value>(text).unwrap_err().line() > 0, "{text}");
    }
    assert!(from_slice::<Value>(b"\"\xff\"").is_err());
}

#[test]
fn a_number_keeps_every_digit() {
    let value: Value = from_str(r#"{"n":12345678901234567890.10,"e":[1e400,-0.0]}"#).unwrap();
    assert_eq!(from_value::<Value>(&value).unwrap(), value);
    assert_eq!(value.to_string(), r#"{"e":[1e+400,-0.0],"n":12345678901234567890.10}"#);
    assert!(from_value::<bool>(&value).is_err());
}

#[test]
fn a_parsed_value_with_a_private_key_is_refused_too() {
    for key in ["$serde_json::private::RawValue", "$serde_json::private::Number"] {
        let value = Value::Object(JsonObject::from_iter([(key.to_owned(), "5".into())]));
        assert!(from_value::<Value>(&value).is_err());
        assert!(from_value::<JsonObject>(&value).is_err());
    }
}
