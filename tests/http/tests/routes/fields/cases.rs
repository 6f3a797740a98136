//! Values at the bounds of a field and past them, and what becomes of each.

use http_tests::{Phone, operation};
use serde_json::{Value, json};

use Expected::{Absent, As, Kept, Refused};

/// What becomes of a value.
#[derive(Debug, Clone)]
pub(super) enum Expected {
    /// It is kept as it is.
    Kept,
    /// It is kept in this form.
    As(Value),
    /// The record has no such field.
    Absent,
    /// The operation is rejected with this code.
    Refused(&'static str),
}

pub(super) type Case = (&'static str, Value, Expected);

/// Inserts one record per case; each is `base` with one field set (null as null), unless the value
/// is [`left_out`]. The feed has `before` changes already.
pub(super) fn check(
    admin: &Phone,
    before: usize,
    entity: &str,
    base: impl Fn(usize) -> Value,
    cases: Vec<Case>,
) {
    let mut kept = 0;
    let insert = |(at, (field, value, _)): (usize, &Case)| {
        let mut payload = base(at);
        if *value == left_out() {
            payload.as_object_mut().expect("an object").remove(*field);
        } else {
            payload[*field] = value.clone();
        }
        operation(entity, "insert", &format!("{entity}-{at}"), payload)
    };
    let operations: Vec<Value> = cases.iter().enumerate().map(insert).collect();
    for (operations, cases) in operations.chunks(25).zip(cases.chunks(25)) {
        for (result, (field, value, expected)) in admin.push(operations).iter().zip(cases) {
            let shown: String = value.to_string().chars().take(50).collect();
            let what = format!("{entity}.{field} = {shown}");
            kept += usize::from(!matches!(expected, Refused(_)));
            judge(result, field, value, expected, &what);
        }
    }
    let feed = admin.feed_of(before + kept);
    assert_eq!(feed.len(), before + kept, "what was refused is in no feed: {entity}");
}

pub(super) fn judge(result: &Value, field: &str, value: &Value, expected: &Expected, what: &str) {
    if let Refused(code) = expected {
        assert_eq!(result["status"], "rejected", "{what}: {result}");
        assert_eq!(result["code"], *code, "{what}: {result}");
        assert!(result["error"].as_str().is_some_and(|text| text.ends_with('.')), "{what}");
        return;
    }
    assert_eq!(result["status"], "applied", "{what}: {result}");
    let stored = result["record"].get(field);
    match expected {
        Kept => assert_eq!(stored, Some(value), "{what}"),
        As(normal) => assert_eq!(stored, Some(normal), "{what}"),
        Absent | Refused(_) => assert_eq!(stored, None, "{what}"),
    }
}

/// Stands for a field that is not sent at all.
pub(super) fn left_out() -> Value {
    json!({"left": "out"})
}

pub(super) fn characters(count: usize) -> Value {
    json!("ñ".repeat(count))
}

/// A text of `min` to `max` characters that may be absent.
pub(super) fn optional_text(field: &'static str, max: usize) -> Vec<Case> {
    vec![
        (field, left_out(), Absent),
        (field, json!(null), Absent),
        (field, json!(""), Absent),
        (field, json!(" \t\n "), Absent),
        (field, json!("  x  "), As(json!("x"))),
        (field, characters(max), Kept),
        (field, json!(format!(" {} ", "x".repeat(max))), As(json!("x".repeat(max)))),
        (field, characters(max + 1), Refused("invalid_field")),
        (field, json!("x".repeat(33 * 1024)), Refused("invalid_field")),
        (field, json!(7), Refused("invalid_field")),
        (field, json!(true), Refused("invalid_field")),
        (field, json!(["x"]), Refused("invalid_field")),
        (field, json!({"a": "x"}), Refused("invalid_field")),
    ]
}

pub(super) fn required_text(field: &'static str, min: usize, max: usize) -> Vec<Case> {
    let mut cases = vec![
        (field, characters(min), Kept),
        (field, characters(max), Kept),
        (field, characters(max + 1), Refused("invalid_field")),
        (field, json!(7), Refused("invalid_field")),
        (field, json!([]), Refused("invalid_field")),
    ];
    if min > 1 {
        cases.push((field, characters(min - 1), Refused("invalid_field")));
        cases.push((field, json!(" x "), Refused("invalid_field")));
    }
    cases.extend(needed(field));
    cases.push((field, json!(""), Refused("missing_field")));
    cases.push((field, json!("   "), Refused("missing_field")));
    cases
}

pub(super) fn needed(field: &'static str) -> Vec<Case> {
    vec![
        (field, left_out(), Refused("missing_field")),
        (field, json!(null), Refused("missing_field")),
    ]
}

/// What is no plain decimal number, whatever it is for.
pub(super) fn no_amounts(field: &'static str) -> Vec<Case> {
    let float: Value = serde_json::from_str("1e3").expect("a number");
    let mut bad = vec![json!(true), json!([]), json!({}), json!([1]), float];
    for text in [
        "1e3",
        "NaN",
        "inf",
        "-inf",
        "",
        " ",
        "+1",
        "--1",
        "1.",
        ".5",
        "1,5",
        "1 ",
        " 1",
        "0x10",
        "1_000",
        "٣",
        "-",
        "1000000000000",
        "99999999999999999999999999999999",
    ] {
        bad.push(json!(text));
    }
    bad.into_iter().map(|value| (field, value, Refused("invalid_amount"))).collect()
}

/// Money of at least `min`: "any", "zero" or "more".
pub(super) fn money(field: &'static str, sign: Sign) -> Vec<Case> {
    let number = |text: &str| -> Value { serde_json::from_str(text).expect("a number") };
    let mut cases = vec![
        (field, json!("0.01"), Kept),
        (field, json!("7"), As(json!("7.00"))),
        (field, json!("7.5"), As(json!("7.50"))),
        (field, json!(7), As(json!("7.00"))),
        (field, number("7.10"), As(json!("7.10"))),
        (field, json!("007.10"), As(json!("7.10"))),
        (field, json!("999999999999.99"), Kept),
        (field, json!("1.999"), Refused("invalid_amount")),
        (field, number("0.30000000000000004"), Refused("invalid_amount")),
    ];
    cases.extend(no_amounts(field));
    cases.extend(signs(field, sign, "-0.01", "0.00"));
    cases
}

pub(super) fn quantity(field: &'static str, sign: Sign) -> Vec<Case> {
    let mut cases = vec![
        (field, json!("0.001"), Kept),
        (field, json!("7.5"), As(json!("7.500"))),
        (field, json!(12), As(json!("12.000"))),
        (field, json!("999999999999.999"), Kept),
        (field, json!("1.9999"), Refused("invalid_amount")),
    ];
    cases.extend(no_amounts(field));
    cases.extend(signs(field, sign, "-0.001", "0.000"));
    cases
}

/// Which sign an amount may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Any,
    NotNegative,
    Positive,
}

pub(super) fn signs(field: &'static str, sign: Sign, least: &str, zero: &str) -> Vec<Case> {
    let refused = || Refused("invalid_amount");
    let (negative, nothing) = match sign {
        Sign::Any => (Kept, As(json!(zero))),
        Sign::NotNegative => (refused(), As(json!(zero))),
        Sign::Positive => (refused(), refused()),
    };
    vec![
        (field, json!(least), negative),
        (field, json!("-0"), nothing.clone()),
        (field, json!(0), nothing),
    ]
}

pub(super) fn id(field: &'static str) -> Vec<Case> {
    let mut cases = vec![(field, json!("x".repeat(128)), Kept), (field, json!("!~#/"), Kept)];
    for bad in [json!(""), json!("a b"), json!("año"), json!("x".repeat(129)), json!(7), json!([])]
    {
        cases.push((field, bad, Refused("invalid_id")));
    }
    cases
}

pub(super) fn words(field: &'static str, words: &[&str]) -> Vec<Case> {
    let mut cases: Vec<Case> = words.iter().map(|word| (field, json!(word), Kept)).collect();
    for bad in
        [json!(""), json!("otra"), json!(words[0].to_uppercase()), json!(1), json!([words[0]])]
    {
        cases.push((field, bad, Refused("invalid_field")));
    }
    cases
}

pub(super) fn flag(field: &'static str, otherwise: bool) -> Vec<Case> {
    vec![
        (field, json!(true), Kept),
        (field, json!(false), Kept),
        (field, left_out(), As(json!(otherwise))),
        (field, json!(null), As(json!(otherwise))),
        (field, json!("true"), Refused("invalid_field")),
        (field, json!(1), Refused("invalid_field")),
    ]
}

/// A cash sale of one item, 7.5 kg at 11.20, whose field of the item is `value`.
pub(super) fn with_item(field: &str, value: Value) -> Value {
    let mut item = json!({"id": "i1", "productId": "p1", "variantId": "v1", "productName": "Pollo",
        "variantName": "Entero", "quantity": "7.500", "unitPrice": "11.20", "subtotal": "84.00"});
    if value == left_out() {
        item.as_object_mut().expect("an object").remove(field);
    } else {
        item[field] = value;
    }
    json!([item])
}
