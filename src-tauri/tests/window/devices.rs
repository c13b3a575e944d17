//! A device that the pool remembers needs no second factor. By the keyboard alone.

use std::time::Duration;

use serde_json::{Value, json};
use virtual_desktop::{Desktop, Key, UserPool, Window};

use crate::bench::{open, pool, run, shot};
use crate::keyboard::{asked, enter_name_and_password, go_and_press, sign_out, signed_in_as, write};

/// Signs in with the password alone: no question comes up on the way.
async fn signs_in_without_a_second_factor(window: &Window, pool: &UserPool, username: &str, name: &str) {
    let before = window.states().await.len();
    enter_name_and_password(window, pool, username).await;
    signed_in_as(window, name).await;
    let states = window.states().await.split_off(before);
    assert!(!states.contains(&"challenged".to_owned()), "{states:?}");
}

/// Signs in with the password and the code that is asked for then.
async fn signs_in_with_a_code(window: &Window, pool: &UserPool, username: &str, name: &str) {
    enter_name_and_password(window, pool, username).await;
    asked(window, "code").await;
    write(window, "code", &pool.code(username)).await;
    window.press(Key::Enter).await;
    signed_in_as(window, name).await;
}

/// Forgets the devices of a user with an authenticator, from somewhere else: gives how many there were.
fn forget_devices_elsewhere(pool: &UserPool, username: &str) -> usize {
    let ask = |operation: &str, body: Value| {
        let (status, answer) = pool.ask(operation, &body);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    };
    let flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
    pool.control("client", &json!({ "id": "devdevices", "flows": flows }));
    let begun = ask(
        "InitiateAuth",
        json!({ "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "devdevices",
            "AuthParameters": { "USERNAME": username, "PASSWORD": pool.password(username) } }),
    );
    let answer = ask(
        "RespondToAuthChallenge",
        json!({ "ClientId": "devdevices", "ChallengeName": begun["ChallengeName"], "Session": begun["Session"],
            "ChallengeResponses": { "USERNAME": username, "SOFTWARE_TOKEN_MFA_CODE": pool.code(username) } }),
    );
    let token = &answer["AuthenticationResult"]["AccessToken"];
    let devices = ask("ListDevices", json!({ "AccessToken": token }));
    let mut devices = devices["Devices"].as_array().cloned().unwrap_or_default();
    // Whoever asks has become a device as well.
    let asking = &answer["AuthenticationResult"]["NewDeviceMetadata"]["DeviceKey"];
    devices.retain(|device| device["DeviceKey"] != *asking);
    for device in &devices {
        ask("ForgetDevice", json!({ "AccessToken": token, "DeviceKey": device["DeviceKey"] }));
    }
    devices.len()
}

#[test]
pub(crate) fn a_remembered_device_skips_the_second_factor_until_it_is_forgotten_elsewhere() {
    run(async {
        let desktop = Desktop::start("device");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdevices").await;
        signs_in_with_a_code(&window, &pool, "uma", "Uma Iyer").await;
        let row = "document.querySelector('[data-testid=device-state]')";
        window.wait_until("the device to be remembered", row).await;
        shot(&desktop, &window, "device-remembered").await;
        sign_out(&window).await;
        signs_in_without_a_second_factor(&window, &pool, "uma", "Uma Iyer").await;
        sign_out(&window).await;
        window.close().await;

        // What the pool needs of the device outlives the program.
        let window = open(&desktop, &pool, "devdevices").await;
        signs_in_without_a_second_factor(&window, &pool, "uma", "Uma Iyer").await;
        sign_out(&window).await;

        // No code of an authenticator is taken twice, so time has to pass before each of them.
        pool.control("clock", &json!({ "offset_seconds": 60 }));
        assert_eq!(forget_devices_elsewhere(&pool, "uma"), 1, "one device, however often it signed in");
        pool.control("clock", &json!({ "offset_seconds": 120 }));
        signs_in_with_a_code(&window, &pool, "uma", "Uma Iyer").await;
        window.wait_until("the device to be remembered anew", row).await;
        sign_out(&window).await;
        signs_in_without_a_second_factor(&window, &pool, "uma", "Uma Iyer").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn the_user_is_asked_whether_this_device_is_to_be_remembered_and_its_session_is_renewed() {
    run(async {
        let desktop = Desktop::start("device-opt-in");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        pool.control("client", &json!({ "id": "devoptin", "access_life": 20 }));
        let window = open(&desktop, &pool, "devoptin").await;
        signs_in_with_a_code(&window, &pool, "viktor", "Viktor Hahn").await;
        window.wait_until("the question", "document.querySelector('[data-testid=device-asking]')").await;
        shot(&desktop, &window, "device-asking").await;
        go_and_press(&window, "remember-device").await;
        window.wait_until("what came of it", "document.querySelector('[data-testid=device-told]')").await;
        let there = "document.querySelector('[data-testid=device-told]').contains(document.activeElement)";
        window.wait_until("the focus where the question was", there).await;
        shot(&desktop, &window, "device-told").await;

        // The pool refuses a renewal without the device's key.
        let renewed_at =
            "Date.parse(document.querySelector('[data-testid=renewed-at]').getAttribute('datetime'))";
        let first = window.evaluate(renewed_at).await;
        window.wait_within(Duration::from_secs(30), "a renewal", &format!("{renewed_at} > {first}")).await;
        assert_eq!(window.state().await, "signedIn");
        sign_out(&window).await;
        signs_in_without_a_second_factor(&window, &pool, "viktor", "Viktor Hahn").await;
        window.close().await;
    });
}

#[test]
fn a_device_that_is_not_to_be_remembered_needs_the_second_factor_again() {
    run(async {
        let desktop = Desktop::start("device-opt-out");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devoptin").await;
        signs_in_with_a_code(&window, &pool, "viktor", "Viktor Hahn").await;
        window.wait_until("the question", "document.querySelector('[data-testid=device-asking]')").await;
        go_and_press(&window, "forget-device").await;
        window.wait_until("what came of it", "document.querySelector('[data-testid=device-told]')").await;
        assert!(window.text("device-told").await.contains("not remembered"));
        sign_out(&window).await;
        signs_in_with_a_code(&window, &pool, "viktor", "Viktor Hahn").await;
        assert_eq!(window.text("device-state").await, "Not remembered");
        assert!(!window.has("device-asking").await, "it has been answered");
        window.close().await;
    });
}
