//! The code that is asked for after the password: from an authenticator app, by text message or by e-mail
//! (`SOFTWARE_TOKEN_MFA`, `SMS_MFA`, `EMAIL_OTP`).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::challenges::{self, Step};
use crate::pool::{Pool, User};
use crate::sign_in::{self, SignIn};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{outbox, random, totp};

/// How often a code may be wrong before the sign-in has to begin again.
const CODE_TRIES: u32 = 5;

/// Where a user's codes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Factor {
    #[serde(rename = "SOFTWARE_TOKEN_MFA")]
    Authenticator,
    #[serde(rename = "SMS_MFA")]
    Sms,
    #[serde(rename = "EMAIL_OTP")]
    Email,
}

impl Factor {
    /// The challenge's name.
    pub(crate) const fn challenge(self) -> &'static str {
        match self {
            Self::Authenticator => "SOFTWARE_TOKEN_MFA",
            Self::Sms => "SMS_MFA",
            Self::Email => "EMAIL_OTP",
        }
    }

    /// The factor that a challenge asks for.
    pub(crate) fn of_challenge(name: &str) -> Option<Self> {
        [Self::Authenticator, Self::Sms, Self::Email].into_iter().find(|factor| factor.challenge() == name)
    }

    const fn response(self) -> &'static str {
        match self {
            Self::Authenticator => "SOFTWARE_TOKEN_MFA_CODE",
            Self::Sms => "SMS_MFA_CODE",
            Self::Email => "EMAIL_OTP_CODE",
        }
    }

    /// How many digits a code has that is sent.
    const fn digits(self) -> usize {
        match self {
            Self::Authenticator | Self::Sms => 6,
            Self::Email => 8,
        }
    }

    /// How a message goes, and which attribute says where to.
    const fn delivery(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Authenticator => None,
            Self::Sms => Some(("SMS", "phone_number")),
            Self::Email => Some(("EMAIL", "email")),
        }
    }
}

/// Begins the challenge for a user's second factor: sends a code, unless an app makes it.
///
/// # Errors
/// `LimitExceededException` after too many messages in a minute, `CodeDeliveryFailureException` where there is
/// nowhere to send it to.
pub(crate) fn ask(pool: &mut Pool, sign_in: &SignIn, user: &User, factor: Factor) -> Outcome {
    let mut parameters = json!({ "USER_ID_FOR_SRP": user.username });
    let code = match factor.delivery() {
        None => {
            let secret = user.totp_secret.as_deref().unwrap_or_default();
            outbox::note(pool, user, "APP", "authenticator", &totp::code_now(secret, pool.now()));
            parameters["FRIENDLY_DEVICE_NAME"] = json!("authenticator");
            None
        }
        Some((medium, attribute)) => {
            let Some(to) = user.attributes.get(attribute) else {
                let words = format!("The user has no {attribute} to send a code to.");
                return Err(Refusal::new("CodeDeliveryFailureException", words));
            };
            let code = random::digits(factor.digits());
            outbox::send(pool, user, medium, to, &code)?;
            parameters["CODE_DELIVERY_DELIVERY_MEDIUM"] = json!(medium);
            parameters["CODE_DELIVERY_DESTINATION"] = json!(outbox::masked(to));
            Some(code)
        }
    };
    let step = Step::Code { factor, code, tries_left: CODE_TRIES };
    Ok(challenges::ask(pool, sign_in, factor.challenge(), parameters, step))
}

/// Serves the answer to that challenge.
pub(crate) fn check(
    pool: &mut Pool,
    client_id: &str,
    factor: Factor,
    request: Fields<'_>,
    responses: Fields<'_>,
) -> Outcome {
    let invalid = challenges::invalid_session;
    let key = request.parameter("Session")?;
    let given = responses.parameter(factor.response())?;
    let mut pending = challenges::take(pool, key, client_id, responses)?;
    let (username, awaited, code) = match &pending.step {
        Step::Code { factor, code, .. } => (pending.sign_in.username.clone(), *factor, code.clone()),
        _ => return Err(invalid().because("that session waits for something else")),
    };
    if awaited != factor {
        return Err(invalid().because("that session waits for another code"));
    }
    let user = pool.users.get(&username).cloned().ok_or_else(invalid)?;
    let used = Refusal::new("ExpiredCodeException", "Your software token has already been used once.");
    let refusal =
        match (&code, totp::step_of(user.totp_secret.as_deref().unwrap_or_default(), given, pool.now())) {
            (Some(code), _) if code == given => {
                verify_destination(pool, &username, factor);
                None
            }
            (None, Some(step)) if user.totp_used.is_some_and(|last| step <= last) => Some(used),
            (None, Some(step)) => {
                if let Some(user) = pool.users.get_mut(&username) {
                    user.totp_used = Some(step);
                }
                None
            }
            (Some(_), _) => {
                Some(Refusal::new("CodeMismatchException", "Invalid code or auth state for the user."))
            }
            (None, None) => Some(Refusal::new("CodeMismatchException", "Invalid code received for user")),
        };
    let Some(refusal) = refusal else {
        let user = pool.users.get(&username).cloned().ok_or_else(invalid)?;
        return sign_in::signed_in(pool, &pending.sign_in, &user);
    };
    if let Step::Code { tries_left, .. } = &mut pending.step {
        *tries_left -= 1;
        if *tries_left > 0 {
            challenges::put_back(pool, key, pending);
        }
    }
    Err(refusal)
}

/// Who has a code has its destination (AWS's guide, "SMS and email message MFA").
fn verify_destination(pool: &mut Pool, username: &str, factor: Factor) {
    if let (Some((_, attribute)), Some(user)) = (factor.delivery(), pool.users.get_mut(username)) {
        user.attributes.insert(format!("{attribute}_verified"), "true".to_owned());
    }
}

/// What `GetUser` says of a user's second factor.
pub(crate) fn settings(user: &User) -> Option<Value> {
    user.factor().map(|factor| json!(factor.challenge()))
}
