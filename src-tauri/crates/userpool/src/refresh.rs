//! Refreshing and ending sessions: `GetTokensFromRefreshToken`, `REFRESH_TOKEN_AUTH`, `RevokeToken`.

use serde_json::json;

use crate::authentication::{check_client_secret, check_secret_hash, check_state};
use crate::journal::Trace;
use crate::pool::{Flow, Pool, Session, User};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{devices, random, session_list, sessions};

/// A refresh token that is known, belongs to the client and may be used.
struct Usable {
    fingerprint: String,
    origin_jti: String,
    user: User,
}

/// Serves `GetTokensFromRefreshToken`.
pub(crate) fn get_tokens(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let client_id = request.required("ClientId")?;
    let token = request.required("RefreshToken")?;
    trace.client = client_id.to_owned();
    let client = pool.client(client_id)?;
    check_client_secret(client, request.optional("ClientSecret"))?;
    let result = renew(pool, client_id, token, request.optional("DeviceKey"), trace)?;
    Ok(json!({ "AuthenticationResult": result }))
}

/// New tokens for a refresh token of a client that is known to be who it says. Returns an `AuthenticationResult`, with a
/// new refresh token where they rotate.
pub(crate) fn renew(
    pool: &mut Pool,
    client_id: &str,
    token: &str,
    device: Option<&str>,
    trace: &mut Trace,
) -> Outcome {
    let rotation = pool.client(client_id)?.rotation;
    let usable = find(pool, client_id, token, device, trace)?;
    // A client whose rotation was switched off meanwhile gives a replaced token no grace.
    refuse_reuse(pool, &usable, rotation.unwrap_or(0))?;
    let mut result = sessions::tokens(pool, &usable.origin_jti, &usable.user)?;
    session_list::refreshed(pool, &usable.origin_jti);
    if rotation.is_some() {
        let now_ms = pool.now_ms();
        if let Some(old) = pool.refresh_tokens.get_mut(&usable.fingerprint) {
            // The grace period counts from the first exchange, however often it is repeated.
            old.replaced_ms.get_or_insert(now_ms);
        }
        result["RefreshToken"] = json!(sessions::add_refresh_token(pool, &usable.origin_jti));
    }
    Ok(result)
}

/// Serves `InitiateAuth` with `REFRESH_TOKEN_AUTH` (or its old name `REFRESH_TOKEN`).
pub(crate) fn by_authentication_flow(
    pool: &mut Pool,
    client_id: &str,
    parameters: Fields<'_>,
    trace: &mut Trace,
) -> Outcome {
    let client = pool.client(client_id)?;
    if !client.allows(Flow::Refresh) {
        let why = if client.rotation.is_some() { "rotation is on" } else { "the flow is off" };
        return Err(Refusal::invalid_parameter("Auth flow not enabled for this client").because(why));
    }
    let token = parameters.parameter("REFRESH_TOKEN")?;
    let usable = find(pool, client_id, token, parameters.optional("DEVICE_KEY"), trace)?;
    refuse_reuse(pool, &usable, 0)?;
    // Never over an alias: over the name in the access token.
    check_secret_hash(pool.client(client_id)?, parameters, &usable.user.username)?;
    let result = sessions::tokens(pool, &usable.origin_jti, &usable.user)?;
    session_list::refreshed(pool, &usable.origin_jti);
    Ok(json!({ "AuthenticationResult": result, "ChallengeParameters": {} }))
}

fn find(
    pool: &Pool,
    client_id: &str,
    text: &str,
    device: Option<&str>,
    trace: &mut Trace,
) -> Result<Usable, Refusal> {
    let invalid = || Refusal::not_authorized("Invalid Refresh Token.");
    let fingerprint = random::fingerprint(text);
    let token = pool.refresh_tokens.get(&fingerprint).ok_or_else(invalid)?;
    let session = pool.sessions.get(&token.origin_jti).ok_or_else(invalid)?;
    trace.username.clone_from(&session.username);
    if session.client != client_id {
        return Err(invalid().because(format!("it belongs to the client {}", session.client)));
    }
    if session.revoked {
        return Err(Refusal::not_authorized("Refresh Token has been revoked"));
    }
    if session.ends_ms <= pool.now_ms() {
        return Err(Refusal::not_authorized("Refresh Token has expired"));
    }
    let user = pool.users.get(&session.username);
    let user = user.ok_or_else(|| Refusal::new("UserNotFoundException", "User does not exist."))?;
    check_state(user)?;
    if session.device.as_deref().is_some_and(|own| !devices::may_refresh(user, own, device)) {
        return Err(invalid().because("the key of its device is missing, or the device is not confirmed"));
    }
    Ok(Usable { fingerprint, origin_jti: token.origin_jti.clone(), user: user.clone() })
}

/// Ends the whole session when a replaced token is used after its grace period: one of the two who use it is a
/// thief, and nobody can say which.
fn refuse_reuse(pool: &mut Pool, usable: &Usable, grace_seconds: u32) -> Result<(), Refusal> {
    let replaced_ms = pool.refresh_tokens.get(&usable.fingerprint).and_then(|token| token.replaced_ms);
    match replaced_ms {
        Some(replaced_ms) if pool.now_ms() >= replaced_ms + i64::from(grace_seconds) * 1000 => {
            pool.revoke(&usable.origin_jti);
            Err(Refusal::new("RefreshTokenReuseException", "Refresh token reuse detected"))
        }
        _ => Ok(()),
    }
}

/// Serves `RevokeToken`. A token that is unknown or has ended already is no error (RFC 7009, 2.2): there is
/// nothing left to revoke.
pub(crate) fn revoke(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let client_id = request.required("ClientId")?;
    let text = request.required("Token")?;
    trace.client = client_id.to_owned();
    let client = pool.client(client_id)?;
    check_client_secret(client, request.optional("ClientSecret"))?;
    if !client.revocation {
        return Err(Refusal::new(
            "UnsupportedOperationException",
            "Token revocation is not enabled for this client",
        ));
    }
    if pool.key.verify(text).is_some() {
        return Err(Refusal::new("UnsupportedTokenTypeException", "Unsupported token type"));
    }
    let token = pool.refresh_tokens.get(&random::fingerprint(text));
    let Some(origin_jti) = token.map(|token| token.origin_jti.clone()) else {
        trace.detail = Some("the token is unknown".to_owned());
        return Ok(json!({}));
    };
    let session = pool.sessions.get(&origin_jti);
    trace.username = session.map(|session| session.username.clone()).unwrap_or_default();
    if session.is_some_and(|session| session.client != client_id) {
        return Err(Refusal::new("UnauthorizedException", "The token was issued to another client"));
    }
    let linked = request.optional("RevokeAssociatedSessions") == Some("LINKED");
    let browser = session.and_then(Session::browser).filter(|_| linked).map(str::to_owned);
    pool.revoke(&origin_jti);
    if let Some(browser) = browser {
        pool.managed_login.end(&browser);
    }
    Ok(json!({}))
}
