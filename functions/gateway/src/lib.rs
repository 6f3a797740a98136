//! What every request passes before a route, and every answer after it.
//!
//! Token, client version and body on the way in; envelope, error codes and caching headers on the
//! way out; signing keys, settings and log lines around both. A function brings its routes and
//! calls [`run`]; nothing here knows a route or a business rule.
//!
//! It is called `gateway` for what it is to a route, and not `http`, because that is the name of
//! the crate whose requests and answers it handles.
//!
//! Start at [`run`], then [`Gate`] (who asks) and [`ApiError`] (what is answered when it fails).

mod answer;
mod body;
mod caller;
mod client;
mod crypto;
mod error;
mod gate;
mod identity;
mod keys;
mod metrics;
mod origin;
mod parameters;
mod parts;
mod path;
mod request_line;
mod run;
mod secrets;
mod settings;
mod token;

pub use answer::Answer;
pub use body::{BODY_BYTES_MAX, JsonBody};
pub use caller::load_caller;
pub use client::{CLIENT_HEADER, ClientVersion};
pub use error::ApiError;
pub use gate::{Clock, Gate, machine_clock};
pub use identity::{Admin, FeedReader, Member, SignedIn, Writer};
pub use keys::{KeyError, KeyRing, KeySource, SigningKeys};
pub use metrics::Metrics;
pub use origin::OriginKeys;
pub use parameters::{Parameters, PathId};
pub use parts::Parts;
pub use request_line::{note_operation, note_results};
pub use run::{finish, run, start_tracing};
pub use secrets::SecretsManager;
pub use settings::{SettingError, optional_setting, required_setting};
pub use token::{Claims, TOKEN_SECONDS_MAX, TokenError};
