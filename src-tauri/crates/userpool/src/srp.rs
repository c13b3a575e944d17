//! The server's half of SRP-6a as Cognito speaks it: RFC 5054's 3,072-bit group, SHA-256, and a key derivation
//! of its own.
//!
//! Every number that is hashed is written in the shortest big-endian form that is not negative in two's
//! complement: one zero byte in front when the top bit is set, and never a fixed width.
//!
//! `num-bigint` is not constant-time. That is good enough for a pool whose passwords are printed at start, and
//! for nothing else.

use std::sync::LazyLock;

use aws_lc_rs::{digest, hmac};
use num_bigint::BigUint;

use crate::{invention, random};

const PRIME: &str = concat!(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74",
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437",
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED",
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05",
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB",
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B",
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718",
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33",
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7",
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864",
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2",
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
);

struct Group {
    prime: BigUint,
    generator: BigUint,
    multiplier: BigUint,
}

static GROUP: LazyLock<Group> = LazyLock::new(|| {
    let prime = BigUint::parse_bytes(PRIME.as_bytes(), 16).expect("the constant is hexadecimal");
    let generator = BigUint::from(2_u8);
    let multiplier = BigUint::from_bytes_be(&sha256(&[&padded(&prime), &padded(&generator)]));
    Group { prime, generator, multiplier }
});

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

fn padded(number: &BigUint) -> Vec<u8> {
    let mut raw = number.to_bytes_be();
    if raw.first().is_some_and(|first| first & 0x80 != 0) {
        raw.insert(0, 0);
    }
    raw
}

/// `x`, the private key a password stands for. `scope` is the pool's name (for a device its group key) and
/// `name` the user's (for a device its key).
fn private_key(scope: &str, name: &str, password: &str, salt: &BigUint) -> BigUint {
    let inner = sha256(&[scope.as_bytes(), name.as_bytes(), b":", password.as_bytes()]);
    BigUint::from_bytes_be(&sha256(&[&padded(salt), &inner]))
}

/// `v = g^x mod N`, which is all the pool keeps of a password.
pub(crate) fn verifier(scope: &str, name: &str, password: &str, salt: &BigUint) -> BigUint {
    GROUP.generator.modpow(&private_key(scope, name, password, salt), &GROUP.prime)
}

/// A new random salt of at most 128 bits.
pub(crate) fn salt() -> BigUint {
    BigUint::from_bytes_be(&random::bytes::<16>())
}

/// The salt of a user who does not exist: the same at every attempt, as a real one is.
pub(crate) fn invented_salt(secret: &[u8], name: &str) -> BigUint {
    BigUint::from_bytes_be(&invention::bytes(secret, "salt", name, 0)[..16])
}

/// The verifier of a user who does not exist. A number of the group that no known password leads to; made
/// without an exponentiation, so that it takes no longer than looking one up.
pub(crate) fn invented_verifier(secret: &[u8], name: &str) -> BigUint {
    let raw: Vec<u8> = (0..12).flat_map(|block| invention::bytes(secret, "verifier", name, block)).collect();
    BigUint::from_bytes_be(&raw) % &GROUP.prime
}

/// Why `SRP_A` is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BadPublicKey {
    /// Not hexadecimal, or longer than the group's numbers.
    Malformed,
    /// `A mod N` is 0, which would make the shared secret 0 whatever the password (RFC 5054, 2.5.4).
    Zero,
}

/// One conversation on the pool's side, between `SRP_A` and the client's signature.
pub(crate) struct Conversation {
    client_public: BigUint,
    verifier: BigUint,
    private: BigUint,
    public: BigUint,
}

impl Conversation {
    /// Begins with the client's `SRP_A` in hexadecimal, and a fresh private number.
    pub(crate) fn begin(srp_a: &str, verifier: BigUint) -> Result<Self, BadPublicKey> {
        let private = BigUint::from_bytes_be(&random::bytes::<32>());
        Self::with_private_number(srp_a, verifier, private)
    }

    fn with_private_number(srp_a: &str, verifier: BigUint, private: BigUint) -> Result<Self, BadPublicKey> {
        let plain = !srp_a.is_empty() && srp_a.len() <= 1024 && srp_a.bytes().all(|b| b.is_ascii_hexdigit());
        let client_public = plain
            .then(|| BigUint::parse_bytes(srp_a.as_bytes(), 16))
            .flatten()
            .ok_or(BadPublicKey::Malformed)?;
        if &client_public % &GROUP.prime == BigUint::ZERO {
            return Err(BadPublicKey::Zero);
        }
        let masked = GROUP.generator.modpow(&private, &GROUP.prime);
        let public = (&GROUP.multiplier * &verifier + masked) % &GROUP.prime;
        Ok(Self { client_public, verifier, private, public })
    }

    /// `SRP_B`: the pool's public number in hexadecimal, without padding.
    pub(crate) fn srp_b(&self) -> String {
        self.public.to_str_radix(16)
    }

    fn scrambler(&self) -> BigUint {
        BigUint::from_bytes_be(&sha256(&[&padded(&self.client_public), &padded(&self.public)]))
    }

    fn shared_secret(&self) -> BigUint {
        let base = &self.client_public * self.verifier.modpow(&self.scrambler(), &GROUP.prime);
        base.modpow(&self.private, &GROUP.prime)
    }

    /// The 16-byte key both sides sign with: HKDF-SHA256 of the shared secret, salted with the scrambler.
    fn key(&self) -> [u8; 16] {
        let salt = hmac::Key::new(hmac::HMAC_SHA256, &padded(&self.scrambler()));
        let extracted = hmac::sign(&salt, &padded(&self.shared_secret()));
        let expanded =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref()), b"Caldera Derived Key\x01");
        let mut key = [0; 16];
        key.copy_from_slice(&expanded.as_ref()[..16]);
        key
    }

    /// Whether `signature` proves the password. `scope` and `name` as for the verifier, `secret_block` as
    /// bytes, `timestamp` as text; compared in constant time.
    pub(crate) fn accepts(
        &self,
        scope: &str,
        name: &str,
        secret_block: &[u8],
        timestamp: &str,
        signature: &[u8],
    ) -> bool {
        let message = [scope.as_bytes(), name.as_bytes(), secret_block, timestamp.as_bytes()].concat();
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &self.key()), &message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests;
