//! The shell around the plugin: one window, one instance, a log, and the app's link scheme.

mod log;
mod panics;
mod window;

use std::process::ExitCode;

/// Runs the app until its window is closed.
#[must_use]
pub fn run() -> ExitCode {
    let built = tauri::Builder::default()
        // First, so that a second start ends before it touches the keychain.
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| window::bring_forward(app)))
        .plugin(log::plugin())
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_cognito::init())
        .setup(|app| {
            panics::tell_the_window(app.handle().clone());
            window::open(app.handle())?;
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|_app, _event| {});
            ExitCode::SUCCESS
        }
        Err(error) => {
            // There is no window to say it in.
            tracing::error!(%error, "the window system is not there or refused");
            let _ = std::io::Write::write_fmt(
                &mut std::io::stderr(),
                format_args!("Cognito Desktop cannot open a window: {error}\n"),
            );
            ExitCode::FAILURE
        }
    }
}
