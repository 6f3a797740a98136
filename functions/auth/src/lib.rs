//! People and their logins: `/auth` and `/team`.
//!
//! Start at [`routes`]; [`Operator`] is what operators do beside them. Behind each route stands one method of `Accounts`: `register`, `login`,
//! `refresh`, `team`, `password_change`, `sessions`. What the `accounts` table holds is told in
//! `account`; how a refresh token is replaced without ever being lost, in `refresh_token`.

mod account;
mod accounts;
mod attempts;
mod device;
mod email;
mod login;
mod name;
mod operator;
mod password;
mod password_change;
mod refresh;
mod refresh_token;
mod register;
mod routes;
mod secret;
mod session;
mod sessions;
mod team;

pub use operator::{NamedBusiness, Operator, OperatorError, Person, partition_of};
pub use routes::routes;
pub use sessions::SessionSummary;
