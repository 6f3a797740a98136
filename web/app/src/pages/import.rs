//! Importar clientes: names and what they owed before, from a spreadsheet.
//!
//! A file is read into rows that say what becomes of them before anything is saved. A row counts as
//! saved once its operation is durable; the others stay in view, each with its number and reason.

mod known;
mod save;
mod sheet;

use std::rc::Rc;

use protocol::Role;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use self::known::KnownCustomers;
use self::save::{rows_to_correct, save_rows};
use self::sheet::{ROWS_MAX, ReadRow, Sheet};
use super::csv::{Encoding, save_csv};
use super::source::{Customer, use_customers, use_me, use_writer};
use crate::components::{Button, Look, Page, PagedList, icon, skeleton_rows, use_toaster};
use crate::data::CustomerFilter;
use crate::format::{money, soles, text};
use crate::forms::use_action;
use crate::router::{Link, Route};

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    /// It can be imported.
    New,
    /// The customer is there: as a record, or as an earlier row.
    Known(String),
    Refused(String),
    Saved,
}

#[derive(Debug, Clone, PartialEq)]
struct ImportRow {
    row: ReadRow,
    outcome: Outcome,
    is_chosen: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Choosing,
    /// So many rows are done.
    Saving(usize),
    Saved,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Import {
    fault: Option<String>,
    sheet: Rc<Sheet>,
    rows: Rc<Vec<ImportRow>>,
    stage: Stage,
    /// Counts files, so that the list of another one begins at its top.
    file: usize,
}

enum Step {
    Read(Result<(Sheet, Vec<ImportRow>), String>),
    Toggle(usize),
    Progress(usize),
    Saved(Vec<ImportRow>),
}

impl Reducible for Import {
    type Action = Step;

    fn reduce(self: Rc<Self>, step: Step) -> Rc<Self> {
        let mut next = (*self).clone();
        match step {
            Step::Read(read) => {
                next = Self { file: self.file + 1, ..Self::default() };
                match read {
                    Ok((sheet, rows)) => (next.sheet, next.rows) = (Rc::new(sheet), Rc::new(rows)),
                    Err(fault) => next.fault = Some(fault),
                }
            }
            Step::Toggle(at) => {
                if let Some(row) = Rc::make_mut(&mut next.rows).get_mut(at) {
                    row.is_chosen = !row.is_chosen;
                }
            }
            Step::Progress(done) => next.stage = Stage::Saving(done),
            Step::Saved(rows) => (next.rows, next.stage) = (Rc::new(rows), Stage::Saved),
        }
        Rc::new(next)
    }
}

impl Import {
    fn count(&self, is_wanted: impl Fn(&ImportRow) -> bool) -> usize {
        self.rows.iter().filter(|row| is_wanted(row)).count()
    }
}

#[component]
pub(crate) fn ImportCustomers() -> Html {
    let (writer, toaster, me) = (use_writer(), use_toaster(), use_me());
    let customers = use_customers(CustomerFilter::default());
    let import = use_reducer(Import::default);
    let action = use_action();
    let chosen = {
        let (dispatcher, customers) = (import.dispatcher(), customers.clone());
        let role = me.role.unwrap_or(Role::Vendedor);
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.item(0)) else { return };
            let (dispatcher, customers) = (dispatcher.clone(), customers.clone());
            spawn_local(async move {
                let text = text_of(&file).await;
                // The same file, corrected, may be chosen again.
                input.set_value("");
                let read = text.and_then(|text| Sheet::read(&text, role));
                dispatcher.dispatch(Step::Read(read.map(|sheet| {
                    let rows = outcomes(&sheet, customers.as_ref());
                    (sheet, rows)
                })));
            });
        })
    };
    let save = {
        let (rows, dispatcher) = (import.rows.clone(), import.dispatcher());
        Callback::from(move |()| {
            let Some(done) = action.start_with(|()| ()) else { return };
            let rows = (*rows).clone();
            let saved = save_rows(writer.clone(), rows, dispatcher.clone(), toaster.clone());
            spawn_local(async move {
                saved.await;
                done.emit(());
            });
        })
    };
    html! {
        <Page title="Importar clientes" up={Route::More}>
            <section class="card">
                <p>{ "Un archivo CSV con una fila de títulos: " }
                    <strong>{ "nombre, dni, teléfono, dirección, notas, saldo inicial" }</strong>
                    { ". Solo el nombre es obligatorio." }</p>
                if customers.is_none() {
                    { skeleton_rows(1) }
                } else if !matches!(import.stage, Stage::Saving(_)) {
                    // The browser's own button speaks the browser's language.
                    <label class="button file">
                        { icon("upload") }{ "Elegir archivo CSV" }
                        <input type="file" class="hidden-text" accept=".csv,.txt,text/csv,text/plain" onchange={chosen} />
                    </label>
                }
            </section>
            if let Some(fault) = &import.fault {
                <p class="fault" role="alert">{ fault }</p>
            }
            { warnings(&import.sheet) }
            { faults(&import) }
            { match import.stage {
                Stage::Choosing => preview(&import, &save),
                Stage::Saving(done) => html! {
                    <p class="card" role="status">{ format!("Guardando {done}…") }</p>
                },
                Stage::Saved => outcome(&import),
            } }
        </Page>
    }
}

/// What the file has and the import does not take.
fn warnings(sheet: &Sheet) -> Html {
    html! {
        <>
            if !sheet.unused.is_empty() {
                <p class="card warn">{ format!("No se usan las columnas: {}.", sheet.unused.join(", ")) }</p>
            }
            if let Some(number) = sheet.cut_at {
                <p class="card warn">
                    { format!("Se leen {ROWS_MAX} filas por archivo. Desde la fila {number} no se importa nada: pásalas a otro archivo.") }
                </p>
            }
        </>
    }
}

/// Refused rows with their reasons, before saving and after.
fn faults(import: &Import) -> Html {
    let refused = import.rows.iter().filter_map(|row| match &row.outcome {
        Outcome::Refused(why) => Some((row.row.number, why)),
        _ => None,
    });
    html! {
        <>
            { for refused.take(FAULTS_SHOWN_MAX).map(|(number, why)| html! {
                <p class="fault" role="alert">{ format!("Fila {number}: {why}") }</p>
            }) }
        </>
    }
}

/// The rows that can be imported, and the button that does it.
fn preview(import: &UseReducerHandle<Import>, save: &Callback<()>) -> Html {
    let rows = &import.rows;
    let shown: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].row.customer.is_ok()).collect();
    if shown.is_empty() {
        return Html::default();
    }
    let chosen = import.count(|row| row.is_chosen);
    let known = import.count(|row| matches!(row.outcome, Outcome::Known(_)));
    let count = shown.len();
    let row = {
        let (rows, dispatcher) = (rows.clone(), import.dispatcher());
        Callback::from(move |at: usize| {
            let (at, dispatcher) = (shown[at], dispatcher.clone());
            row_item(
                &rows[at],
                Callback::from(move |_: Event| dispatcher.dispatch(Step::Toggle(at))),
            )
        })
    };
    html! {
        <>
            if known > 0 {
                <p class="card warn">
                    { format!("Ya están: {known}. No se importan otra vez, salvo que los marques.") }
                </p>
            }
            <PagedList label="Por importar" {count} of={import.file.to_string()} {row} />
            <Button text={format!("Importar {chosen} {}", customers_word(chosen))} look={Look::Primary}
                full=true disabled={chosen == 0} onclick={save} />
        </>
    }
}

fn row_item(row: &ImportRow, onchange: Callback<Event>) -> Html {
    let Ok(data) = &row.row.customer else { return Html::default() };
    let fields = ["dni", "phone", "address", "notes"].map(|field| text(data, field));
    let details: Vec<&str> = fields.into_iter().filter(|value| !value.is_empty()).collect();
    html! {
        <li key={row.row.number}>
            <label class="item">
                <input type="checkbox" checked={row.is_chosen} {onchange} />
                <span class="grow">
                    <span class="strong">{ text(data, "name") }</span>
                    <br /><span class="soft small">
                        { format!("Fila {}", row.row.number) }
                        { for details.iter().map(|detail| format!(" · {detail}")) }
                    </span>
                    { for row.row.notes.iter().map(|note| html! { <><br /><span class="small strong">{ note }</span></> }) }
                    if let Outcome::Known(who) = &row.outcome {
                        <br /><span class="small strong">{ format!("Ya está: {who}") }</span>
                    }
                </span>
                <span class="figure">{ soles(money(data, "saldoInicial")) }</span>
            </label>
        </li>
    }
}

/// What was saved, what was there, what is to be corrected.
fn outcome(import: &Import) -> Html {
    let saved = import.count(|row| row.outcome == Outcome::Saved);
    let refused = import.count(|row| matches!(row.outcome, Outcome::Refused(_)));
    let left_out = import.rows.len() - saved - refused;
    let counted = |count: usize, word: &str| {
        if count == 0 { String::new() } else { format!(", {count} {word}") }
    };
    let words = format!(
        "{} leídos, {saved} guardados{}{}",
        import.rows.len(),
        counted(left_out, "sin importar"),
        counted(refused, "por corregir")
    );
    let download = {
        let (titles, rows) = (import.sheet.titles.clone(), import.rows.clone());
        Callback::from(move |()| save_csv("por-corregir.csv", &rows_to_correct(&titles, &rows)))
    };
    html! {
        <section class="card" role="status">
            <p class="strong">{ words }</p>
            <div class="actions">
                if refused > 0 {
                    <Button text="Filas por corregir" icon="download" onclick={download} />
                }
                <Link to={Route::Customers} class="button">{ "Ver clientes" }</Link>
            </div>
        </section>
    }
}

/// What becomes of each row, by the customers that are there and the rows before it.
fn outcomes(sheet: &Sheet, customers: Option<&Rc<Vec<Customer>>>) -> Vec<ImportRow> {
    let mut known = KnownCustomers::default();
    for customer in customers.into_iter().flat_map(|customers| customers.iter()) {
        known.add(customer.row.record(), customer.row.text("name").to_owned());
    }
    let rows = sheet.rows.iter().map(|row| {
        let outcome = match &row.customer {
            Err(why) => Outcome::Refused(why.clone()),
            Ok(data) => {
                let same = known.same_as(data).map(str::to_owned);
                if same.is_none() {
                    known.add(data, format!("{} (fila {})", text(data, "name"), row.number));
                }
                same.map_or(Outcome::New, Outcome::Known)
            }
        };
        ImportRow { row: row.clone(), is_chosen: outcome == Outcome::New, outcome }
    });
    rows.collect()
}

/// The text of a file, in whichever encoding it is.
async fn text_of(file: &web_sys::File) -> Result<String, String> {
    if file.size() > FILE_BYTES_MAX {
        return Err("El archivo es demasiado grande: más de 8 MB.".to_owned());
    }
    let unreadable = |_: JsValue| "No se pudo leer el archivo.".to_owned();
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(unreadable)?;
    let bytes = js_sys::Uint8Array::new(buffer.unchecked_ref()).to_vec();
    if bytes.starts_with(b"PK\x03\x04") {
        return Err("Es un archivo de Excel. Ábrelo y guárdalo como CSV.".to_owned());
    }
    let decoder = web_sys::TextDecoder::new_with_label(Encoding::of(&bytes).label());
    decoder.and_then(|decoder| decoder.decode_with_u8_array(&bytes)).map_err(unreadable)
}

pub(super) fn customers_word(count: usize) -> &'static str {
    if count == 1 { "cliente" } else { "clientes" }
}

const FILE_BYTES_MAX: f64 = 8_000_000.0;
/// The rest is in the file of rows to correct.
const FAULTS_SHOWN_MAX: usize = 200;
