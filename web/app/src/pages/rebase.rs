//! What was typed into a form, put on top of what its record says by now: a field that was typed
//! keeps what was typed, one that nobody touched shows the present.

use serde_json::Value;

/// `typed` as it would stand, had it been typed on `present` and not on `base`. Lines of a list are
/// the same line where their ids are: `id` of an object, the first of a tuple.
pub(super) fn rebased(base: &Value, typed: &Value, present: &Value) -> Value {
    match (base, typed, present) {
        _ if typed == base => present.clone(),
        (Value::Object(base), Value::Object(typed), Value::Object(present)) => {
            let fields = typed.iter().map(|(field, value)| {
                let value = match (base.get(field), present.get(field)) {
                    (Some(base), Some(present)) => rebased(base, value, present),
                    _ => value.clone(),
                };
                (field.clone(), value)
            });
            Value::Object(fields.collect())
        }
        (Value::Array(base), Value::Array(typed), Value::Array(present)) => {
            let is_tuple = typed.iter().any(Value::is_string);
            let merged = if is_tuple { tuple } else { lines }(base, typed, present);
            Value::Array(merged)
        }
        _ => typed.clone(),
    }
}

fn tuple(base: &[Value], typed: &[Value], present: &[Value]) -> Vec<Value> {
    let before = base.iter().zip(present);
    typed.iter().zip(before).map(|(typed, (base, present))| rebased(base, typed, present)).collect()
}

fn lines(base: &[Value], typed: &[Value], present: &[Value]) -> Vec<Value> {
    let kept = typed.iter().filter_map(|line| match (same(base, line), same(present, line)) {
        (Some(base), Some(present)) => Some(rebased(base, line, present)),
        // Taken away elsewhere, and not touched here.
        (Some(base), None) if base == line => None,
        _ => Some(line.clone()),
    });
    let is_new = |line: &&Value| same(base, line).is_none() && same(typed, line).is_none();
    kept.chain(present.iter().filter(is_new).cloned()).collect()
}

fn same<'a>(lines: &'a [Value], line: &Value) -> Option<&'a Value> {
    lines.iter().find(|other| id_of(other) == id_of(line))
}

fn id_of(line: &Value) -> Option<&Value> {
    line.get("id").or_else(|| line.get(0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_typed_stays_and_what_was_not_is_of_the_present() {
        let base = json!({"name": "Rosa", "phone": "911", "notes": ""});
        let typed = json!({"name": "Rosa Quispe", "phone": "911", "notes": ""});
        let present = json!({"name": "Rosita", "phone": "922", "notes": "Paga los lunes"});
        let expected = json!({"name": "Rosa Quispe", "phone": "922", "notes": "Paga los lunes"});
        assert_eq!(rebased(&base, &typed, &present), expected);
        assert_eq!(rebased(&base, &base, &present), present);
        assert_eq!(rebased(&base, &typed, &base), typed);
    }

    #[test]
    fn lines_are_merged_by_their_id() {
        let line = |id: &str, quantity: &str, price: &str| json!({"id": id, "quantity": quantity, "price": price});
        let base = json!([
            line("a", "1", "5"),
            line("b", "1", "5"),
            line("c", "1", "5"),
            line("d", "1", "5")
        ]);
        // Here: `a` weighs more, `c` is taken away, `x` is new.
        let typed = json!([
            line("a", "2", "5"),
            line("b", "1", "5"),
            line("d", "1", "5"),
            line("x", "", "5")
        ]);
        // Elsewhere: another price, `b` is taken away, `y` is new.
        let present = json!([
            line("a", "1", "6"),
            line("c", "1", "6"),
            line("d", "1", "6"),
            line("y", "1", "6")
        ]);
        let expected = json!([
            line("a", "2", "6"),
            line("d", "1", "6"),
            line("x", "", "5"),
            line("y", "1", "6")
        ]);
        assert_eq!(rebased(&base, &typed, &present), expected);
    }

    #[test]
    fn lines_may_be_tuples() {
        let base = json!([["pollo", "kg", "40"], ["huevo", "unidad", "10"]]);
        let typed = json!([["pollo", "kg", "45"], ["huevo", "unidad", "10"]]);
        let present =
            json!([["pollo", "kg", "41"], ["huevo", "unidad", "12"], ["pato", "kg", "3"]]);
        let expected =
            json!([["pollo", "kg", "45"], ["huevo", "unidad", "12"], ["pato", "kg", "3"]]);
        assert_eq!(rebased(&base, &typed, &present), expected);
    }
}
