//! One sign-in: who it is for, and where it leads once the user is known.

use serde_json::json;

use crate::authentication::{check_secret_hash, check_state, refuse_needless_hash};
use crate::journal::Trace;
use crate::pool::{Pool, Status, User};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{challenges, custom, devices, enrolment, managed_login, second_factor, sessions};

/// Who signs in, through which client and on which device.
#[derive(Clone)]
pub(crate) struct SignIn {
    pub(crate) client: String,
    /// The pool's own name of the user; what was typed where there is no such user.
    pub(crate) username: String,
    /// The `DEVICE_KEY` that came along.
    pub(crate) device: Option<String>,
    /// Whether it goes on at the managed login: the pool itself stands between, and the client gets a code.
    pub(crate) in_browser: bool,
}

impl SignIn {
    /// Reads who wants to sign in from `AuthParameters`. The secret hash of a first request is over the name as it
    /// was typed.
    pub(crate) fn read(
        pool: &Pool,
        client_id: &str,
        parameters: Fields<'_>,
        trace: &mut Trace,
    ) -> Result<Self, Refusal> {
        let typed = parameters.parameter("USERNAME")?;
        trace.username = typed.to_owned();
        let client = pool.client(client_id)?;
        check_secret_hash(client, parameters, typed)?;
        refuse_needless_hash(client, parameters.optional("SECRET_HASH"))?;
        let username = pool.find_user(typed).map_or_else(|| typed.to_owned(), |user| user.username.clone());
        let device = parameters.optional("DEVICE_KEY").map(str::to_owned);
        Ok(Self { client: client_id.to_owned(), username, device, in_browser: false })
    }
}

/// What follows once the pool knows whether the password was `right`: a refusal, the next challenge, or tokens.
pub(crate) fn after_password(pool: &mut Pool, sign_in: &SignIn, right: bool) -> Outcome {
    let user = password_tried(pool, &sign_in.username, right)?;
    after_first_factor(pool, sign_in, &user)
}

/// The same where riddles follow instead.
pub(crate) fn after_password_with_riddles(pool: &mut Pool, sign_in: &SignIn, right: bool) -> Outcome {
    let user = password_tried(pool, &sign_in.username, right)?;
    check_state(&user)?;
    Ok(custom::ask_first(pool, sign_in))
}

/// Counts a try with the password. Returns the user when it was right and nobody has to wait.
fn password_tried(pool: &mut Pool, username: &str, right: bool) -> Result<User, Refusal> {
    let name = username.to_lowercase();
    let now_ms = pool.now_ms();
    if pool.attempts.locked(&name, now_ms) {
        return Err(Refusal::not_authorized("Password attempts exceeded"));
    }
    let user = pool.users.get(username).cloned();
    if let Some(user) = &user
        && user.status == Status::ResetRequired
    {
        check_state(user)?;
    }
    let Some(user) = user.filter(|_| right) else {
        pool.attempts.failed(&name, now_ms);
        return Err(Refusal::incorrect_password());
    };
    pool.attempts.succeeded(&name);
    Ok(user)
}

/// What follows a first factor that is right: a refusal because of the user's state, a new password, a second factor,
/// or tokens.
pub(crate) fn after_first_factor(pool: &mut Pool, sign_in: &SignIn, user: &User) -> Outcome {
    check_state(user)?;
    if user.status == Status::ForceChangePassword {
        return Ok(challenges::ask_for_new_password(pool, sign_in, user));
    }
    if let Some(challenge) = devices::recognise(pool, sign_in, user)? {
        return Ok(challenge);
    }
    match user.factor() {
        Some(factor) => second_factor::ask(pool, sign_in, user, factor),
        None if !user.factors().is_empty() => Ok(second_factor::ask_to_select(pool, sign_in, user)),
        None if pool.client(&sign_in.client)?.second_factor_required => Ok(enrolment::ask(pool, sign_in)),
        None => signed_in(pool, sign_in, user),
    }
}

/// What follows what needs no second factor: a passkey, which is two in one, and the pool's own challenges.
pub(crate) fn after_all_factors(pool: &mut Pool, sign_in: &SignIn, user: &User) -> Outcome {
    check_state(user)?;
    match devices::recognise(pool, sign_in, user)? {
        Some(challenge) => Ok(challenge),
        None => signed_in(pool, sign_in, user),
    }
}

/// The answer that ends a sign-in: a new session's tokens, or whom the managed login has got to know.
pub(crate) fn signed_in(pool: &mut Pool, sign_in: &SignIn, user: &User) -> Outcome {
    if sign_in.in_browser {
        return Ok(json!({ managed_login::SIGNED_IN: user.username }));
    }
    let result = sessions::begin(pool, sign_in, user)?;
    Ok(json!({ "AuthenticationResult": result, "ChallengeParameters": {} }))
}
