//! What every window test begins with: a desktop, a pool, and the window on it.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use virtual_desktop::{Desktop, UserPool, Window};

/// The keychain service under which this build keeps its entries.
pub(crate) const SERVICE: &str = "org.cognitodesktop.client";

/// Windows are opened one at a time: two cores drive them, and some tests wait for tokens that live for seconds.
static TURN: Mutex<()> = Mutex::new(());

/// Runs a test in its turn, on a runtime of its own.
pub(crate) fn run(test: impl Future<Output = ()>) {
    // A test that failed has not harmed the next one.
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(test);
}

/// The window under test: this package's program, built with the UI in it.
pub(crate) fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_cognito-desktop"))
}

/// The development pool, built beside it.
pub(crate) fn pool(arguments: &[&str]) -> UserPool {
    UserPool::start(&program().with_file_name("userpool"), arguments)
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
