//! Refreshing: rotation, its grace period, reuse, and the end that stays.

use serde_json::json;

use crate::http::{claims, exception, not_authorized};
use crate::started::StartedPool;

#[test]
fn without_rotation_the_refresh_token_stays() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    let token = &tokens["RefreshToken"];
    let first = claims(&tokens["AccessToken"]);
    for answer in [pool.refresh("devdesktop", token), pool.refresh_by_flow("devdesktop", token)] {
        let result = answer.done()["AuthenticationResult"].clone();
        assert_eq!(result.get("RefreshToken"), None);
        assert_eq!(result["ExpiresIn"], 3600);
        assert_eq!(result["TokenType"], "Bearer");
        let access = claims(&result["AccessToken"]);
        assert_ne!(access["jti"], first["jti"]);
        for claim in ["sub", "auth_time", "origin_jti", "event_id", "client_id", "cognito:groups"] {
            assert_eq!(access[claim], first[claim], "{claim}");
        }
        let id = claims(&result["IdToken"]);
        assert_eq!((&id["aud"], &id["email_verified"]), (&json!("devdesktop"), &json!(true)));
        pool.get_user(&result).done();
    }
}

#[test]
fn a_replaced_token_works_within_the_grace_period_and_ends_the_session_after_it() {
    let pool = StartedPool::start(&["--rotation", "60"]);
    let first = pool.tokens("devrotating", "farid")["RefreshToken"].clone();
    let rotate = |token| {
        let result = pool.refresh("devrotating", token).done()["AuthenticationResult"].clone();
        assert_ne!(&result["RefreshToken"], token);
        result
    };
    let second = rotate(&first);
    // The answer got lost: the same token again.
    let third = rotate(&first);
    assert_ne!(second["RefreshToken"], third["RefreshToken"]);
    // Both new ones work, in whichever order they come to be used.
    let fourth = rotate(&second["RefreshToken"]);

    pool.set_clock(61.0);
    let reuse = exception("RefreshTokenReuseException", "Refresh token reuse detected");
    assert_eq!(pool.refresh("devrotating", &first).refused(), reuse);
    // The thief's use, or the owner's, ended everything that came of that sign-in.
    let revoked = not_authorized("Refresh Token has been revoked");
    for token in [&third["RefreshToken"], &fourth["RefreshToken"], &first] {
        assert_eq!(pool.refresh("devrotating", token).refused(), revoked);
    }
    assert_eq!(pool.get_user(&fourth).refused(), not_authorized("Access Token has been revoked"));
    // Nothing else is touched.
    rotate(&pool.tokens("devrotating", "farid")["RefreshToken"]);
}

#[test]
fn the_grace_period_counts_from_the_first_exchange() {
    let pool = StartedPool::start(&["--rotation", "60"]);
    let first = pool.tokens("devdesktop", "aiko")["RefreshToken"].clone();
    pool.refresh("devdesktop", &first).done();
    pool.set_clock(30.0);
    pool.refresh("devdesktop", &first).done();
    pool.set_clock(61.0);
    assert_eq!(pool.refresh("devdesktop", &first).refused().0, "RefreshTokenReuseException");
}

#[test]
fn without_grace_a_replaced_token_is_never_good_again() {
    let pool = StartedPool::start(&["--rotation=0"]);
    let first = pool.tokens("devdesktop", "aiko")["RefreshToken"].clone();
    pool.refresh("devdesktop", &first).done();
    assert_eq!(pool.refresh("devdesktop", &first).refused().0, "RefreshTokenReuseException");
}

#[test]
fn rotation_does_not_move_the_end() {
    let pool = StartedPool::start(&["--refresh-life", "1000"]);
    let first = pool.tokens("devrotating", "farid")["RefreshToken"].clone();
    pool.set_clock(900.0);
    let second = pool.refresh("devrotating", &first).done()["AuthenticationResult"]["RefreshToken"].clone();
    pool.set_clock(1001.0);
    let expired = not_authorized("Refresh Token has expired");
    assert_eq!(pool.refresh("devrotating", &second).refused(), expired);
    assert_eq!(pool.refresh("devrotating", &first).refused(), expired);
}

#[test]
fn rotation_excludes_refreshing_by_the_authentication_flow() {
    let pool = StartedPool::start(&[]);
    for (client, username) in [("devrotating", "farid"), ("devshort", "ines")] {
        let token = pool.tokens(client, username)["RefreshToken"].clone();
        assert_eq!(
            pool.refresh_by_flow(client, &token).refused(),
            exception("InvalidParameterException", "Auth flow not enabled for this client")
        );
        pool.refresh(client, &token).done();
    }
}

#[test]
fn lives_of_seconds_end_after_seconds() {
    let pool = StartedPool::start(&["--access-life", "30", "--refresh-life", "60"]);
    let tokens = pool.tokens("devdesktop", "aiko");
    let access = claims(&tokens["AccessToken"]);
    let (issued, ends) = (access["iat"].as_i64().unwrap(), access["exp"].as_i64().unwrap());
    assert_eq!(ends - issued, 30);
    assert_eq!(tokens["ExpiresIn"], 30);
    pool.get_user(&tokens).done();
    pool.set_clock(30.0);
    assert_eq!(pool.get_user(&tokens).refused(), not_authorized("Access Token has expired"));
    pool.set_clock(60.0);
    let expired = not_authorized("Refresh Token has expired");
    assert_eq!(pool.refresh("devdesktop", &tokens["RefreshToken"]).refused(), expired);
    assert_eq!(pool.refresh_by_flow("devdesktop", &tokens["RefreshToken"]).refused(), expired);

    // The client for short lives, and a change at run time.
    let pool = StartedPool::start(&[]);
    assert_eq!(pool.tokens("devshort", "ines")["ExpiresIn"], 20);
    pool.control("client", json!({ "id": "devdesktop", "access_life": 1, "rotation": 0 }));
    let tokens = pool.tokens("devdesktop", "aiko");
    assert_eq!(tokens["ExpiresIn"], 1);
    let renewed = pool.refresh("devdesktop", &tokens["RefreshToken"]).done();
    assert!(renewed["AuthenticationResult"]["RefreshToken"].is_string());
}

#[test]
fn a_token_is_good_for_its_client_only() {
    let pool = StartedPool::start(&[]);
    let token = pool.tokens("devdesktop", "aiko")["RefreshToken"].clone();
    let invalid = not_authorized("Invalid Refresh Token.");
    assert_eq!(pool.refresh("devpassword", &token).refused(), invalid);
    assert_eq!(pool.refresh("devdesktop", &json!("made-up")).refused(), invalid);
    assert_eq!(pool.refresh("nobody", &token).refused().0, "ResourceNotFoundException");
    pool.refresh("devdesktop", &token).done();
}

#[test]
fn the_users_state_counts_at_every_refresh() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    let refresh = || pool.refresh("devdesktop", &tokens["RefreshToken"]);
    let change = |what: &str, value: serde_json::Value| {
        pool.control("user", json!({ "username": "aiko", what: value }))
    };

    change("enabled", json!(false));
    assert_eq!(refresh().refused(), not_authorized("User is disabled."));
    assert_eq!(pool.get_user(&tokens).refused(), not_authorized("User is disabled."));
    change("enabled", json!(true));
    change("status", json!("RESET_REQUIRED"));
    assert_eq!(refresh().refused().0, "PasswordResetRequiredException");
    change("status", json!("UNCONFIRMED"));
    assert_eq!(refresh().refused().0, "UserNotConfirmedException");
    change("status", json!("CONFIRMED"));
    change("groups", json!(["tea"]));
    let renewed = refresh().done()["AuthenticationResult"].clone();
    assert_eq!(claims(&renewed["IdToken"])["cognito:groups"], json!(["tea"]));
    change("groups", json!([]));
    let renewed = refresh().done()["AuthenticationResult"].clone();
    assert_eq!(claims(&renewed["IdToken"]).get("cognito:groups"), None);

    pool.control("user", json!({ "username": "aiko", "delete": true }));
    assert_eq!(refresh().refused(), exception("UserNotFoundException", "User does not exist."));
    assert_eq!(pool.get_user(&tokens).refused().0, "UserNotFoundException");
}
