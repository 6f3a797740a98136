//! The template's tables, made through DynamoDB's own interface, or recognised.

use serde_json::{Value, json};

use super::{StoreError, client};
use crate::template::{Table, layout_of};

/// Makes the tables that are absent; those that are there must have the template's layout.
///
/// # Errors
///
/// When the store refuses one, or one has another layout.
pub(crate) async fn create_all(
    endpoint: &str,
    tables: impl Iterator<Item = &Table>,
) -> Result<(), StoreError> {
    for table in tables {
        match describe(endpoint, table).await? {
            Some(found) => check_layout(table, &found)?,
            None => create(endpoint, table).await?,
        }
    }
    Ok(())
}

async fn describe(endpoint: &str, table: &Table) -> Result<Option<Value>, StoreError> {
    let request = json!({"TableName": table.name()});
    match client::call(endpoint, "DescribeTable", &request).await {
        Ok(answer) => Ok(Some(answer["Table"].clone())),
        Err(StoreError::Refused { answer, .. }) if answer.contains("ResourceNotFound") => Ok(None),
        Err(error) => Err(error),
    }
}

async fn create(endpoint: &str, table: &Table) -> Result<(), StoreError> {
    client::call(endpoint, "CreateTable", &table.creation()).await?;
    if let Some(request) = table.time_to_live() {
        client::call(endpoint, "UpdateTimeToLive", &request).await?;
    }
    Ok(())
}

fn check_layout(table: &Table, found: &Value) -> Result<(), StoreError> {
    let (found, wanted) = (layout_of(found), table.layout());
    if found == wanted {
        return Ok(());
    }
    Err(StoreError::OtherLayout {
        table: table.name().into(),
        found: found.to_string(),
        wanted: wanted.to_string(),
    })
}
