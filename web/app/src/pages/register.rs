//! A new business and its first administrator, who is at work at once.

use protocol::RegisterRequest;
use yew::prelude::*;

use super::online::use_session_actions;
use crate::components::{Button, Field, Kind, Look, icon};
use crate::forms::use_action;

#[derive(Properties, PartialEq)]
pub(super) struct RegisterProps {
    /// He has an account already.
    pub(super) onback: Callback<()>,
}

#[component]
pub(super) fn Register(props: &RegisterProps) -> Html {
    // Business, name, e-mail, password.
    let typed = use_state(<[String; 4]>::default);
    let action = use_action();
    let session = use_session_actions();
    let onsubmit = {
        let (typed, action) = (typed.clone(), action.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let [business, name, email, password] = typed.each_ref().map(|text| text.trim());
            if [business, name, email, password].contains(&"") {
                return action.refuse("Completa los cuatro datos.");
            }
            let request = RegisterRequest {
                business_name: business.to_owned(),
                name: name.to_owned(),
                email: email.to_owned(),
                password: typed[3].clone(),
            };
            let Some(done) = action.start(|()| {}) else { return };
            session.register(request, done);
        })
    };
    let field = |at: usize, label: &'static str, kind: Kind| {
        let oninput = {
            let typed = typed.clone();
            Callback::from(move |text: String| {
                let mut next = (*typed).clone();
                next[at] = text;
                typed.set(next);
            })
        };
        html! {
            <Field id={format!("register-{at}")} {label} {kind} value={typed[at].clone()} {oninput} required=true
                hint={(kind == Kind::NewPassword).then_some("8 caracteres o más.")} autofocus={at == 0} />
        }
    };
    html! {
        <main class="entrance">
            <div class="entrance-head">
                <span class="mark">{ icon("brand") }</span>
                <h1>{ "Crear un negocio" }</h1>
                <p class="soft">{ "Tú lo administras; después agregas a tu equipo." }</p>
            </div>
            <form class="stack loose" {onsubmit} novalidate=true>
                { field(0, "Nombre del negocio", Kind::Text) }
                { field(1, "Tu nombre", Kind::Text) }
                { field(2, "Correo", Kind::Email) }
                { field(3, "Contraseña", Kind::NewPassword) }
                { action.fault() }
                <Button submit=true full=true look={Look::Primary} disabled={action.busy()}
                    text={if action.busy() { "Creando…" } else { "Crear negocio" }} />
            </form>
            <Button text="Ya tengo una cuenta" look={Look::Quiet} full=true onclick={&props.onback} />
        </main>
    }
}
