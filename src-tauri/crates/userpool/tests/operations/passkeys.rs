//! The list of a user's passkeys. Signing in with one is in `choice`.

use serde_json::{Value, json};

use crate::http::{Answer, exception, not_authorized, with_token};
use crate::started::StartedPool;

fn list(pool: &StartedPool, tokens: &Value, page: Value) -> Answer {
    with_token(pool, "ListWebAuthnCredentials", tokens, page)
}

fn delete(pool: &StartedPool, tokens: &Value, id: &Value) -> Answer {
    with_token(pool, "DeleteWebAuthnCredential", tokens, json!({ "CredentialId": id }))
}

#[test]
fn passkeys_are_listed_a_page_at_a_time() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "priya");
    let users = pool.announcement["users"].as_array().expect("a list of users");
    let announced = &users.iter().find(|user| user["username"] == "priya").expect("priya")["passkey"];
    let all = list(&pool, &tokens, json!({})).done();
    assert_eq!(all.get("NextToken"), None);
    let first = json!({
        "CredentialId": announced["credential_id"],
        "FriendlyCredentialName": "demo passkey",
        "RelyingPartyId": "localhost",
        "AuthenticatorAttachment": "platform",
        "AuthenticatorTransports": ["internal"],
        "CreatedAt": 1_790_000_000,
    });
    assert_eq!(all["Credentials"][0], first);
    assert_eq!(all["Credentials"][1]["FriendlyCredentialName"], "demo spare passkey");
    assert_eq!(all["Credentials"].as_array().map(Vec::len), Some(2));

    let one = list(&pool, &tokens, json!({ "MaxResults": 1 })).done();
    assert_eq!(one["Credentials"], json!([first]));
    let next = json!({ "MaxResults": 1, "NextToken": one["NextToken"] });
    let other = list(&pool, &tokens, next.clone()).done();
    assert_eq!(other, json!({ "Credentials": [all["Credentials"][1]] }), "the last page");
    // A page goes on after what was last on the one before, whether that is still there or not.
    delete(&pool, &tokens, &first["CredentialId"]).done();
    assert_eq!(list(&pool, &tokens, next).done(), other);

    let words = "Invalid pagination token";
    for token in ["*", "_w"] {
        let refused = list(&pool, &tokens, json!({ "NextToken": token })).refused();
        assert_eq!(refused, exception("InvalidParameterException", words), "{token}");
    }
    let (kind, words) = list(&pool, &tokens, json!({ "MaxResults": 21 })).refused();
    assert_eq!(kind, "InvalidParameterException");
    assert!(words.contains("'21' at 'maxResults' failed"), "{words}");
    let aiko = pool.tokens("devdesktop", "aiko");
    assert_eq!(list(&pool, &aiko, json!({})).done(), json!({ "Credentials": [] }));
    let nobody = json!({ "AccessToken": "x" });
    let refused = list(&pool, &nobody, json!({})).refused();
    assert_eq!(refused, not_authorized("Invalid Access Token"));
}

#[test]
fn a_deleted_passkey_is_no_way_in() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "priya");
    let offered = || {
        let begun = pool.initiate("devchoice", "USER_AUTH", json!({ "USERNAME": "priya" })).done();
        let ways = begun["AvailableChallenges"].as_array().expect("a list");
        ways.contains(&json!("WEB_AUTHN"))
    };
    let missing = exception("ResourceNotFoundException", "WebAuthn credential does not exist.");
    assert_eq!(delete(&pool, &tokens, &json!("bm9uZQ")).refused(), missing);
    let (kind, words) = with_token(&pool, "DeleteWebAuthnCredential", &tokens, json!({})).refused();
    assert_eq!(kind, "InvalidParameterException");
    assert!(words.contains("at 'credentialId' failed"), "{words}");
    let refused = delete(&pool, &json!({ "AccessToken": "x" }), &json!("bm9uZQ")).refused();
    assert_eq!(refused, not_authorized("Invalid Access Token"));

    let all = list(&pool, &tokens, json!({})).done()["Credentials"].clone();
    let stranger = pool.tokens("devdesktop", "aiko");
    assert_eq!(delete(&pool, &stranger, &all[0]["CredentialId"]).refused(), missing, "another user's");
    assert!(offered());
    for passkey in all.as_array().expect("a list") {
        assert!(offered());
        assert_eq!(delete(&pool, &tokens, &passkey["CredentialId"]).done(), json!({}));
    }
    assert_eq!(delete(&pool, &tokens, &all[0]["CredentialId"]).refused(), missing, "it is gone");
    assert!(!offered());
    let factors = with_token(&pool, "GetUserAuthFactors", &tokens, json!({})).done();
    assert_eq!(factors["ConfiguredUserAuthFactors"], json!(["PASSWORD", "EMAIL_OTP"]));
}
