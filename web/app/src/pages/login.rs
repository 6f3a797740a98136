//! Entrar: the first screen, and the password again where a session has ended.

use yew::prelude::*;

use super::online::use_session_actions;
use super::register::Register;
use crate::components::{Button, Field, Kind, Look, icon};
use crate::forms::use_action;

#[derive(Properties, PartialEq)]
pub(crate) struct LoginProps {
    /// Who worked here last.
    #[prop_or_default]
    pub(crate) known: Option<AttrValue>,
}

#[component]
pub(crate) fn Login(props: &LoginProps) -> Html {
    let email = use_state(|| props.known.clone().unwrap_or_default().to_string());
    let password = use_state(String::new);
    let action = use_action();
    let session = use_session_actions();
    // Who leaves takes the cursor with him: one without a session was removed behind our back.
    let evicted = props.known.is_none() && crate::shell::was_at_work();
    let onsubmit = {
        let (email, password) = (email.clone(), password.clone());
        let action = action.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if email.trim().is_empty() || password.is_empty() {
                return action.refuse("Escribe tu correo y tu contraseña.");
            }
            let Some(done) = action.start(|()| {}) else { return };
            session.login(email.trim().to_owned(), (*password).clone(), done);
        })
    };
    let typed = |state: &UseStateHandle<String>| {
        let state = state.setter();
        Callback::from(move |text| state.set(text))
    };
    let making = use_state(|| false);
    let make = {
        let making = making.setter();
        Callback::from(move |()| making.set(true))
    };
    if *making {
        let back = {
            let making = making.setter();
            Callback::from(move |()| making.set(false))
        };
        return html! { <Register onback={back} /> };
    }
    html! {
        <main class="entrance">
            <div class="entrance-head">
                <span class="mark">{ icon("brand") }</span>
                <h1>{ "Entrar a Avileo" }</h1>
                <p class="soft">{ "Ventas, deudas y cobros, con señal o sin ella." }</p>
            </div>
            if evicted {
                <section class="card warn" role="status">
                    <h2 class="minor">{ "El navegador borró los datos de este teléfono" }</h2>
                    <p>{ "Entra otra vez: lo que ya se había enviado vuelve. Lo que esperaba señal se perdió; anótalo de nuevo." }</p>
                </section>
            }
            <form class="stack loose" {onsubmit} novalidate=true data-enter="send">
                <Field id="email" label="Correo" kind={Kind::Email} value={(*email).clone()}
                    oninput={typed(&email)} required=true />
                <Field id="password" label="Contraseña" kind={Kind::Password}
                    value={(*password).clone()} oninput={typed(&password)} required=true
                    error={action.error()} />
                <Button submit=true full=true look={Look::Primary} disabled={action.busy()}
                    text={if action.busy() { "Entrando…" } else { "Entrar" }} />
            </form>
            <Button text="Crear un negocio" look={Look::Quiet} full=true onclick={make} />
        </main>
    }
}
