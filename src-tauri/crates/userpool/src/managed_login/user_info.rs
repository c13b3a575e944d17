//! `/oauth2/userInfo`: what an access token lets an app know of the user.

use serde_json::{Map, Value, json};

use super::shows;
use super::web::{self, Served, WebRequest};
use crate::journal::Trace;
use crate::pool::Pool;
use crate::sessions;

/// AWS's words.
const BAD_REQUEST: &str = "Bad OAuth2 request at UserInfo Endpoint";
const BAD_TOKEN: &str = "Access token is expired, disabled, or deleted, or the user has globally signed out.";
const NO_OPENID: &str = "Access token does not contain openid scope";

/// Serves `GET` and `POST /oauth2/userInfo`.
pub(super) fn serve(pool: &Pool, request: &WebRequest, trace: &mut Trace) -> Served {
    let now = pool.now();
    let Some(token) = request.authorization("Bearer").filter(|token| !token.is_empty()) else {
        return refused(400, "invalid_request", BAD_REQUEST, now);
    };
    let (user, scopes) = match sessions::bearer_with(pool, token, "openid") {
        Ok(found) => found,
        Err(refusal) => {
            let lacks = refusal.message == sessions::MISSING_SCOPE;
            trace.detail = Some(refusal.message);
            return refused(401, "invalid_token", if lacks { NO_OPENID } else { BAD_TOKEN }, now);
        }
    };
    trace.username.clone_from(&user.username);
    // All of it text, unlike in an id token.
    let mut claims: Map<String, Value> = user
        .attributes
        .iter()
        .filter(|(name, _)| shows(&scopes, name))
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    claims.insert("sub".to_owned(), json!(user.sub));
    claims.insert("username".to_owned(), json!(user.username));
    web::json(200, &Value::Object(claims), now, "ok")
}

fn refused(status: u16, error: &str, words: &str, now: i64) -> Served {
    let body = json!({ "error": error, "error_description": words });
    // AWS documents no scheme before it; OAuth's clients read none without (RFC 6750, 3).
    web::json(status, &body, now, error)
        .with("www-authenticate", &format!("Bearer error=\"{error}\", error_description=\"{words}\""))
}
