//! What makes an account easier to take over, or ends it, wants whoever is signed in to prove to be there. By the
//! keyboard alone.

use serde_json::json;
use virtual_desktop::{Desktop, Key, UserPool, Window};

use crate::bench::{open, pool, run, shot};
use crate::keyboard::{
    appears, asked, enter_name_and_password, focus_is_at, go_and_press, reads, refusal, signed_in_as,
    turn_to, write,
};
use crate::security::sign_out_from_here;

/// Proves the password, wrong once.
async fn prove_the_password(window: &Window, pool: &UserPool, username: &str) {
    appears(window, "submit-password").await;
    write(window, "password", "Wrong-Passw0rd").await;
    window.press(Key::Enter).await;
    refusal(window).await;
    focus_is_at(window, "password").await;
    write(window, "password", pool.password(username)).await;
    window.press(Key::Enter).await;
}

#[test]
pub(crate) fn an_authenticator_app_is_turned_off_by_whoever_proves_to_be_there_and_by_nobody_else() {
    run(async {
        let desktop = Desktop::start("step-up-totp");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "jun").await;
        asked(&window, "code").await;
        write(&window, "code", &pool.code("jun")).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Jun Watanabe").await;
        turn_to(&window, "security").await;
        appears(&window, "turn-off-authenticator").await;
        go_and_press(&window, "turn-off-authenticator").await;
        focus_is_at(&window, "confirm-turn-off").await;
        shot(&desktop, &window, "step-up-question").await;
        window.press(Key::Enter).await;
        appears(&window, "submit-password").await;
        focus_is_at(&window, "password").await;
        shot(&desktop, &window, "step-up-password").await;

        // Cancelled: back where it was, and nothing is changed.
        window.press(Key::Escape).await;
        appears(&window, "confirm-turn-off").await;
        reads(&window, "stands-authenticator", "On").await;
        reads(&window, "page-title", "Security").await;
        assert_eq!(window.state().await, "signedIn");
        assert!(pool.log()["counts"]["SetUserMFAPreference"].is_null(), "{}", pool.log());

        // No code of an authenticator is taken twice, so time has to pass before the next one.
        pool.control("clock", &json!({ "offset_seconds": 60 }));
        go_and_press(&window, "confirm-turn-off").await;
        prove_the_password(&window, &pool, "jun").await;
        appears(&window, "submit-code").await;
        shot(&desktop, &window, "step-up-code").await;
        write(&window, "code", &pool.code("jun")).await;
        window.press(Key::Enter).await;
        reads(&window, "stands-authenticator", "Off").await;
        shot(&desktop, &window, "step-up-done").await;
        assert_eq!(pool.log()["counts"]["SetUserMFAPreference"]["ok"], 1);
        sign_out_from_here(&window).await;
        let before = window.states().await.len();
        enter_name_and_password(&window, &pool, "jun").await;
        signed_in_as(&window, "Jun Watanabe").await;
        let states = window.states().await.split_off(before);
        assert!(!states.contains(&"challenged".to_owned()), "no second factor: {states:?}");
        window.close().await;
    });
}

#[test]
pub(crate) fn an_account_is_deleted_under_its_own_name_only_and_signs_in_no_more() {
    run(async {
        let desktop = Desktop::start("delete-account");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        appears(&window, "delete-account").await;
        go_and_press(&window, "delete-account").await;
        focus_is_at(&window, "prove-presence").await;
        shot(&desktop, &window, "delete-account").await;
        window.press(Key::Enter).await;
        prove_the_password(&window, &pool, "aiko").await;

        focus_is_at(&window, "delete-name").await;
        shot(&desktop, &window, "delete-account-name").await;
        write(&window, "delete-name", "akio").await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("not the name"));
        focus_is_at(&window, "delete-name").await;
        assert!(pool.log()["counts"]["DeleteUser"].is_null(), "{}", pool.log());
        write(&window, "delete-name", "aiko").await;
        window.press(Key::Enter).await;
        window.wait_for_state("signedOut").await;
        reads(&window, "ended-notice", "deleted").await;
        shot(&desktop, &window, "account-deleted").await;
        assert_eq!(pool.log()["counts"]["DeleteUser"]["ok"], 1);

        enter_name_and_password(&window, &pool, "aiko").await;
        assert!(refusal(&window).await.contains("wrong"));
        window.close().await;
        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedOut").await;
        window.close().await;
    });
}
