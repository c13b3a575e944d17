//! Each cause has its own words and next step, in both languages.

use std::collections::BTreeMap;

use serde_json::json;
use virtual_desktop::{Desktop, Key, UserPool, Window};

use crate::bench::{open_with, pool, program, run, shot};

/// What the window says to a sign-in that fails.
async fn refusal(window: &Window, username: &str, password: &str) -> String {
    window.fill("username", username).await;
    window.fill("password", password).await;
    let seen = window.states().await.len();
    window.click("sign-in").await;
    // Deciding, and signed out again: what is read now is the answer to this attempt.
    window.wait_until("an attempt", &format!("window.__dataStates.length >= {}", seen + 2)).await;
    let settled = "document.documentElement.dataset.state === 'signedOut' && \
        document.querySelector('[data-testid=error], [data-testid=banner]')";
    window.wait_until("a refusal", settled).await;
    let typed = window.evaluate("document.querySelector('[data-testid=username]').value").await;
    assert_eq!(typed, username, "what was typed stays");
    said(window).await
}

/// What the window says to a sign-in that leads elsewhere by itself; and back to the form.
async fn led_elsewhere(window: &Window, username: &str, password: &str) -> String {
    window.fill("username", username).await;
    window.fill("password", password).await;
    window.click("sign-in").await;
    window.wait_for_state("challenged").await;
    let words = window.evaluate("document.querySelector('main').innerText").await;
    window.press(Key::Escape).await;
    window.wait_for_state("signedOut").await;
    words.as_str().unwrap_or_default().to_owned()
}

async fn said(window: &Window) -> String {
    let words = "[...document.querySelectorAll('[data-testid=error], [data-testid=banner]')].map(e => e.innerText).join(' ')";
    window.evaluate(words).await.as_str().unwrap_or_default().to_owned()
}

async fn all_refusals(
    desktop: &Desktop,
    pool: &UserPool,
    language: &[(&str, &str)],
) -> BTreeMap<&'static str, String> {
    let mut words = BTreeMap::new();
    let window = open_with(desktop, pool, "devdesktop", language).await;
    window.wait_for_state("signedOut").await;
    words.insert("wrong password", refusal(&window, "aiko", "Wrong-Passw0rd").await);
    words.insert("unknown user", refusal(&window, "nobody", "Wrong-Passw0rd").await);
    let name = language.first().map_or("en", |(_, value)| value);
    shot(desktop, &window, &format!("wrong-password-{name}")).await;
    words.insert("disabled", refusal(&window, "chiyo", pool.password("chiyo")).await);
    words.insert("not confirmed", led_elsewhere(&window, "dmitri", pool.password("dmitri")).await);
    words.insert("reset required", led_elsewhere(&window, "emma", pool.password("emma")).await);
    let attempts =
        json!({ "error": { "type": "NotAuthorizedException", "message": "Password attempts exceeded" } });
    pool.control("script", &json!({ "operation": "RespondToAuthChallenge", "steps": [attempts] }));
    words.insert("too many attempts", refusal(&window, "aiko", "Wrong-Passw0rd").await);
    window.close().await;

    let mut client = language.to_vec();
    client.push(("COGNITO_CLIENT_ID", "nosuchclient"));
    let window = open_with(desktop, pool, "devdesktop", &client).await;
    window.wait_for_state("signedOut").await;
    words.insert("wrong client id", refusal(&window, "aiko", "Wrong-Passw0rd").await);
    window.close().await;

    let mut secret = language.to_vec();
    secret.push(("COGNITO_CLIENT_SECRET", "wrongwrongwrongwrongwrongwrong"));
    let window = open_with(desktop, pool, "devsecret", &secret).await;
    window.wait_for_state("signedOut").await;
    words.insert("wrong secret", refusal(&window, "aiko", "Wrong-Passw0rd").await);
    window.close().await;

    let mut issuer = language.to_vec();
    issuer.push(("COGNITO_ISSUER", "https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_AbC123456"));
    issuer.push(("COGNITO_CLIENT_ID", "devdesktop"));
    let window = desktop.open(&program(), &issuer).await;
    window.wait_for_state("misconfigured").await;
    assert_eq!(window.text("setting-name").await, "COGNITO_ISSUER");
    assert!(window.text("setting-value").await.contains("us-east-1_AbC123456"));
    shot(desktop, &window, &format!("misconfigured-{name}")).await;
    words.insert("issuer mismatch", window.text("setting-fix").await);
    window.close().await;
    words
}

fn is_japanese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{3040}'..='\u{30ff}').contains(&letter))
}

#[test]
fn every_cause_is_told_apart_in_english_and_japanese() {
    run(async {
        let desktop = Desktop::start("words");
        let _keyring = desktop.keyring_unlocked();
        for (language, japanese) in [("en", false), ("ja", true)] {
            let pool = pool(&[]);
            let locales = desktop.locale("ja_JP");
            let locale = if japanese { "ja_JP.UTF-8" } else { "C.UTF-8" };
            let variables = [("LANGUAGE", language), ("LC_ALL", locale), ("LOCPATH", locales.as_str())];
            let words = all_refusals(&desktop, &pool, &variables).await;
            for (cause, text) in &words {
                println!("{language}: {cause}: {}", text.replace('\n', " / "));
                assert!(!text.trim().is_empty(), "{cause}");
                assert_eq!(is_japanese(text), japanese, "{cause}: {text}");
            }
            assert_eq!(words["wrong password"], words["unknown user"], "nobody learns which names exist");
            let mut texts: Vec<_> = words.iter().filter(|(cause, _)| **cause != "unknown user").collect();
            texts.sort_by_key(|(_, text)| *text);
            for pair in texts.windows(2) {
                assert_ne!(pair[0].1, pair[1].1, "{} and {} read the same", pair[0].0, pair[1].0);
            }
        }
    });
}
