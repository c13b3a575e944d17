//! Devices that are tracked. That a device proves its password is in `tests/pycognito.rs`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::http::{Answer, claims, exception, not_authorized, with_token};
use crate::started::StartedPool;

fn missing() -> (String, String) {
    exception("ResourceNotFoundException", "Device does not exist.")
}

fn key(tokens: &Value) -> &Value {
    let key = &tokens["NewDeviceMetadata"]["DeviceKey"];
    assert!(key.is_string(), "{tokens}");
    key
}

fn confirm_with(pool: &StartedPool, tokens: &Value, salt: &[u8], verifier: &[u8]) -> Answer {
    let config = json!({ "Salt": STANDARD.encode(salt), "PasswordVerifier": STANDARD.encode(verifier) });
    let body = json!({
        "AccessToken": tokens["AccessToken"],
        "DeviceKey": key(tokens),
        "DeviceName": "my machine",
        "DeviceSecretVerifierConfig": config,
    });
    pool.call("ConfirmDevice", body)
}

fn confirm(pool: &StartedPool, tokens: &Value) -> Value {
    confirm_with(pool, tokens, &[7; 16], &[5; 384]).done()
}

/// `USER_PASSWORD_AUTH` on a device.
fn sign_in_on(pool: &StartedPool, client: &str, username: &str, device: &Value) -> Answer {
    let password = pool.password(username);
    let parameters = json!({ "USERNAME": username, "PASSWORD": password, "DEVICE_KEY": device });
    pool.initiate(client, "USER_PASSWORD_AUTH", parameters)
}

fn refresh_on(pool: &StartedPool, client: &str, tokens: &Value, device: Option<&Value>) -> [Answer; 2] {
    let mut body = json!({ "ClientId": client, "RefreshToken": tokens["RefreshToken"] });
    let mut parameters = json!({ "REFRESH_TOKEN": tokens["RefreshToken"] });
    if let Some(device) = device {
        body["DeviceKey"] = device.clone();
        parameters["DEVICE_KEY"] = device.clone();
    }
    let by_flow = pool.initiate(client, "REFRESH_TOKEN_AUTH", parameters);
    [pool.call("GetTokensFromRefreshToken", body), by_flow]
}

#[test]
fn every_sign_in_on_no_known_device_gets_a_new_one() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdevices", "aiko");
    let device = key(&tokens);
    let text = device.as_str().expect("a key");
    assert!(text.starts_with("us-east-1_") && text.len() == 46, "{text}");
    let group = tokens["NewDeviceMetadata"]["DeviceGroupKey"].as_str().expect("a group");
    assert!(group.starts_with('-') && group.len() == 9, "{group}");
    assert_eq!(claims(&tokens["AccessToken"])["device_key"], *device);
    assert_ne!(key(&pool.tokens("devdevices", "aiko")), device);
    // Where devices are not tracked there is none.
    let plain = pool.tokens("devdesktop", "aiko");
    assert_eq!(plain.get("NewDeviceMetadata"), None);
    assert_eq!(claims(&plain["AccessToken"]).get("device_key"), None);
    sign_in_on(&pool, "devdesktop", "aiko", &json!("us-east-1_0")).done();
}

#[test]
fn a_device_that_is_always_remembered_is_recognised() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdevices", "aiko");
    // Before it is confirmed it is none that could be recognised.
    let early = sign_in_on(&pool, "devdevices", "aiko", key(&tokens)).done()["AuthenticationResult"].clone();
    assert_ne!(key(&early), key(&tokens));
    assert_eq!(confirm(&pool, &tokens), json!({ "UserConfirmationNecessary": false }));
    let asked = sign_in_on(&pool, "devdevices", "aiko", key(&tokens)).done();
    assert_eq!(asked["ChallengeName"], "DEVICE_SRP_AUTH");
    let answer = |more: Value| {
        let mut responses = json!({ "USERNAME": "aiko", "SRP_A": "abcdef", "DEVICE_KEY": key(&tokens) });
        for (name, value) in more.as_object().expect("an object") {
            responses[name] = value.clone();
        }
        pool.respond("devdevices", &asked, responses)
    };
    let begun = answer(json!({})).done();
    assert_eq!(begun["ChallengeName"], "DEVICE_PASSWORD_VERIFIER");
    let parameters = &begun["ChallengeParameters"];
    assert_eq!(parameters["DEVICE_KEY"], *key(&tokens));
    assert_eq!(parameters["SALT"], "7070707070707070707070707070707");
    let invalid = not_authorized("Invalid session for the user.");
    assert_eq!(answer(json!({})).refused(), invalid, "a session is used once");
    // Without a session there has to be a sign-in that waits for this device.
    let no_session = json!({ "ChallengeName": "DEVICE_SRP_AUTH" });
    let responses = json!({ "USERNAME": "aiko", "SRP_A": "abcdef", "DEVICE_KEY": key(&tokens) });
    assert_eq!(pool.respond("devdevices", &no_session, responses.clone()).refused(), invalid);
    sign_in_on(&pool, "devdevices", "aiko", key(&tokens)).done();
    pool.respond("devdevices", &no_session, responses).done();
    // What is signed must be the device's.
    let proof = json!({
        "USERNAME": "aiko",
        "DEVICE_KEY": key(&tokens),
        "PASSWORD_CLAIM_SIGNATURE": "AAAA",
        "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
        "TIMESTAMP": "Sun Nov 6 08:49:37 UTC 1994",
    });
    let refused = pool.respond("devdevices", &begun, proof).refused();
    assert_eq!(refused, not_authorized("Incorrect username or password."));
}

#[test]
fn one_device_does_not_answer_for_another() {
    let pool = StartedPool::start(&[]);
    let (first, second) = (pool.tokens("devdevices", "aiko"), pool.tokens("devdevices", "aiko"));
    confirm(&pool, &first);
    confirm(&pool, &second);
    let asked = sign_in_on(&pool, "devdevices", "aiko", key(&first)).done();
    let responses = json!({ "USERNAME": "aiko", "SRP_A": "abcdef", "DEVICE_KEY": key(&second) });
    let refused = pool.respond("devdevices", &asked, responses).refused();
    assert_eq!(refused, not_authorized("Invalid session for the user."));
}

#[test]
fn a_device_is_remembered_when_the_user_wants_it() {
    let pool = StartedPool::start(&[]);
    let begun = pool.sign_in("devoptin", "viktor", pool.password("viktor")).done();
    assert_eq!(begun["ChallengeName"], "SMS_MFA");
    let code = json!({ "USERNAME": "viktor", "SMS_MFA_CODE": pool.newest_code() });
    let tokens = pool.respond("devoptin", &begun, code).done()["AuthenticationResult"].clone();
    assert_eq!(confirm(&pool, &tokens), json!({ "UserConfirmationNecessary": true }));
    let challenge = || {
        let begun = sign_in_on(&pool, "devoptin", "viktor", key(&tokens)).done();
        begun["ChallengeName"].as_str().map(str::to_owned)
    };
    assert_eq!(challenge().as_deref(), Some("SMS_MFA"));
    let set = |status: Value| {
        let body = json!({ "DeviceKey": key(&tokens), "DeviceRememberedStatus": status });
        with_token(&pool, "UpdateDeviceStatus", &tokens, body)
    };
    set(json!("remembered")).done();
    assert_eq!(challenge().as_deref(), Some("DEVICE_SRP_AUTH"));
    set(json!("not_remembered")).done();
    assert_eq!(challenge().as_deref(), Some("SMS_MFA"));
    let (kind, words) = set(json!("perhaps")).refused();
    assert_eq!(kind, "InvalidParameterException");
    assert!(words.contains("at 'deviceRememberedStatus' failed"), "{words}");
    assert_eq!(set(Value::Null).refused().0, "InvalidParameterException");
    // A device that is known and not remembered stays the session's device.
    let begun = sign_in_on(&pool, "devoptin", "viktor", key(&tokens)).done();
    let code = json!({ "USERNAME": "viktor", "SMS_MFA_CODE": pool.newest_code() });
    let again = pool.respond("devoptin", &begun, code).done()["AuthenticationResult"].clone();
    assert_eq!(again.get("NewDeviceMetadata"), None);
    assert_eq!(claims(&again["AccessToken"])["device_key"], *key(&tokens));
}

#[test]
fn a_refresh_needs_the_confirmed_device() {
    let pool = StartedPool::start(&[]);
    let invalid = not_authorized("Invalid Refresh Token.");
    let tokens = pool.tokens("devdevices", "aiko");
    let own = Some(key(&tokens));
    let refused = |device| refresh_on(&pool, "devdevices", &tokens, device).map(|answer| answer.refused());
    assert_eq!(refused(own), [invalid.clone(), invalid.clone()], "not confirmed");
    confirm(&pool, &tokens);
    let other = json!("us-east-1_0");
    for device in [None, Some(&other)] {
        assert_eq!(refused(device), [invalid.clone(), invalid.clone()]);
    }
    for answer in refresh_on(&pool, "devdevices", &tokens, own) {
        let renewed = answer.done()["AuthenticationResult"].clone();
        assert_eq!(claims(&renewed["AccessToken"])["device_key"], *key(&tokens));
        assert_eq!(renewed.get("NewDeviceMetadata"), None);
    }
    with_token(&pool, "ForgetDevice", &tokens, json!({ "DeviceKey": key(&tokens) })).done();
    assert_eq!(refused(own), [invalid.clone(), invalid], "forgotten");
}

#[test]
fn a_secret_must_be_a_positive_number_and_is_given_once() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdevices", "aiko");
    let invalid = |words: &str| exception("InvalidParameterException", words);
    let negative = invalid("Negate value passed for salt and password verifier");
    assert_eq!(confirm_with(&pool, &tokens, &[0x80, 1], &[1]).refused(), negative);
    assert_eq!(confirm_with(&pool, &tokens, &[1], &[0xff; 384]).refused(), negative);
    let missing_salt = invalid("Missing required parameter Salt");
    assert_eq!(confirm_with(&pool, &tokens, &[], &[1]).refused(), missing_salt);
    let config = json!({ "Salt": "no base 64", "PasswordVerifier": "AQ==" });
    let body = json!({ "DeviceKey": key(&tokens), "DeviceSecretVerifierConfig": config });
    let refused = with_token(&pool, "ConfirmDevice", &tokens, body).refused();
    assert_eq!(refused, invalid("Salt is not valid base64"));
    confirm_with(&pool, &tokens, &[0, 0x80, 1], &[0, 0xff]).done();
    let again = confirm_with(&pool, &tokens, &[1], &[1]).refused();
    assert_eq!(again, invalid("Device is already confirmed."));
}

#[test]
fn devices_are_listed_page_by_page_and_forgotten() {
    let pool = StartedPool::start(&[]);
    let sessions: Vec<Value> = (0..5).map(|_| pool.tokens("devdevices", "aiko")).collect();
    let tokens = &sessions[0];
    confirm(&pool, tokens);
    let device = with_token(&pool, "GetDevice", tokens, json!({ "DeviceKey": key(tokens) })).done();
    assert_eq!(device["Device"]["DeviceKey"], *key(tokens));
    let attributes = device["Device"]["DeviceAttributes"].as_array().expect("a list");
    for (name, value) in [("device_name", "my machine"), ("dev:device_remembered_status", "remembered")] {
        assert!(attributes.contains(&json!({ "Name": name, "Value": value })), "{name}: {attributes:?}");
    }
    assert!(device["Device"]["DeviceCreateDate"].is_number());

    let list = |more: Value| with_token(&pool, "ListDevices", tokens, more);
    let all = list(json!({})).done();
    assert_eq!((all["Devices"].as_array().map(Vec::len), all.get("PaginationToken")), (Some(5), None));
    let mut seen = Vec::new();
    let mut page = list(json!({ "Limit": 2 })).done();
    for _ in 0..3 {
        seen.extend(page["Devices"].as_array().expect("a list").clone());
        let Some(token) = page.get("PaginationToken") else { break };
        page = list(json!({ "Limit": 2, "PaginationToken": token })).done();
    }
    assert_eq!(json!(seen), all["Devices"]);
    for limit in [json!(61), json!(-1), json!("two")] {
        let (kind, words) = list(json!({ "Limit": limit })).refused();
        assert_eq!(kind, "InvalidParameterException");
        assert!(words.contains("at 'limit' failed to satisfy constraint"), "{words}");
    }
    let refused = list(json!({ "PaginationToken": "§" })).refused();
    assert_eq!(refused, exception("InvalidParameterException", "Invalid pagination token"));

    with_token(&pool, "ForgetDevice", tokens, json!({ "DeviceKey": key(tokens) })).done();
    assert_eq!(list(json!({})).done()["Devices"].as_array().map(Vec::len), Some(4));
    assert_eq!(sign_in_on(&pool, "devdevices", "aiko", key(tokens)).refused(), missing());
    for operation in ["GetDevice", "ForgetDevice", "UpdateDeviceStatus", "ConfirmDevice"] {
        let call = |device: Value| with_token(&pool, operation, tokens, json!({ "DeviceKey": device }));
        assert_eq!(call(key(tokens).clone()).refused(), missing(), "{operation}");
        let (kind, words) = call(json!("my machine")).refused();
        assert_eq!(kind, "InvalidParameterException", "{operation}");
        assert!(words.contains("at 'deviceKey' failed to satisfy constraint"), "{words}");
        let no_token =
            pool.call(operation, json!({ "DeviceKey": key(tokens), "AccessToken": "x" })).refused();
        assert_eq!(no_token, not_authorized("Invalid Access Token"), "{operation}");
    }
    // A wrong password tells nothing of the device.
    let parameters = json!({ "USERNAME": "aiko", "PASSWORD": "Wrong-Pass-1", "DEVICE_KEY": key(tokens) });
    let refused = pool.initiate("devdevices", "USER_PASSWORD_AUTH", parameters).refused();
    assert_eq!(refused, not_authorized("Incorrect username or password."));
}
