//! Asking a pool, before anybody signs in, whether it is there and takes this app client.
//!
//! What cannot be found out this way: whether the client belongs to *this* pool, for `InitiateAuth` carries no pool
//! id and the ids of clients are of their region. A client of another pool in the same region passes, and every
//! password is wrong with it.

use std::sync::Arc;

use serde_json::Value;
use session::{Fault, FaultCode, PoolClock};
use url::Url;

use crate::client::Client;
use crate::errors::{self, Operation, shortened};
use crate::http::Http;
use crate::settings::PoolSettings;

/// A discovery document is a page of text.
const LARGEST_DOCUMENT: usize = 64 * 1024;

/// What a connection could not be made for.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectionFault {
    /// What answered is a pool, and not the one that was asked for.
    OtherIssuer {
        /// The issuer that it says it is.
        issuer: String,
    },
    /// Something went wrong.
    Refused {
        /// What has to be looked at.
        part: ConnectionPart,
        /// What went wrong.
        fault: Fault,
    },
}

/// What a fault has to do with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionPart {
    /// The way to the pool: network, proxy, certificates, or the pool's own trouble.
    Way,
    /// The pool's id or its region.
    Pool,
    /// The app client and what it allows.
    Client,
    /// The app client's secret.
    Secret,
}

/// Asks the pool for its discovery document (OpenID Connect Discovery 1.0), and then whether the app client may
/// sign people in, by beginning to sign in somebody who cannot exist.
///
/// # Errors
/// The first thing that is wrong, as a [`ConnectionFault`].
pub async fn check_connection(settings: &PoolSettings, http: &Http) -> Result<(), ConnectionFault> {
    discover(settings, http).await?;
    let client = Client::new(settings.clone(), http.clone(), Arc::new(PoolClock::new()));
    match client.try_out().await {
        Err(fault) => of_client(fault),
        Ok(()) => Ok(()),
    }
}

async fn discover(settings: &PoolSettings, http: &Http) -> Result<(), ConnectionFault> {
    find_document(settings, http).await.map(|_| ())
}

/// The pool's discovery document, for whoever needs more of it than that it is this pool's.
pub(crate) async fn discovery_document(settings: &PoolSettings, http: &Http) -> Result<Value, Fault> {
    find_document(settings, http).await.map_err(|fault| match fault {
        ConnectionFault::OtherIssuer { issuer } => {
            Fault::with_detail(FaultCode::NotThePool, shortened(&format!("it is {issuer}")))
        }
        ConnectionFault::Refused { fault, .. } => fault,
    })
}

async fn find_document(settings: &PoolSettings, http: &Http) -> Result<Value, ConnectionFault> {
    let refused = |part, fault| Err(ConnectionFault::Refused { part, fault });
    let (endpoint, issuer) = (settings.endpoint().trim_end_matches('/'), settings.issuer());
    let address = format!("{endpoint}/{}/.well-known/openid-configuration", issuer.pool_id());
    let Ok(address) = Url::parse(&address) else {
        return refused(ConnectionPart::Pool, Fault::new(FaultCode::PoolUnknown));
    };
    let (status, body) = match http.get_any(&address, LARGEST_DOCUMENT).await {
        Ok(answer) => answer,
        Err(fault) => return refused(ConnectionPart::Way, fault),
    };
    let document = serde_json::from_slice::<Value>(&body).ok().filter(Value::is_object);
    match (status, document) {
        (200..=299, Some(document)) => match document["issuer"].as_str() {
            Some(found) if issuer.names(found) => Ok(document),
            // Behind another endpoint it may have another name for its host, but not for itself.
            Some(found) if endpoint != issuer.origin() && last_part(found) == issuer.pool_id() => {
                Ok(document)
            }
            Some(found) => Err(ConnectionFault::OtherIssuer { issuer: found.to_owned() }),
            None => refused(ConnectionPart::Way, Fault::new(FaultCode::NotThePool)),
        },
        (status, document) => {
            let document = document.unwrap_or_default();
            let (part, fault) = of_cognito(status, &document)
                .unwrap_or_else(|| (ConnectionPart::Way, of_whoever_answered(status, &document)));
            refused(part, fault)
        }
    }
}

/// What a refusal of the document means that is Cognito's own: by the exception it names, or by what it says of a pool
/// that does not exist, which comes without one.
fn of_cognito(status: u16, answer: &Value) -> Option<(ConnectionPart, Fault)> {
    let text = |name: &str| answer[name].as_str();
    let message = text("message").unwrap_or_default();
    let named = text("__type").or_else(|| text("code")).and_then(|named| named.rsplit('#').next());
    let exception = match named {
        Some(named) if named.ends_with("Exception") => named,
        None if status < 500 && message.starts_with("User pool ") => "ResourceNotFoundException",
        _ => return None,
    };
    let fault = errors::of_exception(Operation::SignIn, exception, message, status);
    match fault.code {
        // No app client was asked for: what is not found or not accepted is the pool's id.
        FaultCode::PoolUnknown | FaultCode::ClientUnknown | FaultCode::ParameterRejected => {
            let words = (!message.is_empty()).then(|| shortened(message));
            Some((ConnectionPart::Pool, Fault { code: FaultCode::PoolUnknown, detail: words }))
        }
        FaultCode::Blocked | FaultCode::Throttled | FaultCode::PoolTrouble => {
            Some((ConnectionPart::Way, fault))
        }
        _ => None,
    }
}

/// What an answer means that may be anybody's, as of a proxy that a company has in the way.
pub(crate) fn of_whoever_answered(status: u16, answer: &Value) -> Fault {
    let code = match status {
        407 => FaultCode::ProxyRefused,
        429 => FaultCode::Throttled,
        // "Network authentication required" (RFC 6585, section 6).
        511 => FaultCode::NotThePool,
        500.. => FaultCode::PoolTrouble,
        _ => FaultCode::NotThePool,
    };
    let words = ["message", "error"].iter().find_map(|name| answer[name].as_str());
    let detail = words.map_or_else(|| format!("HTTP {status}"), |words| format!("HTTP {status}: {words}"));
    Fault::with_detail(code, shortened(&detail))
}

fn last_part(issuer: &str) -> &str {
    issuer.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// What the pool's refusal of somebody who does not exist says of the app client.
fn of_client(fault: Fault) -> Result<(), ConnectionFault> {
    let part = match fault.code {
        // It was the person who was refused, as it should be.
        FaultCode::WrongCredentials
        | FaultCode::TooManyAttempts
        | FaultCode::UserDisabled
        | FaultCode::UserNotConfirmed
        | FaultCode::PasswordResetRequired
        | FaultCode::RefusedByRule
        | FaultCode::TriggerFailed
        | FaultCode::SignInRefused => return Ok(()),
        FaultCode::ClientSecretMissing | FaultCode::ClientSecretWrong => ConnectionPart::Secret,
        FaultCode::PoolUnknown => ConnectionPart::Pool,
        FaultCode::ClientUnknown | FaultCode::FlowNotEnabled | FaultCode::ParameterRejected => {
            ConnectionPart::Client
        }
        _ => ConnectionPart::Way,
    };
    Err(ConnectionFault::Refused { part, fault })
}
