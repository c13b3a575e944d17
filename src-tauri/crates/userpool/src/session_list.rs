//! The sessions of a user, where they are tracked: `ListUserSessions`, `RevokeUserSession`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::journal::Trace;
use crate::pool::{Pool, Session, User};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{paging, random, sessions, user_agent};

/// How many sessions a page has. AWS does not publish the number.
const MOST_LISTED: usize = 10;
const PREFIX: &str = "tkn";
const ID_LENGTH: usize = 25;

/// What is kept of a session for the list of them.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Tracked {
    id: String,
    /// When it was begun or refreshed last, in seconds.
    active: i64,
    /// From where, in words.
    device_type: String,
}

impl Tracked {
    /// What is kept of a session that the request that is served begins `now`.
    pub(crate) fn begin(pool: &Pool, now: i64) -> Self {
        let id = format!("{PREFIX}{}", random::letters_and_digits(ID_LENGTH));
        Self { id, active: now, device_type: user_agent::describe(&pool.user_agent) }
    }
}

/// Notes that the request that is served refreshed a session.
pub(crate) fn refreshed(pool: &mut Pool, origin_jti: &str) {
    let (active, device_type) = (pool.now(), user_agent::describe(&pool.user_agent));
    if let Some(tracked) = pool.sessions.get_mut(origin_jti).and_then(|session| session.tracked.as_mut()) {
        *tracked = Tracked { id: tracked.id.clone(), active, device_type };
    }
}

/// Serves `ListUserSessions`.
pub(crate) fn list(pool: &Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (user, current) = bearer(pool, request, trace)?;
    let all = of_user(pool, &user).map(|(origin_jti, session, tracked)| {
        // The oldest first.
        let key = format!("{:012}{}", session.auth_time, tracked.id);
        (key, describe(session, tracked, origin_jti == current))
    });
    let (sessions, next) = paging::page(all, request.optional("NextToken"), MOST_LISTED)?;
    let mut body = json!({ "Sessions": sessions });
    if let Some(next) = next {
        body["NextToken"] = json!(next);
    }
    Ok(body)
}

/// Serves `RevokeUserSession`. No session here has any that are linked to it: these come with managed login.
pub(crate) fn revoke(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (user, current) = bearer(pool, request, trace)?;
    let id = request.required("SessionId")?;
    let sound = |rest: &str| {
        rest.len() == ID_LENGTH && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if !["tkn", "sso"].iter().any(|prefix| id.strip_prefix(prefix).is_some_and(sound)) {
        let rule = "Member must satisfy regular expression pattern: ^(tkn|sso)[a-z0-9]{25}$";
        return Err(Refusal::validation(&format!("'{id}'"), "sessionId", rule));
    }
    let linked = request.optional("RevokeAssociatedSessions").unwrap_or("NONE");
    if !["NONE", "LINKED"].contains(&linked) {
        let rule = "Member must satisfy enum value set: [NONE, LINKED]";
        return Err(Refusal::validation(&format!("'{linked}'"), "revokeAssociatedSessions", rule));
    }
    let origin_jti = of_user(pool, &user)
        .find(|(_, _, tracked)| tracked.id == id)
        .map(|(origin_jti, ..)| origin_jti.to_owned())
        .ok_or_else(|| Refusal::new("ResourceNotFoundException", "Session does not exist."))?;
    if origin_jti == current {
        return Err(Refusal::invalid_parameter("The current session cannot be revoked."));
    }
    pool.revoke(&origin_jti);
    Ok(json!({}))
}

/// The user an access token stands for, and what its session is filed under.
fn bearer(pool: &Pool, request: Fields<'_>, trace: &mut Trace) -> Result<(User, String), Refusal> {
    let token = request.required("AccessToken")?;
    let user = sessions::bearer(pool, token)?;
    trace.username.clone_from(&user.username);
    let client = sessions::client_of(pool, token);
    if !client.and_then(|id| pool.client(&id).ok()).is_some_and(|client| client.sessions_tracked) {
        let words = "User session tracking is not enabled.";
        return Err(Refusal::new("OperationNotEnabledException", words));
    }
    Ok((user, sessions::origin_of(pool, token).unwrap_or_default()))
}

/// The user's sessions that go on, through whatever client, with what each is filed under.
fn of_user<'a>(pool: &'a Pool, user: &User) -> impl Iterator<Item = (&'a str, &'a Session, &'a Tracked)> {
    let now_ms = pool.now_ms();
    let username = user.username.clone();
    pool.sessions
        .iter()
        .filter(move |(_, session)| {
            session.username == username && !session.revoked && session.ends_ms > now_ms
        })
        .filter_map(|(origin_jti, session)| Some((origin_jti.as_str(), session, session.tracked.as_ref()?)))
}

fn describe(session: &Session, tracked: &Tracked, current: bool) -> Value {
    json!({
        "SessionId": tracked.id,
        "SessionType": "TOKEN",
        "ClientId": session.client,
        "CreateDate": session.auth_time,
        "LastActiveDate": tracked.active,
        "DeviceType": tracked.device_type,
        "LastIPAddress": "127.0.0.1",
        "LastLocation": { "Country": "unknown" },
        "IsCurrentSession": current,
    })
}
