//! Reportes: who owes what, what each seller's day came to, and all of it as CSV.

use std::rc::Rc;

use protocol::{Money, arrange};
use yew::prelude::*;

use super::csv::{self, save_csv};
use super::ledger::customer_name;
use super::names::use_people;
use super::source::{Customer, Records, ready, use_closings, use_customers, use_me, use_sales};
use crate::components::{Button, EmptyState, Page, Tile};
use crate::data::{self, ClosingFilter, CustomerFilter, DebtFilter, SaleFilter};
use crate::format::{Day, instant, kilos, moment_text, money, soles, text, today};
use crate::router::{Link, Route};

#[component]
pub(crate) fn Reports() -> Html {
    let sales = use_sales(SaleFilter::default());
    let closings = use_closings(ClosingFilter::default());
    let customers = use_customers(CustomerFilter::default());
    let owing = use_customers(CustomerFilter { debt: DebtFilter::Owing, ..Default::default() });
    let day = use_state(today);
    let all = ready(data::use_day_figures(None, day.date())).unwrap_or_default();
    let mut owed: Vec<Customer> = owing.iter().flat_map(|owing| owing.iter()).cloned().collect();
    arrange(&mut owed, |one, other| other.debt.cmp(&one.debt));
    let total: Money = owed.iter().map(|customer| customer.debt).sum();
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
        let (sales, customers) = (sales.clone(), customers.clone());
        Callback::from(move |()| {
            save_csv("ventas.csv", &sales_csv(sales.as_ref(), customers.as_ref()));
        })
    };
    let export_debts = {
        let owed = owed.clone();
        Callback::from(move |()| save_csv("deudas.csv", &debts_csv(&owed)))
    };
    let export_closings =
        Callback::from(move |()| save_csv("cierres.csv", &closings_csv(closings.as_ref())));
    html! {
        <Page title="Reportes" up={Route::More} wide=true>
            <section class="stack" aria-label="Día">
                <div class="row spread">
                    <Button text="Anterior" onclick={back} />
                    <h2>{ crate::format::day_text(*day, today()) }</h2>
                    <Button text="Siguiente" disabled={*day >= today()} onclick={on} />
                </div>
                <dl class="tiles">
                    <Tile name="Ventas" value={all.total_sales.to_string()} />
                    <Tile name="Vendido" value={soles(all.total_amount)} />
                    <Tile name="Al contado" value={soles(all.cash_amount)} />
                    <Tile name="Al crédito" value={soles(all.credit_amount)} />
                    <Tile name="Kilos" value={kilos(all.total_kilos)} />
                    <Tile name="Abonos" value={soles(all.payments_by_method.total())} />
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
                                    <SellerRow key={seller.clone()} seller={seller.clone()} day={day.0} />
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
                            <li key={debtor.row.id().to_owned()}>
                                <Link to={Route::Customer(debtor.row.id().to_owned())} class="item">
                                    <span class="grow strong">{ debtor.row.text("name") }</span>
                                    <span class="figure strong bad">{ soles(debtor.debt) }</span>
                                </Link>
                            </li>
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

#[derive(Properties, PartialEq)]
struct SellerRowProps {
    seller: String,
    day: i64,
}

/// One seller's day.
#[component]
fn SellerRow(props: &SellerRowProps) -> Html {
    let (me, people) = (use_me(), use_people());
    let figures = data::use_day_figures(Some(props.seller.clone()), Day(props.day).date());
    let own = ready(figures).unwrap_or_default();
    html! {
        <tr>
            <th scope="row">{ if me.id == props.seller { me.name.clone() } else { people.name(&props.seller) } }</th>
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

fn sales_csv(sales: Option<&Records>, customers: Option<&Rc<Vec<Customer>>>) -> String {
    let mut table =
        csv::Table::new(&["fecha", "cliente", "tipo", "total", "pagado", "debe", "vendedor"]);
    for sale in sales.into_iter().flat_map(|sales| sales.iter()) {
        let when = instant(sale, "saleDate").map(|at| moment_text(at, Day(0))).unwrap_or_default();
        let amount = |field| money(sale, field).to_string();
        table.row(&[
            when,
            customer_name(customers, text(sale, "clientId")),
            text(sale, "saleType").to_owned(),
            amount("totalAmount"),
            amount("amountPaid"),
            amount("balanceDue"),
            text(sale, "sellerId").to_owned(),
        ]);
    }
    table.done()
}

fn debts_csv(owed: &[Customer]) -> String {
    let mut table = csv::Table::new(&["cliente", "telefono", "deuda"]);
    for debtor in owed {
        let text = |field| debtor.row.text(field).to_owned();
        table.row(&[text("name"), text("phone"), debtor.debt.to_string()]);
    }
    table.done()
}

fn closings_csv(closings: Option<&Records>) -> String {
    let fields = [
        "closingDate",
        "sellerId",
        "totalSales",
        "totalAmount",
        "cashAmount",
        "creditAmount",
        "totalKilos",
        "cashCounted",
        "cashDifference",
    ];
    let mut table = csv::Table::new(&fields);
    for closing in closings.into_iter().flat_map(|closings| closings.iter()) {
        let value = |field: &&str| match closing.get(*field) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => Money::ZERO.to_string(),
        };
        table.row(&fields.iter().map(value).collect::<Vec<_>>());
    }
    table.done()
}

const SHOWN_MAX: usize = 100;
