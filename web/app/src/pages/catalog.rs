//! Catálogo: what is sold, and at what price.

use protocol::{arrange, object};
use serde_json::json;
use yew::prelude::*;

use super::source::{use_me, use_products, use_variants, use_writer};
use crate::components::{
    Button, EmptyState, Field, Icon, Kind, Look, Page, RecordBadge, Sheet, SkeletonRows,
    use_toaster,
};
use crate::data::VariantFilter;
use crate::format::{Record, money, soles, text, typed_money, whole};

#[component]
pub(crate) fn Catalog() -> Html {
    let (products, variants) = (use_products(), use_variants(VariantFilter::default()));
    let me = use_me();
    let edited = use_state(|| None::<Record>);
    let mut all: Vec<Record> =
        products.iter().flat_map(|products| products.iter()).cloned().collect();
    let name = |product: &Record| domain::fold(text(product, "name"));
    arrange(&mut all, |one, other| name(one).cmp(&name(other)));
    let of = |product: &Record| -> Vec<Record> {
        let mut of: Vec<Record> = variants
            .iter()
            .flat_map(|variants| variants.iter())
            .filter(|variant| text(variant, "productId") == text(product, "id"))
            .cloned()
            .collect();
        arrange(&mut of, |one, other| whole(one, "sortOrder").cmp(&whole(other, "sortOrder")));
        of
    };
    let is_admin = me.is_admin();
    let close = {
        let edited = edited.setter();
        Callback::from(move |()| edited.set(None))
    };
    html! {
        <Page title="Catálogo" up={crate::router::Route::More}>
            if products.is_none() {
                <SkeletonRows />
            } else if all.is_empty() {
                <EmptyState icon="catalog" title="El catálogo está vacío"
                    text="Los productos llegan del servidor; con conexión aparecen aquí." />
            }
            { for all.iter().map(|product| html! {
                <section class="stack" key={text(product, "id").to_owned()} aria-label={text(product, "name").to_owned()}>
                    <h2>{ text(product, "name") }</h2>
                    <ul class="list">
                        { for of(product).iter().map(|variant| row(product, variant, is_admin, &edited)) }
                    </ul>
                </section>
            }) }
            if let Some(variant) = &*edited {
                <EditPrice variant={variant.clone()} onclose={close} />
            }
        </Page>
    }
}

fn row(
    product: &Record,
    variant: &Record,
    is_admin: bool,
    edited: &UseStateHandle<Option<Record>>,
) -> Html {
    let id = text(variant, "id").to_owned();
    let unit = if text(product, "unit") == "unidad" { "und" } else { "kg" };
    let edit = {
        let (edited, variant) = (edited.setter(), variant.clone());
        Callback::from(move |_: MouseEvent| edited.set(Some(variant.clone())))
    };
    html! {
        <li key={id} class="item">
            <span class="grow">
                <span class="strong">{ text(variant, "name") }</span>
                <br /><span class="soft small">{ text(variant, "sku") }</span>
            </span>
            <RecordBadge status={text(variant, "syncStatus").to_owned()} />
            <span class="figure strong">{ format!("{} / {unit}", soles(money(variant, "price"))) }</span>
            if is_admin {
                <button type="button" class="icon-button" onclick={edit}
                    aria-label={format!("Cambiar precio de {}", text(variant, "name"))}>
                    <Icon name="edit" />
                </button>
            }
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct EditPriceProps {
    variant: Record,
    onclose: Callback<()>,
}

#[component]
fn EditPrice(props: &EditPriceProps) -> Html {
    let (writer, toaster) = (use_writer(), use_toaster());
    let price = use_state(|| text(&props.variant, "price").to_owned());
    let error = use_state(|| None::<AttrValue>);
    let onsubmit = {
        let (price, error, onclose) = (price.clone(), error.clone(), props.onclose.clone());
        let variant = props.variant.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let amount = match typed_money(&price) {
                Ok(Some(amount)) => amount,
                Ok(None) => return error.set(Some("Escribe el precio.".into())),
                Err(fault) => return error.set(Some(fault.0.into())),
            };
            let data = object([("price".to_owned(), json!(amount))]);
            let (error, onclose, toaster) = (error.clone(), onclose.clone(), toaster.clone());
            let done = Callback::from(move |done: Result<String, String>| match done {
                Ok(_) => {
                    toaster.say("Precio guardado");
                    onclose.emit(());
                }
                Err(why) => error.set(Some(why.into())),
            });
            writer.update(&variant, data, done);
        })
    };
    let typed = {
        let price = price.setter();
        Callback::from(move |text| price.set(text))
    };
    let name = text(&props.variant, "name");
    html! {
        <Sheet title={format!("Precio de {name}")} onclose={props.onclose.clone()}>
            <form class="stack loose" {onsubmit} novalidate=true>
                <Field id="variant-price" label="Precio" kind={Kind::Money} value={(*price).clone()}
                    oninput={typed} error={(*error).clone()} autofocus=true />
                <Button submit=true full=true look={Look::Primary} text="Guardar precio" />
            </form>
        </Sheet>
    }
}
