//! Sign in through the browser: a real one, on the development pool's managed login, which comes back by the app's link.

use serde_json::json;
use virtual_desktop::{Browser, Desktop, Key, UserPool, Window};

use crate::bench::{SERVICE, browser, click_sign_out, open_with, pool, run, shot};
use crate::keyboard::{appears, asked, enter_name_and_password, goes, reads, refusal};
use crate::main_job::kept_refresh_token;

/// Whose client has a managed login.
pub(crate) const CLIENT: &str = "devbrowser";

/// Opens the window for a client that has a managed login, with more variables.
pub(crate) async fn open_for_browser(
    desktop: &Desktop,
    pool: &UserPool,
    client: &str,
    more: &[(&str, &str)],
) -> Window {
    let variables: Vec<_> =
        [("COGNITO_DOMAIN", pool.origin())].into_iter().chain(more.iter().copied()).collect();
    let window = open_with(desktop, pool, client, &variables).await;
    // Left of the browser's.
    window.resize(440, 640).await;
    window
}

/// Sends the browser off by a button of the form, and turns to the page that has opened.
pub(crate) async fn set_out(window: &Window, browser: &mut Browser, button: &str) {
    window.wait_for_state("signedOut").await;
    window.click(button).await;
    asked(window, "browser-waiting").await;
    browser.opened().await;
}

/// Signs in on the page that the browser shows.
pub(crate) async fn sign_in_there(browser: &Browser, pool: &UserPool, username: &str) {
    browser.fill("#username", username).await;
    browser.fill("#password", pool.password(username)).await;
    browser.click("#sign-in").await;
}

/// Signed in, as this person, from the browser.
pub(crate) async fn came_back_as(window: &Window, name: &str) {
    window.wait_for_state("signedIn").await;
    reads(window, "user-name", name).await;
    reads(window, "origin", "browser").await;
}

/// Signs out, and waits until the receipt says that the browser has been signed out as well.
pub(crate) async fn sign_out_there_too(window: &Window, browser: &Browser) {
    browser.touch().await;
    click_sign_out(window).await;
    window.click("confirm-sign-out").await;
    window.wait_for_state("signedOut").await;
    let ended = "document.querySelector('[data-testid=receipt-browser]')?.dataset.mark === 'done'";
    window.wait_until("the browser to be signed out", ended).await;
}

/// What the pool has done of an operation.
fn count(pool: &UserPool, operation: &str) -> u64 {
    let counts = pool.log()["counts"][operation].clone();
    counts.as_object().into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum()
}

#[test]
pub(crate) fn by_the_apps_link_and_still_signed_in_after_a_kill_until_both_are_signed_out() {
    run(async {
        let desktop = Desktop::start("by-link");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let mut browser = browser(&desktop, &pool).await;
        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        set_out(&window, &mut browser, "continue-in-browser").await;
        assert!(browser.address().await.starts_with(&format!("{}/login?", pool.origin())));
        shot(&desktop, &window, "browser-waiting").await;
        sign_in_there(&browser, &pool, "aiko").await;
        came_back_as(&window, "Aiko Tanaka").await;
        shot(&desktop, &window, "browser-signed-in").await;
        window.kill();

        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        came_back_as(&window, "Aiko Tanaka").await;
        assert!(!window.states().await.contains(&"signedOut".to_owned()));

        let refresh = kept_refresh_token(&keyring).expect("a record with a refresh token");
        sign_out_there_too(&window, &browser).await;
        shot(&desktop, &window, "browser-signed-out").await;
        let (status, answer) =
            pool.ask("GetTokensFromRefreshToken", &json!({ "RefreshToken": refresh, "ClientId": CLIENT }));
        assert_eq!((status, &answer["__type"]), (400, &json!("NotAuthorizedException")), "{answer}");
        assert_eq!(count(&pool, "logout"), 1);
        assert!(keyring.entries(SERVICE).is_empty(), "{:?}", keyring.entries(SERVICE).keys());

        // Nobody is signed in there any more either: the page asks, and another person signs in.
        set_out(&window, &mut browser, "continue-in-browser").await;
        sign_in_there(&browser, &pool, "zita").await;
        came_back_as(&window, "Zita Novak").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn a_sign_in_that_is_cancelled_is_over_and_its_link_changes_nothing() {
    run(async {
        let desktop = Desktop::start("cancelled");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let mut browser = browser(&desktop, &pool).await;
        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        set_out(&window, &mut browser, "continue-in-browser").await;
        window.press(Key::Escape).await;
        window.wait_for_state("signedOut").await;
        sign_in_there(&browser, &pool, "aiko").await;
        appears(&window, "link-notice").await;
        shot(&desktop, &window, "browser-cancelled").await;
        assert_eq!(window.state().await, "signedOut");
        assert!(keyring.entries(SERVICE).is_empty(), "{:?}", keyring.entries(SERVICE).keys());
        assert_eq!(count(&pool, "token"), 0, "no code is exchanged");
        window.click("dismiss-link-notice").await;
        goes(&window, "link-notice").await;

        // The next one is another one, and whoever is signed in there already comes straight back.
        browser.touch().await;
        window.click("continue-in-browser").await;
        came_back_as(&window, "Aiko Tanaka").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn it_is_opened_again_and_either_page_signs_in() {
    run(async {
        let desktop = Desktop::start("opened-again");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let mut browser = browser(&desktop, &pool).await;
        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        set_out(&window, &mut browser, "continue-in-browser").await;
        let first = browser.address().await;
        window.click("open-again").await;
        browser.opened().await;
        assert_eq!(browser.address().await, first, "the same sign-in");
        asked(&window, "browser-waiting").await;
        sign_in_there(&browser, &pool, "aiko").await;
        came_back_as(&window, "Aiko Tanaka").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn somebody_of_an_identity_provider_signs_in_there_and_may_decline() {
    run(async {
        let desktop = Desktop::start("federated");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let mut browser = browser(&desktop, &pool).await;
        let google = [("COGNITO_IDENTITY_PROVIDERS", "Google")];
        let window = open_for_browser(&desktop, &pool, CLIENT, &google).await;
        set_out(&window, &mut browser, "provider-Google").await;
        assert!(browser.address().await.contains("/provider/Google"), "{}", browser.address().await);
        browser.click("#deny").await;
        window.wait_for_state("signedOut").await;
        appears(&window, "error").await;
        shot(&desktop, &window, "provider-declined").await;

        set_out(&window, &mut browser, "provider-Google").await;
        shot(&desktop, &window, "provider").await;
        browser.fill("#email", "xavier@example.com").await;
        browser.click("#consent").await;
        window.wait_for_state("signedIn").await;
        reads(&window, "user-email", "xavier@example.com").await;
        reads(&window, "origin", "browser").await;
        shot(&desktop, &window, "provider-signed-in").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn a_passkey_signs_in_on_the_pools_own_page_and_another_one_is_added_there() {
    run(async {
        let desktop = Desktop::start("passkey");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let mut browser = browser(&desktop, &pool).await;
        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        set_out(&window, &mut browser, "continue-in-browser").await;
        browser.fill("#username", "zita").await;
        browser.click("#passkey").await;
        browser.click("#use-passkey").await;
        came_back_as(&window, "Zita Novak").await;

        window.click("go-security").await;
        appears(&window, "passkeys").await;
        let listed = "document.querySelectorAll('[data-testid^=passkey-]').length";
        let before = window.evaluate(listed).await.as_u64().expect("a number");
        assert!(before >= 1, "the one that signed in");
        window.click("add-passkey").await;
        browser.opened().await;
        shot(&desktop, &window, "passkey-page").await;
        browser.click("#use-passkey").await;
        window.wait_until("the new passkey", &format!("{listed} === {}", before + 1)).await;
        shot(&desktop, &window, "passkey-added").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn a_passkey_among_the_ways_leads_to_the_browser() {
    run(async {
        let desktop = Desktop::start("passkey-way");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let mut browser = browser(&desktop, &pool).await;
        pool.control("client", &json!({ "id": CLIENT, "flows": ["ALLOW_USER_AUTH"] }));
        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        window.wait_for_state("signedOut").await;
        window.fill("username", "zita").await;
        window.click("without-password").await;
        asked(&window, "choose-passkey").await;
        shot(&desktop, &window, "passkey-way").await;
        window.click("choose-passkey").await;
        asked(&window, "browser-waiting").await;
        browser.opened().await;
        let typed = browser.evaluate("document.querySelector('#username').value").await;
        assert_eq!(typed, "zita", "the name goes along");
        browser.click("#passkey").await;
        browser.click("#use-passkey").await;
        came_back_as(&window, "Zita Novak").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn a_passkey_that_is_asked_for_at_once_is_used_in_the_browser() {
    run(async {
        let desktop = Desktop::start("passkey-at-once");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let wants = json!({ "id": CLIENT, "flows": ["ALLOW_USER_AUTH"], "first_factor": "WEB_AUTHN" });
        pool.control("client", &wants);
        let mut browser = browser(&desktop, &pool).await;
        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        window.wait_for_state("signedOut").await;
        window.fill("username", "zita").await;
        window.click("without-password").await;
        asked(&window, "challenge-name").await;
        assert_eq!(window.text("challenge-name").await, "WEB_AUTHN");
        shot(&desktop, &window, "passkey-at-once").await;
        window.click("continue-in-browser").await;
        asked(&window, "browser-waiting").await;
        browser.opened().await;
        browser.fill("#username", "zita").await;
        browser.click("#passkey").await;
        browser.click("#use-passkey").await;
        came_back_as(&window, "Zita Novak").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn a_session_goes_on_while_a_sign_in_through_the_browser_fails() {
    run(async {
        let desktop = Desktop::start("goes-on");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let mut browser = browser(&desktop, &pool).await;
        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        set_out(&window, &mut browser, "continue-in-browser").await;
        sign_in_there(&browser, &pool, "aiko").await;
        came_back_as(&window, "Aiko Tanaka").await;
        let refresh = kept_refresh_token(&keyring).expect("a record with a refresh token");

        // To prove to be there takes another sign-in, in the browser as the first one; somebody else is not believed.
        appears(&window, "delete-account").await;
        window.click("delete-account").await;
        window.click("prove-presence").await;
        appears(&window, "browser-waiting").await;
        browser.opened().await;
        assert_eq!(window.state().await, "signedIn");
        shot(&desktop, &window, "browser-proving").await;
        sign_in_there(&browser, &pool, "zita").await;
        appears(&window, "prove-presence").await;
        refusal(&window).await;
        shot(&desktop, &window, "browser-proved-nothing").await;
        assert!(!window.has("delete-name").await);
        assert_eq!(window.state().await, "signedIn");
        assert_eq!(kept_refresh_token(&keyring).as_ref(), Some(&refresh));

        window.click("prove-presence").await;
        appears(&window, "browser-waiting").await;
        browser.opened().await;
        sign_in_there(&browser, &pool, "aiko").await;
        appears(&window, "delete-name").await;
        shot(&desktop, &window, "browser-proved").await;
        reads(&window, "user-name", "Aiko Tanaka").await;
        assert_eq!(kept_refresh_token(&keyring).as_ref(), Some(&refresh));
        window.close().await;
    });
}

#[test]
pub(crate) fn the_window_signs_in_natively_where_the_browser_is_offered_too() {
    run(async {
        let desktop = Desktop::start("native-too");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let browser = browser(&desktop, &pool).await;
        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        enter_name_and_password(&window, &pool, "aiko").await;
        window.wait_for_state("signedIn").await;
        click_sign_out(&window).await;
        window.click("confirm-sign-out").await;
        window.wait_for_state("signedOut").await;
        appears(&window, "ended-notice").await;
        assert!(!window.has("receipt-browser").await, "nothing began in the browser");
        assert!(!browser.has_opened().await);
        assert_eq!(count(&pool, "logout"), 0);
        window.close().await;
    });
}

#[test]
pub(crate) fn without_the_scope_for_the_account_its_pages_say_what_is_missing() {
    run(async {
        let desktop = Desktop::start("no-scope");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let mut browser = browser(&desktop, &pool).await;
        let window = open_for_browser(
            &desktop,
            &pool,
            "devbrowserbare",
            &[("COGNITO_SCOPES", "openid email profile")],
        )
        .await;
        set_out(&window, &mut browser, "continue-in-browser").await;
        sign_in_there(&browser, &pool, "aiko").await;
        came_back_as(&window, "Aiko Tanaka").await;
        for page in ["account", "security", "devices"] {
            window.click(&format!("go-{page}")).await;
            appears(&window, "scope-missing").await;
            shot(&desktop, &window, &format!("scope-missing-{page}")).await;
        }
        assert!(!window.has("delete-account").await, "what the session may not do is not offered");
        window.close().await;
    });
}
