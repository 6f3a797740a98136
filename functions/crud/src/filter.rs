//! What a list is narrowed by: read from the query strictly, asked of each record.

use domain::{Debts, StoredRecord, fold};
use gateway::{ApiError, Parameters};
use protocol::{BusinessDate, ErrorCode, Money, RecordId, UserId};
use serde_json::{Value, json};

/// A parameter that narrows a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Filter {
    /// The parameter; for identifiers and words also the record's field.
    pub(crate) name: &'static str,
    pub(crate) kind: FilterKind,
    /// For whoever reads the description of the API.
    pub(crate) says: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilterKind {
    /// The field of this name is that identifier.
    Id,
    /// The same, and the index by seller and day is used.
    Seller,
    /// The field of this name is one of these words.
    OneOf(&'static [&'static str]),
    /// The record is of that day.
    Day,
    /// It is of that day or later.
    From,
    /// It is of that day or earlier.
    To,
    /// Words of a customer's name, DNI or phone.
    Search,
    /// What a customer owes.
    Debt,
}

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filters {
    pub(crate) seller: Option<UserId>,
    pub(crate) from: Option<BusinessDate>,
    pub(crate) to: Option<BusinessDate>,
    pub(crate) debt: Option<Standing>,
    words: Vec<String>,
    equal: Vec<(&'static str, String)>,
}

/// How a customer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Owing,
    Settled,
}

impl Filters {
    /// Reads those of `known` that are given; `paging` are the parameters that are not filters.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_id` or `invalid_date`, each with the parameter's name; a
    /// parameter that the list does not know is wrong too, lest a slip of the pen list everything.
    pub(crate) fn read(
        parameters: &Parameters,
        known: &[Filter],
        paging: &[&str],
    ) -> Result<Self, ApiError> {
        let is_known =
            |name: &&str| paging.contains(name) || known.iter().any(|filter| filter.name == *name);
        if let Some(stranger) = parameters.names().find(|name| !is_known(name)) {
            return Err(wrong(ErrorCode::InvalidRequest, stranger, "unknown parameter"));
        }
        let mut filters = Self::default();
        for filter in known {
            if let Some(text) = parameters.get(filter.name) {
                filters.take(filter, text)?;
            }
        }
        if filters.from.zip(filters.to).is_some_and(|(from, to)| from > to) {
            return Err(wrong(ErrorCode::InvalidRequest, "from", "later than `to`"));
        }
        Ok(filters)
    }

    fn take(&mut self, filter: &Filter, text: &str) -> Result<(), ApiError> {
        match filter.kind {
            FilterKind::Id => {
                let id: RecordId = text.parse().map_err(|_| no_id(filter.name))?;
                self.equal.push((filter.name, id.into()));
            }
            FilterKind::Seller => {
                self.seller = Some(text.parse().map_err(|_| no_id(filter.name))?);
                self.equal.push((filter.name, text.to_owned()));
            }
            FilterKind::OneOf(words) if words.contains(&text) => {
                self.equal.push((filter.name, text.to_owned()));
            }
            FilterKind::OneOf(words) => return Err(no_word(filter.name, words)),
            FilterKind::Day => {
                let day = date(filter.name, text)?;
                (self.from, self.to) = (Some(day), Some(day));
            }
            FilterKind::From => self.from = Some(date(filter.name, text)?),
            FilterKind::To => self.to = Some(date(filter.name, text)?),
            FilterKind::Search => self.words = search_words(filter.name, text)?,
            FilterKind::Debt => self.debt = standing(filter.name, text)?,
        }
        Ok(())
    }

    /// Only `seller`'s own, whatever the query says.
    pub(crate) fn of_seller(mut self, field: &'static str, seller: &UserId) -> Self {
        self.equal.push((field, seller.to_string()));
        self.seller = Some(seller.clone());
        self
    }

    /// Any record of the kind will do.
    pub(crate) fn are_none(&self) -> bool {
        *self == Self::default()
    }

    /// The record is live and is what was asked for; `debts` where [`Self::debt`] is set.
    pub(crate) fn take_in(&self, stored: &StoredRecord, debts: Option<&Debts>) -> bool {
        let text = |field: &str| stored.record.get(field).and_then(Value::as_str);
        !stored.is_deleted()
            && self.equal.iter().all(|(field, value)| text(field) == Some(value))
            && self.is_of_these_days(stored)
            && self.has_the_words(&[text("name"), text("dni"), text("phone")])
            && self.debt.is_none_or(|standing| {
                let id: Option<RecordId> = text("id").and_then(|id| id.parse().ok());
                let debt = debts.zip(id).map(|(debts, id)| debts.of(&id));
                debt.is_some_and(|debt| (debt > Money::ZERO) == (standing == Standing::Owing))
            })
    }

    fn is_of_these_days(&self, stored: &StoredRecord) -> bool {
        if self.from.is_none() && self.to.is_none() {
            return true;
        }
        let seller_date = stored.seller_date();
        // A seller's id may have a `#` in it, a date has none.
        let day = seller_date.as_deref().and_then(|text| text.rsplit_once('#'));
        let day: Option<BusinessDate> = day.and_then(|(_, day)| day.parse().ok());
        day.is_some_and(|day| {
            self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
        })
    }

    fn has_the_words(&self, texts: &[Option<&str>]) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let texts: Vec<String> = texts.iter().flatten().map(|text| fold(text)).collect();
        self.words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
    }
}

/// A wrong parameter.
pub(crate) fn wrong(code: ErrorCode, name: &str, problem: &str) -> ApiError {
    ApiError::new(code).with_details(json!({ "path": name, "problem": problem }))
}

fn no_id(name: &str) -> ApiError {
    wrong(ErrorCode::InvalidId, name, "no identifier")
}

fn no_word(name: &str, words: &[&str]) -> ApiError {
    wrong(ErrorCode::InvalidRequest, name, &format!("one of {}", words.join(", ")))
}

fn date(name: &str, text: &str) -> Result<BusinessDate, ApiError> {
    text.parse().map_err(|_| wrong(ErrorCode::InvalidDate, name, "YYYY-MM-DD"))
}

fn search_words(name: &str, text: &str) -> Result<Vec<String>, ApiError> {
    if text.chars().count() > SEARCH_CHARACTERS_MAX {
        return Err(wrong(ErrorCode::InvalidRequest, name, "100 characters at most"));
    }
    Ok(fold(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect())
}

fn standing(name: &str, text: &str) -> Result<Option<Standing>, ApiError> {
    match text {
        "todos" => Ok(None),
        "con_deuda" => Ok(Some(Standing::Owing)),
        "al_dia" => Ok(Some(Standing::Settled)),
        _ => Err(no_word(name, STANDINGS)),
    }
}

/// The words of `debt`.
pub(crate) const STANDINGS: &[&str] = &["todos", "con_deuda", "al_dia"];

const SEARCH_CHARACTERS_MAX: usize = 100;
