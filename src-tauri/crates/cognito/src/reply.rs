//! What the pool answers to a step of a sign-in, made into the session's terms.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cognitoidentityprovider::operation::initiate_auth::InitiateAuthOutput;
use aws_sdk_cognitoidentityprovider::operation::respond_to_auth_challenge::RespondToAuthChallengeOutput;
use aws_sdk_cognitoidentityprovider::types::AuthenticationResultType;
use session::{
    AccessToken, Challenge, ChallengeSession, Continuation, Established, Fault, FaultCode, IdToken,
    RefreshToken, Renewed, Step, Timestamp, Tokens,
};

use crate::claims::{self, Expected};
use crate::code;

/// The challenge by which a password is proven.
pub(crate) const PASSWORD_VERIFIER: &str = "PASSWORD_VERIFIER";
/// The challenge of an account whose first password has to be replaced.
pub(crate) const NEW_PASSWORD_REQUIRED: &str = "NEW_PASSWORD_REQUIRED";
/// What stands before attribute names in that challenge and in its answer.
pub(crate) const ATTRIBUTE_PREFIX: &str = "userAttributes.";

/// The answer to `InitiateAuth` and to `RespondToAuthChallenge`, which are alike.
pub(crate) struct AuthReply {
    pub(crate) challenge: Option<String>,
    pub(crate) session: Option<ChallengeSession>,
    pub(crate) parameters: HashMap<String, String>,
    pub(crate) result: Option<AuthenticationResultType>,
}

impl From<InitiateAuthOutput> for AuthReply {
    fn from(output: InitiateAuthOutput) -> Self {
        Self {
            challenge: output.challenge_name.map(|name| name.as_str().to_owned()),
            session: output.session.map(ChallengeSession::new),
            parameters: output.challenge_parameters.unwrap_or_default(),
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
        let challenge = if name == NEW_PASSWORD_REQUIRED {
            Challenge::NewPassword {
                username: login.clone(),
                missing_attributes: missing_attributes(&self.parameters)?,
            }
        } else if let Some(method) = code::method(name) {
            let parameter = |name: &str| {
                let text = self.parameters.get(name).map(|text| text.trim());
                text.filter(|text| !text.is_empty()).map(str::to_owned)
            };
            Challenge::Code {
                method,
                destination: parameter("CODE_DELIVERY_DESTINATION"),
                device: parameter("FRIENDLY_DEVICE_NAME"),
            }
        } else {
            Challenge::Unsupported { name: name.clone() }
        };
        let continuation = Continuation {
            challenge_name: name.clone(),
            username: self.username().map_or(username, str::to_owned),
            session: self.session,
            login,
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
        device_key: result.new_device_metadata.and_then(|device| device.device_key),
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

/// The required attributes that have no value yet: those of `requiredAttributes`, a JSON list, without those of
/// `userAttributes`, a JSON object.
fn missing_attributes(parameters: &HashMap<String, String>) -> Result<Vec<String>, Fault> {
    fn json<T: Default + serde::de::DeserializeOwned>(
        parameters: &HashMap<String, String>,
        name: &str,
    ) -> Result<T, Fault> {
        match parameters.get(name).filter(|text| !text.is_empty()) {
            Some(text) => serde_json::from_str(text).map_err(|_| unusable(format!("{name} cannot be read"))),
            None => Ok(T::default()),
        }
    }
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
    use session::CodeMethod;

    use super::*;

    const EXPECTED: Expected<'_> = Expected { client_id: "client1", issuer: "https://issuer.example/r_p" };

    fn step(challenge: Option<&str>, parameters: &[(&str, &str)]) -> Result<Step, Fault> {
        let reply = AuthReply {
            challenge: challenge.map(str::to_owned),
            session: Some(ChallengeSession::new("newest")),
            parameters: parameters
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
            result: None,
        };
        reply.step("Typed".to_owned(), "so-far".to_owned(), EXPECTED, Timestamp(0))
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
