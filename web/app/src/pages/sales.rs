//! Ventas: today's, yesterday's, the week's.

use protocol::Money;
use yew::prelude::*;

use std::rc::Rc;

use super::ledger::{SaleDebt, customer_name, use_open_sales};
use super::source::{Customer, use_customers, use_me, use_sales};
use crate::components::{
    Bar, Choice, EmptyState, Page, PagedList, RecordBadge, Segments, WeekChart, icon, skeleton_rows,
};
use crate::data::{OpenSales, SaleFilter};
use crate::format::{Day, Record, instant, items, moment_text, soles, soles_of, text, today};
use crate::router::{Link, Route};

#[component]
pub(crate) fn Sales() -> Html {
    let customers = use_customers(crate::data::CustomerFilter::default());
    let open = use_open_sales(None);
    let me = use_me();
    let span = use_state(|| AttrValue::from("hoy"));
    let today = today();
    let seller = (!me.is_admin()).then(|| me.id.clone());
    let (from, to) = match span.as_str() {
        "hoy" => (today, today),
        "ayer" => (today.before(1), today.before(1)),
        _ => (today.before(6), today),
    };
    let filter =
        SaleFilter { from: Some(from.date()), to: Some(to.date()), seller, ..Default::default() };
    let sales = use_sales(filter);
    let shown: Rc<[Record]> = sales.iter().flat_map(|sales| sales.iter()).cloned().collect();
    let total: Money = shown.iter().map(|sale| sale.0.amount()).sum();
    let chosen = {
        let span = span.setter();
        Callback::from(move |value| span.set(value))
    };
    let row = {
        let (shown, customers, open) = (shown.clone(), customers.clone(), open.clone());
        Callback::from(move |at: usize| {
            let sale = &shown[at];
            html! {
                <li key={text(sale, "id").to_owned()}>
                    { sale_item(sale, customers.as_ref(), open.as_deref(), today) }
                </li>
            }
        })
    };
    html! {
        <Page title="Ventas">
            <Segments label="Días" value={(*span).clone()} onchange={chosen}
                choices={Choice::list(&[("hoy", "Hoy"), ("ayer", "Ayer"), ("semana", "Semana")])} />
            if sales.is_none() {
                { skeleton_rows(5) }
            } else {
                <section class="card" aria-label="Resumen">
                    <div class="row spread wrap">
                        <span class="soft">{ counted(shown.len()) }</span>
                        <span class="big">{ soles(total) }</span>
                    </div>
                    if *span == "semana" {
                        <WeekChart bars={week(&shown, today)} />
                    }
                </section>
                if shown.is_empty() {
                    <EmptyState icon="sale" title="Sin ventas" text="Lo que vendas aparece aquí al instante.">
                        <Link to={Route::NewSale} class="button yolk">{ "Nueva venta" }</Link>
                    </EmptyState>
                } else {
                    <PagedList label="Ventas" count={shown.len()} of={(*span).clone()} {row} />
                }
            }
        </Page>
    }
}

/// What was sold on each of the last seven days.
fn week(sales: &[Record], today: Day) -> Vec<Bar> {
    let days = (0..7).rev().map(|back| today.before(back));
    days.map(|day| {
        let date = Some(day.date());
        let sold = sales.iter().filter(|sale| sale.0.day() == date);
        let amount = sold.map(|sale| sale.0.amount()).sum();
        Bar { name: if day == today { "Hoy".into() } else { day.weekday().into() }, amount }
    })
    .collect()
}

/// A sale in a list, with what is left of its debt once `open` is known.
pub(super) fn sale_item(
    sale: &Record,
    customers: Option<&Rc<Vec<Customer>>>,
    open: Option<&OpenSales>,
    today: Day,
) -> Html {
    let id = text(sale, "id").to_owned();
    let client = text(sale, "clientId");
    let name = match (client, customer_name(customers, client)) {
        _ if customers.is_none() => "Venta".to_owned(),
        ("", _) => "Cliente genérico".to_owned(),
        (_, name) if name.is_empty() => "Cliente eliminado o por llegar".to_owned(),
        (_, name) => name,
    };
    let when = instant(sale, "saleDate").map(|at| moment_text(at, today)).unwrap_or_default();
    let debt = open.map_or(SaleDebt::None, |open| SaleDebt::of(sale, open));
    html! {
        <Link to={Route::Sale(id)} class="item">
            <span class="grow">
                <span class="strong">{ name }</span>
                <br /><span class="soft small">{ format!("{when} · {}", contents(sale)) }</span>
            </span>
            <span class="right stack">
                <span class="figure strong">{ soles_of(sale, "totalAmount") }</span>
                { match debt {
                    SaleDebt::None => Html::default(),
                    SaleDebt::Paid { .. } => html! { <span class="small soft">{ "Crédito pagado" }</span> },
                    SaleDebt::Open { left, .. } => html! {
                        <span class="figure small bad">{ format!("Debe {}", soles(left)) }</span>
                    },
                } }
                <RecordBadge status={text(sale, "syncStatus").to_owned()} always=true />
            </span>
            { icon("next") }
        </Link>
    }
}

/// The first product, and how many more.
fn contents(sale: &Record) -> String {
    let names: Vec<&str> = items(sale).map(|item| text(item, "variantName")).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, rest @ ..] => format!("{one} y {} más", rest.len()),
    }
}

fn counted(count: usize) -> String {
    if count == 1 { "1 venta".to_owned() } else { format!("{count} ventas") }
}
