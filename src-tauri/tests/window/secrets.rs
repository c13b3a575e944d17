//! No token, client secret or password anywhere but where it belongs: planted, and searched for.

use std::fs;
use std::path::Path;

use serde_json::json;
use virtual_desktop::{Desktop, Window};

use crate::bench::{open_with, pool, run};
use crate::main_job::kept_refresh_token;

const PASSWORD: &str = "Sentinel-Passw0rd-7f3a";

/// Every file below a folder, but the keyring's own.
fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let kind = entry.file_type().expect("a kind of file");
        if kind.is_dir() {
            files(&path, found);
        } else if kind.is_file() {
            found.push(path);
        }
    }
}

fn contains(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|part| part == secret.as_bytes())
}

/// Whatever a script in the page can get at.
async fn page(window: &Window) -> String {
    let markup = window.evaluate("document.documentElement.outerHTML").await;
    let fields =
        window.evaluate("[...document.querySelectorAll('input')].map(i => i.value).join('\\n')").await;
    let storage =
        window.evaluate("JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage})").await;
    let resources = window.evaluate("JSON.stringify(performance.getEntries())").await;
    let globals = "(() => { const seen = new Set(); try { return JSON.stringify(window, (key, value) => { \
        if (typeof value === 'object' && value !== null) { if (seen.has(value)) return undefined; seen.add(value); } \
        return value; }); } catch { return ''; } })()";
    let globals = window.evaluate(globals).await;
    let snapshot = "window.__TAURI_INTERNALS__.invoke('plugin:cognito|snapshot')\
        .then(snapshot => window.__snapshot = JSON.stringify(snapshot))";
    window.evaluate(snapshot).await;
    window.wait_until("a snapshot", "window.__snapshot").await;
    let snapshot = window.evaluate("window.__snapshot").await;
    format!("{markup}{fields}{storage}{resources}{globals}{snapshot}")
}

#[test]
fn no_token_password_or_client_secret_in_the_page_the_log_or_a_file() {
    run(async {
        let desktop = Desktop::start("secrets");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        pool.control("user", &json!({ "username": "aiko", "password": PASSWORD }));
        let client_secret = pool.secret("devsecret").expect("a client with a secret").to_owned();
        let window = open_with(&desktop, &pool, "devsecret", &[("COGNITO_DESKTOP_LOG", "debug")]).await;
        window.wait_for_state("signedOut").await;
        window.fill("username", "aiko").await;
        window.fill("password", PASSWORD).await;
        // The search finds what is there: the password in its own field.
        assert!(page(&window).await.contains(PASSWORD));
        window.click("sign-in").await;
        window.wait_for_state("signedIn").await;

        let refresh = kept_refresh_token(&keyring).expect("a record with a refresh token");
        let record: Vec<u8> =
            keyring.entries(crate::bench::SERVICE).into_values().max_by_key(Vec::len).expect("a record");
        let record = String::from_utf8_lossy(&record).into_owned();
        let jwts: Vec<_> = record
            .split('"')
            .filter(|part| part.starts_with("eyJ") && part.matches('.').count() == 2)
            .collect();
        assert_eq!(jwts.len(), 2, "an access and an id token in the record");
        // A part of each is enough to give it away.
        let mut secrets = vec![PASSWORD, client_secret.as_str(), &refresh[..40]];
        for jwt in &jwts {
            secrets.push(jwt.rsplit('.').next().expect("a signature"));
        }

        let page = page(&window).await;
        assert!(page.contains("Aiko"), "the page was searched while it showed the user");
        for secret in &secrets {
            assert!(!page.contains(secret), "in the page: {secret:.12}…");
        }
        window.close().await;
        let mut found = Vec::new();
        files(desktop.home(), &mut found);
        let mut logs = 0;
        for file in &found {
            let bytes = fs::read(file).unwrap_or_default();
            logs += usize::from(
                file.extension().is_some_and(|kind| kind == "log") && contains(&bytes, "signed in"),
            );
            for secret in &secrets {
                assert!(!contains(&bytes, secret), "{} holds {secret:.12}…", file.display());
            }
        }
        assert_eq!(logs, 1, "one log that tells of the sign-in, among {found:?}");
    });
}
