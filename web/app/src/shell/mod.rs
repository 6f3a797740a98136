//! Drives the engine: feeds it what happens in the browser and performs what it asks for.
//!
//! [`Driver::dispatch`] is the one entrance. Effects on the database run on `indexeddb`, requests
//! on `fetch`; timers, other tabs, locks and the browser's own switches each have a file.

mod browser;
mod cursor;
mod driver;
mod effects;
mod lock;
mod reconcile;
mod request;
mod tabs;
mod watched;

pub(crate) use browser::listen;
pub use browser::{create_sync_id, is_online, now};
pub(crate) use cursor::is_known as was_at_work;
pub use driver::Driver;
pub(crate) use driver::Listener;
pub(crate) use lock::acquire;
pub(crate) use request::{Outgoing, Received, fetch};
pub(crate) use tabs::{News, Tabs};
pub use watched::{Watched, use_watched};
