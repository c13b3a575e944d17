//! What every window test begins with: a desktop, a pool, and the window on it.

use std::cell::RefCell;
use std::future::Future;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use virtual_desktop::{AGENT, Browser, Desktop, UserPool, Window};

use crate::table;

/// The keychain service under which this build keeps its entries.
pub(crate) const SERVICE: &str = "org.cognitodesktop.client";

/// The scheme of the app's links.
pub(crate) const SCHEME: &str = "cognito-desktop";

/// Windows are opened one at a time: two cores drive them, and some tests wait for tokens that live for seconds.
static TURN: Mutex<()> = Mutex::new(());

thread_local! {
    /// What the pools of the test that runs on this thread were asked by the window, as their logs have it.
    static ASKED: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// Runs a test in its turn, on a runtime of its own. Afterwards its pools must have been asked what the table says of
/// this test.
pub(crate) fn run<Test: Future<Output = ()>>(test: Test) {
    // A test that failed has not harmed the next one.
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    ASKED.take();
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(test);
    table::check(std::any::type_name::<Test>(), &ASKED.take());
}

/// The window under test: this package's program, built with the UI in it.
pub(crate) fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_cognito-desktop"))
}

/// The development pool, built beside it.
pub(crate) fn pool(arguments: &[&str]) -> Pool {
    Pool { process: UserPool::start(&program().with_file_name("userpool"), arguments), runs: true }
}

/// A development pool whose log is kept for the table, beyond its end.
pub(crate) struct Pool {
    process: UserPool,
    runs: bool,
}

impl Pool {
    /// Ends it: nobody answers any more.
    pub(crate) fn stop(&mut self) {
        self.keep_log();
        self.process.stop();
        self.runs = false;
    }

    /// Starts it again on the same port, after [`Pool::stop`].
    pub(crate) fn start_again(&mut self) {
        self.process.start_again();
        self.runs = true;
    }

    /// The flows of the sign-ins that were begun, oldest first.
    pub(crate) fn begun(&self) -> Vec<String> {
        let begins = |entry: &&Value| entry["operation"] == "InitiateAuth";
        let flow = |entry: &Value| entry["flow"].as_str().unwrap_or_default().to_owned();
        requests(&self.log()).iter().filter(begins).map(flow).collect()
    }

    fn keep_log(&self) {
        let log = self.process.log();
        let by_window = requests(&log).iter().filter(|entry| entry["agent"] != AGENT).cloned();
        ASKED.with_borrow_mut(|asked| asked.extend(by_window));
    }
}

impl Deref for Pool {
    type Target = UserPool;

    fn deref(&self) -> &UserPool {
        &self.process
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if self.runs && !std::thread::panicking() {
            self.keep_log();
        }
    }
}

fn requests(log: &Value) -> &[Value] {
    log["requests"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Opens the window for one client of a pool.
pub(crate) async fn open(desktop: &Desktop, pool: &UserPool, client: &str) -> Window {
    open_with(desktop, pool, client, &[]).await
}

/// Opens the window for one client of a pool, with more variables.
pub(crate) async fn open_with(
    desktop: &Desktop,
    pool: &UserPool,
    client: &str,
    more: &[(&str, &str)],
) -> Window {
    let issuer = pool.issuer().to_owned();
    let secret = pool.secret(client).map(str::to_owned);
    let mut variables = vec![("COGNITO_ISSUER", issuer.as_str()), ("COGNITO_CLIENT_ID", client)];
    if let Some(secret) = &secret {
        variables.push(("COGNITO_CLIENT_SECRET", secret));
    }
    variables.extend_from_slice(more);
    desktop.open(&program(), &variables).await
}

/// Starts the browser that opens what the app has to open, for a pool's pages.
pub(crate) async fn browser(desktop: &Desktop, pool: &UserPool) -> Browser {
    desktop.browser(pool.origin(), SCHEME).await
}

/// Signs a demo user in and waits for the signed-in view.
pub(crate) async fn sign_in(window: &Window, pool: &UserPool, username: &str) {
    window.wait_for_state("signedOut").await;
    window.fill("username", username).await;
    window.fill("password", pool.password(username)).await;
    window.click("sign-in").await;
    window.wait_for_state("signedIn").await;
}

/// Writes a numbered screenshot of the display, where a tour asks for them and among the build's files otherwise.
#[expect(clippy::print_stdout, reason = "where the screenshot is, for whoever runs the tour")]
pub(crate) async fn shot(desktop: &Desktop, window: &Window, name: &str) {
    window.painted().await;
    let folder = std::env::var_os("COGNITO_DESKTOP_SHOTS")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots"), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("the folder for screenshots");
    let file = folder.join(format!("{name}.png"));
    desktop.screenshot(&file);
    println!("{name}: {}", file.display());
}

/// Begins to sign out by the mouse, once what the pool says of the user is there: the page grows above the button then.
pub(crate) async fn click_sign_out(window: &Window) {
    window.wait_until("the details", "document.querySelector('[data-testid=add-attribute]')").await;
    window.click("sign-out").await;
}
