//! The operators' index of refused operations.
//!
//! A global index, so it lags and cannot be read consistently: that is why it is no call of
//! `Tables`, and why nothing but an operator's list is made of it.

use aws_sdk_dynamodb::types::AttributeValue;
use protocol::BusinessId;

use super::attributes::{Attributes, from_item, to_item};
use super::requests::Names;
use super::{DynamoTables, failure};
use crate::tables::{Item, QueryPage, StoreError, Table};

impl DynamoTables {
    /// A page of the receipts of `business` that tell a refusal, since a moment as text
    /// (`2026-11-22`), oldest first.
    ///
    /// # Errors
    /// [`StoreError`], never [`StoreError::Cancelled`].
    pub async fn refused(
        &self,
        business: &BusinessId,
        since: &str,
        after: Option<&Item>,
    ) -> Result<QueryPage, StoreError> {
        let names = [("#p", Table::Operations.partition_attribute()), ("#s", INDEX)];
        let values = [(":p", business.as_str()), (":since", since)];
        let answer = self
            .client
            .query()
            .table_name(self.names.of(Table::Operations)?)
            .index_name(INDEX)
            .key_condition_expression("#p = :p AND #s >= :since")
            .set_expression_attribute_names(Some(
                names.into_iter().map(|(name, of)| (name.into(), of.into())).collect::<Names>(),
            ))
            .set_expression_attribute_values(Some(
                values
                    .into_iter()
                    .map(|(name, text)| (name.into(), AttributeValue::S(text.into())))
                    .collect::<Attributes>(),
            ))
            .set_exclusive_start_key(after.map(from_item))
            .send()
            .await
            .map_err(|error| failure::of(&error))?;
        let items = answer.items.unwrap_or_default();
        Ok(QueryPage {
            items: items.into_iter().map(to_item).collect::<Result<_, _>>()?,
            resume_after: answer.last_evaluated_key.map(to_item).transpose()?,
        })
    }
}

/// The index and its sort attribute.
const INDEX: &str = "refusedAt";
