//! Headers, errors and documents that any of Cognito's clients expects.

use serde_json::json;

use crate::http::{claims, exception, now};
use crate::started::StartedPool;

#[test]
fn pages_of_any_origin_may_call() {
    let pool = StartedPool::start(&[]);
    let asked = [
        ("origin", "http://localhost:5173"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type,x-amz-target,x-amz-user-agent"),
    ];
    let preflight = pool.request("OPTIONS /", &asked, "").expect("an answer");
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    assert_eq!(preflight.header("access-control-allow-headers"), Some(asked[2].1));
    assert!(preflight.header("access-control-allow-methods").unwrap().contains("POST"));
    let answer = pool.call("GetUser", json!({}));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(answer.header("access-control-expose-headers").unwrap().contains("x-amzn-ErrorType"));
}

#[test]
fn every_answer_has_the_pools_time() {
    let pool = StartedPool::start(&[]);
    pool.set_clock(4_102_444_800.0 - now());
    let answer = pool.call("GetUser", json!({}));
    assert!(answer.header("date").unwrap().starts_with("Fri, 01 Jan 2100 00:0"), "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    let tokens = pool.tokens("devdesktop", "aiko");
    let issued = claims(&tokens["IdToken"])["iat"].as_i64().unwrap();
    assert!((4_102_444_800..4_102_444_900).contains(&issued), "{issued}");
}

#[test]
fn nonsense_is_refused_in_cognitos_words() {
    let pool = StartedPool::start(&[]);
    assert_eq!(pool.call("ListUsers", json!({})).refused().0, "UnknownOperationException");
    let missing = "1 validation error detected: Value null at 'clientId' failed to satisfy constraint: Member \
                   must not be null";
    assert_eq!(
        pool.call("InitiateAuth", json!({})).refused(),
        exception("InvalidParameterException", missing)
    );
    let body = json!({ "ClientId": "devdesktop", "AuthFlow": "USER_SRP_AUTH", "AuthParameters": {} });
    assert_eq!(
        pool.call("InitiateAuth", body).refused(),
        exception("InvalidParameterException", "Missing required parameter USERNAME")
    );
    let target = [("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth")];
    for text in ["", "{", "[]", "null", "\"x\""] {
        let answer = pool.request("POST /", &target, text).expect("an answer");
        assert_eq!(answer.status, 400, "{text}: {answer:?}");
    }
    assert_eq!(pool.request("GET /nothing", &[], "").expect("an answer").status, 404);
}

#[test]
fn another_pools_documents_are_refused_by_its_name() {
    let pool = StartedPool::start(&[]);
    for document in ["openid-configuration", "jwks.json"] {
        let path = format!("/us-east-1_Elsewhere/.well-known/{document}");
        let answer = pool.request(&format!("GET {path}"), &[], "").expect("an answer");
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json(), json!({ "message": "User pool us-east-1_Elsewhere does not exist." }));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    for path in
        ["/us-east-1_DevPool/.well-known/other", "/.well-known/jwks.json", "/a/b/.well-known/jwks.json"]
    {
        assert_eq!(pool.request(&format!("GET {path}"), &[], "").expect("an answer").status, 404, "{path}");
    }
}

#[test]
fn discovery_leads_to_the_key_set() {
    let pool = StartedPool::start(&[]);
    let issuer = pool.announcement["issuer"].as_str().unwrap();
    assert_eq!(issuer, format!("{}/us-east-1_DevPool", pool.endpoint()));
    let document = pool.get("/us-east-1_DevPool/.well-known/openid-configuration");
    assert_eq!(document["issuer"], issuer);
    let keys = document["jwks_uri"].as_str().unwrap().strip_prefix(pool.endpoint()).unwrap();
    let key = pool.get(keys)["keys"][0].clone();
    assert_eq!((&key["alg"], &key["kty"], &key["use"]), (&json!("RS256"), &json!("RSA"), &json!("sig")));
    for (endpoint, path) in [
        ("authorization_endpoint", "/oauth2/authorize"),
        ("token_endpoint", "/oauth2/token"),
        ("revocation_endpoint", "/oauth2/revoke"),
        ("userinfo_endpoint", "/oauth2/userInfo"),
        ("end_session_endpoint", "/logout"),
    ] {
        assert_eq!(document[endpoint], format!("{}{path}", pool.endpoint()));
    }
}
