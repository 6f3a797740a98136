//! Web Locks: one tab at a time synchronises, one at a time refreshes a login.
//!
//! The browser gives back the lock of a tab that has died, but not that of one that is frozen, or
//! waits for something that never comes. Nothing correct depends on a lock, it only saves work; so
//! nobody waits for one without a bound, and then it is stolen.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::AbortController;

use super::browser::property;

/// A lock of this origin, given back when it is dropped; the browser gives it back for a tab that
/// has died. Whether another tab has stolen it meanwhile cannot be seen.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: Option<oneshot::Sender<()>>,
}

/// Takes a lock if it is free: `None` if another tab has it.
pub(crate) async fn acquire_free(name: &str) -> Option<Lock> {
    request(name, "ifAvailable", ANSWER_MS).await
}

/// Takes a lock away from the tab that has it.
pub(crate) async fn steal(name: &str) -> Lock {
    request(name, "steal", ANSWER_MS).await.unwrap_or(Lock { _held: None })
}

/// Takes a lock: waits for the tab that has it, but not for ever.
pub(crate) async fn acquire(name: &str) -> Lock {
    match request(name, "", WAIT_MS).await {
        Some(lock) => lock,
        None => steal(name).await,
    }
}

/// What became of a request.
enum Answered {
    Granted,
    Taken,
    /// Nothing came in time.
    Not,
}

/// The way to whoever waits for the answer; the first one counts.
type Grant = Rc<Cell<Option<oneshot::Sender<Answered>>>>;

/// Asks for a lock: `None` if it was not granted in time.
///
/// A browser without Web Locks grants everything, and so does one that does not answer at all where
/// it need not wait.
async fn request(name: &str, option: &str, within_ms: u32) -> Option<Lock> {
    let (grant, answered) = oneshot::channel();
    let (hold, held) = oneshot::channel::<()>();
    let grant: Grant = Rc::new(Cell::new(Some(grant)));
    let late = Rc::clone(&grant);
    let callback = Closure::once_into_js(move |lock: JsValue| -> Promise {
        let is_ours = !lock.is_null();
        let answer = if is_ours { Answered::Granted } else { Answered::Taken };
        let told = grant.take().is_some_and(|grant| grant.send(answer).is_ok());
        future_to_promise(async move {
            if is_ours && told {
                // Dropped, not sent: either way the lock is over.
                let _dropped = held.await;
            }
            Ok(JsValue::UNDEFINED)
        })
    });
    let controller = AbortController::new().ok();
    if call(name, option, controller.as_ref(), &callback).is_none() {
        return Some(Lock { _held: None });
    }
    spawn_local(give_up(late, within_ms));
    match answered.await {
        Ok(Answered::Granted) => Some(Lock { _held: Some(hold) }),
        Ok(Answered::Taken) => None,
        _ if option.is_empty() => {
            if let Some(controller) = controller {
                controller.abort();
            }
            None
        }
        _ => Some(Lock { _held: None }),
    }
}

/// Answers in the browser's stead. In steps: a page that was frozen has used up one of them when it
/// wakes, not all.
async fn give_up(grant: Grant, within_ms: u32) {
    for _ in 0..within_ms.div_ceil(STEP_MS) {
        TimeoutFuture::new(STEP_MS).await;
    }
    if let Some(grant) = grant.take() {
        drop(grant.send(Answered::Not));
    }
}

fn call(
    name: &str,
    option: &str,
    controller: Option<&AbortController>,
    callback: &JsValue,
) -> Option<()> {
    let locks = property("locks")?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    if option.is_empty() {
        // A signal may stand beside no other option.
        let signal = controller.map(AbortController::signal)?;
        Reflect::set(&options, &"signal".into(), &signal).ok()?;
    } else {
        Reflect::set(&options, &option.into(), &true.into()).ok()?;
    }
    let over: Promise =
        request.call3(&locks, &name.into(), &options, callback).ok()?.dyn_into().ok()?;
    // Fails for a lock that was given up, or that another tab has stolen: no error of ours.
    spawn_local(async move { drop(JsFuture::from(over).await) });
    Some(())
}

const STEP_MS: u32 = 1_000;

/// Where there is nothing to wait for, the browser answers at once.
const ANSWER_MS: u32 = 3_000;

/// Longer than another tab takes to refresh a login on a network that works.
const WAIT_MS: u32 = 8_000;
