//! The password, the second factors and the passkeys of somebody who is signed in. By the keyboard alone.

use serde_json::json;
use virtual_desktop::{Desktop, Key, UserPool, Window};

use crate::account::tokens;
use crate::authenticator::{code_at, now};
use crate::bench::{open, pool, run, shot};
use crate::conversations::secret_on_the_page;
use crate::keyboard::{
    appears, asked, enter_name_and_password, focus_is_at, go_and_press, go_and_write, go_to, goes, reads,
    refusal, sign_out, signed_in_as, turn_to, write,
};

const NEW_PASSWORD: &str = "Fresh-Start-24";

/// Signs out from whatever page is open.
pub(crate) async fn sign_out_from_here(window: &Window) {
    turn_to(window, "account").await;
    sign_out(window).await;
}

/// Signs in as far as the question that comes after the password.
async fn asked_after_the_password(window: &Window, pool: &UserPool, username: &str, id: &str) {
    enter_name_and_password(window, pool, username).await;
    asked(window, id).await;
}

#[test]
pub(crate) fn the_password_is_changed_and_the_new_one_signs_in() {
    run(async {
        let desktop = Desktop::start("change-password");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        turn_to(&window, "security").await;
        appears(&window, "change-password").await;
        shot(&desktop, &window, "security").await;
        go_and_press(&window, "change-password").await;
        write(&window, "current-password", "Wrong-Passw0rd").await;
        go_and_write(&window, "new-password", NEW_PASSWORD).await;
        go_and_write(&window, "new-password-repeat", NEW_PASSWORD).await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("current password"));
        focus_is_at(&window, "current-password").await;
        shot(&desktop, &window, "security-password-wrong").await;
        write(&window, "current-password", pool.password("aiko")).await;
        // Too weak: the pool says so beside the new one.
        go_and_write(&window, "new-password", "weakness-1").await;
        go_and_write(&window, "new-password-repeat", "weakness-1").await;
        window.press(Key::Enter).await;
        refusal(&window).await;
        focus_is_at(&window, "new-password").await;
        write(&window, "new-password", NEW_PASSWORD).await;
        go_and_write(&window, "new-password-repeat", NEW_PASSWORD).await;
        window.press(Key::Enter).await;
        appears(&window, "password-changed").await;
        shot(&desktop, &window, "security-password-changed").await;
        sign_out_from_here(&window).await;

        enter_name_and_password(&window, &pool, "aiko").await;
        assert!(refusal(&window).await.contains("wrong"), "the old one is good no more");
        focus_is_at(&window, "password").await;
        write(&window, "password", NEW_PASSWORD).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Aiko Tanaka").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn an_authenticator_app_is_set_up_and_asked_for_first_until_another_one_is() {
    run(async {
        let desktop = Desktop::start("security-totp");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        turn_to(&window, "security").await;
        appears(&window, "set-up-authenticator").await;
        reads(&window, "stands-authenticator", "Off").await;
        go_and_press(&window, "set-up-authenticator").await;
        appears(&window, "qr-code").await;
        let secret = secret_on_the_page(&window).await;
        shot(&desktop, &window, "security-authenticator").await;
        go_to(&window, "code").await;
        // Of five minutes ago: no code of this secret that is good now.
        write(&window, "code", &code_at(&secret, now() - 300)).await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("does not fit"));
        focus_is_at(&window, "code").await;
        write(&window, "code", &code_at(&secret, now())).await;
        go_and_write(&window, "device", "Aiko’s phone").await;
        window.press(Key::Enter).await;
        reads(&window, "stands-authenticator", "On").await;
        sign_out_from_here(&window).await;

        asked_after_the_password(&window, &pool, "aiko", "code").await;
        let lead = window.evaluate("document.querySelector('main').innerText").await;
        assert!(lead.as_str().is_some_and(|text| text.contains("Aiko’s phone")), "{lead}");
        pool.control("clock", &json!({ "offset_seconds": 60 }));
        write(&window, "code", &code_at(&secret, now() + 60)).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Aiko Tanaka").await;

        // A second one beside it does not take its place by itself.
        turn_to(&window, "security").await;
        go_and_press_when_there(&window, "turn-on-email").await;
        appears(&window, "preferred-authenticator").await;
        go_and_press_when_there(&window, "prefer-email").await;
        appears(&window, "preferred-email").await;
        shot(&desktop, &window, "security-two-factors").await;
        sign_out_from_here(&window).await;
        asked_after_the_password(&window, &pool, "aiko", "code").await;
        write(&window, "code", &pool.code("aiko")).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Aiko Tanaka").await;
        window.close().await;
    });
}

/// A page is there before what the pool says of the user is.
async fn go_and_press_when_there(window: &Window, id: &str) {
    appears(window, id).await;
    go_and_press(window, id).await;
}

#[test]
pub(crate) fn codes_by_text_message_and_by_e_mail_are_turned_on_and_one_is_asked_for_first() {
    run(async {
        let desktop = Desktop::start("security-codes");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "nora").await;
        signed_in_as(&window, "Nora Berg").await;
        turn_to(&window, "security").await;
        go_and_press_when_there(&window, "turn-on-sms").await;
        reads(&window, "stands-sms", "On").await;
        go_and_press_when_there(&window, "turn-on-email").await;
        reads(&window, "stands-email", "On").await;
        appears(&window, "preferred-sms").await;
        go_and_press_when_there(&window, "prefer-email").await;
        appears(&window, "preferred-email").await;
        goes(&window, "preferred-sms").await;
        sign_out_from_here(&window).await;
        asked_after_the_password(&window, &pool, "nora", "code").await;
        let lead = window.evaluate("document.querySelector('main').innerText").await;
        assert!(lead.as_str().is_some_and(|text| text.contains("n***@e***")), "by e-mail: {lead}");
        write(&window, "code", &pool.code("nora")).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Nora Berg").await;

        // None first: there is a choice.
        turn_to(&window, "security").await;
        go_and_press_when_there(&window, "prefer-none").await;
        goes(&window, "preferred-email").await;
        sign_out_from_here(&window).await;
        asked_after_the_password(&window, &pool, "nora", "choose-sms").await;
        assert!(window.has("choose-email").await);
        window.press(Key::Escape).await;
        window.wait_for_state("signedOut").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn passkeys_are_listed_and_one_is_deleted() {
    run(async {
        let desktop = Desktop::start("passkeys");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devchoice").await;
        enter_name_and_password(&window, &pool, "priya").await;
        signed_in_as(&window, "Priya Nair").await;
        turn_to(&window, "security").await;
        appears(&window, "passkeys").await;
        reads(&window, "passkeys", "demo passkey").await;
        reads(&window, "passkeys", "demo spare passkey").await;
        shot(&desktop, &window, "security-passkeys").await;
        let spare = "ZGVtby1wYXNza2V5LTAy";
        go_and_press(&window, &format!("delete-passkey-{spare}")).await;
        focus_is_at(&window, "confirm-delete").await;
        // Thought better of it, and then not.
        window.press(Key::Escape).await;
        focus_is_at(&window, &format!("delete-passkey-{spare}")).await;
        window.press(Key::Enter).await;
        focus_is_at(&window, "confirm-delete").await;
        window.press(Key::Enter).await;
        goes(&window, &format!("passkey-{spare}")).await;
        let access = tokens(&pool, "devpassword", "priya", pool.password("priya"))["AccessToken"].clone();
        let (_, listed) = pool.ask("ListWebAuthnCredentials", &json!({ "AccessToken": access }));
        let names: Vec<_> = listed["Credentials"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|passkey| passkey["FriendlyCredentialName"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(names, ["demo passkey"]);

        // A pool without passkeys has no room for them on the page.
        let none = json!({ "error": { "type": "OperationNotEnabledException", "message": "Not enabled" } });
        pool.control("script", &json!({ "operation": "ListWebAuthnCredentials", "steps": [none] }));
        turn_to(&window, "devices").await;
        turn_to(&window, "security").await;
        appears(&window, "second-factors").await;
        goes(&window, "passkeys").await;
        window.close().await;
    });
}
