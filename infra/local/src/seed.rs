//! Where demo data is put in, through the HTTP interface itself, before the stack says that it is
//! ready.

use std::io;

/// Puts the demo business in by way of `origin`, unless it is there.
///
/// # Errors
///
/// Always, so far: this build has no demo data, and says so instead of pretending.
pub(crate) fn demo(origin: &str) -> io::Result<()> {
    let problem = format!("--seed-demo: there is no demo data yet (for {origin})");
    Err(io::Error::new(io::ErrorKind::Unsupported, problem))
}
