//! Ending sessions from outside.

use serde_json::{Value, json};

use crate::http::{Answer, claims, not_authorized};
use crate::started::StartedPool;

fn revoke(pool: &StartedPool, client: &str, token: &Value) -> Answer {
    pool.call("RevokeToken", json!({ "ClientId": client, "Token": token }))
}

#[test]
fn a_revoked_session_is_refused_with_every_token_it_ever_had() {
    let pool = StartedPool::start(&[]);
    let first = pool.tokens("devrotating", "farid");
    let other = pool.tokens("devrotating", "farid");
    let second = pool.refresh("devrotating", &first["RefreshToken"]).done()["AuthenticationResult"].clone();
    assert_eq!(claims(&first["AccessToken"])["origin_jti"], claims(&second["AccessToken"])["origin_jti"]);

    assert_eq!(revoke(&pool, "devrotating", &second["RefreshToken"]).done(), json!({}));
    let revoked = not_authorized("Refresh Token has been revoked");
    for tokens in [&first, &second] {
        assert_eq!(pool.refresh("devrotating", &tokens["RefreshToken"]).refused(), revoked);
        assert_eq!(pool.get_user(tokens).refused(), not_authorized("Access Token has been revoked"));
    }
    // The user's other session goes on.
    pool.get_user(&other).done();
    pool.refresh("devrotating", &other["RefreshToken"]).done();
    // Once more is no error.
    revoke(&pool, "devrotating", &second["RefreshToken"]).done();
}

#[test]
fn what_cannot_be_revoked() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    revoke(&pool, "devdesktop", &json!("unknown")).done();
    let kind = |answer: Answer| answer.refused().0;
    assert_eq!(kind(revoke(&pool, "devdesktop", &tokens["AccessToken"])), "UnsupportedTokenTypeException");
    assert_eq!(kind(revoke(&pool, "devrotating", &tokens["RefreshToken"])), "UnauthorizedException");
    assert_eq!(kind(revoke(&pool, "nobody", &tokens["RefreshToken"])), "ResourceNotFoundException");
    pool.control("client", json!({ "id": "devdesktop", "revocation": false }));
    assert_eq!(kind(revoke(&pool, "devdesktop", &tokens["RefreshToken"])), "UnsupportedOperationException");
    let renewed = pool.refresh("devdesktop", &tokens["RefreshToken"]).done()["AuthenticationResult"].clone();
    assert_eq!(claims(&renewed["AccessToken"]).get("origin_jti"), None);
    pool.get_user(&tokens).done();
}

#[test]
fn signing_out_everywhere_ends_all_of_the_users_sessions_and_no_others() {
    let pool = StartedPool::start(&[]);
    let here = pool.tokens("devdesktop", "aiko");
    let there = pool.tokens("devrotating", "aiko");
    let other = pool.tokens("devdesktop", "kazuko");
    let sign_out =
        |tokens: &Value| pool.call("GlobalSignOut", json!({ "AccessToken": tokens["AccessToken"] }));
    sign_out(&here).done();
    let revoked = not_authorized("Access Token has been revoked");
    assert_eq!(sign_out(&here).refused(), revoked);
    assert_eq!(pool.get_user(&there).refused(), revoked);
    let refused = pool.refresh("devrotating", &there["RefreshToken"]).refused();
    assert_eq!(refused, not_authorized("Refresh Token has been revoked"));
    let refused = pool.refresh_by_flow("devdesktop", &here["RefreshToken"]).refused();
    assert_eq!(refused, not_authorized("Refresh Token has been revoked"));
    pool.get_user(&other).done();
    // Signing in again is as before.
    let again = pool.tokens("devdesktop", "aiko");
    pool.get_user(&again).done();
    pool.refresh("devdesktop", &again["RefreshToken"]).done();
}

#[test]
fn signing_out_everywhere_also_ends_tokens_that_cannot_be_revoked() {
    let pool = StartedPool::start(&[]);
    pool.control("client", json!({ "id": "devdesktop", "revocation": false }));
    let here = pool.tokens("devdesktop", "aiko");
    assert_eq!(claims(&here["AccessToken"]).get("origin_jti"), None);
    let there = pool.tokens("devdesktop", "aiko");
    pool.call("GlobalSignOut", json!({ "AccessToken": here["AccessToken"] })).done();
    assert_eq!(pool.get_user(&there).refused(), not_authorized("Access Token has been revoked"));
}

#[test]
fn signing_out_everywhere_needs_a_living_token_of_the_users_scope() {
    let pool = StartedPool::start(&[]);
    let sign_out =
        |tokens: &Value| pool.call("GlobalSignOut", json!({ "AccessToken": tokens["AccessToken"] }));
    let good = pool.tokens("devdesktop", "aiko");
    pool.control("client", json!({ "id": "devdesktop", "scope": "openid email" }));
    let narrow = pool.tokens("devdesktop", "aiko");
    assert_eq!(claims(&narrow["AccessToken"])["scope"], "openid email");
    let scopes = not_authorized("Access Token does not have required scopes");
    assert_eq!(sign_out(&narrow).refused(), scopes);
    assert_eq!(pool.get_user(&narrow).refused(), scopes);
    pool.set_clock(3600.0);
    assert_eq!(sign_out(&good).refused(), not_authorized("Access Token has expired"));
    // Nothing was ended.
    pool.refresh("devdesktop", &good["RefreshToken"]).done();
}

#[test]
fn only_a_good_access_token_speaks_for_its_user() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    let user = pool.get_user(&tokens).done();
    assert_eq!(user["Username"], "aiko");
    let attribute = |name: &str| {
        let attributes = user["UserAttributes"].as_array().expect("a list");
        attributes.iter().find(|entry| entry["Name"] == name).map(|entry| entry["Value"].clone())
    };
    assert_eq!(attribute("name"), Some(json!("Aiko Tanaka")));
    assert_eq!(attribute("email_verified"), Some(json!("true")));
    assert_eq!(attribute("sub"), Some(claims(&tokens["IdToken"])["sub"].clone()));

    let invalid = not_authorized("Invalid Access Token");
    let elsewhere = StartedPool::start(&[]).tokens("devdesktop", "aiko");
    for token in [&tokens["IdToken"], &tokens["RefreshToken"], &json!("x.y.z"), &elsewhere["AccessToken"]] {
        assert_eq!(pool.get_user(&json!({ "AccessToken": token })).refused(), invalid);
    }
}
