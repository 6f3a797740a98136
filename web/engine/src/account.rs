//! To whom a queue belongs: one person of one business.

use protocol::{BusinessId, DeviceId, Role, UserId};
use serde::{Deserialize, Serialize};

/// One person of one business: `{"business":"b-1","user":"user-2"}`.
///
/// Every operation carries the account that made it; only that account ever sends or sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The business whose records are shown.
    pub business: BusinessId,
    /// The person.
    pub user: UserId,
}

/// The account at work on this phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// What he may do, as the last token says.
    pub role: Role,
    /// This installation of the app.
    pub device: DeviceId,
}

impl SignedIn {
    /// A [`Role::Saliente`] may push what he had done, and reads nothing any more.
    pub fn may_read(&self) -> bool {
        self.role != Role::Saliente
    }
}
