//! A tiny HTTP client, and the requests that most tests make.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::started::StartedPool;

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) text: String,
}

impl Answer {
    /// A header's value; its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The answer of an operation that was not refused.
    pub(crate) fn done(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()
    }

    /// Exception and message of an operation that was refused with HTTP status 400.
    pub(crate) fn refused(&self) -> (String, String) {
        assert_eq!(self.status, 400, "{self:?}");
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name}: {body}")).to_owned();
        assert_eq!(self.header("x-amzn-errortype"), Some(format!("{}:", text("__type")).as_str()));
        (text("__type"), text("message"))
    }
}

impl StartedPool {
    /// One request on a connection of its own; `None` if that was closed without an answer.
    pub(crate) fn request(&self, start: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        let address = self.endpoint().strip_prefix("http://").expect("plain HTTP");
        let mut connection = TcpStream::connect(address).expect("the pool listens");
        connection.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout can be set");
        let mut text = format!("{start} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        connection.write_all(text.as_bytes()).expect("the request can be sent");
        let mut raw = Vec::new();
        // A connection that is reset is one without an answer as well.
        let _ = connection.read_to_end(&mut raw);
        let text = String::from_utf8(raw).expect("the answer is text");
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().expect("a status");
        Some(Answer { status, head: head.to_owned(), text: body.to_owned() })
    }

    /// One of Cognito's operations; `None` if there was no answer.
    pub(crate) fn try_call(&self, operation: &str, body: &Value) -> Option<Answer> {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let headers = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.1")];
        self.request("POST /", &headers, &body.to_string())
    }

    /// One of Cognito's operations.
    pub(crate) fn call(&self, operation: &str, body: Value) -> Answer {
        self.try_call(operation, &body).expect("an answer")
    }

    /// Reads from the pool.
    pub(crate) fn get(&self, path: &str) -> Value {
        self.request(&format!("GET {path}"), &[], "").expect("an answer").done()
    }

    /// Sends something to the control surface.
    pub(crate) fn control(&self, what: &str, body: Value) -> Value {
        let start = format!("POST /_userpool/{what}");
        self.request(&start, &[], &body.to_string()).expect("an answer").done()
    }

    /// Shifts the pool's clock.
    pub(crate) fn set_clock(&self, offset_seconds: f64) {
        self.control("clock", json!({ "offset_seconds": offset_seconds }));
    }

    /// `USER_PASSWORD_AUTH`, which is allowed to the client first.
    pub(crate) fn sign_in(&self, client: &str, username: &str, password: &str) -> Answer {
        let flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
        self.control("client", json!({ "id": client, "flows": flows }));
        self.call(
            "InitiateAuth",
            json!({
                "ClientId": client,
                "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": { "USERNAME": username, "PASSWORD": password },
            }),
        )
    }

    /// The tokens of a user who signs in without anything else being asked for.
    pub(crate) fn tokens(&self, client: &str, username: &str) -> Value {
        self.sign_in(client, username, self.password(username)).done()["AuthenticationResult"].clone()
    }

    /// `InitiateAuth` with these parameters.
    pub(crate) fn initiate(&self, client: &str, flow: &str, parameters: Value) -> Answer {
        let body = json!({ "ClientId": client, "AuthFlow": flow, "AuthParameters": parameters });
        self.call("InitiateAuth", body)
    }

    /// `RespondToAuthChallenge` to what was `asked`, with these responses.
    pub(crate) fn respond(&self, client: &str, asked: &Value, responses: Value) -> Answer {
        let body = json!({
            "ClientId": client,
            "ChallengeName": asked["ChallengeName"],
            "Session": asked["Session"],
            "ChallengeResponses": responses,
        });
        self.call("RespondToAuthChallenge", body)
    }

    /// What was sent of late, the newest last.
    pub(crate) fn messages(&self) -> Vec<Value> {
        self.get("/_userpool/outbox")["messages"].as_array().expect("a list").clone()
    }

    /// The newest code in the outbox.
    pub(crate) fn newest_code(&self) -> String {
        self.messages().last().expect("a message")["code"].as_str().expect("a code").to_owned()
    }

    /// A demo user's password.
    pub(crate) fn password(&self, username: &str) -> &str {
        let users = self.announcement["users"].as_array().expect("a list of users");
        let user = users.iter().find(|user| user["username"] == username);
        user.and_then(|user| user["password"].as_str()).unwrap_or_else(|| panic!("no user {username}"))
    }

    /// `GetTokensFromRefreshToken`.
    pub(crate) fn refresh(&self, client: &str, token: &Value) -> Answer {
        self.call("GetTokensFromRefreshToken", json!({ "ClientId": client, "RefreshToken": token }))
    }

    /// `InitiateAuth` with `REFRESH_TOKEN_AUTH`.
    pub(crate) fn refresh_by_flow(&self, client: &str, token: &Value) -> Answer {
        self.call(
            "InitiateAuth",
            json!({
                "ClientId": client,
                "AuthFlow": "REFRESH_TOKEN_AUTH",
                "AuthParameters": { "REFRESH_TOKEN": token },
            }),
        )
    }

    /// `GetUser`.
    pub(crate) fn get_user(&self, tokens: &Value) -> Answer {
        self.call("GetUser", json!({ "AccessToken": tokens["AccessToken"] }))
    }
}

/// An operation that takes an access token.
pub(crate) fn with_token(pool: &StartedPool, operation: &str, tokens: &Value, mut more: Value) -> Answer {
    more["AccessToken"] = tokens["AccessToken"].clone();
    pool.call(operation, more)
}

/// The claims of a token, unchecked.
pub(crate) fn claims(token: &Value) -> Value {
    let payload = token.as_str().expect("a token").split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

/// An exception and its message.
pub(crate) fn exception(kind: &str, message: &str) -> (String, String) {
    (kind.to_owned(), message.to_owned())
}

/// `NotAuthorizedException` with a message.
pub(crate) fn not_authorized(message: &str) -> (String, String) {
    exception("NotAuthorizedException", message)
}

/// This machine's time in seconds since 1970.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970").as_secs_f64()
}
