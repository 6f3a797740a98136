//! Reportes: who owes what, what each seller's day came to, and all of it as CSV.
//!
//! Debts are counted here, from the phone's records. Of a deleted customer the feed says no more
//! than that he is gone, so what he owed before Avileo is known to the server alone: it is asked.

use std::rc::Rc;

use protocol::{JsonObject, Money, arrange};
use serde_json::Value;
use yew::prelude::*;

use super::csv::save_csv;
use super::exports::{closings_csv, debts_csv, sales_csv};
use super::ledger::use_open_sales;
use super::names::{People, use_team_names};
use super::online::use_api;
use super::source::{Customer, Records, ready, use_closings, use_customers, use_sales};
use crate::components::{Button, EmptyState, Page, tile};
use crate::data::{self, ClosingFilter, CustomerFilter, DebtFilter, SaleFilter};
use crate::format::{Day, kilos, money, soles, text, today};
use crate::router::{Link, Route};

#[component]
pub(crate) fn Reports() -> Html {
    let sales = use_sales(SaleFilter::default());
    let open = use_open_sales(None);
    let closings = use_closings(ClosingFilter::default());
    let customers = use_customers(CustomerFilter::default());
    let people = use_team_names();
    let (owed, guessed) = use_debtors(customers.as_ref());
    let day = use_state(today);
    let all = ready(data::use_day_figures(None, day.date())).unwrap_or_default();
    let total: Money = owed.iter().map(|debtor| debtor.debt).sum();
    let of_day = SaleFilter { from: Some(day.date()), to: Some(day.date()), ..Default::default() };
    let sellers = sellers_of(use_sales(of_day).as_ref());
    let back = {
        let day = day.clone();
        Callback::from(move |()| day.set(day.before(1)))
    };
    let on = {
        let day = day.clone();
        Callback::from(move |()| day.set(day.before(-1)))
    };
    let export_sales = {
        let (sales, customers, people) = (sales.clone(), customers.clone(), people.clone());
        Callback::from(move |()| {
            let Some(open) = open.as_deref() else { return };
            save_csv("ventas.csv", &sales_csv(sales.as_ref(), open, customers.as_ref(), &people));
        })
    };
    let export_debts = {
        let owed = owed.clone();
        Callback::from(move |()| save_csv("deudas.csv", &debts_csv(&owed)))
    };
    let export_closings = {
        let people = people.clone();
        Callback::from(move |()| {
            save_csv("cierres.csv", &closings_csv(closings.as_ref(), &people));
        })
    };
    html! {
        <Page title="Reportes" up={Route::More} wide=true>
            <section class="stack" aria-label="Día">
                <div class="row spread" data-repeats="">
                    <Button text="Anterior" onclick={back} />
                    <h2>{ crate::format::day_text(*day, today()) }</h2>
                    <Button text="Siguiente" disabled={*day >= today()} onclick={on} />
                </div>
                <dl class="tiles">
                    { tile("Ventas", all.total_sales.to_string()) }
                    { tile("Vendido", soles(all.total_amount)) }
                    { tile("Al contado", soles(all.cash_amount)) }
                    { tile("Al crédito", soles(all.credit_amount)) }
                    { tile("Kilos", kilos(all.total_kilos)) }
                    { tile("Abonos", soles(all.payments_by_method.total())) }
                </dl>
                if !sellers.is_empty() {
                    <div class="card table-scroll" tabindex="0" role="region" aria-label="Por vendedor">
                        <table>
                            <thead><tr>
                                <th scope="col">{ "Vendedor" }</th><th scope="col" class="right">{ "Vendido" }</th>
                                <th scope="col" class="right">{ "Crédito" }</th><th scope="col" class="right">{ "Efectivo" }</th>
                            </tr></thead>
                            <tbody>
                                { for sellers.iter().map(|seller| html! {
                                    <SellerRow key={seller.clone()} seller={seller.clone()} day={day.0} people={people.clone()} />
                                }) }
                            </tbody>
                        </table>
                    </div>
                }
            </section>
            <section class="stack" aria-label="Cuentas por cobrar">
                <h2>{ "Cuentas por cobrar" }</h2>
                <p class="big">{ soles(total) }</p>
                if guessed {
                    <p class="soft small">{ "Sin conexión no se cuenta el saldo inicial de clientes eliminados." }</p>
                }
                if owed.is_empty() {
                    <EmptyState icon="check" title="Nadie debe" text="Las ventas al crédito aparecen aquí." />
                } else {
                    <ul class="list" aria-label="Deudores">
                        { for owed.iter().take(SHOWN_MAX).map(|debtor| html! {
                            <li key={debtor.id.clone()}>{ debtor_item(debtor) }</li>
                        }) }
                    </ul>
                }
            </section>
            <section class="stack" aria-label="Exportar">
                <h2>{ "Exportar" }</h2>
                <div class="actions">
                    <Button text="Ventas (CSV)" icon="download" onclick={export_sales} />
                    <Button text="Deudas (CSV)" icon="download" onclick={export_debts} />
                    <Button text="Cierres (CSV)" icon="download" onclick={export_closings} />
                </div>
            </section>
        </Page>
    }
}

/// Somebody who owes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Debtor {
    pub(super) id: String,
    /// None of one who was deleted, where the server was not asked.
    pub(super) name: Option<String>,
    pub(super) phone: String,
    pub(super) debt: Money,
    /// Not deleted: there is a screen of him.
    here: bool,
}

impl Debtor {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("Cliente eliminado")
    }

    /// One who is not on this phone.
    fn gone(id: &str, debt: Money) -> Self {
        Self { id: id.to_owned(), name: None, phone: String::new(), debt, here: false }
    }
}

/// Everybody who owes, the highest debt first; and whether those who were deleted are counted
/// without what only the server knows.
#[hook]
fn use_debtors(customers: Option<&Rc<Vec<Customer>>>) -> (Vec<Debtor>, bool) {
    let api = use_api();
    let told = use_state(|| None::<Option<Vec<Debtor>>>);
    {
        let told = told.setter();
        use_effect_with((), move |()| {
            api.receivables(Callback::from(move |answer: Result<JsonObject, String>| {
                told.set(Some(answer.ok().map(|report| told_of(&report))));
            }));
        });
    }
    let owing = use_customers(CustomerFilter { debt: DebtFilter::Owing, ..Default::default() });
    let here = owing.iter().flat_map(|owing| owing.iter()).map(|customer| Debtor {
        id: customer.row.id().to_owned(),
        name: Some(customer.row.text("name").to_owned()),
        phone: customer.row.text("phone").to_owned(),
        debt: customer.debt,
        here: true,
    });
    let counted = ready(data::use_debts_of_nobody());
    let mut gone: Vec<Debtor> = match &*told {
        Some(Some(told)) => not_here(told, customers),
        _ => counted
            .iter()
            .flat_map(|all| all.iter())
            .map(|(id, debt)| Debtor::gone(id, *debt))
            .collect(),
    };
    let mut all: Vec<Debtor> = here.collect();
    all.append(&mut gone);
    arrange(&mut all, |one, other| other.debt.cmp(&one.debt));
    (all, *told == Some(None))
}

/// All whom the server's report names.
fn told_of(report: &JsonObject) -> Vec<Debtor> {
    let customers = report.get("customers").and_then(Value::as_array);
    let customers = customers.into_iter().flatten().filter_map(Value::as_object);
    let debtor = |customer: &JsonObject| Debtor {
        name: Some(text(customer, "name").to_owned()).filter(|name| !name.is_empty()),
        phone: text(customer, "phone").to_owned(),
        ..Debtor::gone(text(customer, "clientId"), money(customer, "debt"))
    };
    customers.map(debtor).collect()
}

/// Those of them whom the phone does not have; nobody before it has read whom it has.
fn not_here(told: &[Debtor], customers: Option<&Rc<Vec<Customer>>>) -> Vec<Debtor> {
    let Some(customers) = customers else { return Vec::new() };
    let mut ids: Vec<&str> = customers.iter().map(|customer| customer.row.id()).collect();
    arrange(&mut ids, Ord::cmp);
    told.iter().filter(|one| ids.binary_search(&one.id.as_str()).is_err()).cloned().collect()
}

fn debtor_item(debtor: &Debtor) -> Html {
    let content = html! {
        <>
            <span class="grow strong">{ debtor.name().to_owned() }</span>
            <span class="figure strong bad">{ soles(debtor.debt) }</span>
        </>
    };
    if debtor.here {
        html! { <Link to={Route::Customer(debtor.id.clone())} class="item">{ content }</Link> }
    } else {
        html! { <div class="item">{ content }</div> }
    }
}

#[derive(Properties, PartialEq)]
struct SellerRowProps {
    people: People,
    seller: String,
    day: i64,
}

/// One seller's day.
#[component]
fn SellerRow(props: &SellerRowProps) -> Html {
    let figures = data::use_day_figures(Some(props.seller.clone()), Day(props.day).date());
    let own = ready(figures).unwrap_or_default();
    html! {
        <tr>
            <th scope="row">{ props.people.full_name(&props.seller) }</th>
            <td class="right figure">{ soles(own.total_amount) }</td>
            <td class="right figure">{ soles(own.credit_amount) }</td>
            <td class="right figure">{ soles(own.cash_expected()) }</td>
        </tr>
    }
}

fn sellers_of(sales: Option<&Records>) -> Vec<String> {
    let all = sales.into_iter().flat_map(|sales| sales.iter());
    let mut sellers: Vec<String> = all.map(|sale| text(sale, "sellerId").to_owned()).collect();
    arrange(&mut sellers, Ord::cmp);
    sellers.dedup();
    sellers
}

const SHOWN_MAX: usize = 100;
