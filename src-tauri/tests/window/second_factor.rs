//! A second factor by code: from an authenticator app, by text message, by e-mail; and signing out everywhere.

use std::time::Duration;

use serde_json::{Value, json};
use virtual_desktop::{Desktop, UserPool, Window};

use crate::bench::{click_sign_out, open, pool, run, shot, sign_in};

/// Signs in as far as the question for a code.
async fn as_far_as_the_code(window: &Window, pool: &UserPool, username: &str) {
    window.wait_for_state("signedOut").await;
    window.fill("username", username).await;
    window.fill("password", pool.password(username)).await;
    window.click("sign-in").await;
    window.wait_for_state("challenged").await;
}

/// The digits as an input method for Japanese makes them.
fn full_width(code: &str) -> String {
    code.chars().map(|digit| char::from_u32(digit as u32 + 0xfee0).unwrap_or(digit)).collect()
}

/// Pastes into a field, as far as a page can be made to.
async fn paste(window: &Window, id: &str, text: &str) {
    let script = format!(
        "(() => {{ const field = document.querySelector('[data-testid={id}]'); field.focus(); field.select(); \
         const data = new DataTransfer(); data.setData('text/plain', {text}); \
         const event = new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }}); \
         if (field.dispatchEvent(event)) document.execCommand('insertText', false, {text}); return true; }})()",
        text = Value::from(text)
    );
    window.evaluate(&script).await;
}

#[test]
fn a_code_by_text_message_wrong_once_sent_again_and_right() {
    run(async {
        let desktop = Desktop::start("sms");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        as_far_as_the_code(&window, &pool, "lena").await;
        shot(&desktop, &window, "code-by-text-message").await;
        let first = pool.code("lena");
        let wrong = if first == "000000" { "111111" } else { "000000" };
        window.fill("code", wrong).await;
        window.click("submit-code").await;
        window.wait_until("the refusal", "document.querySelector('[data-testid=error]')").await;
        assert_eq!(window.state().await, "challenged");
        shot(&desktop, &window, "code-wrong").await;

        let ready = "!document.querySelector('[data-testid=resend-code]').matches('[aria-disabled=true]')";
        window.wait_within(Duration::from_secs(40), "the pause to end", ready).await;
        window.click("resend-code").await;
        window.wait_until("word of a new code", "document.querySelector('[data-testid=code-resent]')").await;
        let second = pool.code("lena");
        paste(&window, "code", &format!(" {} {} ", &second[..3], &second[3..])).await;
        window.click("submit-code").await;
        window.wait_for_state("signedIn").await;
        window.kill();
        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedIn").await;
        window.close().await;
    });
}

#[test]
fn a_code_by_e_mail_in_full_width_digits() {
    run(async {
        let desktop = Desktop::start("email-code");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devsecret").await;
        as_far_as_the_code(&window, &pool, "mateo").await;
        shot(&desktop, &window, "code-by-e-mail").await;
        paste(&window, "code", &full_width(&pool.code("mateo"))).await;
        window.click("submit-code").await;
        window.wait_for_state("signedIn").await;
        window.close().await;
    });
}

#[test]
fn a_code_of_an_authenticator_app_also_after_its_challenge_has_lapsed() {
    run(async {
        let desktop = Desktop::start("totp");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        as_far_as_the_code(&window, &pool, "jun").await;
        shot(&desktop, &window, "code-of-an-app").await;
        // Cognito's shortest life of a challenge, as the pool's clock has it, is over.
        pool.control("clock", &json!({ "offset_seconds": 200 }));
        window.fill("code", &pool.code("jun")).await;
        window.click("submit-code").await;
        window.wait_until("word of the new beginning", "document.querySelector('[data-testid=error]')").await;
        assert_eq!(window.state().await, "challenged");
        shot(&desktop, &window, "code-begun-again").await;
        window.fill("code", &pool.code("jun")).await;
        window.click("submit-code").await;
        window.wait_for_state("signedIn").await;
        window.close().await;
    });
}

#[test]
fn signing_out_everywhere_ends_the_session_on_another_device_too() {
    run(async {
        let desktop = Desktop::start("everywhere");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let (status, elsewhere) = pool.ask(
            "InitiateAuth",
            &json!({ "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "devpassword",
                "AuthParameters": { "USERNAME": "aiko", "PASSWORD": pool.password("aiko") } }),
        );
        assert_eq!(status, 200, "{elsewhere}");
        let ask = json!({ "ClientId": "devpassword", "RefreshToken": elsewhere["AuthenticationResult"]["RefreshToken"] });
        assert_eq!(pool.ask("GetTokensFromRefreshToken", &ask).0, 200);

        let window = open(&desktop, &pool, "devdesktop").await;
        sign_in(&window, &pool, "aiko").await;
        let refused = json!({ "error": { "type": "TooManyRequestsException", "message": "Rate exceeded" } });
        pool.control("script", &json!({ "operation": "GlobalSignOut", "steps": [refused] }));
        click_sign_out(&window).await;
        shot(&desktop, &window, "sign-out-question").await;
        window.click("sign-out-everywhere").await;
        window.wait_until("the reason", "document.querySelector('[data-testid=everywhere-failed]')").await;
        assert_eq!(window.state().await, "signedIn");
        assert_eq!(pool.ask("GetTokensFromRefreshToken", &ask).0, 200);
        shot(&desktop, &window, "everywhere-failed").await;
        window.click("everywhere-again").await;
        window.wait_for_state("signedOut").await;
        shot(&desktop, &window, "signed-out-everywhere").await;
        let (status, answer) = pool.ask("GetTokensFromRefreshToken", &ask);
        assert_eq!(status, 400, "{answer}");
        window.close().await;
    });
}

#[test]
fn a_refusal_in_words_nobody_knows_is_put_to_the_pool_once_more() {
    run(async {
        let desktop = Desktop::start("unknown-refusal");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devshort").await;
        sign_in(&window, &pool, "aiko").await;
        let refused = json!({ "error": { "type": "NotAuthorizedException", "message": "The moon is in the wrong house" } });
        pool.control("script", &json!({ "operation": "refresh", "steps": [refused] }));
        let renewed_at =
            "Date.parse(document.querySelector('[data-testid=renewed-at]').getAttribute('datetime'))";
        let first = window.evaluate(renewed_at).await;
        window.wait_until("a renewal all the same", &format!("{renewed_at} > {first}")).await;
        assert_eq!(window.state().await, "signedIn");

        pool.control("script", &json!({ "operation": "refresh", "steps": [refused, refused] }));
        window.wait_for_state("signedOut").await;
        let words = window.text("ended-notice").await;
        assert!(!words.is_empty());
        let detail =
            window.evaluate("document.body.textContent.includes('The moon is in the wrong house')").await;
        assert_eq!(detail, Value::Bool(true), "the pool's own words are in the record");
        shot(&desktop, &window, "refused-twice").await;
        window.close().await;
    });
}
