//! What a person sees on the terminal: one line at a time on standard error.
//!
//! A terminal that has gone away is no reason to stop serving, so a line that cannot be written
//! is lost.

use std::io::Write;

/// Writes one line, whole.
pub(crate) fn line(text: &str) {
    let mut whole = String::with_capacity(text.len() + 1);
    whole.push_str(text);
    whole.push('\n');
    std::io::stderr().lock().write_all(whole.as_bytes()).ok();
}
