//! The index: which accounts there are and where their records lie.

use serde::{Deserialize, Serialize};
use session::VaultFault;
use zeroize::Zeroizing;

use super::records::Scope;
use super::seal::Seal;

/// Which accounts the keychain holds, as one entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Index {
    /// Rises with every write.
    #[serde(skip)]
    pub(super) generation: u64,
    pub(super) accounts: Vec<Account>,
}

/// One account in the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) issuer: String,
    #[serde(rename = "client")]
    pub(super) client_id: String,
    pub(super) sub: String,
    /// When this account became the last used one, in milliseconds since the Unix epoch.
    pub(super) used: i64,
    /// Of the newest record that was ever split; 0 if none was.
    pub(super) generation: u64,
    pub(super) place: Place,
}

/// Where an account's record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Place {
    /// Nowhere: it is about to be written for the first time, or being removed. What there is of it is waste.
    Nowhere,
    /// In one entry.
    Whole,
    /// In that many parts, of the account's generation.
    Parts(u16),
}

impl Account {
    /// Whether both are the same person's with the same pool and client.
    pub(super) fn is(&self, other: &Self) -> bool {
        (&self.issuer, &self.client_id, &self.sub) == (&other.issuer, &other.client_id, &other.sub)
    }

    /// Whether it belongs to this pool and client.
    pub(super) fn is_in(&self, scope: &Scope) -> bool {
        self.issuer == scope.issuer && self.client_id == scope.client_id
    }
}

impl Index {
    /// The account of this pool and client that was used last and has a record.
    pub(super) fn last_used(&self, scope: &Scope) -> Option<&Account> {
        self.accounts
            .iter()
            .filter(|account| account.is_in(scope) && account.place != Place::Nowhere)
            .max_by_key(|account| account.used)
    }

    /// The account with this `sub`.
    pub(super) fn find(&self, scope: &Scope, sub: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.is_in(scope) && account.sub == sub)
    }

    /// Enters the account, in place of what was entered for it before.
    pub(super) fn enter(&mut self, account: Account) {
        self.accounts.retain(|it| !it.is(&account));
        self.accounts.push(account);
    }

    /// A moment later than any in the index, even if the clock was set back.
    pub(super) fn moment_after(&self, now: i64) -> i64 {
        let newest = self.accounts.iter().map(|account| account.used).max();
        newest.map_or(now, |newest| now.max(newest.saturating_add(1)))
    }

    /// The entry.
    ///
    /// # Errors
    /// None that strings and numbers can cause; the serialiser's signature has one.
    pub(super) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
        let whole = serde_json::to_vec(self).map_err(|_| VaultFault::Corrupt)?;
        Ok(Seal::new(&whole, self.generation, 0, 1).entry(&whole))
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// [`VaultFault::Newer`] or [`VaultFault::Corrupt`].
    pub(super) fn decode(entry: &[u8]) -> Result<Self, VaultFault> {
        let (seal, whole) = Seal::open(entry)?;
        if !seal.vouches_for(whole) {
            return Err(VaultFault::Corrupt);
        }
        let mut index: Self = serde_json::from_slice(whole).map_err(|_| VaultFault::Corrupt)?;
        index.generation = seal.generation;
        Ok(index)
    }
}
