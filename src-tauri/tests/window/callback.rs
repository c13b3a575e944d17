//! How the browser comes back: by the app's link, also to an app that is not there any more, at a port of this machine
//! where links lead to another program, and by hand where the ports are another's as well. And links that nobody waits
//! for.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use virtual_desktop::{Desktop, UserPool};

use crate::bench::{SCHEME, SERVICE, browser, pool, program, run, shot, sign_in};
use crate::browser::{CLIENT, came_back_as, open_for_browser, set_out, sign_in_there, sign_out_there_too};
use crate::keyboard::{appears, goes, refusal};
use crate::main_job::kept_refresh_token;

/// The ports of the addresses that every client of the pool's managed login has.
pub(crate) const PORTS: [u16; 3] = [19_274, 19_275, 19_276];

/// Makes another program the one that the app's links lead to; it keeps the last one in the file that is given back.
pub(crate) fn links_lead_elsewhere(desktop: &Desktop) -> PathBuf {
    let (script, kept) = (desktop.home().join("another"), desktop.home().join("another-link"));
    let keeps = format!("#!/bin/sh\nprintf '%s' \"$1\" > {0}.new && mv {0}.new {0}\n", kept.display());
    fs::write(&script, keeps).expect("another program");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a program");
    desktop.handle(SCHEME, "another", &format!("{} %u", script.display()));
    kept
}

/// The link that came to the other program.
pub(crate) async fn link_that_came(kept: &Path) -> String {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !kept.exists() {
        assert!(Instant::now() < deadline, "no link has come to the other program");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let link = fs::read_to_string(kept).expect("the link");
    fs::remove_file(kept).expect("the link");
    link
}

/// Opens a link as any program may.
fn open_link(desktop: &Desktop, link: &str) {
    let status = Command::new("xdg-open").arg(link).envs(desktop.environment()).status();
    assert!(status.is_ok_and(|status| status.success()), "xdg-open {link}");
}

/// Which program the system starts for the app's links.
fn opener(desktop: &Desktop) -> String {
    let asked = Command::new("xdg-mime")
        .args(["query", "default", &format!("x-scheme-handler/{SCHEME}")])
        .envs(desktop.environment())
        .output();
    String::from_utf8_lossy(&asked.expect("xdg-mime").stdout).trim().to_owned()
}

/// A search path on which nothing opens addresses: only what drives the window is there.
fn path_with_no_opener(desktop: &Desktop) -> String {
    let driver = "WebKitWebDriver";
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).map(|folder| folder.join(driver)).find(|file| file.is_file());
    let folder = desktop.home().join("bin");
    fs::create_dir(&folder).expect("a folder");
    std::os::unix::fs::symlink(there.expect("the driver"), folder.join(driver))
        .expect("a link to the driver");
    folder.display().to_string()
}

/// The settings where a start that a link leads to finds them.
fn configure(desktop: &Desktop, pool: &UserPool) {
    let settings = json!({ "issuer": pool.issuer(), "clientId": CLIENT, "domain": pool.origin() });
    desktop.write(&format!(".config/{SERVICE}/cognito.json"), &settings.to_string());
}

#[test]
pub(crate) fn at_a_port_of_this_machine_where_the_links_are_another_programs() {
    run(async {
        let desktop = Desktop::start("by-port");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        links_lead_elsewhere(&desktop);
        let mut browser = browser(&desktop, &pool).await;
        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        set_out(&window, &mut browser, "continue-in-browser").await;
        let address = browser.address().await;
        assert!(address.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A1927"), "{address}");
        sign_in_there(&browser, &pool, "aiko").await;
        came_back_as(&window, "Aiko Tanaka").await;
        browser.wait_until("the page of the app's own", "location.port.startsWith('1927')").await;
        let page = browser.text().await;
        assert!(page.contains("You can close this page"), "{page}");
        shot(&desktop, &window, "by-port").await;
        assert_eq!(opener(&desktop), "another.desktop", "what is another program's stays that");
        let port = browser.evaluate("location.port").await.as_str().and_then(|port| port.parse().ok());
        let port: u16 = port.expect("a port");
        assert!(TcpListener::bind(("127.0.0.1", port)).is_ok(), "the port {port} is closed again");

        shot(&desktop, &window, "by-port-signing-out").await;
        sign_out_there_too(&window, &browser).await;
        shot(&desktop, &window, "by-port-signed-out").await;
        window.close().await;
    });
}

#[test]
pub(crate) fn by_hand_where_neither_links_nor_ports_come_back() {
    run(async {
        let desktop = Desktop::start("by-hand");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let kept = links_lead_elsewhere(&desktop);
        // Those that cannot be had are somebody else's already.
        let _taken: Vec<_> =
            PORTS.iter().filter_map(|port| TcpListener::bind(("127.0.0.1", *port)).ok()).collect();
        let mut browser = browser(&desktop, &pool).await;
        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        set_out(&window, &mut browser, "continue-in-browser").await;
        shot(&desktop, &window, "by-hand").await;
        for nonsense in ["cognito-desktop://sign-in/callback?code=1&state=2", "https://example.com/?code=1"] {
            window.fill("link", nonsense).await;
            window.click("use-link").await;
            refusal(&window).await;
            assert_eq!(window.state().await, "challenged", "{nonsense}");
        }
        shot(&desktop, &window, "by-hand-refused").await;
        sign_in_there(&browser, &pool, "aiko").await;
        let link = link_that_came(&kept).await;
        window.fill("link", &link).await;
        window.click("use-link").await;
        came_back_as(&window, "Aiko Tanaka").await;
        let page = window.evaluate("document.documentElement.outerHTML").await.to_string();
        let code = link.split(['=', '&']).nth(1).expect("a code");
        assert!(!page.contains(code), "the code is in the page");
        assert_eq!(opener(&desktop), "another.desktop");
        window.close().await;
    });
}

#[test]
pub(crate) fn a_link_starts_the_app_that_is_not_there_any_more() {
    run(async {
        let desktop = Desktop::start("cold-start");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        configure(&desktop, &pool);
        let mut browser = browser(&desktop, &pool).await;
        let window = desktop.open(&program(), &[]).await;
        window.resize(440, 640).await;
        set_out(&window, &mut browser, "continue-in-browser").await;
        window.kill();

        sign_in_there(&browser, &pool, "aiko").await;
        let app = browser.started(&program()).await;
        let deadline = Instant::now() + Duration::from_secs(20);
        while kept_refresh_token(&keyring).is_none() {
            assert!(Instant::now() < deadline, "nobody is signed in: {:?}", keyring.entries(SERVICE).keys());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        app.close().await;
        let entries = keyring.entries(SERVICE);
        assert!(!entries.keys().any(|name| name.contains("pending")), "{:?}", entries.keys());

        let window = desktop.open(&program(), &[]).await;
        came_back_as(&window, "Aiko Tanaka").await;
        assert!(!window.states().await.contains(&"signedOut".to_owned()));
        window.close().await;
    });
}

#[test]
pub(crate) fn a_link_that_nobody_waits_for_is_a_notice_and_changes_nothing() {
    run(async {
        let desktop = Desktop::start("stray-link");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        desktop.handle(SCHEME, "packaged", &format!("{} %u", program().display()));
        let window = open_for_browser(&desktop, &pool, CLIENT, &[]).await;
        window.wait_for_state("signedOut").await;
        let links = [
            "cognito-desktop://sign-in/callback?code=11111111-2222-4333-8444-555555555555&state=abc",
            "cognito-desktop://sign-in/callback?error=access_denied&state=abc",
            "cognito-desktop://sign-in/callback",
            "cognito-desktop://elsewhere/?code=1&state=2",
        ];
        for link in links {
            open_link(&desktop, link);
            appears(&window, "link-notice").await;
            shot(&desktop, &window, "stray-link").await;
            assert_eq!(window.state().await, "signedOut", "{link}");
            window.click("dismiss-link-notice").await;
            goes(&window, "link-notice").await;
        }
        sign_in(&window, &pool, "aiko").await;
        let refresh = kept_refresh_token(&keyring);
        for link in links {
            open_link(&desktop, link);
            appears(&window, "link-notice").await;
            assert_eq!(window.state().await, "signedIn", "{link}");
            assert_eq!(kept_refresh_token(&keyring), refresh);
            window.click("dismiss-link-notice").await;
            goes(&window, "link-notice").await;
        }
        assert_eq!(opener(&desktop), "packaged.desktop", "a package's entry stays");
        window.close().await;
    });
}

#[test]
pub(crate) fn a_browser_that_cannot_be_started_is_said_with_the_link_to_copy() {
    run(async {
        let desktop = Desktop::start("no-browser");
        let _keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let nothing = path_with_no_opener(&desktop);
        let window = open_for_browser(&desktop, &pool, CLIENT, &[("PATH", &nothing)]).await;
        window.wait_for_state("signedOut").await;
        window.click("continue-in-browser").await;
        appears(&window, "browser-not-opened").await;
        shot(&desktop, &window, "browser-not-opened").await;
        let enabled = "!document.querySelector('[data-testid=copy-link]').disabled";
        window.wait_until("the link to be there", enabled).await;
        window.click("copy-link").await;
        window
            .wait_until(
                "the link to be copied, or shown",
                "document.querySelector('[data-testid=copied], [data-testid=link-by-hand]')",
            )
            .await;
        window.click("cancel").await;
        window.wait_for_state("signedOut").await;
        window.close().await;
    });
}
