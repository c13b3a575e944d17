//! The passkeys of somebody who is signed in.

use std::cmp::Reverse;

use session::{AccessToken, Fault, FaultCode};

use super::{Client, MOST_PAGES, moment};
use crate::account::Passkey;
use crate::errors::{self, Operation};

/// The most that one answer of `ListWebAuthnCredentials` holds (`WebAuthnCredentialsQueryLimitType` of the Cognito
/// API).
const PAGE: i32 = 20;

impl Client {
    /// `ListWebAuthnCredentials`: the newest first. None where the pool has no passkeys.
    ///
    /// # Errors
    /// Whatever keeps the pool from telling.
    pub async fn passkeys(&self, access: &AccessToken) -> Result<Option<Vec<Passkey>>, Fault> {
        let (mut passkeys, mut next) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let call = self
                .sdk
                .list_web_authn_credentials()
                .access_token(access.expose())
                .max_results(PAGE)
                .set_next_token(next.take());
            match Box::pin(call.send()).await {
                Ok(output) => {
                    passkeys.extend(output.credentials.into_iter().map(|told| Passkey {
                        id: told.credential_id,
                        name: Some(told.friendly_credential_name).filter(|name| !name.trim().is_empty()),
                        relying_party: told.relying_party_id,
                        created_at: moment(told.created_at),
                    }));
                    next = output.next_token.filter(|token| !token.is_empty());
                }
                Err(error) => return errors::or_none(errors::of_sdk(Operation::ListPasskeys, &error)),
            }
            if next.is_none() {
                break;
            }
        }
        passkeys.sort_by_key(|passkey| Reverse(passkey.created_at));
        Ok(Some(passkeys))
    }

    /// `DeleteWebAuthnCredential`. One that is not there any more is as good as deleted.
    ///
    /// # Errors
    /// Whatever keeps the pool from it.
    pub async fn delete_passkey(&self, access: &AccessToken, id: &str) -> Result<(), Fault> {
        match self.ask_to_delete_passkey(access, id).await {
            Err(Fault { code: FaultCode::AlreadyGone, .. }) => Ok(()),
            result => result,
        }
    }

    pub(crate) async fn ask_to_delete_passkey(&self, access: &AccessToken, id: &str) -> Result<(), Fault> {
        let call = self.sdk.delete_web_authn_credential().access_token(access.expose()).credential_id(id);
        match Box::pin(call.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(errors::of_sdk(Operation::DeletePasskey, &error)),
        }
    }
}
