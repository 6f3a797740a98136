//! Catálogo: what is sold, and at what price; an administrator changes it.

use protocol::arrange;
use serde_json::json;
use yew::prelude::*;

use super::catalog_form::{Edited, GoodForm};
use super::source::{use_me, use_products, use_variants};
use crate::components::{EmptyState, Page, RecordBadge, icon, skeleton_rows};
use crate::data::VariantFilter;
use crate::format::{Record, soles_of, text, whole};

#[component]
pub(crate) fn Catalog() -> Html {
    let (products, variants) = (use_products(), use_variants(VariantFilter::default()));
    let is_admin = use_me().is_admin();
    let edited = use_state(|| None::<Edited>);
    // What is sold no more is an administrator's affair.
    let shown = |good: &&Record| is_admin || is_sold(good);
    let mut all: Vec<Record> =
        products.iter().flat_map(|products| products.iter()).filter(shown).cloned().collect();
    let name = |product: &Record| domain::fold(text(product, "name"));
    arrange(&mut all, |one, other| name(one).cmp(&name(other)));
    let of = |product: &Record| -> Vec<Record> {
        let mut of: Vec<Record> = variants
            .iter()
            .flat_map(|variants| variants.iter())
            .filter(shown)
            .filter(|variant| text(variant, "productId") == text(product, "id"))
            .cloned()
            .collect();
        arrange(&mut of, |one, other| whole(one, "sortOrder").cmp(&whole(other, "sortOrder")));
        of
    };
    let show = |what: Option<Edited>| {
        let edited = edited.setter();
        Callback::from(move |()| edited.set(what.clone()))
    };
    let button = |mark: &'static str, label: String, what: Edited| {
        if !is_admin {
            return Html::default();
        }
        html! {
            <button type="button" class="icon-button" aria-label={label}
                onclick={show(Some(what)).reform(|_: MouseEvent| ())}>{ icon(mark) }</button>
        }
    };
    let named = |what: &str, good: &Record| format!("{what} {}", text(good, "name"));
    html! {
        <Page title="Catálogo" up={crate::router::Route::More}
            end={button("plus", "Nuevo producto".to_owned(), Edited::Product(None))}>
            if products.is_none() {
                { skeleton_rows(4) }
            } else if all.is_empty() {
                <EmptyState icon="catalog" title="El catálogo está vacío"
                    text="Los productos llegan del servidor; con conexión aparecen aquí." />
            }
            { for all.iter().map(|product| html! {
                <section class="stack" key={text(product, "id").to_owned()} aria-label={text(product, "name").to_owned()}>
                    <div class="row">
                        <h2 class="grow">{ text(product, "name") }</h2>
                        { sold_note(product) }
                        { button("edit", named("Editar", product), Edited::Product(Some(product.clone()))) }
                        { button("plus", named("Agregar presentación a", product), Edited::Variant(product.clone(), None)) }
                    </div>
                    <ul class="list">
                        { for of(product).iter().map(|variant| {
                            let edit = Edited::Variant(product.clone(), Some(variant.clone()));
                            row(product, variant, button("edit", named("Editar", variant), edit))
                        }) }
                    </ul>
                </section>
            }) }
            if let Some(edited) = &*edited {
                <GoodForm edited={edited.clone()} onclose={show(None)} />
            }
        </Page>
    }
}

fn row(product: &Record, variant: &Record, edit: Html) -> Html {
    let id = text(variant, "id").to_owned();
    let unit = if text(product, "unit") == "unidad" { "und" } else { "kg" };
    html! {
        <li key={id} class="item">
            <span class="grow">
                <span class="strong">{ text(variant, "name") }</span>
                <br /><span class="soft small">{ text(variant, "sku") }</span>
                { sold_note(variant) }
            </span>
            <span class="right stack">
                <span class="figure strong">{ format!("{} / {unit}", soles_of(variant, "price")) }</span>
                <RecordBadge status={text(variant, "syncStatus").to_owned()} />
            </span>
            { edit }
        </li>
    }
}

/// What says nothing is sold.
pub(super) fn is_sold(good: &Record) -> bool {
    good.get("isActive") != Some(&json!(false))
}

fn sold_note(good: &Record) -> Html {
    if is_sold(good) {
        return Html::default();
    }
    html! { <span class="soft small">{ " No se vende" }</span> }
}
