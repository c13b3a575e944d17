//! A program that nobody has set up asks for the pool, checks what it is told, and remembers it.

use std::fs;

use serde_json::{Value, json};
use virtual_desktop::{Desktop, Keyring, UserPool, Window};

use crate::bench::{SERVICE, click_sign_out, open_with, pool, program, run, shot, sign_in};

/// Fills in the form and gives what stands beside the fields or above them then.
async fn refusal(window: &Window, pool: &str, client: &str) -> String {
    window.fill("pool", pool).await;
    window.fill("client-id", client).await;
    window.click("connect").await;
    let said = "[...document.querySelectorAll('[data-testid=error], [data-testid=banner]')]\
        .map(e => e.innerText).join(' ')";
    let settled = "!document.querySelector('[data-testid=connect]').matches('[aria-disabled=true]')";
    window.wait_until("an answer", &format!("{settled} && ({said}).length > 0")).await;
    assert_eq!(window.state().await, "connect");
    let typed = window.evaluate("document.querySelector('[data-testid=pool]').value").await;
    assert_eq!(typed, pool, "what was typed stays");
    window.evaluate(said).await.as_str().unwrap_or_default().to_owned()
}

fn config_file(desktop: &Desktop) -> std::path::PathBuf {
    desktop.home().join("home/.config/org.cognitodesktop.client/cognito.json")
}

fn keychain_holds(keyring: &Keyring, secret: &str) -> bool {
    keyring
        .entries(SERVICE)
        .values()
        .any(|entry| entry.windows(secret.len()).any(|part| part == secret.as_bytes()))
}

fn other_pool(pool: &UserPool) -> String {
    pool.issuer().replace("DevPool", "NoSuchPool")
}

#[test]
fn each_failure_is_explained_and_what_is_right_is_remembered() {
    run(async {
        let desktop = Desktop::start("connect");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = desktop.open(&program(), &[]).await;
        window.wait_for_state("connect").await;
        shot(&desktop, &window, "connect").await;

        let issuer = pool.issuer().to_owned();
        let mut told = vec![
            (
                "region",
                refusal(&window, "https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_Ab", "devdesktop")
                    .await,
            ),
            ("form", refusal(&window, "my pool", "devdesktop").await),
            ("client's form", refusal(&window, &issuer, "dev-desktop").await),
            ("no such pool", refusal(&window, &other_pool(&pool), "devdesktop").await),
            ("unreachable", refusal(&window, "http://127.0.0.1:1/us-east-1_DevPool", "devdesktop").await),
            ("client unknown", refusal(&window, &issuer, "nosuchclient").await),
            ("no flow", refusal(&window, &issuer, "devnoflow").await),
            ("needs a secret", refusal(&window, &issuer, "devsecret").await),
        ];
        shot(&desktop, &window, "connect-needs-a-secret").await;
        window.fill("client-secret", "wrongwrongwrongwrongwrongwrong").await;
        told.push(("wrong secret", refusal(&window, &issuer, "devsecret").await));
        for (cause, words) in &told {
            assert!(!words.trim().is_empty(), "{cause}");
            let alike: Vec<_> =
                told.iter().filter(|(_, other)| other == words).map(|(cause, _)| cause).collect();
            assert_eq!(alike.len(), 1, "{alike:?} read the same: {words}");
        }
        assert!(!config_file(&desktop).exists(), "nothing is saved that was not right");

        let secret = pool.secret("devsecret").expect("a client with a secret").to_owned();
        window.fill("client-secret", &secret).await;
        window.click("connect").await;
        window.wait_for_state("signedOut").await;
        shot(&desktop, &window, "connected").await;
        sign_in(&window, &pool, "aiko").await;
        window.kill();

        let saved = fs::read_to_string(config_file(&desktop)).expect("the config file");
        let values: Value = serde_json::from_str(&saved).expect("JSON");
        assert_eq!((&values["issuer"], &values["clientId"]), (&json!(issuer), &json!("devsecret")));
        assert!(!saved.contains(&secret), "{saved}");
        assert!(keychain_holds(&keyring, &secret));

        // All of it is there at the next start, also for a session that needs the secret to go on.
        let window = desktop.open(&program(), &[]).await;
        window.wait_for_state("signedIn").await;
        click_sign_out(&window).await;
        window.click("confirm-sign-out").await;
        window.wait_for_state("signedOut").await;
        assert!(keychain_holds(&keyring, &secret), "signing out leaves the set-up as it is");
        sign_in(&window, &pool, "aiko").await;
        window.close().await;
    });
}

#[test]
fn the_pool_can_be_changed_and_forgotten_while_nobody_is_signed_in() {
    run(async {
        let desktop = Desktop::start("change-pool");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = desktop.open(&program(), &[]).await;
        window.wait_for_state("connect").await;
        window.fill("pool", pool.issuer()).await;
        window.fill("client-id", "devdesktop").await;
        window.click("connect").await;
        window.wait_for_state("signedOut").await;

        window.click("change-pool").await;
        window.wait_for_state("connect").await;
        let told = refusal(&window, pool.issuer(), "nosuchclient").await;
        assert!(!told.is_empty());
        window.click("cancel").await;
        window.wait_for_state("signedOut").await;
        window.click("change-pool").await;
        window.wait_for_state("connect").await;
        window.fill("client-id", "devpassword").await;
        window.click("connect").await;
        window.wait_for_state("signedOut").await;
        sign_in(&window, &pool, "aiko").await;
        assert!(!window.has("change-pool").await, "not while somebody is signed in");
        let log = pool.log().to_string();
        assert!(log.contains("devpassword"), "{log}");
        click_sign_out(&window).await;
        window.click("confirm-sign-out").await;
        window.wait_for_state("signedOut").await;

        window.click("change-pool").await;
        window.wait_for_state("connect").await;
        window.click("forget").await;
        window.click("confirm-forget").await;
        window.wait_until("an empty form", "document.querySelector('[data-testid=pool]').value === ''").await;
        assert_eq!(window.state().await, "connect");
        window.close().await;
        let window = desktop.open(&program(), &[]).await;
        window.wait_for_state("connect").await;
        window.close().await;
    });
}

#[test]
fn what_no_client_can_ask_the_pool_is_shown_where_it_is_set_and_not_guessed_otherwise() {
    run(async {
        let desktop = Desktop::start("told");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let told = [
            ("COGNITO_PASSWORD_POLICY", r#"{ "minimumLength": 12, "requireSymbols": true }"#),
            ("COGNITO_REFRESH_TOKEN_VALIDITY", "2 days"),
        ];
        let window = open_with(&desktop, &pool, "devdesktop", &told).await;
        window.wait_for_state("signedOut").await;
        window.fill("username", "ben").await;
        window.fill("password", pool.password("ben")).await;
        window.click("sign-in").await;
        window.wait_for_state("challenged").await;
        let met = "[...document.querySelectorAll('[data-testid=password-rules] li')].map(li => li.dataset.met).join()";
        assert_eq!(window.evaluate(met).await, "false,false");
        window.fill("new-password", "Sturdy-Pass-42").await;
        window.wait_until("both rules to be met", &format!("{met} === 'true,true'")).await;
        shot(&desktop, &window, "password-rules").await;
        window.fill("new-password-repeat", "Sturdy-Pass-42").await;
        window.fill("attribute-name", "Ben Okafor").await;
        window.click("submit-new-password").await;
        window.wait_for_state("signedIn").await;
        let left = "(Date.parse(document.querySelector('[data-testid=sign-in-again-by]').getAttribute('datetime')) \
            - Date.now()) / 3600000";
        let hours = window.evaluate(left).await.as_f64().unwrap_or_default();
        assert!((47.0..=48.1).contains(&hours), "{hours} hours");
        shot(&desktop, &window, "sign-in-again-by").await;
        window.close().await;

        let window = open_with(&desktop, &pool, "devdesktop", &[]).await;
        window.wait_for_state("signedIn").await;
        assert!(!window.has("sign-in-again-by").await);
        window.close().await;
    });
}
