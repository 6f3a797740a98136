//! Web Locks: one tab at a time synchronises, one at a time refreshes a login.

use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;

use super::browser::property;

/// A lock of this origin, given back when it is dropped; the browser gives it back for a tab that
/// has died.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: Option<oneshot::Sender<()>>,
}

/// Takes a lock. If it is taken: waits for it, or says `None` where `waits` is false.
///
/// A browser without Web Locks grants everything: nothing correct depends on them.
pub(crate) async fn acquire(name: &str, waits: bool) -> Option<Lock> {
    let (grant, granted) = oneshot::channel();
    let (hold, held) = oneshot::channel::<()>();
    let callback = Closure::once_into_js(move |lock: JsValue| -> Promise {
        let is_ours = !lock.is_null();
        let told = grant.send(is_ours).is_ok();
        future_to_promise(async move {
            if is_ours && told {
                // Dropped, not sent: either way the lock is over.
                let _dropped = held.await;
            }
            Ok(JsValue::UNDEFINED)
        })
    });
    if request(name, waits, &callback).is_none() {
        return Some(Lock { _held: None });
    }
    match granted.await {
        Ok(true) => Some(Lock { _held: Some(hold) }),
        _ => None,
    }
}

fn request(name: &str, waits: bool, callback: &JsValue) -> Option<()> {
    let locks = property("locks")?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &(!waits).into()).ok()?;
    request.call3(&locks, &name.into(), &options, callback).ok().map(drop)
}
