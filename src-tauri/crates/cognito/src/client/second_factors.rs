//! The second factors of somebody who is signed in: an authenticator app of their own, and which factors are asked for.

use aws_sdk_cognitoidentityprovider::types::{
    EmailMfaSettingsType, SmsMfaSettingsType, SoftwareTokenMfaSettingsType, VerifySoftwareTokenResponseType,
};
use session::{AccessToken, AuthenticatorSecret, CodeMethod, Fault, FaultCode, OneTimeCode};

use super::Client;
use super::answering::{authenticator_digits, device_name};
use crate::errors::{self, Operation};
use crate::reply::unusable;

/// How a second factor is to be set.
#[derive(Clone, Copy)]
pub(crate) struct Setting {
    method: CodeMethod,
    enabled: bool,
    preferred: bool,
}

impl Client {
    /// `AssociateSoftwareToken`: a secret for an authenticator app. One that is set up stays in use until the new one
    /// has shown a right code.
    ///
    /// # Errors
    /// Whatever keeps the pool from giving one.
    pub async fn begin_authenticator(&self, access: &AccessToken) -> Result<AuthenticatorSecret, Fault> {
        let call = self.sdk.associate_software_token().access_token(access.expose());
        match Box::pin(call.send()).await {
            Ok(output) => {
                let secret = output.secret_code.filter(|secret| !secret.is_empty());
                Ok(AuthenticatorSecret::new(
                    secret.ok_or_else(|| unusable("no secret for the authenticator app"))?,
                ))
            }
            Err(error) => Err(errors::of_sdk(Operation::AssociateOwn, &error)),
        }
    }

    /// `VerifySoftwareToken`: proves that the app has the secret, and turns it on. `device` is what to call the app.
    ///
    /// # Errors
    /// What is wrong with the code, or whatever keeps the pool from it.
    pub async fn confirm_authenticator(
        &self,
        access: &AccessToken,
        code: &OneTimeCode,
        device: Option<String>,
    ) -> Result<(), Fault> {
        let call = self
            .sdk
            .verify_software_token()
            .access_token(access.expose())
            .user_code(authenticator_digits(code)?)
            .set_friendly_device_name(device_name(device));
        match Box::pin(call.send()).await {
            Ok(output) if output.status == Some(VerifySoftwareTokenResponseType::Success) => {}
            Ok(_) => return Err(Fault::new(FaultCode::AuthenticatorCodeWrong)),
            Err(error) => return Err(errors::of_sdk(Operation::VerifyOwn, &error)),
        }
        self.enable_second_factor(access, CodeMethod::Authenticator).await
    }

    /// `SetUserMFAPreference`: turns a second factor on, and prefers it where none is preferred.
    ///
    /// # Errors
    /// [`FaultCode::SecondFactorNotPossible`] where it has nowhere to send codes to, or the pool does not have it;
    /// otherwise whatever keeps the pool from it.
    pub async fn enable_second_factor(&self, access: &AccessToken, method: CodeMethod) -> Result<(), Fault> {
        let preferred = self.user(access).await?.preferred;
        let preferred = preferred.is_none_or(|preferred| preferred == method);
        self.set_factors(access, &[Setting { method, enabled: true, preferred }]).await
    }

    /// `SetUserMFAPreference`: turns a second factor off.
    ///
    /// # Errors
    /// [`FaultCode::SecondFactorRequired`] where the pool wants to keep it; otherwise whatever keeps the pool from it.
    pub async fn disable_second_factor(&self, access: &AccessToken, method: CodeMethod) -> Result<(), Fault> {
        let off = Setting { method, enabled: false, preferred: false };
        self.set_factors(access, &[off]).await.map_err(|fault| match fault.code {
            // Nothing is asked of an address or of an app that is not to be used any more.
            FaultCode::SecondFactorNotPossible => Fault { code: FaultCode::SecondFactorRequired, ..fault },
            _ => fault,
        })
    }

    /// `SetUserMFAPreference`: which of the second factors that are turned on is asked for; with none the user chooses
    /// each time.
    ///
    /// # Errors
    /// Whatever keeps the pool from it.
    pub async fn prefer_second_factor(
        &self,
        access: &AccessToken,
        method: Option<CodeMethod>,
    ) -> Result<(), Fault> {
        let before = self.user(access).await?.preferred;
        if before == method {
            return Ok(());
        }
        // The one that was preferred is told so by name: nothing says that preferring another is enough.
        let no_longer = before.map(|method| Setting { method, enabled: true, preferred: false });
        let from_now = method.map(|method| Setting { method, enabled: true, preferred: true });
        let settings: Vec<_> = no_longer.into_iter().chain(from_now).collect();
        self.set_factors(access, &settings).await
    }

    /// Sets what is named and leaves the rest as it is. To speak of a factor that is neither on nor possible would be
    /// refused, whatever is said of it.
    pub(crate) async fn set_factors(&self, access: &AccessToken, settings: &[Setting]) -> Result<(), Fault> {
        let mut call = self.sdk.set_user_mfa_preference().access_token(access.expose());
        for Setting { method, enabled, preferred } in settings.iter().copied() {
            call = match method {
                CodeMethod::Authenticator => call.software_token_mfa_settings(
                    SoftwareTokenMfaSettingsType::builder().enabled(enabled).preferred_mfa(preferred).build(),
                ),
                CodeMethod::Sms => call.sms_mfa_settings(
                    SmsMfaSettingsType::builder().enabled(enabled).preferred_mfa(preferred).build(),
                ),
                CodeMethod::Email => call.email_mfa_settings(
                    EmailMfaSettingsType::builder().enabled(enabled).preferred_mfa(preferred).build(),
                ),
            };
        }
        match Box::pin(call.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(errors::of_sdk(Operation::SetFactors, &error)),
        }
    }
}
