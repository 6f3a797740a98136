//! A line of a sale's form: kilos, tara, net weight and price; and the weighing that waits for its
//! product.

use protocol::Money;
use yew::prelude::*;

use super::draft::Draft;
use super::sale_draft::SaleDraft;
use super::sale_line::{Line, PendingWeighing};
use crate::components::{Field, Kind, icon};
use crate::format::{kilos, soles};

/// The fields of the line at this place of the sale.
/// `list` is the price of its product today.
pub(super) fn line_card(draft: &Draft<SaleDraft>, at: usize, line: &Line, list: Money) -> Html {
    let remove = {
        let draft = draft.clone();
        Callback::from(move |_: MouseEvent| draft.change(|sale| drop(sale.lines.remove(at))))
    };
    let label = match (line.by_piece(), line.is_net) {
        (true, _) => "Cantidad",
        (false, true) => "Kilos netos",
        (false, false) => "Kilos",
    };
    let kind = if line.by_piece() { Kind::Pieces } else { Kind::Kilos };
    html! {
        <fieldset class="card" key={line.id.clone()}>
            <legend class="hidden-text">{ line.name() }</legend>
            <div class="row spread">
                <h2 class="minor cut">{ line.name() }</h2>
                <button type="button" class="icon-button" onclick={remove}
                    aria-label={format!("Quitar {}", line.name())}>{ icon("delete") }</button>
            </div>
            <div class="two">
                <Field id={format!("quantity-{at}")} about={line.name()} {label} {kind} value={line.quantity.clone()}
                    autofocus={line.quantity.is_empty()} error={fault(&line.quantity, line.gross())}
                    oninput={draft.typed(move |sale, text| set_line(sale, at, |line| line.quantity = text))} />
                <Field id={format!("price-{at}")} label="Precio" kind={Kind::Money}
                    value={line.price.clone()} error={fault(&line.price, line.price())}
                    question={line.price_question(list)}
                    oninput={draft.typed(move |sale, text| set_line(sale, at, |line| line.price = text))} />
            </div>
            if line.has_tara() {
                <div class="two">
                    <Field id={format!("tara-{at}")} label="Tara" kind={Kind::Kilos} value={line.tara.clone()}
                        error={fault(&line.tara, line.tara())}
                        oninput={draft.typed(move |sale, text| set_line(sale, at, |line| line.tara = text))} />
                    <div class="field">
                        <span class="soft">{ "Neto" }</span>
                        <output class="figure strong" aria-label="Neto">
                            { line.net().map_or_else(|_| "—".to_owned(), kilos) }
                        </output>
                    </div>
                </div>
            }
            <div class="row spread">
                <span class="soft">{ "Subtotal" }</span>
                <span class="figure strong">{ soles(line.subtotal()) }</span>
            </div>
        </fieldset>
    }
}

/// A field that is still empty is not at fault.
fn fault<T>(typed: &str, read: Result<T, String>) -> Option<AttrValue> {
    read.err().filter(|_| !typed.trim().is_empty()).map(AttrValue::from)
}

fn set_line(sale: &mut SaleDraft, at: usize, change: impl FnOnce(&mut Line)) {
    if let Some(line) = sale.lines.get_mut(at) {
        change(line);
    }
}

/// The tara that is subtracted already: of a sale that is corrected, or of a draft of an earlier
/// version of the app.
pub(super) fn subtracted_tara(draft: &Draft<SaleDraft>) -> Html {
    let sale = draft.get();
    if sale.tara.is_empty() && !sale.lines.iter().any(|line| line.is_net) {
        return Html::default();
    }
    html! {
        <Field id="tara" label="Tara ya descontada" kind={Kind::Kilos} value={sale.tara.clone()}
            hint="De lo que ya está pesado. No se descuenta otra vez."
            oninput={draft.typed(|sale, text| sale.tara = text)} />
    }
}

/// The weighing of the calculator, while no product has taken it.
pub(super) fn pending_weighing(draft: &Draft<SaleDraft>) -> Html {
    let Some(PendingWeighing { net, price, .. }) = draft.get().weighing.clone() else {
        return Html::default();
    };
    let remove = {
        let draft = draft.clone();
        Callback::from(move |_: MouseEvent| draft.change(|sale| sale.weighing = None))
    };
    html! {
        <div class="card row spread" role="status">
            <span class="grow">{ format!("Pesada: {} a {}. Elige un producto por kilo.", kilos(net), soles(price)) }</span>
            <button type="button" class="icon-button" aria-label="Quitar la pesada" onclick={remove}>
                { icon("delete") }
            </button>
        </div>
    }
}
