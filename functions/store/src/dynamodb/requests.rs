//! Our calls as the SDK's requests.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, KeysAndAttributes, Put, TransactWriteItem,
};

use super::attributes::{Attributes, from_item, from_json, from_key};
use super::settings::TableNames;
use crate::tables::{Condition, Key, Query, StoreError, Table, Write};

/// A condition as DynamoDB reads it.
pub(super) struct Expression {
    pub(super) text: Option<String>,
    pub(super) names: Option<Names>,
    pub(super) values: Option<Attributes>,
}

/// Attribute names behind `#` placeholders.
#[expect(clippy::disallowed_types, reason = "the SDK's own type; its order shows nowhere")]
pub(super) type Names = std::collections::HashMap<String, String>;

impl Expression {
    /// `condition` on an item of `table`.
    pub(super) fn of(condition: &Condition, table: Table) -> Self {
        let partition = || Names::from([("#p".into(), table.partition_attribute().into())]);
        match condition {
            Condition::None => Self { text: None, names: None, values: None },
            Condition::Absent => Self {
                text: Some("attribute_not_exists(#p)".into()),
                names: Some(partition()),
                values: None,
            },
            Condition::Equals(wanted) => {
                let mut clauses = vec!["attribute_exists(#p)".to_owned()];
                let (mut names, mut values) = (partition(), Attributes::new());
                for (place, (name, value)) in wanted.iter().enumerate() {
                    clauses.push(format!("#n{place} = :v{place}"));
                    names.insert(format!("#n{place}"), (*name).into());
                    values.insert(format!(":v{place}"), from_json(value));
                }
                // DynamoDB refuses a set of values that is empty.
                let values = Some(values).filter(|values| !values.is_empty());
                Self { text: Some(clauses.join(" AND ")), names: Some(names), values }
            }
        }
    }

    /// The range of `query`.
    pub(super) fn of_range(query: &Query) -> Self {
        let sort = query.index.map_or(query.table.sort_attribute(), |index| index.attribute());
        let value = |text: &str| AttributeValue::S(text.into());
        Self {
            text: Some("#p = :p AND #s BETWEEN :from AND :to".into()),
            names: Some(Names::from([
                ("#p".into(), query.table.partition_attribute().into()),
                ("#s".into(), sort.into()),
            ])),
            values: Some(Attributes::from([
                (":p".into(), value(&query.partition)),
                (":from".into(), value(&query.from)),
                (":to".into(), value(&query.to)),
            ])),
        }
    }
}

/// One write of a transaction.
///
/// # Errors
/// [`StoreError::Invalid`] if its table has no name here.
pub(super) fn transact_item(
    write: &Write,
    names: &TableNames,
) -> Result<TransactWriteItem, StoreError> {
    let whole = TransactWriteItem::builder();
    Ok(match write {
        Write::Put { table, item, condition } => whole.put(put(names, *table, item, condition)?),
        Write::Delete { key, condition } => whole.delete(delete(names, key, condition)?),
        Write::Check { key, condition } => whole.condition_check(check(names, key, condition)?),
    }
    .build())
}

/// Keys of one table, to be read consistently.
///
/// # Errors
/// [`StoreError::Invalid`] if there are none.
pub(super) fn keys_of(keys: &[&Key]) -> Result<KeysAndAttributes, StoreError> {
    let keys = keys.iter().map(|key| from_key(key)).collect();
    KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build().map_err(unbuilt)
}

fn put(
    names: &TableNames,
    table: Table,
    item: &crate::tables::Item,
    condition: &Condition,
) -> Result<Put, StoreError> {
    let condition = Expression::of(condition, table);
    Put::builder()
        .table_name(names.of(table)?)
        .set_item(Some(from_item(item)))
        .set_condition_expression(condition.text)
        .set_expression_attribute_names(condition.names)
        .set_expression_attribute_values(condition.values)
        .build()
        .map_err(unbuilt)
}

fn delete(names: &TableNames, key: &Key, condition: &Condition) -> Result<Delete, StoreError> {
    let condition = Expression::of(condition, key.table);
    Delete::builder()
        .table_name(names.of(key.table)?)
        .set_key(Some(from_key(key)))
        .set_condition_expression(condition.text)
        .set_expression_attribute_names(condition.names)
        .set_expression_attribute_values(condition.values)
        .build()
        .map_err(unbuilt)
}

/// A check must have a condition: DynamoDB, and so the builder, refuses one that has none.
fn check(
    names: &TableNames,
    key: &Key,
    condition: &Condition,
) -> Result<ConditionCheck, StoreError> {
    let condition = Expression::of(condition, key.table);
    ConditionCheck::builder()
        .table_name(names.of(key.table)?)
        .set_key(Some(from_key(key)))
        .set_condition_expression(condition.text)
        .set_expression_attribute_names(condition.names)
        .set_expression_attribute_values(condition.values)
        .build()
        .map_err(unbuilt)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unbuilt(error: BuildError) -> StoreError {
    StoreError::Invalid(error.to_string())
}
