//! What the browser lends us: clocks, chance, ids, its own idea of the network.

use engine::{Elapsed, Moment};
use gloo_events::EventListener;
use js_sys::{Date, Function, Math, Promise, Reflect};
use protocol::Instant;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

/// An id that no other phone makes: `crypto.randomUUID`, or time and chance where the browser has
/// none (pages that are not served securely).
pub fn create_sync_id() -> String {
    from_crypto().unwrap_or_else(|| {
        let chance = || Math::random().to_bits() & 0xf_ffff_ffff_ffff;
        format!("{}-{:x}{:x}", Date::now(), chance(), chance())
    })
}

/// What the browser says of the network. It may be wrong: a queue does not rely on it.
pub fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// The wall clock, as the phone believes it.
pub fn now() -> Instant {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds are whole and far below 2^53"
    )]
    Instant::from_millis(Date::now() as i64)
}

/// Both clocks and a die, for the engine.
pub(super) fn moment() -> Moment {
    Moment { wall: now(), elapsed: elapsed(), random: random() }
}

/// Milliseconds since the page began, by a clock that never goes back.
pub(super) fn elapsed() -> Elapsed {
    let clock = web_sys::window().and_then(|window| window.performance());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative, and a page does not live for 2^53 milliseconds"
    )]
    Elapsed(clock.map_or(0, |clock| clock.now() as u64))
}

/// Calls `heard` at each event of this name until the page goes.
pub(crate) fn listen(target: &EventTarget, name: &'static str, heard: impl Fn() + 'static) {
    EventListener::new(target, name, move |_| heard()).forget();
}

/// Asks the browser not to throw our data away when space is short. It may say no.
pub(super) fn ask_to_persist() {
    let asked = property("storage").and_then(|storage| {
        let persist: Function = Reflect::get(&storage, &"persist".into()).ok()?.dyn_into().ok()?;
        persist.call0(&storage).ok()?.dyn_into::<Promise>().ok()
    });
    if let Some(asked) = asked {
        wasm_bindgen_futures::spawn_local(async move {
            // Either answer leaves us as we were.
            drop(wasm_bindgen_futures::JsFuture::from(asked).await);
        });
    }
}

/// A property of `navigator` that not every browser has.
pub(super) fn property(name: &str) -> Option<JsValue> {
    let navigator = web_sys::window()?.navigator();
    let value = Reflect::get(&navigator, &name.into()).ok()?;
    value.is_truthy().then_some(value)
}

fn from_crypto() -> Option<String> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).ok()?;
    let make: Function = Reflect::get(&crypto, &"randomUUID".into()).ok()?.dyn_into().ok()?;
    make.call0(&crypto).ok()?.as_string()
}

fn random() -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to below 2^32"
    )]
    let half = || (Math::random() * 4_294_967_296.0) as u64;
    half() << 32 | half()
}
