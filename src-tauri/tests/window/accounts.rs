//! Accounts that are made, confirmed and recovered in the window, each up to being signed in. By the keyboard alone.

use serde_json::json;
use virtual_desktop::{Desktop, Key, UserPool};

use crate::bench::{open, open_with, pool, run, shot};
use crate::keyboard::{
    asked, enter_name_and_password, focus_is_at, go_and_press, go_and_write, refusal, sign_out, signed_in_as,
    write,
};

const NEW_PASSWORD: &str = "Fresh-Start-23";

/// Whether the pool takes this password, asked without the window.
fn pool_takes(pool: &UserPool, username: &str, password: &str) -> bool {
    let ask = json!({ "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "devpassword",
        "AuthParameters": { "USERNAME": username, "PASSWORD": password } });
    pool.ask("InitiateAuth", &ask).0 == 200
}

/// Since the sign-in form was left, nobody was sent back to it.
fn led_without_the_form(states: &[String]) -> bool {
    let left = states.iter().position(|state| state == "deciding").unwrap_or(states.len());
    !states[left..].contains(&"signedOut".to_owned())
}

#[test]
pub(crate) fn an_account_is_made_with_what_the_pool_turns_out_to_need() {
    run(async {
        let desktop = Desktop::start("sign-up");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedOut").await;
        focus_is_at(&window, "username").await;
        go_and_press(&window, "create-account").await;
        window.wait_until("the form", "document.querySelector('[data-testid=sign-up]')").await;
        shot(&desktop, &window, "sign-up").await;

        // A name that somebody has, first; nothing but the name has to be typed again.
        write(&window, "username", "aiko").await;
        go_and_write(&window, "new-password", NEW_PASSWORD).await;
        go_and_write(&window, "new-password-repeat", NEW_PASSWORD).await;
        window.press(Key::Enter).await;
        // No setting names what the pool needs to know: it says so itself, one after the other.
        refusal(&window).await;
        focus_is_at(&window, "attribute-email").await;
        shot(&desktop, &window, "sign-up-needs-more").await;
        write(&window, "attribute-email", "yuki@example.com").await;
        window.press(Key::Enter).await;
        write(&window, "attribute-name", "Yuki Mori").await;
        window.press(Key::Enter).await;
        focus_is_at(&window, "username").await;
        assert!(refusal(&window).await.contains("taken"));
        shot(&desktop, &window, "sign-up-name-taken").await;
        write(&window, "username", "yuki").await;
        window.press(Key::Enter).await;

        asked(&window, "confirm-account").await;
        let code = pool.code("yuki");
        let wrong = if code.starts_with('0') { "111111" } else { "000000" };
        write(&window, "code", wrong).await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("wrong"));
        shot(&desktop, &window, "confirm-account").await;
        write(&window, "code", &code).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Yuki Mori").await;
        assert!(pool_takes(&pool, "yuki", NEW_PASSWORD));
        sign_out(&window).await;
        window.close().await;
    });
}

#[test]
fn an_account_is_made_without_a_password_and_signed_in_by_the_code_that_confirms_it() {
    run(async {
        let desktop = Desktop::start("sign-up-no-pw");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let told = [("COGNITO_AUTH_FLOW", "USER_AUTH"), ("COGNITO_SIGN_UP_ATTRIBUTES", "email, name")];
        let window = open_with(&desktop, &pool, "devchoice", &told).await;
        window.wait_for_state("signedOut").await;
        focus_is_at(&window, "username").await;
        go_and_press(&window, "create-account").await;
        window.wait_until("the form", "document.querySelector('[data-testid=attribute-name]')").await;
        go_and_press(&window, "turn-password").await;
        write(&window, "username", "zora").await;
        assert!(!window.has("new-password").await);
        go_and_write(&window, "attribute-email", "zora@example.com").await;
        go_and_write(&window, "attribute-name", "Zora Martin").await;
        shot(&desktop, &window, "sign-up-without-password").await;
        window.press(Key::Enter).await;
        asked(&window, "confirm-account").await;
        write(&window, "code", &pool.code("zora")).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Zora Martin").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn a_forgotten_password_is_set_anew_and_signs_in() {
    run(async {
        let desktop = Desktop::start("forgot");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedOut").await;
        write(&window, "username", "aiko").await;
        go_and_press(&window, "forgot-password").await;
        window.wait_until("the form", "document.querySelector('[data-testid=send-reset-code]')").await;
        focus_is_at(&window, "username").await;
        let kept = window.evaluate("document.activeElement.value").await;
        assert_eq!(kept, "aiko", "what was typed goes along");
        shot(&desktop, &window, "forgot-password").await;
        window.press(Key::Enter).await;

        asked(&window, "submit-reset").await;
        write(&window, "code", &pool.code("aiko")).await;
        go_and_write(&window, "new-password", "weak").await;
        go_and_write(&window, "new-password-repeat", "weak").await;
        window.press(Key::Enter).await;
        refusal(&window).await;
        shot(&desktop, &window, "reset-password-refused").await;
        // The code stays good, and stays typed.
        write(&window, "new-password", NEW_PASSWORD).await;
        go_and_write(&window, "new-password-repeat", NEW_PASSWORD).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Aiko Tanaka").await;
        assert!(pool_takes(&pool, "aiko", NEW_PASSWORD) && !pool_takes(&pool, "aiko", pool.password("aiko")));
        sign_out(&window).await;
        write(&window, "username", "aiko").await;
        go_and_write(&window, "password", NEW_PASSWORD).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Aiko Tanaka").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn who_has_not_confirmed_the_account_is_led_through_it() {
    run(async {
        let desktop = Desktop::start("unconfirmed");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "dmitri").await;
        asked(&window, "confirm-account").await;
        // It is said why, and the answer can begin at once all the same.
        assert!(refusal(&window).await.contains("has to be confirmed"));
        focus_is_at(&window, "code").await;
        shot(&desktop, &window, "sign-in-leads-to-confirming").await;
        write(&window, "code", &pool.code("dmitri")).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Dmitri Orlov").await;
        assert!(led_without_the_form(&window.states().await));
        window.close().await;
    });
}

#[test]
fn who_has_to_reset_the_password_is_led_through_it() {
    run(async {
        let desktop = Desktop::start("reset-required");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "emma").await;
        asked(&window, "submit-reset").await;
        assert!(refusal(&window).await.contains("has to be reset"));
        focus_is_at(&window, "code").await;
        shot(&desktop, &window, "sign-in-leads-to-resetting").await;
        write(&window, "code", &pool.code("emma")).await;
        go_and_write(&window, "new-password", NEW_PASSWORD).await;
        go_and_write(&window, "new-password-repeat", NEW_PASSWORD).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Emma Lind").await;
        assert!(led_without_the_form(&window.states().await));
        window.close().await;
    });
}
