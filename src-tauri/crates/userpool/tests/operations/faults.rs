//! Scripts of faults, and the log of what was served.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::{exception, not_authorized};
use crate::started::StartedPool;

fn try_refresh(pool: &StartedPool, client: &str, token: &Value) -> Option<crate::http::Answer> {
    pool.try_call("GetTokensFromRefreshToken", &json!({ "ClientId": client, "RefreshToken": token }))
}

#[test]
fn steps_come_in_order_and_then_the_pool_is_itself_again() {
    let pool = StartedPool::start(&[]);
    let token = pool.tokens("devdesktop", "aiko")["RefreshToken"].clone();
    let next = || try_refresh(&pool, "devdesktop", &token);
    let error = json!({ "error": { "type": "ForbiddenException", "message": "blocked", "status": 403 } });
    let steps =
        json!(["429", "throttle", "500", "503", "html", "drop", "hang 300ms", "slow 300ms", error, "ok"]);
    pool.control("script", json!({ "operation": "refresh", "steps": steps }));

    let too_many = next().unwrap();
    assert_eq!(too_many.status, 429);
    assert_eq!(too_many.json()["__type"], "TooManyRequestsException");
    assert_eq!(next().unwrap().refused().0, "TooManyRequestsException");
    let internal = next().unwrap();
    assert_eq!((internal.status, &internal.json()["__type"]), (500, &json!("InternalErrorException")));
    let unavailable = next().unwrap();
    assert_eq!((unavailable.status, unavailable.text.as_str()), (503, "Service Unavailable"));
    let page = next().unwrap();
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(next().is_none(), "dropped");
    let before = Instant::now();
    assert!(next().is_none(), "hung");
    assert!(before.elapsed() >= Duration::from_millis(300));
    let before = Instant::now();
    next().unwrap().done();
    assert!(before.elapsed() >= Duration::from_millis(300));
    let forbidden = next().unwrap();
    assert_eq!((forbidden.status, &forbidden.json()["message"]), (403, &json!("blocked")));
    next().unwrap().done();
    next().unwrap().done();
}

#[test]
fn refresh_means_both_ways_and_nothing_else() {
    let pool = StartedPool::start(&[]);
    pool.control("script", json!({ "operation": "refresh", "steps": ["throttle", "throttle"] }));
    let tokens = pool.tokens("devdesktop", "aiko");
    pool.get_user(&tokens).done();
    let too_many = exception("TooManyRequestsException", "Rate exceeded");
    assert_eq!(pool.refresh_by_flow("devdesktop", &tokens["RefreshToken"]).refused(), too_many);
    assert_eq!(pool.refresh("devdesktop", &tokens["RefreshToken"]).refused(), too_many);
    pool.refresh("devdesktop", &tokens["RefreshToken"]).done();
}

#[test]
fn a_renewal_can_be_refused_once_in_any_words() {
    let pool = StartedPool::start(&[]);
    let token = pool.tokens("devdesktop", "aiko")["RefreshToken"].clone();
    let error = |message: &str| json!({ "error": { "type": "NotAuthorizedException", "message": message } });
    let steps = [error("Refresh Token has been revoked"), error("Words nobody knows")];
    pool.control("script", json!({ "operation": "refresh", "steps": steps }));
    let refused = |answer: Option<crate::http::Answer>| answer.expect("an answer").refused();
    let revoked = not_authorized("Refresh Token has been revoked");
    assert_eq!(refused(try_refresh(&pool, "devdesktop", &token)), revoked);
    assert_eq!(pool.refresh_by_flow("devdesktop", &token).refused(), not_authorized("Words nobody knows"));
    pool.refresh("devdesktop", &token).done();

    let error = json!({ "error": { "type": "CodeDeliveryFailureException", "message": "not sent" } });
    pool.control("script", json!({ "operation": "InitiateAuth", "steps": [error] }));
    let sign_in = || pool.sign_in("devdesktop", "lena", pool.password("lena"));
    assert_eq!(sign_in().refused(), exception("CodeDeliveryFailureException", "not sent"));
    assert_eq!(sign_in().done()["ChallengeName"], "SMS_MFA");
}

#[test]
fn a_lost_answer_has_rotated_all_the_same() {
    let pool = StartedPool::start(&["--rotation", "0"]);
    let token = pool.tokens("devdesktop", "aiko")["RefreshToken"].clone();
    pool.control("script", json!({ "operation": "GetTokensFromRefreshToken", "steps": ["lose"] }));
    assert!(try_refresh(&pool, "devdesktop", &token).is_none());
    assert_eq!(pool.refresh("devdesktop", &token).refused().0, "RefreshTokenReuseException");

    let token = pool.tokens("devdesktop", "aiko")["RefreshToken"].clone();
    pool.control("script", json!({ "operation": "GetTokensFromRefreshToken", "steps": ["drop"] }));
    assert!(try_refresh(&pool, "devdesktop", &token).is_none());
    pool.refresh("devdesktop", &token).done();
}

#[test]
fn a_repeated_step_lasts_until_the_script_is_cleared() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    pool.control("script", json!({ "operation": "*", "steps": ["ok", "drop"], "repeat": true }));
    pool.get_user(&tokens).done();
    for _ in 0..3 {
        assert!(try_refresh(&pool, "devdesktop", &tokens["RefreshToken"]).is_none());
    }
    pool.request("DELETE /_userpool/script", &[], "").expect("an answer").done();
    pool.get_user(&tokens).done();
}

#[test]
fn a_wrong_script_is_explained_and_changes_nothing() {
    let pool = StartedPool::start(&[]);
    for (script, words) in [
        (json!({ "steps": ["429"] }), r#"a script needs an "operation""#),
        (json!({ "operation": "refresh" }), r#"a script needs "steps""#),
        (json!({ "operation": "refresh", "steps": ["ok", "418"] }), r#""418" is no step; a step is "ok""#),
    ] {
        let answer = pool.request("POST /_userpool/script", &[], &script.to_string()).expect("an answer");
        assert_eq!(answer.status, 400);
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.starts_with(words), "{error}");
    }
    assert_eq!(pool.get("/_userpool/script"), json!({ "left": {} }));
}

#[test]
fn the_log_says_what_happened_and_holds_no_secret() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devrotating", "farid");
    pool.control("script", json!({ "operation": "refresh", "steps": ["500"] }));
    assert_eq!(try_refresh(&pool, "devrotating", &tokens["RefreshToken"]).unwrap().status, 500);
    let renewed = pool.refresh("devrotating", &tokens["RefreshToken"]).done()["AuthenticationResult"].clone();
    pool.set_clock(20.0);
    pool.refresh("devrotating", &tokens["RefreshToken"]).refused();
    let refused = pool.sign_in("devrotating", "farid", "Planted-Sentinel-1").refused();
    assert_eq!(refused, not_authorized("Incorrect username or password."));

    let log = pool.get("/_userpool/log");
    assert_eq!(log["total"], 5);
    let expected = json!({
        "InitiateAuth": { "ok": 1, "NotAuthorizedException": 1 },
        "GetTokensFromRefreshToken": {
            "InternalErrorException": 1, "ok": 1, "RefreshTokenReuseException": 1,
        },
    });
    assert_eq!(log["counts"], expected);
    let requests = log["requests"].as_array().unwrap();
    assert_eq!(requests[1]["fault"], "500");
    assert_eq!(requests[2]["username"], "farid");
    assert_eq!(requests[4]["flow"], "USER_PASSWORD_AUTH");
    let numbers: Vec<u64> = requests.iter().map(|entry| entry["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);

    let text = log.to_string();
    for secret in [
        "Planted-Sentinel-1",
        pool.password("farid"),
        tokens["RefreshToken"].as_str().unwrap(),
        tokens["AccessToken"].as_str().unwrap(),
        renewed["IdToken"].as_str().unwrap(),
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn the_control_surface_is_not_for_web_pages() {
    let pool = StartedPool::start(&[]);
    let clear = |headers: &[(&str, &str)]| {
        pool.request("DELETE /_userpool/script", headers, "").expect("an answer").status
    };
    assert_eq!(clear(&[]), 200);
    assert_eq!(clear(&[("origin", "https://example.com")]), 403);
    assert_eq!(pool.get("/_userpool/demo"), pool.announcement);
    assert_eq!(pool.request("GET /_userpool/nothing", &[], "").expect("an answer").status, 404);
    for (what, body) in [
        ("user", json!({ "username": "nobody" })),
        ("user", json!({ "username": "aiko", "shoe_size": 38 })),
        ("client", json!({ "id": "devdesktop", "access_life": 0 })),
        ("clock", json!({})),
        ("outbox", json!({ "most_sends": "few" })),
        ("user", json!({ "username": "aiko", "preferred_factor": "PIGEON" })),
        ("client", json!({ "id": "devdesktop", "scope": 1 })),
    ] {
        let answer = pool.request(&format!("POST /_userpool/{what}"), &[], &body.to_string());
        assert_eq!(answer.expect("an answer").status, 400, "{what} {body}");
    }
}

#[test]
fn a_challenge_of_any_name_can_be_asked_and_nobody_can_answer_it() {
    let pool = StartedPool::start(&[]);
    let steps = json!([{ "challenge": "HOLOGRAM_MFA" }]);
    pool.control("script", json!({ "operation": "InitiateAuth", "steps": steps }));
    let parameters = json!({ "USERNAME": "hiro", "PASSWORD": pool.password("hiro") });
    let begin = || pool.initiate("devpassword", "USER_PASSWORD_AUTH", parameters.clone()).done();
    let asked = begin();
    assert_eq!(asked["ChallengeName"], "HOLOGRAM_MFA");
    let answer = pool.respond("devpassword", &asked, json!({ "USERNAME": "hiro" })).refused();
    assert_eq!(answer, not_authorized("Invalid session for the user."));
    assert!(begin().get("AuthenticationResult").is_some(), "the next one is signed in");
    assert_eq!(pool.get("/_userpool/log")["counts"]["InitiateAuth"]["HOLOGRAM_MFA"], 1);
}
