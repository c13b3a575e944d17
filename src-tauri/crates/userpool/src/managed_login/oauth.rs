//! OAuth's errors (RFC 6749, 5.2; RFC 7009, 2.2.1), and who a client is.

use aws_lc_rs::constant_time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::web::{self, Parameters, Served, WebRequest, decode};
use crate::journal::Trace;
use crate::pool::{Client, Pool};
use crate::wire::{Answer, Refusal};

/// What is wrong with a request of an app.
#[derive(Clone, Copy)]
pub(super) enum Error {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedTokenType,
}

impl Error {
    const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedTokenType => "unsupported_token_type",
        }
    }

    /// Says why; for this pool's log only.
    pub(super) fn because(self, why: impl Into<String>) -> Failed {
        Failed { error: self, status: 400, why: why.into() }
    }
}

/// Why an app gets nothing.
pub(super) struct Failed {
    pub(super) error: Error,
    pub(super) status: u16,
    pub(super) why: String,
}

impl Failed {
    pub(super) fn served(self, now: i64, trace: &mut Trace) -> Served {
        trace.detail = Some(self.why);
        web::json(self.status, &json!({ "error": self.error.name() }), now, self.error.name())
    }
}

/// An answer that a script wants, as OAuth's clients read it.
pub(crate) fn refusal(refusal: &Refusal, now: i64) -> Answer {
    let mut body = json!({ "error": refusal.kind });
    if !refusal.message.is_empty() {
        body["error_description"] = json!(refusal.message);
    }
    web::json(refusal.status, &body, now, "").answer
}

/// The form of a request, each parameter once.
pub(super) fn form(request: &WebRequest) -> Result<&Parameters, Failed> {
    match &request.form {
        None => Err(Error::InvalidRequest.because("the body is no form")),
        Some(form) if form.repeat() => {
            Err(Error::InvalidRequest.because("a parameter is there more than once"))
        }
        Some(form) => Ok(form),
    }
}

/// The client that a request comes from: by its secret in the header or in the form, or by its name alone if it is a
/// public one.
pub(super) fn client<'a>(
    pool: &'a Pool,
    request: &WebRequest,
    form: &Parameters,
    trace: &mut Trace,
) -> Result<&'a Client, Failed> {
    let mut id = form.get("client_id").map(str::to_owned);
    let mut secret = form.get("client_secret").map(str::to_owned);
    if request.has_authorization() {
        let Some((own_id, own_secret)) = basic(request) else {
            return Err(Error::InvalidClient.because("Authorization is no Basic"));
        };
        if id.is_some_and(|id| id != own_id) || secret.is_some() {
            return Err(Error::InvalidRequest.because("the client is given in two ways"));
        }
        (id, secret) = (Some(own_id), Some(own_secret));
    }
    let id = id.ok_or_else(|| Error::InvalidRequest.because("client_id is missing"))?;
    trace.client.clone_from(&id);
    let client = pool.client(&id).map_err(|_| Error::InvalidClient.because("there is no such client"))?;
    let fits = match (client.secret, secret.as_deref()) {
        (None, None) => true,
        // Basic with nothing behind the colon is how some clients say that they have none.
        (None, Some(given)) => given.is_empty(),
        (Some(_), None) => false,
        (Some(own), Some(given)) => {
            constant_time::verify_slices_are_equal(own.as_bytes(), given.as_bytes()).is_ok()
        }
    };
    if fits {
        Ok(client)
    } else {
        Err(Error::InvalidClient.because("the secret is wrong, missing, or not needed"))
    }
}

fn basic(request: &WebRequest) -> Option<(String, String)> {
    let raw = STANDARD.decode(request.authorization("Basic")?).ok()?;
    let text = String::from_utf8(raw).ok()?;
    let (id, secret) = text.split_once(':')?;
    // Both are encoded as in a form (RFC 6749, 2.3.1).
    Some((decode(id), decode(secret)))
}
