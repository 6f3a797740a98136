//! The phone's app. Below the screens: [`shell`] drives the sync engine, [`session`] knows who is
//! at work, and [`data`] is what screens read and write with. Screens start at [`data`].
//!
//! `pages` are the screens, `components` their parts, `format` how figures read; `pages/source.rs`
//! is where a screen meets the data.

mod app;
mod components;
pub mod data;
mod format;
mod forms;
mod pages;
mod router;
pub mod session;
pub mod shell;

pub use app::start;
