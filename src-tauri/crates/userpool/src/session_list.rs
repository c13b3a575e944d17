//! The sessions of a user, where they are tracked: `ListUserSessions`, `RevokeUserSession`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::journal::Trace;
use crate::managed_login::BrowserSession;
use crate::pool::{Pool, Session, User};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{paging, random, sessions, user_agent};

/// How many sessions a page has. AWS does not publish the number.
const MOST_LISTED: usize = 10;
const PREFIX: &str = "tkn";
const BROWSER_PREFIX: &str = "sso";
const ID_LENGTH: usize = 25;

/// What is kept of a session for the list of them.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Tracked {
    pub(crate) id: String,
    /// When it was begun or refreshed last, in seconds.
    pub(crate) active: i64,
    /// From where, in words.
    device_type: String,
}

impl Tracked {
    /// What is kept of a session that the request that is served begins `now`.
    pub(crate) fn begin(pool: &Pool, now: i64) -> Self {
        Self::with_prefix(PREFIX, pool, now)
    }

    /// The same of a browser's session.
    pub(crate) fn begin_browser(pool: &Pool, now: i64) -> Self {
        Self::with_prefix(BROWSER_PREFIX, pool, now)
    }

    fn with_prefix(prefix: &str, pool: &Pool, now: i64) -> Self {
        let id = format!("{prefix}{}", random::letters_and_digits(ID_LENGTH));
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
    let of_tokens = of_user(pool, &user).map(|(origin_jti, session, tracked)| {
        // The oldest first.
        let key = format!("{:012}{}", session.auth_time, tracked.id);
        (key, describe(session, tracked, origin_jti == current))
    });
    let now = pool.now();
    let of_browsers = pool.managed_login.sessions_of(&user.username, now).filter_map(|session| {
        let tracked = session.tracked.as_ref()?;
        Some((format!("{:012}{}", session.begun, tracked.id), describe_browser(session, tracked)))
    });
    let (sessions, next) =
        paging::page(of_tokens.chain(of_browsers), request.optional("NextToken"), MOST_LISTED)?;
    let mut body = json!({ "Sessions": sessions });
    if let Some(next) = next {
        body["NextToken"] = json!(next);
    }
    Ok(body)
}

/// Serves `RevokeUserSession`. A browser's session and those that were begun through it are linked.
pub(crate) fn revoke(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (user, current) = bearer(pool, request, trace)?;
    let id = request.required("SessionId")?;
    let sound = |rest: &str| {
        rest.len() == ID_LENGTH && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if ![PREFIX, BROWSER_PREFIX].iter().any(|prefix| id.strip_prefix(prefix).is_some_and(sound)) {
        let rule = "Member must satisfy regular expression pattern: ^(tkn|sso)[a-z0-9]{25}$";
        return Err(Refusal::validation(&format!("'{id}'"), "sessionId", rule));
    }
    let linked = request.optional("RevokeAssociatedSessions").unwrap_or("NONE");
    if !["NONE", "LINKED"].contains(&linked) {
        let rule = "Member must satisfy enum value set: [NONE, LINKED]";
        return Err(Refusal::validation(&format!("'{linked}'"), "revokeAssociatedSessions", rule));
    }
    let linked = linked == "LINKED";
    if id.starts_with(BROWSER_PREFIX) {
        let now = pool.now();
        if !pool.managed_login.sessions_of(&user.username, now).any(|session| session.is(id)) {
            return Err(missing());
        }
        pool.managed_login.end(id);
        if linked {
            revoke_begun_through(pool, id, &current);
        }
        return Ok(json!({}));
    }
    let (origin_jti, browser) = of_user(pool, &user)
        .find(|(_, _, tracked)| tracked.id == id)
        .map(|(origin_jti, session, _)| (origin_jti.to_owned(), session.browser().map(str::to_owned)))
        .ok_or_else(missing)?;
    if origin_jti == current {
        return Err(Refusal::invalid_parameter("The current session cannot be revoked."));
    }
    pool.revoke(&origin_jti);
    if let Some(browser) = browser.filter(|_| linked) {
        pool.managed_login.end(&browser);
    }
    Ok(json!({}))
}

fn missing() -> Refusal {
    Refusal::new("ResourceNotFoundException", "Session does not exist.")
}

/// Ends what was begun through a browser's session, but for the session that asks for it.
fn revoke_begun_through(pool: &mut Pool, browser: &str, current: &str) {
    for (origin_jti, session) in &mut pool.sessions {
        if origin_jti != current && session.browser() == Some(browser) {
            session.revoked = true;
        }
    }
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
    let mut entry = tracked.describe("TOKEN", &session.client, session.auth_time, current);
    if let Some(browser) = session.browser() {
        entry["OriginSessionId"] = json!(browser);
    }
    entry
}

fn describe_browser(session: &BrowserSession, tracked: &Tracked) -> Value {
    tracked.describe("SSO", &session.client, session.begun, false)
}

impl Tracked {
    fn describe(&self, kind: &str, client: &str, begun: i64, current: bool) -> Value {
        json!({
            "SessionId": self.id,
            "SessionType": kind,
            "ClientId": client,
            "CreateDate": begun,
            "LastActiveDate": self.active,
            "DeviceType": self.device_type,
            "LastIPAddress": "127.0.0.1",
            "LastLocation": { "Country": "unknown" },
            "IsCurrentSession": current,
        })
    }
}

impl Session {
    /// The id of the browser's session that it was begun through, if that is tracked.
    pub(crate) fn browser(&self) -> Option<&str> {
        self.granted.as_ref()?.browser.as_deref()
    }
}
