//! Durability that rexie does not know of: a readwrite transaction is complete only once it is on
//! the disk, not in the system's cache.
//!
//! Chromium's default is relaxed: a phone that loses its battery may lose what it has called
//! saved. `IDBDatabase.prototype.transaction` is wrapped once to ask for `strict`. The wrapper also
//! keeps the transaction made last, since rexie hides why one was aborted.

use std::cell::{Cell, RefCell};

use js_sys::{Array, Function, Object, Proxy, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::IdbTransaction;

thread_local! {
    static WRAPPED: Cell<bool> = const { Cell::new(false) };
    static LATEST: RefCell<Option<IdbTransaction>> = const { RefCell::new(None) };
}

/// Wraps the browser's method, once. A browser without IndexedDB has nothing to wrap: opening the
/// database says so.
pub(crate) fn ask_for_durability() {
    if !WRAPPED.replace(true) && wrap().is_none() {
        WRAPPED.set(false);
    }
}

/// The transaction made last.
pub fn latest() -> Option<IdbTransaction> {
    LATEST.with_borrow(Clone::clone)
}

fn wrap() -> Option<()> {
    let class = Reflect::get(&js_sys::global(), &"IDBDatabase".into()).ok()?;
    let prototype = Reflect::get(&class, &"prototype".into()).ok()?;
    let original: Function = Reflect::get(&prototype, &METHOD.into()).ok()?.dyn_into().ok()?;
    let trap = Closure::<dyn FnMut(Function, JsValue, Array) -> Result<JsValue, JsValue>>::new(
        |original: Function, database: JsValue, arguments: Array| {
            if arguments.length() == 2 && arguments.get(1) == "readwrite" {
                let options = Object::new();
                Reflect::set(&options, &"durability".into(), &"strict".into())?;
                arguments.push(&options);
            }
            let transaction = Reflect::apply(&original, &database, &arguments)?;
            LATEST.set(transaction.dyn_ref::<IdbTransaction>().cloned());
            Ok(transaction)
        },
    );
    let handler = Object::new();
    Reflect::set(&handler, &"apply".into(), &trap.into_js_value()).ok()?;
    let wrapped = Proxy::new(&original, &handler);
    Reflect::set(&prototype, &METHOD.into(), &wrapped).ok()?.then_some(())
}

const METHOD: &str = "transaction";
