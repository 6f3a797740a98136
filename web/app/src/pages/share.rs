//! A receipt or a statement, shared by the phone's own means, by `WhatsApp`, by copying, on paper.

use protocol::{JsonObject, Money};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use super::ledger::SaleDebt;
use super::sale_draft::weights;
use super::statement::balance_line;
use crate::components::{Button, Look, Sheet, use_toaster};
use crate::format::{
    Record, dated_text, instant, items, kilos, now, soles, soles_of, text, units_of,
};

#[derive(Properties, PartialEq)]
pub(super) struct ShareProps {
    pub(super) title: AttrValue,
    pub(super) text: String,
    pub(super) onclose: Callback<()>,
}

#[component]
pub(super) fn Share(props: &ShareProps) -> Html {
    let toaster = use_toaster();
    let share = {
        let (title, text) = (props.title.clone(), props.text.clone());
        Callback::from(move |()| share_natively(&title, &text))
    };
    let copy = {
        let (text, toaster) = (props.text.clone(), toaster.clone());
        Callback::from(move |()| copy_text(&text, toaster.clone()))
    };
    let print = Callback::from(|()| {
        if let Some(window) = web_sys::window() {
            // A browser that cannot print says so itself.
            drop(window.print());
        }
    });
    let link = format!("https://wa.me/?text={}", js_sys::encode_uri_component(&props.text));
    html! {
        <Sheet title={props.title.clone()} onclose={props.onclose.clone()}>
            <p class="receipt">{ &props.text }</p>
            <div class="actions no-print">
                if can_share() {
                    <Button text="Compartir" icon="share" look={Look::Primary} onclick={share} />
                }
                <a class="button" href={link} target="_blank" rel="noopener noreferrer">{ "WhatsApp" }</a>
                <Button text="Copiar" icon="copy" onclick={copy} />
                <Button text="Imprimir" icon="print" onclick={print} />
            </div>
        </Sheet>
    }
}

fn can_share() -> bool {
    let navigator = web_sys::window().map(|window| window.navigator());
    navigator
        .is_some_and(|navigator| js_sys::Reflect::has(&navigator, &"share".into()).unwrap_or(false))
}

fn share_natively(title: &str, text: &str) {
    let Some(window) = web_sys::window() else { return };
    let data = web_sys::ShareData::new();
    data.set_title(title);
    data.set_text(text);
    let shared = window.navigator().share_with_data(&data);
    // Whether he chose somebody or closed it again is his affair.
    spawn_local(async move { drop(JsFuture::from(shared).await) });
}

/// Copies, and says whether it worked.
pub(super) fn copy_text(text: &str, toaster: crate::components::Toaster) {
    let Some(window) = web_sys::window() else { return };
    let copied = window.navigator().clipboard().write_text(text);
    spawn_local(async move {
        match JsFuture::from(copied).await {
            Ok(_) => toaster.say("Copiado"),
            Err(_) => toaster.say("No se pudo copiar"),
        }
    });
}

/// A sale as a customer gets it.
pub(super) fn sale_receipt(
    sale: &Record,
    debt: SaleDebt,
    customer: &str,
    business: &str,
) -> String {
    let mut lines = vec![business.to_owned(), "Recibo de venta".to_owned()];
    lines.extend(instant(sale, "saleDate").map(dated_text));
    lines.push(format!("Cliente: {customer}"));
    lines.push(String::new());
    lines.extend(items(sale).map(item_line));
    lines.push(String::new());
    lines.extend(weights(sale).iter().map(|(name, weight)| format!("{name}: {}", kilos(*weight))));
    lines.push(format!("Total: {}", soles_of(sale, "totalAmount")));
    lines.push(format!("Pagado: {}", soles_of(sale, "amountPaid")));
    let (left, covered) = debt.amounts();
    if covered > Money::ZERO {
        lines.push(format!("Cubierto con abonos: {}", soles(covered)));
    }
    if debt != SaleDebt::None {
        lines.push(format!("Queda debiendo: {}", soles(left)));
        // What is left depends on the day on which it is asked.
        lines.push(format!("Emitido: {}", dated_text(now())));
    }
    lines.join("\n")
}

/// A line of a sale: `Pollo Entero: 7.5 × S/ 11.20 = S/ 84.00`.
pub(super) fn item_line(item: &JsonObject) -> String {
    let name = format!("{} {}", text(item, "productName"), text(item, "variantName"));
    let amount = units_of(item, "quantity", "kg").replace("\u{a0}kg", "");
    let price = soles_of(item, "unitPrice");
    format!("{}: {amount} × {price} = {}", name.trim(), soles_of(item, "subtotal"))
}

/// A payment as a customer gets it.
pub(super) fn abono_receipt(abono: &Record, customer: &str, debt: Money, business: &str) -> String {
    let when = instant(abono, "createdAt").map(dated_text);
    [
        business.to_owned(),
        "Recibo de abono".to_owned(),
        when.unwrap_or_default(),
        format!("Cliente: {customer}"),
        format!("Abono: {} ({})", soles_of(abono, "amount"), text(abono, "paymentMethod")),
        balance_line(debt),
        format!("Emitido: {}", dated_text(now())),
    ]
    .join("\n")
}
