//! Closings: a seller's settled day, counted by the server.
//!
//! A day's guard, `unique#closing#{seller}#{date}`, keeps counting and selling apart:
//!
//! | guard | a closing | a sale or abono of that day |
//! |---|---|---|
//! | absent | claims it: `counting` | checks that it is absent still |
//! | `counting` | reads the day, then writes closing and guard: held | raises its version |
//! | held | `closing_exists`; a correction claims it: `recounting` | checks it, is a late entry |
//! | `recounting` | a correction reads the day, then writes: held | raises its version, is a late entry |
//!
//! The closing is written on the guard as it was read before the day was. Whatever is written in
//! between has raised its version, so the closing counts again: nothing falls between counted and
//! late. A claim binds nobody: whoever may close the day counts on from it.

mod late;

use protocol::{
    Action, BusinessDate, Entity, ErrorCode, JsonObject, Money, Operation, RecordId, UserId,
    Version, json,
};
use serde_json::{Value, json};

use crate::judge::{Request, Stop};
use crate::normalise::normalise;
use crate::schema::{Field, Kind, Range, Reference, Schema};
use crate::{
    DayFigures, Guard, GuardKey, GuardState, NotLoaded, RecordKey, Refusal, Row, RowKey,
    StoredRecord, Units, seller_date,
};

pub(crate) use late::{Late, day_shown_by, late};

pub(crate) const SCHEMA: Schema = Schema {
    fields: FIELDS,
    references: &[Reference { field: CORRECTION_OF, entity: Entity::Closings }],
    owner: Some(SELLER),
    delete_always_wins: true,
};

const FIELDS: &[Field] = &[
    Field::optional(SELLER, "El vendedor", Kind::Id),
    Field::required(DATE, "La fecha del cierre", Kind::Date),
    Field::optional(CASH_COUNTED, "El efectivo contado", Kind::Money(Range::NotNegative)),
    Field::optional(REASON, "El motivo", Kind::Text { min: 10, max: 500 }),
    Field::optional(CORRECTION_OF, "El cierre corregido", Kind::Id),
];

/// The day `{seller}#{date}` that a closing by `user` counts, if it names one.
pub fn day_named_by(operation: &Operation, user: &UserId) -> Option<String> {
    let mut closing = normalise(FIELDS, Action::Insert, &operation.payload).ok()?;
    closing.entry(SELLER).or_insert_with(|| json!(user));
    seller_date(&closing)
}

/// The guard of a closing's day.
pub(crate) fn guard_of(closing: &JsonObject) -> Option<GuardKey> {
    seller_date(closing).map(|day| day_guard(&day))
}

/// Puts the figures of the day into a new closing.
///
/// # Errors
/// Why the day may not be closed; rows to load; [`Stop::Unready`], with the claim to write before
/// the day is read.
pub(crate) fn count(request: &Request<'_>, closing: &mut JsonObject) -> Result<(), Stop> {
    check_day(request, closing)?;
    check_correction(request, closing)?;
    let day = seller_date(closing).ok_or(ErrorCode::InvalidDate)?;
    check_claimed(request, closing, &day_guard(&day))?;
    let Some(day) = request.state.day(&day) else { return Err(Stop::Unready(Vec::new())) };
    let products = all_read(day.products_sold(), |product| request.state.record(product))?;
    let units = Units::of(products.iter().filter_map(|(_, product)| Some(&(*product)?.record)));
    let figures = DayFigures::of(day.records(), &units);
    check_sums(&figures)?;
    put_figures(closing, &figures)?;
    Ok(())
}

/// The guard of a counted day is held by its closing.
///
/// # Errors
/// It was not claimed.
pub(crate) fn hold(
    request: &Request<'_>,
    closing: &JsonObject,
) -> Result<Vec<(RowKey, Option<Row>)>, Stop> {
    let key = guard_of(closing).ok_or(ErrorCode::InvalidDate)?;
    let guard = request.state.guard(&key)?.ok_or_else(|| Stop::Unready(Vec::new()))?;
    Ok(vec![follows(key, guard, request.key.id.as_str(), GuardState::Held)])
}

/// A seller closes his day while it lasts; an administrator up to [`BACKDATE_DAYS_MAX`] days
/// later, and says why.
fn check_day(request: &Request<'_>, closing: &JsonObject) -> Result<(), Refusal> {
    let date: BusinessDate =
        text(closing, DATE).and_then(|date| date.parse().ok()).ok_or(ErrorCode::InvalidDate)?;
    let days_back = date.days_until(request.now.date_in_lima());
    let refused = |what: &str| Err(Refusal::new(ErrorCode::ClosingNotAllowed, what));
    match days_back {
        ..0 => refused("No se puede cerrar un día que no ha llegado."),
        0 => Ok(()),
        _ if !request.is_admin() => refused("Un día pasado lo cierra un administrador."),
        1..=BACKDATE_DAYS_MAX if closing.contains_key(REASON) => Ok(()),
        1..=BACKDATE_DAYS_MAX => refused("Para cerrar un día pasado escribe el motivo."),
        _ => refused("Solo se puede cerrar hasta 7 días atrás."),
    }
}

/// A correction is an administrator's, and of a closing of the same seller and day.
fn check_correction(request: &Request<'_>, closing: &JsonObject) -> Result<(), Stop> {
    let Some(corrected) = text(closing, CORRECTION_OF) else { return Ok(()) };
    if !request.is_admin() {
        let what = "Un cierre lo corrige un administrador.";
        return Err(Refusal::new(ErrorCode::Forbidden, what).into());
    }
    let id: RecordId = corrected.parse().map_err(|_| ErrorCode::InvalidId)?;
    let corrected = request.state.record(&RecordKey::new(Entity::Closings, id))?;
    if corrected.and_then(StoredRecord::seller_date) != seller_date(closing) {
        let what = "El cierre corregido es de otro vendedor o de otro día.";
        return Err(Refusal::new(ErrorCode::ClosingNotAllowed, what).into());
    }
    Ok(())
}

/// The day has been claimed, and is not closed unless this is a correction.
fn check_claimed(request: &Request<'_>, closing: &JsonObject, key: &GuardKey) -> Result<(), Stop> {
    let correction = closing.contains_key(CORRECTION_OF);
    let id = request.key.id.as_str();
    let claim = match request.state.guard(key)? {
        None => {
            let state = GuardState::Counting;
            let guard = Guard { version: Version(1), owner: id.to_owned(), state };
            (key.clone().into(), Some(Row::Guard(guard)))
        }
        Some(guard) => match guard.state {
            GuardState::Counting => return Ok(()),
            GuardState::Recounting if correction => return Ok(()),
            GuardState::Held if correction => {
                follows(key.clone(), guard, &guard.owner, GuardState::Recounting)
            }
            GuardState::Held | GuardState::Recounting => {
                return Err(ErrorCode::ClosingExists.into());
            }
        },
    };
    Err(Stop::Unready(vec![claim]))
}

fn put_figures(closing: &mut JsonObject, figures: &DayFigures) -> Result<(), Refusal> {
    if let Some(counted) = closing.get(CASH_COUNTED) {
        let counted = Money::from_json(counted).map_err(|_| ErrorCode::InvalidAmount)?;
        let difference = counted - figures.cash_expected();
        closing.insert("cashDifference".to_owned(), difference.to_json());
    }
    let Value::Object(figures) = json!(figures) else { unreachable!("figures are a struct") };
    closing.extend(figures);
    Ok(())
}

/// Amounts are bounded one by one when they are written; their sum may still be no amount that a
/// phone can read, and a closing is not corrected by what it counted being deleted later.
fn check_sums(figures: &DayFigures) -> Result<(), Refusal> {
    let expected = Money::from_json(&figures.cash_expected().to_json()).is_ok();
    if expected && json::from_value::<DayFigures>(&json!(figures)).is_ok() {
        return Ok(());
    }
    let what = "Los montos de ese día suman demasiado: revisa sus ventas y abonos.";
    Err(Refusal::new(ErrorCode::ClosingNotAllowed, what))
}

/// The guard with a version more.
fn follows(key: GuardKey, guard: &Guard, owner: &str, state: GuardState) -> (RowKey, Option<Row>) {
    let guard = Guard { version: guard.version.next(), owner: owner.to_owned(), state };
    (key.into(), Some(Row::Guard(guard)))
}

/// Reads all of `keys`, or names all that are missing at once.
fn all_read<K, T>(
    keys: impl IntoIterator<Item = K>,
    read: impl Fn(&K) -> Result<T, NotLoaded>,
) -> Result<Vec<(K, T)>, NotLoaded> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for key in keys {
        match read(&key) {
            Ok(row) => found.push((key, row)),
            Err(NotLoaded(rows)) => missing.extend(rows),
        }
    }
    if missing.is_empty() { Ok(found) } else { Err(NotLoaded(missing)) }
}

/// The guard of `{seller}#{date}`.
fn day_guard(seller_date: &str) -> GuardKey {
    GuardKey::new("closing", &[seller_date])
}

fn text<'a>(record: &'a JsonObject, field: &str) -> Option<&'a str> {
    record.get(field)?.as_str()
}

const SELLER: &str = "sellerId";
const DATE: &str = "closingDate";
const CASH_COUNTED: &str = "cashCounted";
const REASON: &str = "backdateReason";
const CORRECTION_OF: &str = "correctionOf";

/// How far back an administrator may close.
const BACKDATE_DAYS_MAX: i64 = 7;
