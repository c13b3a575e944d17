//! Signing up.

use serde_json::{Value, json};

use crate::http::{Answer, claims, exception, not_authorized};
use crate::started::StartedPool;

const PASSWORD: &str = "Fresh-Start-1";

fn attributes(email: &str) -> Value {
    json!([{ "Name": "email", "Value": email }, { "Name": "name", "Value": "New Comer" }])
}

fn sign_up(pool: &StartedPool, client: &str, username: &str, email: &str) -> Answer {
    let attributes = attributes(email);
    let body = json!({ "ClientId": client, "Username": username, "Password": PASSWORD, "UserAttributes": attributes });
    pool.call("SignUp", body)
}

fn confirm(pool: &StartedPool, client: &str, username: &str, code: &str, more: Value) -> Answer {
    let mut body = json!({ "ClientId": client, "Username": username, "ConfirmationCode": code });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    pool.call("ConfirmSignUp", body)
}

fn resend(pool: &StartedPool, username: &str) -> Answer {
    pool.call("ResendConfirmationCode", json!({ "ClientId": "devdesktop", "Username": username }))
}

fn invalid(words: &str) -> (String, String) {
    exception("InvalidParameterException", words)
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

fn expired() -> (String, String) {
    exception("ExpiredCodeException", "Invalid code provided, please request a code again.")
}

fn mismatch() -> (String, String) {
    exception("CodeMismatchException", "Invalid verification code provided, please try again.")
}

fn limit() -> (String, String) {
    exception("LimitExceededException", "Attempt limit exceeded, please try after some time.")
}

#[test]
fn a_new_user_confirms_and_signs_in() {
    let pool = StartedPool::start(&[]);
    let signed_up = sign_up(&pool, "devdesktop", "Zoe", "zoe@home.example").done();
    assert_eq!(signed_up["UserConfirmed"], false);
    let delivery = json!({ "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "z***@h***" });
    assert_eq!(signed_up["CodeDeliveryDetails"], delivery);
    assert_eq!(signed_up.get("Session"), None, "the client has no USER_AUTH");
    let attempt = |username: &str| pool.sign_in("devdesktop", username, PASSWORD);
    assert_eq!(attempt("zoe").refused().0, "UserNotConfirmedException");
    let incorrect = not_authorized("Incorrect username or password.");
    assert_eq!(
        attempt("zoe@home.example").refused(),
        incorrect,
        "an address is no name before it is verified"
    );

    let code = pool.newest_code();
    assert_eq!(confirm(&pool, "devdesktop", "zoe", wrong(&code), json!({})).refused(), mismatch());
    assert_eq!(confirm(&pool, "devdesktop", "zoe", &code, json!({})).done(), json!({}));
    let tokens = attempt("zoe@home.example").done()["AuthenticationResult"].clone();
    let id = claims(&tokens["IdToken"]);
    assert_eq!(id["sub"], signed_up["UserSub"]);
    assert_eq!((&id["cognito:username"], &id["email_verified"]), (&json!("zoe"), &json!(true)));
    let again = confirm(&pool, "devdesktop", "zoe", &code, json!({})).refused();
    assert_eq!(again, not_authorized("User cannot be confirmed. Current status is CONFIRMED"));
}

#[test]
fn a_sign_up_that_does_not_fit_is_refused() {
    let pool = StartedPool::start(&[]);
    let attempt = |change: Value| {
        let mut body = json!({
            "ClientId": "devdesktop",
            "Username": "zoe",
            "Password": PASSWORD,
            "UserAttributes": attributes("zoe@home.example"),
        });
        for (name, value) in change.as_object().expect("an object") {
            body[name] = value.clone();
        }
        pool.call("SignUp", body).refused()
    };
    let exists = exception("UsernameExistsException", "User already exists");
    assert_eq!(attempt(json!({ "Username": "Aiko" })), exists);
    let alias = "Username cannot be of email format, since user pool is configured for email alias.";
    assert_eq!(attempt(json!({ "Username": "zoe@home.example" })), invalid(alias));
    for name in ["", "zoe b", &"z".repeat(129)] {
        let (kind, words) = attempt(json!({ "Username": name }));
        assert_eq!(kind, "InvalidParameterException");
        assert!(words.contains("at 'username' failed to satisfy constraint"), "{words}");
    }
    let (kind, words) = attempt(json!({ "Password": "short" }));
    assert_eq!(kind, "InvalidPasswordException");
    assert_eq!(words, "Password did not conform with policy: Password not long enough");
    assert_eq!(attempt(json!({ "Password": null })), invalid("Password is required for this client"));
    let with = |name: &str, value: &str| {
        let mut list = attributes("zoe@home.example");
        let list = list.as_array_mut().expect("a list");
        list.retain(|entry| entry["Name"] != name);
        list.push(json!({ "Name": name, "Value": value }));
        attempt(json!({ "UserAttributes": list }))
    };
    for required in ["email", "name"] {
        let mut list = attributes("zoe@home.example");
        list.as_array_mut().expect("a list").retain(|entry| entry["Name"] != required);
        let schema =
            format!("Attributes did not conform to the schema: {required}: The attribute is required");
        assert_eq!(attempt(json!({ "UserAttributes": list })), invalid(&schema));
    }
    assert_eq!(with("email", "zoe"), invalid("Invalid email address format."));
    assert_eq!(with("phone_number", "5550001"), invalid("Invalid phone number format."));
    assert_eq!(with("bad name", "x"), invalid("Invalid attribute name bad name"));
    let unauthorized = not_authorized("A client attempted to write unauthorized attribute");
    assert_eq!(with("email_verified", "true"), unauthorized);
    assert_eq!(with("sub", "x"), unauthorized);
    let (kind, _) = attempt(json!({ "ClientId": "nobody" }));
    assert_eq!(kind, "ResourceNotFoundException");
    let words = "Client devsecret is configured with secret but SECRET_HASH was not received";
    assert_eq!(attempt(json!({ "ClientId": "devsecret" })), not_authorized(words));
    let words = "App client devdesktop is not configured for secret but secret hash was received";
    assert_eq!(attempt(json!({ "ClientId": "devdesktop", "SecretHash": "aGFzaA==" })), invalid(words));
    assert_eq!(pool.messages(), Vec::<Value>::new());
}

#[test]
fn the_session_of_a_sign_up_signs_in() {
    let pool = StartedPool::start(&[]);
    // Without a password, too.
    let body = json!({ "ClientId": "devchoice", "Username": "zoe", "UserAttributes": attributes("zoe@home.example") });
    let signed_up = pool.call("SignUp", body).done();
    let sign_in = |username: &str, session: &Value| {
        let parameters = json!({ "USERNAME": username });
        let flow = "USER_AUTH";
        let body = json!({ "ClientId": "devchoice", "AuthFlow": flow, "Session": session, "AuthParameters": parameters });
        pool.call("InitiateAuth", body)
    };
    let refused = not_authorized("Invalid session for the user.");
    assert_eq!(sign_in("zoe", &signed_up["Session"]).refused(), refused, "not confirmed yet");
    let code = pool.newest_code();
    let with = |session: &Value| confirm(&pool, "devchoice", "zoe", &code, json!({ "Session": session }));
    assert_eq!(with(&json!("an unknown session of some length")).refused(), refused);
    let confirmed = confirm(&pool, "devchoice", "zoe", &code, json!({})).done();
    let session = &confirmed["Session"];
    let tokens = sign_in("zoe", session).done()["AuthenticationResult"].clone();
    assert_eq!(claims(&tokens["AccessToken"])["username"], "zoe");
    assert_eq!(sign_in("zoe", session).refused(), refused, "once");
    // Who has no password comes in by a code.
    let offered = pool.initiate("devchoice", "USER_AUTH", json!({ "USERNAME": "zoe" })).done();
    assert_eq!(offered["AvailableChallenges"], json!(["EMAIL_OTP"]));
    assert_eq!(pool.sign_in("devdesktop", "zoe", "").refused().0, "InvalidParameterException");

    // It is the session of one user, and lapses.
    for (username, seconds) in [("aiko", 0.0), ("yuki", 181.0)] {
        pool.set_clock(0.0);
        pool.request("DELETE /_userpool/outbox", &[], "").expect("an answer").done();
        let name = format!("{username}2");
        let signed_up = sign_up(&pool, "devchoice", &name, &format!("{name}@home.example")).done();
        let session = json!({ "Session": signed_up["Session"] });
        let confirmed = confirm(&pool, "devchoice", &name, &pool.newest_code(), session).done();
        pool.set_clock(seconds);
        let asked_for = if seconds == 0.0 { "aiko" } else { &name };
        assert_eq!(sign_in(asked_for, &confirmed["Session"]).refused().0, "NotAuthorizedException");
    }
}

#[test]
fn an_address_is_one_users_alias() {
    let pool = StartedPool::start(&[]);
    sign_up(&pool, "devdesktop", "zoe", "aiko@example.com").done();
    let code = pool.newest_code();
    let exists = exception("AliasExistsException", "An account with the email already exists.");
    assert_eq!(confirm(&pool, "devdesktop", "zoe", &code, json!({})).refused(), exists);
    let force = json!({ "ForceAliasCreation": true });
    confirm(&pool, "devdesktop", "zoe", &code, force).done();
    let tokens =
        pool.sign_in("devdesktop", "aiko@example.com", PASSWORD).done()["AuthenticationResult"].clone();
    assert_eq!(claims(&tokens["AccessToken"])["username"], "zoe");
    assert_eq!(claims(&pool.tokens("devdesktop", "aiko")["IdToken"])["email_verified"], false);
}

#[test]
fn a_code_can_be_sent_again_and_the_newest_counts() {
    let pool = StartedPool::start(&[]);
    let code = |username: &str| {
        resend(&pool, username).done();
        pool.newest_code()
    };
    let first = code("dmitri");
    let second = code("dmitri@example.com");
    if first != second {
        assert_eq!(confirm(&pool, "devdesktop", "dmitri", &first, json!({})).refused(), mismatch());
    }
    confirm(&pool, "devdesktop", "dmitri", &second, json!({})).done();
    pool.tokens("devdesktop", "dmitri");
    assert_eq!(resend(&pool, "dmitri").refused(), invalid("User is already confirmed."));
}

#[test]
fn codes_end_and_guessing_does_too() {
    let pool = StartedPool::start(&[]);
    let attempt = |code: &str| confirm(&pool, "devdesktop", "dmitri", code, json!({}));
    assert_eq!(attempt("123456").refused(), expired(), "none was sent");
    resend(&pool, "dmitri").done();
    let code = pool.newest_code();
    pool.set_clock(24.0 * 3600.0 + 1.0);
    assert_eq!(attempt(&code).refused(), expired());
    pool.set_clock(0.0);
    for _ in 0..5 {
        assert_eq!(attempt(wrong(&code)).refused(), mismatch());
    }
    assert_eq!(attempt(&code).refused(), limit());
    resend(&pool, "dmitri").done();
    attempt(&pool.newest_code()).done();
}

#[test]
fn who_does_not_exist_is_not_told_apart() {
    let pool = StartedPool::start(&[]);
    for _ in 0..5 {
        let told = resend(&pool, "nobody").done()["CodeDeliveryDetails"].clone();
        assert_eq!((&told["AttributeName"], &told["DeliveryMedium"]), (&json!("email"), &json!("EMAIL")));
        assert!(told["Destination"].as_str().is_some_and(|masked| masked.starts_with("n***@")), "{told}");
    }
    assert_eq!(resend(&pool, "nobody").refused(), limit());
    assert_eq!(confirm(&pool, "devdesktop", "nobody", "123456", json!({})).refused(), expired());
    assert_eq!(pool.messages(), Vec::<Value>::new());
}
