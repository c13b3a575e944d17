//! What the pool answers to a step of a sign-in, made into the session's terms.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cognitoidentityprovider::operation::initiate_auth::InitiateAuthOutput;
use aws_sdk_cognitoidentityprovider::operation::respond_to_auth_challenge::RespondToAuthChallengeOutput;
use aws_sdk_cognitoidentityprovider::types::AuthenticationResultType;
use session::{
    AccessToken, Challenge, ChallengeSession, CodeMethod, Continuation, Established, Fault, FaultCode,
    IdToken, Lapse, Origin, RefreshToken, Renewed, SignInWay, Step, Timestamp, Tokens,
};

use crate::claims::{self, Expected};
use crate::code;

/// The challenge by which a password is proven.
pub(crate) const PASSWORD_VERIFIER: &str = "PASSWORD_VERIFIER";
/// The challenges by which a remembered device is proven, one after the other.
pub(crate) const DEVICE_SRP_AUTH: &str = "DEVICE_SRP_AUTH";
/// See [`DEVICE_SRP_AUTH`].
pub(crate) const DEVICE_PASSWORD_VERIFIER: &str = "DEVICE_PASSWORD_VERIFIER";
/// The challenge that offers ways to sign in.
pub(crate) const SELECT_CHALLENGE: &str = "SELECT_CHALLENGE";
/// The password itself, as a way to sign in.
pub(crate) const PASSWORD: &str = "PASSWORD";
/// Its proof, as a way to sign in.
pub(crate) const PASSWORD_SRP: &str = "PASSWORD_SRP";
/// The challenge that offers second factors.
pub(crate) const SELECT_MFA_TYPE: &str = "SELECT_MFA_TYPE";
/// The challenge of somebody who needs a second factor and has none.
pub(crate) const MFA_SETUP: &str = "MFA_SETUP";
/// The challenge of the pool's owner.
pub(crate) const CUSTOM_CHALLENGE: &str = "CUSTOM_CHALLENGE";
/// The challenge of an account whose first password has to be replaced.
pub(crate) const NEW_PASSWORD_REQUIRED: &str = "NEW_PASSWORD_REQUIRED";
/// What stands before attribute names in that challenge and in its answer.
pub(crate) const ATTRIBUTE_PREFIX: &str = "userAttributes.";

/// The answer to `InitiateAuth` and to `RespondToAuthChallenge`, which are alike.
pub(crate) struct AuthReply {
    pub(crate) challenge: Option<String>,
    pub(crate) session: Option<ChallengeSession>,
    pub(crate) parameters: HashMap<String, String>,
    /// Cognito's names of the ways to sign in, for [`SELECT_CHALLENGE`].
    pub(crate) available: Vec<String>,
    pub(crate) result: Option<AuthenticationResultType>,
}

impl From<InitiateAuthOutput> for AuthReply {
    fn from(output: InitiateAuthOutput) -> Self {
        Self {
            challenge: output.challenge_name.map(|name| name.as_str().to_owned()),
            session: output.session.map(ChallengeSession::new),
            parameters: output.challenge_parameters.unwrap_or_default(),
            available: output
                .available_challenges
                .into_iter()
                .flatten()
                .map(|name| name.as_str().to_owned())
                .collect(),
            result: output.authentication_result,
        }
    }
}

impl From<RespondToAuthChallengeOutput> for AuthReply {
    fn from(output: RespondToAuthChallengeOutput) -> Self {
        Self {
            challenge: output.challenge_name.map(|name| name.as_str().to_owned()),
            session: output.session.map(ChallengeSession::new),
            parameters: output.challenge_parameters.unwrap_or_default(),
            available: output
                .available_challenges
                .into_iter()
                .flatten()
                .map(|name| name.as_str().to_owned())
                .collect(),
            result: output.authentication_result,
        }
    }
}

impl AuthReply {
    /// The pool's own name for the user, which later answers and their secret hash are made with.
    pub(crate) fn username(&self) -> Option<&str> {
        let parameter = |name| self.parameters.get(name).map(String::as_str).filter(|text| !text.is_empty());
        parameter("USERNAME").or_else(|| parameter("USER_ID_FOR_SRP"))
    }

    /// Where the sign-in stands. `username` is the best name known so far.
    pub(crate) fn step(
        self,
        login: String,
        username: String,
        lapses: Option<Lapse>,
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<Step, Fault> {
        if let Some(result) = self.result {
            return established(result, login, expected, now)
                .map(|established| Step::Done(Box::new(established)));
        }
        let Some(name) = &self.challenge else {
            return Err(unusable("neither tokens nor a challenge"));
        };
        let unsupported = || Challenge::Unsupported { name: name.clone() };
        let mut offered = Vec::new();
        let challenge = match name.as_str() {
            NEW_PASSWORD_REQUIRED => Challenge::NewPassword {
                username: login.clone(),
                missing_attributes: missing_attributes(&self.parameters)?,
            },
            SELECT_CHALLENGE => {
                offered.clone_from(&self.available);
                let ways = distinct(offered.iter().filter_map(|name| way(name)));
                if ways.is_empty() { unsupported() } else { Challenge::ChooseWay { ways } }
            }
            PASSWORD | PASSWORD_SRP => Challenge::Password { username: login.clone() },
            SELECT_MFA_TYPE => {
                offered = json(&self.parameters, "MFAS_CAN_CHOOSE")?;
                let methods = distinct(offered.iter().filter_map(|name| second_factor(name)));
                if methods.is_empty() { unsupported() } else { Challenge::ChooseSecondFactor { methods } }
            }
            // With exactly one, its set-up has begun already.
            MFA_SETUP => {
                let (methods, names) = set_ups(&self.parameters)?;
                offered = names;
                if methods.len() > 1 { Challenge::ChooseSetUp { methods } } else { unsupported() }
            }
            CUSTOM_CHALLENGE => {
                let public = self.parameters.iter().filter(|(name, _)| *name != "USERNAME");
                let parameters = public.map(|(name, text)| (name.clone(), text.clone())).collect();
                Challenge::Custom { parameters }
            }
            name if let Some(method) = code::method(name) => {
                let parameter = |name: &str| {
                    let text = self.parameters.get(name).map(|text| text.trim());
                    text.filter(|text| !text.is_empty()).map(str::to_owned)
                };
                Challenge::Code {
                    method,
                    destination: parameter("CODE_DELIVERY_DESTINATION"),
                    device: parameter("FRIENDLY_DEVICE_NAME"),
                }
            }
            _ => unsupported(),
        };
        let continuation = Continuation {
            username: self.username().map_or(username, str::to_owned),
            session: self.session,
            lapses,
            offered,
            ..Continuation::of_account(name, login)
        };
        Ok(Step::Challenge(challenge, continuation))
    }
}

fn established(
    result: AuthenticationResultType,
    login: String,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<Established, Fault> {
    let access = AccessToken::new(result.access_token.ok_or_else(|| unusable("no access token"))?);
    let id = IdToken::new(result.id_token.ok_or_else(|| unusable("no id token"))?);
    let refresh = RefreshToken::new(result.refresh_token.ok_or_else(|| unusable("no refresh token"))?);
    let reading = claims::read(&access, Some(&id), expected, now)?;
    let user = reading.user.ok_or_else(|| unusable("no id token"))?;
    Ok(Established {
        user,
        tokens: Tokens { access, id, refresh, issued_at: reading.issued_at, expires_at: reading.expires_at },
        login,
        device_key: None,
        device: None,
        origin: Origin::Native,
    })
}

/// What a renewal brought.
pub(crate) fn renewed(
    result: Option<AuthenticationResultType>,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<Renewed, Fault> {
    let result = result.ok_or_else(|| unusable("no tokens"))?;
    let access = AccessToken::new(result.access_token.ok_or_else(|| unusable("no access token"))?);
    let id = result.id_token.map(IdToken::new);
    let reading = claims::read(&access, id.as_ref(), expected, now)?;
    Ok(Renewed {
        access,
        id,
        refresh: result.refresh_token.map(RefreshToken::new),
        issued_at: reading.issued_at,
        expires_at: reading.expires_at,
        user: reading.user,
    })
}

/// A parameter that is JSON in text.
fn json<T: Default + serde::de::DeserializeOwned>(
    parameters: &HashMap<String, String>,
    name: &str,
) -> Result<T, Fault> {
    match parameters.get(name).filter(|text| !text.is_empty()) {
        Some(text) => serde_json::from_str(text).map_err(|_| unusable(format!("{name} cannot be read"))),
        None => Ok(T::default()),
    }
}

/// Each once, in the pool's order.
pub(crate) fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut kept, one| {
        if !kept.contains(&one) {
            kept.push(one);
        }
        kept
    })
}

/// The way to sign in that Cognito calls so, if this program knows it.
pub(crate) fn way(name: &str) -> Option<SignInWay> {
    match name {
        PASSWORD | PASSWORD_SRP => Some(SignInWay::Password),
        "EMAIL_OTP" => Some(SignInWay::EmailCode),
        "SMS_OTP" => Some(SignInWay::SmsCode),
        "WEB_AUTHN" => Some(SignInWay::Passkey),
        _ => None,
    }
}

/// The second factor that Cognito calls so. Its documents and its own clients differ about the one by e-mail.
pub(crate) fn second_factor(name: &str) -> Option<CodeMethod> {
    match name {
        "SOFTWARE_TOKEN_MFA" => Some(CodeMethod::Authenticator),
        "SMS_MFA" => Some(CodeMethod::Sms),
        "EMAIL_OTP" | "EMAIL_MFA" => Some(CodeMethod::Email),
        _ => None,
    }
}

/// The second factors of `MFAS_CAN_SETUP` that can be set up here, and all of them by Cognito's names. A phone number
/// is nothing that a challenge could be answered with.
pub(crate) fn set_ups(parameters: &HashMap<String, String>) -> Result<(Vec<CodeMethod>, Vec<String>), Fault> {
    let names: Vec<String> = json(parameters, "MFAS_CAN_SETUP")?;
    let methods = names.iter().filter_map(|name| second_factor(name));
    Ok((distinct(methods.filter(|method| *method != CodeMethod::Sms)), names))
}

/// The required attributes that have no value yet: those of `requiredAttributes`, a JSON list, without those of
/// `userAttributes`, a JSON object.
fn missing_attributes(parameters: &HashMap<String, String>) -> Result<Vec<String>, Fault> {
    let required: Vec<String> = json(parameters, "requiredAttributes")?;
    // Cognito writes every value as text; others write booleans and numbers as such.
    let present: BTreeMap<String, serde_json::Value> = json(parameters, "userAttributes")?;
    let has_value =
        |name: &String| present.get(name).is_some_and(|value| !value.is_null() && value.as_str() != Some(""));
    Ok(required
        .into_iter()
        .map(|name| name.strip_prefix(ATTRIBUTE_PREFIX).map_or_else(|| name.clone(), str::to_owned))
        .filter(|name| !has_value(name))
        .collect())
}

pub(crate) fn unusable(detail: impl Into<String>) -> Fault {
    Fault::with_detail(FaultCode::AnswerUnusable, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuer::Issuer;

    fn step(challenge: Option<&str>, parameters: &[(&str, &str)]) -> Result<Step, Fault> {
        let reply = AuthReply {
            challenge: challenge.map(str::to_owned),
            session: Some(ChallengeSession::new("newest")),
            parameters: parameters
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
            available: Vec::new(),
            result: None,
        };
        let lapses = Some(Lapse { at: Timestamp(7), exact: false });
        let issuer = Issuer::parse("http://127.0.0.1/r_p").expect("it is one");
        let expected = Expected { client_id: "client1", issuer: &issuer };
        reply.step("Typed".to_owned(), "so-far".to_owned(), lapses, expected, Timestamp(0))
    }

    #[test]
    fn attributes_with_a_value_are_not_missing() {
        for (required, present, missing) in [
            (
                r#"["userAttributes.name","userAttributes.email"]"#,
                r#"{"email":"a@example.com"}"#,
                &["name"][..],
            ),
            (r#"["userAttributes.name"]"#, r#"{"name":""}"#, &["name"]),
            (r#"["userAttributes.name"]"#, r#"{"name":null}"#, &["name"]),
            (r#"["userAttributes.custom:team","zoneinfo"]"#, "", &["custom:team", "zoneinfo"]),
            ("[]", "{}", &[]),
            ("", "", &[]),
        ] {
            let parameters = [("requiredAttributes", required), ("userAttributes", present)];
            let Ok(Step::Challenge(challenge, continuation)) = step(Some(NEW_PASSWORD_REQUIRED), &parameters)
            else {
                panic!("{required} is a challenge");
            };
            let missing_attributes = missing.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(
                challenge,
                Challenge::NewPassword { username: "Typed".to_owned(), missing_attributes }
            );
            assert_eq!(continuation.username, "so-far");
            assert_eq!(continuation.session.expect("it was sent").expose(), "newest");
        }
        assert!(step(Some(NEW_PASSWORD_REQUIRED), &[("requiredAttributes", "name")]).is_err());
    }

    #[test]
    fn a_code_says_where_it_comes_from() {
        let destination = Some("+*******1234".to_owned());
        let device = Some("my phone".to_owned());
        for (name, parameters, challenge) in [
            (
                "SMS_MFA",
                &[("CODE_DELIVERY_DELIVERY_MEDIUM", "SMS"), ("CODE_DELIVERY_DESTINATION", "+*******1234")][..],
                Challenge::Code { method: CodeMethod::Sms, destination, device: None },
            ),
            (
                "SOFTWARE_TOKEN_MFA",
                &[("FRIENDLY_DEVICE_NAME", "my phone")],
                Challenge::Code { method: CodeMethod::Authenticator, destination: None, device },
            ),
            (
                "EMAIL_OTP",
                &[("CODE_DELIVERY_DESTINATION", "")],
                Challenge::Code { method: CodeMethod::Email, destination: None, device: None },
            ),
        ] {
            let Ok(Step::Challenge(asked, continuation)) = step(Some(name), parameters) else {
                panic!("{name} is a challenge");
            };
            assert_eq!(asked, challenge);
            assert_eq!(continuation.challenge_name, name);
        }
    }

    #[test]
    fn other_challenges_keep_their_name_and_the_pools_name_for_the_user() {
        let Ok(Step::Challenge(challenge, continuation)) =
            step(Some("HOLOGRAM_MFA"), &[("USER_ID_FOR_SRP", "5e1f"), ("USERNAME", "")])
        else {
            panic!("it is a challenge");
        };
        assert_eq!(challenge, Challenge::Unsupported { name: "HOLOGRAM_MFA".to_owned() });
        assert_eq!(continuation.challenge_name, "HOLOGRAM_MFA");
        assert_eq!((continuation.username.as_str(), continuation.login.as_str()), ("5e1f", "Typed"));
    }

    #[test]
    fn nothing_at_all_is_unusable() {
        assert_eq!(step(None, &[]).err().map(|fault| fault.code), Some(FaultCode::AnswerUnusable));
    }
}
