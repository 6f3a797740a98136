//! CloudFormation's dynamic references to secrets, `{{resolve:secretsmanager:ARN:SecretString:KEY…}}`.
//!
//! They stand for texts that AWS generated when it made the secret. Nobody outside reaches the API of
//! one machine, so here such a text is known: [`CURRENT`] for the key `current`, nothing for others.

use super::TemplateError;

/// What the key `current` of a generated secret holds on one machine; the sample events carry it.
const CURRENT: &str = "local";

/// `text` with its dynamic references resolved.
pub(super) fn resolve(place: &str, text: &str) -> Result<String, TemplateError> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{resolve:") {
        let (reference, after) = after
            .split_once("}}")
            .ok_or_else(|| TemplateError::at(place, "a dynamic reference has no end"))?;
        result.push_str(before);
        result.push_str(value(place, reference)?);
        rest = after;
    }
    result.push_str(rest);
    Ok(result)
}

fn value(place: &str, reference: &str) -> Result<&'static str, TemplateError> {
    let not_understood =
        || TemplateError::at(place, format!("the dynamic reference {reference} is not understood"));
    let arn = reference.strip_prefix("secretsmanager:").ok_or_else(not_understood)?;
    let (_, key) = arn.split_once(":SecretString:").ok_or_else(not_understood)?;
    match key.split(':').next() {
        Some("current") => Ok(CURRENT),
        Some("next") => Ok(""),
        _ => Err(not_understood()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_that_is_not_understood_is_named() {
        let secret = "{{resolve:secretsmanager:arn:x:SecretString:current::}},{{resolve:secretsmanager:a:SecretString:next::}}";
        assert_eq!(resolve("p", secret).unwrap(), "local,");
        for wrong in ["{{resolve:ssm:x}}", "{{resolve:secretsmanager:a:SecretString:other}}"] {
            assert!(resolve("p", wrong).unwrap_err().to_string().contains("not understood"));
        }
    }
}
