//! A client that nobody here wrote, against the managed login: openid-client, with jose for the signatures. The pages are
//! filled in as a browser would, by plain HTTP.
//!
//! Needs Node.js with npm, and a package registry at the first run.

#[path = "operations/started.rs"]
mod started;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::SystemTime;

use started::StartedPool;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(prepare);

/// Installs what the lock file says, unless it is there.
fn prepare() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openid-client");
    let written = |path: &str| -> Option<SystemTime> { folder.join(path).metadata().ok()?.modified().ok() };
    let stamp = written("node_modules/.package-lock.json");
    if stamp.is_none() || stamp < written("package-lock.json") {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let output = Command::new(npm)
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder)
            .output()
            .expect("this test needs npm (https://nodejs.org)");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "this test needs a package registry that npm can reach: {text}");
    }
    folder
}

/// Runs one scenario of `scenarios.mjs`, which asserts by itself, against a pool of its own.
fn scenario(name: &str) {
    let pool = StartedPool::start(&[]);
    let output = Command::new("node")
        .arg(FOLDER.join("scenarios.mjs"))
        .arg(name)
        .arg(pool.announcement.to_string())
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .expect("Node.js starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} at {}:\n{err}", pool.endpoint());
    assert_eq!(out.trim(), format!("passed {name}"), "{err}");
}

#[test]
fn completes_every_step_as_a_public_client() {
    scenario("public_client");
}

#[test]
fn completes_every_step_as_a_client_with_a_secret() {
    scenario("confidential_client");
}

#[test]
fn second_factors_and_a_new_password_are_asked_for_on_the_way() {
    scenario("more_pages");
}

#[test]
fn providers_bring_federated_users() {
    scenario("federation");
}

#[test]
fn a_passkey_stands_in_for_the_password() {
    scenario("passkeys");
}

#[test]
fn a_browsers_session_skips_the_pages_for_an_hour() {
    scenario("single_sign_on");
}

#[test]
fn answers_that_are_not_its_own_are_refused_by_the_client() {
    scenario("foreign_answers");
}

#[test]
fn each_wrong_exchange_is_refused_by_the_pool() {
    scenario("wrong_exchanges");
}

#[test]
fn forged_tokens_are_refused_by_the_client() {
    scenario("forgeries");
}

#[test]
fn a_new_signing_key_is_found() {
    scenario("key_rotation");
}

#[test]
fn tokens_do_what_their_scopes_say() {
    scenario("scopes");
}
