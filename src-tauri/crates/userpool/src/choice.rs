//! `USER_AUTH`: the user chooses by what to be known – a password, a code that is sent, or a passkey.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::authentication::{password_is_right, start_srp};
use crate::challenges::{self, AfterPassword, Step};
use crate::delivery::Medium;
use crate::journal::Trace;
use crate::pool::{Pool, Status, User};
use crate::sign_in::{self, SignIn};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{invention, passkeys, registration, second_factor};

/// What a user can be known by.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FirstFactor {
    #[serde(rename = "PASSWORD")]
    Password,
    #[serde(rename = "PASSWORD_SRP")]
    PasswordSrp,
    #[serde(rename = "EMAIL_OTP")]
    Email,
    #[serde(rename = "SMS_OTP")]
    Sms,
    #[serde(rename = "WEB_AUTHN")]
    Passkey,
}

impl FirstFactor {
    const ALL: [Self; 5] = [Self::PasswordSrp, Self::Password, Self::Email, Self::Sms, Self::Passkey];

    /// The challenge's name, which is also the choice's.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Password => "PASSWORD",
            Self::PasswordSrp => "PASSWORD_SRP",
            Self::Email => "EMAIL_OTP",
            Self::Sms => "SMS_OTP",
            Self::Passkey => "WEB_AUTHN",
        }
    }

    fn read(field: &str, name: &str) -> Result<Self, Refusal> {
        let known = Self::ALL.into_iter().find(|factor| factor.name() == name);
        known.ok_or_else(|| Refusal::invalid_parameter(format!("{field} {name} is not a known challenge")))
    }
}

/// What this user can be known by.
pub(crate) fn factors(user: &User) -> Vec<FirstFactor> {
    // What needs no password is for users in good standing; and a code that is sent is no second factor to another
    // one, so whoever has a second factor begins with the password.
    let sound = user.enabled && user.status == Status::Confirmed;
    let by_code = sound && user.factors().is_empty();
    FirstFactor::ALL
        .into_iter()
        .filter(|factor| match factor {
            FirstFactor::Password | FirstFactor::PasswordSrp => !user.passwordless,
            FirstFactor::Email => by_code && user.is_verified(Medium::Email),
            FirstFactor::Sms => by_code && user.is_verified(Medium::Sms),
            FirstFactor::Passkey => sound && !user.passkeys.is_empty(),
        })
        .collect()
}

fn offered(pool: &Pool, username: &str) -> Vec<FirstFactor> {
    match pool.users.get(username) {
        Some(user) => factors(user),
        None => {
            let mut invented = vec![FirstFactor::PasswordSrp, FirstFactor::Password];
            if invention::chance(&pool.invention_secret, "choice", username) {
                invented.push(FirstFactor::Email);
            }
            invented
        }
    }
}

/// Serves `InitiateAuth` with `USER_AUTH`.
pub(crate) fn begin(pool: &mut Pool, client_id: &str, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let parameters = request.map("AuthParameters");
    let sign_in = SignIn::read(pool, client_id, parameters, trace)?;
    if let Some(session) = request.optional("Session") {
        return registration::sign_in_after(pool, &sign_in, session);
    }
    let preferred = parameters.optional("PREFERRED_CHALLENGE");
    let preferred = preferred.map(|name| FirstFactor::read("PREFERRED_CHALLENGE", name)).transpose()?;
    let offered = offered(pool, &sign_in.username);
    let asked_at_once = pool.client(client_id)?.first_factor.filter(|factor| offered.contains(factor));
    match asked_at_once.or(preferred) {
        Some(factor) if offered.contains(&factor) => start(pool, &sign_in, factor, parameters),
        // A preference that the user cannot have is no error: there is still the choice.
        _ => {
            let names: Vec<&str> = offered.into_iter().map(FirstFactor::name).collect();
            let mut asked =
                challenges::ask(pool, &sign_in, "SELECT_CHALLENGE", json!({}), Step::FirstFactor(None));
            asked["AvailableChallenges"] = json!(names);
            Ok(asked)
        }
    }
}

/// Serves the answers to `SELECT_CHALLENGE`, `PASSWORD` and `PASSWORD_SRP`.
pub(crate) fn answer(
    pool: &mut Pool,
    client_id: &str,
    challenge: &str,
    request: Fields<'_>,
    responses: Fields<'_>,
) -> Outcome {
    let key = request.parameter("Session")?;
    let (awaited, chosen) = match challenge {
        "SELECT_CHALLENGE" => (None, FirstFactor::read("ANSWER", responses.parameter("ANSWER")?)?),
        "PASSWORD" => {
            responses.parameter("PASSWORD")?;
            (Some(FirstFactor::Password), FirstFactor::Password)
        }
        _ => {
            responses.parameter("SRP_A")?;
            (Some(FirstFactor::PasswordSrp), FirstFactor::PasswordSrp)
        }
    };
    let pending = challenges::take(pool, key, client_id, responses)?;
    match &pending.step {
        Step::FirstFactor(awaits) if *awaits == awaited => {}
        _ => return Err(challenges::waits_for_something_else()),
    }
    if !offered(pool, &pending.sign_in.username).contains(&chosen) {
        // The user may choose again.
        challenges::put_back(pool, key, pending);
        let words = format!("{} is not available for the user", chosen.name());
        return Err(Refusal::invalid_parameter(words));
    }
    start(pool, &pending.sign_in, chosen, responses)
}

/// Goes on with a first factor: by what was `given` along with it, or by asking for it.
fn start(pool: &mut Pool, sign_in: &SignIn, factor: FirstFactor, given: Fields<'_>) -> Outcome {
    let asked = |pool: &mut Pool| -> Value {
        challenges::ask(pool, sign_in, factor.name(), json!({}), Step::FirstFactor(Some(factor)))
    };
    match factor {
        FirstFactor::Password => match given.optional("PASSWORD") {
            Some(password) => {
                let right = password_is_right(pool, &sign_in.username, password);
                sign_in::after_password(pool, sign_in, right)
            }
            None => Ok(asked(pool)),
        },
        FirstFactor::PasswordSrp => match given.optional("SRP_A") {
            Some(srp_a) => start_srp(pool, sign_in.clone(), srp_a, AfterPassword::SecondFactor),
            None => Ok(asked(pool)),
        },
        FirstFactor::Email | FirstFactor::Sms => second_factor::ask_first(pool, sign_in, factor),
        FirstFactor::Passkey => passkeys::ask(pool, sign_in),
    }
}
