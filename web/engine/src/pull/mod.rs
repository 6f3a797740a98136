//! The way down: which URLs are asked for, which pages are believed, what becomes of the records.

mod address;
mod apply;
mod page;

pub(crate) use address::Range;
pub(crate) use apply::{apply, key_of};
pub(crate) use page::Page;
