//! What is kept of each person who has signed in on this phone.

use engine::{Account, StorageFault};
use indexeddb::Database;
use protocol::{Instant, SessionUser};
use serde::{Deserialize, Serialize};

use super::Verifier;

/// One person's row, at `[business, "session", user]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredSession {
    /// Who.
    pub user: SessionUser,
    /// The last tokens; absent once he has signed out or the server has ended his session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<StoredTokens>,
    /// Opens the app again without a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Verifier>,
    /// When he last signed in with his password.
    pub signed_in_at: Instant,
}

/// What hides the screen, at `[business, "pin", user]`: a row of its own, so that a guess never
/// writes over a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredPin {
    /// Recognises it.
    pub(crate) verifier: Verifier,
    /// Wrong ones in a row.
    pub(crate) failures: u32,
}

/// Tokens as the server gave them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredTokens {
    /// The bearer.
    pub access: String,
    /// Gets the next one.
    pub refresh: String,
}

/// Somebody who has signed in here before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Whose queue and records.
    pub account: Account,
    /// His name.
    pub name: String,
    /// To fill in the form.
    pub email: String,
    /// Where he works.
    pub business_name: String,
}

impl StoredSession {
    /// Whose it is.
    pub fn account(&self) -> Account {
        Account { business: self.user.business_id.clone(), user: self.user.id.clone() }
    }

    /// What is shown of it.
    pub fn known(&self) -> Known {
        Known {
            account: self.account(),
            name: self.user.name.clone(),
            email: self.user.email.clone(),
            business_name: self.user.business_name.clone(),
        }
    }
}

/// Where sessions are kept.
#[derive(Debug, Clone)]
pub(crate) struct Place(pub(crate) Database);

impl Place {
    /// One person's row; one that cannot be read counts as none: he signs in anew.
    pub(crate) async fn session(
        &self,
        account: &Account,
    ) -> Result<Option<StoredSession>, StorageFault> {
        let key = [account.business.as_str(), SESSION, account.user.as_str()];
        let text = self.0.kept(&key).await?;
        Ok(text.and_then(|text| protocol::json::from_str(&text).ok()))
    }

    /// Everybody's.
    pub(crate) async fn sessions(&self) -> Result<Vec<StoredSession>, StorageFault> {
        let rows = self.0.all_kept().await?.into_iter();
        let ours = rows.filter(|row| row.key.get(1).is_some_and(|name| name == SESSION));
        Ok(ours.filter_map(|row| protocol::json::from_str(&row.text).ok()).collect())
    }

    pub(crate) async fn put(&self, session: &StoredSession) -> Result<(), StorageFault> {
        let (account, text) = (session.account(), written(session)?);
        let key = [account.business.as_str(), SESSION, account.user.as_str()];
        self.0.keep(&[(&key, Some(&text))]).await
    }

    /// Puts `session` in place of `before`, as it was read; false if it has changed since, and then
    /// what is there stays.
    pub(crate) async fn replace(
        &self,
        before: &StoredSession,
        session: &StoredSession,
    ) -> Result<bool, StorageFault> {
        let account = session.account();
        let key = [account.business.as_str(), SESSION, account.user.as_str()];
        let (Some(text), written) = (self.0.kept(&key).await?, written(session)?) else {
            return Ok(false);
        };
        // As text it may be of another version of the app: what it says is compared.
        if protocol::json::from_str::<StoredSession>(&text).ok().as_ref() != Some(before) {
            return Ok(false);
        }
        self.0.replace_kept(&key, &text, &written).await
    }

    pub(crate) async fn pin(&self, account: &Account) -> Result<Option<StoredPin>, StorageFault> {
        let key = [account.business.as_str(), PIN, account.user.as_str()];
        let text = self.0.kept(&key).await?;
        Ok(text.and_then(|text| protocol::json::from_str(&text).ok()))
    }

    pub(crate) async fn put_pin(
        &self,
        account: &Account,
        pin: Option<&StoredPin>,
    ) -> Result<(), StorageFault> {
        let text = pin.map(written).transpose()?;
        let key = [account.business.as_str(), PIN, account.user.as_str()];
        self.0.keep(&[(&key, text.as_deref())]).await
    }

    /// Who is at work, in all tabs.
    pub(crate) async fn at_work(&self) -> Result<Option<Account>, StorageFault> {
        let text = self.0.kept(&AT_WORK).await?;
        Ok(text.and_then(|text| protocol::json::from_str(&text).ok()))
    }

    pub(crate) async fn put_at_work(&self, account: Option<&Account>) -> Result<(), StorageFault> {
        let text = account.map(written).transpose()?;
        self.0.keep(&[(&AT_WORK, text.as_deref())]).await
    }

    /// This installation's own name, made with the first start.
    pub(crate) async fn device(&self, fresh: String) -> Result<String, StorageFault> {
        if let Some(known) = self.0.kept(&DEVICE).await? {
            return Ok(known);
        }
        self.0.keep(&[(&DEVICE, Some(&fresh))]).await?;
        Ok(fresh)
    }
}

fn written<T: Serialize>(row: &T) -> Result<String, StorageFault> {
    serde_json::to_string(row).map_err(|_| StorageFault::Aborted)
}

const SESSION: &str = "session";
const PIN: &str = "pin";
const AT_WORK: [&str; 2] = ["", "atWork"];
const DEVICE: [&str; 2] = ["", "device"];
