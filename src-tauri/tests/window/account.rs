//! What somebody who is signed in may do with their own details. By the keyboard alone.

use serde_json::{Value, json};
use virtual_desktop::{Desktop, Key, UserPool, Window};

use crate::bench::{open, pool, run, shot};
use crate::keyboard::{
    appears, enter_name_and_password, focus_is_at, go_and_press, goes, reads, refusal, signed_in_as, turn_to,
    write,
};

/// A session of its own, beside the window's.
pub(crate) fn tokens(pool: &UserPool, client: &str, username: &str, password: &str) -> Value {
    let ask = json!({ "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client,
        "AuthParameters": { "USERNAME": username, "PASSWORD": password } });
    let (status, answer) = pool.ask("InitiateAuth", &ask);
    assert_eq!(status, 200, "{answer}");
    answer["AuthenticationResult"].clone()
}

/// What the pool has as an attribute of a user who signs in with the password alone.
fn at_pool(pool: &UserPool, username: &str, attribute: &str) -> Option<String> {
    let tokens = tokens(pool, "devpassword", username, pool.password(username));
    let (status, answer) = pool.ask("GetUser", &json!({ "AccessToken": tokens["AccessToken"] }));
    assert_eq!(status, 200, "{answer}");
    let attributes = answer["UserAttributes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = attributes.iter().find(|listed| listed["Name"] == attribute)?;
    found["Value"].as_str().map(str::to_owned)
}

/// Waits until the header, which says what the tokens say, has this in it.
async fn header_reads(window: &Window, text: &str) {
    let read = format!("document.querySelector('main header').innerText.includes({})", Value::from(text));
    window.wait_until(&format!("the header to read {text}"), &read).await;
}

/// Another code than this one.
fn other_than(code: &str) -> &'static str {
    if code.starts_with('0') { "111111" } else { "000000" }
}

#[test]
pub(crate) fn a_detail_is_changed_and_another_one_is_added_and_taken_away() {
    run(async {
        let desktop = Desktop::start("account-detail");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        appears(&window, "edit-name").await;
        shot(&desktop, &window, "account").await;
        go_and_press(&window, "edit-name").await;
        write(&window, "value-name", "Aiko Suzuki").await;
        shot(&desktop, &window, "account-edit").await;
        window.press(Key::Enter).await;
        focus_is_at(&window, "edit-name").await;
        // The tokens say so as well, soon.
        reads(&window, "user-name", "Aiko Suzuki").await;
        assert_eq!(at_pool(&pool, "aiko", "name").as_deref(), Some("Aiko Suzuki"));

        // Everybody must have a name: the pool says so, and it stays.
        window.press(Key::Enter).await;
        focus_is_at(&window, "value-name").await;
        go_and_press(&window, "delete-attribute").await;
        appears(&window, "confirm-remove").await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("required"));
        shot(&desktop, &window, "account-detail-refused").await;
        window.press(Key::Escape).await;
        focus_is_at(&window, "edit-name").await;
        reads(&window, "attribute-name", "Aiko Suzuki").await;

        go_and_press(&window, "add-attribute").await;
        go_and_press(&window, "add-nickname").await;
        write(&window, "value-nickname", "Ai").await;
        window.press(Key::Enter).await;
        focus_is_at(&window, "edit-nickname").await;
        assert_eq!(at_pool(&pool, "aiko", "nickname").as_deref(), Some("Ai"));
        window.press(Key::Enter).await;
        focus_is_at(&window, "value-nickname").await;
        go_and_press(&window, "delete-attribute").await;
        appears(&window, "confirm-remove").await;
        window.press(Key::Enter).await;
        goes(&window, "attribute-nickname").await;
        focus_is_at(&window, "add-attribute").await;
        assert_eq!(at_pool(&pool, "aiko", "nickname"), None);
        window.close().await;
    });
}

#[test]
pub(crate) fn an_address_is_changed_once_its_code_is_entered_if_need_be_later() {
    run(async {
        let desktop = Desktop::start("account-email");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        go_and_press(&window, "edit-email").await;
        write(&window, "value-email", "aiko.tanaka@example.org").await;
        window.press(Key::Enter).await;
        focus_is_at(&window, "code").await;
        shot(&desktop, &window, "account-verify").await;
        reads(&window, "user-email", "aiko@example.com").await;
        let code = pool.code("aiko");
        write(&window, "code", other_than(&code)).await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("wrong"));
        focus_is_at(&window, "code").await;

        // Not now: it goes on waiting, also while another page is looked at.
        window.press(Key::Escape).await;
        focus_is_at(&window, "edit-email").await;
        appears(&window, "verify-later").await;
        shot(&desktop, &window, "account-verify-later").await;
        assert_eq!(at_pool(&pool, "aiko", "email").as_deref(), Some("aiko@example.com"));
        turn_to(&window, "security").await;
        turn_to(&window, "account").await;
        go_and_press(&window, "enter-code").await;
        write(&window, "code", &code).await;
        window.press(Key::Enter).await;
        focus_is_at(&window, "edit-email").await;
        goes(&window, "verify-later").await;
        reads(&window, "user-email", "aiko.tanaka@example.org").await;
        header_reads(&window, "aiko.tanaka@example.org").await;
        assert_eq!(at_pool(&pool, "aiko", "email").as_deref(), Some("aiko.tanaka@example.org"));
        assert_eq!(at_pool(&pool, "aiko", "email_verified").as_deref(), Some("true"));
        window.close().await;
    });
}

#[test]
pub(crate) fn a_number_is_added_and_verified_in_a_later_run() {
    run(async {
        let desktop = Desktop::start("account-phone");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        go_and_press(&window, "add-attribute").await;
        go_and_press(&window, "add-phone_number").await;
        write(&window, "value-phone_number", "5550").await;
        window.press(Key::Enter).await;
        refusal(&window).await;
        focus_is_at(&window, "value-phone_number").await;
        write(&window, "value-phone_number", "+15550004321").await;
        window.press(Key::Enter).await;
        focus_is_at(&window, "code").await;
        let first = pool.code("aiko");
        window.press(Key::Escape).await;
        focus_is_at(&window, "edit-phone_number").await;
        assert_eq!(at_pool(&pool, "aiko", "phone_number_verified").as_deref(), Some("false"));
        window.close().await;

        let window = open(&desktop, &pool, "devdesktop").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        reads(&window, "attribute-phone_number", "+15550004321").await;
        go_and_press(&window, "verify-phone_number").await;
        focus_is_at(&window, "code").await;
        let second = pool.code("aiko");
        assert_ne!(first, second, "another code");
        write(&window, "code", &second).await;
        window.press(Key::Enter).await;
        focus_is_at(&window, "edit-phone_number").await;
        goes(&window, "verify-phone_number").await;
        assert_eq!(at_pool(&pool, "aiko", "phone_number_verified").as_deref(), Some("true"));
        window.close().await;
    });
}

#[test]
pub(crate) fn a_detail_that_this_client_may_not_write_is_said_to_be_so() {
    run(async {
        let desktop = Desktop::start("account-not-writable");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        let refused = json!({ "error": { "type": "NotAuthorizedException",
            "message": "A client attempted to write unauthorized attribute" } });
        pool.control("script", &json!({ "operation": "UpdateUserAttributes", "steps": [refused] }));
        go_and_press(&window, "edit-name").await;
        write(&window, "value-name", "Somebody Else").await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("cannot be changed"));
        focus_is_at(&window, "value-name").await;
        let typed = window.evaluate("document.activeElement.value").await;
        assert_eq!(typed, "Somebody Else", "what was typed stays");
        shot(&desktop, &window, "account-not-writable").await;
        window.press(Key::Escape).await;
        focus_is_at(&window, "edit-name").await;
        reads(&window, "attribute-name", "Aiko Tanaka").await;
        assert_eq!(at_pool(&pool, "aiko", "name").as_deref(), Some("Aiko Tanaka"));
        window.close().await;
    });
}
