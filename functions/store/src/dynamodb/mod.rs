//! DynamoDB itself, by the AWS SDK.
//!
//! [`DynamoTables::from_environment`] is what a Lambda function starts with. Reads are strongly
//! consistent. The SDK retries by itself ([`Settings::attempts`]); a transaction carries one
//! request token for all its attempts, so it takes effect once. A plain put or delete has no such
//! token: after a lost reply the SDK's retry may meet its own write, and then
//! `Cancelled([ConditionFailed])` means "read again", not "someone else was first".

mod attributes;
mod failure;
mod refused;
mod requests;
mod settings;
mod surroundings;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, Credentials, Region, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

pub use settings::{ATTEMPTS_DEFAULT, Settings, SettingsError, TableNames};
pub use surroundings::RealSurroundings;

use crate::tables::{
    BatchGot, Condition, Item, Key, Query, QueryPage, StoreError, Table, Tables, Write,
};
use attributes::{from_item, from_key, to_item};
use failure::Attempts;
use requests::{Expression, keys_of, transact_item};

/// A connection that takes longer is given up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// So is a reply.
const READ_TIMEOUT: Duration = Duration::from_secs(4);
/// One attempt of a call.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// All of them together.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// The tables of one environment. A clone shares the connections.
#[derive(Debug, Clone)]
pub struct DynamoTables {
    client: Client,
    names: TableNames,
}

impl DynamoTables {
    /// By this process's environment.
    ///
    /// # Errors
    /// [`SettingsError`] names what is missing or malformed.
    pub fn from_environment() -> Result<Self, SettingsError> {
        Settings::from_environment().map(Self::new)
    }

    /// By `settings`, over rustls and ring.
    pub fn new(settings: Settings) -> Self {
        let tls = Provider::Rustls(CryptoMode::Ring);
        Self::with_http_client(settings, Builder::new().tls_provider(tls).build_https())
    }

    /// By `settings`, over an HTTP client of the caller's.
    pub fn with_http_client(settings: Settings, http_client: SharedHttpClient) -> Self {
        let credentials = Credentials::new(
            settings.access_key_id,
            settings.secret_access_key,
            settings.session_token,
            None,
            "environment",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(CALL_TIMEOUT)
            .build();
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::standard().with_max_attempts(settings.attempts))
            .timeout_config(timeouts)
            // The timeouts above bound every reply; ours are short.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(http_client);
        config.set_endpoint_url(settings.endpoint);
        Self { client: Client::from_conf(config.build()), names: settings.names }
    }

    async fn put(
        &self,
        table: Table,
        item: &Item,
        condition: &Condition,
        attempts: Attempts,
    ) -> Result<(), StoreError> {
        let condition = Expression::of(condition, table);
        let request = self.client.put_item();
        let sent = request
            .table_name(self.names.of(table)?)
            .set_item(Some(from_item(item)))
            .set_condition_expression(condition.text)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .customize()
            .interceptor(attempts)
            .send()
            .await;
        sent.map(drop).map_err(|error| failure::of(&error))
    }

    async fn delete(
        &self,
        key: &Key,
        condition: &Condition,
        attempts: Attempts,
    ) -> Result<(), StoreError> {
        let condition = Expression::of(condition, key.table);
        let request = self.client.delete_item();
        let sent = request
            .table_name(self.names.of(key.table)?)
            .set_key(Some(from_key(key)))
            .set_condition_expression(condition.text)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .customize()
            .interceptor(attempts)
            .send()
            .await;
        sent.map(drop).map_err(|error| failure::of(&error))
    }

    fn known(&self, name: &str) -> Result<Table, StoreError> {
        let table = self.names.find(name);
        table.ok_or_else(|| StoreError::Invalid(format!("an answer about the table {name}")))
    }
}

impl Tables for DynamoTables {
    async fn batch_get(&self, keys: &[Key]) -> Result<BatchGot, StoreError> {
        let mut by_table = BTreeMap::<Table, Vec<&Key>>::new();
        for key in keys {
            by_table.entry(key.table).or_default().push(key);
        }
        let mut request = self.client.batch_get_item();
        for (table, keys) in by_table {
            request = request.request_items(self.names.of(table)?, keys_of(&keys)?);
        }
        let answer = request.send().await.map_err(|error| failure::of(&error))?;
        let mut got = BatchGot::default();
        for (name, items) in answer.responses.unwrap_or_default() {
            let table = self.known(&name)?;
            for item in items {
                let item = to_item(item)?;
                got.items.push((keyed(table, &item)?, item));
            }
        }
        for (name, unread) in answer.unprocessed_keys.unwrap_or_default() {
            let table = self.known(&name)?;
            for key in unread.keys {
                got.unprocessed.push(keyed(table, &to_item(key)?)?);
            }
        }
        Ok(got)
    }

    async fn query(&self, query: &Query) -> Result<QueryPage, StoreError> {
        let range = Expression::of_range(query);
        let limit = query.limit.map(i32::try_from).transpose();
        let answer = self
            .client
            .query()
            .table_name(self.names.of(query.table)?)
            .set_index_name(query.index.map(|index| index.attribute().into()))
            .consistent_read(true)
            .set_key_condition_expression(range.text)
            .set_expression_attribute_names(range.names)
            .set_expression_attribute_values(range.values)
            .set_exclusive_start_key(query.after.as_ref().map(from_item))
            .set_limit(limit.map_err(|_| StoreError::Invalid("too high a limit".into()))?)
            .scan_index_forward(!query.descending)
            .send()
            .await
            .map_err(|error| failure::of(&error))?;
        let items = answer.items.unwrap_or_default();
        Ok(QueryPage {
            items: items.into_iter().map(to_item).collect::<Result<_, _>>()?,
            resume_after: answer.last_evaluated_key.map(to_item).transpose()?,
        })
    }

    async fn transact(&self, writes: &[Write]) -> Result<(), StoreError> {
        let items = writes.iter().map(|write| transact_item(write, &self.names));
        let attempts = Attempts::default();
        // The SDK draws one request token a call and sends it with every attempt.
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items.collect::<Result<_, _>>()?))
            .customize()
            .interceptor(attempts.clone())
            .send()
            .await;
        sent.map(drop).map_err(|error| attempts.judge(failure::of_transaction(&error)))
    }

    async fn write(&self, write: &Write) -> Result<(), StoreError> {
        let attempts = Attempts::default();
        let watched = attempts.clone();
        let sent = match write {
            Write::Put { table, item, condition } => {
                self.put(*table, item, condition, watched).await
            }
            Write::Delete { key, condition } => self.delete(key, condition, watched).await,
            Write::Check { .. } => Err(StoreError::Invalid("a check by itself is no write".into())),
        };
        sent.map_err(|error| attempts.judge(error))
    }
}

fn keyed(table: Table, item: &Item) -> Result<Key, StoreError> {
    Key::of(table, item).ok_or_else(|| StoreError::Invalid("an item without its keys".into()))
}
