//! Cuenta: the password, the phones that are signed in, the PIN, and leaving.

use protocol::{JsonObject, PasswordRequest};
use serde_json::json;
use yew::prelude::*;

use super::online::{use_api, use_session_actions};
use super::source::{use_me, use_view};
use crate::components::{
    Button, ConfirmSheet, ErrorState, Field, Kind, Look, Page, skeleton_rows, use_toaster,
};
use crate::format::{instant, moment_text, text, today};
use crate::forms::use_action;

#[component]
pub(crate) fn Account() -> Html {
    let me = use_me();
    html! {
        <Page title="Cuenta" up={crate::router::Route::More} without_records=true>
            <section class="card plain">
                <dl class="pairs">
                    <div><dt>{ "Nombre" }</dt><dd>{ me.name.clone() }</dd></div>
                    <div><dt>{ "Correo" }</dt><dd>{ me.email.clone() }</dd></div>
                    <div><dt>{ "Negocio" }</dt><dd>{ me.business.clone() }</dd></div>
                </dl>
            </section>
            <Pin />
            <Password />
            <Phones />
            <Leave />
        </Page>
    }
}

#[component]
fn Pin() -> Html {
    let (session, toaster) = (use_session_actions(), use_toaster());
    let pin = use_state(String::new);
    let action = use_action();
    let set = |to: Option<String>, said: &'static str| {
        let (session, toaster, action, pin) =
            (session.clone(), toaster.clone(), action.clone(), pin.clone());
        Callback::from(move |()| {
            if to.as_ref().is_some_and(|pin| {
                pin.len() < PIN_DIGITS_MIN || !pin.bytes().all(|c| c.is_ascii_digit())
            }) {
                return action.refuse("El PIN lleva de 4 a 8 números.");
            }
            let (toaster, pin) = (toaster.clone(), pin.clone());
            let set = move |()| {
                pin.set(String::new());
                toaster.say(said);
            };
            let Some(done) = action.start(set) else { return };
            session.set_pin(to.clone(), done);
        })
    };
    let lock = {
        let (session, action) = (session.clone(), action.clone());
        Callback::from(move |()| {
            let Some(done) = action.start(|()| {}) else { return };
            session.lock(done);
        })
    };
    let typed = {
        let pin = pin.setter();
        Callback::from(move |text| pin.set(text))
    };
    html! {
        <section class="card" aria-label="PIN">
            <h2>{ "PIN" }</h2>
            <p class="soft">{ "Oculta la pantalla a quien tome este teléfono." }</p>
            <Field id="pin" label="PIN nuevo" kind={Kind::Digits} value={(*pin).clone()} max_length={8}
                oninput={typed} error={action.error()} />
            <Button text="Guardar PIN" disabled={action.busy()} onclick={set(Some((*pin).clone()), "PIN guardado")} />
            <Button text="Bloquear ahora" icon="lock" disabled={action.busy()} onclick={lock} />
            <Button text="Quitar PIN" look={Look::Quiet} disabled={action.busy()} onclick={set(None, "PIN quitado")} />
        </section>
    }
}

#[component]
fn Password() -> Html {
    let (api, toaster) = (use_api(), use_toaster());
    let (old, new) = (use_state(String::new), use_state(String::new));
    let action = use_action();
    let onsubmit = {
        let (old, new, action) = (old.clone(), new.clone(), action.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (old_state, new_state) = (old.clone(), new.clone());
            let toaster = toaster.clone();
            let changed = move |()| {
                old_state.set(String::new());
                new_state.set(String::new());
                toaster.say("Contraseña cambiada");
            };
            let Some(done) = action.start(changed) else { return };
            let request =
                PasswordRequest { current_password: (*old).clone(), new_password: (*new).clone() };
            api.change_password(request, done);
        })
    };
    let typed = |state: &UseStateHandle<String>| {
        let state = state.setter();
        Callback::from(move |text| state.set(text))
    };
    html! {
        <form class="card" aria-label="Contraseña" {onsubmit} novalidate=true>
            <h2>{ "Contraseña" }</h2>
            <Field id="old-password" label="Contraseña actual" kind={Kind::Password} value={(*old).clone()}
                oninput={typed(&old)} />
            <Field id="new-password" label="Contraseña nueva" kind={Kind::NewPassword} value={(*new).clone()}
                hint="8 caracteres o más." oninput={typed(&new)} error={action.error()} />
            <Button submit=true text="Cambiar contraseña" disabled={action.busy()} />
        </form>
    }
}

#[component]
fn Phones() -> Html {
    let api = use_api();
    let found = use_state(|| None::<Result<Vec<JsonObject>, String>>);
    let action = use_action();
    let load = {
        let (api, found) = (api.clone(), found.setter());
        Callback::from(move |()| {
            let found = found.clone();
            api.phones(Callback::from(move |answer| found.set(Some(answer))));
        })
    };
    {
        let load = load.clone();
        use_effect_with((), move |()| load.emit(()));
    }
    let end = |id: String| {
        let (api, load, action) = (api.clone(), load.clone(), action.clone());
        Callback::from(move |()| {
            let load = load.clone();
            let ended = move |_: Result<(), String>| load.emit(());
            let Some(done) = action.start_with(ended) else { return };
            api.end_phone(id.clone(), done);
        })
    };
    html! {
        <section class="stack" aria-label="Sesiones">
            <h2>{ "Sesiones abiertas" }</h2>
            { match &*found {
                None => skeleton_rows(1),
                Some(Err(why)) => html! {
                    <ErrorState icon="offline" title="No se pudieron leer" text={why.clone()}>
                        <Button text="Reintentar" icon="sync" onclick={load} />
                    </ErrorState>
                },
                Some(Ok(answer)) => html! {
                    <ul class="list">
                        { for answer.iter().map(|session| {
                            let current = session.get("current") == Some(&json!(true));
                            let used = instant(session, "lastUsedAt").map(|at| moment_text(at, today()));
                            html! {
                                <li class="item">
                                    <span class="grow">
                                        <span class="strong">{ if current { "Este teléfono" } else { "Otro teléfono" } }</span>
                                        <br /><span class="soft small">{ format!("Usada: {}", used.unwrap_or_default()) }</span>
                                    </span>
                                    if !current {
                                        <Button text="Cerrar" disabled={action.busy()} onclick={end(text(session, "id").to_owned())} />
                                    }
                                </li>
                            }
                        }) }
                    </ul>
                },
            } }
        </section>
    }
}

#[component]
fn Leave() -> Html {
    let (session, view) = (use_session_actions(), use_view());
    let asked = use_state(|| false);
    let waiting = view.pending + view.failed;
    let action = use_action();
    let leave = {
        let action = action.clone();
        Callback::from(move |()| {
            if let Some(done) = action.start(|()| {}) {
                session.logout(done);
            }
        })
    };
    let ask = {
        let asked = asked.setter();
        let leave = leave.clone();
        Callback::from(move |()| if waiting > 0 { asked.set(true) } else { leave.emit(()) })
    };
    let close = {
        let asked = asked.setter();
        Callback::from(move |()| asked.set(false))
    };
    html! {
        <>
            { action.fault() }
            <Button text="Salir" icon="logout" full=true disabled={action.busy()} onclick={ask} />
            if *asked {
                <ConfirmSheet title="Hay cambios sin enviar" action="Salir de todos modos" keep="Quedarme"
                    onconfirm={leave} onclose={close}>
                    <p>{ kept(waiting) }</p>
                </ConfirmSheet>
            }
        </>
    }
}

/// What becomes of so many changes.
fn kept(waiting: usize) -> String {
    let what = if waiting == 1 { "Queda 1 cambio" } else { &format!("Quedan {waiting} cambios") };
    format!("{what} en este teléfono. Se envía todo cuando vuelvas a entrar con tu cuenta.")
}

const PIN_DIGITS_MIN: usize = 4;
