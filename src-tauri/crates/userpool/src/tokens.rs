//! The pool's RSA key, and the JSON Web Tokens signed with it (RFC 7515, RS256).

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use aws_lc_rs::{digest, encoding};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A 2,048-bit RSA key and its name in the key set.
pub(crate) struct SigningKey {
    pair: KeyPair,
    id: String,
    /// The one that was in use before, whose tokens are still good.
    former: Option<Box<Self>>,
}

impl SigningKey {
    /// A new key.
    pub(crate) fn generate() -> Result<Self, String> {
        KeyPair::generate(KeySize::Rsa2048)
            .map(Self::new)
            .map_err(|error| format!("no RSA key could be made: {error}"))
    }

    /// A key that was kept as PKCS #8 in base64.
    pub(crate) fn from_pkcs8(text: &str) -> Result<Self, String> {
        let der = STANDARD.decode(text).map_err(|error| error.to_string())?;
        KeyPair::from_pkcs8(&der).map(Self::new).map_err(|error| error.to_string())
    }

    fn new(pair: KeyPair) -> Self {
        let id = STANDARD.encode(digest::digest(&digest::SHA256, pair.public_key().as_ref()));
        Self { pair, id, former: None }
    }

    /// Goes on with a new key. The one before stays in the key set, those before it do not.
    pub(crate) fn rotate(&mut self) -> Result<(), String> {
        let mut former = std::mem::replace(self, Self::generate()?);
        former.former = None;
        self.former = Some(Box::new(former));
        Ok(())
    }

    /// The key as PKCS #8 in base64.
    pub(crate) fn to_pkcs8(&self) -> Result<String, String> {
        let der: encoding::Pkcs8V1Der<'_> = self.pair.as_der().map_err(|error| error.to_string())?;
        Ok(STANDARD.encode(der.as_ref()))
    }

    /// The key set (RFC 7517) with this key, and the one before it if there was one.
    pub(crate) fn key_set(&self) -> Value {
        let keys: Vec<Value> =
            [Some(self), self.former.as_deref()].into_iter().flatten().map(Self::public).collect();
        json!({ "keys": keys })
    }

    fn public(&self) -> Value {
        let (modulus, exponent) = public_numbers(self.public_key());
        json!({
            "alg": "RS256",
            "e": URL_SAFE_NO_PAD.encode(exponent),
            "kid": self.id,
            "kty": "RSA",
            "n": URL_SAFE_NO_PAD.encode(modulus),
            "use": "sig",
        })
    }

    /// The public half, as the DER of RFC 8017's `RSAPublicKey`.
    pub(crate) fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// Its name in the key set.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// A token with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(&self.id, claims)
    }

    /// A token that says it is signed with the key of this name.
    pub(crate) fn sign_as(&self, id: &str, claims: &Value) -> String {
        let mut token = unsigned(&json!({ "kid": id, "alg": "RS256" }), claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
            .expect("a buffer of the modulus' length holds the signature");
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(signature));
        token
    }

    /// The claims of a token that this key signed, or the one before it; `None` for anything else. Does not look at the claims, and
    /// takes no advice from the header about how to check.
    pub(crate) fn verify(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (_, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let mut keys = [Some(self), self.former.as_deref()].into_iter().flatten();
        keys.find(|key| {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key())
                .verify(signed.as_bytes(), &signature)
                .is_ok()
        })?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

/// Header and claims, as they are signed.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// What an id token says of the access token beside it (`at_hash`, OpenID Connect Core 1.0, section 3.1.3.6).
pub(crate) fn hash_of(access_token: &str) -> String {
    let whole = digest::digest(&digest::SHA256, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&whole.as_ref()[..16])
}

/// Modulus and exponent of a DER `RSAPublicKey` (RFC 8017, A.1.1): a sequence of two positive integers.
fn public_numbers(der: &[u8]) -> (&[u8], &[u8]) {
    fn content(der: &[u8]) -> (&[u8], &[u8]) {
        let (length, start) = match der[1] {
            short @ 0..0x80 => (usize::from(short), 2),
            long => {
                let octets = usize::from(long & 0x7f);
                let length = der[2..2 + octets].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                (length, 2 + octets)
            }
        };
        der[start..].split_at(length)
    }
    let (numbers, _) = content(der);
    let (modulus, rest) = content(numbers);
    let (exponent, _) = content(rest);
    (modulus.strip_prefix(&[0]).unwrap_or(modulus), exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_untouched_tokens_verify() {
        let key = SigningKey::generate().unwrap();
        let claims = json!({ "sub": "someone", "name": "会津" });
        let token = key.sign(&claims);
        assert_eq!(key.verify(&token), Some(claims.clone()));
        assert_eq!(SigningKey::generate().unwrap().verify(&token), None);

        let parts: Vec<&str> = token.split('.').collect();
        let other = URL_SAFE_NO_PAD.encode(r#"{"sub":"somebody else"}"#);
        assert_eq!(key.verify(&format!("{}.{other}.{}", parts[0], parts[2])), None);
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        assert_eq!(key.verify(&format!("{none}.{}.", parts[1])), None);
        for text in ["", ".", "..", "a.b.c", &format!("{}.{}", parts[0], parts[1])] {
            assert_eq!(key.verify(text), None, "{text}");
        }

        let kept = SigningKey::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
        assert_eq!(kept.verify(&token), Some(claims));
        assert_eq!(kept.key_set(), key.key_set());
    }

    #[test]
    fn the_key_before_goes_on_verifying_and_no_other() {
        let mut key = SigningKey::generate().unwrap();
        let claims = json!({ "sub": "someone" });
        let tokens = [0, 1, 2].map(|_| {
            let token = key.sign(&claims);
            key.rotate().unwrap();
            token
        });
        assert_eq!(tokens.map(|token| key.verify(&token).is_some()), [false, false, true]);
        let set = key.key_set()["keys"].clone();
        assert_eq!(set.as_array().map(Vec::len), Some(2));
        assert_ne!(set[0]["kid"], set[1]["kid"]);
        assert_eq!(set[0]["kid"], key.id());
    }

    /// The example of OpenID Connect Core 1.0, appendix A.3.
    #[test]
    fn the_hash_of_the_specification() {
        assert_eq!(hash_of("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn the_key_set_has_the_whole_modulus() {
        let set = SigningKey::generate().unwrap().key_set();
        let modulus = URL_SAFE_NO_PAD.decode(set["keys"][0]["n"].as_str().unwrap()).unwrap();
        assert_eq!(modulus.len(), 256);
        assert!(modulus[0] >= 0x80);
        assert_eq!(set["keys"][0]["e"], "AQAB");
    }
}
