//! The code that is asked for after the password: from an authenticator app, by text message or by e-mail
//! (`SOFTWARE_TOKEN_MFA`, `SMS_MFA`, `EMAIL_OTP`).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::challenges::{self, Step};
use crate::choice::FirstFactor;
use crate::delivery::{Delivery, Medium};
use crate::pool::{Pool, User};
use crate::sign_in::{self, SignIn};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{outbox, totp};

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

    /// How its code is sent, if it is.
    pub(crate) const fn medium(self) -> Option<Medium> {
        match self {
            Self::Authenticator => None,
            Self::Sms => Some(Medium::Sms),
            Self::Email => Some(Medium::Email),
        }
    }
}

/// How many digits a code has that is asked for in a sign-in.
const fn digits(medium: Medium) -> usize {
    match medium {
        Medium::Sms => 6,
        Medium::Email => 8,
    }
}

/// A code that a sign-in waits for.
pub(crate) struct Awaited {
    challenge: &'static str,
    /// How it was sent, and what it is; none where an app makes it.
    sent: Option<(Medium, String)>,
    tries_left: u32,
    purpose: Purpose,
}

/// What a right code does.
enum Purpose {
    FirstFactor,
    SecondFactor,
    /// Makes this address the user's, and its codes the second factor.
    SetUp(String),
}

/// Begins `SELECT_MFA_TYPE`, for a user with several second factors and none preferred.
pub(crate) fn ask_to_select(pool: &mut Pool, sign_in: &SignIn, user: &User) -> Value {
    let names: Vec<&str> = user.factors().into_iter().map(Factor::challenge).collect();
    let parameters = json!({
        "MFAS_CAN_CHOOSE": json!(names).to_string(),
        "USER_ID_FOR_SRP": user.username,
    });
    challenges::ask(pool, sign_in, "SELECT_MFA_TYPE", parameters, Step::SecondFactor)
}

/// Serves the answer to it.
pub(crate) fn select(
    pool: &mut Pool,
    client_id: &str,
    request: Fields<'_>,
    responses: Fields<'_>,
) -> Outcome {
    let key = request.parameter("Session")?;
    let answer = responses.parameter("ANSWER")?;
    let pending = challenges::take(pool, key, client_id, responses)?;
    let Step::SecondFactor = pending.step else {
        return Err(challenges::waits_for_something_else());
    };
    let user = pool.users.get(&pending.sign_in.username).cloned();
    let user = user.ok_or_else(challenges::invalid_session)?;
    // AWS's documents call it EMAIL_MFA, clients send the challenge's name.
    let answer = if answer == "EMAIL_MFA" { "EMAIL_OTP" } else { answer };
    match user.factors().into_iter().find(|factor| factor.challenge() == answer) {
        Some(factor) => ask(pool, &pending.sign_in, &user, factor),
        None => {
            challenges::put_back(pool, key, pending);
            Err(Refusal::invalid_parameter(format!("{answer} is not an MFA type of the user")))
        }
    }
}

/// Sends a code to the address that a user in `MFA_SETUP` wants codes at, and asks for it.
///
/// # Errors
/// As for a second factor that is there.
pub(crate) fn ask_to_set_up(pool: &mut Pool, sign_in: &SignIn, address: &str) -> Outcome {
    let medium = Medium::Email;
    let delivery = Delivery::new(medium, address);
    let code = delivery.send(pool, &sign_in.username, digits(medium))?;
    let mut parameters = json!({ "USER_ID_FOR_SRP": sign_in.username });
    delivery.describe(&mut parameters);
    let (challenge, purpose) = (Factor::Email.challenge(), Purpose::SetUp(address.to_owned()));
    let awaited = Awaited { challenge, sent: Some((medium, code)), tries_left: CODE_TRIES, purpose };
    Ok(challenges::ask(pool, sign_in, challenge, parameters, Step::Code(awaited)))
}

/// Begins the challenge for a user's second factor: sends a code, unless an app makes it.
///
/// # Errors
/// `LimitExceededException` after too many messages in a minute, `CodeDeliveryFailureException` where there is
/// nowhere to send it to.
pub(crate) fn ask(pool: &mut Pool, sign_in: &SignIn, user: &User, factor: Factor) -> Outcome {
    let mut parameters = json!({ "USER_ID_FOR_SRP": user.username });
    let sent = match factor.medium() {
        None => {
            let secret = user.totp_secret.as_deref().unwrap_or_default();
            let code = totp::code_now(secret, pool.now());
            outbox::note(pool, &user.username, "APP", "authenticator", &code);
            parameters["FRIENDLY_DEVICE_NAME"] = json!(user.totp_name.as_deref().unwrap_or("authenticator"));
            None
        }
        Some(medium) => {
            let delivery = Delivery::to(user, medium)?;
            delivery.describe(&mut parameters);
            Some((medium, delivery.send(pool, &user.username, digits(medium))?))
        }
    };
    let (challenge, purpose) = (factor.challenge(), Purpose::SecondFactor);
    let awaited = Awaited { challenge, sent, tries_left: CODE_TRIES, purpose };
    Ok(challenges::ask(pool, sign_in, challenge, parameters, Step::Code(awaited)))
}

/// Begins the challenge for a code that is the first factor (`EMAIL_OTP`, `SMS_OTP`). A user who does not exist is
/// asked for one as well, and none is right.
///
/// # Errors
/// As for a second factor.
pub(crate) fn ask_first(pool: &mut Pool, sign_in: &SignIn, factor: FirstFactor) -> Outcome {
    let medium = if factor == FirstFactor::Sms { Medium::Sms } else { Medium::Email };
    let delivery = match pool.users.get(&sign_in.username) {
        Some(user) => Delivery::to(user, medium)?,
        None => Delivery::invented(pool, &sign_in.username),
    };
    let code = delivery.send(pool, &sign_in.username, digits(medium))?;
    let mut parameters = json!({});
    delivery.describe(&mut parameters);
    let (challenge, purpose) = (factor.name(), Purpose::FirstFactor);
    let awaited = Awaited { challenge, sent: Some((medium, code)), tries_left: CODE_TRIES, purpose };
    Ok(challenges::ask(pool, sign_in, challenge, parameters, Step::Code(awaited)))
}

/// Serves the answer to a challenge that asks for a code.
pub(crate) fn check(
    pool: &mut Pool,
    client_id: &str,
    challenge: &str,
    request: Fields<'_>,
    responses: Fields<'_>,
) -> Outcome {
    let key = request.parameter("Session")?;
    let given = responses.parameter(&format!("{challenge}_CODE"))?;
    let mut pending = challenges::take(pool, key, client_id, responses)?;
    let Step::Code(awaited) = &mut pending.step else {
        return Err(challenges::waits_for_something_else());
    };
    if awaited.challenge != challenge {
        return Err(challenges::invalid_session().because("that session waits for another code"));
    }
    let username = &pending.sign_in.username;
    let right = match &awaited.sent {
        Some((medium, code)) => check_sent(pool, username, *medium, code, given),
        None => check_made(pool, username, given),
    };
    if let Err(refusal) = right {
        awaited.tries_left -= 1;
        if awaited.tries_left > 0 {
            challenges::put_back(pool, key, pending);
        }
        return Err(refusal);
    }
    let user = pool.users.get_mut(username).ok_or_else(challenges::invalid_session)?;
    if let Purpose::SetUp(address) = &awaited.purpose {
        user.attributes.insert("email".to_owned(), address.clone());
        user.switch_on(Factor::Email);
    }
    let user = user.clone();
    match awaited.purpose {
        Purpose::FirstFactor => sign_in::after_first_factor(pool, &pending.sign_in, &user),
        Purpose::SecondFactor | Purpose::SetUp(_) => sign_in::signed_in(pool, &pending.sign_in, &user),
    }
}

fn check_sent(
    pool: &mut Pool,
    username: &str,
    medium: Medium,
    code: &str,
    given: &str,
) -> Result<(), Refusal> {
    match pool.users.get_mut(username) {
        Some(user) if code == given => {
            // Who has a code has its destination (AWS's guide, "SMS and email message MFA").
            user.attributes.insert(medium.verified_attribute(), "true".to_owned());
            Ok(())
        }
        _ => Err(Refusal::new("CodeMismatchException", "Invalid code or auth state for the user.")),
    }
}

fn check_made(pool: &mut Pool, username: &str, given: &str) -> Result<(), Refusal> {
    let now = pool.now();
    let user = pool.users.get_mut(username).ok_or_else(challenges::invalid_session)?;
    match totp::step_of(user.totp_secret.as_deref().unwrap_or_default(), given, now) {
        Some(step) if user.totp_used.is_some_and(|last| step <= last) => {
            Err(Refusal::new("ExpiredCodeException", "Your software token has already been used once."))
        }
        Some(step) => {
            user.totp_used = Some(step);
            Ok(())
        }
        None => Err(Refusal::new("CodeMismatchException", "Invalid code received for user")),
    }
}
