//! Cambios cruzados: every record on which two phones changed the same thing, and what was lost.

use protocol::{Entity, JsonObject};
use yew::prelude::*;

use super::losses::{self, Naming, dismissal, grouped, restoration};
use super::names::use_team_names;
use super::source::{ready, use_me, use_products, use_writer};
use crate::components::{ConflictNotice, EmptyState, Loss, Page, icon, skeleton_rows, use_toaster};
use crate::data::{self, Row, use_sync_engine};
use crate::format::{Record, text};
use crate::forms::use_action;
use crate::router::{Link, Route};

/// The records with open conflicts that the user may decide; `None` until they are read.
#[hook]
pub(super) fn use_open_conflicts() -> Option<Vec<Row>> {
    let me = use_me();
    let moved = ready(data::use_conflicted([Entity::Customers, Entity::Sales, Entity::Abonos]));
    let goods = ready(data::use_conflicted([
        Entity::Distribuciones,
        Entity::ProductVariants,
        Entity::ProductVariants,
    ]));
    let (moved, goods) = (moved?, goods?);
    let all = moved.iter().chain(goods.iter()).filter(|row| losses::may_decide(&me, row));
    Some(all.cloned().collect())
}

#[component]
pub(crate) fn Conflicts() -> Html {
    let (open, engine) = (use_open_conflicts(), use_sync_engine());
    html! {
        <Page title="Cambios cruzados" up={Route::Sync}>
            { match &open {
                None => skeleton_rows(3),
                Some(rows) if rows.is_empty() => html! {
                    <EmptyState icon="check" title="No hay cambios cruzados"
                        text="Cuando dos teléfonos cambien lo mismo a la vez, aquí verás qué quedó y qué se perdió." />
                },
                Some(rows) => html! {
                    { for rows.iter().map(|row| html! {
                        <section class="stack" key={row.key().to_string()}>
                            { heading(row, &losses::title(&engine, row)) }
                            <RecordConflicts record={Record(row.clone())} />
                        </section>
                    }) }
                },
            } }
        </Page>
    }
}

/// The record's name, leading to it.
fn heading(row: &Row, title: &str) -> Html {
    let id = row.id().to_owned();
    let route = match row.entity() {
        Entity::Customers => Route::Customer(id),
        Entity::Sales => Route::Sale(id),
        Entity::Abonos => Route::Customer(text(row.record(), "clientId").to_owned()),
        Entity::Distribuciones => Route::Load(id),
        _ => Route::Catalog,
    };
    html! { <h2><Link to={route} class="strong">{ title.to_owned() }</Link></h2> }
}

/// A link to the list with how many records wait in it; nothing where there are none.
#[component]
pub(super) fn ConflictsLink() -> Html {
    let open = use_open_conflicts().map_or(0, |rows| rows.len());
    if open == 0 {
        return Html::default();
    }
    html! {
        <Link to={Route::Conflicts} class="item card warn">
            { icon("warning") }
            <span class="grow"><span class="strong">{ "Cambios cruzados" }</span><br />
                <span class="small">{ "Dos teléfonos cambiaron lo mismo." }</span></span>
            <span class="badge wait">{ open }</span>
            { icon("next") }
        </Link>
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct RecordProps {
    pub(super) record: Record,
}

/// What was lost of one record; rendered only where it has conflicts, since it asks the server
/// for people's names.
#[component]
pub(super) fn RecordConflicts(props: &RecordProps) -> Html {
    let (people, products) = (use_team_names(), use_products());
    let (writer, toaster, engine) = (use_writer(), use_toaster(), use_sync_engine());
    let (me, record) = (use_me(), &props.record);
    let groups = grouped(&record.0);
    let naming = Naming { people: &people, engine: &engine, products: products.as_ref() };
    let losses: Vec<Loss> = groups.iter().map(|group| naming.loss(&record.0, group)).collect();
    let action = use_action();
    let write = {
        let record = record.clone();
        move |data: Option<JsonObject>, said: &'static str| {
            let toaster = toaster.clone();
            let written = move |done: Result<String, String>| match done {
                Ok(_) => toaster.say(said),
                Err(why) => toaster.say(why),
            };
            if let Some(data) = data
                && let Some(done) = action.start_with(written)
            {
                writer.update(&record, data, done);
            }
        }
    };
    let onrestore = {
        let (record, groups, write) = (record.clone(), groups.clone(), write.clone());
        Callback::from(move |at: usize| write(restoration(&record.0, &groups[at]), "Restaurado"))
    };
    let ondismiss =
        Callback::from(move |at: usize| write(Some(dismissal(&groups[at])), "Queda como está"));
    let may_decide = losses::may_decide(&me, &record.0);
    html! { <ConflictNotice {losses} {may_decide} {onrestore} {ondismiss} /> }
}
