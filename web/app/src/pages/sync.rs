//! Estado de sync: every operation that waits or was set aside, and what to do about it.

use std::collections::BTreeMap;

use engine::{OperationRecord, QueueStatus, WaitingWhy};
use protocol::OperationId;
use yew::prelude::*;

use super::conflicts::ConflictsLink;
use super::remove_operation::{RemoveOperation, description};
use super::share::copy_text;
use super::source::{use_queue, use_view, use_writer};
use super::trouble::Failure;
use crate::components::{Button, EmptyState, Look, Page, StatusBadge, icon, pair, use_toaster};
use crate::data::{QueuedOperation, SyncEngine, use_sync_engine};
use crate::format::{moment_text, today};

#[component]
pub(crate) fn Sync() -> Html {
    let (view, queue) = (use_view(), use_queue());
    let engine = use_sync_engine();
    let (writer, toaster) = (use_writer(), use_toaster());
    let last = view.last_tail_at.map_or_else(|| "Nunca".to_owned(), |at| moment_text(at, today()));
    let in_state = |status| queue.iter().filter(move |one| one.operation.status == status);
    let (waiting, failed) = (|| in_state(QueueStatus::Pending), || in_state(QueueStatus::Failed));
    let by_id: BTreeMap<_, _> =
        queue.iter().map(|one| (&one.operation.id, &one.operation)).collect();
    let go = {
        let writer = writer.clone();
        Callback::from(move |()| writer.sync_now())
    };
    let copy = { Callback::from(move |()| copy_text(&writer.diagnostics(), toaster.clone())) };
    html! {
        <Page title="Estado de sync" up={crate::router::Route::Home} without_records=true>
            <section class="card" aria-label="Resumen">
                <div class="row spread wrap">
                    <StatusBadge word={view.word} onclick={go.clone()} />
                    <Button text="Sincronizar" icon="sync" look={Look::Primary} onclick={go} />
                </div>
                <dl class="pairs">
                    { pair("Última sincronización", last) }
                    { pair("Intervalo", "30 segundos".to_owned()) }
                    { pair("Pendientes", view.pending.to_string()) }
                    { pair("Con error", view.failed.to_string()) }
                </dl>
                if let Some(why) = &view.last_error {
                    <p class="fault">{ why.clone() }</p>
                }
            </section>
            <ConflictsLink />
            if queue.is_empty() {
                <EmptyState icon="check" title="Todo está enviado"
                    text="Lo que guardes sin señal esperará aquí hasta que haya." />
            }
            if failed().next().is_some() {
                <h2>{ "Con error" }</h2>
                { for failed().map(|QueuedOperation { operation, .. }| html! {
                    <div class="stack" key={operation.id.to_string()}>
                        <p class="strong">{ description(&engine, operation) }</p>
                        <Failure operation={operation.clone()} />
                    </div>
                }) }
            }
            if waiting().next().is_some() {
                <h2>{ "Pendientes" }</h2>
                <ul class="list" aria-label="Pendientes">
                    { for waiting().map(|one| html! {
                        <Waiting key={one.operation.id.to_string()} operation={one.operation.clone()}
                            turn={turn(&engine, one, &by_id)} />
                    }) }
                </ul>
            }
            <Button text="Copiar diagnóstico" icon="copy" full=true onclick={copy} />
        </Page>
    }
}

#[derive(Properties, PartialEq)]
struct WaitingProps {
    operation: OperationRecord,
    /// What it waits for, where that is another one.
    turn: Option<String>,
}

#[component]
fn Waiting(props: &WaitingProps) -> Html {
    let (engine, asked) = (use_sync_engine(), use_state(|| false));
    let operation = &props.operation;
    let ask = |to: bool| {
        let asked = asked.setter();
        Callback::from(move |()| asked.set(to))
    };
    let when = moment_text(operation.timestamp, today());
    let why = operation.last_error.clone().unwrap_or_default();
    html! {
        <li class="item">
            { icon("clock") }
            <span class="grow">
                <span class="strong">{ description(&engine, operation) }</span>
                <br /><span class="soft small">{ when }</span>
                if !why.is_empty() {
                    <br /><span class="small">{ why }</span>
                }
                if let Some(turn) = &props.turn {
                    <br /><span class="small">{ turn }</span>
                }
                if operation.retry_count > 0 {
                    <br /><span class="soft small">{ format!("Intentos: {}", operation.retry_count) }</span>
                }
            </span>
            <button type="button" class="icon-button" aria-label="Eliminar este cambio"
                onclick={ask(true).reform(|_: MouseEvent| ())}>{ icon("delete") }</button>
            if *asked {
                <RemoveOperation operation={operation.clone()} onclose={ask(false)} />
            }
        </li>
    }
}

/// What an operation waits for, where that is another one.
fn turn(
    engine: &SyncEngine,
    queued: &QueuedOperation,
    by_id: &BTreeMap<&OperationId, &OperationRecord>,
) -> Option<String> {
    let waiting = queued.waiting.as_ref()?;
    let other = by_id.get(&waiting.operation)?;
    let words = match waiting.why {
        _ if other.id == queued.operation.id => return None,
        WaitingWhy::Failed => "Sale cuando corrijas: ",
        WaitingWhy::BacksOff(_) | WaitingWhy::InFlight | WaitingWhy::Waits => "Sale después de: ",
    };
    Some(format!("{words}{}", description(engine, other)))
}
