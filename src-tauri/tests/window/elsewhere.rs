//! The devices and the sessions of somebody who is signed in, here and elsewhere. By the keyboard alone.

use std::time::Duration;

use serde_json::{Value, json};
use virtual_desktop::{Desktop, Key, UserPool, Window};

use crate::account::tokens;
use crate::bench::{open, pool, run, shot};
use crate::keyboard::{
    appears, asked, enter_name_and_password, focus_is_at, go_and_press, goes, reads, signed_in_as, turn_to,
    write,
};
use crate::security::sign_out_from_here;

/// Lets a client take the password itself as well, for a sign-in beside the window's.
fn take_passwords(pool: &UserPool, client: &str) {
    let flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
    pool.control("client", &json!({ "id": client, "flows": flows }));
}

fn ask(pool: &UserPool, operation: &str, body: &Value) -> Value {
    let (status, answer) = pool.ask(operation, body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

/// The rows on the page whose id begins so, in their order.
async fn rows(window: &Window, id: &str) -> Vec<String> {
    let ids =
        format!("[...document.querySelectorAll('li[data-testid^={id}]')].map(row => row.dataset.testid)");
    serde_json::from_value(window.evaluate(&ids).await).expect("a list of ids")
}

#[test]
pub(crate) fn devices_are_listed_this_one_first_and_another_one_is_forgotten() {
    run(async {
        let desktop = Desktop::start("device-list");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        take_passwords(&pool, "devdevices");
        let other = tokens(&pool, "devdevices", "aiko", pool.password("aiko"));
        let key = other["NewDeviceMetadata"]["DeviceKey"].as_str().expect("a key").to_owned();
        let verifier = json!({ "PasswordVerifier": "AAECAwQFBgc=", "Salt": "AAECAwQFBgc=" });
        let confirm = json!({ "AccessToken": other["AccessToken"], "DeviceKey": key,
            "DeviceName": "Aiko’s laptop", "DeviceSecretVerifierConfig": verifier });
        ask(&pool, "ConfirmDevice", &confirm);
        let renew =
            json!({ "ClientId": "devdevices", "RefreshToken": other["RefreshToken"], "DeviceKey": key });
        ask(&pool, "GetTokensFromRefreshToken", &renew);

        let window = open(&desktop, &pool, "devdevices").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        turn_to(&window, "devices").await;
        appears(&window, &format!("device-{key}")).await;
        shot(&desktop, &window, "devices").await;
        let here = rows(&window, "device-us").await;
        assert_eq!(here.len(), 2, "{here:?}");
        reads(&window, "this-device", "Remembered").await;
        reads(&window, "other-devices", "Aiko’s laptop").await;
        let own = "document.querySelector('[data-testid=this-device] [data-testid^=device-]').dataset.testid";
        assert_ne!(window.evaluate(own).await, format!("device-{key}"));

        // A name that only this computer knows.
        go_and_press(&window, &format!("rename-{key}")).await;
        write(&window, "device-name", "The old one").await;
        window.press(Key::Enter).await;
        focus_is_at(&window, &format!("rename-{key}")).await;
        reads(&window, &format!("device-{key}"), "The old one").await;

        go_and_press(&window, &format!("forget-{key}")).await;
        focus_is_at(&window, "confirm-forget").await;
        shot(&desktop, &window, "devices-forget").await;
        window.press(Key::Escape).await;
        focus_is_at(&window, &format!("forget-{key}")).await;
        window.press(Key::Enter).await;
        focus_is_at(&window, "confirm-forget").await;
        window.press(Key::Enter).await;
        goes(&window, &format!("device-{key}")).await;
        assert_eq!(pool.ask("GetTokensFromRefreshToken", &renew).0, 400, "its session ends with it");
        let listed = ask(&pool, "ListDevices", &json!({ "AccessToken": other["AccessToken"] }));
        assert_eq!(listed["Devices"].as_array().map(Vec::len), Some(1), "{listed}");
        assert!(!window.has("sessions").await, "this pool tracks none");
        window.close().await;
    });
}

#[test]
fn a_session_whose_device_is_forgotten_here_ends_at_its_next_renewal_and_says_so() {
    run(async {
        let desktop = Desktop::start("device-forget-this");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        pool.control("client", &json!({ "id": "devdevices", "access_life": 20 }));
        let window = open(&desktop, &pool, "devdevices").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        turn_to(&window, "devices").await;
        appears(&window, "this-device").await;
        let rows = rows(&window, "device-us").await;
        let [this] = &rows[..] else { panic!("one device: {rows:?}") };
        go_and_press(&window, &this.replacen("device", "forget", 1)).await;
        focus_is_at(&window, "confirm-forget").await;
        reads(&window, this, "device you are using").await;
        shot(&desktop, &window, "devices-forget-this").await;
        window.press(Key::Enter).await;
        goes(&window, this).await;
        assert_eq!(window.state().await, "signedIn", "as long as its access token is good");
        let ended = "document.documentElement.dataset.state === 'signedOut'";
        window.wait_within(Duration::from_secs(40), "the end of the session", ended).await;
        appears(&window, "ended-notice").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn a_device_that_was_not_to_be_remembered_is_remembered_after_all() {
    run(async {
        let desktop = Desktop::start("device-after-all");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devoptin").await;
        enter_name_and_password(&window, &pool, "viktor").await;
        asked(&window, "code").await;
        write(&window, "code", &pool.code("viktor")).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Viktor Hahn").await;
        appears(&window, "device-asking").await;
        go_and_press(&window, "forget-device").await;
        appears(&window, "device-told").await;

        turn_to(&window, "devices").await;
        appears(&window, "remember-this").await;
        reads(&window, "this-device", "Not remembered").await;
        go_and_press(&window, "remember-this").await;
        appears(&window, "do-not-remember").await;
        reads(&window, "this-device", "Remembered").await;
        shot(&desktop, &window, "devices-remembered").await;
        sign_out_from_here(&window).await;
        let before = window.states().await.len();
        enter_name_and_password(&window, &pool, "viktor").await;
        signed_in_as(&window, "Viktor Hahn").await;
        let states = window.states().await.split_off(before);
        assert!(!states.contains(&"challenged".to_owned()), "no second factor: {states:?}");
        window.close().await;
    });
}

#[test]
pub(crate) fn sessions_are_listed_and_another_one_is_ended() {
    run(async {
        let desktop = Desktop::start("session-list");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        take_passwords(&pool, "devsessions");
        let other = tokens(&pool, "devsessions", "wanda", pool.password("wanda"));
        let renew = json!({ "ClientId": "devsessions", "RefreshToken": other["RefreshToken"] });
        ask(&pool, "GetTokensFromRefreshToken", &renew);
        let window = open(&desktop, &pool, "devsessions").await;
        enter_name_and_password(&window, &pool, "wanda").await;
        signed_in_as(&window, "Wanda Kowalska").await;
        turn_to(&window, "devices").await;
        appears(&window, "sessions").await;
        shot(&desktop, &window, "sessions").await;
        let page = window.evaluate("document.querySelector('main').innerText").await;
        assert!(page.as_str().is_some_and(|text| text.contains("keeps no list of devices")), "{page}");
        let listed = rows(&window, "session-tkn").await;
        let [here, there] = &listed[..] else { panic!("one session here and one there: {listed:?}") };
        reads(&window, here, "This session").await;
        assert!(!window.has(&format!("end-{here}")).await, "one's own is ended by signing out");
        go_and_press(&window, &format!("end-{there}")).await;
        goes(&window, there).await;
        assert_eq!(pool.ask("GetTokensFromRefreshToken", &renew).0, 400);
        assert_eq!(window.state().await, "signedIn");
        window.close().await;
    });
}
