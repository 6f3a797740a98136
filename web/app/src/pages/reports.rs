//! Reportes: who owes what, what each seller's day came to, and all of it as CSV.

use protocol::{Money, arrange};
use yew::prelude::*;

use super::csv::save_csv;
use super::exports::{closings_csv, debts_csv, sales_csv};
use super::names::{People, use_team_names};
use super::source::{Records, ready, use_closings, use_customers, use_sales};
use crate::components::{Button, EmptyState, Page, tile};
use crate::data::{self, ClosingFilter, CustomerFilter, DebtFilter, SaleFilter};
use crate::format::{Day, kilos, soles, text, today};
use crate::router::{Link, Route};

#[component]
pub(crate) fn Reports() -> Html {
    let sales = use_sales(SaleFilter::default());
    let closings = use_closings(ClosingFilter::default());
    let customers = use_customers(CustomerFilter::default());
    let people = use_team_names();
    let owed = use_debtors();
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
            save_csv("ventas.csv", &sales_csv(sales.as_ref(), customers.as_ref(), &people));
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
                <div class="row spread">
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
    /// None of one who was deleted, and still owes.
    pub(super) name: Option<String>,
    pub(super) phone: String,
    pub(super) debt: Money,
}

impl Debtor {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("Cliente eliminado")
    }
}

/// Everybody who owes, the highest debt first.
#[hook]
fn use_debtors() -> Vec<Debtor> {
    let owing = use_customers(CustomerFilter { debt: DebtFilter::Owing, ..Default::default() });
    let gone = ready(data::use_debts_of_nobody());
    let here = owing.iter().flat_map(|owing| owing.iter()).map(|customer| Debtor {
        id: customer.row.id().to_owned(),
        name: Some(customer.row.text("name").to_owned()),
        phone: customer.row.text("phone").to_owned(),
        debt: customer.debt,
    });
    let gone = gone.iter().flat_map(|gone| gone.iter()).map(|(id, debt)| Debtor {
        id: id.clone(),
        name: None,
        phone: String::new(),
        debt: *debt,
    });
    let mut all: Vec<Debtor> = here.chain(gone).collect();
    arrange(&mut all, |one, other| other.debt.cmp(&one.debt));
    all
}

fn debtor_item(debtor: &Debtor) -> Html {
    let content = html! {
        <>
            <span class="grow strong">{ debtor.name().to_owned() }</span>
            <span class="figure strong bad">{ soles(debtor.debt) }</span>
        </>
    };
    match debtor.name {
        Some(_) => {
            html! { <Link to={Route::Customer(debtor.id.clone())} class="item">{ content }</Link> }
        }
        None => html! { <div class="item">{ content }</div> },
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
