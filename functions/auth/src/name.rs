//! Names that people give to themselves, their business and their places.

use gateway::ApiError;
use protocol::ErrorCode;
use serde_json::json;

/// A name of 2 to 255 characters, trimmed.
pub(crate) fn required(text: &str, field: &'static str) -> Result<String, ApiError> {
    bounded(text, field, NAME_CHARS_MAX)
}

/// A place of sale of 2 to 100 characters, trimmed; an empty one is absent.
pub(crate) fn sales_point(text: Option<&str>) -> Result<Option<String>, ApiError> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => bounded(text, "salesPoint", SALES_POINT_CHARS_MAX).map(Some),
    }
}

fn bounded(text: &str, field: &'static str, chars_max: usize) -> Result<String, ApiError> {
    let text = text.trim();
    let length = text.chars().count();
    if (NAME_CHARS_MIN..=chars_max).contains(&length) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(ApiError::new(ErrorCode::InvalidField)
        .with_message(format!("{field}: debe tener de {NAME_CHARS_MIN} a {chars_max} caracteres."))
        .with_details(json!({ "path": field })))
}

const NAME_CHARS_MIN: usize = 2;
const NAME_CHARS_MAX: usize = 255;
const SALES_POINT_CHARS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(required("  Rosa Quispe ", "name").unwrap(), "Rosa Quispe");
        assert_eq!(required(&"ñ".repeat(255), "name").unwrap().chars().count(), 255);
        for text in ["", " ", "R", " R ", "Ro\u{0}sa", "Ro\nsa", &"a".repeat(256)] {
            let error = required(text, "name").unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidField, "{text:?}");
        }
    }

    #[test]
    fn an_empty_sales_point_is_absent() {
        assert_eq!(sales_point(Some("  ")).unwrap(), None);
        assert_eq!(sales_point(None).unwrap(), None);
        assert_eq!(sales_point(Some("Carro A")).unwrap().as_deref(), Some("Carro A"));
        assert!(sales_point(Some(&"a".repeat(101))).is_err());
    }
}
