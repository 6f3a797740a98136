//! From a token to the user and the session as they are stored.

use domain::{Caller, Channel};
use store::push::Sender;
use store::reading::read_items;
use store::tables::{Surroundings, Tables};

use crate::{ApiError, Claims};

impl Claims {
    /// The sender of a push with this token.
    pub fn sender(&self) -> Sender {
        Sender {
            business: self.business.clone(),
            user: self.user.clone(),
            role: self.role,
            session: self.session.clone(),
        }
    }
}

/// The caller behind a token, read from the `accounts` table: for routes that do not push.
///
/// # Errors
/// `user_inactive` if the user is unknown, or deactivated and the token does not say so;
/// `invalid_token` if the session has ended; the store's error if neither can be read.
pub async fn load_caller<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    claims: &Claims,
) -> Result<Caller, ApiError> {
    let sender = claims.sender();
    let found = read_items(tables, surroundings, sender.keys()).await?;
    let caller = sender.caller(&found, Channel::Online, surroundings.now());
    caller.map_err(|refused| refused.code.into())
}
