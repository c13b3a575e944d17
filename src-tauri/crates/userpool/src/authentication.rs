//! `InitiateAuth`: the first request of every sign-in, and one of the two ways to refresh.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::challenges::{self, Pending, Step};
use crate::journal::Trace;
use crate::pool::{Client, Flow, POOL_NAME, Pool, Status, User};
use crate::srp::{BadPublicKey, Conversation};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{random, refresh, srp};

/// Every `AuthFlow` of the model that is not for administrators.
const FLOWS: [&str; 6] = [
    "USER_SRP_AUTH",
    "REFRESH_TOKEN_AUTH",
    "REFRESH_TOKEN",
    "CUSTOM_AUTH",
    "USER_PASSWORD_AUTH",
    "USER_AUTH",
];

/// Serves `InitiateAuth`.
pub(crate) fn initiate(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let client_id = request.required("ClientId")?;
    let flow = request.required("AuthFlow")?;
    trace.client = client_id.to_owned();
    trace.flow = flow.to_owned();
    let client = pool.client(client_id)?;
    let parameters = request.map("AuthParameters");
    match flow {
        "USER_SRP_AUTH" if client.allows(Flow::Srp) => begin_srp(pool, client_id, parameters, trace),
        "USER_PASSWORD_AUTH" if client.allows(Flow::Password) => {
            with_password(pool, client_id, parameters, trace)
        }
        "USER_PASSWORD_AUTH" => {
            Err(Refusal::invalid_parameter("USER_PASSWORD_AUTH flow not enabled for this client"))
        }
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => {
            refresh::by_authentication_flow(pool, client_id, parameters, trace)
        }
        known if FLOWS.contains(&known) => {
            Err(Refusal::invalid_parameter(format!("{known} is not enabled for the client.")))
        }
        unknown => Err(Refusal::validation(
            &format!("'{unknown}'"),
            "authFlow",
            &format!("Member must satisfy enum value set: [{}]", FLOWS.join(", ")),
        )),
    }
}

fn begin_srp(pool: &mut Pool, client_id: &str, parameters: Fields<'_>, trace: &mut Trace) -> Outcome {
    let typed = parameters.parameter("USERNAME")?;
    let srp_a = parameters.parameter("SRP_A")?;
    trace.username = typed.to_owned();
    check_secret_hash(pool.client(client_id)?, parameters, typed)?;
    // A user who does not exist gets the same conversation as one whose password is wrong.
    let (username, salt, verifier) = match pool.find_user(typed) {
        Some(user) => (user.username.clone(), user.salt.clone(), user.verifier.clone()),
        None => (
            typed.to_owned(),
            srp::invented_salt(&pool.invention_secret, typed),
            srp::invented_verifier(&pool.invention_secret, typed),
        ),
    };
    let conversation = Conversation::begin(srp_a, verifier).map_err(|refused| match refused {
        BadPublicKey::Malformed => Refusal::invalid_parameter("SRP_A is not a valid hexadecimal number"),
        BadPublicKey::Zero => Refusal::invalid_parameter("SRP_A must not be 0 modulo N"),
    })?;
    let secret_block = random::secret_block();
    let session = random::session();
    let parameters = json!({
        "SALT": salt.to_str_radix(16),
        "SECRET_BLOCK": secret_block,
        "SRP_B": conversation.srp_b(),
        "USERNAME": username,
        "USER_ID_FOR_SRP": username,
    });
    // Not every client sends the session back with this challenge: the secret block alone must lead here.
    let step = Step::PasswordVerifier { conversation, session: session.clone() };
    challenges::await_answer(pool, secret_block, Pending::new(pool, client_id, &username, step));
    Ok(json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeParameters": parameters,
        "Session": session,
    }))
}

fn with_password(pool: &mut Pool, client_id: &str, parameters: Fields<'_>, trace: &mut Trace) -> Outcome {
    let typed = parameters.parameter("USERNAME")?;
    let password = parameters.parameter("PASSWORD")?;
    trace.username = typed.to_owned();
    check_secret_hash(pool.client(client_id)?, parameters, typed)?;
    let right = pool.find_user(typed).map(|user| {
        let given = srp::verifier(POOL_NAME, &user.username, password, &user.salt);
        (user.username.clone(), given == user.verifier)
    });
    if right.is_none() {
        // The same work as for a user who exists, so that time does not tell them apart.
        srp::verifier(POOL_NAME, typed, password, &srp::invented_salt(&pool.invention_secret, typed));
    }
    let (username, right) = right.unwrap_or_else(|| (typed.to_owned(), false));
    after_password(pool, client_id, &username, right)
}

/// What follows once the pool knows whether the password was `right`: a refusal, the next challenge, or tokens.
pub(crate) fn after_password(pool: &mut Pool, client_id: &str, username: &str, right: bool) -> Outcome {
    let name = username.to_lowercase();
    let now_ms = pool.now_ms();
    if pool.attempts.locked(&name, now_ms) {
        return Err(Refusal::not_authorized("Password attempts exceeded"));
    }
    let user = pool.users.get(username).cloned();
    if let Some(user) = &user
        && user.status == Status::ResetRequired
    {
        return Err(reset_required());
    }
    let Some(user) = user.filter(|_| right) else {
        pool.attempts.failed(&name, now_ms);
        return Err(Refusal::incorrect_password());
    };
    pool.attempts.succeeded(&name);
    if !user.enabled {
        return Err(Refusal::not_authorized("User is disabled."));
    }
    match user.status {
        Status::Unconfirmed => Err(not_confirmed()),
        Status::ResetRequired => Err(reset_required()),
        Status::ForceChangePassword => Ok(challenges::ask_for_new_password(pool, client_id, &user)),
        Status::Confirmed => challenges::after_first_factor(pool, client_id, &user),
    }
}

/// Why a user with these tokens or this password may not go on, if there is a reason.
pub(crate) fn check_state(user: &User) -> Result<(), Refusal> {
    if !user.enabled {
        return Err(Refusal::not_authorized("User is disabled."));
    }
    match user.status {
        Status::Unconfirmed => Err(not_confirmed()),
        Status::ResetRequired => Err(reset_required()),
        Status::ForceChangePassword | Status::Confirmed => Ok(()),
    }
}

fn not_confirmed() -> Refusal {
    Refusal::new("UserNotConfirmedException", "User is not confirmed.")
}

fn reset_required() -> Refusal {
    Refusal::new("PasswordResetRequiredException", "Password reset required for the user")
}

/// Checks `SECRET_HASH` for a client that has a secret: base64 of HMAC-SHA256 over `username` and the client's
/// id. `username` is what was typed in the first request of a sign-in and the pool's own name from then on.
pub(crate) fn check_secret_hash(client: &Client, given: Fields<'_>, username: &str) -> Result<(), Refusal> {
    let Some(secret) = client.secret else {
        return Ok(());
    };
    let id = client.id;
    let Some(hash) = given.optional("SECRET_HASH") else {
        let words = format!("Client {id} is configured with secret but SECRET_HASH was not received");
        return Err(Refusal::not_authorized(words));
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let message = format!("{username}{id}");
    let right = STANDARD.decode(hash).is_ok_and(|hash| hmac::verify(&key, message.as_bytes(), &hash).is_ok());
    if right {
        Ok(())
    } else {
        Err(Refusal::not_authorized(format!("Unable to verify secret hash for client {id}"))
            .because(format!("the hash is not over the user name {username:?}, or not with this secret")))
    }
}

/// Checks the `ClientSecret` that `GetTokensFromRefreshToken` and `RevokeToken` take instead of a hash.
pub(crate) fn check_client_secret(client: &Client, given: Option<&str>) -> Result<(), Refusal> {
    let Some(secret) = client.secret else {
        return Ok(());
    };
    let id = client.id;
    let Some(given) = given else {
        let words = format!("Client {id} is configured for secret but secret was not received");
        return Err(Refusal::not_authorized(words));
    };
    constant_time::verify_slices_are_equal(secret.as_bytes(), given.as_bytes())
        .map_err(|_| Refusal::not_authorized(format!("Unable to verify secret hash for client {id}")))
}
