//! What stands before a screen: the PIN, a session that ended, the first load, a wrong address.

use yew::prelude::*;

use super::online::use_session_actions;
use super::source::use_view;
use crate::components::{Button, EmptyState, Field, Kind, Look, Page, Progress, icon};
use crate::forms::use_action;
use crate::router::{Link, Route};

#[derive(Properties, PartialEq)]
pub(crate) struct LockedProps {
    pub(crate) name: String,
}

/// The screen is hidden until the PIN is typed.
#[component]
pub(crate) fn Locked(props: &LockedProps) -> Html {
    let session = use_session_actions();
    let pin = use_state(String::new);
    let action = use_action();
    let onsubmit = {
        let (session, pin, action) = (session.clone(), pin.clone(), action.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (told, typed) = (action.clone(), pin.clone());
            let answered = move |right: bool| {
                if !right {
                    typed.set(String::new());
                    told.refuse("Ese no es el PIN.");
                }
            };
            let Some(done) = action.start(answered) else { return };
            session.unlock((*pin).clone(), done);
        })
    };
    let leave = Callback::from(move |()| session.logout(Callback::noop()));
    let typed = {
        let pin = pin.setter();
        Callback::from(move |text| pin.set(text))
    };
    html! {
        <main class="entrance">
            <div class="entrance-head">
                <span class="mark">{ icon("lock") }</span>
                <h1>{ format!("Hola, {}", props.name) }</h1>
            </div>
            <form class="stack loose" {onsubmit} novalidate=true data-enter="send">
                <Field id="unlock" label="PIN" kind={Kind::Pin} value={(*pin).clone()} oninput={typed}
                    error={action.error()} autofocus=true max_length={8} />
                <Button submit=true full=true look={Look::Primary} text="Abrir" disabled={action.busy()} />
                <Button full=true look={Look::Quiet} text="Entrar con contraseña" onclick={leave} />
            </form>
        </main>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct PasswordNeededProps {
    pub(crate) email: String,
}

/// The session has ended: work goes on, sending waits for the password.
#[component]
pub(crate) fn PasswordNeeded(props: &PasswordNeededProps) -> Html {
    let session = use_session_actions();
    let password = use_state(String::new);
    let action = use_action();
    let onsubmit = {
        let (email, password, action) = (props.email.clone(), password.clone(), action.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(done) = action.start(|()| {}) else { return };
            session.login(email.clone(), (*password).clone(), done);
        })
    };
    let typed = {
        let password = password.setter();
        Callback::from(move |text| password.set(text))
    };
    html! {
        <form class="page" {onsubmit} novalidate=true data-enter="send" aria-label="Tu sesión terminó">
            <section class="card warn">
                <h2>{ "Tu sesión terminó" }</h2>
                <p>{ "Puedes seguir trabajando. Escribe tu contraseña para enviar lo guardado." }</p>
                <Field id="again-password" label="Contraseña" kind={Kind::Password}
                    value={(*password).clone()} oninput={typed} error={action.error()} />
                <Button submit=true look={Look::Primary} text="Continuar" disabled={action.busy()} />
            </section>
        </form>
    }
}

/// The user was deactivated: the phone delivers what was written before, and reads nothing more.
#[component]
pub(crate) fn Deactivated() -> Html {
    html! {
        <section class="page" role="status" aria-label="Usuario desactivado">
            <div class="card warn">
                <h2>{ "Tu usuario está desactivado" }</h2>
                <p>{ "Lo que guardaste antes se envía desde este teléfono. Lo que anotes ahora ya no se recibe, y los datos ya no se actualizan." }</p>
            </div>
        </section>
    }
}

/// The first load, with what has come so far.
#[component]
pub(crate) fn Loading() -> Html {
    let view = use_view();
    let Some(records) = view.snapshot_records.filter(|_| view.cursor.is_none()) else {
        return Html::default();
    };
    html! {
        <section class="page" role="status">
            <div class="card">
                <h2>{ "Preparando este teléfono" }</h2>
                <Progress label="Descargando datos" permille={None::<u32>} />
                <p class="soft figure">{ format!("{records} registros recibidos") }</p>
            </div>
        </section>
    }
}

#[component]
pub(crate) fn NotFound() -> Html {
    html! {
        <Page title="No existe" up={Route::Home} without_records=true>
            <EmptyState icon="search" title="Esta pantalla no existe"
                text="La dirección puede estar mal escrita.">
                <Link to={Route::Home} class="button primary">{ "Ir al inicio" }</Link>
            </EmptyState>
        </Page>
    }
}
