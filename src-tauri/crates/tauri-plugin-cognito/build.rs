//! Generates the permissions, one for each command.

const COMMANDS: &[&str] = &[
    "snapshot",
    "sign_in",
    "answer_new_password",
    "cancel",
    "sign_out",
    "retry",
    "proceed_without_keychain",
    "wake",
    "demo_users",
    "picture",
];

fn main() {
    tauri_plugin::Builder::new(COMMANDS).build();
}
