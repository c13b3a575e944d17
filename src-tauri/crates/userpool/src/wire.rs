//! AWS's JSON 1.1 protocol as Cognito speaks it: fields of a request, answers, errors, and the headers of both.

use std::borrow::Cow;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use crate::{calendar, random};

/// What every answer is made of.
pub(crate) type Answer = Response<Full<Bytes>>;

/// The prefix of `X-Amz-Target`.
pub(crate) const TARGET: &str = "AWSCognitoIdentityProviderService.";
const JSON_1_1: &str = "application/x-amz-json-1.1";

/// An exception of Cognito's.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The exception's name, as in `__type`.
    pub(crate) kind: Cow<'static, str>,
    pub(crate) message: String,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What Cognito would not tell a client; for this pool's log only.
    pub(crate) detail: Option<String>,
}

impl Refusal {
    /// The exception `kind` with HTTP status 400, which Cognito uses for all but its own failures.
    pub(crate) fn new(kind: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into(), status: 400, detail: None }
    }

    pub(crate) fn not_authorized(message: impl Into<String>) -> Self {
        Self::new("NotAuthorizedException", message)
    }

    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    /// The same words for a wrong password and for a user who does not exist.
    pub(crate) fn incorrect_password() -> Self {
        Self::not_authorized("Incorrect username or password.")
    }

    /// Cognito's words for every limit on tries and on messages.
    pub(crate) fn limit_exceeded() -> Self {
        Self::new("LimitExceededException", "Attempt limit exceeded, please try after some time.")
    }

    /// AWS's words for a field that is missing or has a value outside its range. `place` as in the model.
    pub(crate) fn validation(value: &str, place: &str, rule: &str) -> Self {
        Self::invalid_parameter(format!(
            "1 validation error detected: Value {value} at '{place}' failed to satisfy constraint: {rule}"
        ))
    }

    /// Adds what only the pool's log says.
    pub(crate) fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// The result of one operation: its JSON, or an exception.
pub(crate) type Outcome = Result<Value, Refusal>;

/// The fields of a request, or of a map within it.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(Option<&'a Value>);

impl<'a> Fields<'a> {
    pub(crate) fn new(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// The text of a field, if it is there.
    pub(crate) fn optional(self, name: &str) -> Option<&'a str> {
        self.0?.get(name)?.as_str()
    }

    /// The text of a top-level field that the model requires.
    pub(crate) fn required(self, name: &str) -> Result<&'a str, Refusal> {
        self.optional(name)
            .ok_or_else(|| Refusal::validation("null", &lower_first(name), "Member must not be null"))
    }

    /// A truth value; false when it is missing.
    pub(crate) fn flag(self, name: &str) -> bool {
        self.0.and_then(|value| value.get(name)).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A list of `Name` and `Value`; empty when it is missing.
    pub(crate) fn attributes(self, name: &str) -> Result<Vec<(&'a str, &'a str)>, Refusal> {
        let list = self.0.and_then(|value| value.get(name)).and_then(Value::as_array);
        let pairs = list.into_iter().flatten().map(|entry| {
            let entry = Self::new(entry);
            // A value that is missing is an empty one: that is how a client empties an attribute.
            Ok((entry.required("Name")?, entry.optional("Value").unwrap_or_default()))
        });
        pairs.collect()
    }

    /// A list that the model requires.
    pub(crate) fn required_list(self, name: &str) -> Result<&'a [Value], Refusal> {
        let list = self.0.and_then(|value| value.get(name)).and_then(Value::as_array);
        list.map(Vec::as_slice)
            .ok_or_else(|| Refusal::validation("null", &lower_first(name), "Member must not be null"))
    }

    /// How many entries a list may have: from 1 to `most`, which 0 and nothing mean as well.
    pub(crate) fn limit(self, name: &str, most: usize) -> Result<usize, Refusal> {
        let Some(value) = self.0.and_then(|value| value.get(name)).filter(|value| !value.is_null()) else {
            return Ok(most);
        };
        let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
        match number {
            Some(0) => Ok(most),
            Some(number) if number <= most => Ok(number),
            _ => {
                let rule = format!("Member must have value less than or equal to {most}");
                Err(Refusal::validation(&format!("'{value}'"), &lower_first(name), &rule))
            }
        }
    }

    /// The text of an entry of `AuthParameters` or `ChallengeResponses`.
    pub(crate) fn parameter(self, name: &str) -> Result<&'a str, Refusal> {
        self.optional(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Refusal::invalid_parameter(format!("Missing required parameter {name}")))
    }

    /// A map within; empty when it is missing.
    pub(crate) fn map(self, name: &str) -> Self {
        Self(self.0.and_then(|value| value.get(name)))
    }

    /// Whether this map was given at all.
    pub(crate) fn is_there(self) -> bool {
        self.0.is_some_and(Value::is_object)
    }

    /// All names and texts of this map.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// The answer to an operation. `now` in seconds since 1970, by the pool's clock.
pub(crate) fn operation_answer(outcome: &Outcome, now: i64) -> Answer {
    match outcome {
        Ok(body) => answer(200, JSON_1_1, body.to_string(), now),
        Err(refusal) => {
            let body = json!({ "__type": refusal.kind, "message": refusal.message });
            let mut answer = answer(refusal.status, JSON_1_1, body.to_string(), now);
            // Cognito ends the name with a colon, as restJson services do before a URI.
            if let Ok(kind) = HeaderValue::from_str(&format!("{}:", refusal.kind)) {
                answer.headers_mut().insert("x-amzn-errortype", kind);
            }
            answer
        }
    }
}

/// Any answer, with the headers that all of them carry.
pub(crate) fn answer(status: u16, content_type: &'static str, body: impl Into<Bytes>, now: i64) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(content_type));
    for (name, text) in [("date", calendar::http_date(now)), ("x-amzn-requestid", random::uuid())] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    answer
}

/// Lets pages of any origin read the answer, as Cognito does.
pub(crate) fn allow_pages(mut answer: Answer) -> Answer {
    let headers = answer.headers_mut();
    headers.insert("access-control-allow-origin", HeaderValue::from_static("*"));
    headers.insert(
        "access-control-expose-headers",
        HeaderValue::from_static("x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
    );
    answer
}

/// The answer to a page's preflight request, which asked for `headers`.
pub(crate) fn preflight_answer(headers: Option<&HeaderValue>, now: i64) -> Answer {
    let mut answer = allow_pages(answer(200, "text/plain", "", now));
    let own = answer.headers_mut();
    own.insert("access-control-allow-methods", HeaderValue::from_static("GET, POST, OPTIONS"));
    if let Some(headers) = headers {
        own.insert("access-control-allow-headers", headers.clone());
    }
    own.insert("access-control-max-age", HeaderValue::from_static("172800"));
    answer
}
