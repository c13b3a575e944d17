//! A client that nobody here wrote, against the managed login: openid-client, with jose for the signatures. The pages are
//! filled in as a browser would, by plain HTTP.
//!
//! Needs Node.js with npm, and a package registry at the first run.

#[path = "operations/node.rs"]
mod node;
#[path = "operations/started.rs"]
mod started;

use std::path::PathBuf;
use std::sync::LazyLock;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| node::prepare("openid-client"));

fn scenario(name: &str) {
    node::scenario(&FOLDER, name);
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
fn who_is_asked_again_has_signed_in_anew_and_nobody_else_has() {
    scenario("prompts");
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
