//! The phone's app: sellers work with it, with or without a signal.
//!
//! `data` and `session` know the engine and the database, `pages` are the screens and `components`
//! their parts. [`pages::source`] is the one place where a screen meets the data.

mod app;
mod components;
mod format;
mod pages;
mod router;

fn main() {
    yew::Renderer::<app::App>::new().render();
}
