//! AWS's own clients in JavaScript, against what a user does with an account: Amplify, and amazon-cognito-identity-js,
//! which it has grown out of.
//!
//! Needs Node.js with npm, and a package registry at the first run.

#[path = "operations/node.rs"]
mod node;
#[path = "operations/started.rs"]
mod started;

use std::path::PathBuf;
use std::sync::LazyLock;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| node::prepare("aws-clients"));

fn scenario(name: &str) {
    node::scenario(&FOLDER, name);
}

#[test]
fn attributes_are_changed_proved_and_taken_away() {
    scenario("attributes");
}

#[test]
fn a_new_password_is_the_only_one_from_then_on() {
    scenario("password");
}

#[test]
fn second_factors_are_set_up_preferred_and_turned_off() {
    scenario("second_factors");
}

#[test]
fn devices_stand_in_for_the_second_factor_until_they_are_forgotten() {
    scenario("devices");
}

#[test]
fn passkeys_are_listed_and_taken_away() {
    scenario("passkeys");
}

#[test]
fn sessions_and_the_account_end() {
    scenario("endings");
}

#[test]
fn the_older_client_does_the_same_with_an_account() {
    scenario("older_account");
}

#[test]
fn the_older_client_does_the_same_with_devices() {
    scenario("older_devices");
}
