//! The shell around the plugin: one window, one instance, a log, and the app's link scheme.

mod log;
mod panics;
mod window;

use std::process::ExitCode;

use tauri_plugin_cognito::CognitoExt as _;

/// Runs the app until its window is closed.
#[must_use]
pub fn run() -> ExitCode {
    let builder = tauri::Builder::default()
        // First, so that a second start ends before it touches the keychain.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _folder| {
            app.started_again(arguments.get(1..).unwrap_or_default());
        }))
        .plugin(log::plugin());
    // It registers the links. On macOS the bundle says them, and all that the plugin would do is tell each of them to
    // every page that listens.
    #[cfg(not(target_os = "macos"))]
    let builder = builder.plugin(tauri_plugin_deep_link::init());
    let built = builder
        .plugin(tauri_plugin_cognito::init())
        .setup(|app| {
            panics::tell_the_window(app.handle().clone());
            if let Err(error) = window::open(app.handle()) {
                // An error that is returned from here would be a panic.
                app.handle().cleanup_before_exit();
                no_window(&error);
                std::process::exit(1);
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|_app, _event| {});
            ExitCode::SUCCESS
        }
        Err(error) => {
            no_window(&error);
            ExitCode::FAILURE
        }
    }
}

/// Says why there is no window, where somebody may look for it.
fn no_window(error: &tauri::Error) {
    tracing::error!(%error, "the window cannot be opened");
    let _ = std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!(
            "Cognito Desktop cannot open its window: {error}\n\
             It needs a display, and a home folder that it can write to.\n"
        ),
    );
}
