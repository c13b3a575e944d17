//! What the pool's errors mean: one table, and the only place that reads a message.
//!
//! Cognito says many different things with one exception and tells them apart by English words only. A message that
//! is not in the table gets the exception's general code for the operation, so that new words never break a sign-in.

#[cfg(test)]
mod document;
#[cfg(test)]
mod driven;
mod model;
mod table;

use std::error::Error;

use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::{Map, Value};
use session::{Fault, FaultCode};

use self::model::ModelRow;
use self::table::{Row, TABLE};
use crate::http::ProxyRefusal;

/// What stands in the place of a content type that an answer does not have.
pub(crate) const NO_CONTENT_TYPE: &str = "no content type";

/// What was asked of the pool. The same exception means something different in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// `InitiateAuth` with a password, and the answer to `PASSWORD_VERIFIER`.
    SignIn,
    /// `RespondToAuthChallenge` with what the person entered.
    Reply,
    /// `GetTokensFromRefreshToken`, or `InitiateAuth` with a refresh token.
    Renew,
    /// `RevokeToken`.
    Revoke,
    /// `GlobalSignOut`.
    SignOutEverywhere,
    /// `SignUp`.
    SignUp,
    /// `ConfirmSignUp`.
    ConfirmSignUp,
    /// `ResendConfirmationCode`.
    ResendConfirmation,
    /// `ForgotPassword`.
    ForgotPassword,
    /// `ConfirmForgotPassword`.
    ResetPassword,
    /// `AssociateSoftwareToken`, within a sign-in.
    Associate,
    /// `VerifySoftwareToken`, within a sign-in.
    Verify,
    /// `ConfirmDevice`.
    ConfirmDevice,
    /// `UpdateDeviceStatus`.
    UpdateDevice,
    /// `GetUser`.
    GetUser,
    /// `GetUserAuthFactors`.
    AuthFactors,
    /// `UpdateUserAttributes`.
    UpdateAttributes,
    /// `DeleteUserAttributes`.
    DeleteAttributes,
    /// `GetUserAttributeVerificationCode`.
    SendAttributeCode,
    /// `VerifyUserAttribute`.
    VerifyAttribute,
    /// `ChangePassword`.
    ChangePassword,
    /// `SetUserMFAPreference`.
    SetFactors,
    /// `AssociateSoftwareToken`, of somebody who is signed in.
    AssociateOwn,
    /// `VerifySoftwareToken`, of somebody who is signed in.
    VerifyOwn,
    /// `ListDevices`.
    ListDevices,
    /// `ForgetDevice`.
    ForgetDevice,
    /// `ListWebAuthnCredentials`.
    ListPasskeys,
    /// `DeleteWebAuthnCredential`.
    DeletePasskey,
    /// `ListUserSessions`.
    ListSessions,
    /// `RevokeUserSession`.
    RevokeSession,
    /// `DeleteUser`.
    DeleteUser,
}

/// Where it is said what an exception means.
#[derive(Clone, Copy, Debug)]
enum Meaning {
    /// In this row of the table.
    ByTable(usize),
    /// In the service model's row for it: its words say nothing more.
    ByModel(&'static ModelRow),
    /// Nowhere.
    Unknown,
}

/// Words that are known come first, then what the service model declares for the operation, then what servers have
/// been seen to say beyond it.
fn meaning(operation: Operation, exception: &str, message: &str) -> Meaning {
    let fits = |(operations, name, pattern, _): &Row| {
        operations.contains(&operation) && (name.is_empty() || *name == exception) && says(message, pattern)
    };
    if let Some(index) = TABLE.iter().position(|row| !row.2.is_empty() && fits(row)) {
        return Meaning::ByTable(index);
    }
    if let Some(row) = model::row(operation, exception) {
        return Meaning::ByModel(row);
    }
    TABLE.iter().position(fits).map_or(Meaning::Unknown, Meaning::ByTable)
}

/// What an exception of the pool means. `status` is the answer's HTTP status.
pub(crate) fn of_exception(operation: Operation, exception: &str, message: &str, status: u16) -> Fault {
    let code = match meaning(operation, exception, message) {
        // Whatever a server in trouble says, it has not decided anything.
        _ if status >= 500 => FaultCode::PoolTrouble,
        Meaning::ByTable(index) => TABLE[index].3,
        Meaning::ByModel(row) => row.code,
        Meaning::Unknown => FaultCode::PoolTrouble,
    };
    match code {
        // Anything more could tell the two causes apart.
        FaultCode::WrongCredentials => Fault::new(code),
        // The pool's words are about a user name as well, which nobody has entered.
        FaultCode::WrongPassword => Fault::new(code),
        FaultCode::RefusedByRule => Fault::with_detail(code, shortened(rule_words(message))),
        // These stand beside a field, for the person who filled it in.
        FaultCode::PasswordRejected
        | FaultCode::PasswordReused
        | FaultCode::AttributeRejected
        | FaultCode::AttributeNotWritable
        | FaultCode::UsernameTaken
        | FaultCode::AliasTaken => Fault::with_detail(code, shortened(&without_values(message))),
        _ => Fault::with_detail(code, shortened(&format!("{exception}: {}", without_values(message)))),
    }
}

/// What a failed call to the SDK means.
pub(crate) fn of_sdk<E>(operation: Operation, error: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata,
{
    let fault = match error {
        SdkError::TimeoutError(_) => Fault::new(FaultCode::TimedOut),
        SdkError::DispatchFailure(failure) => {
            failure.as_connector_error().map_or(Fault::new(FaultCode::Unreachable), of_connector)
        }
        SdkError::ServiceError(service) => match service.err().code() {
            Some(exception) => {
                let message = service.err().message().unwrap_or_default();
                of_exception(operation, exception, message, service.raw().status().as_u16())
            }
            None => of_answer(service.raw()),
        },
        SdkError::ResponseError(response) => of_answer(response.raw()),
        // The request could not be put together: nothing was sent.
        _ => Fault::with_detail(FaultCode::ParameterRejected, "the request could not be made"),
    };
    log(operation, &fault);
    fault
}

pub(crate) fn log(operation: Operation, fault: &Fault) {
    tracing::debug!(?operation, code = ?fault.code, detail = fault.detail, "the pool did not do what it was asked");
}

/// What an answer means that is not what was asked for, where the SDK has not read it: `exception` is the header of
/// that name, `body` is none where the connection broke before it was complete.
pub(crate) fn of_body(
    operation: Operation,
    status: u16,
    content_type: &str,
    exception: Option<&str>,
    body: Option<&[u8]>,
) -> Fault {
    let told: Map<String, Value> =
        body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
    let text = |name: &str| told.get(name).and_then(Value::as_str);
    let exception = exception.or_else(|| text("__type")).or_else(|| text("code")).map(bare);
    match exception {
        Some(exception) if !(200..300).contains(&status) => {
            let message = text("message").or_else(|| text("Message")).unwrap_or_default();
            of_exception(operation, exception, message, status)
        }
        _ => of_plain(status, content_type, body),
    }
}

/// The name of an exception without what may stand around it: `namespace#Name:http://…` (AWS JSON 1.1, "Operation
/// error serialization").
fn bare(exception: &str) -> &str {
    let exception = exception.split(':').next().unwrap_or_default();
    exception.rsplit('#').next().unwrap_or_default()
}

/// A list that is not to be had is none; any other fault is one.
pub(crate) fn or_none<T>(fault: Fault) -> Result<Option<T>, Fault> {
    match fault.code {
        FaultCode::OperationUnavailable => Ok(None),
        _ => Err(fault),
    }
}

/// Whether the server does not know the operation at all, as stand-ins for Cognito may not.
pub(crate) fn is_unknown_operation<E>(error: &SdkError<E, HttpResponse>) -> bool
where
    E: ProvideErrorMetadata,
{
    let exception = match error {
        SdkError::ServiceError(service) => service.err().code(),
        _ => None,
    };
    match exception {
        Some(exception) => {
            ["UnknownOperationException", "UnknownOperation", "InvalidAction", "NotImplemented"]
                .contains(&exception)
        }
        None => error.raw_response().is_some_and(|answer| {
            matches!(answer.status().as_u16(), 404 | 501) && content_type(answer).starts_with("application/")
        }),
    }
}

/// What an answer means that carries no exception.
fn of_answer(answer: &HttpResponse) -> Fault {
    of_plain(answer.status().as_u16(), content_type(answer), answer.body().bytes())
}

fn of_plain(status: u16, content_type: &str, body: Option<&[u8]>) -> Fault {
    let code = match status {
        // A proxy that wants to know who is asking.
        407 => FaultCode::ProxyRefused,
        429 => FaultCode::Throttled,
        // "Network authentication required": a captive portal (RFC 6585, section 6).
        511 => FaultCode::NotThePool,
        500.. => FaultCode::PoolTrouble,
        _ => match body {
            // The connection broke before the body was complete.
            None => FaultCode::Unreachable,
            Some(body) if (200..300).contains(&status) && is_json_object(body) => FaultCode::AnswerUnusable,
            Some(_) => FaultCode::NotThePool,
        },
    };
    Fault::with_detail(code, shortened(&format!("HTTP {status}, {content_type}")))
}

/// What a failed connection means.
pub(crate) fn of_connector(error: &ConnectorError) -> Fault {
    if error.is_timeout() {
        return Fault::new(FaultCode::TimedOut);
    }
    let mut code = FaultCode::Unreachable;
    let mut words = Vec::new();
    for cause in causes(error) {
        if cause.is::<ProxyRefusal>() {
            code = FaultCode::ProxyRefused;
            // What stands around it says less than the proxy's name.
            words.clear();
        }
        match cause.downcast_ref::<rustls::Error>() {
            Some(rustls::Error::InvalidCertificate(_)) => code = FaultCode::CertificateUntrusted,
            // Whatever answered does not speak TLS.
            Some(rustls::Error::InvalidMessage(_)) if code != FaultCode::ProxyRefused => {
                code = FaultCode::NotThePool;
            }
            _ => {}
        }
        words.push(cause.to_string());
    }
    words.dedup();
    Fault::with_detail(code, shortened(&words.join(": ")))
}

/// The error and what it came of, from the outside in.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| match cause.downcast_ref::<std::io::Error>() {
        // `io::Error::source` leaves out the very error that it wraps.
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => cause.source(),
    })
}

fn content_type(answer: &HttpResponse) -> &str {
    answer.headers().get("content-type").unwrap_or(NO_CONTENT_TYPE)
}

pub(crate) fn is_json_object(body: &[u8]) -> bool {
    serde_json::from_slice::<Map<String, Value>>(body).is_ok()
}

/// Whether the message begins as the pattern says; `*` is one word. After `…` the words may stand anywhere.
pub(crate) fn says(message: &str, pattern: &str) -> bool {
    if let Some(words) = pattern.strip_prefix('…') {
        return message.to_ascii_lowercase().contains(&words.to_ascii_lowercase());
    }
    let (mut message, mut first) = (message, true);
    for part in pattern.split('*') {
        if !first {
            let word = message.find(' ').unwrap_or(message.len());
            if word == 0 {
                return false;
            }
            message = &message[word..];
        }
        first = false;
        match message.get(..part.len()) {
            Some(start) if start.eq_ignore_ascii_case(part) => message = &message[part.len()..],
            _ => return false,
        }
    }
    true
}

/// The words of the pool's owner: what follows Cognito's "PreAuthentication failed with error ".
pub(crate) fn rule_words(message: &str) -> &str {
    message.split_once(" failed with error ").map_or(message, |(_, words)| words)
}

/// The message without the values that a validation error repeats: one of them could be a token.
fn without_values(message: &str) -> String {
    let mut kept = String::new();
    let mut rest = message;
    while let Some((before, after)) = rest.split_once("Value '") {
        kept.push_str(before);
        kept.push_str("Value");
        // The value may hold anything; what follows it is ` at '<field>'`.
        rest = after.find("' at '").map_or("", |end| &after[end + 1..]);
    }
    kept + rest
}

/// No more of a text than a screen has room for.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 300;
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
