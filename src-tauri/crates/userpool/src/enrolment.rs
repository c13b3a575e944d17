//! Setting up a second factor: `MFA_SETUP` in a sign-in that cannot go on without one, and an authenticator app of
//! somebody who is signed in (`AssociateSoftwareToken`, `VerifySoftwareToken`).

use serde_json::{Value, json};

use crate::challenges::{self, Pending, Step};
use crate::journal::Trace;
use crate::pool::{Pool, User};
use crate::second_factor::{self, Factor};
use crate::sign_in::{self, SignIn};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{outbox, random, sessions, totp};

/// What can be set up in a sign-in.
const FACTORS: [Factor; 2] = [Factor::Authenticator, Factor::Email];
const SECRET_BYTES: usize = 20;

/// How far `MFA_SETUP` has come.
#[derive(Clone)]
pub(crate) enum Progress {
    Begun,
    /// An authenticator has been given this secret.
    Associated(Vec<u8>),
    /// It has shown a right code.
    Verified,
}

/// Begins `MFA_SETUP`.
pub(crate) fn ask(pool: &mut Pool, sign_in: &SignIn) -> Value {
    let names = FACTORS.map(Factor::challenge);
    let parameters = json!({
        "MFAS_CAN_SETUP": json!(names).to_string(),
        "USER_ID_FOR_SRP": sign_in.username,
    });
    challenges::ask(pool, sign_in, "MFA_SETUP", parameters, Step::SetUp(Progress::Begun))
}

/// Serves the answer to `MFA_SETUP`: an address for codes, or the session that `VerifySoftwareToken` gave.
pub(crate) fn answer(
    pool: &mut Pool,
    client_id: &str,
    request: Fields<'_>,
    responses: Fields<'_>,
) -> Outcome {
    let key = request.parameter("Session")?;
    let pending = challenges::take(pool, key, client_id, responses)?;
    let Step::SetUp(progress) = &pending.step else {
        return Err(challenges::waits_for_something_else());
    };
    match (progress, responses.optional("EMAIL")) {
        (Progress::Verified, _) => {
            let user = pool.users.get(&pending.sign_in.username).cloned();
            let user = user.ok_or_else(challenges::invalid_session)?;
            sign_in::signed_in(pool, &pending.sign_in, &user)
        }
        (_, Some(address)) if !is_address(address) => {
            challenges::put_back(pool, key, pending);
            Err(Refusal::invalid_parameter("Invalid email address format."))
        }
        (_, Some(address)) => second_factor::ask_to_set_up(pool, &pending.sign_in, address),
        (_, None) => {
            challenges::put_back(pool, key, pending);
            Err(challenges::invalid_session().because("no authenticator has shown a right code"))
        }
    }
}

/// Whether this can be an e-mail address, as far as the pool looks.
pub(crate) fn is_address(text: &str) -> bool {
    let sound = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace) && !part.contains('@');
    text.split_once('@').is_some_and(|(name, domain)| sound(name) && sound(domain) && domain.contains('.'))
}

/// Serves `AssociateSoftwareToken`.
pub(crate) fn associate(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let secret = random::bytes::<SECRET_BYTES>().to_vec();
    let code = totp::base32(&secret);
    match who(pool, request, trace)? {
        Who::Bearer(user) => {
            show_code(pool, &user.username, &secret);
            if let Some(user) = pool.users.get_mut(&user.username) {
                user.totp_candidate = Some(secret);
            }
            Ok(json!({ "SecretCode": code }))
        }
        Who::SigningIn(pending) => {
            show_code(pool, &pending.sign_in.username, &secret);
            let session = go_on(pool, &pending.sign_in, Progress::Associated(secret));
            Ok(json!({ "SecretCode": code, "Session": session }))
        }
    }
}

/// Serves `VerifySoftwareToken`.
pub(crate) fn verify(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let given = request.required("UserCode")?;
    if given.len() != 6 || !given.bytes().all(|digit| digit.is_ascii_digit()) {
        let rule = "Member must satisfy regular expression pattern: [0-9]{6}";
        return Err(Refusal::validation(&format!("'{given}'"), "userCode", rule));
    }
    let name = request.optional("FriendlyDeviceName");
    match who(pool, request, trace)? {
        Who::Bearer(mut user) => {
            let secret = user.totp_candidate.take().ok_or_else(|| {
                let words = "No software token is waiting to be verified.";
                Refusal::new("SoftwareTokenMFANotFoundException", words)
            })?;
            let step = right_step(&secret, given, pool.now())?;
            // Registered, not switched on: that is `SetUserMFAPreference`'s.
            user.factors = Some(user.factors());
            user.register_authenticator(secret, step, name);
            pool.users.insert(user.username.clone(), user);
            Ok(json!({ "Status": "SUCCESS" }))
        }
        Who::SigningIn(pending) => {
            let Step::SetUp(Progress::Associated(secret)) = &pending.step else {
                return Err(challenges::waits_for_something_else());
            };
            let step = match right_step(secret, given, pool.now()) {
                Ok(step) => step,
                Err(refusal) => {
                    challenges::put_back(pool, request.required("Session")?, pending);
                    return Err(refusal);
                }
            };
            let user = pool.users.get_mut(&pending.sign_in.username);
            let user = user.ok_or_else(challenges::invalid_session)?;
            user.register_authenticator(secret.clone(), step, name);
            user.switch_on(Factor::Authenticator);
            let session = go_on(pool, &pending.sign_in, Progress::Verified);
            Ok(json!({ "Status": "SUCCESS", "Session": session }))
        }
    }
}

enum Who {
    Bearer(User),
    SigningIn(Pending),
}

fn who(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Result<Who, Refusal> {
    if let Some(token) = request.optional("AccessToken") {
        let user = sessions::bearer(pool, token)?;
        trace.username.clone_from(&user.username);
        return Ok(Who::Bearer(user));
    }
    let session = request
        .optional("Session")
        .ok_or_else(|| Refusal::invalid_parameter("Either AccessToken or Session must be provided"))?;
    let pending = challenges::take_by_session(pool, session)?;
    trace.username.clone_from(&pending.sign_in.username);
    match pending.step {
        Step::SetUp(_) => Ok(Who::SigningIn(pending)),
        _ => Err(challenges::waits_for_something_else()),
    }
}

fn go_on(pool: &mut Pool, sign_in: &SignIn, progress: Progress) -> Value {
    challenges::ask(pool, sign_in, "MFA_SETUP", json!({}), Step::SetUp(progress))["Session"].take()
}

/// The console shows what the new authenticator would, for whoever has none at hand.
fn show_code(pool: &mut Pool, username: &str, secret: &[u8]) {
    outbox::note(pool, username, "APP", "authenticator", &totp::code_now(secret, pool.now()));
}

fn right_step(secret: &[u8], code: &str, now: i64) -> Result<u64, Refusal> {
    totp::step_of(secret, code, now)
        .ok_or_else(|| Refusal::new("EnableSoftwareTokenMFAException", "Code mismatch"))
}
