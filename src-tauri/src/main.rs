//! The program.

// A release build on Windows opens no console.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    cognito_desktop::run()
}
