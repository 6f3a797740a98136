//! What a file of customers says: its titles, and each row as a customer or the reason why not.

use domain::{check, fold};
use protocol::{Action, Entity, JsonObject, RecordId, Role};
use serde_json::json;

use super::super::csv::{SEPARATORS, SheetRow, SheetRows, unguarded};
use crate::format::{read_balance, soles};

/// A file that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sheet {
    /// As the file has them.
    pub(super) titles: Vec<String>,
    /// Titles of columns that are not used.
    pub(super) unused: Vec<String>,
    pub(super) rows: Vec<ReadRow>,
    /// The file has more rows, from this one on.
    pub(super) cut_at: Option<usize>,
}

/// A row with what it was read as.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReadRow {
    /// As a spreadsheet numbers it.
    pub(super) number: usize,
    pub(super) cells: Vec<String>,
    /// What was read otherwise than it is written.
    pub(super) notes: Vec<String>,
    /// The customer, or why the row is none.
    pub(super) customer: Result<JsonObject, String>,
}

impl Sheet {
    /// Reads a text.
    ///
    /// # Errors
    /// In words for the user: the file has no titles, or none for the name.
    pub(super) fn read(text: &str, role: Role) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
        let (separator, text) = stated_separator(text);
        let found = match separator {
            Some(separator) => Header::find(text, separator),
            None => SEPARATORS
                .into_iter()
                .filter_map(|separator| Header::find(text, separator))
                .reduce(|best, other| if other.known() > best.known() { other } else { best }),
        };
        let header = found.ok_or(NO_TITLES)?;
        if !header.columns.contains(&Some(Column::Name)) {
            return Err(format!(
                "Falta la columna con el nombre del cliente. Los títulos del archivo son: {}.",
                header.row.cells.join(", ")
            ));
        }
        let first = usize::from(separator.is_some());
        let mut rows = SheetRows::new(text, header.separator)
            .skip_while(|row| row.number <= header.row.number)
            .map(|row| SheetRow { number: row.number + first, ..row });
        let read = rows.by_ref().take(ROWS_MAX).map(|row| header.read(row, role)).collect();
        Ok(Self {
            unused: header.unused(),
            rows: read,
            cut_at: rows.next().map(|row| row.number),
            titles: header.row.cells,
        })
    }
}

/// The row of titles.
struct Header {
    separator: char,
    row: SheetRow,
    columns: Vec<Option<Column>>,
}

impl Header {
    /// The row among the first ones that has most known titles; a title line above it is passed.
    fn find(text: &str, separator: char) -> Option<Self> {
        SheetRows::new(text, separator)
            .take(TITLE_ROWS_MAX)
            .map(|row| {
                let columns = row.cells.iter().map(|title| Column::of(title)).collect();
                Self { separator, row, columns }
            })
            .filter(|header| header.known() > 0)
            .reduce(|best, other| if other.known() > best.known() { other } else { best })
    }

    /// How many titles are known; one for the name outweighs the others.
    fn known(&self) -> usize {
        let has_name = self.columns.contains(&Some(Column::Name));
        self.columns.iter().flatten().count() + if has_name { TITLE_CELLS } else { 0 }
    }

    fn unused(&self) -> Vec<String> {
        let titles = self.row.cells.iter().zip(&self.columns);
        let unused = titles.filter(|(title, column)| column.is_none() && !title.trim().is_empty());
        unused.map(|(title, _)| title.trim().to_owned()).collect()
    }

    fn read(&self, row: SheetRow, role: Role) -> ReadRow {
        let mut notes = Vec::new();
        if row.lines > 1 {
            notes.push(format!("Ocupa {} líneas del archivo: revisa sus comillas.", row.lines));
        }
        let customer = self.customer(&row, role, &mut notes);
        ReadRow { number: row.number, cells: row.cells, notes, customer }
    }

    fn customer(
        &self,
        row: &SheetRow,
        role: Role,
        notes: &mut Vec<String>,
    ) -> Result<JsonObject, String> {
        let name = self.value(row, Column::Name, notes);
        let name = format!("{name} {}", self.value(row, Column::Surname, notes));
        let name = name.trim();
        if name.is_empty() {
            return Err("falta el nombre.".to_owned());
        }
        let mut data = JsonObject::new();
        data.insert("name".to_owned(), json!(name));
        let dni = restored_dni(self.value(row, Column::Dni, notes), notes)?;
        let phone = self.value(row, Column::Phone, notes);
        if is_exponent(&phone) {
            return Err(format!("el teléfono «{phone}» fue cambiado por la hoja de cálculo."));
        }
        let texts = [
            ("dni", dni),
            ("phone", phone),
            ("address", self.value(row, Column::Address, notes)),
            ("notes", self.value(row, Column::Notes, notes)),
        ];
        for (field, value) in texts.into_iter().filter(|(_, value)| !value.is_empty()) {
            data.insert(field.to_owned(), json!(value));
        }
        let written = self.value(row, Column::Opening, notes);
        let opening = read_balance(&written)
            .map_err(|fault| format!("saldo inicial «{written}»: {}", fault.0))?;
        if let Some(opening) = opening {
            if opening.is_ambiguous {
                notes.push(format!("El saldo «{written}» se leyó como {}.", soles(opening.amount)));
            }
            data.insert("saldoInicial".to_owned(), opening.amount.to_json());
        }
        let id: RecordId = CHECKED_ID.parse().expect("a constant that is an id");
        check(Entity::Customers, Action::Insert, &id, &data, role)
            .map_err(|refusal| refusal.text().to_owned())?;
        Ok(data)
    }

    /// The first value that the row has for a column; another one that differs is noted.
    fn value(&self, row: &SheetRow, column: Column, notes: &mut Vec<String>) -> String {
        let cells = row.cells.iter().zip(&self.columns).filter(|(_, of)| **of == Some(column));
        let mut values =
            cells.map(|(cell, _)| unguarded(cell.trim())).filter(|value| !value.is_empty());
        let first = values.next().unwrap_or_default();
        for other in values.filter(|other| *other != first) {
            notes.push(format!("Se usa «{first}», no «{other}»."));
        }
        first.to_owned()
    }
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Surname,
    Dni,
    Phone,
    Address,
    Notes,
    Opening,
}

impl Column {
    /// By its title, whatever its case, accents and punctuation.
    fn of(title: &str) -> Option<Self> {
        let folded = fold(&title.trim().replace("S/", ""));
        let plain: String = folded.chars().filter(char::is_ascii_alphanumeric).collect();
        let is_known = |(_, titles): &&(Self, &str)| titles.split(' ').any(|known| known == plain);
        TITLES.iter().find(is_known).filter(|_| !plain.is_empty()).map(|(column, _)| *column)
    }
}

/// The titles of each column, as they are after folding, without spaces.
const TITLES: &[(Column, &str)] = &[
    (
        Column::Name,
        "nombre nombres name cliente nombrecompleto nombrescompletos nombresyapellidos \
         nombreyapellido nombreyapellidos nombresapellidos apellidosynombres apellidosnombres \
         nombrecliente nombredelcliente nombredecliente razonsocial nombreorazonsocial \
         nombrerazonsocial nombrecomercial",
    ),
    (Column::Surname, "apellido apellidos"),
    (
        Column::Dni,
        "dni ruc dniruc rucdni dnioruc rucodni documento doc nrodocumento nrodedocumento \
         nrodoc ndocumento ndedocumento numerodocumento numerodedocumento \
         documentodeidentidad docidentidad nrodni ndni numerodedni nroruc nruc numeroderuc",
    ),
    (
        Column::Phone,
        "telefono telefonos telf tlf tel fono celular celulares cel movil whatsapp wsp phone \
         nrocelular nrodecelular numerocelular numerodecelular ncelular telefonocelular \
         nrotelefono nrodetelefono numerodetelefono telefonomovil",
    ),
    (Column::Address, "direccion direcciones domicilio address dir direccioncompleta ubicacion"),
    (
        Column::Notes,
        "nota notas observacion observaciones obs comentario comentarios notes detalle",
    ),
    (
        Column::Opening,
        "saldo saldoinicial saldoanterior saldoactual saldopendiente saldodeudor deuda \
         deudainicial deudaactual deudaanterior deudapendiente debe adeuda porcobrar",
    ),
];

/// The line `sep=;` by which Excel is told the separator, and the text after it.
fn stated_separator(text: &str) -> (Option<char>, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    let line = line.trim_end_matches('\r').trim_matches('"');
    let stated = line.strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="));
    match stated.and_then(|stated| stated.chars().next()) {
        Some(separator) => (Some(separator), rest),
        None => (None, text),
    }
}

/// A DNI, with the zero that a spreadsheet takes from its start.
fn restored_dni(dni: String, notes: &mut Vec<String>) -> Result<String, String> {
    if is_exponent(&dni) {
        return Err(format!("el DNI o RUC «{dni}» fue cambiado por la hoja de cálculo."));
    }
    let plain: String = dni.chars().filter(|sign| !matches!(sign, ' ' | '-' | '.')).collect();
    if plain.len() == 7 && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        notes.push(format!("DNI 0{plain} (se agregó el 0)."));
        return Ok(format!("0{plain}"));
    }
    let is_number =
        matches!(plain.len(), 8 | 11) && plain.bytes().all(|byte| byte.is_ascii_digit());
    Ok(if is_number { plain } else { dni })
}

/// `2.06E+10`: the digits are lost.
fn is_exponent(text: &str) -> bool {
    let parts = text.split_once("E+").or_else(|| text.split_once("e+"));
    parts.is_some_and(|(digits, exponent)| {
        digits.starts_with(|sign: char| sign.is_ascii_digit())
            && exponent.bytes().all(|byte| byte.is_ascii_digit())
    })
}

const NO_TITLES: &str = "El archivo no tiene una fila de títulos. Escribe en su primera fila: \
    nombre, dni, teléfono, dirección, saldo inicial.";
/// `check` wants an id for records that are named by theirs; a customer's may be any.
const CHECKED_ID: &str = "importado";
/// Rows of one import.
pub(super) const ROWS_MAX: usize = 5_000;
/// Titles are looked for in so many rows.
const TITLE_ROWS_MAX: usize = 10;
/// More than the kinds of columns there are.
const TITLE_CELLS: usize = 100;

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
