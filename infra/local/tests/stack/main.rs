//! The stack as its users see it: real processes, started from a template, asked over HTTP.

#![expect(clippy::unwrap_used, reason = "a test fails where its setting does")]

mod edge;
mod harness;
mod http;
mod lifecycle;
mod stream;
