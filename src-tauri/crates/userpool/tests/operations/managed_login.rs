//! The managed login at the level of HTTP. That a whole sign-in goes through is in `tests/openid_client.rs`, where the
//! client is somebody else's.

use std::fs::{self, File};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::http::{Answer, not_authorized};
use crate::started::StartedPool;

const LINK: &str = "cognito-desktop://sign-in/callback";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const FORM: &str = "application/x-www-form-urlencoded";

/// A request to begin a sign-in, with these parameters in place of the usual ones; an empty one is left out.
fn asking(changes: &[(&str, &str)]) -> String {
    let usual = [
        ("response_type", "code"),
        ("client_id", "devbrowser"),
        ("redirect_uri", LINK),
        ("scope", "openid+aws.cognito.signin.user.admin"),
        ("state", "st-4_te"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let kept = usual.iter().filter(|(name, _)| !changes.iter().any(|(own, _)| own == name));
    let pairs = kept.chain(changes).filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    format!("/oauth2/authorize?{}", pairs.join("&"))
}

fn open(pool: &StartedPool, path: &str, cookies: &str) -> Answer {
    pool.request(&format!("GET {path}"), &[("cookie", cookies)], "").expect("an answer")
}

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 302, "{answer:?}");
    answer.header("location").expect("a location").to_owned()
}

/// What follows `name=` up to the next of the other signs that end a value.
fn after<'a>(text: &'a str, name: &str) -> &'a str {
    let (_, rest) = text.split_once(name).unwrap_or_else(|| panic!("no {name} in {text}"));
    rest.split(['&', '"', ';', '\r', '\n']).next().unwrap_or_default()
}

/// A page with a form that waits, and the cookie that goes with it.
struct Begun {
    cookie: String,
    csrf: String,
    flow: String,
}

fn begin(pool: &StartedPool, changes: &[(&str, &str)]) -> Begun {
    let page = open(pool, &location(&open(pool, &asking(changes), "")), "");
    assert_eq!(page.status, 200, "{page:?}");
    let cookie = after(page.header("set-cookie").expect("a cookie"), "XSRF-TOKEN=").to_owned();
    let csrf = after(&page.text, "name=\"_csrf\" value=\"").to_owned();
    let flow = after(&page.text, "name=\"flow\" value=\"").to_owned();
    Begun { cookie: format!("XSRF-TOKEN={cookie}"), csrf, flow }
}

fn submit(pool: &StartedPool, cookie: &str, body: &str) -> Answer {
    pool.request("POST /login", &[("cookie", cookie), ("content-type", FORM)], body).expect("an answer")
}

fn submit_password(pool: &StartedPool, begun: &Begun, username: &str) -> Answer {
    let Begun { cookie, csrf, flow } = begun;
    let password = pool.password(username);
    let body = format!("_csrf={csrf}&flow={flow}&username={username}&password={password}&by=password");
    submit(pool, cookie, &body)
}

/// The code, and the browser's session.
fn sign_in(pool: &StartedPool, username: &str) -> (String, String) {
    let answer = submit_password(pool, &begin(pool, &[]), username);
    let session = after(answer.header("set-cookie").expect("a cookie"), "cognito=").to_owned();
    (after(&location(&answer), "code=").to_owned(), session)
}

fn exchange(pool: &StartedPool, code: &str) -> Answer {
    try_exchange(pool, code).expect("an answer")
}

fn try_exchange(pool: &StartedPool, code: &str) -> Option<Answer> {
    let body = format!(
        "grant_type=authorization_code&client_id=devbrowser&code={code}&redirect_uri=cognito-desktop%3A%2F%2F\
         sign-in%2Fcallback&code_verifier={VERIFIER}"
    );
    pool.request("POST /oauth2/token", &[("content-type", FORM)], &body)
}

fn post(pool: &StartedPool, path: &str, body: &str) -> (u16, String) {
    let answer = pool.request(&format!("POST {path}"), &[("content-type", FORM)], body).expect("an answer");
    (answer.status, answer.text)
}

#[test]
fn what_cannot_go_back_to_its_app_ends_on_a_page() {
    let pool = StartedPool::start(&[]);
    let link_twice = format!("redirect_uri={LINK}");
    for (changes, error) in [
        (vec![("client_id", "nobody")], "invalid_client"),
        (vec![("client_id", "")], "invalid_request"),
        (vec![("client_id", "devdesktop")], "unauthorized_client"),
        (vec![("redirect_uri", "")], "invalid_request"),
        (vec![("redirect_uri", "cognito-desktop://sign-in/callback/")], "redirect_mismatch"),
        (vec![("redirect_uri", "cognito-desktop://sign-in/Callback")], "redirect_mismatch"),
        (vec![("redirect_uri", "cognito-desktop://sign-in/callback?a=b")], "redirect_mismatch"),
        (vec![("redirect_uri", "http://127.0.0.1:19277/callback")], "redirect_mismatch"),
        (vec![("redirect_uri", "http://localhost:19274/callback")], "redirect_mismatch"),
        (vec![("redirect_uri", "https://evil.example/%22%3E%3Cscript%3E")], "redirect_mismatch"),
        (vec![("scope", "openid&client_id=devbrowser")], "invalid_request"),
        (vec![("scope", &*format!("openid&{link_twice}"))], "invalid_request"),
    ] {
        let to = location(&open(&pool, &asking(&changes), ""));
        assert!(to.starts_with(&format!("/error?error={error}")), "{changes:?}: {to}");
        let page = open(&pool, &to, "");
        assert_eq!(page.status, 400);
        assert!(
            page.text.contains("An error was encountered with the requested page.")
                && page.text.contains(error)
        );
    }
    let page = open(&pool, "/error?error=%3Cscript%3E%22", "");
    assert!(page.text.contains("&lt;script&gt;&quot;") && !page.text.contains("<script"));
}

#[test]
fn all_else_that_is_wrong_goes_back_to_the_app_with_its_state() {
    let pool = StartedPool::start(&[]);
    for (changes, error) in [
        (vec![("response_type", "")], "invalid_request"),
        (vec![("response_type", "id_token")], "invalid_request"),
        (vec![("response_type", "token")], "unauthorized_client"),
        (vec![("code_challenge_method", "")], "invalid_request"),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("code_challenge", "")], "invalid_request"),
        (vec![("code_challenge", "short")], "invalid_request"),
        (vec![("scope", "openid+tea%2Fread")], "invalid_scope"),
        (vec![("identity_provider", "Nowhere")], "invalid_request"),
        (vec![("idp_identifier", "nowhere.example")], "invalid_request"),
        (vec![("identity_provider", "Google"), ("idp_identifier", "example.com")], "invalid_request"),
        (vec![("prompt", "none+login")], "invalid_request"),
        (vec![("prompt", "nothing")], "invalid_request"),
        (vec![("prompt", "none")], "login_required"),
        (vec![("resource", "tea")], "invalid_request"),
        (vec![("nonce", "a&nonce=b")], "invalid_request"),
    ] {
        let to = location(&open(&pool, &asking(&changes), ""));
        assert!(to.starts_with(&format!("{LINK}?error_description=")), "{changes:?}: {to}");
        assert_eq!((after(&to, "&error="), after(&to, "&state=")), (error, "st-4_te"), "{changes:?}");
        let to = location(&open(&pool, &asking(&[&changes[..], &[("state", "")]].concat()), ""));
        assert!(!to.contains("state="), "{to}");
    }
    // Which of two states is the app's, nobody knows.
    let to = location(&open(&pool, &asking(&[("nonce", "n&state=other")]), ""));
    assert!(to.contains("error=invalid_request") && !to.contains("state="), "{to}");
}

#[test]
fn a_state_comes_back_as_it_was() {
    let pool = StartedPool::start(&[]);
    let state = "%22%3C%26%3D%2B%20%E5%92%8C%0D%0Ax";
    let answer = submit_password(&pool, &begin(&pool, &[("state", state)]), "aiko");
    assert_eq!(after(&location(&answer), "&state="), state);
}

#[test]
fn a_form_is_good_only_in_the_browser_that_was_given_it() {
    let pool = StartedPool::start(&[]);
    let (mine, theirs) = (begin(&pool, &[]), begin(&pool, &[]));
    let rest = format!("&username=aiko&password={}&by=password", pool.password("aiko"));
    let refused = |cookie: &str, body: &str| {
        let answer = submit(&pool, cookie, &format!("{body}{rest}"));
        assert_eq!(answer.status, 403, "{cookie} {body}: {answer:?}");
        assert_eq!(answer.header("set-cookie"), None);
    };
    let Begun { cookie, csrf, flow } = &mine;
    refused(cookie, &format!("flow={flow}"));
    refused(cookie, &format!("_csrf=&flow={flow}"));
    refused("", &format!("_csrf={csrf}&flow={flow}"));
    refused("XSRF-TOKEN=", &format!("_csrf=&flow={flow}"));
    refused(cookie, &format!("_csrf={}&flow={flow}", theirs.csrf));
    // Somebody who fills in another's form with a cookie of their own.
    refused(&theirs.cookie, &format!("_csrf={}&flow={flow}", theirs.csrf));
    refused(cookie, &format!("_csrf={csrf}&flow=unknown"));
    let json = pool.request("POST /login", &[("cookie", cookie), ("content-type", "application/json")], "{}");
    assert_eq!(json.expect("an answer").status, 403);
    assert_eq!(submit_password(&pool, &mine, "aiko").status, 302);
    assert_eq!(submit_password(&pool, &mine, "aiko").status, 403, "a form is sent once");
    pool.set_clock(15.0 * 60.0 + 1.0);
    assert_eq!(submit_password(&pool, &theirs, "aiko").status, 403, "a form does not wait for ever");
}

#[test]
fn a_providers_answer_is_good_only_in_the_browser_that_was_sent_there() {
    let pool = StartedPool::start(&[]);
    let site = |cookie: &str| {
        let answer = open(&pool, &asking(&[("identity_provider", "Google")]), cookie);
        let cookie = after(answer.header("set-cookie").expect("a cookie"), "XSRF-TOKEN=").to_owned();
        (location(&answer), cookie)
    };
    let (to, cookie) = site("");
    let (_, other) = site("");
    let flow = after(&to, "flow=").to_owned();
    assert_eq!(open(&pool, &to, &format!("XSRF-TOKEN={cookie}")).status, 200);
    assert_eq!(open(&pool, &to, &format!("XSRF-TOKEN={other}")).status, 403);
    let answer = |path: &str, cookie: &str| {
        let body = format!("_csrf={cookie}&flow={flow}&email=x%40example.com&by=consent");
        let headers = [("cookie", &*format!("XSRF-TOKEN={cookie}")), ("content-type", FORM)];
        pool.request(&format!("POST {path}"), &headers, &body).expect("an answer").status
    };
    assert_eq!(answer("/oauth2/idpresponse", &other), 403);
    assert_eq!(answer("/saml2/idpresponse", &cookie), 403, "that is another provider's");
    assert_eq!(answer("/login", &cookie), 403);
    assert_eq!(answer("/oauth2/idpresponse", &cookie), 302);
    assert_eq!(answer("/oauth2/idpresponse", &cookie), 403);
}

#[test]
fn pages_are_framed_cached_and_read_by_nobody() {
    let pool = StartedPool::start(&[]);
    let to = location(&open(&pool, &asking(&[]), ""));
    let page =
        pool.request(&format!("GET {to}"), &[("origin", "https://evil.example")], "").expect("an answer");
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("access-control-allow-origin"), None);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    for cookie in [page.header("set-cookie").unwrap(), submit_cookie(&pool).as_str()] {
        assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    }
    // Apps that are pages may have tokens, as from Cognito.
    let answer = exchange(&pool, "unknown");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

fn submit_cookie(pool: &StartedPool) -> String {
    let answer = submit_password(pool, &begin(pool, &[]), "aiko");
    answer.header("set-cookie").expect("a cookie").to_owned()
}

#[test]
fn revoking_is_refused_as_aws_documents_it() {
    let pool = StartedPool::start(&[]);
    let tokens = exchange(&pool, &sign_in(&pool, "aiko").0).done();
    let text = |name: &str| tokens[name].as_str().expect("text").to_owned();
    let (refresh, access) = (text("refresh_token"), text("access_token"));
    let refused = |status, error: &str| (status, json!({ "error": error }).to_string());
    let revoke = |body: &str| post(&pool, "/oauth2/revoke", body);
    assert_eq!(revoke("client_id=devbrowser"), refused(400, "invalid_request"));
    assert_eq!(revoke(&format!("token={refresh}")), refused(400, "invalid_request"));
    assert_eq!(revoke(&format!("token={refresh}&client_id=nobody")), refused(401, "invalid_client"));
    assert_eq!(
        revoke(&format!("token={refresh}&client_id=devbrowserbare")),
        refused(400, "unauthorized_client")
    );
    assert_eq!(
        revoke(&format!("token={access}&client_id=devbrowser")),
        refused(400, "unsupported_token_type")
    );
    pool.control("client", json!({ "id": "devbrowser", "revocation": false }));
    assert_eq!(revoke(&format!("token={refresh}&client_id=devbrowser")), refused(400, "invalid_request"));
    pool.control("client", json!({ "id": "devbrowser", "revocation": true }));
    let mine = json!({ "AccessToken": access });
    pool.call("GetUser", mine.clone()).done();
    for _ in 0..2 {
        assert_eq!(revoke(&format!("token={refresh}&client_id=devbrowser")), (200, String::new()));
    }
    assert_eq!(revoke("token=unknown&client_id=devbrowser"), (200, String::new()));
    assert_eq!(pool.call("GetUser", mine).refused(), not_authorized("Access Token has been revoked"));
}

#[test]
fn user_info_is_refused_as_aws_documents_it() {
    let pool = StartedPool::start(&[]);
    let native = pool.tokens("devdesktop", "aiko");
    let ask = |authorization: &str| {
        let headers = [("authorization", authorization)];
        let start = if authorization.is_empty() { "POST" } else { "GET" };
        pool.request(&format!("{start} /oauth2/userInfo"), &headers, "").expect("an answer")
    };
    for (authorization, status, error, words) in [
        (String::new(), 400, "invalid_request", "Bad OAuth2 request at UserInfo Endpoint"),
        ("Basic x".to_owned(), 400, "invalid_request", "Bad OAuth2 request at UserInfo Endpoint"),
        (
            "Bearer x".to_owned(),
            401,
            "invalid_token",
            "Access token is expired, disabled, or deleted, or the user has globally signed out.",
        ),
        (
            format!("Bearer {}", native["AccessToken"].as_str().unwrap()),
            401,
            "invalid_token",
            "Access token does not contain openid scope",
        ),
    ] {
        let answer = ask(&authorization);
        assert_eq!((answer.status, &answer.json()["error"]), (status, &json!(error)));
        let expected = format!("Bearer error=\"{error}\", error_description=\"{words}\"");
        assert_eq!(answer.header("www-authenticate"), Some(expected.as_str()));
    }
}

#[test]
fn signing_out_goes_nowhere_that_is_not_registered() {
    let pool = StartedPool::start(&[]);
    let (_, session) = sign_in(&pool, "aiko");
    let cookie = format!("cognito={session}");
    let known = || location(&open(&pool, &asking(&[("prompt", "none")]), &cookie)).contains("code=");
    for (query, error) in [
        ("client_id=devbrowser&logout_uri=https%3A%2F%2Fevil.example", "redirect_mismatch"),
        ("client_id=nobody&logout_uri=cognito-desktop%3A%2F%2Fsigned-out%2Fcallback", "invalid_client"),
        ("client_id=devdesktop&logout_uri=x%3A", "unauthorized_client"),
        ("logout_uri=cognito-desktop%3A%2F%2Fsigned-out%2Fcallback", "invalid_request"),
        ("client_id=devbrowser", "invalid_request"),
        (
            "client_id=devbrowser&redirect_uri=https%3A%2F%2Fevil.example&response_type=code",
            "redirect_mismatch",
        ),
    ] {
        let answer = open(&pool, &format!("/logout?{query}"), &cookie);
        assert!(location(&answer).starts_with(&format!("/error?error={error}")), "{query}: {answer:?}");
        assert!(known(), "{query}");
    }
    let query = "client_id=devbrowser&logout_uri=cognito-desktop%3A%2F%2Fsigned-out%2Fcallback";
    let answer = open(&pool, &format!("/logout?{query}"), &cookie);
    assert_eq!(location(&answer), "cognito-desktop://signed-out/callback");
    assert!(answer.header("set-cookie").unwrap().starts_with("cognito=; Path=/; Max-Age=0"), "{answer:?}");
    assert!(!known(), "the cookie is worth nothing, whoever has kept it");
}

#[test]
fn a_linked_session_of_the_browser_ends_along() {
    let pool = StartedPool::start(&[]);
    let known = |session: &str| {
        let answer = open(&pool, &asking(&[("prompt", "none")]), &format!("cognito={session}"));
        location(&answer).contains("code=")
    };
    for (linked, goes_on) in [(Value::Null, true), (json!("NONE"), true), (json!("LINKED"), false)] {
        let (code, session) = sign_in(&pool, "aiko");
        let tokens = exchange(&pool, &code).done();
        let mut body = json!({ "ClientId": "devbrowser", "Token": tokens["refresh_token"] });
        body["RevokeAssociatedSessions"] = linked.clone();
        pool.call("RevokeToken", body).done();
        assert_eq!(known(&session), goes_on, "{linked}");
    }
    // From another session: the browser's ends, and with it what was begun through it.
    let here = exchange(&pool, &sign_in(&pool, "aiko").0).done();
    let (code, session) = sign_in(&pool, "aiko");
    let there = exchange(&pool, &code).done();
    let token = |tokens: &Value| json!({ "AccessToken": tokens["access_token"] });
    let listed = pool.call("ListUserSessions", token(&there)).done()["Sessions"].as_array().unwrap().clone();
    let own = listed.iter().find(|entry| entry["IsCurrentSession"] == true).unwrap();
    let mut body = token(&here);
    body["SessionId"] = own["OriginSessionId"].clone();
    body["RevokeAssociatedSessions"] = json!("LINKED");
    pool.call("RevokeUserSession", body.clone()).done();
    assert!(!known(&session));
    assert_eq!(
        pool.call("GetUser", token(&there)).refused(),
        not_authorized("Access Token has been revoked")
    );
    pool.call("GetUser", token(&here)).done();
    assert_eq!(pool.call("RevokeUserSession", body).refused().0, "ResourceNotFoundException");
}

#[test]
fn signing_out_everywhere_makes_a_code_worthless() {
    let pool = StartedPool::start(&[]);
    let tokens = exchange(&pool, &sign_in(&pool, "aiko").0).done();
    let (code, _) = sign_in(&pool, "aiko");
    pool.call("GlobalSignOut", json!({ "AccessToken": tokens["access_token"] })).done();
    let answer = exchange(&pool, &code);
    assert_eq!((answer.status, answer.json()), (400, json!({ "error": "invalid_grant" })));
}

#[test]
fn a_federated_user_has_no_password_and_gets_none() {
    let pool = StartedPool::start(&[]);
    let (to, cookie) = {
        let answer = open(&pool, &asking(&[("identity_provider", "Google")]), "");
        (location(&answer), after(answer.header("set-cookie").unwrap(), "XSRF-TOKEN=").to_owned())
    };
    let flow = after(&to, "flow=");
    let body = format!("_csrf={cookie}&flow={flow}&email=xavier%40example.com&by=consent");
    let headers = [("cookie", &*format!("XSRF-TOKEN={cookie}")), ("content-type", FORM)];
    let answer = pool.request("POST /oauth2/idpresponse", &headers, &body).expect("an answer");
    let tokens = exchange(&pool, after(&location(&answer), "code=")).done();
    let ways = pool.call("GetUserAuthFactors", json!({ "AccessToken": tokens["access_token"] })).done();
    assert_eq!(ways["ConfiguredUserAuthFactors"], json!([]));
    let proposed = json!({ "AccessToken": tokens["access_token"], "ProposedPassword": "Brand-New-1" });
    assert_eq!(pool.call("ChangePassword", proposed.clone()).refused().0, "InvalidParameterException");
    let mut with_previous = proposed;
    with_previous["PreviousPassword"] = json!("");
    let wrong = not_authorized("Incorrect username or password.");
    assert_eq!(pool.call("ChangePassword", with_previous).refused(), wrong);
    let user =
        pool.announcement["users"].as_array().unwrap().iter().find(|user| user["provider"] == "Google");
    let username = user.unwrap()["username"].as_str().unwrap();
    assert_eq!(pool.sign_in("devdesktop", username, "").refused().0, "InvalidParameterException");
    assert_eq!(pool.sign_in("devdesktop", username, "x").refused(), wrong);
    let forgotten = pool.call("ForgotPassword", json!({ "ClientId": "devdesktop", "Username": username }));
    let state = "User password cannot be reset in the current state.";
    assert_eq!(forgotten.refused(), not_authorized(state));
    let written = json!({
        "AccessToken": tokens["access_token"],
        "UserAttributes": [{ "Name": "identities", "Value": "[]" }],
    });
    assert_eq!(pool.call("UpdateUserAttributes", written).refused().0, "NotAuthorizedException");
}

#[test]
fn a_browsers_session_and_what_was_granted_outlive_a_restart() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("state-browser.json");
    // It is not there at the first run.
    let _ = fs::remove_file(&file);
    let start = || StartedPool::start(&["--state", file.to_str().unwrap()]);
    let pool = start();
    let (code, session) = sign_in(&pool, "aiko");
    let tokens = exchange(&pool, &code).done();
    drop(pool);
    let pool = start();
    let answer = open(&pool, &asking(&[("prompt", "none")]), &format!("cognito={session}"));
    assert!(location(&answer).contains("code="), "{answer:?}");
    let renewed = pool.refresh("devbrowser", &tokens["refresh_token"]).done()["AuthenticationResult"].clone();
    let scope = "openid aws.cognito.signin.user.admin";
    assert_eq!(crate::http::claims(&renewed["AccessToken"])["scope"], scope);
    assert!(!fs::read_to_string(&file).unwrap().contains(&session), "the cookie itself is not kept");
}

#[test]
fn neither_the_console_nor_the_log_holds_a_code_a_verifier_a_cookie_or_a_token() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("managed-login.txt");
    let pool = StartedPool::start_heard(&[], File::create(&file).unwrap().into());
    let begun = begin(&pool, &[("nonce", "sentinel-nonce"), ("state", "sentinel-state")]);
    let answer = submit_password(&pool, &begun, "aiko");
    let session = after(answer.header("set-cookie").unwrap(), "cognito=").to_owned();
    let code = after(&location(&answer), "code=").to_owned();
    let tokens = exchange(&pool, &code).done();
    exchange(&pool, &code);
    let secret =
        "client_id=devbrowsersecret&client_secret=sentinel-secret&grant_type=refresh_token&refresh_token=x";
    assert_eq!(post(&pool, "/oauth2/token", secret), (400, json!({ "error": "invalid_client" }).to_string()));
    post(&pool, "/oauth2/token", "grant_type=sentinel-grant&code=sentinel-code");
    open(&pool, &asking(&[("scope", "sentinel-scope"), ("prompt", "sentinel-prompt")]), "");
    open(&pool, "/error?error=sentinel-error", "");
    open(&pool, "/oauth2/elsewhere?code=sentinel-query", "");

    let log = pool.get("/_userpool/log");
    assert_eq!(
        log["counts"]["token"],
        json!({ "ok": 1, "invalid_grant": 1, "invalid_client": 1, "unsupported_grant_type": 1 })
    );
    assert_eq!(log["counts"]["login"], json!({ "form": 1, "code": 1 }));
    let text = log.to_string() + &fs::read_to_string(&file).unwrap();
    assert!(text.contains("devbrowser") && text.contains("aiko"));
    let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
    for secret in [
        code,
        session,
        VERIFIER.to_owned(),
        begun.csrf,
        begun.flow,
        pool.password("aiko").to_owned(),
        token("access_token"),
        token("id_token"),
        token("refresh_token"),
        "sentinel".to_owned(),
    ] {
        assert!(!text.contains(&secret), "{secret}");
    }
}

#[test]
fn a_script_meets_the_managed_login_as_well() {
    let pool = StartedPool::start(&[]);
    let code = || sign_in(&pool, "aiko").0;
    let error = json!({ "error": { "type": "invalid_client", "message": "", "status": 401 } });
    pool.control("script", json!({ "operation": "token", "steps": ["429", error, "html", "lose", "ok"] }));
    let first = code();
    assert_eq!(exchange(&pool, &first).status, 429);
    let refused = exchange(&pool, &first);
    assert_eq!((refused.status, refused.json()), (401, json!({ "error": "invalid_client" })));
    assert_eq!(exchange(&pool, &first).header("content-type"), Some("text/html; charset=utf-8"));
    assert!(try_exchange(&pool, &first).is_none());
    // What was lost has been done: the code is used up.
    assert_eq!(exchange(&pool, &first).json(), json!({ "error": "invalid_grant" }));
    let tokens = exchange(&pool, &code()).done();
    pool.control("script", json!({ "operation": "refresh", "steps": ["500"] }));
    let token = tokens["refresh_token"].as_str().unwrap();
    let renewal = format!("grant_type=refresh_token&client_id=devbrowser&refresh_token={token}");
    assert_eq!(post(&pool, "/oauth2/token", &renewal).0, 500);
    assert_eq!(post(&pool, "/oauth2/token", &renewal).0, 200);
    for (what, body) in [
        ("managed_login", json!({ "passkeys_refuse": "yes" })),
        ("managed_login", json!({ "colour": 3 })),
        ("client", json!({ "id": "devdesktop", "callbacks": [] })),
        ("client", json!({ "id": "devbrowser", "callbacks": "x" })),
        ("script", json!({ "operation": "token", "steps": ["forge gold"] })),
    ] {
        let answer = pool.request(&format!("POST /_userpool/{what}"), &[], &body.to_string());
        assert_eq!(answer.expect("an answer").status, 400, "{what} {body}");
    }
    let elsewhere = "http://127.0.0.1:40001/callback";
    let changes = [("redirect_uri", elsewhere)];
    assert!(location(&open(&pool, &asking(&changes), "")).starts_with("/error"));
    pool.control("client", json!({ "id": "devbrowser", "callbacks": [elsewhere] }));
    assert!(location(&open(&pool, &asking(&changes), "")).starts_with("/login?"));
}
