//! A challenge waits for some minutes. An answer that comes later is not lost: the sign-in is begun again by itself.
//! By the keyboard alone.

use serde_json::json;
use virtual_desktop::{Desktop, Key, UserPool, Window};

use crate::authenticator::{code_at, now};
use crate::bench::{open, open_with, pool, run, shot};
use crate::keyboard::{
    asked, enter_name_and_password, focus_is_at, go_and_press, go_and_write, go_back_to, refusal,
    signed_in_as, write,
};

/// More than Cognito's shortest life of a challenge, in seconds.
const LATE: u64 = 200;

/// The time for the answer runs out, by the pool's clock.
fn time_runs_out(pool: &UserPool) {
    pool.control("clock", &json!({ "offset_seconds": LATE }));
}

/// Whether the pool has refused an answer as too late and then begun anew, without the form in between.
async fn begun_again(window: &Window, pool: &UserPool) -> bool {
    let log = pool.log();
    let asked = log["requests"].as_array().map(Vec::as_slice).unwrap_or_default();
    let begun = asked.iter().filter(|entry| entry["operation"] == "InitiateAuth").count();
    let states = window.states().await;
    let left = states.iter().position(|state| state == "deciding").unwrap_or(states.len());
    begun == 2 && !states[left..].contains(&"signedOut".to_owned())
}

#[test]
fn a_new_password_that_comes_too_late_is_set_all_the_same() {
    run(async {
        let desktop = Desktop::start("late-password");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let told = [("COGNITO_AUTH_SESSION_VALIDITY", "3 minutes")];
        let window = open_with(&desktop, &pool, "devdesktop", &told).await;
        enter_name_and_password(&window, &pool, "ben").await;
        asked(&window, "attribute-name").await;
        let left = window.text("time-left").await;
        assert!(left.starts_with("Time left: ") && !left.contains("at least"), "{left}");
        write(&window, "new-password", "Sturdy-Pass-42").await;
        go_and_write(&window, "new-password-repeat", "Sturdy-Pass-42").await;
        go_and_write(&window, "attribute-name", "Ben Okafor").await;
        time_runs_out(&pool);
        window.press(Key::Enter).await;
        signed_in_as(&window, "Ben Okafor").await;
        assert!(begun_again(&window, &pool).await, "{}", pool.log());
        window.close().await;
    });
}

#[test]
fn an_answer_to_a_riddle_that_comes_too_late_is_given_again() {
    run(async {
        let desktop = Desktop::start("late-riddle");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open_with(&desktop, &pool, "devcustom", &[("COGNITO_AUTH_FLOW", "CUSTOM_AUTH")]).await;
        window.wait_for_state("signedOut").await;
        write(&window, "username", "quinn").await;
        window.press(Key::Enter).await;
        asked(&window, "prompt").await;
        write(&window, "answer", "piano").await;
        time_runs_out(&pool);
        window.press(Key::Enter).await;
        let second = "document.querySelector('[data-testid=prompt]').innerText.includes('wetter')";
        window.wait_until("the second riddle", second).await;
        asked(&window, "prompt").await;
        assert!(begun_again(&window, &pool).await, "{}", pool.log());
        write(&window, "answer", "towel").await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Quinn Abbott").await;
        window.close().await;
    });
}

#[test]
fn a_code_of_an_authenticator_that_comes_too_late_is_given_again() {
    run(async {
        let desktop = Desktop::start("late-totp");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "jun").await;
        asked(&window, "code").await;
        time_runs_out(&pool);
        write(&window, "code", &code_at(pool.authenticator_secret("jun"), now() + LATE)).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Jun Watanabe").await;
        assert!(begun_again(&window, &pool).await, "{}", pool.log());
        window.close().await;
    });
}

#[test]
pub(crate) fn for_a_code_by_text_message_that_comes_too_late_another_one_is_sent() {
    run(async {
        let desktop = Desktop::start("late-sms");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "lena").await;
        asked(&window, "code").await;
        let first = pool.code("lena");
        time_runs_out(&pool);
        write(&window, "code", &first).await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("begun again for you"));
        asked(&window, "code").await;
        focus_is_at(&window, "code").await;
        shot(&desktop, &window, "code-late").await;
        assert!(begun_again(&window, &pool).await, "{}", pool.log());
        write(&window, "code", &pool.code("lena")).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Lena Fischer").await;
        window.close().await;
    });
}

#[test]
fn a_way_that_is_chosen_too_late_is_gone_by_and_its_code_sent_anew_when_that_is_late_too() {
    run(async {
        let desktop = Desktop::start("late-choice");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open_with(&desktop, &pool, "devchoice", &[("COGNITO_AUTH_FLOW", "USER_AUTH")]).await;
        window.wait_for_state("signedOut").await;
        write(&window, "username", "nora").await;
        window.press(Key::Enter).await;
        asked(&window, "choose-emailCode").await;
        time_runs_out(&pool);
        go_and_press(&window, "choose-emailCode").await;
        asked(&window, "code").await;
        focus_is_at(&window, "code").await;
        assert!(begun_again(&window, &pool).await, "{}", pool.log());
        let first = pool.code("nora");
        pool.control("clock", &json!({ "offset_seconds": 2 * LATE }));
        write(&window, "code", &first).await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("begun again for you"));
        asked(&window, "code").await;
        write(&window, "code", &pool.code("nora")).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Nora Berg").await;
        window.close().await;
    });
}

#[test]
fn a_set_up_that_takes_too_long_goes_on_with_another_secret() {
    run(async {
        let desktop = Desktop::start("late-set-up");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devmfa").await;
        enter_name_and_password(&window, &pool, "tomoko").await;
        asked(&window, "choose-authenticator").await;
        window.press(Key::Enter).await;
        asked(&window, "qr-code").await;
        focus_is_at(&window, "code").await;
        go_back_to(&window, "no-camera").await;
        window.press(Key::Enter).await;
        window.wait_until("the secret", "document.querySelector('details[open] [data-testid=secret]')").await;
        let first = window.text("secret").await;
        go_and_write(&window, "code", &code_at(&first, now() + LATE)).await;
        time_runs_out(&pool);
        window.press(Key::Enter).await;
        let words = refusal(&window).await;
        assert!(words.contains("begun again for you") && words.contains("QR code is a new one"), "{words}");
        focus_is_at(&window, "code").await;
        shot(&desktop, &window, "set-up-late").await;
        let other = format!("document.querySelector('[data-testid=secret]').innerText !== '{first}'");
        window.wait_until("another secret", &other).await;
        write(&window, "code", &code_at(&window.text("secret").await, now() + LATE)).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Tomoko Abe").await;
        window.close().await;
    });
}
