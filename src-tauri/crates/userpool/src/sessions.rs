//! What a sign-in gives: a session with its tokens, and who an access token stands for.

use serde_json::{Value, json};

use crate::pool::{Client, Pool, RefreshToken, Session, User};
use crate::session_list::Tracked;
use crate::sign_in::SignIn;
use crate::wire::Refusal;
use crate::{devices, random};

/// The scope of tokens that native sign-in gives; without it a user's own operations are refused.
pub(crate) const SCOPE: &str = "aws.cognito.signin.user.admin";

/// Begins a session. Returns its `AuthenticationResult`.
pub(crate) fn begin(pool: &mut Pool, sign_in: &SignIn, user: &User) -> Result<Value, Refusal> {
    let device = devices::of_session(pool, sign_in, user)?;
    let now = pool.now();
    let client = pool.client(&sign_in.client)?;
    let tracked = client.sessions_tracked.then(|| Tracked::begin(pool, now));
    let (device, new_device) = device.unzip();
    let session = Session {
        username: user.username.clone(),
        client: sign_in.client.clone(),
        auth_time: now,
        ends_ms: pool.now_ms() + client.refresh_life * 1000,
        event_id: random::uuid(),
        revoked: false,
        device,
        tracked,
    };
    let origin_jti = random::uuid();
    pool.sessions.insert(origin_jti.clone(), session);
    let refresh_token = add_refresh_token(pool, &origin_jti);
    let mut result = tokens(pool, &origin_jti, user)?;
    result["RefreshToken"] = json!(refresh_token);
    if let Some(metadata) = new_device.flatten() {
        result["NewDeviceMetadata"] = metadata;
    }
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
    let unknown = || Refusal::not_authorized("Invalid Refresh Token.");
    let session = pool.sessions.get(origin_jti).ok_or_else(unknown)?;
    let client = pool.client(&session.client)?;
    Ok(json!({
        "AccessToken": pool.key.sign(&access_claims(pool, client, session, origin_jti, user)),
        "ExpiresIn": client.access_life,
        "IdToken": pool.key.sign(&id_claims(pool, client, session, origin_jti, user)),
        "TokenType": "Bearer",
    }))
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
    if let Some(device) = &session.device {
        claims["device_key"] = json!(device);
    }
    claims
}

fn id_claims(pool: &Pool, client: &Client, session: &Session, origin_jti: &str, user: &User) -> Value {
    let mut claims = common_claims(pool, client, session, origin_jti, user);
    for (name, value) in &user.attributes {
        // Of the attributes that this pool has, these two are truth values.
        claims[name] = match name.as_str() {
            "email_verified" | "phone_number_verified" => json!(value == "true"),
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
    let invalid = || Refusal::not_authorized("Invalid Access Token");
    let claims = pool.key.verify(access_token).ok_or_else(invalid)?;
    if claims["token_use"] != "access" {
        return Err(invalid());
    }
    if claims["exp"].as_i64().is_none_or(|end| end <= pool.now()) {
        return Err(Refusal::not_authorized("Access Token has expired"));
    }
    if !claims["scope"].as_str().unwrap_or_default().split(' ').any(|scope| scope == SCOPE) {
        return Err(Refusal::not_authorized("Access Token does not have required scopes"));
    }
    if session_of(pool, &claims).is_some_and(|(_, session)| session.revoked) {
        return Err(Refusal::not_authorized("Access Token has been revoked"));
    }
    let user = claims["username"].as_str().and_then(|username| pool.users.get(username));
    let user = user.ok_or_else(|| Refusal::new("UserNotFoundException", "User does not exist."))?;
    if !user.enabled {
        return Err(Refusal::not_authorized("User is disabled."));
    }
    Ok(user.clone())
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
