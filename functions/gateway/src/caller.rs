//! From a token to the user as he is stored: a write asks whether he is still active.

use domain::{Caller, Channel};
use store::push::Sender;
use store::reading::read_items;
use store::tables::{Surroundings, Tables};

use crate::{ApiError, Claims};

impl Claims {
    /// The one who writes, as the push wants him.
    pub fn sender(&self) -> Sender {
        Sender { business: self.business.clone(), user: self.user.clone(), role: self.role }
    }
}

/// The caller behind a token, read from the `accounts` table: for routes that do not push.
///
/// # Errors
/// `user_inactive` if he is unknown, or deactivated and the token does not say so; what the
/// store's error says if he cannot be read.
pub async fn load_caller<T: Tables, S: Surroundings>(
    tables: &T,
    surroundings: &S,
    claims: &Claims,
    channel: Channel,
) -> Result<Caller, ApiError> {
    let sender = claims.sender();
    let key = sender.key();
    let found = read_items(tables, surroundings, [key.clone()]).await?;
    sender.caller(found.get(&key), channel).map_err(|refused| refused.code.into())
}
