//! A forgotten password.

use serde_json::{Value, json};

use crate::http::{Answer, exception, not_authorized};
use crate::started::StartedPool;

const PASSWORD: &str = "Fresh-Start-1";

fn forgot(pool: &StartedPool, username: &str) -> Answer {
    pool.call("ForgotPassword", json!({ "ClientId": "devdesktop", "Username": username }))
}

fn confirm(pool: &StartedPool, username: &str, code: &str, password: &str) -> Answer {
    let client = "devdesktop";
    let body =
        json!({ "ClientId": client, "Username": username, "ConfirmationCode": code, "Password": password });
    pool.call("ConfirmForgotPassword", body)
}

fn mismatch() -> (String, String) {
    exception("CodeMismatchException", "Invalid verification code provided, please try again.")
}

fn expired() -> (String, String) {
    exception("ExpiredCodeException", "Invalid code provided, please request a code again.")
}

fn limit() -> (String, String) {
    exception("LimitExceededException", "Attempt limit exceeded, please try after some time.")
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[test]
fn a_code_brings_a_new_password() {
    let pool = StartedPool::start(&[]);
    for username in ["aiko", "emma"] {
        let told = forgot(&pool, &format!("{username}@example.com")).done();
        let masked = format!("{}***@e***", &username[..1]);
        let delivery = json!({ "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": masked });
        assert_eq!(told["CodeDeliveryDetails"], delivery);
        let code = pool.newest_code();
        assert_eq!(confirm(&pool, username, wrong(&code), PASSWORD).refused(), mismatch());
        let (kind, _) = confirm(&pool, username, &code, "short").refused();
        assert_eq!(kind, "InvalidPasswordException");
        assert_eq!(confirm(&pool, username, &code, PASSWORD).done(), json!({}));
        assert_eq!(confirm(&pool, username, &code, PASSWORD).refused(), expired(), "a code is good once");
        pool.sign_in("devdesktop", username, PASSWORD).done();
        let old = pool.sign_in("devdesktop", username, pool.password(username)).refused();
        assert_eq!(old, not_authorized("Incorrect username or password."));
    }
}

#[test]
fn a_new_password_ends_a_lockout() {
    let pool = StartedPool::start(&[]);
    for _ in 0..8 {
        pool.sign_in("devdesktop", "aiko", "Wrong-Pass-1").refused();
    }
    pool.set_clock(-500.0);
    forgot(&pool, "aiko").done();
    confirm(&pool, "aiko", &pool.newest_code(), PASSWORD).done();
    pool.sign_in("devdesktop", "aiko", PASSWORD).done();
}

#[test]
fn where_there_is_no_verified_address_the_number_is_used_or_nothing() {
    let pool = StartedPool::start(&[]);
    let unverify = |medium: &str| {
        let mut attributes = json!({});
        attributes[format!("{medium}_verified")] = json!("false");
        pool.control("user", json!({ "username": "lena", "attributes": attributes }));
    };
    unverify("email");
    let told = forgot(&pool, "lena").done()["CodeDeliveryDetails"].clone();
    let number =
        json!({ "AttributeName": "phone_number", "DeliveryMedium": "SMS", "Destination": "+*******1234" });
    assert_eq!(told, number);
    unverify("phone_number");
    let words = "Cannot reset password for the user as there is no registered/verified email or phone_number";
    let nowhere = exception("InvalidParameterException", words);
    assert_eq!(forgot(&pool, "lena").refused(), nowhere);
    assert_eq!(forgot(&pool, "dmitri").refused(), nowhere);
    let state = not_authorized("User password cannot be reset in the current state.");
    assert_eq!(forgot(&pool, "ben").refused(), state);
}

#[test]
fn codes_end_and_guessing_does_too() {
    let pool = StartedPool::start(&[]);
    assert_eq!(confirm(&pool, "aiko", "123456", PASSWORD).refused(), expired(), "none was sent");
    forgot(&pool, "aiko").done();
    let code = pool.newest_code();
    pool.set_clock(3601.0);
    assert_eq!(confirm(&pool, "aiko", &code, PASSWORD).refused(), expired());
    pool.set_clock(0.0);
    for _ in 0..5 {
        assert_eq!(confirm(&pool, "aiko", wrong(&code), PASSWORD).refused(), mismatch());
    }
    assert_eq!(confirm(&pool, "aiko", &code, PASSWORD).refused(), limit());
    for _ in 0..4 {
        forgot(&pool, "aiko").done();
    }
    assert_eq!(forgot(&pool, "aiko").refused(), limit());
}

#[test]
fn who_does_not_exist_or_is_disabled_is_not_told_apart() {
    let pool = StartedPool::start(&[]);
    for username in ["nobody", "chiyo"] {
        let told = forgot(&pool, username).done()["CodeDeliveryDetails"].clone();
        assert_eq!((&told["AttributeName"], &told["DeliveryMedium"]), (&json!("email"), &json!("EMAIL")));
        assert_eq!(told, forgot(&pool, username).done()["CodeDeliveryDetails"]);
        assert_eq!(confirm(&pool, username, "123456", PASSWORD).refused(), mismatch());
        for _ in 0..3 {
            forgot(&pool, username).done();
        }
        assert_eq!(forgot(&pool, username).refused(), limit());
    }
    assert_eq!(pool.messages(), Vec::<Value>::new());
}
