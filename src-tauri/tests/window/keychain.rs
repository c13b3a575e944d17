//! A keychain that cannot tell is never "signed out", and nothing is lost by it.

use std::time::Duration;

use virtual_desktop::Desktop;

use crate::bench::{open, pool, run, shot, sign_in};

#[test]
fn locked_at_start_it_goes_on_signed_in_after_unlocking() {
    run(async {
        let desktop = Desktop::start("locked");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        sign_in(&window, &pool, "aiko").await;
        window.close().await;
        keyring.stop();

        let keyring = desktop.keyring_locked();
        assert!(keyring.is_locked());
        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("unavailable").await;
        assert!(window.has("unlock").await);
        shot(&desktop, &window, "keychain-locked").await;
        let before = window.pid();
        keyring.unlock();
        window.wait_for_state("signedIn").await;
        assert_eq!(window.pid(), before, "the same process");
        assert!(!window.states().await.contains(&"signedOut".to_owned()), "{:?}", window.states().await);
        window.close().await;
    });
}

#[test]
fn absent_at_start_it_goes_on_when_the_service_comes() {
    run(async {
        let desktop = Desktop::start("absent");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        sign_in(&window, &pool, "aiko").await;
        window.close().await;
        keyring.stop();

        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("unavailable").await;
        assert!(window.has("this-run-only").await, "the alternative is offered by name");
        shot(&desktop, &window, "keychain-absent").await;
        let _keyring = desktop.keyring_unlocked();
        window.wait_for_state("signedIn").await;
        assert!(!window.states().await.contains(&"signedOut".to_owned()));
        window.close().await;
    });
}

#[test]
fn locked_between_two_renewals_nothing_is_lost() {
    run(async {
        let desktop = Desktop::start("locked-between");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devshort").await;
        sign_in(&window, &pool, "aiko").await;
        keyring.lock();
        // The refresh token rotates while the keychain is locked: the one that is kept is worthless by now.
        let renewed = "document.querySelector('[data-testid=renewed-at]').getAttribute('datetime')";
        let first = window.evaluate(renewed).await;
        window.wait_within(Duration::from_secs(30), "a renewal", &format!("{renewed} !== {first}")).await;
        window
            .wait_until("the word that it is not saved", "document.querySelector('[data-testid=banner]')")
            .await;
        assert_eq!(window.state().await, "signedIn");
        shot(&desktop, &window, "keychain-locked-between-renewals").await;
        keyring.unlock();
        window
            .wait_within(Duration::from_secs(40), "saved", "!document.querySelector('[data-testid=banner]')")
            .await;
        window.kill();
        let window = open(&desktop, &pool, "devshort").await;
        window.wait_for_state("signedIn").await;
        let second = window.evaluate(renewed).await;
        window.wait_within(Duration::from_secs(30), "a renewal", &format!("{renewed} !== {second}")).await;
        assert_eq!(window.state().await, "signedIn");
        window.close().await;
    });
}

#[test]
fn without_a_keychain_a_session_for_this_run_only_is_offered() {
    run(async {
        let desktop = Desktop::start("run-only");
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("unavailable").await;
        window.click("this-run-only").await;
        sign_in(&window, &pool, "aiko").await;
        shot(&desktop, &window, "this-run-only").await;
        window.close().await;
    });
}
