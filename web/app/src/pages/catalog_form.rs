//! The sheet in which an administrator makes or changes a product or a way it is sold.

use protocol::{Entity, JsonObject};
use serde_json::{Value, json};
use yew::prelude::*;

use super::catalog::is_sold;
use super::online::use_api;
use super::source::use_writer;
use super::trouble::RecordTrouble;
use crate::components::{Button, Choice, Field, Kind, Look, Segments, Sheet, use_toaster};
use crate::format::{Record, text, typed_money};
use crate::forms::use_action;

/// What is being changed; `None` is a new one.
#[derive(Clone, PartialEq)]
pub(super) enum Edited {
    /// A product, written online only.
    Product(Option<Record>),
    /// A way in which this product is sold.
    Variant(Record, Option<Record>),
}

#[derive(Properties, PartialEq)]
pub(super) struct GoodFormProps {
    pub(super) edited: Edited,
    pub(super) onclose: Callback<()>,
}

#[component]
pub(super) fn GoodForm(props: &GoodFormProps) -> Html {
    let (api, writer, toaster) = (use_api(), use_writer(), use_toaster());
    let before = Typed::of(props.edited.record());
    let typed = use_state(|| before.clone());
    let action = use_action();
    let edited = props.edited.clone();
    let onsubmit = {
        let (typed, action) = (typed.clone(), action.clone());
        let (edited, onclose) = (edited.clone(), props.onclose.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let data = match typed.changes(&before, &edited) {
                Ok(data) if data.is_empty() => return onclose.emit(()),
                Ok(data) => data,
                Err(why) => return action.refuse(why),
            };
            let (onclose, toaster) = (onclose.clone(), toaster.clone());
            let saved = move |_: String| {
                toaster.say("Catálogo guardado");
                onclose.emit(());
            };
            let Some(done) = action.start(saved) else { return };
            match &edited {
                Edited::Product(product) => api.save_product(product.clone(), data, done),
                Edited::Variant(_, Some(variant)) => writer.update(variant, data, done),
                Edited::Variant(_, None) => writer.insert(Entity::ProductVariants, data, done),
            }
        })
    };
    let set = |change: fn(&mut Typed, String)| {
        let typed = typed.clone();
        Callback::from(move |text: String| {
            let mut next = (*typed).clone();
            change(&mut next, text);
            typed.set(next);
        })
    };
    let chosen = |change| set(change).reform(|value: AttrValue| value.to_string());
    let is_product = matches!(edited, Edited::Product(_));
    html! {
        <Sheet title={edited.title()} onclose={props.onclose.clone()}>
            if let Edited::Variant(_, Some(record)) = &edited {
                <RecordTrouble record={record.clone()} />
            }
            <form class="stack loose" {onsubmit} novalidate=true>
                <Field id="good-name" label="Nombre" value={typed.name.clone()} max_length={100} autofocus=true
                    oninput={set(|typed, text| typed.name = text)} />
                if is_product {
                    <Segments label="Tipo" value={typed.kind.clone()} onchange={chosen(|typed, value| typed.kind = value)}
                        choices={Choice::list(&[("pollo", "Pollo"), ("huevo", "Huevo"), ("otro", "Otro")])} />
                    <Segments label="Se vende por" value={typed.unit.clone()} onchange={chosen(|typed, value| typed.unit = value)}
                        choices={Choice::list(&[("kg", "Kilo"), ("unidad", "Unidad")])} />
                } else {
                    <Field id="good-sku" label="Código" value={typed.sku.clone()} max_length={50}
                        hint="Puede quedar vacío." oninput={set(|typed, text| typed.sku = text)} />
                }
                <Field id="good-price" label={if is_product { "Precio base" } else { "Precio" }} kind={Kind::Money}
                    value={typed.price.clone()} oninput={set(|typed, text| typed.price = text)} />
                <Segments label="Estado" value={typed.sold.clone()} onchange={chosen(|typed, value| typed.sold = value)}
                    choices={Choice::list(&[(SOLD, "Se vende"), ("no", "No se vende")])} />
                if is_product {
                    <p class="hint">{ "Un producto se guarda con conexión." }</p>
                }
                { action.fault() }
                <Button submit=true full=true look={Look::Primary} text="Guardar" disabled={action.busy()} />
            </form>
        </Sheet>
    }
}

impl Edited {
    fn record(&self) -> Option<&Record> {
        match self {
            Self::Product(record) | Self::Variant(_, record) => record.as_ref(),
        }
    }

    fn title(&self) -> String {
        match (self, self.record()) {
            (_, Some(record)) => format!("Editar {}", text(record, "name")),
            (Self::Product(_), None) => "Nuevo producto".to_owned(),
            (Self::Variant(product, _), None) => {
                format!("Nueva presentación de {}", text(product, "name"))
            }
        }
    }
}

/// What is typed.
#[derive(Debug, Clone, PartialEq)]
struct Typed {
    name: String,
    kind: String,
    unit: String,
    sku: String,
    price: String,
    sold: String,
}

impl Typed {
    fn of(record: Option<&Record>) -> Self {
        let text_or = |field: &str, none: &str| {
            let known = record.map(|record| text(record, field)).filter(|text| !text.is_empty());
            known.unwrap_or(none).to_owned()
        };
        // A product has a base price, a way to sell it a price.
        let price = text_or("price", &text_or("basePrice", ""));
        Self {
            name: text_or("name", ""),
            kind: text_or("type", "pollo"),
            unit: text_or("unit", "kg"),
            sku: text_or("sku", ""),
            price,
            sold: if record.is_none_or(is_sold) { SOLD } else { "no" }.to_owned(),
        }
    }

    /// For a new one all that was typed, else only what differs; null clears.
    fn changes(&self, before: &Self, edited: &Edited) -> Result<JsonObject, String> {
        if self.name.trim().is_empty() {
            return Err("Escribe el nombre.".to_owned());
        }
        let new = edited.record().is_none();
        let price = typed_money(&self.price).map_err(|fault| fault.0.to_owned())?;
        let price = price.map_or(Value::Null, protocol::Money::to_json);
        let sku = Some(self.sku.trim()).filter(|sku| !sku.is_empty());
        let mut data = JsonObject::new();
        let mut put = |field: &str, differs: bool, value: Value| {
            if (new && !value.is_null()) || (!new && differs) {
                data.insert(field.to_owned(), value);
            }
        };
        put("name", self.name.trim() != before.name, json!(self.name.trim()));
        put("isActive", self.sold != before.sold, json!(self.sold == SOLD));
        let costs = self.price.trim() != before.price;
        match edited {
            Edited::Product(_) => {
                put("type", self.kind != before.kind, json!(self.kind));
                put("unit", self.unit != before.unit, json!(self.unit));
                put("basePrice", costs, price);
            }
            Edited::Variant(product, _) => {
                put("productId", false, json!(product.0.id()));
                put("sku", self.sku.trim() != before.sku, json!(sku));
                put("price", costs, price);
            }
        }
        Ok(data)
    }
}

const SOLD: &str = "yes";
