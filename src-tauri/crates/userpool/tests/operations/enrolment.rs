//! The choice of a second factor, and setting one up.

use serde_json::{Value, json};

use crate::http::{Answer, claims, exception, not_authorized};
use crate::started::StartedPool;

fn begin(pool: &StartedPool, client: &str, username: &str) -> Value {
    pool.sign_in(client, username, pool.password(username)).done()
}

fn signed_in_as(answer: &Value, username: &str) {
    assert_eq!(claims(&answer["AuthenticationResult"]["AccessToken"])["username"], username);
}

#[test]
fn who_has_several_factors_chooses_one() {
    let pool = StartedPool::start(&[]);
    for (given, challenge, response) in [
        ("SMS_MFA", "SMS_MFA", "SMS_MFA_CODE"),
        ("EMAIL_OTP", "EMAIL_OTP", "EMAIL_OTP_CODE"),
        ("EMAIL_MFA", "EMAIL_OTP", "EMAIL_OTP_CODE"),
        ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE"),
    ] {
        let asked = begin(&pool, "devdesktop", "sven");
        assert_eq!(asked["ChallengeName"], "SELECT_MFA_TYPE");
        let choices = r#"["SMS_MFA","SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"#;
        assert_eq!(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"], choices);
        let answer =
            |name: &str| pool.respond("devdesktop", &asked, json!({ "USERNAME": "sven", "ANSWER": name }));
        let refused = answer("WEB_AUTHN").refused();
        let words = "WEB_AUTHN is not an MFA type of the user";
        assert_eq!(refused, exception("InvalidParameterException", words));
        // The choice is still there, once.
        let code_asked = answer(given).done();
        assert_eq!(code_asked["ChallengeName"], challenge);
        assert_eq!(answer(given).refused(), not_authorized("Invalid session for the user."));
        let mut responses = json!({ "USERNAME": "sven" });
        responses[response] = json!(pool.newest_code());
        signed_in_as(&pool.respond("devdesktop", &code_asked, responses).done(), "sven");
    }
}

fn associate(pool: &StartedPool, session: &Value) -> Answer {
    pool.call("AssociateSoftwareToken", json!({ "Session": session }))
}

fn verify(pool: &StartedPool, session: &Value, code: &str) -> Answer {
    let body = json!({ "Session": session, "UserCode": code, "FriendlyDeviceName": "my phone" });
    pool.call("VerifySoftwareToken", body)
}

fn finish(pool: &StartedPool, session: &Value) -> Answer {
    let asked = json!({ "ChallengeName": "MFA_SETUP", "Session": session });
    pool.respond("devmfa", &asked, json!({ "USERNAME": "tomoko" }))
}

#[test]
fn an_authenticator_is_set_up_in_the_sign_in() {
    let pool = StartedPool::start(&[]);
    let asked = begin(&pool, "devmfa", "tomoko");
    assert_eq!(asked["ChallengeName"], "MFA_SETUP");
    let choices = r#"["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"#;
    assert_eq!(asked["ChallengeParameters"]["MFAS_CAN_SETUP"], choices);
    let invalid = not_authorized("Invalid session for the user.");
    assert_eq!(finish(&pool, &asked["Session"]).refused(), invalid, "nothing is set up yet");

    let associated = associate(&pool, &asked["Session"]).done();
    let secret = associated["SecretCode"].as_str().expect("a secret");
    assert!(
        secret.len() == 32
            && secret.bytes().all(|digit| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".contains(&digit))
    );
    assert_eq!(associate(&pool, &asked["Session"]).refused(), invalid, "a session is used once");
    let code = pool.newest_code();
    let mismatch = exception("EnableSoftwareTokenMFAException", "Code mismatch");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(verify(&pool, &associated["Session"], wrong).refused(), mismatch);
    let (kind, words) = verify(&pool, &associated["Session"], "12 456").refused();
    assert_eq!(kind, "InvalidParameterException");
    assert!(words.contains("at 'userCode' failed to satisfy constraint"), "{words}");
    assert_eq!(finish(&pool, &associated["Session"]).refused(), invalid, "not verified yet");

    let verified = verify(&pool, &associated["Session"], &code).done();
    assert_eq!(verified["Status"], "SUCCESS");
    // Only the newest session goes on.
    for older in [&asked["Session"], &associated["Session"]] {
        assert_eq!(finish(&pool, older).refused(), invalid);
    }
    signed_in_as(&finish(&pool, &verified["Session"]).done(), "tomoko");

    // From now on it is asked for, and what it showed is used up.
    let asked = begin(&pool, "devmfa", "tomoko");
    assert_eq!(asked["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    assert_eq!(asked["ChallengeParameters"]["FRIENDLY_DEVICE_NAME"], "my phone");
    let response = json!({ "USERNAME": "tomoko", "SOFTWARE_TOKEN_MFA_CODE": code });
    let refused = pool.respond("devmfa", &asked, response).refused();
    assert_eq!(refused.0, "ExpiredCodeException");
}

#[test]
fn codes_by_e_mail_are_set_up_in_the_sign_in() {
    let pool = StartedPool::start(&[]);
    let asked = begin(&pool, "devmfa", "tomoko");
    let give =
        |address: &str| pool.respond("devmfa", &asked, json!({ "USERNAME": "tomoko", "EMAIL": address }));
    let words = exception("InvalidParameterException", "Invalid email address format.");
    for address in ["tomoko", "@example.com", "a b@example.com", "tomoko@example", "a@b@example.com"] {
        assert_eq!(give(address).refused(), words, "{address}");
    }
    let code_asked = give("tomoko@home.example").done();
    assert_eq!(code_asked["ChallengeName"], "EMAIL_OTP");
    assert_eq!(code_asked["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"], "t***@h***");
    let message = pool.messages().pop().expect("a message");
    assert_eq!(message["to"], "tomoko@home.example");
    let answer = |code: &str| {
        pool.respond("devmfa", &code_asked, json!({ "USERNAME": "tomoko", "EMAIL_OTP_CODE": code }))
    };
    assert_eq!(answer("no code").refused().0, "CodeMismatchException");
    let signed_in = answer(&pool.newest_code()).done();
    let id = claims(&signed_in["AuthenticationResult"]["IdToken"]);
    assert_eq!((&id["email"], &id["email_verified"]), (&json!("tomoko@home.example"), &json!(true)));
    assert_eq!(begin(&pool, "devmfa", "tomoko")["ChallengeName"], "EMAIL_OTP");
}

#[test]
fn a_second_factor_is_required_by_its_client_alone() {
    let pool = StartedPool::start(&[]);
    pool.tokens("devdesktop", "tomoko");
    assert_eq!(begin(&pool, "devmfa", "aiko")["ChallengeName"], "MFA_SETUP");
    // A set-up waits as long as any challenge.
    let asked = begin(&pool, "devmfa", "tomoko");
    pool.set_clock(181.0);
    let late = not_authorized("Invalid session for the user, session is expired.");
    assert_eq!(associate(&pool, &asked["Session"]).refused(), late);
}

#[test]
fn an_authenticator_is_registered_by_who_is_signed_in() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    let token = &tokens["AccessToken"];
    let verify =
        |code: &str| pool.call("VerifySoftwareToken", json!({ "AccessToken": token, "UserCode": code }));
    assert_eq!(verify("123456").refused().0, "SoftwareTokenMFANotFoundException");
    let associated = pool.call("AssociateSoftwareToken", json!({ "AccessToken": token })).done();
    assert_eq!(associated.get("Session"), None);
    let code = pool.newest_code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(verify(wrong).refused().0, "EnableSoftwareTokenMFAException");
    assert_eq!(verify(&code).done(), json!({ "Status": "SUCCESS" }));
    // Registered, but not asked for.
    assert_eq!(pool.get_user(&tokens).done().get("UserMFASettingList"), None);
    pool.tokens("devdesktop", "aiko");

    let words = "Either AccessToken or Session must be provided";
    let refused = pool.call("AssociateSoftwareToken", json!({})).refused();
    assert_eq!(refused, exception("InvalidParameterException", words));
    let refused = pool.call("AssociateSoftwareToken", json!({ "AccessToken": "x" })).refused();
    assert_eq!(refused, not_authorized("Invalid Access Token"));
    // The session of another challenge is none of a set-up.
    let asked = begin(&pool, "devdesktop", "lena");
    let refused = associate(&pool, &asked["Session"]).refused();
    assert_eq!(refused, not_authorized("Invalid session for the user."));
}
