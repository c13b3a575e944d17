//! From the click on "Sign in" to the signed-in view, timed inside the page.

use std::time::Duration;

use serde_json::Value;
use virtual_desktop::Window;

use crate::{Bench, Program, USER};

/// One sign-in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Click {
    /// Until the page's root said `signedIn`.
    pub(crate) state_ms: f64,
    /// Until the frame that shows it had been painted.
    pub(crate) painted_ms: f64,
}

/// Begins when the click's event was made, and ends in the task after the first frame with the signed-in view.
const STOPWATCH: &str = "(() => {
  const button = document.querySelector('[data-testid=sign-in]');
  window.__click = {};
  button.addEventListener('click', (event) => { window.__click.begun = event.timeStamp; }, { capture: true });
  new MutationObserver((_, observer) => {
    if (document.documentElement.dataset.state !== 'signedIn') return;
    observer.disconnect();
    window.__click.state = performance.now();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { window.__click.painted = performance.now(); };
      port2.postMessage(null);
    });
  }).observe(document.documentElement, { attributes: true, attributeFilter: ['data-state'] });
  return true;
})()";

/// Signs in in a window that has just been opened, and out again.
pub(crate) async fn measure(bench: &Bench) -> Click {
    let window = open(bench).await;
    window.wait_for_state("signedOut").await;
    fill(bench, &window).await;
    window.evaluate(STOPWATCH).await;
    window.click("sign-in").await;
    window.wait_until("the signed-in view", "window.__click.painted").await;
    let times = window.evaluate("window.__click").await;
    let moment = |name: &str| times.get(name).and_then(Value::as_f64).expect("a time of the page");
    let begun = moment("begun");
    let click = Click { state_ms: moment("state") - begun, painted_ms: moment("painted") - begun };
    eprintln!("{click:?}");
    window.wait_for_state("signedIn").await;
    window.click("sign-out").await;
    window.click("confirm-sign-out").await;
    window.wait_for_state("signedOut").await;
    window.wait_until("the receipt", "document.querySelector('[data-testid=ended-notice]')").await;
    window.close().await;
    click
}

/// Signs in and closes the window: the session is in the keychain then.
pub(crate) async fn leave_signed_in(bench: &Bench) {
    let window = open(bench).await;
    window.wait_for_state("signedOut").await;
    fill(bench, &window).await;
    window.click("sign-in").await;
    window.wait_for_state("signedIn").await;
    window.close().await;
}

/// Makes sure that what was measured in between was the signed-in view.
pub(crate) async fn is_signed_in(bench: &Bench) {
    let window = open(bench).await;
    window.wait_for_state("signedIn").await;
    window.close().await;
}

async fn open(bench: &Bench) -> Window {
    bench.desktop.open(bench.path(Program::App), &bench.variables()).await
}

async fn fill(bench: &Bench, window: &Window) {
    window.fill("username", USER).await;
    window.fill("password", bench.pool.password(USER)).await;
    // As long as it takes a person to reach the button; the client prepares its key pair while they type.
    tokio::time::sleep(Duration::from_millis(500)).await;
}
