//! Random bytes from the operating system, and what is made of them.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// `N` random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    aws_lc_rs::rand::fill(&mut out).expect("the operating system gives random bytes");
    out
}

/// A random (version 4) UUID in its usual spelling.
pub(crate) fn uuid() -> String {
    let mut raw = bytes::<16>();
    raw[6] = (raw[6] & 0x0f) | 0x40;
    raw[8] = (raw[8] & 0x3f) | 0x80;
    let hex = hex(&raw);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// An opaque `Session`, about as long as Cognito's.
pub(crate) fn session() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<690>())
}

/// A `SECRET_BLOCK`: random, in padded base64, about as long as Cognito's.
pub(crate) fn secret_block() -> String {
    STANDARD.encode(bytes::<900>())
}

/// A refresh token: nothing but random bytes in the shape and length (about 1,700 characters) of Cognito's
/// encrypted ones, so that whoever stores it meets the same limits.
pub(crate) fn refresh_token() -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}"#);
    let parts = [
        header,
        URL_SAFE_NO_PAD.encode(bytes::<256>()),
        URL_SAFE_NO_PAD.encode(bytes::<12>()),
        URL_SAFE_NO_PAD.encode(bytes::<950>()),
        URL_SAFE_NO_PAD.encode(bytes::<16>()),
    ];
    parts.join(".")
}

/// A code of this many digits, all equally likely but for one part in 2^50.
pub(crate) fn digits(count: usize) -> String {
    let number = u128::from_be_bytes(bytes::<16>()) >> 32;
    let modulus = 10_u128.pow(u32::try_from(count).unwrap_or(8));
    format!("{:0count$}", number % modulus)
}

/// So many lower-case letters and digits, all nearly equally likely.
pub(crate) fn letters_and_digits(count: usize) -> String {
    let alphabet = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let pick = || u64::from_be_bytes(bytes()) % alphabet.len() as u64;
    (0..count).map(|_| char::from(alphabet[pick() as usize])).collect()
}

/// What a refresh token is filed under: the token itself is never kept.
pub(crate) fn fingerprint(token: &str) -> String {
    hex(digest::digest(&digest::SHA256, token.as_bytes()).as_ref())
}

/// Lower-case hexadecimal digits, two for each byte.
pub(crate) fn hex(raw: &[u8]) -> String {
    use std::fmt::Write as _;
    raw.iter().fold(String::with_capacity(raw.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
