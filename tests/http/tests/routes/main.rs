//! The routes of the running system, as phones and hostile strangers use them.

mod addresses;
mod auth;
mod bodies;
mod effect;
mod fields;
mod push;
mod roles;
mod sessions;
mod signer;
mod silence;
mod starts;
mod tenants;
mod tokens;
mod walkthroughs;
