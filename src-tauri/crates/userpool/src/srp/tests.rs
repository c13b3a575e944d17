//! The pool's half against the vectors the client is tested with. They were made by other implementations
//! (the file says which), so neither half is checked against the other one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::*;

fn vectors() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../cognito/tests/srp-vectors.json");
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["format"], "cognito-srp-vectors/1");
    let vectors = file["vectors"].as_array().unwrap().clone();
    assert!(!vectors.is_empty(), "{path} holds no vectors");
    vectors
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_else(|| panic!("{}: no {field}", vector["name"]))
}

fn number(vector: &Value, field: &str) -> BigUint {
    BigUint::parse_bytes(text(vector, field).as_bytes(), 16).unwrap()
}

/// What is hashed as pool, name and password: a device has its own three.
fn identity(vector: &Value) -> (&str, &str, &str) {
    match text(vector, "kind") {
        "user" => (text(vector, "pool_name"), text(vector, "user_id_for_srp"), text(vector, "password")),
        "device" => {
            (text(vector, "device_group_key"), text(vector, "device_key"), text(vector, "device_password"))
        }
        kind => panic!("{}: unknown kind {kind}", vector["name"]),
    }
}

fn conversation(vector: &Value) -> Conversation {
    Conversation::with_private_number(text(vector, "A"), number(vector, "v"), number(vector, "b")).unwrap()
}

#[test]
fn multiplier_is_the_known_one() {
    assert_eq!(
        GROUP.multiplier.to_str_radix(16),
        "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"
    );
}

#[test]
fn computes_every_number_of_the_vectors() {
    for vector in vectors() {
        let case = text(&vector, "name");
        let (scope, name, password) = identity(&vector);
        let salt = number(&vector, "salt");
        assert_eq!(private_key(scope, name, password, &salt), number(&vector, "x"), "{case}: x");
        assert_eq!(verifier(scope, name, password, &salt), number(&vector, "v"), "{case}: v");
        let conversation = conversation(&vector);
        assert_eq!(conversation.srp_b(), text(&vector, "B"), "{case}: B");
        assert_eq!(conversation.scrambler(), number(&vector, "u"), "{case}: u");
        assert_eq!(conversation.shared_secret(), number(&vector, "S"), "{case}: S");
        assert_eq!(random::hex(&conversation.key()), text(&vector, "hkdf_key"), "{case}: key");
    }
}

#[test]
fn accepts_the_signatures_of_the_vectors_and_no_others() {
    let vectors = vectors();
    for vector in &vectors {
        let (scope, name, _) = identity(vector);
        let (block, timestamp, signature) = signed(vector);
        let accepted = conversation(vector).accepts(scope, name, &block, timestamp, &signature);
        assert!(accepted, "{}", vector["name"]);
    }
    for kind in ["user", "device"] {
        let vector = vectors.iter().find(|vector| vector["kind"] == kind);
        let vector = vector.unwrap_or_else(|| panic!("no vector of the kind {kind}"));
        let (scope, name, _) = identity(vector);
        let (block, timestamp, mut signature) = signed(vector);
        let conversation = conversation(vector);
        assert!(!conversation.accepts("x", name, &block, timestamp, &signature), "{kind}: scope");
        assert!(!conversation.accepts(scope, "x", &block, timestamp, &signature), "{kind}: name");
        assert!(!conversation.accepts(scope, name, &block, "", &signature), "{kind}: timestamp");
        assert!(!conversation.accepts(scope, name, &block[1..], timestamp, &signature), "{kind}: block");
        assert!(!conversation.accepts(scope, name, &block, timestamp, &[]), "{kind}: no signature");
        signature[0] ^= 1;
        assert!(!conversation.accepts(scope, name, &block, timestamp, &signature), "{kind}: signature");
    }
}

/// Secret block, timestamp and signature.
fn signed(vector: &Value) -> (Vec<u8>, &str, Vec<u8>) {
    let bytes = |field| STANDARD.decode(text(vector, field)).unwrap();
    (bytes("secret_block"), text(vector, "timestamp"), bytes("signature"))
}

#[test]
fn refuses_public_numbers_that_fix_the_secret() {
    let start = |srp_a: &str| Conversation::begin(srp_a, BigUint::from(7_u8)).map(|_| ());
    let twice = (&GROUP.prime * 2_u8).to_str_radix(16);
    for zero in ["0", "00", PRIME, &twice] {
        assert_eq!(start(zero), Err(BadPublicKey::Zero), "{zero}");
    }
    for malformed in ["", "-1", "+1", "0x1", "xyz", "1 ", "1_0", &"f".repeat(1025)] {
        assert_eq!(start(malformed), Err(BadPublicKey::Malformed), "{malformed}");
    }
    assert_eq!(start("1"), Ok(()));
}

#[test]
fn an_invented_user_is_the_same_at_every_attempt_and_like_no_other() {
    let salt = |name| invented_salt(b"secret", name);
    let verifier = |name| invented_verifier(b"secret", name);
    assert_eq!(salt("nobody"), salt("nobody"));
    assert_ne!(salt("nobody"), salt("no one"));
    assert_ne!(salt("nobody"), invented_salt(b"another pool", "nobody"));
    assert_eq!(verifier("nobody"), verifier("nobody"));
    assert_ne!(verifier("nobody"), verifier("no one"));
    assert!(verifier("nobody").bits() > 3_000, "about as long as a real one");
}
