//! Accounts before anybody is signed in to them: making one, confirming it, and a password that was forgotten.

use aws_sdk_cognitoidentityprovider::types::{AttributeType, CodeDeliveryDetailsType, DeliveryMediumType};
use session::{
    Answer, CONFIRM_FORGOT_PASSWORD, CONFIRM_SIGN_UP, Challenge, ChallengeSession, CodeMethod, Continuation,
    Done, Fault, FaultCode, NewAccount, OneTimeCode, Password, Step,
};

use super::Client;
use crate::code;
use crate::errors::{self, Operation};

impl Client {
    /// `SignUp`.
    pub(super) async fn sign_up(&self, account: NewAccount) -> Result<Step, Fault> {
        let NewAccount { username, password, attributes } = account;
        if username.is_empty() {
            return Err(Fault::new(FaultCode::AttributeRejected));
        }
        let mut call = self
            .sdk
            .sign_up()
            .client_id(self.settings.client_id())
            .username(&username)
            .set_secret_hash(self.secret_hash(&username))
            .set_password(password.as_ref().map(|password| password.expose().to_owned()));
        for (name, value) in attributes {
            let attribute = AttributeType::builder().name(name).value(value).build();
            let attribute = attribute.map_err(|_| Fault::new(FaultCode::AttributeRejected))?;
            call = call.user_attributes(attribute);
        }
        match Box::pin(call.send()).await {
            Ok(output) => {
                let session = output.session.map(ChallengeSession::new);
                if output.user_confirmed {
                    return Ok(Step::Achieved { done: Done::AccountConfirmed, session });
                }
                let Delivery { destination, method } = delivery(output.code_delivery_details);
                let continuation =
                    Continuation { session, ..Continuation::of_account(CONFIRM_SIGN_UP, username.clone()) };
                let challenge = Challenge::ConfirmAccount { username, destination, method };
                Ok(Step::Challenge(challenge, continuation))
            }
            Err(error) => Err(errors::of_sdk(Operation::SignUp, &error)),
        }
    }

    /// `ResendConfirmationCode`.
    pub(super) async fn resend_confirmation(&self, username: String) -> Result<Step, Fault> {
        let call = self
            .sdk
            .resend_confirmation_code()
            .client_id(self.settings.client_id())
            .username(&username)
            .set_secret_hash(self.secret_hash(&username));
        match Box::pin(call.send()).await {
            Ok(output) => {
                let Delivery { destination, method } = delivery(output.code_delivery_details);
                let continuation = Continuation::of_account(CONFIRM_SIGN_UP, username.clone());
                let challenge = Challenge::ConfirmAccount { username, destination, method };
                Ok(Step::Challenge(challenge, continuation))
            }
            Err(error) => Err(errors::of_sdk(Operation::ResendConfirmation, &error)),
        }
    }

    /// `ConfirmSignUp`.
    pub(super) async fn confirm_sign_up(
        &self,
        continuation: Continuation,
        answer: Answer,
    ) -> Result<Step, Fault> {
        let Answer::Code(code) = answer else {
            return Err(Fault::with_detail(
                FaultCode::ParameterRejected,
                "no code to confirm an account with",
            ));
        };
        let Continuation { session, login, .. } = continuation;
        let call = self
            .sdk
            .confirm_sign_up()
            .client_id(self.settings.client_id())
            .username(&login)
            .set_secret_hash(self.secret_hash(&login))
            .confirmation_code(digits(&code)?)
            .set_session(session.map(|session| session.expose().to_owned()));
        match Box::pin(call.send()).await {
            Ok(output) => Ok(Step::Achieved {
                done: Done::AccountConfirmed,
                session: output.session.map(ChallengeSession::new),
            }),
            Err(error) => Err(errors::of_sdk(Operation::ConfirmSignUp, &error)),
        }
    }

    /// `ForgotPassword`.
    pub(super) async fn forgot_password(&self, username: String) -> Result<Step, Fault> {
        if username.is_empty() {
            return Err(Fault::new(FaultCode::CannotResetPassword));
        }
        let call = self
            .sdk
            .forgot_password()
            .client_id(self.settings.client_id())
            .username(&username)
            .set_secret_hash(self.secret_hash(&username));
        match Box::pin(call.send()).await {
            Ok(output) => {
                let Delivery { destination, method } = delivery(output.code_delivery_details);
                let continuation = Continuation::of_account(CONFIRM_FORGOT_PASSWORD, username.clone());
                let challenge = Challenge::ResetPassword { username, destination, method };
                Ok(Step::Challenge(challenge, continuation))
            }
            Err(error) => Err(errors::of_sdk(Operation::ForgotPassword, &error)),
        }
    }

    /// `ConfirmForgotPassword`.
    pub(super) async fn confirm_forgot_password(
        &self,
        continuation: Continuation,
        answer: Answer,
    ) -> Result<Step, Fault> {
        let Answer::NewPasswordByCode { code, password } = answer else {
            return Err(Fault::with_detail(FaultCode::ParameterRejected, "no code to reset a password with"));
        };
        check_new(&password)?;
        let login = continuation.login;
        let call = self
            .sdk
            .confirm_forgot_password()
            .client_id(self.settings.client_id())
            .username(&login)
            .set_secret_hash(self.secret_hash(&login))
            .confirmation_code(digits(&code)?)
            .password(password.expose());
        match Box::pin(call.send()).await {
            Ok(_) => Ok(Step::Achieved { done: Done::PasswordReset, session: None }),
            Err(error) => Err(errors::of_sdk(Operation::ResetPassword, &error)),
        }
    }
}

/// Where a code was sent, and how.
pub(super) struct Delivery {
    pub(super) destination: Option<String>,
    pub(super) method: CodeMethod,
}

pub(super) fn delivery(details: Option<CodeDeliveryDetailsType>) -> Delivery {
    let sms = details.as_ref().and_then(|details| details.delivery_medium.as_ref())
        == Some(&DeliveryMediumType::Sms);
    Delivery {
        method: if sms { CodeMethod::Sms } else { CodeMethod::Email },
        destination: details.and_then(|details| details.destination).filter(|text| !text.trim().is_empty()),
    }
}

/// Whatever has anything but digits in it is wrong without asking, and costs no attempt.
pub(super) fn digits(code: &OneTimeCode) -> Result<String, Fault> {
    code::digits(code.expose()).ok_or(Fault::new(FaultCode::CodeWrong))
}

pub(super) fn check_new(password: &Password) -> Result<(), Fault> {
    if password.expose().is_empty() { Err(Fault::new(FaultCode::PasswordRejected)) } else { Ok(()) }
}
