//! The one window: made hidden, shown when there is something to show.

use std::time::Duration;

use tauri::{AppHandle, Runtime, WebviewWindowBuilder};
use tauri_plugin_cognito::CognitoExt;

/// Longer than this, a window that says "restoring" is better than none.
const PATIENCE: Duration = Duration::from_millis(400);

/// Records, in debug builds, every value that the page's `data-state` has had since before its scripts ran.
#[cfg(debug_assertions)]
const STATE_RECORDER: &str = include_str!("state_recorder.js");

/// Makes the window and shows it at the first settled view, or when patience ends.
///
/// # Errors
/// The window system's, where it cannot make one.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let config = app.config().app.windows.first().cloned().unwrap_or_default();
    let builder = WebviewWindowBuilder::from_config(app, &config)?;
    #[cfg(debug_assertions)]
    let builder = builder.initialization_script(STATE_RECORDER);
    let window = builder.build()?;
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let cognito = app.cognito();
        tokio::select! {
            () = cognito.settled() => {}
            () = tokio::time::sleep(PATIENCE) => {}
        }
        if let Err(error) = window.show().and_then(|()| window.set_focus()) {
            tracing::error!(%error, "the window could not be shown");
        }
    });
    Ok(())
}
