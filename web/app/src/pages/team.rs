//! Equipo: who works for the business. Written online only.

use protocol::{Role, TeamMember, TeamMemberRequest};
use yew::prelude::*;

use super::online::use_api;
use super::source::use_me;
use crate::components::{
    Button, Choice, ConfirmSheet, ErrorState, Field, Kind, Look, Page, Segments, Sheet, avatar,
    icon, skeleton_rows, use_toaster,
};
use crate::forms::use_action;

/// What is open above the list.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    Nothing,
    New,
    /// Id, name, and whether the user is an administrator.
    Member(String, String, bool),
}

#[component]
pub(crate) fn Team() -> Html {
    let (api, me) = (use_api(), use_me());
    let found = use_state(|| None::<Result<Vec<TeamMember>, String>>);
    let open = use_state(|| Open::Nothing);
    let load = {
        let (api, found) = (api.clone(), found.setter());
        Callback::from(move |()| {
            let found = found.clone();
            api.team(Callback::from(move |answer| found.set(Some(answer))));
        })
    };
    {
        let load = load.clone();
        use_effect_with((), move |()| load.emit(()));
    }
    let show = {
        let open = open.setter();
        Callback::from(move |what: Open| open.set(what))
    };
    let done = {
        let (show, load) = (show.clone(), load.clone());
        Callback::from(move |()| {
            show.emit(Open::Nothing);
            load.emit(());
        })
    };
    let end = html! {
        <button type="button" class="icon-button" aria-label="Nueva persona"
            onclick={show.reform(|_: MouseEvent| Open::New)}>{ icon("add-customer") }</button>
    };
    html! {
        <Page title="Equipo" up={crate::router::Route::More} {end} without_records=true>
            { match &*found {
                None => skeleton_rows(4),
                Some(Err(why)) => html! {
                    <ErrorState icon="offline" title="No se pudo leer el equipo" text={why.clone()}>
                        <Button text="Reintentar" icon="sync" onclick={load} />
                    </ErrorState>
                },
                Some(Ok(answer)) => html! {
                    <ul class="list" aria-label="Equipo">
                        { for answer.iter().map(|member| row(member, &me.id, &show)) }
                    </ul>
                },
            } }
            { match &*open {
                Open::Nothing => Html::default(),
                Open::New => html! { <NewMember ondone={done} onclose={show.reform(|()| Open::Nothing)} /> },
                Open::Member(id, name, is_admin) => html! {
                    <Member id={id.clone()} name={name.clone()} is_admin={*is_admin} ondone={done}
                        onclose={show.reform(|()| Open::Nothing)} />
                },
            } }
        </Page>
    }
}

fn row(member: &TeamMember, me: &str, show: &Callback<Open>) -> Html {
    let (id, name) = (member.id.to_string(), member.name.clone());
    let role = if member.role == Role::AdminNegocio { "Administra" } else { "Vende" };
    let is_me = id == me;
    let is_admin = member.role == Role::AdminNegocio;
    let onclick = {
        let name = name.clone();
        show.reform(move |_: MouseEvent| Open::Member(id.clone(), name.clone(), is_admin))
    };
    html! {
        <li class="item">
            { avatar(&name) }
            <span class="grow">
                <span class="strong">{ name.clone() }</span><br />
                <span class="soft small">{ format!("{role} · {}", member.email) }</span>
            </span>
            if !member.active {
                <span class="badge">{ "Desactivado" }</span>
            } else if !is_me {
                <button type="button" class="icon-button" {onclick} aria-label={format!("Opciones de {name}")}>
                    { icon("more") }
                </button>
            }
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct NewMemberProps {
    ondone: Callback<()>,
    onclose: Callback<()>,
}

#[component]
fn NewMember(props: &NewMemberProps) -> Html {
    let (api, toaster) = (use_api(), use_toaster());
    let fields = use_state(|| [const { String::new() }; 5]);
    let role = use_state(|| AttrValue::from("VENDEDOR"));
    let action = use_action();
    let typed = |at: usize| {
        let fields = fields.clone();
        Callback::from(move |text: String| {
            let mut changed = (*fields).clone();
            changed[at] = text;
            fields.set(changed);
        })
    };
    let onsubmit = {
        let (fields, role, action) = (fields.clone(), role.clone(), action.clone());
        let ondone = props.ondone.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let [name, email, password, place, own] = &*fields;
            let request = TeamMemberRequest {
                name: name.trim().to_owned(),
                email: email.trim().to_owned(),
                password: password.clone(),
                role: if *role == "ADMIN_NEGOCIO" { Role::AdminNegocio } else { Role::Vendedor },
                sales_point: Some(place.trim().to_owned()).filter(|place| !place.is_empty()),
                own_password: Some(own.clone()).filter(|own| !own.is_empty()),
            };
            let (ondone, toaster) = (ondone.clone(), toaster.clone());
            let added = move |_: TeamMember| {
                toaster.say("Persona agregada");
                ondone.emit(());
            };
            let Some(done) = action.start(added) else { return };
            api.add_member(request, done);
        })
    };
    let chosen = {
        let role = role.setter();
        Callback::from(move |value| role.set(value))
    };
    html! {
        <Sheet title="Nueva persona" onclose={props.onclose.clone()}>
            <form class="stack loose" {onsubmit} novalidate=true>
                <Field id="member-name" label="Nombre" value={fields[0].clone()} oninput={typed(0)} autofocus=true />
                <Field id="member-email" label="Correo" kind={Kind::Email} value={fields[1].clone()} oninput={typed(1)} />
                <Field id="member-password" label="Contraseña" kind={Kind::NewPassword} value={fields[2].clone()}
                    hint="8 caracteres o más; la persona puede cambiarla." oninput={typed(2)} />
                <Field id="member-place" label="Punto de venta" value={fields[3].clone()} oninput={typed(3)}
                    hint="Por ejemplo, Carro A. Puede quedar vacío." />
                <Segments label="Rol" value={(*role).clone()} onchange={chosen}
                    choices={Choice::list(&[("VENDEDOR", "Vende"), ("ADMIN_NEGOCIO", "Administra")])} />
                if *role == "ADMIN_NEGOCIO" {
                    <Field id="own-password" label="Tu contraseña" kind={Kind::Password}
                        value={fields[4].clone()} hint="Se pide para agregar a quien administra."
                        oninput={typed(4)} />
                }
                { action.fault() }
                <Button submit=true full=true look={Look::Primary} text="Agregar" disabled={action.busy()} />
            </form>
        </Sheet>
    }
}

#[derive(Properties, PartialEq)]
struct MemberProps {
    id: String,
    name: String,
    is_admin: bool,
    ondone: Callback<()>,
    onclose: Callback<()>,
}

/// A new password for somebody, or his leaving.
#[component]
fn Member(props: &MemberProps) -> Html {
    let (api, toaster) = (use_api(), use_toaster());
    let password = use_state(String::new);
    let own = use_state(String::new);
    let own_password = Some((*own).clone()).filter(|own| !own.is_empty());
    let asked = use_state(|| false);
    let action = use_action();
    let told = {
        let (ondone, toaster) = (props.ondone.clone(), toaster.clone());
        move |said: &'static str| {
            toaster.say(said);
            ondone.emit(());
        }
    };
    let reset = {
        let (api, id, password) = (api.clone(), props.id.clone(), password.clone());
        let (action, told, own_password) = (action.clone(), told.clone(), own_password.clone());
        Callback::from(move |()| {
            let told = told.clone();
            let changed = move |()| told("Contraseña cambiada");
            let Some(done) = action.start(changed) else { return };
            api.reset_password(id.clone(), (*password).clone(), own_password.clone(), done);
        })
    };
    let deactivate = {
        let (id, action) = (props.id.clone(), action.clone());
        Callback::from(move |()| {
            let told = told.clone();
            let deactivated = move |_: TeamMember| told("Desactivado");
            let Some(done) = action.start(deactivated) else { return };
            api.deactivate(id.clone(), own_password.clone(), done);
        })
    };
    let typed = {
        let password = password.setter();
        Callback::from(move |text| password.set(text))
    };
    let typed_own = {
        let own = own.setter();
        Callback::from(move |text| own.set(text))
    };
    let ask = |to: bool| {
        let asked = asked.setter();
        Callback::from(move |()| asked.set(to))
    };
    if *asked {
        return html! {
            <ConfirmSheet title={format!("¿Desactivar a {}?", props.name)} error={action.error()}
                action="Desactivar" busy={action.busy()} onconfirm={deactivate} onclose={ask(false)}>
                <p>{ "Ya no podrá entrar ni vender. Desde la app no se puede deshacer: para que vuelva, escribe a soporte." }</p>
                <p>{ "Lo que guardó antes sin señal todavía se recibe. Sus ventas y abonos se quedan." }</p>
            </ConfirmSheet>
        };
    }
    html! {
        <Sheet title={props.name.clone()} onclose={props.onclose.clone()}>
            if props.is_admin {
                <Field id="own-password" label="Tu contraseña" kind={Kind::Password}
                    value={(*own).clone()} oninput={typed_own}
                    hint="Se pide para cambiar a quien administra." />
            }
            <Field id="reset-password" label="Contraseña nueva" kind={Kind::NewPassword} value={(*password).clone()}
                oninput={typed} error={action.error()} hint="8 caracteres o más." />
            <Button text="Cambiar contraseña" full=true disabled={action.busy()}
                onclick={reset} />
            <Button text="Desactivar" full=true look={Look::Danger} onclick={ask(true)} />
        </Sheet>
    }
}
