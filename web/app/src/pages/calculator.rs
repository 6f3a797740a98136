//! Calculadora: of total, price and kilos any two give the third.

use domain::{Known, Weighing, calculate};
use protocol::Quantity;
use serde::{Deserialize, Serialize};
use yew::prelude::*;

use super::draft::use_draft;
use super::sale_line::TARA_TOO_LARGE;
use super::source::use_me;
use crate::components::{Button, Field, Kind, Look, Page, pair};
use crate::format::{TypedFault, kilos, soles, typed_kilos, typed_money};
use crate::router::go_to;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Typed {
    total: String,
    price: String,
    kilos: String,
    tara: String,
}

/// What a form of two figures comes to.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    /// Too few, or all three.
    Open(&'static str),
    Wrong(String),
    Known(Weighing),
}

#[component]
pub(crate) fn Calculator() -> Html {
    let me = use_me();
    let draft = use_draft(&me.id, "calculadora", false, Typed::default);
    let typed = draft.get().clone();
    let outcome = typed.outcome();
    let weighing = if let Outcome::Known(weighing) = &outcome { Some(*weighing) } else { None };
    let clear = {
        let draft = draft.clone();
        Callback::from(move |()| draft.set(Typed::default()))
    };
    let used = {
        let draft = draft.clone();
        Callback::from(move |()| {
            if let Some(weighing) = weighing {
                // Used once: it is the sale's from here on.
                draft.set(Typed::default());
                go_to(&format!(
                    "/ventas/nueva?kilos={}&precio={}&tara={}",
                    weighing.net, weighing.price, weighing.tara
                ));
            }
        })
    };
    let found = |name: &str| weighing.is_some() && typed.is_empty(name);
    html! {
        <Page title="Calculadora" up={crate::router::Route::Home} without_records=true>
            <section class="card hero calculator-result" aria-live="polite">
                { match &outcome {
                    Outcome::Open(text) => html! { <p class="soft">{ *text }</p> },
                    Outcome::Wrong(why) => html! { <p role="alert">{ why }</p> },
                    Outcome::Known(weighing) => result(&typed, weighing),
                } }
            </section>
            <form class="stack loose" onsubmit={used.reform(|event: SubmitEvent| event.prevent_default())} novalidate=true>
                <div class="two">
                    <Field id="kilos" label="Kilos en balanza" kind={Kind::Kilos} value={typed.kilos.clone()}
                        oninput={draft.typed(|typed, text| typed.kilos = text)}
                        hint={found("kilos").then(|| hint(weighing, "kilos"))} />
                    <Field id="tara" label="Tara" kind={Kind::Kilos} value={typed.tara.clone()}
                        oninput={draft.typed(|typed, text| typed.tara = text)} />
                </div>
                <Field id="price" label="Precio por kilo" kind={Kind::Money} value={typed.price.clone()}
                    oninput={draft.typed(|typed, text| typed.price = text)}
                    hint={found("price").then(|| hint(weighing, "price"))} />
                <Field id="total" label="Total" kind={Kind::Money} value={typed.total.clone()}
                    oninput={draft.typed(|typed, text| typed.total = text)}
                    hint={found("total").then(|| hint(weighing, "total"))} />
                <div class="two">
                    <Button text="Limpiar" onclick={clear} />
                    <Button text="Usar en venta" look={Look::Yolk} submit=true disabled={weighing.is_none_or(|weighing| weighing.net == Quantity::ZERO)} />
                </div>
            </form>
        </Page>
    }
}

fn result(typed: &Typed, weighing: &Weighing) -> Html {
    let (name, figure) = if typed.is_empty("total") {
        ("Total", soles(weighing.total))
    } else if typed.is_empty("price") {
        ("Precio por kilo", soles(weighing.price))
    } else {
        ("Kilos en balanza", kilos(weighing.kilos))
    };
    html! {
        <>
            <span class="soft">{ name }</span>
            <output class="big" aria-label="Resultado">{ figure }</output>
            <dl class="pairs">
                { pair("Peso neto", kilos(weighing.net)) }
            </dl>
        </>
    }
}

fn hint(weighing: Option<Weighing>, field: &str) -> AttrValue {
    let Some(weighing) = weighing else { return AttrValue::default() };
    match field {
        "kilos" => kilos(weighing.kilos).into(),
        "price" => soles(weighing.price).into(),
        _ => soles(weighing.total).into(),
    }
}

impl Typed {
    fn is_empty(&self, field: &str) -> bool {
        match field {
            "kilos" => &self.kilos,
            "price" => &self.price,
            _ => &self.total,
        }
        .trim()
        .is_empty()
    }

    fn outcome(&self) -> Outcome {
        match self.known() {
            Err(fault) => Outcome::Wrong(fault.0.to_owned()),
            Ok((Some(known), tara)) => match calculate(known, tara) {
                Ok(weighing) if weighing.net == Quantity::ZERO && tara > Quantity::ZERO => {
                    Outcome::Wrong(TARA_TOO_LARGE.to_owned())
                }
                Ok(weighing) => Outcome::Known(weighing),
                Err(why) => Outcome::Wrong(why.to_string()),
            },
            Ok((None, _))
                if ["kilos", "price", "total"].iter().all(|field| !self.is_empty(field)) =>
            {
                Outcome::Open("Deja vacío el dato que quieres calcular.")
            }
            Ok((None, _)) => Outcome::Open("Escribe dos datos y sale el tercero."),
        }
    }

    fn known(&self) -> Result<(Option<Known>, Quantity), TypedFault> {
        let (total, price) = (typed_money(&self.total)?, typed_money(&self.price)?);
        let (kilos, tara) = (typed_kilos(&self.kilos)?, typed_kilos(&self.tara)?);
        Ok((Known::of(total, price, kilos), tara.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(total: &str, price: &str, kilos: &str, tara: &str) -> Typed {
        Typed { total: total.into(), price: price.into(), kilos: kilos.into(), tara: tara.into() }
    }

    #[test]
    fn any_two_give_the_third() {
        let Outcome::Known(weighing) = typed("", "16", "15", "0.5").outcome() else {
            panic!("known")
        };
        assert_eq!(soles(weighing.total), "S/\u{a0}232.00");
        let Outcome::Known(weighing) = typed("200", "", "12", "0.5").outcome() else {
            panic!("known")
        };
        assert_eq!(soles(weighing.price), "S/\u{a0}17.39");
        let Outcome::Known(weighing) = typed("150", "15", "", "").outcome() else {
            panic!("known")
        };
        assert_eq!(kilos(weighing.kilos), "10\u{a0}kg");
    }

    #[test]
    fn one_or_three_give_none() {
        assert!(matches!(typed("1", "", "", "").outcome(), Outcome::Open(_)));
        assert!(matches!(typed("1", "1", "1", "").outcome(), Outcome::Open(_)));
        assert!(matches!(typed("", "1", "2", "2").outcome(), Outcome::Wrong(_)));
        assert!(matches!(typed("x", "1", "", "").outcome(), Outcome::Wrong(_)));
    }
}
