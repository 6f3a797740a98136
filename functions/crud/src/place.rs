//! Where in the table a list stands: the range that it reads, and the cursor to go on from.
//!
//! A cursor is the key of the last row that was looked at, in base64: opaque to clients, and never
//! trusted. The business comes from the token alone, and a key outside of the list's own range is
//! no cursor of this list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::RecordKey;
use gateway::ApiError;
use protocol::{BusinessDate, BusinessId, Entity, ErrorCode, UserId};
use store::tables::{Item, Key, LocalIndex, Query, Table};

use crate::filter::{Filters, wrong};

/// The rows that a list is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    /// Only this kind; an index holds several.
    kind: Option<Entity>,
    index: Option<LocalIndex>,
    from: String,
    to: String,
}

impl Range {
    /// All records of a kind, in order of their ids.
    pub(crate) fn of_kind(entity: Entity) -> Self {
        // `$` comes right after `#`, and no key of any kind begins so.
        let (from, to) = (format!("{entity}#"), format!("{entity}$"));
        Self { kind: Some(entity), index: None, from, to }
    }

    /// The rows that `filters` leave: a seller's, the newest day first, or all of the kind.
    pub(crate) fn of(entity: Entity, filters: &Filters) -> Self {
        let Some(seller) = &filters.seller else { return Self::of_kind(entity) };
        let (from, to) = (filters.from, filters.to);
        Self {
            kind: Some(entity),
            index: Some(LocalIndex::SellerDate),
            from: from.map_or(format!("{seller}#"), |day| format!("{seller}#{day}")),
            to: to.map_or(format!("{seller}$"), |day| format!("{seller}#{day}")),
        }
    }

    /// All kinds of a seller's day.
    pub(crate) fn of_day(seller: &UserId, day: BusinessDate) -> Self {
        let key = format!("{seller}#{day}");
        Self { kind: None, index: Some(LocalIndex::SellerDate), from: key.clone(), to: key }
    }

    /// The read of at most `limit` rows from the start, or from behind `after`.
    pub(crate) fn query(&self, business: &BusinessId, after: Option<Item>, limit: u32) -> Query {
        Query {
            table: Table::Records,
            index: self.index,
            partition: business.to_string(),
            from: self.from.clone(),
            to: self.to.clone(),
            after,
            limit: Some(limit),
            descending: self.index.is_some(),
        }
    }

    /// The key of a row that belongs to the list; an index has rows of other kinds too.
    pub(crate) fn key_of_row(&self, row: &Item) -> Option<RecordKey> {
        let key: RecordKey = text(row, RECORD)?.parse().ok()?;
        self.kind.is_none_or(|kind| kind == key.entity).then_some(key)
    }

    /// The cursor behind `row`.
    pub(crate) fn cursor_behind(&self, row: &Item) -> Option<String> {
        let record = text(row, RECORD)?;
        let place = match self.index {
            None => record.to_owned(),
            Some(index) => format!("{}\n{record}", text(row, index.attribute())?),
        };
        Some(URL_SAFE_NO_PAD.encode(place))
    }

    /// The key that a cursor of this list stands for.
    ///
    /// # Errors
    /// `invalid_cursor`.
    pub(crate) fn read_cursor(
        &self,
        business: &BusinessId,
        cursor: &str,
    ) -> Result<Item, ApiError> {
        self.key_of(business, cursor)
            .ok_or_else(|| wrong(ErrorCode::InvalidCursor, "cursor", "no cursor of this list"))
    }

    fn key_of(&self, business: &BusinessId, cursor: &str) -> Option<Item> {
        if cursor.len() > CURSOR_BYTES_MAX {
            return None;
        }
        let place = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (sort, record) = match self.index {
            None => (place.as_str(), place.as_str()),
            Some(_) => place.split_once('\n')?,
        };
        record.parse::<RecordKey>().ok()?;
        if !(self.from.as_str()..=self.to.as_str()).contains(&sort) {
            return None;
        }
        let mut key = Key::new(Table::Records, business.as_str(), record).to_item();
        if let Some(index) = self.index {
            key.insert(index.attribute().to_owned(), sort.into());
        }
        Some(key)
    }
}

fn text<'a>(row: &'a Item, name: &str) -> Option<&'a str> {
    row.get(name)?.as_str()
}

const RECORD: &str = "record";

/// Two keys of at most some 150 characters, in base64.
const CURSOR_BYTES_MAX: usize = 600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_by_its_own_list_only() {
        let business: BusinessId = "b1".parse().unwrap();
        let list = Range::of_kind(Entity::Sales);
        let row = Key::new(Table::Records, "b2", "sales#s~#1").to_item();
        let cursor = list.cursor_behind(&row).unwrap();
        let key = list.read_cursor(&business, &cursor).unwrap();
        assert_eq!(key, Key::new(Table::Records, "b1", "sales#s~#1").to_item());
        assert!(Range::of_kind(Entity::Abonos).read_cursor(&business, &cursor).is_err());
        for text in ["", "!", "c2FsZXM", "dW5pcXVlI2RuaSMx"] {
            assert!(list.read_cursor(&business, text).is_err(), "{text}");
        }
    }
}
