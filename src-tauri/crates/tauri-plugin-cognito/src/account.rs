//! The account of whoever is signed in: each command resolves when the pool has answered.
//!
//! Some of them take more than a click: what makes an account easier to take over wants a proof of presence, and whoever
//! deletes an account says its name. Both are looked at here, so that no mistake of the window's is enough.

use std::collections::BTreeMap;
use std::sync::Arc;

use cognito::{Account, AccountDevice, Client, CodeSent, Passkey, UserSession};
use session::{
    AccessToken, AuthenticatorSecret, CodeMethod, Fault, FaultCode, Handle, OneTimeCode, Password,
    SessionView, TokenError, User,
};
use tauri::{AppHandle, Runtime, command};

use crate::snapshot::{AccountProblem, AuthenticatorSetUp};
use crate::{CognitoExt, authenticator};

type Answered<T = ()> = Result<T, AccountProblem>;

/// The account, by way of the session and of the pool that it is at.
pub(crate) struct OwnAccount {
    handle: Handle,
    client: Arc<Client>,
}

impl OwnAccount {
    /// Asks the pool with an access token. One that it does not honour, although it has not expired, costs a renewal,
    /// which is where a session ends that is over, and one more try.
    async fn ask<T, F>(&self, request: impl Fn(Arc<Client>, AccessToken) -> F + Send + Sync) -> Answered<T>
    where
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let token = self.token().await?;
        let fault = match Box::pin(request(Arc::clone(&self.client), token.clone())).await {
            Ok(done) => return Ok(done),
            Err(fault) => fault,
        };
        if !matches!(
            fault.code,
            FaultCode::AccessTokenRevoked | FaultCode::UserGone | FaultCode::UserDisabled
        ) {
            return Err(fault.into());
        }
        tracing::info!(code = ?fault.code, "the pool does not honour the access token; asking with another one");
        self.handle.token_refused(token);
        let token = self.token().await?;
        Ok(Box::pin(request(Arc::clone(&self.client), token)).await?)
    }

    async fn token(&self) -> Answered<AccessToken> {
        self.handle.access_token().await.map_err(|error| match error {
            TokenError::Renewal(fault) => fault.into(),
            TokenError::SignedOut | TokenError::Unavailable | TokenError::Stopped => {
                AccountProblem::SignedOut
            }
        })
    }

    async fn present(&self) -> Answered {
        if self.handle.presence_proved().await { Ok(()) } else { Err(AccountProblem::PresenceNeeded) }
    }

    fn user(&self) -> Answered<User> {
        match &self.handle.view().session {
            SessionView::SignedIn { user, .. } => Ok(user.clone()),
            _ => Err(AccountProblem::SignedOut),
        }
    }

    /// A change of what the tokens say of the user.
    async fn change<T, F>(&self, request: impl Fn(Arc<Client>, AccessToken) -> F + Send + Sync) -> Answered<T>
    where
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let done = self.ask(request).await?;
        self.handle.user_changed();
        Ok(done)
    }

    /// The second factors that are on, of these.
    async fn factors_among(&self, methods: &[CodeMethod]) -> Answered<Vec<CodeMethod>> {
        if methods.is_empty() {
            return Ok(Vec::new());
        }
        let account = self.ask(|client, access| async move { client.account(&access).await }).await?;
        Ok(account.second_factors.into_iter().filter(|on| methods.contains(on)).collect())
    }

    /// Whoever moves where the codes of a second factor go has the factor.
    async fn change_attributes(&self, values: BTreeMap<String, String>) -> Answered<Vec<CodeSent>> {
        let factors = self.factors_among(&methods_of(values.keys())).await?;
        if !factors.is_empty() {
            self.present().await?;
        }
        let request = |client: Arc<Client>, access| {
            let values = values.clone();
            async move { client.change_attributes(&access, values).await }
        };
        let sent = self.change(request).await?;
        if !factors.is_empty() {
            self.handle.spend_presence();
        }
        Ok(sent)
    }

    /// A second factor whose codes would go nowhere is turned off first: nobody could sign in any more.
    async fn delete_attributes(&self, names: Vec<String>) -> Answered {
        let factors = self.factors_among(&methods_of(names.iter())).await?;
        if !factors.is_empty() {
            self.present().await?;
        }
        for method in &factors {
            let method = *method;
            self.ask(|client, access| async move { client.disable_second_factor(&access, method).await })
                .await?;
        }
        let request = |client: Arc<Client>, access| {
            let names = names.clone();
            async move { client.delete_attributes(&access, names).await }
        };
        if let Err(problem) = self.change(request).await {
            for method in factors {
                let again = |client: Arc<Client>, access| async move {
                    client.enable_second_factor(&access, method).await
                };
                // What kept the attribute is what is told.
                let _ = self.ask(again).await;
            }
            return Err(problem);
        }
        if !factors.is_empty() {
            self.handle.spend_presence();
        }
        Ok(())
    }

    /// A new secret takes the place of the one before, so where there is one it is as good as turned off.
    async fn begin_authenticator(&self) -> Answered<AuthenticatorSecret> {
        if !self.factors_among(&[CodeMethod::Authenticator]).await?.is_empty() {
            self.present().await?;
        }
        self.ask(|client, access| async move { client.begin_authenticator(&access).await }).await
    }

    /// Whoever sets a first password says no earlier one, so they prove to be there by what they have.
    async fn change_password(&self, previous: Option<Password>, proposed: Password) -> Answered {
        let first = previous.is_none();
        if first {
            self.present().await?;
        }
        let request = |client: Arc<Client>, access| {
            let (previous, proposed) = (previous.clone(), proposed.clone());
            async move { client.change_password(&access, previous.as_ref(), &proposed).await }
        };
        self.ask(request).await?;
        if first {
            self.handle.spend_presence();
        }
        Ok(())
    }

    async fn disable_second_factor(&self, method: CodeMethod) -> Answered {
        self.present().await?;
        self.ask(|client, access| async move { client.disable_second_factor(&access, method).await }).await?;
        self.handle.spend_presence();
        Ok(())
    }

    async fn delete(&self, name: &str) -> Answered {
        if !is_name_of(&self.user()?, name) {
            return Err(AccountProblem::NameDiffers);
        }
        self.present().await?;
        // A pool that is out of reach is not asked, so that an answer which does not come was lost.
        self.ask(|client, access| async move { client.account(&access).await }).await?;
        let deleted = self.ask(|client, access| async move { client.delete_account(&access).await }).await;
        if let Err(AccountProblem::Fault { fault }) = &deleted
            && is_lost(fault.code)
        {
            tracing::warn!(code = ?fault.code, "the pool's answer was lost: the account may be deleted");
            self.handle.account_may_be_deleted();
            return Err(Fault { code: FaultCode::DeletionUnknown, detail: fault.detail.clone() }.into());
        }
        deleted?;
        tracing::info!("the account is deleted");
        self.handle.spend_presence();
        self.handle.account_deleted();
        Ok(())
    }
}

/// Whether the pool may have done what it was asked without anybody's hearing of it.
const fn is_lost(code: FaultCode) -> bool {
    matches!(code, FaultCode::TimedOut | FaultCode::Unreachable)
}

/// Whether somebody means this user by the name: the pool's own, or the e-mail address, which nobody writes in one way
/// only.
fn is_name_of(user: &User, name: &str) -> bool {
    let name = name.trim();
    let is_email = user.email.as_ref().is_some_and(|email| email.to_lowercase() == name.to_lowercase());
    !name.is_empty() && (name == user.username || is_email)
}

/// The second factors whose codes go to these attributes.
fn methods_of<'name>(names: impl Iterator<Item = &'name String>) -> Vec<CodeMethod> {
    names
        .filter_map(|name| match name.as_str() {
            "email" => Some(CodeMethod::Email),
            "phone_number" => Some(CodeMethod::Sms),
            _ => None,
        })
        .collect()
}

fn own<R: Runtime>(app: &AppHandle<R>) -> Answered<OwnAccount> {
    let state = app.cognito().state();
    let running = state.running.as_ref().ok_or(AccountProblem::SignedOut)?;
    Ok(OwnAccount { handle: running.handle.clone(), client: Arc::clone(&running.client) })
}

#[command]
pub(crate) async fn account<R: Runtime>(app: AppHandle<R>) -> Answered<Account> {
    own(&app)?.ask(|client, access| async move { client.account(&access).await }).await
}

/// What has to be verified is told; nothing where nothing has to be.
#[command]
pub(crate) async fn change_attributes<R: Runtime>(
    app: AppHandle<R>,
    values: BTreeMap<String, String>,
) -> Answered<Vec<CodeSent>> {
    own(&app)?.change_attributes(values).await
}

#[command]
pub(crate) async fn delete_attributes<R: Runtime>(app: AppHandle<R>, names: Vec<String>) -> Answered {
    own(&app)?.delete_attributes(names).await
}

#[command]
pub(crate) async fn send_attribute_code<R: Runtime>(
    app: AppHandle<R>,
    attribute: String,
) -> Answered<CodeSent> {
    let request = |client: Arc<Client>, access| {
        let attribute = attribute.clone();
        async move { client.send_attribute_code(&access, attribute).await }
    };
    own(&app)?.ask(request).await
}

#[command]
pub(crate) async fn verify_attribute<R: Runtime>(
    app: AppHandle<R>,
    attribute: String,
    code: OneTimeCode,
) -> Answered {
    let request = |client: Arc<Client>, access| {
        let (attribute, code) = (attribute.clone(), code.clone());
        async move { client.verify_attribute(&access, attribute, &code).await }
    };
    own(&app)?.change(request).await
}

/// Who has no password yet gives no previous one, and a proof of presence.
#[command]
pub(crate) async fn change_password<R: Runtime>(
    app: AppHandle<R>,
    previous: Option<Password>,
    proposed: Password,
) -> Answered {
    own(&app)?.change_password(previous, proposed).await
}

/// The other way by which the secret of an authenticator app reaches the window: to whoever sets up one of their own.
#[command]
pub(crate) async fn begin_authenticator<R: Runtime>(app: AppHandle<R>) -> Answered<AuthenticatorSetUp> {
    let own = own(&app)?;
    let user = own.user()?;
    let secret = own.begin_authenticator().await?;
    // Where the pool's own name is a mere number, the address says more.
    let label = user.email.as_ref().filter(|_| user.username == user.sub).unwrap_or(&user.username);
    authenticator::set_up(&secret, &authenticator::issuer(&app), label).map_err(|error| {
        tracing::warn!(%error, "no QR code can hold the set-up");
        Fault::with_detail(FaultCode::AnswerUnusable, error.to_string()).into()
    })
}

/// Proves that the app has the secret, turns it on, and prefers it if nothing is preferred.
#[command]
pub(crate) async fn confirm_authenticator<R: Runtime>(
    app: AppHandle<R>,
    code: OneTimeCode,
    device: Option<String>,
) -> Answered {
    let request = |client: Arc<Client>, access| {
        let (code, device) = (code.clone(), device.clone());
        async move { client.confirm_authenticator(&access, &code, device).await }
    };
    let own = own(&app)?;
    own.ask(request).await?;
    own.handle.spend_presence();
    Ok(())
}

#[command]
pub(crate) async fn enable_second_factor<R: Runtime>(app: AppHandle<R>, method: CodeMethod) -> Answered {
    own(&app)?.ask(|client, access| async move { client.enable_second_factor(&access, method).await }).await
}

#[command]
pub(crate) async fn disable_second_factor<R: Runtime>(app: AppHandle<R>, method: CodeMethod) -> Answered {
    own(&app)?.disable_second_factor(method).await
}

/// Without one the user chooses at each sign-in.
#[command]
pub(crate) async fn prefer_second_factor<R: Runtime>(
    app: AppHandle<R>,
    method: Option<CodeMethod>,
) -> Answered {
    own(&app)?.ask(|client, access| async move { client.prefer_second_factor(&access, method).await }).await
}

/// None where the pool does not track devices.
#[command]
pub(crate) async fn devices<R: Runtime>(app: AppHandle<R>) -> Answered<Option<Vec<AccountDevice>>> {
    own(&app)?.ask(|client, access| async move { client.devices(&access).await }).await
}

#[command]
pub(crate) async fn forget_device<R: Runtime>(app: AppHandle<R>, key: String) -> Answered {
    let request = |client: Arc<Client>, access| {
        let key = key.clone();
        async move { client.delete_device(&access, &key).await }
    };
    own(&app)?.ask(request).await
}

/// None where the pool has no passkeys.
#[command]
pub(crate) async fn passkeys<R: Runtime>(app: AppHandle<R>) -> Answered<Option<Vec<Passkey>>> {
    own(&app)?.ask(|client, access| async move { client.passkeys(&access).await }).await
}

#[command]
pub(crate) async fn delete_passkey<R: Runtime>(app: AppHandle<R>, id: String) -> Answered {
    let request = |client: Arc<Client>, access| {
        let id = id.clone();
        async move { client.delete_passkey(&access, &id).await }
    };
    own(&app)?.ask(request).await
}

/// None where the pool does not track sessions.
#[command]
pub(crate) async fn sessions<R: Runtime>(app: AppHandle<R>) -> Answered<Option<Vec<UserSession>>> {
    own(&app)?.ask(|client, access| async move { client.sessions(&access).await }).await
}

#[command]
pub(crate) async fn revoke_session<R: Runtime>(app: AppHandle<R>, id: String) -> Answered {
    let request = |client: Arc<Client>, access| {
        let id = id.clone();
        async move { client.revoke_session(&access, &id).await }
    };
    own(&app)?.ask(request).await
}

/// The name is that of the account, to be said by whoever deletes it.
#[command]
pub(crate) async fn delete_account<R: Runtime>(app: AppHandle<R>, name: String) -> Answered {
    own(&app)?.delete(&name).await
}

/// Begins an attempt, and returns at once.
#[command]
pub(crate) async fn prove_presence<R: Runtime>(app: AppHandle<R>) -> Answered {
    own(&app)?.handle.prove_presence();
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
