//! `POST /oauth2/token` and `POST /oauth2/revoke`: what an app gets for a code or a refresh token, and gives back.

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::oauth::{self, Error, Failed};
use super::web::{self, Parameters, Served, WebRequest};
use super::{CODE_LIFE, Granted};
use crate::authentication::check_state;
use crate::journal::Trace;
use crate::pool::Pool;
use crate::wire::{self, Fields, Refusal};
use crate::{random, refresh, sessions};

/// Serves `POST /oauth2/token`.
pub(super) fn serve(pool: &mut Pool, request: &WebRequest, trace: &mut Trace) -> Served {
    let now = pool.now();
    match give(pool, request, trace) {
        Ok(tokens) => web::json(200, &tokens, now, "ok"),
        Err(failed) => failed.served(now, trace),
    }
}

fn give(pool: &mut Pool, request: &WebRequest, trace: &mut Trace) -> Result<Value, Failed> {
    let form = oauth::form(request)?;
    let grant =
        form.get("grant_type").ok_or_else(|| Error::InvalidRequest.because("grant_type is missing"))?;
    let by_code = match grant {
        "authorization_code" => true,
        "refresh_token" => false,
        "client_credentials" => {
            return Err(Error::UnauthorizedClient.because("no client has this grant here"));
        }
        _ => return Err(Error::UnsupportedGrantType.because("no such grant")),
    };
    trace.flow = grant.to_owned();
    let client = oauth::client(pool, request, form, trace)?;
    if client.managed_login.is_none() {
        return Err(Error::UnauthorizedClient.because("the client is not registered for the managed login"));
    }
    let id = client.id;
    let result = if by_code { exchange(pool, id, form, trace) } else { renew(pool, id, form, trace) }?;
    let mut tokens = json!({ "token_type": "Bearer", "expires_in": result["ExpiresIn"] });
    for (own, theirs) in
        [("access_token", "AccessToken"), ("id_token", "IdToken"), ("refresh_token", "RefreshToken")]
    {
        if let Some(token) = result.get(theirs) {
            tokens[own] = token.clone();
        }
    }
    Ok(tokens)
}

/// A code for a session. A code is looked at once: whatever is wrong with the rest uses it up.
fn exchange(
    pool: &mut Pool,
    client: &'static str,
    form: &Parameters,
    trace: &mut Trace,
) -> Result<Value, Failed> {
    let text = form.get("code").ok_or_else(|| Error::InvalidRequest.because("code is missing"))?;
    let redirect_uri = form.get("redirect_uri");
    let redirect_uri =
        redirect_uri.ok_or_else(|| Error::InvalidRequest.because("redirect_uri is missing"))?;
    let registered = pool.client(client).ok().and_then(|client| client.managed_login.as_ref());
    if !registered
        .is_some_and(|registered| registered.callbacks.iter().any(|callback| callback == redirect_uri))
    {
        return Err(Error::UnauthorizedClient.because("the client does not have this redirect_uri"));
    }
    let now = pool.now();
    let invalid = |why: &str| Error::InvalidGrant.because(why);
    let code = pool.managed_login.codes.get_mut(&random::fingerprint(text));
    let code = code.ok_or_else(|| invalid("the code is unknown"))?;
    trace.username.clone_from(&code.username);
    // Whoever has another client cannot use it up.
    if code.wish.client != client {
        return Err(invalid("the code was given to another client"));
    }
    let begun = random::uuid();
    if let Some(begun) = code.origin_jti.replace(begun.clone()) {
        // One of the two who have the code is a thief, and nobody can say which.
        code.origin_jti = Some(begun.clone());
        pool.revoke(&begun);
        return Err(invalid("the code has been used already: what it gave is revoked"));
    }
    if now >= code.given + CODE_LIFE {
        return Err(invalid("the code has expired"));
    }
    if code.wish.redirect_uri != redirect_uri {
        return Err(invalid("the code was for another redirect_uri"));
    }
    match (&code.wish.challenge, form.get("code_verifier")) {
        (None, None) => {}
        (Some(_), None) => return Err(Error::InvalidRequest.because("code_verifier is missing")),
        (None, Some(_)) => return Err(invalid("a code_verifier without a challenge")),
        (Some(challenge), Some(verifier)) if !fits(challenge, verifier) => {
            return Err(invalid("the code_verifier does not fit"));
        }
        (Some(_), Some(_)) => {}
    }
    let wish = code.wish.clone();
    let (auth_time, browser) = (code.auth_time, code.browser.clone());
    let user = pool.users.get(&code.username).cloned().ok_or_else(|| invalid("the user is gone"))?;
    check_state(&user).map_err(|refusal| invalid(&refusal.message))?;
    let granted = Granted { scope: wish.scope, resource: wish.resource, browser };
    sessions::begin_granted(pool, client, &user, begun, (granted, auth_time, wish.nonce.as_deref()))
        .map_err(|refusal| invalid(&refusal.message))
}

/// Whether a verifier is one, and the one whose hash the challenge is (RFC 7636, 4.1 and 4.6).
fn fits(challenge: &str, verifier: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let hash = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(plain)
        && constant_time::verify_slices_are_equal(hash.as_bytes(), challenge.as_bytes()).is_ok()
}

fn renew(pool: &mut Pool, client: &str, form: &Parameters, trace: &mut Trace) -> Result<Value, Failed> {
    let token = form.get("refresh_token");
    let token = token.ok_or_else(|| Error::InvalidRequest.because("refresh_token is missing"))?;
    refresh::renew(pool, client, token, None, trace)
        .map_err(|refusal| Error::InvalidGrant.because(words(refusal)))
}

fn words(refusal: Refusal) -> String {
    let detail = refusal.detail.map(|detail| format!("; {detail}")).unwrap_or_default();
    refusal.message + &detail
}

/// Serves `POST /oauth2/revoke`. What is unknown is no error.
pub(super) fn revoke(pool: &mut Pool, request: &WebRequest, trace: &mut Trace) -> Served {
    let now = pool.now();
    match take_back(pool, request, trace) {
        Ok(()) => Served::new(wire::answer(200, "text/plain", "", now), "ok"),
        // As AWS documents it, unlike for tokens.
        Err(Failed { error: Error::InvalidClient, .. }) => {
            let failed = Error::InvalidClient.because("the client is unknown, or its secret is wrong");
            Failed { status: 401, ..failed }.served(now, trace)
        }
        Err(failed) => failed.served(now, trace),
    }
}

fn take_back(pool: &mut Pool, request: &WebRequest, trace: &mut Trace) -> Result<(), Failed> {
    let form = oauth::form(request)?;
    let token = form.get("token").ok_or_else(|| Error::InvalidRequest.because("token is missing"))?;
    let client = oauth::client(pool, request, form, trace)?;
    if client.managed_login.is_none() {
        return Err(Error::InvalidRequest.because("the client is not registered for the managed login"));
    }
    let body = json!({ "ClientId": client.id, "Token": token, "ClientSecret": client.secret });
    refresh::revoke(pool, Fields::new(&body), trace).map(|_| ()).map_err(|refusal| {
        let error = match &*refusal.kind {
            "UnsupportedTokenTypeException" => Error::UnsupportedTokenType,
            "UnauthorizedException" => Error::UnauthorizedClient,
            _ => Error::InvalidRequest,
        };
        error.because(words(refusal))
    })
}
