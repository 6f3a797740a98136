//! Who is at work on this phone, and with what token.
//!
//! A phone may be shared. Every person's session is kept below his business; one of them is at work,
//! in all tabs alike. Whoever signs out leaves his queue where it is: it waits for him.
//!
//! A session that is stored opens the app without a network for as long as need be: an expired
//! token blocks requests, never local work. What opens it again after signing out, with no network
//! to ask, is a slow salted hash of the password ([`Verifier`]). The PIN hides the screen from
//! whoever picks the phone up. Neither encrypts what lies on the phone.

mod sessions;
mod stored;
mod tokens;
mod verifier;

pub use sessions::{LoginRefused, SessionState, Sessions};
pub(crate) use stored::Place;
pub use stored::{Known, StoredSession};
pub(crate) use tokens::{Tokens, code_of, data_of, is_unauthorised};
pub use verifier::Verifier;
