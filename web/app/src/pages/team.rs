//! Equipo: who works for the business. Written online only.

use serde_json::{Value, json};
use yew::prelude::*;

use super::source::{use_api, use_me};
use crate::components::{
    Button, Choice, ErrorState, Field, Icon, Kind, Look, Page, Segments, Sheet, SkeletonRows, avatar, use_toaster,
};
use crate::format::text;

/// What is open above the list.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    Nothing,
    New,
    Member(String, String),
}

#[component]
pub(crate) fn Team() -> Html {
    let (api, me) = (use_api(), use_me());
    let found = use_state(|| None::<Result<Value, String>>);
    let open = use_state(|| Open::Nothing);
    let load = {
        let (api, found) = (api.clone(), found.setter());
        Callback::from(move |()| {
            let found = found.clone();
            api.get("/team", Callback::from(move |answer| found.set(Some(answer))));
        })
    };
    {
        let load = load.clone();
        use_effect_with((), move |()| load.emit(()));
    }
    let show = { let open = open.setter(); Callback::from(move |what: Open| open.set(what)) };
    let done = { let (show, load) = (show.clone(), load.clone()); Callback::from(move |()| {
        show.emit(Open::Nothing);
        load.emit(());
    }) };
    let end = html! {
        <button type="button" class="icon-button" aria-label="Nueva persona"
            onclick={show.reform(|_: MouseEvent| Open::New)}><Icon name="add-customer" /></button>
    };
    html! {
        <Page title="Equipo" up={crate::router::Route::More} {end}>
            { match &*found {
                None => html! { <SkeletonRows /> },
                Some(Err(why)) => html! {
                    <ErrorState icon="offline" title="No se pudo leer el equipo" text={why.clone()}>
                        <Button text="Reintentar" icon="sync" onclick={load} />
                    </ErrorState>
                },
                Some(Ok(answer)) => html! {
                    <ul class="list" aria-label="Equipo">
                        { for members(answer).iter().map(|member| row(member, &me.id, &show)) }
                    </ul>
                },
            } }
            { match &*open {
                Open::Nothing => Html::default(),
                Open::New => html! { <NewMember ondone={done} onclose={show.reform(|()| Open::Nothing)} /> },
                Open::Member(id, name) => html! {
                    <Member id={id.clone()} name={name.clone()} ondone={done}
                        onclose={show.reform(|()| Open::Nothing)} />
                },
            } }
        </Page>
    }
}

fn members(answer: &Value) -> Vec<protocol::JsonObject> {
    let list = answer.as_array().or_else(|| answer.get("members").and_then(Value::as_array));
    list.into_iter().flatten().filter_map(Value::as_object).cloned().collect()
}

fn row(member: &protocol::JsonObject, me: &str, show: &Callback<Open>) -> Html {
    let (id, name) = (text(member, "id").to_owned(), text(member, "name").to_owned());
    let active = member.get("active") != Some(&json!(false));
    let role = if text(member, "role") == "ADMIN_NEGOCIO" { "Administra" } else { "Vende" };
    let is_me = id == me;
    let onclick = { let name = name.clone(); show.reform(move |_: MouseEvent| Open::Member(id.clone(), name.clone())) };
    html! {
        <li class="item">
            { avatar(&name) }
            <span class="grow">
                <span class="strong">{ name.clone() }</span><br />
                <span class="soft small">{ format!("{role} · {}", text(member, "email")) }</span>
            </span>
            if !active {
                <span class="badge">{ "Desactivado" }</span>
            } else if !is_me {
                <button type="button" class="icon-button" {onclick} aria-label={format!("Opciones de {name}")}>
                    <Icon name="more" />
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
    let fields = use_state(|| [const { String::new() }; 4]);
    let role = use_state(|| AttrValue::from("VENDEDOR"));
    let error = use_state(|| None::<AttrValue>);
    let typed = |at: usize| {
        let fields = fields.clone();
        Callback::from(move |text: String| {
            let mut changed = (*fields).clone();
            changed[at] = text;
            fields.set(changed);
        })
    };
    let onsubmit = {
        let (fields, role, error) = (fields.clone(), role.clone(), error.clone());
        let ondone = props.ondone.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let [name, email, password, place] = &*fields;
            let mut body = json!({"name": name, "email": email, "password": password, "role": role.as_str()});
            if !place.trim().is_empty() {
                body["salesPoint"] = json!(place.trim());
            }
            let (error, ondone, toaster) = (error.clone(), ondone.clone(), toaster.clone());
            let done = Callback::from(move |done: Result<Value, String>| match done {
                Ok(_) => {
                    toaster.say("Persona agregada");
                    ondone.emit(());
                }
                Err(why) => error.set(Some(why.into())),
            });
            api.post("/team", body, done);
        })
    };
    let chosen = { let role = role.setter(); Callback::from(move |value| role.set(value)) };
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
                if let Some(error) = &*error {
                    <p class="fault" role="alert">{ error }</p>
                }
                <Button submit=true full=true look={Look::Primary} text="Agregar" />
            </form>
        </Sheet>
    }
}

#[derive(Properties, PartialEq)]
struct MemberProps {
    id: String,
    name: String,
    ondone: Callback<()>,
    onclose: Callback<()>,
}

/// A new password for somebody, or his leaving.
#[component]
fn Member(props: &MemberProps) -> Html {
    let (api, toaster) = (use_api(), use_toaster());
    let password = use_state(String::new);
    let error = use_state(|| None::<AttrValue>);
    let post = |what: &'static str, body: Value, said: &'static str| {
        let (api, error, ondone) = (api.clone(), error.clone(), props.ondone.clone());
        let (toaster, path) = (toaster.clone(), format!("/team/{}/{what}", props.id));
        Callback::from(move |()| {
            let (error, ondone, toaster) = (error.clone(), ondone.clone(), toaster.clone());
            let done = Callback::from(move |done: Result<Value, String>| match done {
                Ok(_) => {
                    toaster.say(said);
                    ondone.emit(());
                }
                Err(why) => error.set(Some(why.into())),
            });
            api.post(&path, body.clone(), done);
        })
    };
    let typed = { let password = password.setter(); Callback::from(move |text| password.set(text)) };
    html! {
        <Sheet title={props.name.clone()} onclose={props.onclose.clone()}>
            <Field id="reset-password" label="Contraseña nueva" kind={Kind::NewPassword} value={(*password).clone()}
                oninput={typed} error={(*error).clone()} hint="8 caracteres o más." />
            <Button text="Cambiar contraseña" full=true
                onclick={post("reset", json!({"password": *password}), "Contraseña cambiada")} />
            <p class="soft">{ "Al desactivar, la persona ya no entra. Lo que guardó antes sin señal todavía se recibe." }</p>
            <Button text="Desactivar" full=true look={Look::Danger} onclick={post("deactivate", json!({}), "Desactivado")} />
        </Sheet>
    }
}
