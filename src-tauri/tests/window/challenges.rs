//! The challenges of a sign-in that no conversation of `conversations` has. By the keyboard alone.

use serde_json::json;
use virtual_desktop::{Desktop, Key, Window};

use crate::bench::{Pool, open, open_with, pool, run, shot};
use crate::keyboard::{
    asked, enter_name_and_password, focus_is_at, go_and_press, refusal, signed_in_as, write,
};

/// A window of a client that asks for one first factor at once, with a name entered.
async fn asked_at_once(desktop: &Desktop, pool: &Pool, factor: &str, username: &str) -> Window {
    pool.control("client", &json!({ "id": "devchoice", "first_factor": factor }));
    let window = open_with(desktop, pool, "devchoice", &[("COGNITO_AUTH_FLOW", "USER_AUTH")]).await;
    window.wait_for_state("signedOut").await;
    write(&window, "username", username).await;
    window.press(Key::Enter).await;
    window
}

/// Another code than this one, of as many digits.
fn other_than(code: &str) -> String {
    let digit = if code.starts_with('0') { "1" } else { "0" };
    digit.repeat(code.len())
}

#[test]
pub(crate) fn the_user_chooses_a_code_by_text_message() {
    run(async {
        let desktop = Desktop::start("sms-otp");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devchoice").await;
        window.wait_for_state("signedOut").await;
        write(&window, "username", "nora").await;
        go_and_press(&window, "without-password").await;
        asked(&window, "choose-smsCode").await;
        go_and_press(&window, "choose-smsCode").await;
        asked(&window, "code").await;
        let lead = window.evaluate("document.querySelector('main').innerText").await;
        assert!(lead.as_str().is_some_and(|text| text.contains("1234")), "where it was sent: {lead}");
        let code = pool.code("nora");
        write(&window, "code", &other_than(&code)).await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("wrong"));
        focus_is_at(&window, "code").await;
        write(&window, "code", &code).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Nora Berg").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn a_code_by_e_mail_is_the_second_factor() {
    run(async {
        let desktop = Desktop::start("email-second");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        enter_name_and_password(&window, &pool, "mateo").await;
        asked(&window, "code").await;
        focus_is_at(&window, "code").await;
        let code = pool.code("mateo");
        write(&window, "code", &other_than(&code)).await;
        window.press(Key::Enter).await;
        assert!(refusal(&window).await.contains("wrong"));
        write(&window, "code", &code).await;
        window.press(Key::Enter).await;
        signed_in_as(&window, "Mateo Rossi").await;
        window.close().await;
    });
}

/// Answers a password that is asked for by itself, wrong once.
async fn answer_the_password(window: &Window, pool: &Pool, username: &str) {
    asked(window, "submit-password").await;
    write(window, "password", "Wrong-Passw0rd").await;
    window.press(Key::Enter).await;
    assert!(refusal(window).await.contains("wrong"));
    focus_is_at(window, "password").await;
    write(window, "password", pool.password(username)).await;
    window.press(Key::Enter).await;
}

#[test]
pub(crate) fn the_password_itself_is_asked_for_at_once() {
    run(async {
        let desktop = Desktop::start("ask-password");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = asked_at_once(&desktop, &pool, "PASSWORD", "nora").await;
        answer_the_password(&window, &pool, "nora").await;
        signed_in_as(&window, "Nora Berg").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn the_proof_of_the_password_is_asked_for_at_once() {
    run(async {
        let desktop = Desktop::start("ask-proof");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = asked_at_once(&desktop, &pool, "PASSWORD_SRP", "nora").await;
        answer_the_password(&window, &pool, "nora").await;
        signed_in_as(&window, "Nora Berg").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn a_passkey_that_is_asked_for_at_once_is_said_to_need_the_browser() {
    run(async {
        let desktop = Desktop::start("ask-passkey");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = asked_at_once(&desktop, &pool, "WEB_AUTHN", "priya").await;
        asked(&window, "challenge-name").await;
        assert_eq!(window.text("challenge-name").await, "WEB_AUTHN");
        let words = window.evaluate("document.querySelector('main').innerText").await;
        assert!(words.as_str().is_some_and(|text| text.contains("in the browser only")), "{words}");
        let read = "document.activeElement.innerText.includes('in the browser only')";
        window.wait_until("the words to have the focus", read).await;
        shot(&desktop, &window, "passkey-asked-for").await;
        window.press(Key::Escape).await;
        window.wait_for_state("signedOut").await;
        let kept = window.evaluate("document.querySelector('[data-testid=username]').value").await;
        assert_eq!(kept, "priya", "what was typed stays");
        window.close().await;
    });
}

#[test]
pub(crate) fn what_this_window_cannot_answer_is_said_by_its_name_and_leads_back() {
    run(async {
        let desktop = Desktop::start("unknown-challenge");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        for name in ["HOLOGRAM_MFA", "ADMIN_NO_SRP_AUTH"] {
            let steps = json!([{ "challenge": name }]);
            pool.control("script", &json!({ "operation": "RespondToAuthChallenge", "steps": steps }));
            enter_name_and_password(&window, &pool, "aiko").await;
            asked(&window, "challenge-name").await;
            assert_eq!(window.text("challenge-name").await, name);
            window.press(Key::Escape).await;
            window.wait_for_state("signedOut").await;
            focus_is_at(&window, "password").await;
            window.press(Key::BackTab).await;
        }
        // It is no fault of the account: without that step it is signed in.
        enter_name_and_password(&window, &pool, "aiko").await;
        signed_in_as(&window, "Aiko Tanaka").await;
        window.close().await;
    });
}
