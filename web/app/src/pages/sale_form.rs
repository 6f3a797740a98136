//! Nueva venta, and a sale corrected: products, customer, how it is paid.

use domain::{StockVerdict, check_stock};
use protocol::{Entity, JsonObject, Money};
use serde_json::json;
use web_sys::Element;
use yew::prelude::*;

use super::draft::{Draft, NewForm, use_draft};
use super::ledger::{find, use_load_of, use_units};
use super::line_card::{line_card, pending_weighing, subtracted_tara};
use super::pickers::{CustomerPicker, VariantPicker};
use super::sale_draft::SaleDraft;
use super::sale_line::{Line, PendingWeighing};
use super::source::{
    One, new_id, use_me, use_one, use_products, use_sales, use_variants, use_writer,
};
use crate::components::{
    Button, Choice, EmptyState, ErrorState, Field, Kind, Look, Page, Segments, Toaster, icon,
    skeleton_rows, use_toaster,
};
use crate::data::{SaleFilter, VariantFilter};
use crate::format::{Record, now, soles, text, today, typed_money};
use crate::forms::{screen_changed, use_action};
use crate::router::{Link, Route, forget_parameters, parameter, replace};

/// What is open above the form.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Open {
    Nothing,
    Customers,
    Products,
}

#[component]
pub(crate) fn NewSale() -> Html {
    html! {
        <Page title="Nueva venta" up={Route::Sales}>
            <NewForm entity={Entity::Sales} name="venta/nueva"><SaleForm /></NewForm>
        </Page>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct EditSaleProps {
    pub(crate) id: String,
}

#[component]
pub(crate) fn EditSale(props: &EditSaleProps) -> Html {
    let (sale, products) = (use_one(Entity::Sales, &props.id), use_products());
    let is_read = products.is_some() && sale != One::Reading;
    html! {
        <Page title="Corregir venta" up={Route::Sale(props.id.clone())}>
            if !is_read {
                { skeleton_rows(4) }
            } else if let One::Here(sale) = sale {
                <SaleForm {sale} />
            } else {
                <ErrorState icon="warning" title="Esta venta no está aquí"
                    text="Puede haber sido eliminada, o no haber llegado todavía.">
                    <Link to={Route::Sales} class="button">{ "Ver ventas" }</Link>
                </ErrorState>
            }
        </Page>
    }
}

#[derive(Properties, PartialEq)]
struct SaleFormProps {
    /// The sale as it is; absent for a new one.
    #[prop_or_default]
    sale: Option<Record>,
}

#[component]
fn SaleForm(props: &SaleFormProps) -> Html {
    let (me, writer, toaster) = (use_me(), use_writer(), use_toaster());
    let (products, variants) = (use_products(), use_variants(VariantFilter::default()));
    let units = use_units();
    let own = use_load_of(&me.id, today());
    let named = props.sale.as_ref().map_or("", |sale| text(sale, "distribucionId")).to_owned();
    let named = use_one(Entity::Distribuciones, &named);
    let id = props.sale.as_ref().map(|sale| text(sale, "id").to_owned());
    let form = format!("venta/{}", id.as_deref().unwrap_or("nueva"));
    let draft = use_draft(&me.id, &form, id.is_some(), || match &props.sale {
        Some(sale) => SaleDraft::of(sale, products.as_ref()),
        None => SaleDraft { id: new_id(), ..SaleDraft::default() },
    });
    let open = use_state(|| {
        let is_weighed = matches!(PendingWeighing::of_address(), Ok(Some(_)));
        let is_waiting = is_weighed || draft.get().weighing.is_some();
        if is_waiting { Open::Products } else { Open::Nothing }
    });
    use_parameters(&draft, &toaster);
    let action = use_action();
    let seen = use_state(|| false);
    let sale = draft.get().clone();
    let customer = use_one(Entity::Customers, &sale.client);
    let load = match &props.sale {
        Some(_) => named.here().cloned(),
        None => own.filter(|load| text(load, "estado") != "cerrado"),
    };
    // A load that is not there names no sales.
    let of_load = load.as_ref().map_or("-", |load| load.0.id()).to_owned();
    let sales = use_sales(SaleFilter { distribucion: Some(of_load), ..SaleFilter::default() });
    let verdict = match (&load, sale.payload()) {
        (Some(load), Ok(mut taken)) => {
            taken.insert("id".to_owned(), json!(id.as_deref().unwrap_or("")));
            let sold = sales.iter().flat_map(|sales| sales.iter()).map(|sale| &**sale);
            check_stock(load, sold, &taken, &units)
        }
        _ => StockVerdict::None,
    };
    let blocked = matches!(verdict, StockVerdict::Block(_));
    let warned = matches!(verdict, StockVerdict::Warn(_));
    let unseen = warned && !*seen;
    let note = use_node_ref();
    let onsubmit = {
        let (draft, action, seen) = (draft.clone(), action.clone(), seen.clone());
        let load = load.as_ref().map(|load| text(load, "id").to_owned());
        let (before, note) = (props.sale.clone(), note.clone());
        let toaster = toaster.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if blocked {
                return;
            }
            let mut data = match draft.get().payload() {
                Ok(data) => data,
                Err(why) => return action.refuse(why),
            };
            if unseen {
                if let Some(note) = note.cast::<Element>() {
                    note.scroll_into_view();
                }
                screen_changed();
                return seen.set(true);
            }
            let own = draft.get().id.clone();
            let (draft, toaster) = (draft.clone(), toaster.clone());
            let saved = move |id: String| {
                draft.forget();
                toaster.say("Venta guardada");
                replace(&Route::Sale(id));
            };
            let Some(done) = action.start(saved) else { return };
            if let Some(before) = &before {
                clear_absent(&mut data, before);
                writer.update(before, data, done);
            } else {
                data.insert("id".to_owned(), json!(own));
                data.insert("saleDate".to_owned(), json!(now()));
                if let Some(load) = &load {
                    data.insert("distribucionId".to_owned(), json!(load));
                }
                writer.insert(Entity::Sales, data, done);
            }
        })
    };
    let list_price = |line: &Line| {
        let variant = find(variants.as_ref(), &line.variant);
        let listed = variant.map(|variant| Line::of(&variant, products.as_ref(), String::new()));
        listed.and_then(|listed| listed.price().ok()).unwrap_or_default()
    };
    let show = |what: Open| {
        let open = open.setter();
        Callback::from(move |()| open.set(what))
    };
    let pick_customer = {
        let (draft, open) = (draft.clone(), open.setter());
        Callback::from(move |client: String| {
            draft.change(|sale| sale.client = client);
            open.set(Open::Nothing);
        })
    };
    let pick_variant = {
        let (draft, open, variants) = (draft.clone(), open.setter(), variants.clone());
        let (products, toaster) = (products.clone(), toaster.clone());
        Callback::from(move |variant: String| {
            if let Some(variant) = find(variants.as_ref(), &variant) {
                let mut line = Line::of(&variant, products.as_ref(), new_id());
                draft.change(|sale| {
                    if line.by_piece() && sale.weighing.is_some() {
                        toaster.say("La pesada queda para un producto por kilo.");
                    } else if let Some(weighing) = sale.weighing.take() {
                        line.weigh(&weighing);
                    }
                    sale.lines.push(line);
                });
            }
            open.set(Open::Nothing);
        })
    };
    html! {
        <>
            <form class="stack loose" {onsubmit} novalidate=true>
                { customer_row(&sale, customer.here().map_or("", |customer| text(customer, "name")), &show(Open::Customers)) }
                { pending_weighing(&draft) }
                if sale.lines.is_empty() {
                    <EmptyState icon="scale" title="¿Qué lleva?" text="Elige un producto y pon los kilos.">
                        <Button text="Agregar producto" icon="plus" look={Look::Yolk}
                            onclick={show(Open::Products)} />
                    </EmptyState>
                } else {
                    { for sale.lines.iter().enumerate().map(|(at, line)| line_card(&draft, at, line, list_price(line))) }
                    <Button text="Agregar producto" icon="plus" full=true onclick={show(Open::Products)} />
                    { payment(&draft) }
                }
                if let Some(load) = &load {
                    <p class="soft small">{ format!("Sale de la carga de {}.", text(load, "puntoVenta")) }</p>
                }
                { stock_note(&verdict, &note) }
                <div class="sticky-end">
                    { action.fault() }
                    <div class="row spread">
                        <span class="soft">{ "Total" }</span>
                        <output class="big" aria-label="Total">{ soles(sale.total()) }</output>
                    </div>
                    <Button submit=true full=true look={Look::Primary} disabled={action.busy() || blocked}
                        text={if warned && *seen { "Guardar de todos modos" } else { "Guardar venta" }} />
                </div>
            </form>
            if *open == Open::Customers {
                <CustomerPicker onpick={pick_customer} onclose={show(Open::Nothing)} />
            }
            if *open == Open::Products {
                <VariantPicker onpick={pick_variant} onclose={show(Open::Nothing)} />
            }
        </>
    }
}

/// What the address asks for: a customer, and the calculator's weighing. The weighing is taken off
/// the address, since it is used once.
#[hook]
fn use_parameters(draft: &Draft<SaleDraft>, toaster: &Toaster) {
    let (draft, toaster) = (draft.clone(), toaster.clone());
    use_effect_with((), move |()| {
        let weighing = PendingWeighing::of_address().unwrap_or_else(|why| {
            toaster.say(why);
            None
        });
        forget_parameters(&PendingWeighing::PARAMETERS);
        let customer = parameter("cliente");
        if customer.is_none() && weighing.is_none() {
            return;
        }
        draft.change(|sale| {
            if let Some(customer) = customer {
                sale.client = customer;
            }
            if weighing.is_some() {
                sale.weighing = weighing;
            }
        });
    });
}

/// An update says nothing of what is absent, so what was there and is not any more is taken away.
fn clear_absent(data: &mut JsonObject, before: &JsonObject) {
    for field in ["clientId", "tara", "netWeight"] {
        if before.contains_key(field) {
            data.entry(field).or_insert(serde_json::Value::Null);
        }
    }
}

fn customer_row(sale: &SaleDraft, name: &str, onclick: &Callback<()>) -> Html {
    let name = match (sale.client.is_empty(), name) {
        (true, _) => "Cliente genérico",
        (false, "") => "Cliente",
        (false, name) => name,
    };
    html! {
        <button type="button" class="item card plain" onclick={onclick.reform(|_: MouseEvent| ())}>
            <span class="row spread">
                { icon("customer") }
                <span class="grow">
                    <span class="soft small">{ "Cliente" }</span><br />
                    <span class="strong">{ name.to_owned() }</span>
                </span>
                <span class="strong">{ "Cambiar" }</span>
            </span>
        </button>
    }
}

fn payment(draft: &Draft<SaleDraft>) -> Html {
    let sale = draft.get();
    let rest = sale.total() - sale.paid();
    let fault = typed_money(&sale.paid).err().map(|fault| AttrValue::from(fault.0));
    let too_much = rest.is_negative().then(|| AttrValue::from("Es más que el total."));
    html! {
        <>
            { subtracted_tara(draft) }
            <Segments label="Tipo de venta" choices={Choice::list(&[("contado", "Contado"), ("credito", "Crédito")])}
                value={if sale.credit { "credito" } else { "contado" }}
                onchange={draft.chosen(|sale, value| sale.credit = value == "credito")} />
            if sale.credit {
                <Field id="paid" label="Paga ahora" kind={Kind::Money} value={sale.paid.clone()}
                    hint={(rest > Money::ZERO).then(|| AttrValue::from(format!("Queda debiendo {}.", soles(rest))))}
                    error={fault.or(too_much)} oninput={draft.typed(|sale, text| sale.paid = text)} />
            }
        </>
    }
}

fn stock_note(verdict: &StockVerdict, note: &NodeRef) -> Html {
    let (class, title, short) = match verdict {
        StockVerdict::None => return Html::default(),
        StockVerdict::Warn(short) => ("warn", "Es más de lo que queda en tu carga", short),
        StockVerdict::Block(short) => ("alert", "No alcanza lo que queda en tu carga", short),
    };
    html! {
        <div ref={note} class={classes!("card", "note", class)} role="alert">
            <div class="row">{ icon("warning") }<h2 class="minor">{ title }</h2></div>
            { for short.iter().map(|short| html! { <p>{ short.text() }</p> }) }
        </div>
    }
}
