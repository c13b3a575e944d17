//! SRP against values that other implementations agree on: every case of `srp-vectors.json`, whatever it holds.

use cognito::srp::{Ephemeral, Identity, MULTIPLIER, encoded_salt, password_verifier};
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    format: String,
    vectors: Vec<Case>,
}

#[derive(Deserialize)]
#[expect(non_snake_case, reason = "the names of RFC 5054")]
struct Case {
    name: String,
    kind: Kind,
    pool_name: Option<String>,
    user_id_for_srp: Option<String>,
    password: Option<String>,
    device_group_key: Option<String>,
    device_key: Option<String>,
    device_password: Option<String>,
    a: String,
    A: String,
    B: String,
    k: String,
    salt: String,
    x: String,
    u: String,
    S: String,
    hkdf_key: String,
    secret_block: String,
    timestamp: String,
    signature: String,
    password_verifier_b64: Option<String>,
    salt_b64: Option<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    User,
    Device,
}

impl Case {
    fn identity(&self) -> Identity<'_> {
        let (realm, name, password) = match self.kind {
            Kind::User => (&self.pool_name, &self.user_id_for_srp, &self.password),
            Kind::Device => (&self.device_group_key, &self.device_key, &self.device_password),
        };
        let field = |text: &'_ Option<String>| text.as_ref().map(String::len).is_some();
        assert!(
            field(realm) && field(name) && field(password),
            "{}: a field of its kind is missing",
            self.name
        );
        Identity {
            realm: realm.as_deref().unwrap_or_default(),
            name: name.as_deref().unwrap_or_default(),
            password: password.as_deref().unwrap_or_default(),
        }
    }

    /// The values that are not as they should be.
    fn differences(&self) -> Vec<&'static str> {
        let identity = self.identity();
        let own = Ephemeral::from_secret(&bytes(&self.a)).expect("a is a secret");
        let agreement = own.agree(identity, &self.B, &self.salt).expect("B and salt are numbers");
        let signature = agreement.signature(identity, &self.secret_block, &self.timestamp);
        let mut checks = vec![
            ("k", hex(&MULTIPLIER) == self.k),
            ("A", own.public_hex() == self.A),
            ("u", hex(agreement.scrambling()) == self.u),
            ("x", hex(agreement.password_hash()) == self.x),
            ("S", hex(&agreement.shared_secret()).trim_start_matches('0') == self.S),
            ("HKDF key", hex(agreement.key().as_ref()) == self.hkdf_key),
            ("signature", signature.as_ref() == Ok(&self.signature)),
        ];
        if self.kind == Kind::Device {
            let verifier = password_verifier(identity, &self.salt).ok();
            checks.push(("password verifier", verifier.is_some() && verifier == self.password_verifier_b64));
            let salt = encoded_salt(&self.salt).ok();
            checks.push(("salt", salt.is_some() && salt == self.salt_b64));
        }
        checks.into_iter().filter_map(|(name, good)| (!good).then_some(name)).collect()
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let even = if hex.len().is_multiple_of(2) { hex.to_owned() } else { format!("0{hex}") };
    (0..even.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&even[at..at + 2], 16).expect("a is hexadecimal"))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_vector_agrees() {
    let cases: Cases = serde_json::from_str(include_str!("srp-vectors.json")).expect("the file is readable");
    assert_eq!(cases.format, "cognito-srp-vectors/1");
    assert!(!cases.vectors.is_empty(), "the file has no cases");
    let mut failed = Vec::new();
    for case in &cases.vectors {
        let differences = case.differences();
        println!(
            "{}: {}",
            case.name,
            if differences.is_empty() { "ok".to_owned() } else { differences.join(", ") }
        );
        if !differences.is_empty() {
            failed.push(case.name.as_str());
        }
    }
    println!("{} vectors ran", cases.vectors.len());
    assert!(failed.is_empty(), "vectors failed: {}", failed.join(", "));
}
