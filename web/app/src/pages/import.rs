//! Importar clientes: names and what they owed before, from a spreadsheet.

use protocol::{Entity, JsonObject, object};
use serde_json::json;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::csv::parse;
use super::source::use_writer;
use crate::components::{Button, Look, Page, icon, use_toaster};
use crate::format::{soles, typed_balance};
use crate::router::{Route, go};

/// A row that was understood, or why not.
type Row = Result<JsonObject, String>;

#[component]
pub(crate) fn ImportCustomers() -> Html {
    let (writer, toaster) = (use_writer(), use_toaster());
    let rows = use_state(Vec::<Row>::new);
    let chosen = {
        let rows = rows.setter();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.item(0)) else { return };
            let rows = rows.clone();
            spawn_local(async move {
                let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
                rows.set(text.map_or_else(Vec::new, |text| read(&text)));
            });
        })
    };
    let good: Vec<JsonObject> = rows.iter().filter_map(|row| row.as_ref().ok()).cloned().collect();
    let save = {
        let good = good.clone();
        Callback::from(move |()| {
            for data in &good {
                let toaster = toaster.clone();
                let done = Callback::from(move |done: Result<String, String>| {
                    if let Err(why) = done {
                        toaster.say(why);
                    }
                });
                writer.insert(Entity::Customers, data.clone(), done);
            }
            toaster.say(format!("{} clientes guardados", good.len()));
            go(&Route::Customers);
        })
    };
    html! {
        <Page title="Importar clientes" up={Route::More}>
            <section class="card">
                <p>{ "Un archivo CSV con una primera fila de títulos: " }
                    <strong>{ "nombre, dni, telefono, direccion, saldoInicial" }</strong>
                    { ". Solo el nombre es obligatorio." }</p>
                // The browser's own button speaks the browser's language.
                <label class="button file">
                    { icon("upload") }{ "Elegir archivo CSV" }
                    <input type="file" class="hidden-text" accept=".csv,text/csv" onchange={chosen} />
                </label>
            </section>
            { for rows.iter().enumerate().filter_map(|(at, row)| row.as_ref().err().map(|why| html! {
                <p class="fault" role="alert">{ format!("Fila {}: {why}", at + 2) }</p>
            })) }
            if !good.is_empty() {
                <ul class="list" aria-label="Por importar">
                    { for good.iter().take(SHOWN_MAX).map(|data| html! {
                        <li class="item">
                            <span class="grow strong">{ crate::format::text(data, "name") }</span>
                            <span class="figure">{ soles(crate::format::money(data, "saldoInicial")) }</span>
                        </li>
                    }) }
                </ul>
                <Button text={format!("Importar {} clientes", good.len())} look={Look::Primary} full=true onclick={save} />
            }
        </Page>
    }
}

fn read(text: &str) -> Vec<Row> {
    let mut rows = parse(text).into_iter();
    let names: Vec<String> =
        rows.next().unwrap_or_default().iter().map(|name| domain::fold(name)).collect();
    let field = |row: &[String], wanted: &[&str]| {
        let at = names.iter().position(|name| wanted.contains(&name.as_str()));
        at.and_then(|at| row.get(at)).map(|cell| cell.trim().to_owned()).unwrap_or_default()
    };
    rows.take(ROWS_MAX)
        .map(|row| {
            let name = field(&row, &["nombre", "name"]);
            if name.chars().count() < 2 {
                return Err("falta el nombre.".to_owned());
            }
            let mut data = object([("name".to_owned(), json!(name))]);
            for (key, names) in [
                ("dni", &["dni", "ruc"][..]),
                ("phone", &["telefono", "phone"][..]),
                ("address", &["direccion", "address"][..]),
            ] {
                let value = field(&row, names);
                if !value.is_empty() {
                    data.insert(key.to_owned(), json!(value));
                }
            }
            let opening = typed_balance(&field(&row, &["saldoinicial", "saldo inicial", "saldo"]));
            if let Some(amount) = opening.map_err(|fault| format!("saldo inicial: {}", fault.0))? {
                data.insert("saldoInicial".to_owned(), amount.to_json());
            }
            Ok(data)
        })
        .collect()
}

const ROWS_MAX: usize = 5_000;
const SHOWN_MAX: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_may_stand_in_any_order_and_a_bad_row_does_not_stop_the_rest() {
        let rows = read(
            "Saldo Inicial,Nombre,Teléfono\n\"1,250.50\",Rosa Quispe,987654321\nx,Ana,\n,,1\n",
        );
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0].as_ref().unwrap()["saldoInicial"], "1250.50");
        assert_eq!(rows[0].as_ref().unwrap()["phone"], "987654321");
        assert!(rows[1].as_ref().unwrap_err().contains("saldo inicial"));
        assert!(rows[2].is_err());
    }
}
