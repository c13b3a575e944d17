//! A sign-out says what it has ended and what lives on, and is finished when the pool can be reached. By the keyboard
//! alone.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use virtual_desktop::{Desktop, Key, Keyring, UserPool, Window};

use crate::account::tokens;
use crate::bench::{SERVICE, open, pool, run, shot};
use crate::keyboard::{
    appears, enter_name_and_password, focus_is_at, go_and_press, go_back_to, go_to, goes, reads, sign_out,
    signed_in_as, write,
};
use crate::main_job::kept_refresh_token;

/// How a line of the receipt stands.
async fn mark(window: &Window, line: &str) -> Value {
    window.evaluate(&format!("document.querySelector('[data-testid=receipt-{line}]').dataset.mark")).await
}

/// Waits until a line of the receipt stands so.
async fn stands(window: &Window, line: &str, as_marked: &str) {
    let marked =
        format!("document.querySelector('[data-testid=receipt-{line}]')?.dataset.mark === '{as_marked}'");
    window.wait_until(&format!("{line} to be {as_marked}"), &marked).await;
}

fn renew(client: &str, refresh: &str) -> Value {
    json!({ "ClientId": client, "RefreshToken": refresh })
}

/// Whether the pool takes a refresh token, asked without the window.
fn is_honoured(pool: &UserPool, ask: &Value) -> bool {
    match pool.ask("GetTokensFromRefreshToken", ask) {
        (200, _) => true,
        (400, answer) if answer["__type"].as_str().is_some_and(|name| name.contains("NotAuthorized")) => {
            false
        }
        (status, answer) => panic!("{status} {answer}"),
    }
}

/// Waits until the pool refuses a refresh token.
async fn is_refused(pool: &UserPool, ask: &Value) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while is_honoured(pool, ask) {
        assert!(Instant::now() < deadline, "the refresh token is still honoured");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until nothing of a session is in the keychain.
async fn is_emptied(keyring: &Keyring) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !keyring.entries(SERVICE).is_empty() {
        assert!(Instant::now() < deadline, "left in the keychain: {:?}", keyring.entries(SERVICE).keys());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
pub(crate) fn a_sign_out_says_what_has_ended_and_what_lives_on() {
    run(async {
        let desktop = Desktop::start("receipt");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let elsewhere = tokens(&pool, "devpassword", "aiko", pool.password("aiko"));
        let elsewhere = renew("devpassword", elsewhere["RefreshToken"].as_str().expect("a token"));
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        let here = renew("devdesktop", &kept_refresh_token(&keyring).expect("a record with a refresh token"));
        sign_out(&window).await;
        reads(&window, "ended-notice", "Aiko Tanaka").await;
        is_refused(&pool, &here).await;
        assert!(is_honoured(&pool, &elsewhere), "signed out here only");
        is_emptied(&keyring).await;
        // The details are there for whoever wants them.
        go_and_press(&window, "receipt-details").await;
        stands(&window, "device", "done").await;
        stands(&window, "refresh-token", "done").await;
        assert_eq!(mark(&window, "access-token").await, "livesOn");
        assert_eq!(mark(&window, "others").await, "untouched");
        shot(&desktop, &window, "receipt").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn a_sign_out_that_the_pool_was_not_told_of_is_finished_in_a_later_run() {
    run(async {
        let desktop = Desktop::start("receipt-offline");
        let keyring = desktop.keyring_unlocked();
        let state = desktop.home().join("pool.json");
        let mut pool = pool(&["--state", &state.display().to_string()]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        let here = renew("devdesktop", &kept_refresh_token(&keyring).expect("a record with a refresh token"));
        assert!(is_honoured(&pool, &here));
        pool.stop();
        sign_out(&window).await;
        // What is left over opens by itself.
        stands(&window, "refresh-token", "waiting").await;
        stands(&window, "device", "done").await;
        assert_eq!(mark(&window, "access-token").await, "livesOn");
        assert!(kept_refresh_token(&keyring).is_none(), "no session any more");
        assert!(!keyring.entries(SERVICE).is_empty(), "what is to be revoked is kept");
        shot(&desktop, &window, "receipt-offline").await;
        // Asked at once, the pool is still not there.
        go_and_press(&window, "try-now").await;
        stands(&window, "refresh-token", "waiting").await;
        window.kill();

        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedOut").await;
        appears(&window, "unfinished-notice").await;
        shot(&desktop, &window, "receipt-unfinished").await;
        focus_is_at(&window, "username").await;
        pool.start_again();
        assert!(is_honoured(&pool, &here), "nobody has revoked it yet");
        go_to(&window, "try-now").await;
        window.press(Key::Enter).await;
        is_refused(&pool, &here).await;
        goes(&window, "unfinished-notice").await;
        is_emptied(&keyring).await;
        window.close().await;

        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedOut").await;
        write(&window, "username", "aiko").await;
        assert!(!window.has("unfinished-notice").await);
        window.close().await;
    });
}

#[test]
pub(crate) fn signing_out_everywhere_says_that_nothing_is_left() {
    run(async {
        let desktop = Desktop::start("receipt-everywhere");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let elsewhere = tokens(&pool, "devpassword", "aiko", pool.password("aiko"));
        let elsewhere = renew("devpassword", elsewhere["RefreshToken"].as_str().expect("a token"));
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        let here = renew("devdesktop", &kept_refresh_token(&keyring).expect("a record with a refresh token"));
        go_and_press(&window, "sign-out").await;
        focus_is_at(&window, "confirm-sign-out").await;
        go_back_to(&window, "sign-out-everywhere").await;
        window.press(Key::Enter).await;
        window.wait_for_state("signedOut").await;
        assert!(!is_honoured(&pool, &here) && !is_honoured(&pool, &elsewhere));
        is_emptied(&keyring).await;
        appears(&window, "ended-notice").await;
        go_and_press(&window, "receipt-details").await;
        for line in ["device", "refresh-token", "others"] {
            stands(&window, line, "done").await;
        }
        shot(&desktop, &window, "receipt-everywhere").await;
        window.close().await;
    });
}
