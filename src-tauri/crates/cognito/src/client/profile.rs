//! What somebody who is signed in sees and changes of their account: attributes, ways to sign in, the password, and the
//! account as a whole.

use std::collections::BTreeMap;

use aws_sdk_cognitoidentityprovider::types::{AttributeType, CodeDeliveryDetailsType};
use session::{AccessToken, Fault, FaultCode, OneTimeCode, Password, SignInWay};

use super::Client;
use super::account::{Delivery, check_new, delivery, digits};
use crate::account::{Account, Attribute, CodeSent};
use crate::claims::device_of;
use crate::errors::{self, Operation};
use crate::reply::{distinct, second_factor, unusable, way};

/// What stands after the name of an attribute in the name of the one that says whether it is verified.
const VERIFIED: &str = "_verified";

impl Client {
    /// `GetUser` and `GetUserAuthFactors`: the account as it is now.
    ///
    /// # Errors
    /// Whatever keeps the pool from telling, but for the ways to sign in.
    pub async fn account(&self, access: &AccessToken) -> Result<Account, Fault> {
        let (account, ways) = tokio::join!(Box::pin(self.user(access)), Box::pin(self.ways(access)));
        // Newer than many pools.
        Ok(Account { ways: ways.ok(), ..account? })
    }

    /// `GetUser`, without the ways to sign in.
    pub(crate) async fn user(&self, access: &AccessToken) -> Result<Account, Fault> {
        let call = self.sdk.get_user().access_token(access.expose());
        match Box::pin(call.send()).await {
            Ok(output) => {
                let factors = output.user_mfa_setting_list.unwrap_or_default();
                let preferred = output.preferred_mfa_setting.as_deref().and_then(second_factor);
                Ok(Account {
                    attributes: folded(output.user_attributes),
                    second_factors: distinct(factors.iter().filter_map(|name| second_factor(name))),
                    preferred,
                    ways: None,
                })
            }
            Err(error) => Err(errors::of_sdk(Operation::GetUser, &error)),
        }
    }

    /// `GetUserAuthFactors`: the ways to sign in that the user has, as far as they are known here.
    ///
    /// # Errors
    /// Whatever keeps the pool from telling.
    pub async fn ways(&self, access: &AccessToken) -> Result<Vec<SignInWay>, Fault> {
        let call = self.sdk.get_user_auth_factors().access_token(access.expose());
        match Box::pin(call.send()).await {
            Ok(output) => {
                let factors = output.configured_user_auth_factors.unwrap_or_default();
                Ok(distinct(factors.iter().filter_map(|factor| way(factor.as_str()))))
            }
            Err(error) => Err(errors::of_sdk(Operation::AuthFactors, &error)),
        }
    }

    /// `UpdateUserAttributes`. What has to be verified before it counts, or again, is told.
    ///
    /// # Errors
    /// Whatever keeps the pool from it; then none of them is changed.
    pub async fn change_attributes(
        &self,
        access: &AccessToken,
        values: BTreeMap<String, String>,
    ) -> Result<Vec<CodeSent>, Fault> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let mut call = self.sdk.update_user_attributes().access_token(access.expose());
        for (name, value) in values {
            let attribute = AttributeType::builder().name(name).value(value).build();
            call = call.user_attributes(attribute.map_err(|_| Fault::new(FaultCode::AttributeRejected))?);
        }
        match Box::pin(call.send()).await {
            Ok(output) => {
                let sent = output.code_delivery_details_list.unwrap_or_default().into_iter();
                Ok(sent.filter_map(|details| code_sent(details, None)).collect())
            }
            Err(error) => Err(errors::of_sdk(Operation::UpdateAttributes, &error)),
        }
    }

    /// `DeleteUserAttributes`.
    ///
    /// # Errors
    /// Whatever keeps the pool from it; then none of them is deleted.
    pub async fn delete_attributes(&self, access: &AccessToken, names: Vec<String>) -> Result<(), Fault> {
        if names.is_empty() {
            return Ok(());
        }
        let call = self
            .sdk
            .delete_user_attributes()
            .access_token(access.expose())
            .set_user_attribute_names(Some(names));
        match Box::pin(call.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(errors::of_sdk(Operation::DeleteAttributes, &error)),
        }
    }

    /// `GetUserAttributeVerificationCode`.
    ///
    /// # Errors
    /// Whatever keeps the pool from sending one.
    pub async fn send_attribute_code(
        &self,
        access: &AccessToken,
        attribute: String,
    ) -> Result<CodeSent, Fault> {
        let call = self
            .sdk
            .get_user_attribute_verification_code()
            .access_token(access.expose())
            .attribute_name(&attribute);
        match Box::pin(call.send()).await {
            Ok(output) => {
                let details = output
                    .code_delivery_details
                    .unwrap_or_else(|| CodeDeliveryDetailsType::builder().build());
                let sent = code_sent(details, Some(&attribute));
                sent.ok_or_else(|| unusable("no attribute that a code was sent for"))
            }
            Err(error) => Err(errors::of_sdk(Operation::SendAttributeCode, &error)),
        }
    }

    /// `VerifyUserAttribute`.
    ///
    /// # Errors
    /// What is wrong with the code, or whatever keeps the pool from looking at it.
    pub async fn verify_attribute(
        &self,
        access: &AccessToken,
        attribute: String,
        code: &OneTimeCode,
    ) -> Result<(), Fault> {
        let call = self
            .sdk
            .verify_user_attribute()
            .access_token(access.expose())
            .attribute_name(attribute)
            .code(digits(code)?);
        match Box::pin(call.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(errors::of_sdk(Operation::VerifyAttribute, &error)),
        }
    }

    /// `ChangePassword`. Who has none yet gives no previous one.
    ///
    /// # Errors
    /// [`FaultCode::WrongPassword`] for the previous one; otherwise what is wrong with the proposed one, or whatever
    /// keeps the pool from it.
    pub async fn change_password(
        &self,
        access: &AccessToken,
        previous: Option<&Password>,
        proposed: &Password,
    ) -> Result<(), Fault> {
        if previous.is_some_and(|previous| previous.expose().is_empty()) {
            return Err(Fault::new(FaultCode::WrongPassword));
        }
        check_new(proposed)?;
        let call = self
            .sdk
            .change_password()
            .access_token(access.expose())
            .set_previous_password(previous.map(|previous| previous.expose().to_owned()))
            .proposed_password(proposed.expose());
        match Box::pin(call.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(errors::of_sdk(Operation::ChangePassword, &error)),
        }
    }

    /// `DeleteUser`. What this machine is known to the pool by for that user goes as well.
    ///
    /// # Errors
    /// Whatever keeps the pool from it.
    pub async fn delete_account(&self, access: &AccessToken) -> Result<(), Fault> {
        let call = self.sdk.delete_user().access_token(access.expose());
        match Box::pin(call.send()).await {
            Ok(_) => {
                if let Some(key) = device_of(access) {
                    self.forget_device(&key).await;
                }
                Ok(())
            }
            Err(error) => Err(errors::of_sdk(Operation::DeleteUser, &error)),
        }
    }
}

/// What a code was sent for, and where to.
fn code_sent(details: CodeDeliveryDetailsType, asked: Option<&str>) -> Option<CodeSent> {
    let named = details.attribute_name.clone().filter(|name| !name.is_empty());
    let attribute = named.or_else(|| asked.map(str::to_owned))?;
    let Delivery { destination, method } = delivery(Some(details));
    Some(CodeSent { attribute, destination, method })
}

/// The attributes, each with whether it is verified, which Cognito tells as attributes of their own.
fn folded(all: Vec<AttributeType>) -> Vec<Attribute> {
    let all: Vec<_> = all.into_iter().map(|it| (it.name, it.value.unwrap_or_default())).collect();
    let flag = |name: &str| {
        let told = all.iter().find(|(other, _)| other.strip_suffix(VERIFIED) == Some(name));
        told.map(|(_, value)| value == "true")
    };
    let is_flag = |name: &str| ["email", "phone_number"].contains(&name.strip_suffix(VERIFIED).unwrap_or(""));
    let verified = |name: &str| {
        let asked_of = ["email", "phone_number"].contains(&name);
        // What Cognito does not tell is not verified.
        asked_of.then(|| flag(name).unwrap_or(false))
    };
    all.iter()
        .filter(|(name, _)| !is_flag(name))
        .map(|(name, value)| Attribute { name: name.clone(), value: value.clone(), verified: verified(name) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_it_is_verified_stands_with_the_attribute() {
        let attribute = |name: &str, value: &str| {
            AttributeType::builder().name(name).value(value).build().expect("it has a name")
        };
        let told = [
            ("sub", "1"),
            ("email_verified", "true"),
            ("email", "a@example.com"),
            ("phone_number", "+1"),
            ("custom:is_verified", "true"),
        ];
        let folded = folded(told.map(|(name, value)| attribute(name, value)).to_vec());
        let shown: Vec<_> =
            folded.iter().map(|it| (it.name.as_str(), it.value.as_str(), it.verified)).collect();
        assert_eq!(
            shown,
            [
                ("sub", "1", None),
                ("email", "a@example.com", Some(true)),
                ("phone_number", "+1", Some(false)),
                ("custom:is_verified", "true", None)
            ]
        );
    }
}
