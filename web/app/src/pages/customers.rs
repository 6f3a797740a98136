//! Clientes: everybody, found by any part of the name, and what each owes.

use std::rc::Rc;

use protocol::{Entity, Money};
use yew::prelude::*;

use super::ledger::{owed_by, use_debts};
use super::source::use_records;
use crate::components::{
    Choice, EmptyState, Field, Icon, Kind, Page, PagedList, RecordBadge, Segments, SkeletonRows,
    avatar,
};
use crate::format::{Record, soles, text};
use crate::router::{Link, Route};

/// A row of the list, ready to be drawn.
struct Row {
    record: Record,
    debt: Money,
    /// Name, DNI and phone as they are searched.
    folded: String,
}

#[component]
pub(crate) fn Customers() -> Html {
    let records = use_records(Entity::Customers);
    let debts = use_debts();
    let search = use_state(String::new);
    let filter = use_state(|| AttrValue::from("todos"));
    let rows = use_memo((records.clone(), debts.clone()), |(records, debts)| {
        let mut rows: Vec<Rc<Row>> = Vec::new();
        for record in records.iter().flat_map(|records| records.iter()) {
            let folded = ["name", "dni", "phone"].map(|field| text(record, field)).join(" ");
            let debt = owed_by(debts, text(record, "id"));
            let folded = domain::fold(&folded);
            rows.push(Rc::new(Row { record: Rc::clone(record), debt, folded }));
        }
        rows.sort_by(|one, two| one.folded.cmp(&two.folded));
        rows
    });
    let shown = use_memo((rows.clone(), (*search).clone(), (*filter).clone()), |(rows, search, filter)| {
        let wanted = domain::fold(search);
        let fits = |row: &&Rc<Row>| {
            let owing = match filter.as_str() {
                "deuda" => row.debt > Money::ZERO,
                "dia" => row.debt <= Money::ZERO,
                _ => true,
            };
            owing && wanted.split(' ').all(|word| row.folded.contains(word))
        };
        rows.iter().filter(fits).cloned().collect::<Vec<_>>()
    });
    let end = html! {
        <Link to={Route::NewCustomer} class="icon-button" label="Nuevo cliente">
            <Icon name="add-customer" />
        </Link>
    };
    let typed = { let search = search.setter(); Callback::from(move |text| search.set(text)) };
    let chosen = { let filter = filter.setter(); Callback::from(move |value| filter.set(value)) };
    html! {
        <Page title="Clientes" {end}>
            <Field id="customer-search" label="Buscar cliente" label_hidden=true kind={Kind::Search}
                placeholder="Nombre, DNI o teléfono" value={(*search).clone()} oninput={typed} />
            <Segments label="Mostrar" value={(*filter).clone()} onchange={chosen}
                choices={Choice::list(&[("todos", "Todos"), ("deuda", "Con deuda"), ("dia", "Al día")])} />
            if records.is_none() {
                <SkeletonRows rows=6 />
            } else if rows.is_empty() {
                <EmptyState icon="customers" title="Todavía no hay clientes"
                    text="Agrega al primero para venderle al crédito y cobrarle después.">
                    <Link to={Route::NewCustomer} class="button primary">{ "Agregar cliente" }</Link>
                </EmptyState>
            } else if shown.is_empty() {
                <EmptyState icon="search" title="Nadie coincide"
                    text="Prueba con menos letras, o agrega al cliente.">
                    <Link to={Route::NewCustomer} class="button">{ "Agregar cliente" }</Link>
                </EmptyState>
            } else {
                <p class="soft small" role="status">{ counted(shown.len()) }</p>
                <PagedList label="Clientes" count={shown.len()} of={format!("{}{}", *search, *filter)}
                    row={Callback::from({ let shown = shown.clone(); move |index: usize| row(&shown[index]) })} />
            }
        </Page>
    }
}

fn counted(count: usize) -> String {
    if count == 1 { "1 cliente".to_owned() } else { format!("{count} clientes") }
}

fn row(row: &Row) -> Html {
    let record = &row.record;
    let contact = ["phone", "address"].map(|field| text(record, field));
    let contact = contact.into_iter().find(|text| !text.is_empty()).unwrap_or("");
    html! {
        <li key={text(record, "id").to_owned()}>
            <Link to={Route::Customer(text(record, "id").to_owned())} class="item">
                { avatar(text(record, "name")) }
                <span class="grow">
                    <span class="strong">{ text(record, "name") }</span>
                    <br /><span class="soft small">{ contact }</span>
                </span>
                <span class="right stack">
                    { debt_text(row.debt) }
                    <RecordBadge status={text(record, "syncStatus").to_owned()} />
                </span>
            </Link>
        </li>
    }
}

/// What somebody owes, in words and not in colour alone.
pub(super) fn debt_text(debt: Money) -> Html {
    if debt > Money::ZERO {
        html! { <span class="figure strong bad"><span class="hidden-text">{ "Debe " }</span>{ soles(debt) }</span> }
    } else if debt.is_negative() {
        html! { <span class="figure good">{ format!("A favor {}", soles(-debt)) }</span> }
    } else {
        html! { <span class="small good">{ "Al día" }</span> }
    }
}
