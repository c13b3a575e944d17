//! Each command of the plugin is permitted to the main window, and refused to any other.

use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, WebviewWindow, WebviewWindowBuilder};

/// The commands that the plugin carries out, from where it lists them.
fn commands() -> Vec<&'static str> {
    let source = include_str!("../crates/tauri-plugin-cognito/src/lib.rs");
    let list = source.split("generate_handler![").nth(1).and_then(|rest| rest.split(']').next());
    let paths = list.expect("a list of commands").split(',').map(str::trim).filter(|path| !path.is_empty());
    paths.map(|path| path.rsplit("::").next().unwrap_or(path)).collect()
}

fn app() -> App<MockRuntime> {
    let mut context = tauri::generate_context!();
    // With a broken set-up the commands answer without touching a keychain or a pool.
    let broken = serde_json::json!({ "issuer": "not a URL", "clientId": "a" });
    context.config_mut().plugins.0.insert("cognito".to_owned(), broken);
    mock_builder().plugin(tauri_plugin_cognito::init()).build(context).expect("the app is built")
}

fn window(app: &App<MockRuntime>, label: &str) -> WebviewWindow<MockRuntime> {
    WebviewWindowBuilder::new(app, label, tauri::WebviewUrl::default()).build().expect("a window")
}

/// What the window is answered: `Err` with the refusal's text where permission is missing.
fn ask(window: &WebviewWindow<MockRuntime>, command: &str) -> Result<(), String> {
    let arguments = serde_json::json!({
        "username": "a", "password": "b", "attributes": {}, "code": "1", "device": null, "way": "emailCode",
        "method": "sms", "address": "a@example.com", "answer": "a", "remember": true, "pool": "a",
        "clientId": "b", "clientSecret": null, "goOn": false, "values": {}, "names": [], "attribute": "email",
        "previous": null, "proposed": "a", "key": "a", "id": "a", "name": "a",
        "provider": null, "loginHint": null, "link": "a", "page": {
            "language": "en", "title": "a",
            "done": { "heading": "a", "body": "a" }, "failed": { "heading": "a", "body": "a" },
            "back": { "heading": "a", "body": "a" },
        },
    });
    let request = InvokeRequest {
        cmd: format!("plugin:cognito|{command}"),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: "tauri://localhost".parse().expect("a URL"),
        body: InvokeBody::Json(arguments),
        headers: tauri::http::HeaderMap::new(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    match get_ipc_response(window, request) {
        Err(refused) if refused.to_string().contains("not allowed") => Err(refused.to_string()),
        Err(refused) if refused.to_string().contains("invalid args") => Err(refused.to_string()),
        // The set-up is broken, so a command may well refuse; it was reached, which is what counts.
        Ok(_) | Err(_) => Ok(()),
    }
}

#[test]
fn every_command_is_permitted_to_the_main_window_and_refused_to_others() {
    let app = app();
    let (main, other) = (window(&app, "main"), window(&app, "other"));
    let commands = commands();
    assert!(commands.len() >= 57, "only {commands:?}");
    for command in commands {
        assert_eq!(ask(&main, command), Ok(()), "{command} in the main window");
        assert!(ask(&other, command).is_err(), "{command} in another window");
    }
    assert!(ask(&main, "no_such_command").is_err(), "a command that does not exist is refused");
}

#[test]
fn a_broken_set_up_is_a_snapshot_and_not_a_panic() {
    let app = app();
    let snapshot = tauri_plugin_cognito::CognitoExt::cognito(&app).snapshot();
    let shown = serde_json::to_value(&snapshot).expect("a snapshot is JSON");
    assert_eq!(shown["setup"]["kind"], "broken");
    assert_eq!(shown["setup"]["faults"][0]["setting"], "COGNITO_ISSUER");
    assert_eq!(shown["setup"]["faults"][0]["value"], "not a URL");
    assert_eq!(shown["setup"]["faults"][0]["source"], "compiledIn");
    assert_eq!(shown["view"], serde_json::Value::Null);
}
