//! The second factor: codes that are sent, and codes that an app makes.

use serde_json::{Value, json};

use crate::http::{Answer, claims, exception, not_authorized};
use crate::started::StartedPool;

const SENT: [(&str, &str, &str, usize); 2] =
    [("lena", "SMS_MFA", "SMS_MFA_CODE", 6), ("mateo", "EMAIL_OTP", "EMAIL_OTP_CODE", 8)];

fn begin(pool: &StartedPool, username: &str) -> Answer {
    pool.sign_in("devdesktop", username, pool.password(username))
}

fn answer(pool: &StartedPool, begun: &Value, username: &str, response: &str, code: &str) -> Answer {
    let body = json!({
        "ClientId": "devdesktop",
        "ChallengeName": begun["ChallengeName"],
        "Session": begun["Session"],
        "ChallengeResponses": { "USERNAME": username, response: code },
    });
    pool.call("RespondToAuthChallenge", body)
}

fn wrong(code: &str) -> String {
    code.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect()
}

#[test]
fn a_code_is_sent_masked_and_right_once() {
    let pool = StartedPool::start(&[]);
    for (username, challenge, response, digits) in SENT {
        let begun = begin(&pool, username).done();
        assert_eq!(begun["ChallengeName"], challenge);
        let parameters = &begun["ChallengeParameters"];
        let (medium, masked) = match username {
            "lena" => ("SMS", "+*******1234"),
            _ => ("EMAIL", "m***@e***"),
        };
        assert_eq!(parameters["CODE_DELIVERY_DELIVERY_MEDIUM"], medium);
        assert_eq!(parameters["CODE_DELIVERY_DESTINATION"], masked);
        let message = pool.messages().pop().expect("a message");
        assert_eq!((&message["username"], &message["medium"]), (&json!(username), &json!(medium)));
        let code = pool.newest_code();
        assert!(code.len() == digits && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");

        let mismatch = exception("CodeMismatchException", "Invalid code or auth state for the user.");
        assert_eq!(answer(&pool, &begun, username, response, &wrong(&code)).refused(), mismatch);
        let signed_in = answer(&pool, &begun, username, response, &code).done();
        assert_eq!(claims(&signed_in["AuthenticationResult"]["AccessToken"])["username"], username);
        let again = answer(&pool, &begun, username, response, &code).refused();
        assert_eq!(again, not_authorized("Invalid session for the user."));
    }
}

#[test]
fn another_code_comes_with_another_sign_in_and_not_too_often() {
    let pool = StartedPool::start(&[]);
    let first = begin(&pool, "lena").done();
    let first_code = pool.newest_code();
    let second = begin(&pool, "lena").done();
    let mismatch = exception("CodeMismatchException", "Invalid code or auth state for the user.");
    let second_code = pool.newest_code();
    if first_code != second_code {
        assert_eq!(answer(&pool, &second, "lena", "SMS_MFA_CODE", &first_code).refused(), mismatch);
    }
    for _ in 0..3 {
        begin(&pool, "lena").done();
    }
    let limit = exception("LimitExceededException", "Attempt limit exceeded, please try after some time.");
    assert_eq!(begin(&pool, "lena").refused(), limit);
    assert_eq!(
        begin(&pool, "mateo").done()["ChallengeName"],
        "EMAIL_OTP",
        "one user's limit is not another's"
    );
    // What was asked before goes on: each session has its own code.
    answer(&pool, &first, "lena", "SMS_MFA_CODE", &first_code).done();
    pool.set_clock(61.0);
    begin(&pool, "lena").done();
}

#[test]
fn a_code_comes_too_late_and_not_by_another_challenge() {
    let pool = StartedPool::start(&[]);
    let begun = begin(&pool, "lena").done();
    let code = pool.newest_code();
    let mut other = begun.clone();
    other["ChallengeName"] = json!("EMAIL_OTP");
    let refused = answer(&pool, &other, "lena", "EMAIL_OTP_CODE", &code).refused();
    assert_eq!(refused, not_authorized("Invalid session for the user."));
    let begun = begin(&pool, "lena").done();
    let code = pool.newest_code();
    pool.set_clock(181.0);
    let late = answer(&pool, &begun, "lena", "SMS_MFA_CODE", &code).refused();
    assert_eq!(late, not_authorized("Invalid session for the user, session is expired."));
    // Guessing ends.
    let begun = begin(&pool, "lena").done();
    let code = pool.newest_code();
    for _ in 0..5 {
        let refused = answer(&pool, &begun, "lena", "SMS_MFA_CODE", &wrong(&code)).refused();
        assert_eq!(refused.0, "CodeMismatchException");
    }
    let refused = answer(&pool, &begun, "lena", "SMS_MFA_CODE", &code).refused();
    assert_eq!(refused, not_authorized("Invalid session for the user."));
}

#[test]
fn an_apps_code_is_on_the_console_and_good_once() {
    let pool = StartedPool::start(&[]);
    let begun = begin(&pool, "jun").done();
    let code = pool.newest_code();
    answer(&pool, &begun, "jun", "SOFTWARE_TOKEN_MFA_CODE", &code).done();
    let begun = begin(&pool, "jun").done();
    let used = exception("ExpiredCodeException", "Your software token has already been used once.");
    assert_eq!(answer(&pool, &begun, "jun", "SOFTWARE_TOKEN_MFA_CODE", &code).refused(), used);
    pool.set_clock(60.0);
    let begun = begin(&pool, "jun").done();
    answer(&pool, &begun, "jun", "SOFTWARE_TOKEN_MFA_CODE", &pool.newest_code()).done();
}

#[test]
fn a_new_password_is_followed_by_the_second_factor() {
    let pool = StartedPool::start(&[]);
    pool.control("user", json!({ "username": "lena", "status": "FORCE_CHANGE_PASSWORD" }));
    let begun = begin(&pool, "lena").done();
    assert_eq!(begun["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    let asked = answer(&pool, &begun, "lena", "NEW_PASSWORD", "Sturdy-Pass-42").done();
    assert_eq!(asked["ChallengeName"], "SMS_MFA");
    answer(&pool, &asked, "lena", "SMS_MFA_CODE", &pool.newest_code()).done();
}

#[test]
fn the_limit_can_be_set_and_forgotten() {
    let pool = StartedPool::start(&[]);
    let limit = exception("LimitExceededException", "Attempt limit exceeded, please try after some time.");
    pool.control("outbox", json!({ "most_sends": 1, "within_seconds": 30 }));
    begin(&pool, "mateo").done();
    assert_eq!(begin(&pool, "mateo").refused(), limit);
    pool.request("DELETE /_userpool/outbox", &[], "").expect("an answer").done();
    assert_eq!(pool.messages(), Vec::<Value>::new());
    begin(&pool, "mateo").done();
    pool.set_clock(31.0);
    begin(&pool, "mateo").done();
    pool.control("outbox", json!({ "most_sends": 0 }));
    assert_eq!(begin(&pool, "lena").refused(), limit);
    begin(&pool, "jun").done();
}

#[test]
fn a_code_proves_its_destination_and_needs_its_session() {
    let pool = StartedPool::start(&[]);
    let unverified = json!({ "phone_number_verified": "false" });
    pool.control("user", json!({ "username": "lena", "attributes": unverified }));
    let begun = begin(&pool, "lena").done();
    let code = pool.newest_code();
    let no_session = json!({ "ChallengeName": "SMS_MFA" });
    let missing = exception("InvalidParameterException", "Missing required parameter Session");
    assert_eq!(answer(&pool, &no_session, "lena", "SMS_MFA_CODE", &code).refused(), missing);
    let missing = exception("InvalidParameterException", "Missing required parameter SMS_MFA_CODE");
    assert_eq!(answer(&pool, &begun, "lena", "EMAIL_OTP_CODE", &code).refused(), missing);
    let signed_in = answer(&pool, &begun, "lena", "SMS_MFA_CODE", &code).done();
    assert_eq!(claims(&signed_in["AuthenticationResult"]["IdToken"])["phone_number_verified"], true);
}

#[test]
fn the_preferred_factor_is_asked_for() {
    let pool = StartedPool::start(&[]);
    let user = |username: &str| pool.get_user(&pool.tokens("devdesktop", username)).done();
    assert_eq!(user("aiko").get("PreferredMfaSetting"), None);
    pool.control("user", json!({ "username": "jun", "preferred_factor": "EMAIL_OTP" }));
    let begun = begin(&pool, "jun").done();
    assert_eq!(begun["ChallengeName"], "EMAIL_OTP");
    let tokens = answer(&pool, &begun, "jun", "EMAIL_OTP_CODE", &pool.newest_code()).done();
    let jun = pool.get_user(&tokens["AuthenticationResult"]).done();
    assert_eq!(jun["PreferredMfaSetting"], "EMAIL_OTP");
    assert_eq!(jun["UserMFASettingList"], json!(["EMAIL_OTP"]));
    // The authenticator is still there.
    pool.control("user", json!({ "username": "jun", "preferred_factor": null }));
    assert_eq!(begin(&pool, "jun").done()["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    pool.control("user", json!({ "username": "lena", "preferred_factor": null }));
    pool.tokens("devdesktop", "lena");
}

#[test]
fn nowhere_to_send_a_code_to_is_told() {
    let pool = StartedPool::start(&[]);
    pool.control("user", json!({ "username": "lena", "attributes": { "phone_number": null } }));
    assert_eq!(begin(&pool, "lena").refused().0, "CodeDeliveryFailureException");
}

#[test]
fn a_challenge_waits_as_long_as_its_client_says() {
    let late = not_authorized("Invalid session for the user, session is expired.");
    let pool = StartedPool::start(&[]);
    let answer_after = |pool: &StartedPool, client: &str, seconds: f64| {
        pool.set_clock(0.0);
        let begun = pool.sign_in(client, "lena", pool.password("lena")).done();
        let code = pool.newest_code();
        pool.set_clock(seconds);
        let body = json!({
            "ClientId": client,
            "ChallengeName": "SMS_MFA",
            "Session": begun["Session"],
            "ChallengeResponses": { "USERNAME": "lena", "SMS_MFA_CODE": code },
        });
        pool.call("RespondToAuthChallenge", body)
    };
    answer_after(&pool, "devbrief", 10.0).done();
    assert_eq!(answer_after(&pool, "devbrief", 21.0).refused(), late);
    answer_after(&pool, "devdesktop", 170.0).done();
    let changed = pool.control("client", json!({ "id": "devdesktop", "auth_session_life": 900 }));
    assert_eq!(changed["auth_session_life"], 900);
    answer_after(&pool, "devdesktop", 890.0).done();
    assert_eq!(answer_after(&pool, "devdesktop", 901.0).refused(), late);

    let pool = StartedPool::start(&["--auth-session-life", "300"]);
    answer_after(&pool, "devdesktop", 290.0).done();
    assert_eq!(answer_after(&pool, "devbrief", 301.0).refused(), late);
}
