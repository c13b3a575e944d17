//! What the person answers, in Cognito's terms.

use std::collections::BTreeMap;

use aws_sdk_cognitoidentityprovider::types::VerifySoftwareTokenResponseType;
use session::{
    Answer, AuthenticatorSecret, BrowserWish, CONFIRM_FORGOT_PASSWORD, CONFIRM_SIGN_UP, ChallengeSession,
    Continuation, Fault, FaultCode, OneTimeCode, Password, SignInWay, Step,
};

use super::Client;
use super::signing_in::Talk;
use super::step_up::as_proof;
use crate::code;
use crate::errors::{self, Operation};
use crate::reply::{
    ATTRIBUTE_PREFIX, AuthReply, CUSTOM_CHALLENGE, MFA_SETUP, NEW_PASSWORD_REQUIRED, PASSWORD, PASSWORD_SRP,
    SELECT_CHALLENGE, SELECT_MFA_TYPE, second_factor, unusable,
};

/// The digits of an authenticator app's code (`SoftwareTokenMFAUserCodeType` of the Cognito API).
const AUTHENTICATOR_DIGITS: usize = 6;

impl Client {
    pub(super) async fn reply(&self, continuation: Continuation, answer: Answer) -> Result<Step, Fault> {
        match continuation.challenge_name.as_str() {
            CONFIRM_SIGN_UP => return self.confirm_sign_up(continuation, answer).await,
            CONFIRM_FORGOT_PASSWORD => return self.confirm_forgot_password(continuation, answer).await,
            _ => {}
        }
        if let Some(number) = continuation.browser {
            return self.reply_by_browser(number, continuation, answer).await;
        }
        let presence = continuation.presence;
        let device = if presence { None } else { self.device_of(&continuation.login).await };
        let key = device.as_ref().map(|device| device.key.clone());
        let mut talk =
            Talk::new(continuation.login.clone(), continuation.username.clone(), device).proving(presence);
        let result = self.answer(continuation, answer, &mut talk).await.map(|step| as_proof(step, presence));
        if let (Err(Fault { code: FaultCode::DeviceUnknown, .. }), Some(key)) = (&result, &key) {
            // The sign-in that is begun again goes without it.
            self.forget_device(key).await;
        }
        result
    }

    async fn answer(
        &self,
        continuation: Continuation,
        answer: Answer,
        talk: &mut Talk,
    ) -> Result<Step, Fault> {
        let Continuation { challenge_name, session, username, login, offered, .. } = continuation;
        let session = session.as_ref();
        let responses = match (challenge_name.as_str(), answer) {
            // It is bound to the pool's own domain, which is where the browser goes.
            (SELECT_CHALLENGE, Answer::Way(SignInWay::Passkey)) if self.has_browser() => {
                let wish = BrowserWish { provider: None, login_hint: Some(login) };
                return self.begin_by_browser(wish, talk.presence).await;
            }
            (SELECT_CHALLENGE | PASSWORD | PASSWORD_SRP, Answer::Password(password)) => {
                self.password_responses(&challenge_name, &offered, password, talk).await?
            }
            (MFA_SETUP, Answer::SecondFactor(method)) => {
                return self.set_up(method, session, &login, &username, offered).await;
            }
            (MFA_SETUP, Answer::Authenticator { code, device }) => {
                // The `Session` that proves the app is the one to go on with, not the challenge's.
                let proven = self.verify(session, &code, device).await?;
                let reply =
                    self.respond(Operation::Reply, MFA_SETUP, proven.as_ref(), &username, BTreeMap::new());
                return self.proceed(reply.await?, talk).await;
            }
            (_, answer) => responses(&challenge_name, &offered, answer)?,
        };
        let mut responses = responses;
        let custom = challenge_name == CUSTOM_CHALLENGE;
        if custom && let Some(device) = &talk.device {
            responses.insert("DEVICE_KEY".to_owned(), device.key.clone());
        }
        let reply = self.respond(Operation::Reply, &challenge_name, session, &username, responses).await;
        let reply = reply.map_err(|fault| if custom { of_custom(fault) } else { fault })?;
        self.proceed(reply, talk).await
    }

    /// The password as the way that was chosen, by SRP where that is offered.
    async fn password_responses(
        &self,
        challenge: &str,
        offered: &[String],
        password: Password,
        talk: &mut Talk,
    ) -> Result<BTreeMap<String, String>, Fault> {
        if password.expose().is_empty() {
            return Err(Fault::new(FaultCode::WrongCredentials));
        }
        let offers = |name: &str| challenge == name || offered.iter().any(|it| it == name);
        let mut responses = BTreeMap::new();
        if offers(PASSWORD_SRP) {
            let ephemeral = self.ephemeral().await?;
            responses.insert("SRP_A".to_owned(), ephemeral.public_hex());
            talk.proof = Some((ephemeral, password));
        } else if offers(PASSWORD) {
            responses.insert("PASSWORD".to_owned(), password.expose().to_owned());
        } else {
            return Err(Fault::new(FaultCode::NotTheUsersChoice));
        }
        if challenge == SELECT_CHALLENGE {
            let name = if offers(PASSWORD_SRP) { PASSWORD_SRP } else { PASSWORD };
            responses.insert("ANSWER".to_owned(), name.to_owned());
        }
        Ok(responses)
    }

    /// `AssociateSoftwareToken`: a secret for an authenticator app, and the `Session` to go on with.
    pub(super) async fn associate(
        &self,
        session: Option<&ChallengeSession>,
    ) -> Result<(AuthenticatorSecret, Option<ChallengeSession>), Fault> {
        let session = session.map(|session| session.expose().to_owned());
        let call = self.sdk.associate_software_token().set_session(session);
        match Box::pin(call.send()).await {
            Ok(output) => {
                let secret = output.secret_code.filter(|secret| !secret.is_empty());
                let secret = secret.ok_or_else(|| unusable("no secret for the authenticator app"))?;
                Ok((AuthenticatorSecret::new(secret), output.session.map(ChallengeSession::new)))
            }
            Err(error) => Err(errors::of_sdk(Operation::Associate, &error)),
        }
    }

    /// `VerifySoftwareToken`: proves that the app has the secret. Gives the `Session` to go on with.
    async fn verify(
        &self,
        session: Option<&ChallengeSession>,
        code: &OneTimeCode,
        device: Option<String>,
    ) -> Result<Option<ChallengeSession>, Fault> {
        let call = self
            .sdk
            .verify_software_token()
            .set_session(session.map(|session| session.expose().to_owned()))
            .user_code(authenticator_digits(code)?)
            .set_friendly_device_name(device_name(device));
        match Box::pin(call.send()).await {
            Ok(output) if output.status == Some(VerifySoftwareTokenResponseType::Success) => {
                Ok(output.session.map(ChallengeSession::new))
            }
            Ok(_) => Err(Fault::new(FaultCode::AuthenticatorCodeWrong)),
            Err(error) => Err(errors::of_sdk(Operation::Verify, &error)),
        }
    }

    pub(super) fn step(&self, reply: AuthReply, talk: &Talk) -> Result<Step, Fault> {
        let lapse = self.lapse(reply.session.as_ref());
        reply.step(talk.login.clone(), talk.username.clone(), lapse, self.expected(), self.now())
    }
}

/// Whatever is no code is wrong without asking, and costs no attempt.
pub(super) fn authenticator_digits(code: &OneTimeCode) -> Result<String, Fault> {
    let digits = code::digits(code.expose()).filter(|digits| digits.len() == AUTHENTICATOR_DIGITS);
    digits.ok_or(Fault::new(FaultCode::AuthenticatorCodeWrong))
}

/// What to call the authenticator app, if anything.
pub(super) fn device_name(typed: Option<String>) -> Option<String> {
    typed.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// What answers a challenge, in Cognito's terms.
fn responses(challenge: &str, offered: &[String], answer: Answer) -> Result<BTreeMap<String, String>, Fault> {
    let one = |name: &str, value: String| BTreeMap::from([(name.to_owned(), value)]);
    match (challenge, answer) {
        (NEW_PASSWORD_REQUIRED, Answer::NewPassword { password, attributes }) => {
            if password.expose().is_empty() {
                return Err(Fault::new(FaultCode::PasswordRejected));
            }
            let mut responses: BTreeMap<_, _> = attributes
                .into_iter()
                .map(|(name, value)| (format!("{ATTRIBUTE_PREFIX}{name}"), value))
                .collect();
            responses.insert("NEW_PASSWORD".to_owned(), password.expose().to_owned());
            Ok(responses)
        }
        (challenge, Answer::Code(entered)) if let Some(name) = code::response(challenge) => {
            // Whatever has anything but digits in it is wrong without asking, and costs no attempt.
            let digits = code::digits(entered.expose()).ok_or(Fault::new(FaultCode::CodeWrong))?;
            Ok(one(name, digits))
        }
        (SELECT_CHALLENGE, Answer::Way(way)) => {
            let name = match way {
                SignInWay::EmailCode => "EMAIL_OTP",
                SignInWay::SmsCode => "SMS_OTP",
                // The one needs the password, the other the pool's own domain.
                SignInWay::Password | SignInWay::Passkey => "",
            };
            let name =
                offered.iter().find(|it| *it == name).ok_or(Fault::new(FaultCode::NotTheUsersChoice))?;
            Ok(one("ANSWER", name.clone()))
        }
        (SELECT_MFA_TYPE, Answer::SecondFactor(method)) => {
            let name = offered.iter().find(|name| second_factor(name) == Some(method));
            Ok(one("ANSWER", name.ok_or(Fault::new(FaultCode::NotTheUsersChoice))?.clone()))
        }
        (MFA_SETUP, Answer::Email(address)) => match address.trim() {
            "" => Err(Fault::new(FaultCode::AttributeRejected)),
            address => Ok(one("EMAIL", address.to_owned())),
        },
        (CUSTOM_CHALLENGE, Answer::Custom(answer)) => Ok(one("ANSWER", answer.expose().to_owned())),
        _ => Err(Fault::with_detail(FaultCode::ParameterRejected, format!("no answer to {challenge}"))),
    }
}

/// After the owner's own challenge a refusal is about the answer, whatever the pool calls it.
fn of_custom(fault: Fault) -> Fault {
    match fault.code {
        FaultCode::WrongCredentials | FaultCode::SignInRefused => {
            Fault { code: FaultCode::CustomAnswerWrong, ..fault }
        }
        _ => fault,
    }
}

#[cfg(test)]
mod tests {
    use session::{CodeMethod, CustomAnswer};

    use super::*;

    fn answered(
        challenge: &str,
        offered: &[&str],
        answer: Answer,
    ) -> Result<Vec<(String, String)>, FaultCode> {
        let offered: Vec<_> = offered.iter().map(|name| (*name).to_owned()).collect();
        responses(challenge, &offered, answer)
            .map(|responses| responses.into_iter().collect())
            .map_err(|fault| fault.code)
    }

    fn one(name: &str, value: &str) -> Result<Vec<(String, String)>, FaultCode> {
        Ok(vec![(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn a_choice_is_told_by_the_name_that_was_offered() {
        let (sms, email) = (CodeMethod::Sms, CodeMethod::Email);
        for (challenge, offered, answer, expected) in [
            (
                SELECT_CHALLENGE,
                &["EMAIL_OTP"][..],
                Answer::Way(SignInWay::EmailCode),
                one("ANSWER", "EMAIL_OTP"),
            ),
            (
                SELECT_CHALLENGE,
                &["EMAIL_OTP"],
                Answer::Way(SignInWay::SmsCode),
                Err(FaultCode::NotTheUsersChoice),
            ),
            (
                SELECT_CHALLENGE,
                &["WEB_AUTHN"],
                Answer::Way(SignInWay::Passkey),
                Err(FaultCode::NotTheUsersChoice),
            ),
            (SELECT_MFA_TYPE, &["SMS_MFA", "EMAIL_OTP"], Answer::SecondFactor(sms), one("ANSWER", "SMS_MFA")),
            (
                SELECT_MFA_TYPE,
                &["SMS_MFA", "EMAIL_OTP"],
                Answer::SecondFactor(email),
                one("ANSWER", "EMAIL_OTP"),
            ),
            (SELECT_MFA_TYPE, &["EMAIL_MFA"], Answer::SecondFactor(email), one("ANSWER", "EMAIL_MFA")),
            (
                SELECT_MFA_TYPE,
                &["SMS_MFA"],
                Answer::SecondFactor(CodeMethod::Authenticator),
                Err(FaultCode::NotTheUsersChoice),
            ),
            (MFA_SETUP, &[], Answer::Email(" a@example.org ".to_owned()), one("EMAIL", "a@example.org")),
            (MFA_SETUP, &[], Answer::Email(" ".to_owned()), Err(FaultCode::AttributeRejected)),
            (
                CUSTOM_CHALLENGE,
                &[],
                Answer::Custom(CustomAnswer::new(" as it is ")),
                one("ANSWER", " as it is "),
            ),
            ("SMS_OTP", &[], Answer::Code(OneTimeCode::new("123 456")), one("SMS_OTP_CODE", "123456")),
            ("WEB_AUTHN", &[], Answer::Code(OneTimeCode::new("1")), Err(FaultCode::ParameterRejected)),
        ] {
            assert_eq!(answered(challenge, offered, answer), expected, "{challenge} {offered:?}");
        }
    }
}
