//! The phone as one thing: database, engine, sessions, records. Made once for a tab.

use std::cell::RefCell;
use std::rc::Rc;

use engine::{StorageFault, Trouble};
use indexeddb::Database;
use protocol::{Role, SessionUser};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::{
    Children, ContextProvider, Html, Properties, component, hook, html, use_context,
    use_effect_with, use_force_update, use_memo,
};

use super::Online;
use super::load::Following;
use super::model::Model;
use crate::session::{Place, SessionState, Sessions, Tokens};
use crate::shell::{Driver, Tabs, Watched, use_watched};

/// Everything below the screens. Cheap to clone; take it into `spawn_local` and call the
/// collection functions with it.
#[derive(Clone)]
pub struct Phone(pub(super) Rc<Parts>);

/// What the phone is made of once its database is open.
pub(super) struct Parts {
    pub(super) driver: Driver,
    pub(super) model: Rc<Model>,
    pub(super) sessions: Sessions,
    pub(super) tokens: Rc<Tokens>,
}

/// The login as a screen sees and changes it.
#[derive(Clone)]
pub struct SessionHandle {
    /// Who is at work.
    pub state: SessionState,
    /// His login has ended: only his password lets the queue go out. He works on meanwhile.
    pub password_needed: bool,
    /// The user was deactivated: the phone delivers what was written before, and reads nothing.
    pub deactivated: bool,
    /// Operations of his that are not on the server yet: warn him before he signs out.
    pub pending: usize,
    /// Signing in and out, registering, PIN; `None` while the database is being opened.
    pub sessions: Option<Sessions>,
}

/// What the context holds: changes once, from opening to open.
#[derive(Clone)]
struct Opened {
    phone: Rc<RefCell<Option<Phone>>>,
    state: Rc<Watched<SessionState>>,
}

/// What stands inside.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PhoneProviderProps {
    /// The app.
    pub children: Children,
}

/// Opens the phone's database and gives everything below it [`use_phone`] and [`use_session`].
///
/// Its children are rendered at once; until the database is open [`use_session`] says `Opening`, and
/// [`use_phone`] must not be used: show the app's pages from `SignedIn` on.
#[component]
pub fn PhoneProvider(props: &PhoneProviderProps) -> Html {
    let update = use_force_update();
    let opened = use_memo((), |()| Opened {
        phone: Rc::default(),
        state: Rc::new(Watched::new(SessionState::Opening)),
    });
    let opening = (*opened).clone();
    use_effect_with((), move |()| {
        spawn_local(async move {
            match Phone::open(Rc::clone(&opening.state), &opening.phone).await {
                Ok(()) => update.force_update(),
                Err(fault) => opening.state.set(SessionState::Failed(fault)),
            }
        });
    });
    html! {
        <ContextProvider<Opened> context={(*opened).clone()}>
            { props.children.clone() }
        </ContextProvider<Opened>>
    }
}

/// Everything below the screens.
///
/// # Panics
/// Outside of [`PhoneProvider`], and before [`use_session`] has said who is at work.
#[hook]
pub fn use_phone() -> Phone {
    let opened: Opened = use_context().expect("the app stands in a PhoneProvider");
    let phone = opened.phone.borrow().clone();
    phone.expect("pages with data are shown once somebody is signed in")
}

/// The login. Works from the first render on.
///
/// # Panics
/// Outside of [`PhoneProvider`].
#[hook]
pub fn use_session() -> SessionHandle {
    let opened: Opened = use_context().expect("the app stands in a PhoneProvider");
    let state = use_watched(&opened.state);
    let nothing = use_memo((), |()| Rc::new(Watched::new(None)));
    let phone = opened.phone.borrow().clone();
    let view =
        use_watched(&phone.as_ref().map_or((*nothing).clone(), |phone| phone.0.driver.view()));
    SessionHandle {
        state,
        password_needed: view
            .as_ref()
            .is_some_and(|view| view.troubles.contains(&Trouble::PasswordNeeded)),
        // Of the engine and not of the stored session: a renewed token may say so at any time.
        deactivated: phone.as_ref().is_some_and(|phone| {
            phone.0.driver.with_engine(|engine| {
                engine.signed_in().is_some_and(|who| who.role == Role::Saliente)
            })
        }),
        pending: view.as_ref().map_or(0, |view| view.pending),
        sessions: phone.map(|phone| phone.0.sessions.clone()),
    }
}

impl Phone {
    /// The person at work; `None` between two.
    pub fn user(&self) -> Option<SessionUser> {
        match self.0.sessions.state().get() {
            SessionState::SignedIn(user) | SessionState::Locked(user) => Some(user),
            _ => None,
        }
    }

    /// What can only be done online.
    pub fn online(&self) -> Online {
        Online::new(self.clone())
    }

    /// Reads the records again, after a read that failed.
    pub fn read_again(&self) {
        Following(Rc::clone(&self.0.model)).read_again();
    }

    /// Opens the database; the phone is in its place before anybody is told who is at work.
    async fn open(
        state: Rc<Watched<SessionState>>,
        place: &RefCell<Option<Self>>,
    ) -> Result<(), StorageFault> {
        let database = Database::open().await?;
        let tabs = Tabs::new();
        let tokens = Rc::new(Tokens::new(Place(database.clone()), tabs.clone()));
        let driver = Driver::new(database.clone(), Rc::clone(&tokens), tabs.clone());
        let model = Rc::new(Model::new(driver.clone(), database.clone()));
        driver.start(Rc::new(Following(Rc::clone(&model))));
        let sessions =
            Sessions::new(database, Rc::clone(&tokens), driver.clone(), tabs, state).await?;
        place.replace(Some(Self(Rc::new(Parts {
            driver,
            model,
            sessions: sessions.clone(),
            tokens,
        }))));
        sessions.start().await
    }
}

impl PartialEq for Phone {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl PartialEq for Opened {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.phone, &other.phone)
    }
}
