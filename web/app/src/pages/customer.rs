//! Cliente: what he owes, how it came to that, and what can be done.

use protocol::{Entity, Money};
use yew::prelude::*;

use super::delete_record::DeleteRecord;
use super::ledger::use_open_sales;
use super::sales::sale_item;
use super::share::{Share, abono_receipt};
use super::source::{One, use_abonos, use_debt, use_me, use_one, use_sales};
use super::statement::{Movement, Statement, movements};
use super::trouble::RecordTrouble;
use crate::components::{
    Button, EmptyState, ErrorState, Look, Page, PagedList, RecordBadge, Sheet, icon, skeleton_rows,
};
use crate::data::{PaymentFilter, SaleFilter};
use crate::format::{
    Record, UNKNOWN, instant, known_money, moment_text, money, now, soles, text, today,
};
use crate::router::{Link, Route, query};

#[derive(Properties, PartialEq)]
pub(crate) struct CustomerProps {
    pub(crate) id: String,
}

#[component]
pub(crate) fn Customer(props: &CustomerProps) -> Html {
    let record = use_one(Entity::Customers, &props.id);
    let end = html! {
        <Link to={Route::EditCustomer(props.id.clone())} class="icon-button" label="Editar cliente">
            { icon("edit") }
        </Link>
    };
    html! {
        <Page title="Cliente" up={Route::Customers} {end}>
            if let One::Here(record) = record {
                <Details {record} />
            } else if record == One::Reading {
                { skeleton_rows(4) }
            } else {
                <ErrorState icon="warning" title="Este cliente no está aquí"
                    text="Puede haber sido eliminado, o no haber llegado todavía.">
                    <Link to={Route::Customers} class="button">{ "Ver clientes" }</Link>
                </ErrorState>
            }
        </Page>
    }
}

/// What is shared or asked above the screen.
#[derive(Debug, Clone, PartialEq)]
enum Above {
    Nothing,
    Shared(AttrValue, String),
    DeleteAbono(Record),
    DeleteCustomer,
}

#[derive(Properties, PartialEq)]
struct DetailsProps {
    record: Record,
}

#[component]
fn Details(props: &DetailsProps) -> Html {
    let record = &props.record;
    let id = text(record, "id").to_owned();
    let me = use_me();
    let sales = use_sales(SaleFilter { client: Some(id.clone()), ..SaleFilter::default() });
    let abonos = use_abonos(PaymentFilter { client: Some(id.clone()), ..PaymentFilter::default() });
    let debt = use_debt(&id);
    let open = use_open_sales(Some(&id));
    let history =
        use_memo((sales, abonos), |(sales, abonos)| movements(sales.as_ref(), abonos.as_ref()));
    let above = use_state(|| Above::Nothing);
    let show = {
        let above = above.setter();
        Callback::from(move |what: Above| above.set(what))
    };
    let close = show.reform(|()| Above::Nothing);
    let name = text(record, "name").to_owned();
    let statement = {
        let (record, history) = (record.clone(), history.clone());
        let open = open.clone().unwrap_or_default();
        let business = me.business.clone();
        show.reform(move |()| {
            let statement = Statement {
                business: &business,
                customer: &record,
                debt,
                movements: &history,
                open: &open,
                issued: now(),
            };
            Above::Shared("Estado de cuenta".into(), statement.text())
        })
    };
    let row = {
        let (history, open, show) = (history.clone(), open.clone(), show.clone());
        let (name, me) = (name.clone(), me.clone());
        Callback::from(move |at: usize| match &history[at] {
            Movement::Sale(sale) => html! {
                <li key={text(sale, "id").to_owned()}>{ sale_item(sale, None, open.as_deref(), today()) }</li>
            },
            Movement::Abono(abono) => abono_item(
                abono,
                &show,
                abono_receipt(abono, &name, debt, &me.business),
                me.may_change(abono, "sellerId"),
            ),
        })
    };
    html! {
        <>
            <RecordTrouble record={record.clone()} />
            <section class="card hero">
                <div class="row spread">
                    <h2 class="grow">{ name.clone() }</h2>
                    <RecordBadge status={text(record, "syncStatus").to_owned()} always=true />
                </div>
                <span class="soft">{ if debt.is_negative() { "Saldo a favor" } else { "Deuda" } }</span>
                <span class="big">{ soles(if debt.is_negative() { -debt } else { debt }) }</span>
                <div class="two">
                    <Link to={Route::NewAbono(id.clone())} class="button yolk">{ icon("abono") }{ "Abono" }</Link>
                    <Link to={Route::NewSale} query={query("cliente", &id)} class="button">{ icon("plus") }{ "Venta" }</Link>
                </div>
            </section>
            if !text(record, "duplicateOf").is_empty() {
                <p class="card warn">{ "Otro cliente tiene el mismo DNI." }
                    <Link to={Route::Customer(text(record, "duplicateOf").to_owned())} class="strong">{ "Ver el otro" }</Link>
                </p>
            }
            { contact(record) }
            <h2>{ "Historial" }</h2>
            if history.is_empty() {
                <EmptyState icon="sale" title="Sin movimientos" text="Aquí verás sus ventas y abonos." />
            } else {
                <PagedList label="Historial" count={history.len()} of={id.clone()} {row} />
            }
            <div class="actions">
                <Button text="Estado de cuenta" icon="share" onclick={statement} />
                if me.is_admin() {
                    <Button text="Eliminar cliente" icon="delete" look={Look::Danger}
                        onclick={show.reform(|()| Above::DeleteCustomer)} />
                }
            </div>
            { match &*above {
                Above::Nothing => Html::default(),
                Above::Shared(title, text) => html! {
                    <Share title={title.clone()} text={text.clone()} onclose={close} />
                },
                Above::DeleteAbono(abono) => html! {
                    <DeleteRecord record={abono.clone()} onclose={close}
                        title="¿Eliminar este abono?" action="Eliminar abono"
                        what={format!("Abono de {} · {name}", soles(money(abono, "amount")))}
                        text="No se puede deshacer. La deuda vuelve a contar con ese monto."
                        then={Route::Customer(id.clone())} />
                },
                Above::DeleteCustomer if debt > Money::ZERO => still_owes(&name, &id, debt, close),
                Above::DeleteCustomer => html! {
                    <DeleteRecord record={record.clone()} onclose={close}
                        title="¿Eliminar este cliente?" action="Eliminar cliente"
                        what={if debt.is_negative() { format!("{name} · tiene {} a favor", soles(-debt)) } else { name.clone() }}
                        text="Sus ventas y abonos quedan registrados." then={Route::Customers} />
                },
            } }
        </>
    }
}

/// Other phones keep nothing of a deleted customer, not even the name: the debt would stay, and
/// could not be collected from any of them.
fn still_owes(name: &str, id: &str, debt: Money, onclose: Callback<()>) -> Html {
    html! {
        <Sheet title={format!("{name} debe {}", soles(debt))} onclose={onclose.clone()}>
            <p>{ "No se puede eliminar mientras debe: nadie podría cobrarle. Registra su abono, o corrige la venta si está mal." }</p>
            <div class="actions">
                <Link to={Route::NewAbono(id.to_owned())} class="button primary">{ "Registrar abono" }</Link>
                <Button text="Volver" onclick={onclose} />
            </div>
        </Sheet>
    }
}

fn contact(record: &Record) -> Html {
    let phone = text(record, "phone");
    let rest = [
        ("DNI", text(record, "dni")),
        ("Dirección", text(record, "address")),
        ("Nota", text(record, "notes")),
    ];
    let opening = money(record, "saldoInicial");
    let is_known = !phone.is_empty() || rest.iter().any(|(_, value)| !value.is_empty());
    if !is_known && opening == Money::ZERO {
        return Html::default();
    }
    html! {
        <section class="card plain" aria-label="Datos">
            <dl class="pairs">
                if !phone.is_empty() {
                    <div><dt>{ "Teléfono" }</dt><dd><a href={format!("tel:{phone}")}>{ phone }</a></dd></div>
                }
                { for rest.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| html! {
                    <div><dt>{ *name }</dt><dd>{ *value }</dd></div>
                }) }
                if opening != Money::ZERO {
                    <div><dt>{ "Saldo inicial" }</dt><dd>{ soles(opening) }</dd></div>
                }
            </dl>
        </section>
    }
}

fn abono_item(abono: &Record, show: &Callback<Above>, receipt: String, may_delete: bool) -> Html {
    let id = text(abono, "id").to_owned();
    let when = instant(abono, "createdAt").map(|at| moment_text(at, today())).unwrap_or_default();
    let share = show.reform(move |_: MouseEvent| Above::Shared("Recibo".into(), receipt.clone()));
    let delete = {
        let abono = abono.clone();
        show.reform(move |_: MouseEvent| Above::DeleteAbono(abono.clone()))
    };
    html! {
        <li key={id} class="item">
            <span class="grow">
                <span class="strong">{ "Abono" }</span>
                <br /><span class="soft small">{ format!("{when} · {}", text(abono, "paymentMethod")) }</span>
            </span>
            <span class="right stack">
                <span class="figure strong good">{ known_money(abono, "amount").map_or_else(|| UNKNOWN.to_owned(), |paid| soles(-paid)) }</span>
                <RecordBadge status={text(abono, "syncStatus").to_owned()} always=true />
            </span>
            <button type="button" class="icon-button" aria-label="Compartir recibo" onclick={share}>
                { icon("share") }
            </button>
            if may_delete {
                <button type="button" class="icon-button" aria-label="Eliminar abono" onclick={delete}>
                    { icon("delete") }
                </button>
            }
        </li>
    }
}
