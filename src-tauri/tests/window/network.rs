//! Being offline is not being signed out.

use serde_json::json;
use virtual_desktop::Desktop;

use crate::bench::{open, pool, run, shot, sign_in};

#[test]
fn the_pool_unreachable_at_start_the_user_is_shown_signed_in_and_it_recovers() {
    run(async {
        let desktop = Desktop::start("offline");
        let _keyring = desktop.keyring_unlocked();
        let state = desktop.home().join("pool.json");
        let mut pool = pool(&["--state", &state.display().to_string(), "--access-life", "2"]);
        let window = open(&desktop, &pool, "devdesktop").await;
        sign_in(&window, &pool, "aiko").await;
        window.close().await;
        pool.stop();

        let window = open(&desktop, &pool, "devdesktop").await;
        window.wait_for_state("signedIn").await;
        window.wait_until("the offline banner", "document.querySelector('[data-testid=try-now]')").await;
        assert_eq!(window.text("user-name").await, "Aiko Tanaka");
        shot(&desktop, &window, "offline").await;
        pool.start_again();
        window
            .wait_until("recovery without a click", "!document.querySelector('[data-testid=try-now]')")
            .await;
        assert_eq!(window.state().await, "signedIn");
        assert!(!window.states().await.contains(&"signedOut".to_owned()));
        window.close().await;
    });
}

#[test]
fn a_session_the_pool_has_ended_says_why_also_after_a_restart() {
    run(async {
        let desktop = Desktop::start("ended");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let window = open(&desktop, &pool, "devshort").await;
        sign_in(&window, &pool, "aiko").await;
        let message = json!({ "error": { "type": "NotAuthorizedException", "message": "Refresh Token has been revoked" } });
        pool.control("script", &json!({ "operation": "refresh", "steps": [message] }));
        window.wait_for_state("signedOut").await;
        let reason = window.text("ended-notice").await;
        assert!(!reason.is_empty());
        let kept = "document.querySelector('[data-testid=username]').value === 'aiko'";
        window.wait_until("the user name to be kept", kept).await;
        shot(&desktop, &window, "session-ended").await;
        window.kill();
        let window = open(&desktop, &pool, "devshort").await;
        window.wait_for_state("signedOut").await;
        assert_eq!(window.text("ended-notice").await, reason, "told again after a restart");
        window.close().await;
    });
}
