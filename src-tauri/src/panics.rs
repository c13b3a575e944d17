//! A panic is logged and shown, and loses no session: the tokens are in the keychain, and the driver outlives its
//! tasks.

use std::panic;
use std::sync::OnceLock;

use tauri::AppHandle;
use tauri_plugin_cognito::CognitoExt;

static APP: OnceLock<AppHandle> = OnceLock::new();

/// Writes every panic to the log. From the first moment on; the window hears of them once it exists.
pub(crate) fn log() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // Not the payload: it may have been made of anything, a token included.
        tracing::error!(place, thread = std::thread::current().name(), "panicked");
        if let Some(app) = APP.get() {
            app.note_panic();
        }
        if cfg!(debug_assertions) {
            before(panic);
        }
    }));
}

/// Lets panics be shown in the window.
pub(crate) fn tell_the_window(app: AppHandle) {
    // Set once for the one app of this process.
    let _ = APP.set(app);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_logged_by_its_place_and_not_by_its_words() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        log();
        tracing::subscriber::with_default(subscriber, || {
            let ended = panic::catch_unwind(|| panic!("sentinel-token"));
            assert!(ended.is_err());
        });
        let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(logged.contains("panicked") && logged.contains("panics.rs"), "{logged}");
        assert!(!logged.contains("sentinel-token"), "{logged}");
    }
}
