//! The routes of the running system, as phones and hostile strangers use them.

mod push;
