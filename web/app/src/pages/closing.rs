//! Cierre del día: what was taken along, sold and brought back; money by how it was paid; what has
//! not reached the server yet.

use std::cmp::Ordering;

use protocol::{JsonObject, Quantity, object};
use serde_json::json;
use yew::prelude::*;

use super::closings::{holding, late_note};
use super::ledger::use_load_of;
use super::online::use_api;
use super::source::{ready, use_closings, use_me, use_view, use_writer};
use crate::components::{
    Button, ConfirmSheet, Field, Kind, Look, Page, icon, pair, total_pair, use_toaster,
};
use crate::data::{self, ClosingFilter};
use crate::format::{
    Record, kilos, kilos_of, soles, soles_of, text, today, typed_kilos, typed_money,
};
use crate::forms::use_action;
use crate::router::Route;

#[component]
pub(crate) fn Closing() -> Html {
    let (me, view) = (use_me(), use_view());
    let today = today();
    let date = today.wire();
    let figures =
        ready(data::use_day_figures(Some(me.id.clone()), today.date())).unwrap_or_default();
    let load = use_load_of(&me.id, today);
    let mine = ClosingFilter {
        from: Some(today.date()),
        to: Some(today.date()),
        seller: Some(me.id.clone()),
    };
    let closings = use_closings(mine);
    let closed = closings.as_ref().and_then(|closings| holding(closings));
    let waiting = view.pending + view.failed;
    let paid = figures.payments_by_method;
    html! {
        <Page title="Cierre del día" up={Route::Home}>
            if let Some(closed) = &closed {
                <section class="card hero">
                    <div class="row">{ icon("check") }<h2>{ "Día cerrado" }</h2></div>
                    <span class="big">{ soles_of(closed, "totalAmount") }</span>
                    <dl class="pairs">
                        { pair("Efectivo entregado", soles_of(closed, "cashCounted")) }
                        { pair("Diferencia", soles_of(closed, "cashDifference")) }
                    </dl>
                    { late_note(closed) }
                </section>
            }
            if let Some(load) = &load {
                <LoadClose load={load.clone()} />
            }
            <section class="card" aria-label="Dinero del día">
                <h2>{ "Dinero" }</h2>
                <dl class="pairs">
                    { pair("Ventas", figures.total_sales.to_string()) }
                    { pair("Total vendido", soles(figures.total_amount)) }
                    { pair("Al contado", soles(figures.cash_amount)) }
                    { pair("Al crédito", soles(figures.credit_amount)) }
                    { pair("Abonos en efectivo", soles(paid.efectivo)) }
                    { pair("Abonos por Yape", soles(paid.yape)) }
                    { pair("Abonos por Plin", soles(paid.plin)) }
                    { pair("Abonos por transferencia", soles(paid.transferencia)) }
                    { total_pair("Efectivo a entregar", soles(figures.cash_expected())) }
                </dl>
            </section>
            if waiting > 0 {
                <section class="card warn" role="status">
                    <div class="row">{ icon("clock") }<h2 class="minor">{ format!("Falta enviar: {waiting}") }</h2></div>
                    <p>{ "Sincroniza antes de cerrar, para que el cierre los cuente." }</p>
                </section>
            }
            if closings.is_some() && closed.is_none() {
                <CloseDay {date} waiting={waiting > 0} />
            }
        </Page>
    }
}

#[derive(Properties, PartialEq)]
struct LoadCloseProps {
    load: Record,
}

/// The load: weighed at its end, closed offline too.
#[component]
fn LoadClose(props: &LoadCloseProps) -> Html {
    let load = &props.load;
    let figures = data::use_load(load.0.id());
    let returned = use_state(String::new);
    let error = use_state(|| None::<AttrValue>);
    let asked = use_state(|| None::<Quantity>);
    let Some(figures) = ready(figures).and_then(|figures| (*figures).clone()) else {
        return Html::default();
    };
    let closed = text(load, "estado") == "cerrado";
    let left = figures.kilos_restantes.max(Quantity::ZERO);
    let ask = {
        let (returned, error, asked) = (returned.clone(), error.clone(), asked.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match typed_kilos(&returned) {
                Ok(Some(kilos)) => {
                    error.set(None);
                    asked.set(Some(kilos));
                }
                Ok(None) => error.set(Some(NOTHING_TYPED.into())),
                Err(fault) => error.set(Some(fault.0.into())),
            }
        })
    };
    let keep = {
        let asked = asked.setter();
        Callback::from(move |()| asked.set(None))
    };
    let typed = {
        let returned = returned.setter();
        Callback::from(move |text| returned.set(text))
    };
    html! {
        <section class="card" aria-label="Carga">
            <h2>{ format!("Carga · {}", text(load, "puntoVenta")) }</h2>
            <dl class="pairs">
                { pair("Asignado", kilos(figures.kilos_asignados)) }
                { pair("Vendido", kilos(figures.kilos_vendidos)) }
                if closed {
                    { pair("Devuelto", kilos_of(load, "kilosDevueltos")) }
                } else {
                    { total_pair("Por devolver", kilos(left)) }
                }
            </dl>
            if closed {
                <p class="badge good">{ "Carga cerrada" }</p>
            } else {
                <form class="stack" onsubmit={ask} novalidate=true>
                    <Field id="returned" label="Kilos devueltos" kind={Kind::Kilos} value={(*returned).clone()}
                        hint="Lo que pesa lo que traes de vuelta." oninput={typed} error={(*error).clone()} />
                    <Button submit=true text="Cerrar carga" full=true />
                </form>
            }
            if let Some(returned) = (*asked).filter(|_| !closed) {
                <ConfirmClose load={load.clone()} {left} {returned} onclose={keep} />
            }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct ConfirmCloseProps {
    load: Record,
    /// What should come back.
    left: Quantity,
    /// What was weighed.
    returned: Quantity,
    onclose: Callback<()>,
}

/// Asks with what is missing or too much before a load is closed for good.
#[component]
fn ConfirmClose(props: &ConfirmCloseProps) -> Html {
    let (writer, toaster) = (use_writer(), use_toaster());
    let action = use_action();
    let onconfirm = {
        let (action, load) = (action.clone(), props.load.clone());
        let (returned, onclose) = (props.returned, props.onclose.clone());
        Callback::from(move |()| {
            let data = object([
                ("estado".to_owned(), json!("cerrado")),
                ("kilosDevueltos".to_owned(), returned.to_json()),
            ]);
            let (toaster, onclose) = (toaster.clone(), onclose.clone());
            let closed = move |_: String| {
                onclose.emit(());
                toaster.say("Carga cerrada");
            };
            let Some(done) = action.start(closed) else { return };
            writer.update(&load, data, done);
        })
    };
    let (left, returned) = (props.left, props.returned);
    html! {
        <ConfirmSheet title={close_question(left, returned)} action="Cerrar carga" busy={action.busy()}
            error={action.error()} {onconfirm} onclose={props.onclose.clone()}>
            <dl class="pairs">
                { pair("Por devolver", kilos(left)) }
                { pair("Devuelves", kilos(returned)) }
            </dl>
            <p>{ "Después no se puede abrir otra vez." }</p>
        </ConfirmSheet>
    }
}

/// "Faltan 56.545 kg. ¿Cerrar la carga?"
fn close_question(left: Quantity, returned: Quantity) -> String {
    match left.cmp(&returned) {
        Ordering::Greater => format!("Faltan {}. ¿Cerrar la carga?", kilos(left - returned)),
        Ordering::Less => {
            format!("Devuelves {} más de lo que queda. ¿Cerrar la carga?", kilos(returned - left))
        }
        Ordering::Equal => "¿Cerrar la carga?".to_owned(),
    }
}

const NOTHING_TYPED: &str = "Escribe los kilos que devuelves. Si no queda nada, escribe 0.";

#[derive(Properties, PartialEq)]
struct CloseDayProps {
    date: String,
    waiting: bool,
}

/// The closing itself: the server counts, so it needs the network.
#[component]
fn CloseDay(props: &CloseDayProps) -> Html {
    let (api, toaster) = (use_api(), use_toaster());
    let counted = use_state(String::new);
    let action = use_action();
    let close = {
        let (counted, action) = (counted.clone(), action.clone());
        let date = props.date.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let cash = match typed_money(&counted) {
                Ok(Some(cash)) => cash,
                Ok(None) => return action.refuse("Escribe cuánto efectivo entregas."),
                Err(fault) => return action.refuse(fault.0),
            };
            let toaster = toaster.clone();
            let closed = move |_: JsonObject| toaster.say("Día cerrado");
            let Some(done) = action.start(closed) else { return };
            let data = object([
                ("closingDate".to_owned(), json!(date)),
                ("cashCounted".to_owned(), json!(cash)),
            ]);
            api.close_day(data, done);
        })
    };
    let typed = {
        let counted = counted.setter();
        Callback::from(move |text| counted.set(text))
    };
    html! {
        <section class="card" aria-label="Cerrar el día">
            <h2>{ "Cerrar el día" }</h2>
            <form class="stack" onsubmit={close} novalidate=true>
                <Field id="counted" label="Efectivo que entregas" kind={Kind::Money} value={(*counted).clone()}
                    oninput={typed} error={action.error()} hint="El cierre necesita conexión." />
                <Button submit=true text="Cerrar el día" full=true look={Look::Primary}
                    disabled={action.busy() || props.waiting} />
            </form>
        </section>
    }
}
