//! A client that nobody here wrote, against the pool: pycognito, on boto3 and PyJWT.
//!
//! Needs Python 3 with its `venv` module, and a package index at the first run.

#[path = "operations/started.rs"]
mod started;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fs};

use started::StartedPool;

const PACKAGES: &[&str] =
    &["pycognito==2024.5.1", "boto3==1.40.76", "botocore==1.40.76", "cryptography==50.0.2", "PyJWT==2.15.1"];

static PYTHON: LazyLock<PathBuf> = LazyLock::new(prepare);

/// Makes the virtual environment once and keeps it between runs.
fn prepare() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pycognito");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = folder.join("packages.txt");
    let wanted = PACKAGES.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) && python.exists() {
        return python;
    }
    let system = env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    run(
        Command::new(&system).args(["-m", "venv", "--clear"]).arg(&folder),
        "this test needs Python 3 with the module venv (Debian: apt install python3-venv)",
    );
    run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PACKAGES),
        "this test needs a package index that pip can reach",
    );
    fs::write(&stamp, wanted).expect("the stamp can be written");
    python
}

fn run(command: &mut Command, need: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("{need}: {command:?}: {error}"));
    let text =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{need}: {command:?}: {text}");
}

/// Runs one scenario of `scenarios.py`, which asserts by itself, against a pool of its own.
fn scenario(name: &str) {
    let pool = StartedPool::start(&[]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios.py");
    let mut command = Command::new(&*PYTHON);
    command.arg(script).arg(name).arg(pool.announcement.to_string()).env("NO_PROXY", "127.0.0.1");
    for variable in env::vars().map(|(variable, _)| variable).filter(|name| name.starts_with("AWS_")) {
        command.env_remove(variable);
    }
    let output = command.output().expect("Python starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} at {}:\n{err}", pool.endpoint());
    assert_eq!(out.trim(), format!("passed {name}"), "{err}");
}

#[test]
fn signs_in_and_finds_the_tokens_well_signed() {
    scenario("sign_in");
}

#[test]
fn signs_in_with_an_alias_and_with_a_password_outside_ascii() {
    scenario("alias_and_unicode");
}

#[test]
fn signs_in_through_a_client_with_a_secret() {
    scenario("client_secret");
}

#[test]
fn is_refused_with_a_wrong_password_and_cannot_tell_an_unknown_user_from_it() {
    scenario("wrong_password");
}

#[test]
fn refreshes() {
    scenario("refresh");
}

#[test]
fn signs_in_by_srp_that_was_chosen() {
    scenario("choice");
}

#[test]
fn answers_the_pools_own_challenges_after_srp() {
    scenario("custom");
}

#[test]
fn sets_the_new_password_that_is_required() {
    scenario("new_password");
}

#[test]
fn answers_with_a_code_of_an_authenticator_app_and_of_a_text_message() {
    scenario("second_factor");
}

#[test]
fn sets_up_an_authenticator_app_and_is_asked_for_its_code() {
    scenario("authenticator");
}

#[test]
fn switches_a_second_factor_on_and_off() {
    scenario("mfa_preference");
}

#[test]
fn a_remembered_device_stands_in_for_the_second_factor() {
    scenario("devices");
}

#[test]
fn an_answer_is_good_once_and_only_near_the_pools_time() {
    scenario("replay_and_time");
}
