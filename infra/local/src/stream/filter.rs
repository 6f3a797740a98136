//! Filter criteria of an event source mapping, evaluated as Lambda does.
//!
//! A pattern is an object whose leaves are lists: a record passes where, for every leaf, one
//! element of the list matches the value in its place. Elements: a string, number, boolean or
//! null (equal), `prefix`, `suffix`, `equals-ignore-case`, `anything-but`, `exists`, `numeric`.
//! See <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>.

use serde_json::{Map, Value};

/// Refuses a pattern that is malformed or holds what is not understood, by name: nothing else on
/// the way to a deployment looks at one.
///
/// # Errors
///
/// What is wrong with it, for a person.
pub(crate) fn check(pattern: &Value) -> Result<(), String> {
    let Value::Object(fields) = pattern else {
        return Err(format!("{pattern} is no object"));
    };
    if fields.is_empty() {
        return Err("an empty object filters nothing".into());
    }
    for (name, inner) in fields {
        match inner {
            Value::Object(_) => check(inner)?,
            Value::Array(elements) if elements.is_empty() => {
                return Err(format!("{name}: an empty list matches nothing"));
            }
            Value::Array(elements) => elements.iter().try_for_each(check_element)?,
            _ => return Err(format!("{name}: a value stands in a list")),
        }
    }
    Ok(())
}

/// Whether any of `patterns` lets `record` through; without patterns, all pass.
pub(crate) fn passes(patterns: &[Value], record: &Value) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, Some(record)))
}

fn matches(pattern: &Value, value: Option<&Value>) -> bool {
    match pattern {
        Value::Object(fields) => fields
            .iter()
            .all(|(name, inner)| matches(inner, value.and_then(|value| value.get(name)))),
        Value::Array(elements) => elements.iter().any(|element| element_matches(element, value)),
        _ => false,
    }
}

fn element_matches(element: &Value, value: Option<&Value>) -> bool {
    let Value::Object(operator) = element else {
        return value.is_some_and(|value| equal(element, value));
    };
    let Some((name, argument)) = operator.iter().next() else { return false };
    let text = value.and_then(Value::as_str);
    match (name.as_str(), argument) {
        ("exists", Value::Bool(wanted)) => value.is_some_and(|v| !is_inner(v)) == *wanted,
        ("prefix", Value::String(start)) => text.is_some_and(|text| text.starts_with(start)),
        ("suffix", Value::String(end)) => text.is_some_and(|text| text.ends_with(end)),
        ("equals-ignore-case", Value::String(other)) => {
            text.is_some_and(|text| text.to_lowercase() == other.to_lowercase())
        }
        ("anything-but", Value::Array(others)) => {
            value.is_some_and(|value| !others.iter().any(|other| equal(other, value)))
        }
        ("anything-but", other) => value.is_some_and(|value| !equal(other, value)),
        ("numeric", Value::Array(bounds)) => {
            value.and_then(Value::as_f64).is_some_and(|number| within(bounds, number))
        }
        _ => false,
    }
}

fn within(bounds: &[Value], number: f64) -> bool {
    bounds.chunks(2).all(|pair| {
        let (Some(operator), Some(bound)) = (pair[0].as_str(), pair.get(1).and_then(Value::as_f64))
        else {
            return false;
        };
        match operator {
            "=" => (number - bound).abs() < f64::EPSILON,
            "<" => number < bound,
            "<=" => number <= bound,
            ">" => number > bound,
            ">=" => number >= bound,
            _ => false,
        }
    })
}

fn check_element(element: &Value) -> Result<(), String> {
    match element {
        Value::Object(operator) => check_operator(operator),
        Value::Array(_) => Err("a list inside a list".into()),
        _ => Ok(()),
    }
}

fn check_operator(operator: &Map<String, Value>) -> Result<(), String> {
    let Some((name, argument)) = operator.iter().next().filter(|_| operator.len() == 1) else {
        return Err("an operator stands alone in its object".into());
    };
    let understood = match name.as_str() {
        "prefix" | "suffix" | "equals-ignore-case" => argument.is_string(),
        "exists" => argument.is_boolean(),
        "anything-but" => match argument {
            Value::Array(others) => !others.is_empty() && !others.iter().any(is_inner),
            other => !is_inner(other),
        },
        "numeric" => argument.as_array().is_some_and(|bounds| are_bounds(bounds)),
        _ => return Err(format!("the operator {name:?} is not understood")),
    };
    if understood { Ok(()) } else { Err(format!("{name}: {argument} does not suit it")) }
}

fn are_bounds(bounds: &[Value]) -> bool {
    let pair = |pair: &[Value]| {
        pair.len() == 2
            && matches!(pair[0].as_str(), Some("=" | "<" | "<=" | ">" | ">="))
            && pair[1].is_number()
    };
    matches!(bounds.len(), 2 | 4) && bounds.chunks(2).all(pair)
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => (left - right).abs() < f64::EPSILON,
        _ => left == right,
    }
}

fn is_inner(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record() -> Value {
        json!({"eventName": "MODIFY", "dynamodb": {"Keys": {"record": {"S": "sales#1"}}, "n": 5}})
    }

    fn let_through(pattern: &Value) -> bool {
        check(pattern).unwrap();
        passes(std::slice::from_ref(pattern), &record())
    }

    #[test]
    fn a_prefix_lets_entities_through_and_guards_not() {
        let of =
            |prefix: &str| json!({"dynamodb": {"Keys": {"record": {"S": [{"prefix": prefix}]}}}});
        assert!(let_through(&of("sales#")));
        assert!(!let_through(&of("unique#")));
        assert!(!let_through(&of("sales#12")));
        assert!(passes(&[of("unique#"), of("sales#")], &record()));
    }

    #[test]
    fn every_operator_holds_and_fails() {
        for (element, holds) in [
            (json!("MODIFY"), true),
            (json!("INSERT"), false),
            (json!({"suffix": "FY"}), true),
            (json!({"equals-ignore-case": "modify"}), true),
            (json!({"anything-but": ["MODIFY"]}), false),
            (json!({"anything-but": "REMOVE"}), true),
            (json!({"exists": true}), true),
            (json!({"exists": false}), false),
        ] {
            assert_eq!(let_through(&json!({"eventName": [element.clone()]})), holds, "{element}");
        }
        assert!(let_through(&json!({"dynamodb": {"n": [{"numeric": [">", 4, "<=", 5]}]}})));
        assert!(!let_through(&json!({"dynamodb": {"n": [{"numeric": ["<", 5]}]}})));
        assert!(let_through(&json!({"userIdentity": [{"exists": false}]})));
    }

    #[test]
    fn all_fields_must_hold() {
        assert!(let_through(&json!({"eventName": ["MODIFY"], "dynamodb": {"n": [5]}})));
        assert!(!let_through(&json!({"eventName": ["MODIFY"], "dynamodb": {"n": [6]}})));
    }

    #[test]
    fn a_malformed_pattern_is_refused() {
        for pattern in [
            json!([]),
            json!({}),
            json!({"a": "text"}),
            json!({"a": []}),
            json!({"a": [{"wildcard": "x*"}]}),
            json!({"a": [{"prefix": 1}]}),
            json!({"a": [{"prefix": "x", "suffix": "y"}]}),
            json!({"a": [{"numeric": ["~", 1]}]}),
            json!({"a": [["x"]]}),
        ] {
            assert!(check(&pattern).is_err(), "{pattern}");
        }
    }
}
