//! From a token to the user as he is stored: a write asks whether he is still active.

use domain::{Caller, Channel};
use store::push::Sender;
use store::tables::{StoreError, Tables};

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
pub async fn load_caller(
    tables: &impl Tables,
    claims: &Claims,
    channel: Channel,
) -> Result<Caller, ApiError> {
    let sender = claims.sender();
    let mut got = tables.batch_get(&[sender.key()]).await?;
    if !got.unprocessed.is_empty() {
        return Err(StoreError::Throttled.into());
    }
    let user = got.items.pop().map(|(_, item)| item);
    sender.caller(user.as_ref(), channel).map_err(|refused| refused.code.into())
}
