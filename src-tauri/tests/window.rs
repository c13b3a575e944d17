//! The real window, on a real keychain, against the development pool.
//!
//! `cargo xtask test` runs this. By itself: `cargo build -p userpool`, `npm --prefix ui run build`,
//! `npm --prefix ui run build:gallery`, then `cargo test --test window --features custom-protocol`.
#![cfg(target_os = "linux")]

#[path = "window/account.rs"]
mod account;
#[path = "window/accounts.rs"]
mod accounts;
#[path = "window/authenticator.rs"]
mod authenticator;
#[path = "window/bench.rs"]
mod bench;
#[path = "window/browser.rs"]
mod browser;
#[path = "window/callback.rs"]
mod callback;
#[path = "window/challenges.rs"]
mod challenges;
#[path = "window/connect.rs"]
mod connect;
#[path = "window/conversations.rs"]
mod conversations;
#[path = "window/devices.rs"]
mod devices;
#[path = "window/elsewhere.rs"]
mod elsewhere;
#[path = "window/flows.rs"]
mod flows;
#[path = "window/keyboard.rs"]
mod keyboard;
#[path = "window/keychain.rs"]
mod keychain;
#[path = "window/lapsed.rs"]
mod lapsed;
#[path = "window/main_job.rs"]
mod main_job;
#[path = "window/network.rs"]
mod network;
#[path = "window/receipt.rs"]
mod receipt;
#[path = "window/screens.rs"]
mod screens;
#[path = "window/second_factor.rs"]
mod second_factor;
#[path = "window/secrets.rs"]
mod secrets;
#[path = "window/security.rs"]
mod security;
#[path = "window/step_up.rs"]
mod step_up;
#[path = "window/table.rs"]
mod table;
#[path = "window/words.rs"]
mod words;
