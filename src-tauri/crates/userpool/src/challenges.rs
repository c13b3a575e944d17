//! `RespondToAuthChallenge`: the answers to what a sign-in asks for.

use serde_json::{Map, Value, json};

use crate::authentication::check_secret_hash;
use crate::choice::FirstFactor;
use crate::enrolment::Progress;
use crate::journal::Trace;
use crate::pool::{POOL_NAME, Pool, Status, User};
use crate::proof::Proof;
use crate::second_factor::{self, Awaited};
use crate::sign_in::{self, SignIn};
use crate::srp::Conversation;
use crate::wire::{Fields, Outcome, Refusal};
use crate::{attributes, choice, custom, devices, enrolment, passkeys, passwords, random};

/// How long a challenge is remembered after its end, so that a late answer can be told that it is late.
const REMEMBERED_MS: i64 = 3 * 60 * 1000;

/// A sign-in that waits for an answer.
pub(crate) struct Pending {
    pub(crate) sign_in: SignIn,
    ends_ms: i64,
    pub(crate) step: Step,
}

/// What it waits for.
pub(crate) enum Step {
    /// Filed under the secret block; the others under their session.
    PasswordVerifier {
        conversation: Conversation,
        session: String,
        next: AfterPassword,
    },
    NewPassword,
    Code(Awaited),
    /// The choice of a first factor, or the one that was chosen.
    FirstFactor(Option<FirstFactor>),
    Passkey {
        challenge: String,
    },
    /// A remembered device, whose password is to be proved.
    Device,
    /// Filed under the secret block.
    DeviceVerifier {
        conversation: Conversation,
    },
    /// The choice of a second factor.
    SecondFactor,
    SetUp(Progress),
    /// A sign-up that is not confirmed yet: nothing that a sign-in could answer.
    SignedUp,
    /// A sign-up that is: the sign-in goes on without another code.
    Confirmed,
    Riddle {
        round: usize,
        tries_left: u32,
    },
}

/// What a password that is right leads to.
#[derive(Clone, Copy)]
pub(crate) enum AfterPassword {
    /// Where the user has one.
    SecondFactor,
    Riddles,
}

impl Pending {
    /// A sign-in that begins to wait now, for as long as its client allows.
    pub(crate) fn new(pool: &Pool, sign_in: SignIn, step: Step) -> Self {
        let patience = pool.client(&sign_in.client).map_or(0, |client| client.auth_session_life);
        Self { sign_in, ends_ms: pool.now_ms() + patience * 1000, step }
    }
}

/// Files a waiting sign-in under `key`, and forgets those that waited long enough.
pub(crate) fn await_answer(pool: &mut Pool, key: String, pending: Pending) {
    let before = pool.now_ms() - REMEMBERED_MS;
    pool.pending.retain(|_, pending| pending.ends_ms > before);
    pool.pending.insert(key, pending);
}

/// Files a sign-in under a new session and asks for what its `step` waits for.
pub(crate) fn ask(pool: &mut Pool, sign_in: &SignIn, name: &str, parameters: Value, step: Step) -> Value {
    let session = random::session();
    await_answer(pool, session.clone(), Pending::new(pool, sign_in.clone(), step));
    json!({ "ChallengeName": name, "ChallengeParameters": parameters, "Session": session })
}

/// Serves `RespondToAuthChallenge`.
pub(crate) fn respond(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let client_id = request.required("ClientId")?;
    let challenge = request.required("ChallengeName")?;
    trace.client = client_id.to_owned();
    trace.flow = challenge.to_owned();
    pool.client(client_id)?;
    let responses = request.map("ChallengeResponses");
    let username = responses.parameter("USERNAME")?;
    trace.username = username.to_owned();
    match challenge {
        "PASSWORD_VERIFIER" => verify_password(pool, client_id, request, responses),
        "NEW_PASSWORD_REQUIRED" => take_new_password(pool, client_id, request, responses),
        "SMS_MFA" | "EMAIL_OTP" | "SOFTWARE_TOKEN_MFA" | "SMS_OTP" => {
            second_factor::check(pool, client_id, challenge, request, responses)
        }
        "SELECT_CHALLENGE" | "PASSWORD" | "PASSWORD_SRP" => {
            choice::answer(pool, client_id, challenge, request, responses)
        }
        "DEVICE_SRP_AUTH" => devices::begin(pool, client_id, request, responses),
        "DEVICE_PASSWORD_VERIFIER" => devices::verify(pool, client_id, responses),
        "SELECT_MFA_TYPE" => second_factor::select(pool, client_id, request, responses),
        "MFA_SETUP" => enrolment::answer(pool, client_id, request, responses),
        "CUSTOM_CHALLENGE" => custom::answer(pool, client_id, request, responses),
        "WEB_AUTHN" => passkeys::check(pool, client_id, request, responses),
        _ => Err(invalid_session().because("this pool never asks for that")),
    }
}

/// The refusal of an answer that nobody waits for.
pub(crate) fn invalid_session() -> Refusal {
    Refusal::not_authorized("Invalid session for the user.")
}

/// The refusal of an answer to another challenge than the session's.
pub(crate) fn waits_for_something_else() -> Refusal {
    invalid_session().because("that session waits for something else")
}

/// The session of a waiting sign-in of this client and user, where the answer does not say which.
pub(crate) fn find(
    pool: &Pool,
    client_id: &str,
    responses: Fields<'_>,
    waits: impl Fn(&Pending) -> bool,
) -> Result<String, Refusal> {
    let answered_as = responses.parameter("USERNAME")?;
    let user = pool.find_user(answered_as).map(|user| user.username.as_str());
    let fits = |pending: &Pending| {
        pending.sign_in.client == client_id && Some(&*pending.sign_in.username) == user && waits(pending)
    };
    // The newest: those before it were given up.
    let found = pool.pending.iter().filter(|(_, pending)| fits(pending));
    let newest = found.max_by_key(|(_, pending)| pending.ends_ms).map(|(session, _)| session.clone());
    newest.ok_or_else(|| invalid_session().because("nothing of this user waits for that"))
}

/// Takes the waiting sign-in of a session out, where nothing but the session says whose it is.
pub(crate) fn take_by_session(pool: &mut Pool, session: &str) -> Result<Pending, Refusal> {
    let pending = pool.pending.remove(session);
    let pending = pending.ok_or_else(|| invalid_session().because("unknown, or answered already"))?;
    if pending.ends_ms <= pool.now_ms() {
        return Err(Refusal::not_authorized("Invalid session for the user, session is expired."));
    }
    Ok(pending)
}

/// Takes the waiting sign-in under `key` out, if the answer comes from the client and user it waits for.
pub(crate) fn take(
    pool: &mut Pool,
    key: &str,
    client_id: &str,
    responses: Fields<'_>,
) -> Result<Pending, Refusal> {
    let mut pending =
        pool.pending.remove(key).ok_or_else(|| invalid_session().because("unknown, or answered already"))?;
    let answered_as = responses.parameter("USERNAME")?;
    let same_user = pending.sign_in.username.eq_ignore_ascii_case(answered_as)
        || pool.find_user(answered_as).is_some_and(|user| user.username == pending.sign_in.username);
    if pending.sign_in.client != client_id || !same_user {
        return Err(invalid_session().because("begun by another client or for another user"));
    }
    if pending.ends_ms <= pool.now_ms() {
        return Err(Refusal::not_authorized("Invalid session for the user, session is expired."));
    }
    if !pending.sign_in.in_browser {
        check_secret_hash(pool.client(client_id)?, responses, &pending.sign_in.username)?;
    }
    if let Some(device) = responses.optional("DEVICE_KEY") {
        // The first one stays: a sign-in does not change its device on the way.
        pending.sign_in.device.get_or_insert_with(|| device.to_owned());
    }
    Ok(pending)
}

/// Lets a sign-in that was taken out wait on: its user may try again.
pub(crate) fn put_back(pool: &mut Pool, key: &str, pending: Pending) {
    pool.pending.insert(key.to_owned(), pending);
}

fn verify_password(pool: &mut Pool, client_id: &str, request: Fields<'_>, responses: Fields<'_>) -> Outcome {
    let proof = Proof::read(responses)?;
    let pending = proof.take(pool, client_id, responses)?;
    let Step::PasswordVerifier { conversation, session, next } = pending.step else {
        return Err(invalid_session().because("that is no secret block"));
    };
    if request.optional("Session").is_some_and(|given| given != session) {
        return Err(invalid_session().because("the session belongs to another secret block"));
    }
    let right = proof.fits(pool, &conversation, POOL_NAME, &pending.sign_in.username)?;
    match next {
        AfterPassword::SecondFactor => sign_in::after_password(pool, &pending.sign_in, right),
        AfterPassword::Riddles => sign_in::after_password_with_riddles(pool, &pending.sign_in, right),
    }
}

/// Begins `NEW_PASSWORD_REQUIRED`.
pub(crate) fn ask_for_new_password(pool: &mut Pool, sign_in: &SignIn, user: &User) -> Value {
    let missing: Vec<String> = attributes::REQUIRED
        .iter()
        .filter(|name| !user.attributes.contains_key(**name))
        .map(|name| format!("userAttributes.{name}"))
        .collect();
    let attributes: Map<String, Value> =
        user.attributes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let parameters = json!({
        "USER_ID_FOR_SRP": user.username,
        "requiredAttributes": json!(missing).to_string(),
        "userAttributes": Value::Object(attributes).to_string(),
    });
    ask(pool, sign_in, "NEW_PASSWORD_REQUIRED", parameters, Step::NewPassword)
}

fn take_new_password(
    pool: &mut Pool,
    client_id: &str,
    request: Fields<'_>,
    responses: Fields<'_>,
) -> Outcome {
    let key = request.parameter("Session")?;
    let pending = take(pool, key, client_id, responses)?;
    let Step::NewPassword = pending.step else {
        return Err(waits_for_something_else());
    };
    match change_password(pool, &pending.sign_in.username, responses) {
        Ok(user) => sign_in::after_first_factor(pool, &pending.sign_in, &user),
        Err(refusal) => {
            // The user may correct what was refused.
            put_back(pool, key, pending);
            Err(refusal)
        }
    }
}

fn change_password(pool: &mut Pool, username: &str, responses: Fields<'_>) -> Result<User, Refusal> {
    let password = responses.parameter("NEW_PASSWORD")?;
    let user = pool.users.get_mut(username).ok_or_else(invalid_session)?;
    passwords::check(password)?;
    let given: Vec<(&str, &str)> = responses
        .entries()
        .filter_map(|(name, value)| Some((name.strip_prefix("userAttributes.")?, value)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    for (name, value) in &given {
        if user.attributes.get(*name).is_some_and(|old| old != value) || *name == "sub" {
            return Err(Refusal::not_authorized(format!("Cannot modify an already provided {name}")));
        }
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:-".contains(&byte)) {
            return Err(Refusal::invalid_parameter(format!("Invalid attribute name {name}")));
        }
    }
    let missing: Vec<&str> = attributes::REQUIRED
        .into_iter()
        .filter(|name| !user.attributes.contains_key(*name) && !given.iter().any(|(own, _)| own == name))
        .collect();
    if !missing.is_empty() {
        let words = format!("Invalid attributes given, {} is missing", missing.join(" and "));
        return Err(Refusal::invalid_parameter(words));
    }
    for (name, value) in given {
        user.attributes.insert(name.to_owned(), value.to_owned());
    }
    user.set_password(password);
    user.status = Status::Confirmed;
    Ok(user.clone())
}
