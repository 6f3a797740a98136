//! Settings: what the template puts into a function's environment.

use std::env;

/// A setting that the function cannot start without.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It is absent or empty.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// It is there, but cannot be read.
    #[error("the environment variable {name} is no {expected}")]
    Malformed {
        /// Which one.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
}

/// The setting of that name.
///
/// # Errors
/// [`SettingError::Missing`] if it is absent or empty.
pub fn required_setting(name: &'static str) -> Result<String, SettingError> {
    optional_setting(name).ok_or(SettingError::Missing(name))
}

/// The setting of that name; an empty one counts as absent.
pub fn optional_setting(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
