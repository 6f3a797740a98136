//! What the fields of a record are: their kinds, bounds, and who may set them.

use protocol::Entity;

use crate::{abonos, closings, customers, distribuciones, products, sales};

/// A field of a record or of one of its items.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    /// On the wire.
    pub(crate) name: &'static str,
    /// On the screen, with its article, to begin a sentence: "El nombre".
    pub(crate) label: &'static str,
    pub(crate) kind: Kind,
    pub(crate) presence: Presence,
    /// Only an administrator may give it a value other than the present one.
    pub(crate) admin_only: bool,
    /// It stays as it was made.
    pub(crate) immutable: bool,
}

/// Whether a field is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It may be absent, and cleared.
    Optional,
    /// It must be given, and cannot be cleared.
    Required,
    /// It has a value of ours where none is given, and cannot be cleared.
    Defaulted,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Text, trimmed, with its length in characters.
    Text { min: usize, max: usize },
    /// 8 digits, or 11 of a RUC.
    Dni,
    /// Soles.
    Money(Range),
    /// Kilograms or a count.
    Quantity(Range),
    /// A whole number.
    Integer { min: i64, max: i64 },
    /// True or false.
    Bool,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An identifier.
    Id,
    /// A day in Lima.
    Date,
    /// A moment.
    Moment,
    /// A list of objects with these fields, at most [`ITEMS_MAX`].
    Items(&'static [Field]),
}

/// The sign that an amount may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Range {
    /// Any.
    Any,
    /// Zero or more.
    NotNegative,
    /// More than zero.
    Positive,
}

/// A record names another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reference {
    pub(crate) field: &'static str,
    pub(crate) entity: Entity,
}

/// What a kind of record is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema {
    pub(crate) fields: &'static [Field],
    pub(crate) references: &'static [Reference],
    /// The field that says whose the record is, if it is a seller's.
    pub(crate) owner: Option<&'static str>,
    /// A delete wins against every update, whatever the times.
    pub(crate) delete_always_wins: bool,
}

/// At most so many items in a sale or a load.
pub(crate) const ITEMS_MAX: usize = 50;

/// The schema of a kind of record.
pub(crate) fn schema(entity: Entity) -> &'static Schema {
    match entity {
        Entity::Customers => &customers::SCHEMA,
        Entity::Products => &products::PRODUCT,
        Entity::ProductVariants => &products::VARIANT,
        Entity::Abonos => &abonos::SCHEMA,
        Entity::Sales | Entity::SaleItems => &sales::SCHEMA,
        Entity::Distribuciones => &distribuciones::SCHEMA,
        Entity::Closings => &closings::SCHEMA,
    }
}

impl Field {
    /// A field that may be absent.
    pub(crate) const fn optional(name: &'static str, label: &'static str, kind: Kind) -> Self {
        let presence = Presence::Optional;
        Self { name, label, kind, presence, admin_only: false, immutable: false }
    }

    /// A field that must be given.
    pub(crate) const fn required(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { presence: Presence::Required, ..Self::optional(name, label, kind) }
    }

    /// A field that is always there, if need be with a value of ours.
    pub(crate) const fn defaulted(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { presence: Presence::Defaulted, ..Self::optional(name, label, kind) }
    }

    /// It must be given.
    pub(crate) fn is_required(&self) -> bool {
        self.presence == Presence::Required
    }

    /// The same, for administrators.
    pub(crate) const fn admin_only(self) -> Self {
        Self { admin_only: true, ..self }
    }

    /// The same, set once.
    pub(crate) const fn immutable(self) -> Self {
        Self { immutable: true, ..self }
    }
}
