//! `GET /oauth2/authorize`: what an app asks for, and where the browser goes with it.

use super::federation::{self, Provider};
use super::login;
use super::web::{self, Served, WebRequest};
use super::words::Language;
use super::{give_code, session_of};
use crate::journal::Trace;
use crate::pool::Pool;

/// A challenge of PKCE is base64url of 32 bytes (RFC 7636, 4.2).
const CHALLENGE_LENGTH: usize = 43;
const PROMPTS: [&str; 4] = ["none", "login", "consent", "select_account"];

/// What an app asks for, checked.
#[derive(Clone)]
pub(super) struct Wish {
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    /// With blanks between.
    pub(super) scope: String,
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<String>,
    pub(super) resource: Option<String>,
    pub(super) login_hint: Option<String>,
    pub(super) language: Language,
    pub(super) wanted: Wanted,
    pub(super) prompts: Vec<&'static str>,
    /// The request as it came, to begin again with.
    pub(super) query: web::Parameters,
}

/// Where the user is to sign in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Wherever the user likes.
    Anywhere,
    /// At this pool.
    Here,
    At(&'static Provider),
}

/// Why a request goes no further.
pub(super) enum Wrong {
    /// There is nowhere to go back to.
    Page(&'static str),
    Redirect {
        to: String,
        state: Option<String>,
        error: &'static str,
        words: &'static str,
    },
}

impl Wrong {
    pub(super) fn served(self, now: i64, request: &WebRequest, trace: &mut Trace) -> Served {
        match self {
            Self::Page(error) => {
                let client = request.query.get("client_id");
                let lang = request.query.get("lang").map(|lang| ("lang", lang));
                let about = [Some(("error", error)), client.map(|client| ("client_id", client)), lang];
                web::redirect(&format!("/error?{}", web::query(about.into_iter().flatten())), now, error)
            }
            Self::Redirect { to, state, error, words } => {
                trace.detail = Some(words.to_owned());
                let mut answer = vec![("error_description", words)];
                answer.extend(state.as_deref().map(|state| ("state", state)));
                answer.push(("error", error));
                web::redirect(&with_query(&to, &answer), now, error)
            }
        }
    }
}

/// An address with more in its query.
pub(super) fn with_query(address: &str, more: &[(&str, &str)]) -> String {
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}{}", web::query(more.iter().copied()))
}

impl Wish {
    pub(super) fn read(pool: &Pool, request: &WebRequest) -> Result<Self, Wrong> {
        let query = &request.query;
        let client_id = query.get("client_id").filter(|_| !query.repeats("client_id"));
        let client_id = client_id.ok_or(Wrong::Page("invalid_request"))?;
        let client = pool.client(client_id).map_err(|_| Wrong::Page("invalid_client"))?;
        let registered = client.managed_login.as_ref().ok_or(Wrong::Page("unauthorized_client"))?;
        let redirect_uri = query.get("redirect_uri").filter(|_| !query.repeats("redirect_uri"));
        let redirect_uri = redirect_uri.ok_or(Wrong::Page("invalid_request"))?;
        if !registered.callbacks.iter().any(|callback| callback == redirect_uri) {
            return Err(Wrong::Page("redirect_mismatch"));
        }
        let text = |name: &str| query.get(name).map(str::to_owned);
        let state = text("state").filter(|_| !query.repeats("state"));
        let wrong = |error, words| {
            let (to, state) = (redirect_uri.to_owned(), state.clone());
            Err(Wrong::Redirect { to, state, error, words })
        };
        if query.repeat() {
            return wrong("invalid_request", "A parameter is there more than once");
        }
        match query.get("response_type") {
            Some("code") => {}
            Some("token") => {
                return wrong("unauthorized_client", "The client is not allowed this response_type");
            }
            Some(_) => return wrong("invalid_request", "response_type is not supported"),
            None => return wrong("invalid_request", "response_type is missing"),
        }
        let challenge = query.get("code_challenge");
        match (challenge, query.get("code_challenge_method")) {
            (None, None) => {}
            (Some(challenge), Some("S256")) if is_challenge(challenge) => {}
            (Some(_), Some("S256")) => return wrong("invalid_request", "code_challenge is none of S256"),
            (Some(_), None) => return wrong("invalid_request", "code_challenge_method is missing"),
            (None, Some(_)) => return wrong("invalid_request", "code_challenge is missing"),
            (Some(_), Some(_)) => return wrong("invalid_request", "code_challenge_method is not S256"),
        }
        let asked = query.get("scope").unwrap_or_default();
        let asked: Vec<&str> = asked.split(' ').filter(|scope| !scope.is_empty()).collect();
        if asked.iter().any(|scope| !registered.scopes.iter().any(|own| own == scope)) {
            return wrong("invalid_scope", "The client does not have this scope");
        }
        let scope = if asked.is_empty() { registered.scopes.join(" ") } else { asked.join(" ") };
        let Some(wanted) = wanted(query) else {
            return wrong(
                "invalid_request",
                "There is no such identity provider, or it is named in two ways",
            );
        };
        let classic = pool.managed_login.classic;
        let prompts: Option<Vec<&'static str>> = query
            .get("prompt")
            .filter(|_| !classic)
            .into_iter()
            .flat_map(|prompts| prompts.split(' '))
            .map(|prompt| PROMPTS.into_iter().find(|known| *known == prompt))
            .collect();
        let Some(prompts) = prompts.filter(|all| all.len() < 2 || !all.contains(&"none")) else {
            return wrong("invalid_request", "prompt is not supported");
        };
        let resource = query.get("resource");
        if resource.is_some_and(|resource| !resource.contains("://") || resource.contains('#')) {
            return wrong("invalid_request", "resource is no absolute address");
        }
        Ok(Self {
            client: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            scope,
            nonce: text("nonce"),
            challenge: text("code_challenge"),
            resource: text("resource"),
            login_hint: text("login_hint"),
            language: Language::of(query.get("lang").filter(|_| !classic)),
            wanted,
            prompts,
            query: query.clone(),
            state,
        })
    }

    /// The refusal of a sign-in that was under way.
    pub(super) fn refused(self, error: &'static str, words: &'static str) -> Wrong {
        Wrong::Redirect { to: self.redirect_uri, state: self.state, error, words }
    }
}

/// Where the user is to sign in; none for what is no provider of this pool's.
fn wanted(query: &web::Parameters) -> Option<Wanted> {
    let all = federation::providers();
    match (query.get("identity_provider"), query.get("idp_identifier")) {
        (None, None) => Some(Wanted::Anywhere),
        (Some("COGNITO"), None) => Some(Wanted::Here),
        (Some(name), None) => all.iter().find(|provider| provider.name == name).map(Wanted::At),
        (None, Some(identifier)) => {
            all.iter().find(|provider| provider.identifier == Some(identifier)).map(Wanted::At)
        }
        (Some(_), Some(_)) => None,
    }
}

fn is_challenge(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() == CHALLENGE_LENGTH && text.bytes().all(plain)
}

/// Serves `GET /oauth2/authorize`.
pub(super) fn serve(pool: &mut Pool, request: &WebRequest, trace: &mut Trace) -> Served {
    let now = pool.now();
    let wish = match Wish::read(pool, request) {
        Ok(wish) => wish,
        Err(wrong) => return wrong.served(now, request, trace),
    };
    let session = session_of(pool, request).filter(|session| match wish.wanted {
        Wanted::Anywhere => true,
        Wanted::Here => session.provider.is_none(),
        Wanted::At(provider) => session.provider.as_deref() == Some(provider.name),
    });
    // Whoever is to sign in again, or to choose at a provider, is not let through by a session.
    let asks_again = wish.prompts.contains(&"login")
        || (wish.prompts.iter().any(|prompt| ["consent", "select_account"].contains(prompt))
            && matches!(wish.wanted, Wanted::At(_)));
    match session.filter(|_| !asks_again).cloned() {
        Some(session) => {
            trace.username.clone_from(&session.username);
            give_code(pool, wish, &session)
        }
        None if wish.prompts.contains(&"none") => {
            wish.refused("login_required", "Nobody is signed in in this browser").served(now, request, trace)
        }
        None => match wish.wanted {
            Wanted::At(provider) => federation::begin(pool, wish, provider, request),
            Wanted::Anywhere | Wanted::Here => login::send(&wish, now),
        },
    }
}
