//! One sale: what was sold, how it was paid, and what can be done about it.

use protocol::Entity;
use yew::prelude::*;

use super::delete_record::DeleteRecord;
use super::ledger::{SaleDebt, find, use_open_sales};
use super::sale_draft::weights;
use super::share::{Share, sale_receipt};
use super::source::{One, use_me, use_one, use_products};
use super::trouble::RecordTrouble;
use crate::components::{
    Button, ErrorState, Look, Page, RecordBadge, pair, skeleton_rows, total_pair,
};
use crate::format::{
    Record, instant, items, kilos, moment_text, soles, soles_of, text, today, units_of,
};
use crate::router::{Link, Route};

#[derive(Properties, PartialEq)]
pub(crate) struct SaleProps {
    pub(crate) id: String,
}

#[component]
pub(crate) fn Sale(props: &SaleProps) -> Html {
    let sale = use_one(Entity::Sales, &props.id);
    html! {
        <Page title="Venta" up={Route::Sales}>
            if let One::Here(sale) = sale {
                <Details id={props.id.clone()} {sale} />
            } else if sale == One::Reading {
                { skeleton_rows(4) }
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
struct DetailsProps {
    id: String,
    sale: Record,
}

#[component]
fn Details(props: &DetailsProps) -> Html {
    let sale = &props.sale;
    let (me, products) = (use_me(), use_products());
    let customer = use_one(Entity::Customers, text(sale, "clientId"));
    let asked = use_state(|| false);
    let shared = use_state(|| false);
    let client = text(sale, "clientId");
    let open = use_open_sales(Some(client));
    let debt = open.map_or(SaleDebt::None, |open| SaleDebt::of(sale, &open));
    let name = if client.is_empty() {
        "Cliente genérico".to_owned()
    } else {
        match &customer {
            One::Here(customer) => text(customer, "name").to_owned(),
            One::Gone => "Cliente eliminado o por llegar".to_owned(),
            One::Reading => String::new(),
        }
    };
    let when = instant(sale, "saleDate").map(|at| moment_text(at, today())).unwrap_or_default();
    let may = me.may_change(sale, "sellerId");
    let set = |state: &UseStateHandle<bool>, to: bool| {
        let state = state.setter();
        Callback::from(move |()| state.set(to))
    };
    html! {
        <>
            <RecordTrouble record={sale.clone()} />
            <section class="card hero">
                <div class="row spread">
                    <span class="soft">{ when }</span>
                    <RecordBadge status={text(sale, "syncStatus").to_owned()} always=true />
                </div>
                <span class="big">{ soles_of(sale, "totalAmount") }</span>
                if client.is_empty() {
                    <span class="strong">{ name.clone() }</span>
                } else {
                    <Link to={Route::Customer(client.to_owned())} class="strong">{ name.clone() }</Link>
                }
            </section>
            <ul class="list" aria-label="Productos">
                { for items(sale).map(|item| {
                    let product = find(products.as_ref(), text(item, "productId"));
                    let unit = product.as_ref().map_or("kg", |product| text(product, "unit"));
                    html! {
                        <li class="item">
                            <span class="grow">
                                <span class="strong">{ format!("{} {}", text(item, "productName"), text(item, "variantName")) }</span>
                                <br /><span class="soft small figure">
                                    { format!("{} × {}", units_of(item, "quantity", unit), soles_of(item, "unitPrice")) }
                                </span>
                            </span>
                            <span class="figure strong">{ soles_of(item, "subtotal") }</span>
                        </li>
                    }
                }) }
            </ul>
            <section class="card plain" aria-label="Pago">{ paid(sale, debt) }</section>
            <div class="actions">
                <Button text="Compartir recibo" icon="share" look={Look::Primary} onclick={set(&shared, true)} />
                if may {
                    <Link to={Route::EditSale(props.id.clone())} class="button">{ "Corregir" }</Link>
                    <Button text="Eliminar" icon="delete" look={Look::Danger} onclick={set(&asked, true)} />
                }
            </div>
            if *shared {
                <Share title="Recibo" text={sale_receipt(sale, debt, &name, &me.business)} onclose={set(&shared, false)} />
            }
            if *asked {
                <DeleteRecord record={sale.clone()} onclose={set(&asked, false)}
                    title="¿Eliminar esta venta?" action="Eliminar venta" then={Route::Sales}
                    what={format!("Venta de {} · {name}", soles_of(sale, "totalAmount"))}
                    text="Se elimina para todos y no se puede deshacer. La deuda que dejó se descuenta." />
            }
        </>
    }
}

fn paid(sale: &Record, debt: SaleDebt) -> Html {
    let kind = if text(sale, "saleType") == "credito" { "Crédito" } else { "Contado" };
    html! {
        <dl class="pairs">
            { pair("Tipo", kind.to_owned()) }
            { for weights(sale).into_iter().map(|(name, weight)| pair(name, kilos(weight))) }
            { pair("Pagado", soles_of(sale, "amountPaid")) }
            { match debt {
                SaleDebt::None => Html::default(),
                SaleDebt::Paid { balance } => html! {
                    <>
                        { pair("Quedó a crédito", soles(balance)) }
                        { pair("Cubierto con abonos", soles(balance)) }
                        { total_pair("Estado", "Pagada".to_owned()) }
                    </>
                },
                SaleDebt::Open { balance, left } => html! {
                    <>
                        if left < balance {
                            { pair("Quedó a crédito", soles(balance)) }
                            { pair("Cubierto con abonos", soles(balance - left)) }
                        }
                        { total_pair("Queda debiendo", soles(left)) }
                    </>
                },
            } }
        </dl>
    }
}
