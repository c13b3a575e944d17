//! What a sign-in gives: a session with its tokens, and who an access token stands for.

use serde_json::{Value, json};

use crate::managed_login::{Granted, IDENTITIES, identities_claim};
use crate::pool::{Client, Pool, RefreshToken, Session, User};
use crate::session_list::Tracked;
use crate::sign_in::SignIn;
use crate::wire::Refusal;
use crate::{devices, random, tokens};

/// The scope of tokens that native sign-in gives; without it a user's own operations are refused.
pub(crate) const SCOPE: &str = "aws.cognito.signin.user.admin";
/// Cognito's words for a token that lacks a scope.
pub(crate) const MISSING_SCOPE: &str = "Access Token does not have required scopes";

/// Begins a session. Returns its `AuthenticationResult`.
pub(crate) fn begin(pool: &mut Pool, sign_in: &SignIn, user: &User) -> Result<Value, Refusal> {
    let device = devices::of_session(pool, sign_in, user)?;
    let (device, new_device) = device.unzip();
    let session = Session { device, ..new(pool, &sign_in.client, user)? };
    let mut result = first_tokens(pool, random::uuid(), session, user, None)?;
    if let Some(metadata) = new_device.flatten() {
        result["NewDeviceMetadata"] = metadata;
    }
    Ok(result)
}

/// Begins a session of what was granted at the managed login, where the user signed in at `auth_time`, and files it
/// under `origin_jti`.
pub(crate) fn begin_granted(
    pool: &mut Pool,
    client: &str,
    user: &User,
    origin_jti: String,
    (granted, auth_time, nonce): (Granted, i64, Option<&str>),
) -> Result<Value, Refusal> {
    let session = Session { granted: Some(granted), auth_time, ..new(pool, client, user)? };
    first_tokens(pool, origin_jti, session, user, nonce)
}

fn new(pool: &Pool, client_id: &str, user: &User) -> Result<Session, Refusal> {
    let now = pool.now();
    let client = pool.client(client_id)?;
    Ok(Session {
        username: user.username.clone(),
        client: client_id.to_owned(),
        auth_time: now,
        ends_ms: pool.now_ms() + client.refresh_life * 1000,
        event_id: random::uuid(),
        revoked: false,
        device: None,
        tracked: client.sessions_tracked.then(|| Tracked::begin(pool, now)),
        granted: None,
    })
}

fn first_tokens(
    pool: &mut Pool,
    origin_jti: String,
    session: Session,
    user: &User,
    nonce: Option<&str>,
) -> Result<Value, Refusal> {
    pool.sessions.insert(origin_jti.clone(), session);
    let refresh_token = add_refresh_token(pool, &origin_jti);
    let mut result = tokens_with(pool, &origin_jti, user, nonce)?;
    result["RefreshToken"] = json!(refresh_token);
    Ok(result)
}

/// Adds a refresh token to a session and returns its text. It ends when the session does.
pub(crate) fn add_refresh_token(pool: &mut Pool, origin_jti: &str) -> String {
    let text = random::refresh_token();
    let token = RefreshToken { origin_jti: origin_jti.to_owned(), replaced_ms: None };
    pool.refresh_tokens.insert(random::fingerprint(&text), token);
    text
}

/// An `AuthenticationResult` with a new id token and access token and no refresh token.
pub(crate) fn tokens(pool: &Pool, origin_jti: &str, user: &User) -> Result<Value, Refusal> {
    // A nonce is for the id token that the sign-in gives, and no later one (OpenID Connect Core 1.0, section 12.2).
    tokens_with(pool, origin_jti, user, None)
}

fn tokens_with(pool: &Pool, origin_jti: &str, user: &User, nonce: Option<&str>) -> Result<Value, Refusal> {
    let unknown = || Refusal::not_authorized("Invalid Refresh Token.");
    let session = pool.sessions.get(origin_jti).ok_or_else(unknown)?;
    let client = pool.client(&session.client)?;
    let mut access = access_claims(pool, client, session, origin_jti, user);
    let mut id = id_claims(pool, client, session, origin_jti, user);
    if let Some(forgery) = pool.forgery {
        forgery.alter(pool.now(), &mut access, &mut id);
    }
    let access = pool.key.sign(&access);
    let mut result = json!({
        "AccessToken": access,
        "ExpiresIn": client.access_life,
        "TokenType": "Bearer",
    });
    if session.granted.as_ref().is_some_and(|granted| !granted.has("openid")) {
        return Ok(result);
    }
    if session.granted.is_some() {
        id["at_hash"] = json!(tokens::hash_of(&access));
    }
    if let Some(nonce) = nonce {
        id["nonce"] = json!(nonce);
    }
    let id = match pool.forgery {
        Some(forgery) => forgery.sign(&pool.key, &mut id),
        None => Some(pool.key.sign(&id)),
    };
    if let Some(id) = id {
        result["IdToken"] = json!(id);
    }
    Ok(result)
}

fn common_claims(pool: &Pool, client: &Client, session: &Session, origin_jti: &str, user: &User) -> Value {
    let now = pool.now();
    let mut claims = json!({
        "sub": user.sub,
        "iss": pool.issuer,
        "auth_time": session.auth_time,
        "iat": now,
        "exp": now + client.access_life,
        "jti": random::uuid(),
        "event_id": session.event_id,
    });
    if client.revocation {
        claims["origin_jti"] = json!(origin_jti);
    }
    if !user.groups.is_empty() {
        claims["cognito:groups"] = json!(user.groups);
    }
    claims
}

fn access_claims(pool: &Pool, client: &Client, session: &Session, origin_jti: &str, user: &User) -> Value {
    let mut claims = common_claims(pool, client, session, origin_jti, user);
    claims["token_use"] = json!("access");
    claims["client_id"] = json!(client.id);
    claims["scope"] = json!(client.scope);
    claims["username"] = json!(user.username);
    if let Some(granted) = &session.granted {
        claims["scope"] = json!(granted.scope);
        claims["version"] = json!(2);
        if let Some(resource) = &granted.resource {
            claims["aud"] = json!(resource);
        }
    }
    if let Some(device) = &session.device {
        claims["device_key"] = json!(device);
    }
    claims
}

fn id_claims(pool: &Pool, client: &Client, session: &Session, origin_jti: &str, user: &User) -> Value {
    let mut claims = common_claims(pool, client, session, origin_jti, user);
    let may_know = |name: &str| session.granted.as_ref().is_none_or(|granted| granted.shows(name));
    for (name, value) in user.attributes.iter().filter(|(name, _)| may_know(name)) {
        // Of the attributes that this pool has, these two are truth values.
        claims[name] = match name.as_str() {
            "email_verified" | "phone_number_verified" => json!(value == "true"),
            IDENTITIES => identities_claim(value),
            _ => json!(value),
        };
    }
    claims["token_use"] = json!("id");
    claims["aud"] = json!(client.id);
    claims["cognito:username"] = json!(user.username);
    claims
}

/// The user an access token stands for.
///
/// # Errors
/// As Cognito's operations that take an `AccessToken`: not this pool's, expired, revoked, the user disabled or
/// deleted.
pub(crate) fn bearer(pool: &Pool, access_token: &str) -> Result<User, Refusal> {
    bearer_with(pool, access_token, SCOPE).map(|(user, _)| user)
}

/// The same for a token that has another `scope`, and all the scopes it has.
pub(crate) fn bearer_with(pool: &Pool, access_token: &str, scope: &str) -> Result<(User, String), Refusal> {
    let invalid = || Refusal::not_authorized("Invalid Access Token");
    let claims = pool.key.verify(access_token).ok_or_else(invalid)?;
    if claims["token_use"] != "access" {
        return Err(invalid());
    }
    if claims["exp"].as_i64().is_none_or(|end| end <= pool.now()) {
        return Err(Refusal::not_authorized("Access Token has expired"));
    }
    let scopes = claims["scope"].as_str().unwrap_or_default();
    if !scopes.split(' ').any(|own| own == scope) {
        return Err(Refusal::not_authorized(MISSING_SCOPE));
    }
    if session_of(pool, &claims).is_some_and(|(_, session)| session.revoked) {
        return Err(Refusal::not_authorized("Access Token has been revoked"));
    }
    let user = claims["username"].as_str().and_then(|username| pool.users.get(username));
    let user = user.ok_or_else(|| Refusal::new("UserNotFoundException", "User does not exist."))?;
    if !user.enabled {
        return Err(Refusal::not_authorized("User is disabled."));
    }
    Ok((user.clone(), scopes.to_owned()))
}

/// The session that these claims belong to, and what it is filed under.
fn session_of<'a>(pool: &'a Pool, claims: &Value) -> Option<(&'a String, &'a Session)> {
    match claims["origin_jti"].as_str() {
        Some(origin_jti) => pool.sessions.get_key_value(origin_jti),
        // Tokens of a client without revocation have none, but signing out everywhere ends them too.
        None => pool.sessions.iter().find(|(_, session)| claims["event_id"] == session.event_id.as_str()),
    }
}

/// What the session of an access token is filed under.
pub(crate) fn origin_of(pool: &Pool, access_token: &str) -> Option<String> {
    session_of(pool, &pool.key.verify(access_token)?).map(|(origin_jti, _)| origin_jti.clone())
}

/// The client that an access token was issued to.
pub(crate) fn client_of(pool: &Pool, access_token: &str) -> Option<String> {
    Some(pool.key.verify(access_token)?["client_id"].as_str()?.to_owned())
}
