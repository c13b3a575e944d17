//! No token, client secret or password anywhere but where it belongs: planted, and searched for.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use virtual_desktop::{Desktop, Key, Keyring, UserPool, Window};

use crate::authenticator::{code_at, now};
use crate::bench::{browser, open_with, pool, run};
use crate::browser::{CLIENT, came_back_as, open_for_browser, set_out, sign_in_there};
use crate::callback::{PORTS, link_that_came, links_lead_elsewhere};
use crate::keyboard::{
    asked, enter_name_and_password, focus_is_at, go_and_press, go_and_write, go_back_to, refusal, sign_out,
    write,
};
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

/// What was typed and shown in the conversations of a sign-in, and is to be found nowhere afterwards.
#[derive(Default)]
struct Told(Vec<String>);

impl Told {
    fn add(&mut self, secret: &str) -> String {
        self.0.push(secret.to_owned());
        secret.to_owned()
    }

    /// Nothing of it is in the page any more.
    async fn is_not_in_the_page(&self, window: &Window) {
        window.wait_for_state("signedIn").await;
        let page = page(window).await;
        assert!(page.contains("example.com") || page.contains("Tomoko"), "the page shows the user");
        for secret in &self.0 {
            // Six digits may be a part of any number; whole they are a code.
            assert!(!contains_whole(page.as_bytes(), secret), "in the page: {secret}");
        }
    }
}

/// Whether it is there with no letter or digit right before or after it; a code not as the fraction of a time either.
fn contains_whole(bytes: &[u8], secret: &str) -> bool {
    let code = secret.bytes().all(|byte| byte.is_ascii_digit());
    let borders = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    bytes.windows(secret.len()).enumerate().any(|(at, part)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        part == secret.as_bytes()
            && borders(before)
            && !(code && before == Some(&b'.'))
            && borders(bytes.get(at + secret.len()))
    })
}

async fn open_with_all_of_the_log(desktop: &Desktop, pool: &UserPool, client: &str) -> Window {
    open_with(desktop, pool, client, &[("COGNITO_DESKTOP_LOG", "debug")]).await
}

/// An authenticator is set up, with a code that is wrong and one that is right.
async fn set_up(desktop: &Desktop, pool: &UserPool, told: &mut Told) {
    let window = open_with_all_of_the_log(desktop, pool, "devmfa").await;
    enter_name_and_password(&window, pool, "tomoko").await;
    told.add(pool.password("tomoko"));
    asked(&window, "choose-authenticator").await;
    window.press(Key::Enter).await;
    asked(&window, "qr-code").await;
    focus_is_at(&window, "code").await;
    go_back_to(&window, "no-camera").await;
    window.press(Key::Enter).await;
    window.wait_until("the secret", "document.querySelector('details[open] [data-testid=secret]')").await;
    let secret = told.add(&window.text("secret").await.replace(char::is_whitespace, ""));
    let markup = window.evaluate("document.querySelector('main').textContent").await.to_string();
    let together = markup.replace(char::is_whitespace, "");
    assert!(together.contains(&secret), "the search finds what is there");
    go_and_press(&window, "copy-secret").await;
    go_and_write(&window, "code", &told.add(&code_at(&secret, now() - 600))).await;
    window.press(Key::Enter).await;
    refusal(&window).await;
    write(&window, "code", &told.add(&code_at(&secret, now()))).await;
    window.press(Key::Enter).await;
    told.is_not_in_the_page(&window).await;
    sign_out(&window).await;
    window.close().await;
}

/// A custom challenge, with an answer that is wrong and those that are right.
async fn answer(desktop: &Desktop, pool: &UserPool, told: &mut Told) {
    let window = open_with_all_of_the_log(desktop, pool, "devcustomsrp").await;
    enter_name_and_password(&window, pool, "rosa").await;
    told.add(pool.password("rosa"));
    asked(&window, "prompt").await;
    write(&window, "answer", &told.add("Sentinel-Answer-51c2")).await;
    window.press(Key::Enter).await;
    for (round, right) in [("1", "piano"), ("2", "towel")] {
        let next = format!(
            "document.documentElement.dataset.state === 'challenged' \
                && document.querySelector('[data-testid=answer]').value === '' \
                && document.querySelector('[data-testid=parameters] dd').innerText === '{round}'"
        );
        window.wait_until("an empty field", &next).await;
        write(&window, "answer", &told.add(right)).await;
        window.press(Key::Enter).await;
    }
    told.is_not_in_the_page(&window).await;
    sign_out(&window).await;
    window.close().await;
}

/// A password is reset, with a code and a password that the pool refuses and those that it takes.
async fn reset(desktop: &Desktop, pool: &UserPool, told: &mut Told) {
    let window = open_with_all_of_the_log(desktop, pool, "devdesktop").await;
    window.wait_for_state("signedOut").await;
    write(&window, "username", "emma").await;
    go_and_write(&window, "password", &told.add("Sentinel-Old-7f3a")).await;
    window.press(Key::Enter).await;
    asked(&window, "submit-reset").await;
    go_and_write(&window, "code", &told.add("8392017465")).await;
    go_and_write(&window, "new-password", &told.add("sentinel-weak-7f3b")).await;
    go_and_write(&window, "new-password-repeat", "sentinel-weak-7f3b").await;
    window.press(Key::Enter).await;
    refusal(&window).await;
    let password = told.add("Sentinel-New-7f3c");
    write(&window, "new-password", &password).await;
    go_and_write(&window, "new-password-repeat", &password).await;
    window.press(Key::Enter).await;
    focus_is_at(&window, "code").await;
    write(&window, "code", &told.add(&pool.code("emma"))).await;
    window.press(Key::Enter).await;
    told.is_not_in_the_page(&window).await;
    window.close().await;
}

/// A device is remembered: its password is in the keychain and nowhere else.
async fn remember(desktop: &Desktop, keyring: &Keyring, pool: &UserPool, told: &mut Told) {
    let window = open_with_all_of_the_log(desktop, pool, "devdevices").await;
    enter_name_and_password(&window, pool, "uma").await;
    told.add(pool.password("uma"));
    asked(&window, "code").await;
    write(&window, "code", &told.add(&pool.code("uma"))).await;
    window.press(Key::Enter).await;
    let row = "document.querySelector('[data-testid=device-state]')";
    window.wait_until("the device to be remembered", row).await;
    let password = device_password(keyring).expect("a device in the keychain");
    assert!(password.len() >= 20, "a password that nobody could have chosen");
    told.add(&password);
    told.is_not_in_the_page(&window).await;
    sign_out(&window).await;
    // The device proves itself with it.
    enter_name_and_password(&window, pool, "uma").await;
    told.is_not_in_the_page(&window).await;
    window.close().await;
}

/// The password of the only device that is kept.
fn device_password(keyring: &Keyring) -> Option<String> {
    keyring.entries(crate::bench::SERVICE).values().find_map(|entry| {
        let start = entry.windows(11).position(|part| part == b"{\"devices\":")?;
        let mut values = serde_json::Deserializer::from_slice(&entry[start..]).into_iter::<Value>();
        values.next()?.ok()?["devices"][0]["password"].as_str().map(str::to_owned)
    })
}

#[test]
fn no_password_code_answer_or_authenticator_secret_of_any_conversation_in_the_log_or_a_file() {
    run(async {
        let desktop = Desktop::start("told-secrets");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        let mut told = Told::default();
        set_up(&desktop, &pool, &mut told).await;
        answer(&desktop, &pool, &mut told).await;
        remember(&desktop, &keyring, &pool, &mut told).await;
        reset(&desktop, &pool, &mut told).await;

        let mut found = Vec::new();
        files(desktop.home(), &mut found);
        let mut signed_in = 0;
        for file in &found {
            let bytes = fs::read(file).unwrap_or_default();
            if file.extension().is_some_and(|kind| kind == "log") {
                signed_in += String::from_utf8_lossy(&bytes).matches("signed in").count();
            }
            for secret in &told.0 {
                assert!(!contains_whole(&bytes, secret), "{} holds {secret}", file.display());
            }
        }
        assert!(signed_in >= 4, "the log tells of the sign-ins, among {found:?}");
    });
}

/// The command lines of every process of this desktop, as any program of the same user can read them.
fn command_lines(desktop: &Desktop) -> String {
    let home = desktop.home().display().to_string();
    let mut lines = String::new();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let environment = fs::read(process.path().join("environ")).unwrap_or_default();
        if contains(&environment, &home) {
            lines.push_str(&String::from_utf8_lossy(
                &fs::read(process.path().join("cmdline")).unwrap_or_default(),
            ));
            lines.push('\n');
        }
    }
    lines
}

/// Whatever in the keychain's entry of a sign-in that waits could be guessed by nobody: `state`, `nonce`, verifier.
fn pending_secrets(keyring: &Keyring) -> Vec<String> {
    let entries = keyring.entries(crate::bench::SERVICE);
    let pending = entries.iter().find(|(name, _)| name.starts_with("pending "));
    let (_, pending) = pending.unwrap_or_else(|| panic!("no sign-in waits in {:?}", entries.keys()));
    let unguessable = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    pending
        .split(|byte| !unguessable(byte))
        .filter(|run| run.len() >= 22 && run.iter().any(u8::is_ascii_digit))
        .map(|run| String::from_utf8_lossy(run).into_owned())
        .collect()
}

#[test]
fn no_verifier_code_or_token_of_a_sign_in_through_the_browser_in_a_log_a_file_the_page_or_a_command_line() {
    run(async {
        let desktop = Desktop::start("browser-secrets");
        let keyring = desktop.keyring_unlocked();
        let pool = pool(&[]);
        // The other program keeps the link, so that the code can be searched for.
        let kept = links_lead_elsewhere(&desktop);
        let _taken: Vec<_> =
            PORTS.iter().filter_map(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).ok()).collect();
        let mut browser = browser(&desktop, &pool).await;
        let window = open_for_browser(&desktop, &pool, CLIENT, &[("COGNITO_DESKTOP_LOG", "debug")]).await;
        set_out(&window, &mut browser, "continue-in-browser").await;
        let address = browser.address().await;
        let pending = pending_secrets(&keyring);
        let told: Vec<_> =
            pending.iter().filter(|secret| !address.contains(secret.as_str())).cloned().collect();
        assert!(
            pending.len() >= 3 && !told.is_empty(),
            "state and nonce are told, the verifier is not: {pending:?}"
        );
        let mut secrets = told;
        let during = command_lines(&desktop);
        assert!(during.contains("--user-data-dir"), "the browser's is among them");
        for secret in &secrets {
            assert!(!during.contains(secret.as_str()), "{secret:.8}… in a command line");
        }
        sign_in_there(&browser, &pool, "aiko").await;
        let link = link_that_came(&kept).await;
        let code = link.split(['=', '&']).nth(1).expect("a code").to_owned();
        secrets.push(code);
        window.fill("link", &link).await;
        window.click("use-link").await;
        came_back_as(&window, "Aiko Tanaka").await;

        let refresh = kept_refresh_token(&keyring).expect("a record with a refresh token");
        secrets.push(refresh[..40].to_owned());
        let record =
            keyring.entries(crate::bench::SERVICE).into_values().max_by_key(Vec::len).expect("a record");
        let record = String::from_utf8_lossy(&record).into_owned();
        let signatures: Vec<_> = record
            .split('"')
            .filter(|part| part.starts_with("eyJ") && part.matches('.').count() == 2)
            .filter_map(|token| token.rsplit('.').next())
            .map(str::to_owned)
            .collect();
        assert_eq!(signatures.len(), 2, "an access and an id token in the record");
        secrets.extend(signatures);
        let names = keyring.entries(crate::bench::SERVICE);
        assert!(!names.keys().any(|name| name.starts_with("pending ")), "no sign-in waits any more");

        let (page, after) = (page(&window).await, command_lines(&desktop));
        assert!(page.contains("Aiko"), "the page was searched while it showed the user");
        window.close().await;
        drop(browser);
        let mut found = Vec::new();
        files(&desktop.home().join("home"), &mut found);
        let is_log = |file: &&std::path::PathBuf| file.extension().is_some_and(|kind| kind == "log");
        let log = found.iter().find(is_log).map(|file| fs::read_to_string(file).unwrap_or_default());
        let log = log.expect("a log");
        assert!(log.contains("signed in") && !log.contains("callback?"), "{log}");
        for secret in &secrets {
            assert!(!page.contains(secret.as_str()), "in the page: {secret:.8}…");
            assert!(!after.contains(secret.as_str()), "in a command line: {secret:.8}…");
            for file in &found {
                let bytes = fs::read(file).unwrap_or_default();
                assert!(!contains(&bytes, secret), "{} holds {secret:.8}…", file.display());
            }
        }
    });
}
