//! The HTTP server: takes connections on loopback, finds out what a request is for, and lets the script of
//! faults interfere.

use std::convert::Infallible;
use std::fmt;
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderMap;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::faults::{Script, Step};
use crate::forgery::Forgery;
use crate::journal::{Entry, Journal, Trace};
use crate::managed_login::{Endpoint, WebRequest};
use crate::pool::{POOL_ID, Pool};
use crate::wire::{self, Answer, Fields, Outcome, Refusal};
use crate::{
    account, authentication, challenges, control, devices, enrolment, managed_login, passkeys, profile,
    random, recovery, refresh, registration, session_list,
};

const LARGEST_BODY: usize = 1024 * 1024;

/// What all connections share.
pub(crate) struct Shared {
    /// `http://127.0.0.1:PORT`
    pub(crate) endpoint: String,
    pool: Mutex<Pool>,
    script: Mutex<Script>,
    journal: Mutex<Journal>,
}

impl Shared {
    pub(crate) fn new(endpoint: String, pool: Pool) -> Self {
        Self { endpoint, pool: Mutex::new(pool), script: Mutex::default(), journal: Mutex::default() }
    }

    pub(crate) fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a line to standard error. Nobody may be reading it: that is no reason to stop.
pub(crate) fn log(line: impl fmt::Display) {
    let _ = writeln!(std::io::stderr(), "userpool: {line}");
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("closed without an answer")
    }
}

impl std::error::Error for NoAnswer {}

/// Serves connections for ever.
pub(crate) async fn run(listener: TcpListener, shared: Arc<Shared>) -> Infallible {
    loop {
        let connection = match listener.accept().await {
            Ok((connection, _)) => connection,
            Err(error) => {
                log(format_args!("a connection could not be taken: {error}"));
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            }
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                // A task of its own: a client that hangs up early does not undo what it asked for.
                let task = tokio::spawn(serve(Arc::clone(&shared), request));
                async { task.await.unwrap_or(Err(NoAnswer)) }
            });
            // Every error here is a client that went away, or one of the script's.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
        });
    }
}

async fn serve(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Answer, NoAnswer> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return Err(NoAnswer);
    };
    let body = body.to_bytes();
    let path = parts.uri.path().to_owned();
    if let Some(path) = path.strip_prefix("/_userpool/") {
        if !from_this_machine(&parts.headers) {
            let words = json!({ "error": "the control surface is not for web pages" }).to_string();
            return Ok(wire::answer(403, "application/json", words, shared.pool().now()));
        }
        return Ok(control::serve(&shared, &parts.method, path, &body));
    }
    if parts.method == Method::OPTIONS {
        let headers = parts.headers.get("access-control-request-headers");
        return Ok(wire::preflight_answer(headers, shared.pool().now()));
    }
    let query = parts.uri.query().unwrap_or_default();
    let asked = Asked::new(&parts.method, &path, query, &parts.headers, &body);
    let for_pages = !matches!(&asked, Asked::ManagedLogin { endpoint, .. } if !endpoint.is_for_apps());
    let answer = interfere(shared, asked).await;
    if for_pages { answer.map(wire::allow_pages) } else { answer }
}

/// Whether a request to the control surface comes from a program of this machine and not from a web page that a
/// browser of this machine shows: pages send `Origin`, and under a name of their own also another `Host`.
fn from_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    !headers.contains_key("origin") && ["127.0.0.1", "localhost"].contains(&name)
}

/// The pool whose `/.well-known/` document this path asks for.
fn pool_of_document(path: &str) -> Option<&str> {
    let (id, document) = path.strip_prefix('/')?.split_once("/.well-known/")?;
    let known = ["jwks.json", "openid-configuration"].contains(&document);
    (known && !id.is_empty() && !id.contains('/')).then_some(id)
}

/// What a request wants.
enum Asked {
    Operation {
        name: String,
        user_agent: String,
        body: Result<Value, String>,
    },
    ManagedLogin {
        endpoint: Endpoint,
        request: Box<WebRequest>,
    },
    KeySet,
    Discovery,
    /// A document of a pool that is not here.
    OtherPool {
        id: String,
    },
    Unknown {
        what: String,
    },
}

impl Asked {
    fn new(method: &Method, path: &str, query: &str, headers: &HeaderMap, body: &Bytes) -> Self {
        if let Some(endpoint) = Endpoint::of(method, path) {
            let request = Box::new(WebRequest::new(method, path, query, headers, body));
            return Self::ManagedLogin { endpoint, request };
        }
        let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let of_pool = path.strip_prefix('/').and_then(|path| path.strip_prefix(POOL_ID));
        match (method, path, target, of_pool) {
            (&Method::POST, "/", Some(target), _) => {
                let name = target.strip_prefix(wire::TARGET).unwrap_or(target).to_owned();
                let body = serde_json::from_slice(body).map_err(|error| error.to_string());
                let agent = headers.get("user-agent").and_then(|agent| agent.to_str().ok());
                let user_agent = agent.unwrap_or_default().to_owned();
                Self::Operation { name, user_agent, body }
            }
            (&Method::GET, _, _, Some("/.well-known/jwks.json")) => Self::KeySet,
            (&Method::GET, _, _, Some("/.well-known/openid-configuration")) => Self::Discovery,
            (&Method::GET, ..) => match pool_of_document(path) {
                Some(id) => Self::OtherPool { id: id.to_owned() },
                None => Self::Unknown { what: format!("{method} {path}") },
            },
            _ => Self::Unknown { what: format!("{method} {path}") },
        }
    }

    /// The name in scripts and in the log.
    fn name(&self) -> &str {
        match self {
            Self::Operation { name, .. } => name,
            Self::ManagedLogin { endpoint, .. } => endpoint.name(),
            Self::KeySet => "jwks",
            Self::Discovery | Self::OtherPool { .. } => "discovery",
            Self::Unknown { .. } => "unknown",
        }
    }

    fn refreshes(&self) -> bool {
        let (name, body) = match self {
            Self::Operation { name, body, .. } => (name, body),
            Self::ManagedLogin { endpoint: Endpoint::Token, request } => {
                let grant = request.form.as_ref().and_then(|form| form.get("grant_type"));
                return grant == Some("refresh_token");
            }
            _ => return false,
        };
        let flow = body.as_ref().ok().and_then(|body| body.get("AuthFlow")).and_then(Value::as_str);
        name == "GetTokensFromRefreshToken"
            || (name == "InitiateAuth" && matches!(flow, Some("REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN")))
    }

    fn trace(&self) -> Trace {
        let Self::Operation { body: Ok(body), user_agent, .. } = self else {
            return Trace::default();
        };
        let fields = Fields::new(body);
        let text = |name| fields.optional(name).unwrap_or_default().to_owned();
        let flow = [text("AuthFlow"), text("ChallengeName")].concat();
        Trace { client: text("ClientId"), flow, agent: user_agent.clone(), ..Trace::default() }
    }
}

/// Lets the script decide what becomes of the request.
async fn interfere(shared: Arc<Shared>, asked: Asked) -> Result<Answer, NoAnswer> {
    let step = shared.script().next(asked.name(), asked.refreshes());
    let fault = step.as_ref().map(Step::name);
    let instead = |outcome: &str| note(&shared, asked.name(), asked.trace(), outcome, fault.clone());
    let now = shared.pool().now();
    let refuse = |refusal: Refusal| {
        instead(&refusal.kind);
        if let Asked::ManagedLogin { .. } = asked {
            return Ok(managed_login::refusal(&refusal, now));
        }
        Ok(wire::operation_answer(&Err(refusal), now))
    };
    match step {
        None | Some(Step::Ok) => answer(shared, asked, fault, None).await,
        Some(Step::Forge(forgery)) => answer(shared, asked, fault, Some(forgery)).await,
        Some(Step::Slow(time)) => {
            tokio::time::sleep(time).await;
            answer(shared, asked, fault, None).await
        }
        Some(Step::Lose) => {
            answer(shared, asked, fault, None).await?;
            Err(NoAnswer)
        }
        Some(Step::Drop) => {
            instead("dropped");
            Err(NoAnswer)
        }
        Some(Step::Hang(time)) => {
            instead("hung");
            tokio::time::sleep(time).await;
            Err(NoAnswer)
        }
        Some(Step::Html) => {
            instead("html");
            let page = "<!doctype html><title>Welcome</title><p>Sign in to this network to go on.</p>";
            Ok(wire::answer(200, "text/html; charset=utf-8", page, now))
        }
        Some(Step::Unavailable) => {
            instead("503");
            Ok(wire::answer(503, "text/plain", "Service Unavailable", now))
        }
        Some(Step::Challenge { name }) => {
            instead(&name);
            let session = random::session();
            let asked = json!({ "ChallengeName": name, "ChallengeParameters": {}, "Session": session });
            Ok(wire::operation_answer(&Ok(asked), now))
        }
        Some(Step::TooManyRequests { status }) => {
            refuse(Refusal { status, ..Refusal::new("TooManyRequestsException", "Rate exceeded") })
        }
        Some(Step::InternalError) => {
            refuse(Refusal { status: 500, ..Refusal::new("InternalErrorException", "Internal error") })
        }
        Some(Step::Error { kind, message, status }) => {
            refuse(Refusal { status, ..Refusal::new(kind, message) })
        }
    }
}

/// The ordinary answer. Away from the threads that serve connections: SRP computes for a while.
async fn answer(
    shared: Arc<Shared>,
    asked: Asked,
    fault: Option<String>,
    forgery: Option<Forgery>,
) -> Result<Answer, NoAnswer> {
    tokio::task::spawn_blocking(move || compute(&shared, &asked, fault, forgery)).await.map_err(|_| NoAnswer)
}

fn compute(shared: &Shared, asked: &Asked, fault: Option<String>, forgery: Option<Forgery>) -> Answer {
    let mut pool = shared.pool();
    pool.forgery = forgery;
    let mut trace = asked.trace();
    if let Asked::ManagedLogin { endpoint, request } = asked {
        pool.user_agent.clone_from(&request.user_agent);
        let served = managed_login::serve(&mut pool, *endpoint, request, &mut trace);
        if let Err(error) = pool.save() {
            log(error);
        }
        drop(pool);
        note(shared, asked.name(), trace, &served.outcome, fault);
        return served.answer;
    }
    let outcome = match asked {
        Asked::Operation { name, user_agent, body } => {
            pool.user_agent.clone_from(user_agent);
            let outcome = match body {
                Ok(body) => operate(&mut pool, name, Fields::new(body), &mut trace),
                Err(error) => Err(Refusal::new("SerializationException", error.clone())),
            };
            if let Err(error) = pool.save() {
                log(error);
            }
            outcome
        }
        // Served above.
        Asked::ManagedLogin { .. } => Ok(Value::Null),
        Asked::KeySet => Ok(pool.key.key_set()),
        Asked::Discovery => Ok(discovery(&pool)),
        Asked::OtherPool { id } => {
            Err(Refusal::new("ResourceNotFoundException", format!("User pool {id} does not exist.")))
        }
        Asked::Unknown { what } => Err(Refusal {
            status: 404,
            ..Refusal::new("UnknownOperationException", format!("no {what} here"))
        }),
    };
    let now = pool.now();
    drop(pool);
    let result = match &outcome {
        Ok(body) => body.get("ChallengeName").and_then(Value::as_str).unwrap_or("ok"),
        Err(refusal) => {
            let words = refusal.detail.as_ref().map(|detail| format!("; {detail}")).unwrap_or_default();
            trace.detail = Some(format!("{}{words}", refusal.message));
            &refusal.kind
        }
    };
    note(shared, asked.name(), trace, result, fault);
    match (asked, &outcome) {
        (Asked::KeySet | Asked::Discovery, Ok(body)) => {
            wire::answer(200, "application/json", body.to_string(), now)
        }
        // Documents are no operations: no `__type`, only the words.
        (Asked::OtherPool { .. }, Err(refusal)) => {
            let body = json!({ "message": refusal.message });
            wire::answer(refusal.status, "application/json", body.to_string(), now)
        }
        _ => wire::operation_answer(&outcome, now),
    }
}

fn operate(pool: &mut Pool, operation: &str, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    match operation {
        "InitiateAuth" => authentication::initiate(pool, request, trace),
        "RespondToAuthChallenge" => challenges::respond(pool, request, trace),
        "GetTokensFromRefreshToken" => refresh::get_tokens(pool, request, trace),
        "RevokeToken" => refresh::revoke(pool, request, trace),
        "SignUp" => registration::sign_up(pool, request, trace),
        "ConfirmSignUp" => registration::confirm(pool, request, trace),
        "ResendConfirmationCode" => registration::resend(pool, request, trace),
        "ForgotPassword" => recovery::begin(pool, request, trace),
        "ConfirmForgotPassword" => recovery::confirm(pool, request, trace),
        "AssociateSoftwareToken" => enrolment::associate(pool, request, trace),
        "VerifySoftwareToken" => enrolment::verify(pool, request, trace),
        "ConfirmDevice" => devices::confirm(pool, request, trace),
        "UpdateDeviceStatus" => devices::update_status(pool, request, trace),
        "GetDevice" => devices::get(pool, request, trace),
        "ListDevices" => devices::list(pool, request, trace),
        "ForgetDevice" => devices::forget(pool, request, trace),
        "UpdateUserAttributes" => profile::update(pool, request, trace),
        "DeleteUserAttributes" => profile::delete(pool, request, trace),
        "GetUserAttributeVerificationCode" => profile::send_code(pool, request, trace),
        "VerifyUserAttribute" => profile::verify(pool, request, trace),
        "ListWebAuthnCredentials" => passkeys::list(pool, request, trace),
        "DeleteWebAuthnCredential" => passkeys::delete(pool, request, trace),
        "ListUserSessions" => session_list::list(pool, request, trace),
        "RevokeUserSession" => session_list::revoke(pool, request, trace),
        "GetUserAuthFactors" => account::get_factors(pool, request, trace),
        "SetUserMFAPreference" => account::set_factors(pool, request, trace),
        "ChangePassword" => account::change_password(pool, request, trace),
        "DeleteUser" => account::delete(pool, request, trace),
        "GetUser" => account::get_user(pool, request, trace),
        "GlobalSignOut" => account::sign_out_everywhere(pool, request, trace),
        _ => Err(Refusal::new("UnknownOperationException", "")),
    }
}

/// OpenID Connect Discovery 1.0.
fn discovery(pool: &Pool) -> Value {
    let issuer = &pool.issuer;
    let domain = issuer.strip_suffix(POOL_ID).unwrap_or(issuer);
    json!({
        "authorization_endpoint": format!("{domain}oauth2/authorize"),
        "end_session_endpoint": format!("{domain}logout"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["code", "token"],
        "revocation_endpoint": format!("{domain}oauth2/revoke"),
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint": format!("{domain}oauth2/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "userinfo_endpoint": format!("{domain}oauth2/userInfo"),
    })
}

fn note(shared: &Shared, operation: &str, trace: Trace, outcome: &str, fault: Option<String>) {
    let at_ms = shared.pool().now_ms();
    let line = shared.journal().add(Entry {
        number: 0,
        at_ms,
        operation: operation.to_owned(),
        flow: trace.flow,
        client: trace.client,
        username: trace.username,
        agent: trace.agent,
        outcome: outcome.to_owned(),
        fault,
        detail: trace.detail,
    });
    log(line);
}
