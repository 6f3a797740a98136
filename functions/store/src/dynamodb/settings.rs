//! How to reach DynamoDB, from the environment that Lambda gives a function.

use std::fmt;

use crate::tables::{StoreError, Table};

/// Attempts of one call, the first included, where `AWS_MAX_ATTEMPTS` says nothing.
pub const ATTEMPTS_DEFAULT: u32 = 3;

/// Where DynamoDB is, who calls, and what its tables are called.
#[derive(Clone)]
pub struct Settings {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ENDPOINT_URL_DYNAMODB`: another server than the region's.
    pub endpoint: Option<String>,
    /// `AWS_MAX_ATTEMPTS`.
    pub attempts: u32,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`. Lambda starts a new process for new credentials.
    pub session_token: Option<String>,
    /// The tables that this function uses.
    pub names: TableNames,
}

/// `RECORDS_TABLE`, `OPERATIONS_TABLE`, `CHANGES_TABLE`, `ACCOUNTS_TABLE`: a function has those
/// that it uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableNames {
    /// `RECORDS_TABLE`.
    pub records: Option<String>,
    /// `OPERATIONS_TABLE`.
    pub operations: Option<String>,
    /// `CHANGES_TABLE`.
    pub changes: Option<String>,
    /// `ACCOUNTS_TABLE`.
    pub accounts: Option<String>,
}

/// What is wrong with the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// It has to be there.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// It has to be something else.
    #[error("{name} is `{value}`, not a number from 1")]
    Malformed {
        /// Which.
        name: &'static str,
        /// What it is.
        value: String,
    },
}

impl Settings {
    /// From this process's environment.
    ///
    /// # Errors
    /// [`SettingsError`] names what is missing or malformed.
    pub fn from_environment() -> Result<Self, SettingsError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// From variables found by name; an empty one counts as absent.
    ///
    /// # Errors
    /// [`SettingsError`] names what is missing or malformed.
    pub fn from_variables(find: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let optional = |name: &str| find(name).filter(|value| !value.is_empty());
        let required = |name| optional(name).ok_or(SettingsError::Missing(name));
        Ok(Self {
            region: required("AWS_REGION")?,
            endpoint: optional("AWS_ENDPOINT_URL_DYNAMODB"),
            attempts: match optional("AWS_MAX_ATTEMPTS") {
                Some(value) => attempts("AWS_MAX_ATTEMPTS", value)?,
                None => ATTEMPTS_DEFAULT,
            },
            access_key_id: required("AWS_ACCESS_KEY_ID")?,
            secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
            session_token: optional("AWS_SESSION_TOKEN"),
            names: TableNames {
                records: optional("RECORDS_TABLE"),
                operations: optional("OPERATIONS_TABLE"),
                changes: optional("CHANGES_TABLE"),
                accounts: optional("ACCOUNTS_TABLE"),
            },
        })
    }
}

impl TableNames {
    /// What `table` is called.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if this function has no such table.
    pub(super) fn of(&self, table: Table) -> Result<&str, StoreError> {
        let (name, variable) = match table {
            Table::Records => (&self.records, "RECORDS_TABLE"),
            Table::Operations => (&self.operations, "OPERATIONS_TABLE"),
            Table::Changes => (&self.changes, "CHANGES_TABLE"),
            Table::Accounts => (&self.accounts, "ACCOUNTS_TABLE"),
        };
        name.as_deref().ok_or_else(|| StoreError::Invalid(format!("{variable} is not set")))
    }

    /// The table that is called `name`.
    pub(super) fn find(&self, name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| self.of(*table) == Ok(name))
    }
}

impl fmt::Debug for Settings {
    /// Without credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .field("attempts", &self.attempts)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

fn attempts(name: &'static str, value: String) -> Result<u32, SettingsError> {
    match value.parse() {
        Ok(attempts) if attempts > 0 => Ok(attempts),
        _ => Err(SettingsError::Malformed { name, value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        Settings::from_variables(|name| find(name).map(|(_, value)| (*value).into()))
    }

    const LEAST: [(&str, &str); 3] = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "hush"),
    ];

    #[test]
    fn what_is_missing_is_named() {
        for (position, (name, _)) in LEAST.iter().enumerate() {
            let mut variables = LEAST.to_vec();
            variables[position].1 = "";
            assert_eq!(read(&variables).unwrap_err().to_string(), format!("{name} is not set"));
        }
    }

    #[test]
    fn attempts_are_three_unless_said_otherwise() {
        assert_eq!(read(&LEAST).unwrap().attempts, 3);
        let with = |value| read(&[&LEAST[..], &[("AWS_MAX_ATTEMPTS", value)]].concat());
        assert_eq!(with("7").unwrap().attempts, 7);
        assert!(with("0").is_err());
        assert!(with("many").is_err());
    }

    #[test]
    fn a_table_without_a_name_is_an_error_when_it_is_used() {
        let settings = read(&[&LEAST[..], &[("CHANGES_TABLE", "c")]].concat()).unwrap();
        assert_eq!(settings.names.of(Table::Changes), Ok("c"));
        let missing = settings.names.of(Table::Records).unwrap_err();
        assert_eq!(missing, StoreError::Invalid("RECORDS_TABLE is not set".into()));
    }

    #[test]
    fn credentials_are_not_printed() {
        assert!(!format!("{:?}", read(&LEAST).unwrap()).contains("hush"));
    }
}
