//! Where demo data is put in, through the HTTP interface itself, before the stack says that it is
//! ready.

/// Puts the demo business in by way of `origin`, unless it is there. This build has no demo data,
/// and says so instead of pretending.
pub(crate) fn demo(origin: &str) {
    crate::console::line(&format!("--seed-demo: there is no demo data yet; {origin} starts empty"));
}
