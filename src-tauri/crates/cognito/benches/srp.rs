//! The arithmetic of one sign-in by SRP.
//!
//! `cargo bench -p cognito --bench srp`. How this compares with OpenSSL: `src-tauri/bench/srp-openssl`.

use cognito::srp::{Ephemeral, Identity};
use serde_json::Value;

const VECTORS: &str = include_str!("../tests/srp-vectors.json");

fn main() {
    divan::main();
}

fn case() -> Value {
    let vectors: Value = serde_json::from_str(VECTORS).expect("the vectors are JSON");
    vectors["vectors"][0].clone()
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap_or_else(|| panic!("the vector has no {field}"))
}

fn prove(own: &Ephemeral, case: &Value) -> String {
    let identity = Identity {
        realm: text(case, "pool_name"),
        name: text(case, "user_id_for_srp"),
        password: text(case, "password"),
    };
    let agreement = own.agree(identity, text(case, "B"), text(case, "salt")).expect("B and salt are numbers");
    agreement.signature(identity, text(case, "secret_block"), text(case, "timestamp")).expect("a block")
}

/// `a` and `A`: made while the user types.
#[divan::bench]
fn key_pair() -> Ephemeral {
    Ephemeral::generate().expect("random numbers")
}

/// `S`, the key and the signature: what is computed between click and answer.
#[divan::bench]
fn proof(bencher: divan::Bencher<'_, '_>) {
    let case = case();
    let own = Ephemeral::generate().expect("random numbers");
    bencher.bench(|| prove(&own, &case));
}

/// Both.
#[divan::bench]
fn whole_sign_in(bencher: divan::Bencher<'_, '_>) {
    let case = case();
    bencher.bench(|| prove(&Ephemeral::generate().expect("random numbers"), &case));
}
