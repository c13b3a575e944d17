//! The list of a user's sessions, and ending one of them from another.

use serde_json::{Value, json};

use crate::http::{Answer, exception, not_authorized, with_token};
use crate::started::StartedPool;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";

/// An operation of a client that says what it is.
fn call_from(pool: &StartedPool, agent: &str, operation: &str, body: &Value) -> Value {
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let headers = [("x-amz-target", target.as_str()), ("user-agent", agent)];
    pool.request("POST /", &headers, &body.to_string()).expect("an answer").done()
}

/// The tokens of `wanda`, who signs in from there.
fn tokens_from(pool: &StartedPool, agent: &str) -> Value {
    // Allows the password to the client.
    pool.control("client", json!({ "id": "devsessions", "flows": ["ALLOW_USER_PASSWORD_AUTH"] }));
    let body = json!({
        "ClientId": "devsessions",
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "wanda", "PASSWORD": pool.password("wanda") },
    });
    call_from(pool, agent, "InitiateAuth", &body)["AuthenticationResult"].clone()
}

fn list(pool: &StartedPool, tokens: &Value) -> Vec<Value> {
    let body = with_token(pool, "ListUserSessions", tokens, json!({})).done();
    assert_eq!(body.get("NextToken"), None);
    body["Sessions"].as_array().expect("a list").clone()
}

fn revoke(pool: &StartedPool, tokens: &Value, id: &Value) -> Answer {
    with_token(pool, "RevokeUserSession", tokens, json!({ "SessionId": id }))
}

fn missing() -> (String, String) {
    exception("ResourceNotFoundException", "Session does not exist.")
}

#[test]
fn sessions_are_listed_with_where_they_were_last_seen() {
    let pool = StartedPool::start(&[]);
    let here = tokens_from(&pool, FIREFOX);
    pool.set_clock(100.0);
    let there = tokens_from(&pool, EDGE);
    let sessions = list(&pool, &here);
    assert_eq!(sessions.len(), 2);
    for (session, agent, current) in
        [(&sessions[0], "Firefox on Linux", true), (&sessions[1], "Edge on Windows", false)]
    {
        let id = session["SessionId"].as_str().expect("an id");
        let sound = |text: &str| {
            text.len() == 25 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        assert!(id.strip_prefix("tkn").is_some_and(sound), "{id}");
        let expected = json!({
            "SessionId": id,
            "SessionType": "TOKEN",
            "ClientId": "devsessions",
            "CreateDate": session["CreateDate"],
            "LastActiveDate": session["CreateDate"],
            "DeviceType": agent,
            "LastIPAddress": "127.0.0.1",
            "LastLocation": { "Country": "unknown" },
            "IsCurrentSession": current,
        });
        assert_eq!(*session, expected);
    }
    let second = |session: &Value, field: &str| session[field].as_i64().expect("seconds");
    let between = second(&sessions[1], "CreateDate") - second(&sessions[0], "CreateDate");
    assert!((99..130).contains(&between), "{between}");
    assert_eq!(list(&pool, &there)[1]["IsCurrentSession"], true);

    // A refresh is activity, from wherever it comes.
    pool.set_clock(500.0);
    let body = json!({ "ClientId": "devsessions", "RefreshToken": here["RefreshToken"] });
    let renewed =
        call_from(&pool, "curl", "GetTokensFromRefreshToken", &body)["AuthenticationResult"].clone();
    let sessions = list(&pool, &renewed);
    assert_eq!(
        (&sessions[0]["DeviceType"], &sessions[0]["IsCurrentSession"]),
        (&json!("unknown"), &json!(true))
    );
    let idle = second(&sessions[0], "LastActiveDate") - second(&sessions[0], "CreateDate");
    assert!((499..530).contains(&idle), "{idle}");
    assert_eq!(sessions[1]["DeviceType"], "Edge on Windows");
    // What was renewed is the same session as before.
    assert_eq!(list(&pool, &here), sessions);
}

#[test]
fn programs_are_told_by_their_user_agents() {
    let pool = StartedPool::start(&[]);
    for (agent, told) in [
        ("aws-sdk-rust/1.3.9 os/linux lang/rust/1.90.0", "aws-sdk-rust on Linux"),
        ("aws-sdk-rust/1.3.9 os/macos lang/rust/1.90.0", "aws-sdk-rust on macOS"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148", "iOS"),
        ("reqwest/0.12", "reqwest"),
        ("", "unknown"),
    ] {
        let tokens = tokens_from(&pool, agent);
        let sessions = list(&pool, &tokens);
        let current = sessions.iter().find(|session| session["IsCurrentSession"] == true);
        assert_eq!(current.expect("this session")["DeviceType"], told, "{agent}");
    }
}

#[test]
fn another_session_is_ended_and_never_this_one() {
    let pool = StartedPool::start(&[]);
    let here = tokens_from(&pool, FIREFOX);
    pool.set_clock(10.0);
    let there = tokens_from(&pool, EDGE);
    let ids: Vec<Value> = list(&pool, &here).iter().map(|session| session["SessionId"].clone()).collect();
    let words = "The current session cannot be revoked.";
    assert_eq!(revoke(&pool, &here, &ids[0]).refused(), exception("InvalidParameterException", words));
    let linked = json!({ "SessionId": ids[1], "RevokeAssociatedSessions": "ALL" });
    let (kind, words) = with_token(&pool, "RevokeUserSession", &here, linked).refused();
    assert_eq!(kind, "InvalidParameterException");
    assert!(words.contains("'ALL' at 'revokeAssociatedSessions' failed"), "{words}");
    pool.get_user(&there).done();

    let linked = json!({ "SessionId": ids[1], "RevokeAssociatedSessions": "LINKED" });
    assert_eq!(with_token(&pool, "RevokeUserSession", &here, linked).done(), json!({}));
    assert_eq!(pool.get_user(&there).refused(), not_authorized("Access Token has been revoked"));
    let refused = pool.refresh("devsessions", &there["RefreshToken"]).refused();
    assert_eq!(refused, not_authorized("Refresh Token has been revoked"));
    pool.get_user(&here).done();
    assert_eq!(list(&pool, &here).len(), 1);
    assert_eq!(revoke(&pool, &here, &ids[1]).refused(), missing(), "it is gone");
}

#[test]
fn only_a_session_of_ones_own_is_ended() {
    let pool = StartedPool::start(&[]);
    let wanda = tokens_from(&pool, FIREFOX);
    let aiko = pool.tokens("devsessions", "aiko");
    let id = &list(&pool, &wanda)[0]["SessionId"];
    assert_eq!(revoke(&pool, &aiko, id).refused(), missing());
    pool.get_user(&wanda).done();
    assert_eq!(revoke(&pool, &wanda, &json!("tkn0000000000000000000000000")).refused(), missing());
    for id in ["", "tkn", "tkn000000000000000000000000A", "abc0000000000000000000000000"] {
        let (kind, words) = revoke(&pool, &wanda, &json!(id)).refused();
        assert_eq!(kind, "InvalidParameterException");
        assert!(words.contains("at 'sessionId' failed"), "{words}");
    }
    let (_, words) = with_token(&pool, "RevokeUserSession", &wanda, json!({})).refused();
    assert!(words.contains("null at 'sessionId' failed"), "{words}");
    // A session that has ended is none.
    pool.control("client", json!({ "id": "devsessions", "refresh_life": 30 }));
    tokens_from(&pool, EDGE);
    assert_eq!(list(&pool, &wanda).len(), 2);
    pool.set_clock(31.0);
    assert_eq!(list(&pool, &wanda).len(), 1);
}

#[test]
fn many_sessions_are_listed_a_page_at_a_time() {
    let pool = StartedPool::start(&[]);
    let tokens = tokens_from(&pool, FIREFOX);
    for _ in 0..11 {
        tokens_from(&pool, EDGE);
    }
    let page = |next: Value| with_token(&pool, "ListUserSessions", &tokens, json!({ "NextToken": next }));
    let first = page(Value::Null).done();
    let second = page(first["NextToken"].clone()).done();
    assert_eq!(second.get("NextToken"), None);
    let ids = |page: &Value| -> Vec<String> {
        let sessions = page["Sessions"].as_array().expect("a list");
        sessions.iter().map(|session| session["SessionId"].to_string()).collect()
    };
    let mut all = [ids(&first), ids(&second)].concat();
    assert_eq!((ids(&first).len(), all.len()), (10, 12));
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 12);
    let words = "Invalid pagination token";
    assert_eq!(page(json!("*")).refused(), exception("InvalidParameterException", words));
}

#[test]
fn where_sessions_are_not_tracked_there_is_no_list() {
    let pool = StartedPool::start(&[]);
    let tracked = tokens_from(&pool, FIREFOX);
    let tokens = pool.tokens("devdesktop", "wanda");
    let disabled = exception("OperationNotEnabledException", "User session tracking is not enabled.");
    assert_eq!(with_token(&pool, "ListUserSessions", &tokens, json!({})).refused(), disabled);
    let id = &list(&pool, &tracked)[0]["SessionId"];
    assert_eq!(revoke(&pool, &tokens, id).refused(), disabled);
    assert_eq!(list(&pool, &tracked).len(), 1, "what is not tracked is not listed");
    let nobody = json!({ "AccessToken": "x" });
    for operation in ["ListUserSessions", "RevokeUserSession"] {
        let refused = with_token(&pool, operation, &nobody, json!({})).refused();
        assert_eq!(refused, not_authorized("Invalid Access Token"));
    }
}
