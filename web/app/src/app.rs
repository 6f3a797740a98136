//! The app as a whole: who is at work decides what is shown, the address decides which screen.

use gloo_events::EventListener;
use protocol::SessionUser;
use yew::prelude::*;

use crate::components::{
    BarStatus, Button, ErrorState, Look, QuestionHost, ReadFault, TabBar, ToastHost,
};
use crate::data::{PhoneProvider, use_session};
use crate::forms;
use crate::pages::{self, Loading};
use crate::router::{Route, use_address, use_route};
use crate::session::SessionState;

/// Puts the app into the page.
///
/// # Panics
/// In a page without an element `app`.
pub fn start() {
    let place = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("app"))
        .expect("index.html has a place for the app");
    forms::install();
    yew::Renderer::<App>::with_root(place).render();
}

#[component]
fn App() -> Html {
    html! {
        <PhoneProvider>
            <ToastHost>
                <UpdateNotice />
                <Gate />
                <QuestionHost />
            </ToastHost>
        </PhoneProvider>
    }
}

/// Nobody sees a screen before it is known who is at work.
#[component]
fn Gate() -> Html {
    let session = use_session();
    match session.state {
        SessionState::Opening => html! {
            <main class="launch"><p>{ "Abriendo Avileo…" }</p></main>
        },
        SessionState::Failed(fault) => html! {
            <main class="page">
                <ErrorState icon="warning" title="Este teléfono no deja guardar" text={fault.to_string()}>
                    <Button text="Intentar de nuevo" look={Look::Primary} onclick={Callback::from(|()| reload())} />
                </ErrorState>
            </main>
        },
        SessionState::SignedOut(known) => {
            let email = known.first().map(|known| AttrValue::from(known.email.clone()));
            html! { <pages::Login known={email} /> }
        }
        SessionState::Locked(user) => html! { <pages::Locked name={user.name} /> },
        SessionState::SignedIn(user) => html! {
            <Frame {user} password_needed={session.password_needed} deactivated={session.deactivated} />
        },
    }
}

#[derive(Properties, PartialEq)]
struct FrameProps {
    user: SessionUser,
    password_needed: bool,
    deactivated: bool,
}

#[component]
fn Frame(props: &FrameProps) -> Html {
    let route = use_route();
    let user = &props.user;
    // The same screen at another address, as of another customer, is another one.
    let key = use_address();
    let read_fault = pages::use_read_fault();
    let status = BarStatus((route != Route::Sync).then_some(pages::use_view().word));
    html! {
        <div class="shell">
            <a class="skip" href="#content">{ "Ir al contenido" }</a>
            <TabBar route={route.clone()} role={user.role} business={user.business_name.clone()} />
            if props.password_needed {
                <pages::PasswordNeeded email={user.email.clone()} />
            }
            if props.deactivated {
                <pages::Deactivated />
            }
            <Loading />
            <ContextProvider<BarStatus> {key} context={status}>
                <ContextProvider<Option<ReadFault>> context={read_fault}>
                    <div>{ screen(route) }</div>
                </ContextProvider<Option<ReadFault>>>
            </ContextProvider<BarStatus>>
        </div>
    }
}

fn screen(route: Route) -> Html {
    match route {
        Route::Home => html! { <pages::Home /> },
        Route::Calculator => html! { <pages::Calculator /> },
        Route::Sales => html! { <pages::Sales /> },
        Route::NewSale => html! { <pages::NewSale /> },
        Route::Sale(id) => html! { <pages::Sale {id} /> },
        Route::EditSale(id) => html! { <pages::EditSale {id} /> },
        Route::Customers => html! { <pages::Customers /> },
        Route::NewCustomer => html! { <pages::NewCustomer /> },
        Route::ImportCustomers => html! { <pages::ImportCustomers /> },
        Route::Customer(id) => html! { <pages::Customer {id} /> },
        Route::EditCustomer(id) => html! { <pages::EditCustomer {id} /> },
        Route::NewAbono(id) => html! { <pages::NewAbono {id} /> },
        Route::EditAbono(id) => html! { <pages::EditAbono {id} /> },
        Route::Closing => html! { <pages::Closing /> },
        Route::Catalog => html! { <pages::Catalog /> },
        Route::Loads => html! { <pages::Loads /> },
        Route::NewLoad => html! { <pages::NewLoad /> },
        Route::Load(id) => html! { <pages::Load {id} /> },
        Route::EditLoad(id) => html! { <pages::EditLoad {id} /> },
        Route::Closings => html! { <pages::Closings /> },
        Route::Team => html! { <pages::Team /> },
        Route::Reports => html! { <pages::Reports /> },
        Route::Sync => html! { <pages::Sync /> },
        Route::Conflicts => html! { <pages::Conflicts /> },
        Route::Account => html! { <pages::Account /> },
        Route::More => html! { <pages::More /> },
        Route::NotFound => html! { <pages::NotFound /> },
    }
}

/// "Nueva versión": a newer app is on the phone, and takes over when the person says so.
#[component]
fn UpdateNotice() -> Html {
    let ready = use_state_eq(|| false);
    {
        let ready = ready.setter();
        use_effect_with((), move |()| {
            let listener = web_sys::window().map(|window| {
                EventListener::new(&window, "avileo-update-ready", move |_| ready.set(true))
            });
            // One that waited before this app listened says so again.
            send("avileo-update-asked");
            move || drop(listener)
        });
    }
    if !*ready {
        return Html::default();
    }
    html! {
        <div class="update-notice" role="status">
            <span class="grow strong">{ "Nueva versión" }</span>
            <Button text="Actualizar" look={Look::Yolk}
                onclick={Callback::from(|()| send("avileo-update-accepted"))} />
        </div>
    }
}

fn send(name: &str) {
    if let (Some(window), Ok(event)) = (web_sys::window(), web_sys::CustomEvent::new(name)) {
        // Nobody cancels it.
        drop(window.dispatch_event(&event));
    }
}

fn reload() {
    if let Some(window) = web_sys::window() {
        // A page that cannot be loaded again stays.
        drop(window.location().reload());
    }
}
