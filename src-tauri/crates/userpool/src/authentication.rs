//! `InitiateAuth`: the first request of every sign-in, and one of the two ways to refresh.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::challenges::{self, AfterPassword, Pending, Step};
use crate::journal::Trace;
use crate::pool::{Client, Flow, POOL_NAME, Pool, Status, User};
use crate::sign_in::{self, SignIn};
use crate::srp::{BadPublicKey, Conversation};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{choice, custom, random, refresh, srp};

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
        "USER_AUTH" if client.allows(Flow::Choice) => choice::begin(pool, client_id, request, trace),
        "CUSTOM_AUTH" if client.allows(Flow::Custom) => custom::begin(pool, client_id, parameters, trace),
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
    let sign_in = SignIn::read(pool, client_id, parameters, trace)?;
    let srp_a = parameters.parameter("SRP_A")?;
    start_srp(pool, sign_in, srp_a, AfterPassword::SecondFactor)
}

/// Begins `PASSWORD_VERIFIER`.
pub(crate) fn start_srp(pool: &mut Pool, sign_in: SignIn, srp_a: &str, next: AfterPassword) -> Outcome {
    let username = sign_in.username.clone();
    // A user who does not exist gets the same conversation as one whose password is wrong.
    let (salt, verifier) = match pool.users.get(&username) {
        Some(user) => (user.salt.clone(), user.verifier.clone()),
        None => (
            srp::invented_salt(&pool.invention_secret, &username),
            srp::invented_verifier(&pool.invention_secret, &username),
        ),
    };
    let conversation = Conversation::begin(srp_a, verifier).map_err(bad_public_key)?;
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
    let step = Step::PasswordVerifier { conversation, session: session.clone(), next };
    challenges::await_answer(pool, secret_block, Pending::new(pool, sign_in, step));
    Ok(json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeParameters": parameters,
        "Session": session,
    }))
}

/// The refusal of an `SRP_A` that is no public number.
pub(crate) fn bad_public_key(refused: BadPublicKey) -> Refusal {
    Refusal::invalid_parameter(match refused {
        BadPublicKey::Malformed => "SRP_A is not a valid hexadecimal number",
        BadPublicKey::Zero => "SRP_A must not be 0 modulo N",
    })
}

fn with_password(pool: &mut Pool, client_id: &str, parameters: Fields<'_>, trace: &mut Trace) -> Outcome {
    let sign_in = SignIn::read(pool, client_id, parameters, trace)?;
    let right = password_is_right(pool, &sign_in.username, parameters.parameter("PASSWORD")?);
    sign_in::after_password(pool, &sign_in, right)
}

/// Whether a password that was sent is the user's; never, where there is no such user.
pub(crate) fn password_is_right(pool: &Pool, username: &str, password: &str) -> bool {
    match pool.users.get(username) {
        Some(user) => user.has_password(password),
        None => {
            // The same work as for a user who exists, so that time does not tell them apart.
            let salt = srp::invented_salt(&pool.invention_secret, username);
            srp::verifier(POOL_NAME, username, password, &salt);
            false
        }
    }
}

/// Why a user with these tokens or this password may not go on, if there is a reason.
pub(crate) fn check_state(user: &User) -> Result<(), Refusal> {
    if !user.enabled {
        return Err(Refusal::not_authorized("User is disabled."));
    }
    match user.status {
        Status::Unconfirmed => Err(Refusal::new("UserNotConfirmedException", "User is not confirmed.")),
        Status::ResetRequired => {
            Err(Refusal::new("PasswordResetRequiredException", "Password reset required for the user"))
        }
        Status::ForceChangePassword | Status::Confirmed | Status::ExternalProvider => Ok(()),
    }
}

/// Checks `SECRET_HASH` for a client that has a secret: base64 of HMAC-SHA256 over `username` and the client's
/// id. `username` is what was typed in the first request of a sign-in and the pool's own name from then on.
pub(crate) fn check_secret_hash(client: &Client, given: Fields<'_>, username: &str) -> Result<(), Refusal> {
    check_secret_hash_of(client, given.optional("SECRET_HASH"), username)
}

/// The same for a request that has the hash in a field of its own.
pub(crate) fn check_secret_hash_of(
    client: &Client,
    given: Option<&str>,
    username: &str,
) -> Result<(), Refusal> {
    let Some(secret) = client.secret else {
        return Ok(());
    };
    let id = client.id;
    let Some(hash) = given else {
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

/// Refuses a hash that a client without a secret has no use for. Only the first request of a sign-in and those about an
/// account are refused for it: in the answer to a challenge and in a refresh it is left unread
/// (<https://github.com/pmill/aws-cognito/pull/23> has the words; which requests, from ministack).
pub(crate) fn refuse_needless_hash(client: &Client, given: Option<&str>) -> Result<(), Refusal> {
    if client.secret.is_some() || given.is_none() {
        return Ok(());
    }
    let id = client.id;
    let words = format!("App client {id} is not configured for secret but secret hash was received");
    Err(Refusal::invalid_parameter(words))
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
