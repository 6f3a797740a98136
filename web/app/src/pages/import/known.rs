//! Recognises customers that are there already, and rows that a file has twice.

use std::collections::BTreeMap;

use domain::fold;
use protocol::JsonObject;

use crate::format::text;

/// Customers by DNI and by name.
#[derive(Debug, Default)]
pub(super) struct KnownCustomers {
    by_dni: BTreeMap<String, usize>,
    by_name: BTreeMap<String, Vec<usize>>,
    customers: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    dni: String,
    phone: String,
    /// How the screen names it.
    label: String,
}

impl KnownCustomers {
    /// Adds a customer; `label` completes "Ya está: …".
    pub(super) fn add(&mut self, customer: &JsonObject, label: String) {
        let at = self.customers.len();
        let (dni, phone) = (text(customer, "dni").to_owned(), digits(text(customer, "phone")));
        if !dni.is_empty() {
            self.by_dni.entry(dni.clone()).or_insert(at);
        }
        self.by_name.entry(fold(text(customer, "name"))).or_default().push(at);
        self.customers.push(Known { dni, phone, label });
    }

    /// The customer with the same DNI, or with the same name and nothing that differs: DNI and phone
    /// are equal, or one side does not have them.
    pub(super) fn same_as(&self, customer: &JsonObject) -> Option<&str> {
        let (dni, phone) = (text(customer, "dni"), digits(text(customer, "phone")));
        let agrees = |one: &str, other: &str| one.is_empty() || other.is_empty() || one == other;
        let by_dni = self.by_dni.get(dni).copied();
        let named = self.by_name.get(&fold(text(customer, "name")));
        let by_name = || {
            named.into_iter().flatten().copied().find(|at| {
                let known = &self.customers[*at];
                agrees(&known.dni, dni) && agrees(&known.phone, &phone)
            })
        };
        by_dni.or_else(by_name).map(|at| self.customers[at].label.as_str())
    }
}

/// The digits of a phone, without the country's 51.
fn digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("51") {
        Some(national) if national.len() == 9 => national.to_owned(),
        _ => digits,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(value: &Value) -> JsonObject {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_customer_is_known_by_dni_or_by_name_and_phone() {
        let mut known = KnownCustomers::default();
        let rosa = json!({"name": "Rosa Quispe", "dni": "08123456", "phone": "+51 987 654 321"});
        known.add(&object(&rosa), "Rosa".to_owned());
        known.add(&object(&json!({"name": "José"})), "José".to_owned());
        for (row, expected) in [
            (json!({"name": "Otra", "dni": "08123456"}), Some("Rosa")),
            (json!({"name": "ROSA  QUISPE", "phone": "987654321"}), Some("Rosa")),
            (json!({"name": "Rosa Quispe"}), Some("Rosa")),
            (json!({"name": "Rosa Quispe", "phone": "911111111"}), None),
            (json!({"name": "Rosa Quispe", "dni": "12345678", "phone": "987654321"}), None),
            (json!({"name": "Jose", "phone": "911111111"}), Some("José")),
            (json!({"name": "Ana"}), None),
        ] {
            assert_eq!(known.same_as(&object(&row)), expected, "{row}");
        }
    }
}
