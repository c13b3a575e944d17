//! Generates the permissions, one for each command.

const COMMANDS: &[&str] = &[
    "snapshot",
    "prepare",
    "sign_in",
    "answer_new_password",
    "answer_code",
    "sign_up",
    "forgot_password",
    "answer_way",
    "answer_password",
    "answer_second_factor",
    "answer_authenticator",
    "answer_email",
    "answer_custom",
    "answer_reset",
    "choose_again",
    "authenticator_secret",
    "remember_device",
    "resend_code",
    "cancel",
    "sign_out",
    "sign_out_everywhere",
    "retry",
    "proceed_without_keychain",
    "wake",
    "demo_users",
    "choose_demo_client",
    "picture",
    "connect",
    "disconnect",
    "unlock",
];

fn main() {
    tauri_plugin::Builder::new(COMMANDS).build();
}
