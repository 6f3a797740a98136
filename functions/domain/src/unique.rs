//! What is unique within a business, kept so by guards.

use protocol::{Entity, ErrorCode, JsonObject, Version};
use serde_json::Value;

use crate::judge::{Request, Stop};
use crate::{Guard, GuardKey, GuardState, Row, RowKey, closings};

/// A record's guard, by its fields.
pub(crate) fn guard_of(entity: Entity, record: &JsonObject) -> Option<GuardKey> {
    let text = |field: &str| record.get(field).and_then(Value::as_str);
    match entity {
        Entity::Customers => Some(GuardKey::new("dni", &[text("dni")?])),
        Entity::ProductVariants => {
            let name = fold(text("name")?);
            Some(GuardKey::new("variant", &[text("productId")?, &name]))
        }
        Entity::Distribuciones => {
            Some(GuardKey::new("distribucion", &[text("vendedorId")?, text("fecha")?]))
        }
        Entity::Closings => closings::guard_of(record),
        _ => None,
    }
}

/// Takes and releases guards as a record goes from `before` to `after`.
///
/// A customer whose DNI is taken is flagged `duplicateOf`; he holds the guard of his DNI exactly
/// while he is live and not flagged. Anything else whose guard is taken is refused.
///
/// # Errors
/// Rows to load, or the refusal.
pub(crate) fn settle(
    request: &Request<'_>,
    before: Option<&JsonObject>,
    after: &mut JsonObject,
) -> Result<Vec<(RowKey, Option<Row>)>, Stop> {
    let entity = request.key.entity;
    if entity == Entity::Closings {
        return closings::hold(request, after);
    }
    let held = before.and_then(|record| held_guard(entity, record));
    let wanted = if is_live(after) { guard_of(entity, after) } else { None };
    if held == wanted {
        return Ok(Vec::new());
    }
    let id = request.key.id.as_str();
    let mut rows = Vec::new();
    if let Some(held) = held
        && request.state.guard(&held)?.is_some_and(|guard| guard.owner == id)
    {
        rows.push((held.into(), None));
    }
    after.remove(DUPLICATE_OF);
    let Some(wanted) = wanted else { return Ok(rows) };
    match request.state.guard(&wanted)? {
        Some(guard) if guard.owner == id => {}
        Some(guard) => match entity {
            Entity::Customers => {
                after.insert(DUPLICATE_OF.to_owned(), Value::String(guard.owner.clone()));
            }
            Entity::ProductVariants => return Err(ErrorCode::NameTaken.into()),
            _ => return Err(ErrorCode::DistribucionExists.into()),
        },
        None => {
            let state = GuardState::Held;
            let guard = Guard { version: Version(1), owner: id.to_owned(), state };
            rows.push((wanted.into(), Some(Row::Guard(guard))));
        }
    }
    Ok(rows)
}

/// The guard that a stored record holds.
fn held_guard(entity: Entity, record: &JsonObject) -> Option<GuardKey> {
    let holds = is_live(record) && !record.contains_key(DUPLICATE_OF);
    if holds { guard_of(entity, record) } else { None }
}

fn is_live(record: &JsonObject) -> bool {
    !record.contains_key("deletedAt")
}

/// Lower case, without accents, single spaces: what the ear takes for one name. `#` parts keys.
///
/// ```
/// assert_eq!(domain::fold("  José  ÑAÑEZ "), "jose nanez");
/// ```
pub fn fold(name: &str) -> String {
    let folded = name.chars().map(|letter| match small(letter) {
        'á' | 'à' | 'ä' | 'â' => 'a',
        'é' | 'è' | 'ë' | 'ê' => 'e',
        'í' | 'ì' | 'ï' | 'î' => 'i',
        'ó' | 'ò' | 'ö' | 'ô' => 'o',
        'ú' | 'ù' | 'ü' | 'û' => 'u',
        'ñ' => 'n',
        '#' => '\u{ff03}',
        other => other,
    });
    // Accents that come as marks of their own.
    let marks = '\u{300}'..='\u{36f}';
    let folded: String = folded.filter(|letter| !marks.contains(letter)).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The small letter of a capital of Latin-1, which has Spanish and its neighbours; others stay. The
/// standard library knows the letters of all scripts, at 7 KB on every phone.
pub(crate) fn small(letter: char) -> char {
    match u8::try_from(letter) {
        Ok(capital @ (b'A'..=b'Z' | 0xc0..=0xd6 | 0xd8..=0xde)) => char::from(capital + 0x20),
        _ => letter,
    }
}

/// The customer who had this DNI first.
const DUPLICATE_OF: &str = "duplicateOf";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_sound_alike_fold_alike() {
        assert_eq!(fold("Pechuga  Ñandú"), fold("pechuga n\u{303}andu"));
        assert_eq!(fold("HUEVO N# 1"), "huevo n＃ 1");
        assert_ne!(fold("Pierna"), fold("Pecho"));
    }

    #[test]
    fn every_capital_of_latin_1_has_its_small_letter() {
        for letter in '\0'..='\u{ff}' {
            assert_eq!(small(letter).to_string(), letter.to_lowercase().to_string());
        }
        assert_eq!(small('Ž'), 'Ž');
    }
}
