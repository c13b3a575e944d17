//! Sign in natively, stay signed in.

use std::time::Duration;

use serde_json::{Value, json};
use virtual_desktop::{Desktop, Keyring};

use crate::bench::{SERVICE, click_sign_out, open, pool, run, shot, sign_in};

/// How long `devshort`'s access tokens live, in seconds.
const SHORT_LIFE: u64 = 20;

/// The refresh token in the keychain's record.
pub(crate) fn kept_refresh_token(keyring: &Keyring) -> Option<String> {
    keyring.entries(SERVICE).values().find_map(|record| {
        let start = record.windows(10).position(|part| part == b"{\"version\"")?;
        let mut values = serde_json::Deserializer::from_slice(&record[start..]).into_iter::<Value>();
        let record = values.next()?.ok()?;
        record["body"]["live"]["refresh"].as_str().map(str::to_owned)
    })
}

#[test]
fn the_tour() {
    run(async {
        let desktop = Desktop::start("tour");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedOut").await;
        shot(&desktop, &window, "1-asks-to-sign-in").await;
        sign_in(&window, &pool, "aiko").await;
        assert_eq!(window.text("user-name").await, "Aiko Tanaka");
        shot(&desktop, &window, "2-signed-in").await;
        window.kill();
        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedIn").await;
        assert_eq!(window.text("user-name").await, "Aiko Tanaka");
        shot(&desktop, &window, "3-still-signed-in-after-kill-9").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn signed_in_across_a_kill_and_three_renewals_until_signed_out() {
    run(async {
        let desktop = Desktop::start("main-job");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);

        let window = open(&desktop, &pool, "devshort").await;
        sign_in(&window, &pool, "aiko").await;
        assert_eq!(window.text("user-name").await, "Aiko Tanaka");
        assert!(window.text("user-email").await.contains("aiko@"));
        let groups = window.text("user-groups").await;
        assert!(groups.contains("engineering") && groups.contains("tea"), "{groups}");
        assert!(!keyring.entries(SERVICE).is_empty(), "the session is in the keychain");
        window.kill();

        let window = open(&desktop, &pool, "devshort").await;
        window.wait_for_state("signedIn").await;
        assert_eq!(window.text("user-name").await, "Aiko Tanaka");
        let states = window.states().await;
        assert_eq!(states.last().map(String::as_str), Some("signedIn"));
        assert!(!states.contains(&"signedOut".to_owned()), "since first paint: {states:?}");

        // Three renewals that nobody asks for, each before the tokens before it have expired.
        let renewed_at = "document.querySelector('[data-testid=renewed-at]').getAttribute('datetime')";
        let mut moments = vec![window.evaluate(&format!("Date.parse({renewed_at})")).await];
        for renewal in 1..=3 {
            let last = moments.last().cloned().unwrap_or_default();
            let what = format!("renewal {renewal}");
            let patience = Duration::from_secs(SHORT_LIFE + 10);
            window.wait_within(patience, &what, &format!("Date.parse({renewed_at}) > {last}")).await;
            moments.push(window.evaluate(&format!("Date.parse({renewed_at})")).await);
            let late = window.evaluate(&format!("Date.now() - {last}")).await.as_f64().unwrap_or(f64::MAX);
            assert!(
                late < 1000.0 * SHORT_LIFE as f64,
                "renewed {late} ms after the tokens before it were issued"
            );
        }
        assert!(!window.states().await.contains(&"signedOut".to_owned()));
        shot(&desktop, &window, "renewed-three-times").await;

        let refresh = kept_refresh_token(&keyring).expect("a record with a refresh token");
        let ask = json!({ "RefreshToken": refresh, "ClientId": "devshort" });
        click_sign_out(&window).await;
        window.click("confirm-sign-out").await;
        window.wait_for_state("signedOut").await;
        window.wait_until("the receipt", "document.querySelector('[data-testid=ended-notice]')").await;
        let emptied = std::time::Instant::now() + Duration::from_secs(10);
        while !keyring.entries(SERVICE).is_empty() {
            assert!(
                std::time::Instant::now() < emptied,
                "left in the keychain: {:?}",
                keyring.entries(SERVICE).keys()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let refused = std::time::Instant::now() + Duration::from_secs(10);
        loop {
            let (status, answer) = pool.ask("GetTokensFromRefreshToken", &ask);
            if status == 400 && answer["__type"].as_str().is_some_and(|name| name.contains("NotAuthorized")) {
                break;
            }
            assert!(std::time::Instant::now() < refused, "still honoured: {status} {answer}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        shot(&desktop, &window, "signed-out").await;
        window.close().await;

        let window = open(&desktop, &pool, "devshort").await;
        window.wait_for_state("signedOut").await;
        assert!(window.has("sign-in").await);
        assert!(!window.states().await.contains(&"signedIn".to_owned()));
        window.close().await;
    });
}

#[test]
fn a_first_password_is_set_with_the_attributes_that_are_missing() {
    run(async {
        let desktop = Desktop::start("new-password");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedOut").await;
        window.fill("username", "ben").await;
        window.fill("password", pool.password("ben")).await;
        window.click("sign-in").await;
        window.wait_for_state("challenged").await;
        shot(&desktop, &window, "new-password").await;

        // Too weak first: the pool says so, and what is typed elsewhere stays.
        window.fill("attribute-name", "Ben Okafor").await;
        window.fill("new-password", "weak").await;
        window.fill("new-password-repeat", "weak").await;
        window.click("submit-new-password").await;
        window.wait_until("the pool's refusal", "document.querySelector('[data-testid=error]')").await;
        window.wait_for_state("challenged").await;
        let name = "document.querySelector('[data-testid=attribute-name]').value === 'Ben Okafor'";
        window.wait_until("the typed name to be kept", name).await;
        shot(&desktop, &window, "new-password-refused").await;

        window.fill("new-password", "Sturdy-Pass-42").await;
        window.fill("new-password-repeat", "Sturdy-Pass-42").await;
        window.click("submit-new-password").await;
        window.wait_for_state("signedIn").await;
        assert_eq!(window.text("user-name").await, "Ben Okafor");
        window.close().await;
    });
}

#[test]
fn a_second_start_brings_the_window_forward_and_ends() {
    run(async {
        let desktop = Desktop::start("single");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedOut").await;
        let second = std::process::Command::new(crate::bench::program())
            .envs(desktop.environment())
            .env("COGNITO_ISSUER", pool.issuer())
            .env("COGNITO_CLIENT_ID", "devdesktop")
            .spawn();
        let mut second = second.expect("a second start");
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        let ended = loop {
            if let Some(status) = second.try_wait().expect("the second process") {
                break status;
            }
            if std::time::Instant::now() > deadline {
                let _ = second.kill();
                panic!("the second start did not end by itself");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert!(ended.success(), "{ended}");
        window.wait_for_state("signedOut").await;
        window.close().await;
    });
}
