//! The client's half of SRP-6a (RFC 5054) in Cognito's dialect.
//!
//! Cognito's differences from the RFC: SHA-256 throughout, the 3072-bit group, numbers hashed in their shortest
//! form with a sign byte instead of a fixed width, and a session key taken by HKDF with a label of its own. None
//! of it is documented; the clients that AWS publishes define it, and the vectors in `tests/srp-vectors.json` were
//! made with them.
//!
//! Arithmetic on secrets is constant-time, and what holds a secret is wiped when dropped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crypto_bigint::modular::ConstMontyForm;
use crypto_bigint::{Limb, U256, U1280, U3072, const_monty_params};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const_monty_params!(
    Group,
    U3072,
    "\
     ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd\
     ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed\
     ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f\
     83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b\
     e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
     15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7\
     abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c\
     bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff",
    "The 3072-bit group of RFC 5054, appendix A."
);

type Residue = ConstMontyForm<Group, { U3072::LIMBS }>;

/// The group's generator.
const GENERATOR: Residue = Residue::new(&U3072::from_u8(2));

/// `H(pad(N) | pad(g))`, the multiplier of SRP-6a for this group.
pub const MULTIPLIER: [u8; 32] = [
    0x53, 0x82, 0x82, 0xc4, 0x35, 0x47, 0x42, 0xd7, 0xcb, 0xbd, 0xe2, 0x35, 0x9f, 0xcf, 0x67, 0xf9, 0xf5,
    0xb3, 0xa6, 0xb0, 0x87, 0x91, 0xe5, 0x01, 0x1b, 0x43, 0xb8, 0xa5, 0xb6, 0x6d, 0x9e, 0xe6,
];

/// The width of the client's secret exponent: as much as SHA-256 has to give.
const SECRET_BYTES: usize = 32;

/// The longest secret exponent that can be given from outside.
const MAX_SECRET_BYTES: usize = 128;

/// Why a sign-in by SRP cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SrpProblem {
    /// The system has no random numbers to give.
    NoRandomness,
    /// A number that should be hexadecimal and at most 3072 bits is not.
    NotANumber,
    /// `B` is zero in the group: whoever answered does not know the verifier (RFC 5054, section 2.5.3).
    PublicKeyZero,
    /// The scrambling parameter `u` is zero (RFC 2945, section 3).
    ScramblingZero,
    /// The secret block is not base64.
    SecretBlockMalformed,
}

impl std::fmt::Display for SrpProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoRandomness => "the system gave no random numbers",
            Self::NotANumber => "a number of the SRP challenge is not hexadecimal or too long",
            Self::PublicKeyZero => "the server's SRP key is zero",
            Self::ScramblingZero => "the SRP scrambling parameter is zero",
            Self::SecretBlockMalformed => "the secret block of the SRP challenge is not base64",
        })
    }
}

impl std::error::Error for SrpProblem {}

/// Whose password is proven, and where.
///
/// For a user these are the pool's name, `USER_ID_FOR_SRP` and the password; for a remembered device its group
/// key, its key and its own random password.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// The part of the pool's id after the first `_`, or the device's group key.
    pub realm: &'a str,
    /// `USER_ID_FOR_SRP`, or the device's key.
    pub name: &'a str,
    /// The password as typed, in UTF-8.
    pub password: &'a str,
}

/// The client's key pair for one sign-in: `a` and `A = g^a`.
pub struct Ephemeral {
    secret: Zeroizing<U1280>,
    secret_bits: u32,
    public: U3072,
}

impl std::fmt::Debug for Ephemeral {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ephemeral(redacted)")
    }
}

impl Ephemeral {
    /// Makes a new key pair.
    ///
    /// # Errors
    /// [`SrpProblem::NoRandomness`].
    pub fn generate() -> Result<Self, SrpProblem> {
        let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
        getrandom::fill(bytes.as_mut()).map_err(|_| SrpProblem::NoRandomness)?;
        Self::from_secret(bytes.as_ref())
    }

    /// The key pair of a given secret, which tests take from their vectors.
    ///
    /// # Errors
    /// [`SrpProblem::NotANumber`] for more than 128 bytes.
    pub fn from_secret(secret: &[u8]) -> Result<Self, SrpProblem> {
        if secret.len() > MAX_SECRET_BYTES {
            return Err(SrpProblem::NotANumber);
        }
        let mut wide = Zeroizing::new([0; U1280::BYTES]);
        wide[U1280::BYTES - secret.len()..].copy_from_slice(secret);
        let exponent = Zeroizing::new(U1280::from_be_slice(wide.as_ref()));
        let secret_bits = u32::try_from(secret.len() * 8).map_err(|_| SrpProblem::NotANumber)?;
        Ok(Self {
            public: GENERATOR.pow_bounded_exp(&exponent, secret_bits).retrieve(),
            secret: exponent,
            secret_bits,
        })
    }

    /// `A` as `SRP_A` carries it: hexadecimal in lower case, without leading zeros.
    #[must_use]
    pub fn public_hex(&self) -> String {
        unpadded_hex(&self.public)
    }

    /// Computes what both sides share, from `SRP_B` and `SALT` as the pool sent them.
    ///
    /// # Errors
    /// Any [`SrpProblem`] except [`SrpProblem::NoRandomness`] and [`SrpProblem::SecretBlockMalformed`].
    pub fn agree(
        &self,
        identity: Identity<'_>,
        server_public: &str,
        salt: &str,
    ) -> Result<Agreement, SrpProblem> {
        let server_public = number(server_public)?;
        let server = Residue::new(&server_public);
        if server == Residue::ZERO {
            return Err(SrpProblem::PublicKeyZero);
        }
        let scrambling = scrambling(&self.public, &server_public);
        if scrambling == [0; 32] {
            return Err(SrpProblem::ScramblingZero);
        }
        let x = password_hash(identity, salt)?;
        let exponent_x = Zeroizing::new(U256::from_be_slice(x.as_ref()));
        let verifier = Zeroizing::new(GENERATOR.pow(&exponent_x));
        let multiplier = Residue::new(&U256::from_be_slice(&MULTIPLIER).resize());
        let base = Zeroizing::new(server - multiplier * *verifier);

        // a + u·x: at most one bit longer than the longer of the two.
        let product = Zeroizing::new(U256::from_be_slice(&scrambling).concatenating_mul(&*exponent_x));
        let product: Zeroizing<U1280> = Zeroizing::new(product.resize());
        let (sum, _) = self.secret.carrying_add(&product, Limb::ZERO);
        let exponent = Zeroizing::new(sum);
        let shared = Zeroizing::new(base.pow_bounded_exp(&exponent, self.secret_bits.max(512) + 1));
        Ok(Agreement { scrambling, password_hash: x, shared: Zeroizing::new(shared.retrieve()) })
    }
}

/// What client and server have in common once `A` and `B` have been exchanged.
pub struct Agreement {
    scrambling: [u8; 32],
    password_hash: Zeroizing<[u8; 32]>,
    shared: Zeroizing<U3072>,
}

impl Agreement {
    /// `u`, which is public.
    #[must_use]
    pub const fn scrambling(&self) -> &[u8; 32] {
        &self.scrambling
    }

    /// `x`, as good as the password for this pool.
    #[must_use]
    pub fn password_hash(&self) -> &[u8; 32] {
        &self.password_hash
    }

    /// `S`, big-endian and 384 bytes long.
    #[must_use]
    pub fn shared_secret(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.shared.to_be_bytes().as_ref().to_vec())
    }

    /// The 16 bytes that sign the challenge: HKDF (RFC 5869) with `u` as the salt, in one block.
    #[must_use]
    pub fn key(&self) -> Zeroizing<[u8; 16]> {
        let secret = padded(self.shared.to_be_bytes().as_ref());
        let extracted = Zeroizing::new(authenticate(&padded(&self.scrambling), &[&secret]));
        let expanded = Zeroizing::new(authenticate(extracted.as_ref(), &[b"Caldera Derived Key\x01"]));
        let mut key = Zeroizing::new([0; 16]);
        key.copy_from_slice(&expanded[..16]);
        key
    }

    /// `PASSWORD_CLAIM_SIGNATURE`: the proof, over the pool's secret block and the time that is sent along.
    ///
    /// # Errors
    /// [`SrpProblem::SecretBlockMalformed`].
    pub fn signature(
        &self,
        identity: Identity<'_>,
        secret_block: &str,
        timestamp: &str,
    ) -> Result<String, SrpProblem> {
        let block = BASE64.decode(secret_block).map_err(|_| SrpProblem::SecretBlockMalformed)?;
        let parts = [identity.realm.as_bytes(), identity.name.as_bytes(), &block, timestamp.as_bytes()];
        Ok(BASE64.encode(authenticate(self.key().as_ref(), &parts)))
    }
}

/// The verifier `g^x` of a password as `ConfirmDevice` takes it: base64 of its bytes with a sign byte if needed.
///
/// # Errors
/// [`SrpProblem::NotANumber`] for a salt that is not hexadecimal.
pub fn password_verifier(identity: Identity<'_>, salt: &str) -> Result<String, SrpProblem> {
    let exponent = Zeroizing::new(U256::from_be_slice(password_hash(identity, salt)?.as_ref()));
    let verifier = Zeroizing::new(GENERATOR.pow(&exponent));
    Ok(BASE64.encode(padded(verifier.retrieve().to_be_bytes().as_ref())))
}

/// A salt as `ConfirmDevice` takes it.
///
/// # Errors
/// [`SrpProblem::NotANumber`] for a salt that is not hexadecimal.
pub fn encoded_salt(salt: &str) -> Result<String, SrpProblem> {
    Ok(BASE64.encode(padded(&bytes_of_hex(salt)?)))
}

/// `x = H(pad(salt) | H(realm | name | ":" | password))`.
fn password_hash(identity: Identity<'_>, salt: &str) -> Result<Zeroizing<[u8; 32]>, SrpProblem> {
    let mut inner = Sha256::new();
    inner.update(identity.realm);
    inner.update(identity.name);
    inner.update(":");
    inner.update(identity.password);
    let inner: Zeroizing<[u8; 32]> = Zeroizing::new(inner.finalize().into());
    let mut outer = Sha256::new();
    outer.update(padded(&bytes_of_hex(salt)?));
    outer.update(inner.as_ref());
    Ok(Zeroizing::new(outer.finalize().into()))
}

/// `u = H(pad(A) | pad(B))`.
fn scrambling(client: &U3072, server: &U3072) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(padded(client.to_be_bytes().as_ref()));
    hash.update(padded(server.to_be_bytes().as_ref()));
    hash.finalize().into()
}

/// HMAC-SHA-256 over the parts, one after the other.
pub(crate) fn authenticate(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // The block size of SHA-256, to which HMAC fills a shorter key with zeros and a longer one is hashed down.
    let mut block = Zeroizing::new([0; 64]);
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The shortest big-endian form of a non-negative number, with a zero byte before it when the top bit is set.
fn padded(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len().saturating_sub(1));
    let digits = &bytes[start..];
    let mut padded = Zeroizing::new(Vec::with_capacity(digits.len() + 1));
    if digits.first().is_none_or(|byte| byte & 0x80 != 0) {
        padded.push(0);
    }
    padded.extend_from_slice(digits);
    padded
}

fn unpadded_hex(number: &U3072) -> String {
    let mut text = String::with_capacity(U3072::BYTES * 2);
    for byte in number.to_be_bytes().as_ref() {
        for digit in [byte >> 4, byte & 15] {
            if !text.is_empty() || digit != 0 {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
    }
    text
}

fn number(hex: &str) -> Result<U3072, SrpProblem> {
    let bytes = bytes_of_hex(hex)?;
    let mut wide = [0; U3072::BYTES];
    let start = wide.len().checked_sub(bytes.len()).ok_or(SrpProblem::NotANumber)?;
    wide[start..].copy_from_slice(&bytes);
    Ok(U3072::from_be_slice(&wide))
}

/// The bytes of a hexadecimal number, which may have an odd number of digits.
fn bytes_of_hex(hex: &str) -> Result<Vec<u8>, SrpProblem> {
    if hex.is_empty() {
        return Err(SrpProblem::NotANumber);
    }
    let digits: Vec<u8> = hex
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()
        .ok_or(SrpProblem::NotANumber)?;
    let (odd, pairs) = digits.split_at(digits.len() % 2);
    Ok(odd.iter().copied().chain(pairs.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1])).collect())
}

#[cfg(test)]
mod tests {
    use crypto_bigint::modular::ConstMontyParams as _;

    use super::*;

    const SOMEONE: Identity<'_> = Identity { realm: "Example", name: "somebody", password: "Passw0rd!" };

    fn refused(server_public: &str, salt: &str) -> Option<SrpProblem> {
        let ephemeral = Ephemeral::from_secret(&[7; 32]).expect("32 bytes are a secret");
        ephemeral.agree(SOMEONE, server_public, salt).err()
    }

    #[test]
    fn the_multiplier_is_the_hash_of_the_group() {
        let mut hash = Sha256::new();
        hash.update(padded(Group::PARAMS.modulus().as_ref().to_be_bytes().as_ref()));
        hash.update(padded(&[2]));
        assert_eq!(<[u8; 32]>::from(hash.finalize()), MULTIPLIER);
    }

    #[test]
    fn a_server_key_of_zero_in_the_group_is_refused() {
        let modulus = unpadded_hex(Group::PARAMS.modulus().as_ref());
        assert_eq!(refused("0", "ab"), Some(SrpProblem::PublicKeyZero));
        assert_eq!(refused("00", "ab"), Some(SrpProblem::PublicKeyZero));
        assert_eq!(refused(&modulus, "ab"), Some(SrpProblem::PublicKeyZero));
        assert_eq!(refused("2", "ab"), None);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for server_public in ["", "xyz", "0x12", "-1", "é", &"f".repeat(770)] {
            assert_eq!(refused(server_public, "ab"), Some(SrpProblem::NotANumber), "{server_public}");
        }
        assert_eq!(refused("2", "salt"), Some(SrpProblem::NotANumber));
        let agreement = Ephemeral::from_secret(&[7; 32]).and_then(|own| own.agree(SOMEONE, "2", "ab"));
        let agreement = agreement.expect("2 is a key");
        let signature = agreement.signature(SOMEONE, "not base64!", "now");
        assert_eq!(signature, Err(SrpProblem::SecretBlockMalformed));
    }

    #[test]
    fn no_two_sign_ins_use_the_same_key() {
        let first = Ephemeral::generate().expect("random numbers").public_hex();
        let second = Ephemeral::generate().expect("random numbers").public_hex();
        assert_ne!(first, second);
        assert!(first.len() > 700, "{first}");
    }

    #[test]
    fn padding_is_minimal_with_a_sign_byte() {
        for (given, expected) in [
            (&[0x7f][..], &[0x7f][..]),
            (&[0x80], &[0, 0x80]),
            (&[0, 0, 0x12], &[0x12]),
            (&[0, 0, 0x92], &[0, 0x92]),
            (&[0, 0], &[0]),
        ] {
            assert_eq!(padded(given).as_slice(), expected);
        }
    }
}
