//! Sheets from which a customer or a product is picked.

use protocol::{Entity, JsonObject, arrange};
use serde_json::json;
use yew::prelude::*;

use super::catalog::is_sold;
use super::ledger::find;
use super::source::{use_customers, use_products, use_variants, use_writer};
use crate::components::{Button, Field, Kind, Sheet, avatar, icon};
use crate::data::{CustomerFilter, VariantFilter};
use crate::format::{Record, soles_of, text};
use crate::forms::use_action;

#[derive(Properties, PartialEq)]
pub(super) struct PickerProps {
    /// The id of what was picked; empty for the "cliente genérico".
    pub(super) onpick: Callback<String>,
    pub(super) onclose: Callback<()>,
}

#[component]
pub(super) fn CustomerPicker(props: &PickerProps) -> Html {
    let writer = use_writer();
    let search = use_state(String::new);
    let action = use_action();
    let filter = CustomerFilter { search: (*search).clone(), ..CustomerFilter::default() };
    let found = use_customers(filter);
    let add = {
        let (name, action, onpick) =
            (search.trim().to_owned(), action.clone(), props.onpick.clone());
        Callback::from(move |()| {
            let onpick = onpick.clone();
            let Some(done) = action.start(move |id: String| onpick.emit(id)) else { return };
            let mut data = JsonObject::new();
            data.insert("name".to_owned(), json!(name));
            writer.insert(Entity::Customers, data, done);
        })
    };
    let typed = {
        let search = search.setter();
        Callback::from(move |text| search.set(text))
    };
    let pick = |id: String| props.onpick.reform(move |_: MouseEvent| id.clone());
    html! {
        <Sheet title="Elegir cliente" onclose={props.onclose.clone()}>
            <Field id="picker-search" label="Buscar cliente" label_hidden=true kind={Kind::Search}
                placeholder="Nombre o DNI" value={(*search).clone()} oninput={typed}
                error={action.error()} autofocus=true />
            <ul class="list">
                if search.is_empty() {
                    <li>
                        <button type="button" class="item" onclick={pick(String::new())}>
                            { icon("customer") }<span class="strong">{ "Cliente genérico" }</span>
                        </button>
                    </li>
                }
                { for found.iter().flat_map(|found| found.iter()).take(SHOWN_MAX).map(|customer| html! {
                    <li key={customer.row.id().to_owned()}>
                        <button type="button" class="item" onclick={pick(customer.row.id().to_owned())}>
                            { avatar(customer.row.text("name")) }
                            <span class="grow strong">{ customer.row.text("name") }</span>
                        </button>
                    </li>
                }) }
            </ul>
            if search.trim().chars().count() > 1 {
                <Button text={format!("Agregar a «{}»", search.trim())} icon="add-customer" full=true
                    disabled={action.busy()} onclick={add} />
            }
        </Sheet>
    }
}

#[component]
pub(super) fn VariantPicker(props: &PickerProps) -> Html {
    let (products, variants) = (use_products(), use_variants(VariantFilter::default()));
    let sold = use_memo((products, variants), |(products, variants)| {
        let all = variants.iter().flat_map(|variants| variants.iter());
        let mut sold: Vec<(String, String, Record)> = all
            .filter(|variant| is_sold(variant))
            .filter_map(|variant| {
                let product = find(products.as_ref(), text(variant, "productId"));
                if product.as_ref().is_some_and(|product| !is_sold(product)) {
                    return None;
                }
                let of =
                    |field| product.as_ref().map_or("", |product| text(product, field)).to_owned();
                Some((of("name"), of("unit"), variant.clone()))
            })
            .collect();
        arrange(&mut sold, |(of_one, _, one), (of_other, _, other)| {
            let place = |variant| crate::format::whole(variant, "sortOrder");
            of_one
                .cmp(of_other)
                .then_with(|| place(one).cmp(&place(other)))
                .then_with(|| text(one, "name").cmp(text(other, "name")))
        });
        sold
    });
    html! {
        <Sheet title="Elegir producto" onclose={props.onclose.clone()}>
            if sold.is_empty() {
                <p class="soft">{ "El catálogo todavía no ha llegado a este teléfono." }</p>
            }
            <ul class="list">
                { for sold.iter().map(|(product, unit, variant)| {
                    let id = text(variant, "id").to_owned();
                    let per = if unit == "unidad" { "und" } else { "kg" };
                    html! {
                        <li key={id.clone()}>
                            <button type="button" class="item"
                                onclick={props.onpick.reform(move |_: MouseEvent| id.clone())}>
                                <span class="grow">
                                    <span class="strong">{ text(variant, "name") }</span><br />
                                    <span class="soft small">{ product }</span>
                                </span>
                                <span class="figure">{ format!("{} / {per}", soles_of(variant, "price")) }</span>
                            </button>
                        </li>
                    }
                }) }
            </ul>
        </Sheet>
    }
}

const SHOWN_MAX: usize = 30;
