//! Clientes: everybody, found by any part of the name, and what each owes.

use std::rc::Rc;

use protocol::Money;
use yew::prelude::*;

use super::source::{Customer, ready, use_customers};
use crate::components::{
    Choice, EmptyState, Field, Kind, Page, PagedList, RecordBadge, Segments, avatar, icon,
    skeleton_rows,
};
use crate::data::{self, CustomerFilter, DebtFilter};
use crate::format::soles;
use crate::router::{Link, Route};

#[component]
pub(crate) fn Customers() -> Html {
    let search = use_state(String::new);
    let filter = use_state(|| AttrValue::from("todos"));
    let debt = match filter.as_str() {
        "deuda" => DebtFilter::Owing,
        "dia" => DebtFilter::Settled,
        _ => DebtFilter::All,
    };
    let is_filtered = !search.is_empty() || debt != DebtFilter::All;
    let shown = use_customers(CustomerFilter { search: (*search).clone(), debt });
    let unnamed = ready(data::use_debts_of_nobody());
    let end = html! {
        <Link to={Route::NewCustomer} class="icon-button" label="Nuevo cliente">
            { icon("add-customer") }
        </Link>
    };
    let typed = {
        let search = search.setter();
        Callback::from(move |text| search.set(text))
    };
    let chosen = {
        let filter = filter.setter();
        Callback::from(move |value| filter.set(value))
    };
    html! {
        <Page title="Clientes" {end}>
            <Field id="customer-search" label="Buscar cliente" label_hidden=true kind={Kind::Search}
                placeholder="Nombre, DNI o teléfono" value={(*search).clone()} oninput={typed} />
            <Segments label="Mostrar" value={(*filter).clone()} onchange={chosen}
                choices={Choice::list(&[("todos", "Todos"), ("deuda", "Con deuda"), ("dia", "Al día")])} />
            { found(shown, is_filtered, format!("{}{}", *search, *filter)) }
            if debt == DebtFilter::Owing && search.is_empty() {
                { of_nobody(&unnamed.unwrap_or_default()) }
            }
        </Page>
    }
}

fn found(shown: Option<Rc<Vec<Customer>>>, is_filtered: bool, of: String) -> Html {
    let add = html! {
        <Link to={Route::NewCustomer} class="button primary">{ "Agregar cliente" }</Link>
    };
    match shown {
        None => skeleton_rows(6),
        Some(shown) if shown.is_empty() && is_filtered => html! {
            <EmptyState icon="search" title="Nadie coincide"
                text="Prueba con menos letras, o agrega al cliente.">{ add }</EmptyState>
        },
        Some(shown) if shown.is_empty() => html! {
            <EmptyState icon="customers" title="Todavía no hay clientes"
                text="Agrega al primero para venderle al crédito y cobrarle después.">
                { add }
            </EmptyState>
        },
        Some(shown) => {
            let count = shown.len();
            let counted =
                if count == 1 { "1 cliente".to_owned() } else { format!("{count} clientes") };
            let row = Callback::from(move |index: usize| item(&shown[index]));
            html! {
                <>
                    <p class="soft small" role="status">{ counted }</p>
                    <PagedList label="Clientes" {count} {of} {row} />
                </>
            }
        }
    }
}

/// Who owes and is not on the phone: deleted, or not arrived yet. They can be collected from.
fn of_nobody(debts: &[(String, Money)]) -> Html {
    if debts.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h2>{ "Deben y no están en la lista" }</h2>
            <ul class="list" aria-label="Deben y no están en la lista">
                { for debts.iter().map(|(id, debt)| html! {
                    <li key={id.clone()}>
                        <Link to={Route::NewAbono(id.clone())} class="item">
                            { icon("customer") }
                            <span class="grow">{ "Cliente eliminado o por llegar" }</span>
                            { debt_text(*debt) }
                        </Link>
                    </li>
                }) }
            </ul>
        </>
    }
}

fn item(customer: &Customer) -> Html {
    let row = &customer.row;
    let contact = ["phone", "address"].map(|field| row.text(field));
    let contact = contact.into_iter().find(|text| !text.is_empty()).unwrap_or("");
    html! {
        <li key={row.id().to_owned()}>
            <Link to={Route::Customer(row.id().to_owned())} class="item">
                { avatar(row.text("name")) }
                <span class="grow">
                    <span class="strong">{ row.text("name") }</span>
                    <br /><span class="soft small">{ contact }</span>
                </span>
                <span class="right stack">
                    { debt_text(customer.debt) }
                    <RecordBadge status={row.text("syncStatus").to_owned()} />
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
