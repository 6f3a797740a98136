//! The routes of the running system, as phones and hostile strangers use them.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

mod push;
