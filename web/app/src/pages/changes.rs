//! What an update says: only what differs from the record, or from what a failed operation said.

use protocol::{Action, JsonObject};
use serde_json::Value;

/// What a failed operation says after its correction. A null clears the field, where there is a
/// record; in one that is new the field is left out.
pub(super) fn corrected(action: Action, mut said: JsonObject, changed: JsonObject) -> JsonObject {
    said.extend(changed);
    if action == Action::Insert {
        said.retain(|_, value| !value.is_null());
    }
    said
}

/// The fields of an update that differ from the record that it was typed on: a field that the
/// person left as it was must not meet another phone's change of it.
pub(super) fn differing(record: &JsonObject, mut data: JsonObject) -> JsonObject {
    let is_absent = |value: &Value| value.is_null() || value == "";
    data.retain(|field, value| match record.get(field) {
        Some(present) => present != value,
        None => !is_absent(value),
    });
    data
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_update_names_only_what_differs_from_the_record() {
        let object = |value: Value| value.as_object().cloned().unwrap();
        let record = object(json!({"saleType": "credito", "clientId": "rosa", "tara": "0.500",
            "amountPaid": "20.00", "totalAmount": "36.00", "items": [{"id": "i1", "quantity": "3.000"}]}));
        let typed = object(json!({"saleType": "credito", "clientId": "rosa", "tara": null,
            "netWeight": null, "amountPaid": "20.00", "totalAmount": "42.00",
            "items": [{"id": "i1", "quantity": "3.500"}], "dismiss": ["phone"]}));
        let expected = object(json!({"tara": null, "totalAmount": "42.00", "dismiss": ["phone"],
            "items": [{"id": "i1", "quantity": "3.500"}]}));
        assert_eq!(differing(&record, typed), expected);
    }

    #[test]
    fn a_correction_clears_what_stands_on_the_server_and_leaves_out_what_does_not() {
        let object = |value: Value| value.as_object().cloned().unwrap();
        let said = || object(json!({"name": "Rosa", "dni": "1"}));
        let emptied = || object(json!({"dni": null}));
        assert_eq!(
            corrected(Action::Update, said(), emptied()),
            object(json!({"name": "Rosa", "dni": null}))
        );
        assert_eq!(corrected(Action::Insert, said(), emptied()), object(json!({"name": "Rosa"})));
    }
}
