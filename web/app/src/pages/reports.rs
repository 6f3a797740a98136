//! Reportes: who owes what, what each seller's day came to, and all of it as CSV.

use protocol::{Entity, Money};
use yew::prelude::*;

use super::csv::{self, save_csv};
use super::home::day_figures;
use super::ledger::{name_of, use_debts, use_units};
use super::names::use_people;
use super::source::{Records, use_records};
use crate::components::{Button, EmptyState, Page, Tile};
use crate::format::{Day, instant, kilos, money, moment_text, soles, text, today};
use crate::router::{Link, Route};

#[component]
pub(crate) fn Reports() -> Html {
    let debts = use_debts();
    let (sales, abonos) = (use_records(Entity::Sales), use_records(Entity::Abonos));
    let (customers, closings) = (use_records(Entity::Customers), use_records(Entity::Closings));
    let (units, people) = (use_units(), use_people());
    let day = use_state(today);
    let date = day.wire();
    let owed = debts.receivables();
    let all = day_figures(sales.as_ref(), abonos.as_ref(), &units, None, &date);
    let sellers = sellers_of(sales.as_ref(), abonos.as_ref(), &date);
    let back = { let day = day.clone(); Callback::from(move |()| day.set(day.before(1))) };
    let on = { let day = day.clone(); Callback::from(move |()| day.set(day.before(-1))) };
    let export_sales = {
        let (sales, customers) = (sales.clone(), customers.clone());
        Callback::from(move |()| save_csv("ventas.csv", &sales_csv(sales.as_ref(), customers.as_ref())))
    };
    let export_debts = {
        let owed = owed.clone();
        Callback::from(move |()| save_csv("deudas.csv", &debts_csv(&owed)))
    };
    let export_closings = Callback::from(move |()| save_csv("cierres.csv", &closings_csv(closings.as_ref())));
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
                                { for sellers.iter().map(|seller| {
                                    let own = day_figures(sales.as_ref(), abonos.as_ref(), &units, Some(seller), &date);
                                    html! { <tr>
                                        <th scope="row">{ people.name(seller) }</th>
                                        <td class="right figure">{ soles(own.total_amount) }</td>
                                        <td class="right figure">{ soles(own.credit_amount) }</td>
                                        <td class="right figure">{ soles(own.cash_expected()) }</td>
                                    </tr> }
                                }) }
                            </tbody>
                        </table>
                    </div>
                }
            </section>
            <section class="stack" aria-label="Cuentas por cobrar">
                <h2>{ "Cuentas por cobrar" }</h2>
                <p class="big">{ soles(owed.total) }</p>
                if owed.customers.is_empty() {
                    <EmptyState icon="check" title="Nadie debe" text="Las ventas al crédito aparecen aquí." />
                } else {
                    <ul class="list" aria-label="Deudores">
                        { for owed.customers.iter().take(SHOWN_MAX).map(|debtor| html! {
                            <li key={debtor.client_id.to_string()}>
                                <Link to={Route::Customer(debtor.client_id.to_string())} class="item">
                                    <span class="grow strong">
                                        { debtor.name.clone().unwrap_or_else(|| "Cliente por llegar".to_owned()) }
                                    </span>
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

fn sellers_of(sales: Option<&Records>, abonos: Option<&Records>, date: &str) -> Vec<String> {
    let all = [sales, abonos].into_iter().flatten().flat_map(|records| records.iter());
    let keys = all.filter_map(|record| domain::seller_date(record));
    let mut sellers: Vec<String> = keys
        .filter_map(|key| key.rsplit_once('#').filter(|(_, day)| *day == date).map(|(who, _)| who.to_owned()))
        .collect();
    sellers.sort();
    sellers.dedup();
    sellers
}

fn sales_csv(sales: Option<&Records>, customers: Option<&Records>) -> String {
    let mut table = csv::Table::new(&["fecha", "cliente", "tipo", "total", "pagado", "debe", "vendedor"]);
    for sale in sales.into_iter().flat_map(|sales| sales.iter()) {
        let when = instant(sale, "saleDate").map(|at| moment_text(at, Day(0))).unwrap_or_default();
        let amount = |field| money(sale, field).to_string();
        table.row(&[
            when,
            name_of(customers, text(sale, "clientId")),
            text(sale, "saleType").to_owned(),
            amount("totalAmount"),
            amount("amountPaid"),
            amount("balanceDue"),
            text(sale, "sellerId").to_owned(),
        ]);
    }
    table.done()
}

fn debts_csv(owed: &domain::Receivables) -> String {
    let mut table = csv::Table::new(&["cliente", "telefono", "deuda"]);
    for debtor in &owed.customers {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        table.row(&[text(&debtor.name), text(&debtor.phone), debtor.debt.to_string()]);
    }
    table.done()
}

fn closings_csv(closings: Option<&Records>) -> String {
    let fields = ["closingDate", "sellerId", "totalSales", "totalAmount", "cashAmount", "creditAmount", "totalKilos", "cashCounted", "cashDifference"];
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
