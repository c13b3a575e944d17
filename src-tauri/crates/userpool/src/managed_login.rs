//! The managed login: OAuth 2.0 and OpenID Connect, as a pool with a domain serves them to browsers and to apps.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /oauth2/authorize` | begins a sign-in, or goes back at once with a code where the browser has a session |
//! | `GET`, `POST /login` | the pages: password, second factors, new password, passkey |
//! | `GET /provider/NAME` | stands for the site of an identity provider, and asks for consent |
//! | `POST /oauth2/idpresponse`, `POST /saml2/idpresponse` | where the provider sends the browser back to |
//! | `GET`, `POST /passkeys/add` | registers a passkey for whoever the browser has a session of |
//! | `POST /oauth2/token` | a code or a refresh token for tokens |
//! | `POST /oauth2/revoke` | ends a session |
//! | `GET`, `POST /oauth2/userInfo` | the user's attributes, by the access token's scopes |
//! | `GET /logout` | ends the browser's session |
//! | `GET /error` | what is wrong with a request that cannot go back to its app |
//!
//! # As Cognito
//! Redirect addresses are compared to the letter, ports included. Codes are UUIDs, good once and for five minutes. A
//! browser's session is a cookie `cognito` of an hour, which renewing does not lengthen. PKCE is by S256 only, and what
//! a client does that sends no challenge. Tokens carry the scopes that were asked for, and an id token is given for
//! `openid` only; a refresh rotates as the client has it. A federated user is named `provider_id`, is in a group of the
//! provider's name, and has `identities`. Of the prompts, `none` and `login` mean something here, `select_account` and
//! `consent` to providers only. `/passkeys/add` leads back with `result`: `success`, or `invalid_session` where the
//! browser has none, as people report of Cognito; it asks nobody to sign in. The classic hosted UI
//! (`POST /_userpool/managed_login`) has none of that: it knows no passkeys and no `lang`, and is deaf to `prompt`.
//!
//! # What is this pool's own
//! - What AWS does not document: a code that is used again ends what its first use began (RFC 6749, 4.1.2), one that
//!   fails is used up, and a redirect address is refused as `unauthorized_client` where the client does not have it
//!   (as people report of Cognito) and `invalid_grant` where the code was for another. Words beside an error are ours.
//! - Cookies are not `Secure`: there is no TLS here. Browsers do not keep cookies apart by port: two pools on one machine
//!   take each other's place, and an app that listens on loopback is sent them along with the code.
//! - `prompt` is only shown on a provider's page. With `POST /_userpool/managed_login {"providers_remember": true}` there
//!   is no page for a browser that has been there: some providers ask nobody again, whatever the pool passes on.
//! - Whoever adds no passkey after all comes back with `result=cancelled`.
//!
//! # What it does not play
//! The implicit grant and client credentials, sign-up and recovery in the pages, setting up a second factor in them,
//! remembered devices, the signed messages between a pool and its providers, single logout, custom scopes' consent,
//! and branding.

mod authorize;
mod federation;
mod login;
mod oauth;
mod sign_out;
mod token;
mod user_info;
mod web;
mod words;

use std::collections::HashMap;

use hyper::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::authorize::Wish;
pub(crate) use self::federation::{IDENTITIES, federated, identities_claim, providers};
use self::login::Stage;
pub(crate) use self::oauth::refusal;
pub(crate) use self::web::{Served, WebRequest};
use self::words::Language;
use crate::journal::Trace;
use crate::pool::{Pool, Status};
use crate::random;
use crate::session_list::Tracked;

/// The field of an outcome that says whom the managed login has got to know.
pub(crate) const SIGNED_IN: &str = "SignedIn";
/// How long a browser's session lasts, in seconds.
const SESSION_LIFE: i64 = 60 * 60;
/// How long a page waits for somebody to fill it in, in seconds.
const FLOW_LIFE: i64 = 15 * 60;
/// How long a code waits to be exchanged, in seconds.
const CODE_LIFE: i64 = 5 * 60;
/// For how long after that its reuse is noticed, in seconds.
const CODE_REMEMBERED: i64 = 60 * 60;
/// How many pages wait at most: they are made by whoever asks.
const MOST_FLOWS: usize = 1_000;
/// The cookies: a browser's session, and what binds a page's form to the browser that it was given to.
const SESSION_COOKIE: &str = "cognito";
const FORM_COOKIE: &str = "XSRF-TOKEN";

/// What a client may do at the managed login.
#[derive(Clone)]
pub(crate) struct Registration {
    /// Where the browser may bring a code.
    pub(crate) callbacks: Vec<String>,
    /// Where it may go when its session has ended.
    pub(crate) sign_out_addresses: Vec<String>,
    pub(crate) scopes: Vec<String>,
}

/// What was asked for at the managed login.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Granted {
    /// With blanks between.
    pub(crate) scope: String,
    /// Whom the access token is for (RFC 8707).
    pub(crate) resource: Option<String>,
    /// The id of the browser's session, where sessions are tracked.
    pub(crate) browser: Option<String>,
}

impl Granted {
    pub(crate) fn has(&self, scope: &str) -> bool {
        has(&self.scope, scope)
    }

    /// Whether an id token may tell this attribute.
    pub(crate) fn shows(&self, attribute: &str) -> bool {
        attribute == IDENTITIES || shows(&self.scope, attribute)
    }
}

fn has(scopes: &str, scope: &str) -> bool {
    scopes.split(' ').any(|own| own == scope)
}

/// Whether these scopes let an attribute be told. `openid` by itself tells all, and so does `profile`.
fn shows(scopes: &str, attribute: &str) -> bool {
    let (email, phone, profile) = (has(scopes, "email"), has(scopes, "phone"), has(scopes, "profile"));
    match attribute {
        _ if profile || !(email || phone) => true,
        "email" | "email_verified" => email,
        "phone_number" | "phone_number_verified" => phone,
        _ => false,
    }
}

/// A browser's session: whoever has it need not sign in again.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct BrowserSession {
    pub(crate) username: String,
    /// The client that it began with.
    pub(crate) client: String,
    /// The provider at which the user signed in; none for this pool itself.
    provider: Option<String>,
    /// In seconds.
    pub(crate) begun: i64,
    pub(crate) tracked: Option<Tracked>,
}

impl BrowserSession {
    pub(crate) fn is(&self, id: &str) -> bool {
        self.tracked.as_ref().is_some_and(|tracked| tracked.id == id)
    }
}

/// A sign-in that a browser is in the midst of.
struct Flow {
    wish: Wish,
    /// The fingerprint of the cookie of the browser whose it is.
    browser: String,
    stage: Stage,
    ends: i64,
}

/// A code that was given, and what it is good for.
struct Code {
    wish: Wish,
    username: String,
    auth_time: i64,
    /// The id of the browser's session, where sessions are tracked.
    browser: Option<String>,
    given: i64,
    /// What its first use began.
    origin_jti: Option<String>,
}

/// All that the managed login remembers.
#[derive(Default)]
pub(crate) struct ManagedLogin {
    /// By the fingerprint of their cookie.
    pub(crate) sessions: HashMap<String, BrowserSession>,
    flows: HashMap<String, Flow>,
    /// By fingerprint.
    codes: HashMap<String, Code>,
    /// Whether passkeys refuse, whatever is chosen on their page.
    passkeys_refuse: bool,
    /// Whether the pages are the classic hosted UI's, which has neither passkeys, languages nor prompts.
    classic: bool,
    /// Whether providers ask nobody again who has been there with the same browser.
    providers_remember: bool,
}

impl ManagedLogin {
    /// The sessions of a user in browsers that go on.
    pub(crate) fn sessions_of(&self, username: &str, now: i64) -> impl Iterator<Item = &BrowserSession> {
        self.sessions
            .values()
            .filter(move |session| session.username == username && now < session.begun + SESSION_LIFE)
    }

    /// Ends the session with this id.
    pub(crate) fn end(&mut self, id: &str) {
        self.sessions.retain(|_, session| !session.is(id));
    }

    /// Ends all sessions of a user, and makes the codes worthless that nobody has used yet.
    pub(crate) fn forget(&mut self, username: &str) {
        self.sessions.retain(|_, session| session.username != username);
        self.codes.retain(|_, code| code.username != username);
    }

    /// Forgets what has ended.
    fn forget_old(&mut self, now: i64) {
        self.sessions.retain(|_, session| now < session.begun + SESSION_LIFE);
        self.flows.retain(|_, flow| now < flow.ends);
        self.codes.retain(|_, code| now < code.given + CODE_REMEMBERED);
        while self.flows.len() >= MOST_FLOWS {
            let oldest = self.flows.iter().min_by_key(|(_, flow)| flow.ends).map(|(id, _)| id.clone());
            self.flows.remove(&oldest.unwrap_or_default());
        }
    }

    /// `{"passkeys_refuse"?, "classic"?, "providers_remember"?}`
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub(crate) fn change(&mut self, change: &Value) -> Result<Value, String> {
        for (field, value) in change.as_object().into_iter().flatten() {
            let setting = match field.as_str() {
                "passkeys_refuse" => &mut self.passkeys_refuse,
                "classic" => &mut self.classic,
                "providers_remember" => &mut self.providers_remember,
                _ => return Err(format!("the managed login has no {field:?}")),
            };
            *setting = value.as_bool().ok_or_else(|| format!("{field:?} takes true or false"))?;
        }
        Ok(json!({
            "passkeys_refuse": self.passkeys_refuse,
            "classic": self.classic,
            "providers_remember": self.providers_remember,
        }))
    }
}

/// What a path of the managed login is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Authorize,
    Login,
    Provider,
    ProviderAnswer,
    Passkey,
    Token,
    Revoke,
    UserInfo,
    Logout,
    Error,
}

impl Endpoint {
    pub(crate) fn of(method: &Method, path: &str) -> Option<Self> {
        let (get, post) = (method == Method::GET, method == Method::POST);
        match path {
            "/oauth2/authorize" if get => Some(Self::Authorize),
            "/login" if get || post => Some(Self::Login),
            "/oauth2/idpresponse" | "/saml2/idpresponse" if post => Some(Self::ProviderAnswer),
            "/passkeys/add" if get || post => Some(Self::Passkey),
            "/oauth2/token" if post => Some(Self::Token),
            "/oauth2/revoke" if post => Some(Self::Revoke),
            "/oauth2/userInfo" if get || post => Some(Self::UserInfo),
            "/logout" if get => Some(Self::Logout),
            "/error" if get => Some(Self::Error),
            _ if get && path.starts_with(federation::SITE) => Some(Self::Provider),
            _ => None,
        }
    }

    /// The name in scripts and in the log.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Login => "login",
            Self::Provider => "provider",
            Self::ProviderAnswer => "idpresponse",
            Self::Passkey => "passkeys",
            Self::Token => "token",
            Self::Revoke => "revoke",
            Self::UserInfo => "userInfo",
            Self::Logout => "logout",
            Self::Error => "error",
        }
    }

    /// Whether apps call it, and not browsers.
    pub(crate) const fn is_for_apps(self) -> bool {
        matches!(self, Self::Token | Self::Revoke | Self::UserInfo)
    }
}

/// Serves a request.
pub(crate) fn serve(pool: &mut Pool, endpoint: Endpoint, request: &WebRequest, trace: &mut Trace) -> Served {
    let now = pool.now();
    pool.managed_login.forget_old(now);
    if let Some(client) = request.query.get("client_id") {
        trace.client = client.to_owned();
    }
    match endpoint {
        Endpoint::Authorize => authorize::serve(pool, request, trace),
        Endpoint::Login => login::serve(pool, request, trace),
        Endpoint::Provider => federation::show(pool, request, trace),
        Endpoint::ProviderAnswer => federation::take(pool, request, trace),
        Endpoint::Passkey => login::add_passkey(pool, request, trace),
        Endpoint::Token => token::serve(pool, request, trace),
        Endpoint::Revoke => token::revoke(pool, request, trace),
        Endpoint::UserInfo => user_info::serve(pool, request, trace),
        Endpoint::Logout => sign_out::serve(pool, request, trace),
        Endpoint::Error => {
            let language = Language::of(request.query.get("lang"));
            error_page(language, request.query.get("error").unwrap_or("invalid_request"), now)
        }
    }
}

/// The page about a request that cannot go back to its app.
fn error_page(language: Language, error: &str, now: i64) -> Served {
    let content = format!("<p role=\"alert\">{}</p>\n", web::escape(error));
    web::page(400, language, language.error(), &content, now).called("error")
}

/// The session of the browser that asks, if it has one that goes on and the user may still sign in.
fn session_of<'a>(pool: &'a Pool, request: &WebRequest) -> Option<&'a BrowserSession> {
    let cookie = random::fingerprint(request.cookie(SESSION_COOKIE)?);
    let session = pool.managed_login.sessions.get(&cookie)?;
    let user = pool.users.get(&session.username)?;
    let sound = user.enabled && [Status::Confirmed, Status::ExternalProvider].contains(&user.status);
    (sound && pool.now() < session.begun + SESSION_LIFE).then_some(session)
}

/// Ends the session of the browser that asks.
fn end_session(pool: &mut Pool, request: &WebRequest) {
    if let Some(cookie) = request.cookie(SESSION_COOKIE) {
        pool.managed_login.sessions.remove(&random::fingerprint(cookie));
    }
}

/// Somebody has signed in: the browser gets a session in place of the one it had, and goes back to the app with a code.
fn finish(
    pool: &mut Pool,
    wish: Wish,
    username: &str,
    provider: Option<&str>,
    request: &WebRequest,
) -> Served {
    end_session(pool, request);
    let now = pool.now();
    let tracks = pool.client(&wish.client).is_ok_and(|client| client.sessions_tracked);
    let session = BrowserSession {
        username: username.to_owned(),
        client: wish.client.clone(),
        provider: provider.map(str::to_owned),
        begun: now,
        tracked: tracks.then(|| Tracked::begin_browser(pool, now)),
    };
    let cookie = random::uuid() + &random::uuid();
    let served = give_code(pool, wish, &session);
    pool.managed_login.sessions.insert(random::fingerprint(&cookie), session);
    served.with_cookie(SESSION_COOKIE, &cookie, SESSION_LIFE)
}

/// Goes back to the app with a code for the user of a session.
fn give_code(pool: &mut Pool, wish: Wish, session: &BrowserSession) -> Served {
    let now = pool.now();
    let text = random::uuid();
    let mut answer = vec![("code", text.as_str())];
    answer.extend(wish.state.as_deref().map(|state| ("state", state)));
    let location = authorize::with_query(&wish.redirect_uri, &answer);
    let code = Code {
        username: session.username.clone(),
        auth_time: session.begun,
        browser: session.tracked.as_ref().map(|tracked| tracked.id.clone()),
        given: now,
        origin_jti: None,
        wish,
    };
    pool.managed_login.codes.insert(random::fingerprint(&text), code);
    web::redirect(&location, now, "code")
}
