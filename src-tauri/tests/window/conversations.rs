//! Every conversation that a sign-in can be, by the keyboard alone.

use serde_json::json;
use virtual_desktop::{Desktop, Key, Window};

use crate::authenticator::{code_at, now};
use crate::bench::{open, open_with, pool, run, shot};
use crate::keyboard::{
    asked, enter_name_and_password, focus_is_at, go_and_press, go_and_write, go_back_to, go_to, refusal,
    sign_out, signed_in_as, write,
};

#[test]
pub(crate) fn the_user_chooses_a_code_by_e_mail() {
    run(async {
        let desktop = Desktop::start("choice");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open_with(&desktop, &pool, "devchoice", &[("COGNITO_AUTH_FLOW", "USER_AUTH")]).await;
        window.wait_for_state("signedOut").await;
        // The name comes first: not everybody has a password.
        write(&window, "username", "nora").await;
        assert!(!window.has("password").await);
        shot(&desktop, &window, "user-auth-name").await;
        window.press(Key::Enter).await;

        asked(&window, "choose-emailCode").await;
        focus_is_at(&window, "choose-password").await;
        shot(&desktop, &window, "choose-way").await;
        go_and_press(&window, "choose-emailCode").await;
        asked(&window, "code").await;
        focus_is_at(&window, "code").await;
        shot(&desktop, &window, "choose-way-email-code").await;

        // Escape leads back to the choice, where another code can be asked for.
        window.press(Key::Escape).await;
        asked(&window, "choose-emailCode").await;
        focus_is_at(&window, "choose-password").await;
        go_and_press(&window, "choose-emailCode").await;
        asked(&window, "code").await;
        write(&window, "code", &pool.code("nora")).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Nora Berg").await;
        window.close().await;
    });
}

#[test]
fn the_user_chooses_the_password_and_a_passkey_is_said_to_need_the_browser() {
    run(async {
        let desktop = Desktop::start("choice-password");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        // Nobody has set the flow: the form offers to do without a password.
        let window = open(&desktop, &pool, "devchoice").await;
        window.wait_for_state("signedOut").await;
        write(&window, "username", "priya").await;
        go_and_press(&window, "without-password").await;
        asked(&window, "choose-passkey").await;
        shot(&desktop, &window, "choose-way-passkey").await;
        assert!(window.text("choose-passkey").await.contains("in the browser only"));
        let before = window.states().await.len();
        go_and_press(&window, "choose-passkey").await;
        go_back_to(&window, "choose-password").await;
        assert_eq!(window.states().await.len(), before, "it cannot be chosen");

        window.press(Key::Enter).await;
        asked(&window, "submit-password").await;
        write(&window, "password", "Wrong-Passw0rd").await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("wrong"));
        focus_is_at(&window, "password").await;
        shot(&desktop, &window, "choose-way-password-wrong").await;
        write(&window, "password", pool.password("priya")).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Priya Nair").await;
        window.close().await;
    });
}

/// Reads the secret that is to be typed into the app, as somebody without a camera does.
pub(crate) async fn secret_on_the_page(window: &Window) -> String {
    focus_is_at(window, "code").await;
    go_back_to(window, "no-camera").await;
    window.press(Key::Enter).await;
    window.wait_until("the secret", "document.querySelector('details[open] [data-testid=secret]')").await;
    window.text("secret").await
}

#[test]
pub(crate) fn an_authenticator_app_is_set_up_and_asked_for_at_the_next_sign_in() {
    run(async {
        let desktop = Desktop::start("totp-set-up");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devmfa").await;
        enter_name_and_password(&window, &pool, "tomoko").await;
        asked(&window, "choose-authenticator").await;
        focus_is_at(&window, "choose-authenticator").await;
        assert!(window.has("choose-email").await);
        shot(&desktop, &window, "choose-set-up").await;
        window.press(Key::Enter).await;

        asked(&window, "qr-code").await;
        focus_is_at(&window, "code").await;
        shot(&desktop, &window, "set-up-authenticator").await;
        let secret = secret_on_the_page(&window).await;
        shot(&desktop, &window, "set-up-authenticator-secret").await;
        go_to(&window, "code").await;
        // Of five minutes ago: no code of this secret that is good now.
        write(&window, "code", &code_at(&secret, now() - 300)).await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("does not fit"));
        focus_is_at(&window, "code").await;
        shot(&desktop, &window, "set-up-authenticator-wrong").await;
        let used = code_at(&secret, now());
        write(&window, "code", &used).await;
        go_and_write(&window, "device", "Tomoko’s phone").await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Tomoko Abe").await;
        sign_out(&window).await;

        enter_name_and_password(&window, &pool, "tomoko").await;
        asked(&window, "code").await;
        focus_is_at(&window, "code").await;
        shot(&desktop, &window, "code-of-the-new-app").await;
        let lead = window.evaluate("document.querySelector('main').innerText").await;
        assert!(lead.as_str().is_some_and(|text| text.contains("Tomoko’s phone")), "{lead}");
        // The one that set it up is refused the second time, and the next one is taken half a minute later.
        write(&window, "code", &used).await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("used before"));
        focus_is_at(&window, "code").await;
        shot(&desktop, &window, "code-used").await;
        pool.control("clock", &json!({ "offset_seconds": 60 }));
        write(&window, "code", &code_at(&secret, now() + 60)).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Tomoko Abe").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn codes_by_e_mail_are_set_up_and_asked_for_at_the_next_sign_in() {
    run(async {
        let desktop = Desktop::start("email-set-up");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devmfa").await;
        enter_name_and_password(&window, &pool, "tomoko").await;
        asked(&window, "choose-email").await;
        go_and_press(&window, "choose-email").await;
        asked(&window, "submit-email").await;
        write(&window, "email", "tomoko").await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("Enter an e-mail address"));
        focus_is_at(&window, "email").await;
        shot(&desktop, &window, "set-up-email").await;
        write(&window, "email", "tomoko@example.com").await;
        window.press(Key::Enter).await;
        for time in ["set up", "asked for"] {
            asked(&window, "code").await;
            shot(&desktop, &window, &format!("email-code-{}", time.replace(' ', "-"))).await;
            write(&window, "code", &pool.code("tomoko")).await;
            window.press(Key::Enter).await;
            signed_in_as(&window, "Tomoko Abe").await;
            if time == "set up" {
                sign_out(&window).await;
                enter_name_and_password(&window, &pool, "tomoko").await;
            }
        }
        window.close().await;
    });
}

#[test]
pub(crate) fn one_of_several_second_factors_is_chosen() {
    run(async {
        let desktop = Desktop::start("select-factor");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "sven").await;
        asked(&window, "choose-authenticator").await;
        assert!(window.has("choose-sms").await && window.has("choose-email").await);
        let first = "document.activeElement === document.querySelector('[data-testid^=choose-]')";
        window.wait_until("the focus at the first choice", first).await;
        shot(&desktop, &window, "choose-second-factor").await;
        // Space presses a button as well as Enter does.
        go_to(&window, "choose-email").await;
        window.press(Key::Space).await;
        asked(&window, "code").await;
        let code = pool.code("sven");
        let wrong = if code.starts_with('0') { "111111" } else { "000000" };
        write(&window, "code", wrong).await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("wrong"));
        write(&window, "code", &code).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Sven Dahl").await;
        window.close().await;
    });
}

/// Answers both riddles, the first of them wrong once.
async fn answer_the_riddles(desktop: &Desktop, window: &Window) {
    asked(window, "prompt").await;
    assert!(window.text("prompt").await.contains("keys and opens no lock"));
    focus_is_at(window, "answer").await;
    shot(desktop, window, "riddle").await;
    write(window, "answer", "a ghost").await;
    window.press(Key::Enter).await;
    // Wrong is no error to the pool, which asks again. The window says so, and the field is empty again.
    let emptied = "document.querySelector('[data-testid=answer]').value === '' \
        && document.documentElement.dataset.state === 'challenged'";
    window.wait_until("the question once more", emptied).await;
    assert!(window.text("asked-again").await.contains("not the answer"));
    assert!(window.text("prompt").await.contains("keys and opens no lock"));
    write(window, "answer", "piano").await;
    window.press(Key::Enter).await;
    let second = "document.querySelector('[data-testid=prompt]').innerText.includes('wetter') \
        && document.documentElement.dataset.state === 'challenged'";
    window.wait_until("the second riddle", second).await;
    window.wait_until("an empty field", "document.querySelector('[data-testid=answer]').value === ''").await;
    assert_eq!(window.text("asked-again").await, "", "another question is no word about the last answer");
    shot(desktop, window, "riddle-second").await;
    write(window, "answer", "towel").await;
    window.press(Key::Enter).await;
}

#[test]
pub(crate) fn a_custom_challenge_of_two_rounds_without_a_password_and_after_it() {
    run(async {
        let desktop = Desktop::start("custom");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open_with(&desktop, &pool, "devcustom", &[("COGNITO_AUTH_FLOW", "CUSTOM_AUTH")]).await;
        window.wait_for_state("signedOut").await;
        write(&window, "username", "quinn").await;
        window.press(Key::Enter).await;
        answer_the_riddles(&desktop, &window).await;
        signed_in_as(&window, "Quinn Abbott").await;
        sign_out(&window).await;
        window.close().await;

        // Nobody has set the flow: the app finds it.
        let window = open(&desktop, &pool, "devcustomsrp").await;
        enter_name_and_password(&window, &pool, "rosa").await;
        answer_the_riddles(&desktop, &window).await;
        signed_in_as(&window, "Rosa Marin").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn a_first_password_is_set_with_a_required_attribute_by_the_keyboard() {
    run(async {
        let desktop = Desktop::start("first-password");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "ben").await;
        asked(&window, "attribute-name").await;
        // What is missing is said where it is missing, without the pool.
        write(&window, "new-password", "Sturdy-Pass-42").await;
        window.press(Key::Enter).await;
        refusal(&window).await;
        write(&window, "new-password-repeat", "Sturdy-Pass-42").await;
        window.press(Key::Enter).await;
        write(&window, "attribute-name", "Ben Okafor").await;
        shot(&desktop, &window, "first-password-by-keyboard").await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Ben Okafor").await;
        window.close().await;
    });
}
