//! Time-based one-time passwords (RFC 6238: SHA-1, six digits, thirty seconds), Cognito's `SOFTWARE_TOKEN_MFA`.

use aws_lc_rs::{constant_time, hmac};

use crate::pool::POOL_NAME;

const STEP_SECONDS: i64 = 30;

/// The half minute that `code` belongs to, if it is right at `unix` (seconds), or one step before or after it.
pub(crate) fn step_of(secret: &[u8], code: &str, unix: i64) -> Option<u64> {
    let step = unix.div_euclid(STEP_SECONDS);
    (step - 1..=step + 1).map(i64::unsigned_abs).find(|step| {
        let right = code_at(secret, *step);
        constant_time::verify_slices_are_equal(right.as_bytes(), code.as_bytes()).is_ok()
    })
}

/// The code that an app shows at `unix` (seconds).
pub(crate) fn code_now(secret: &[u8], unix: i64) -> String {
    code_at(secret, unix.div_euclid(STEP_SECONDS).unsigned_abs())
}

fn code_at(secret: &[u8], step: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let start = usize::from(tag[tag.len() - 1] & 0x0f);
    let word = u32::from_be_bytes([tag[start], tag[start + 1], tag[start + 2], tag[start + 3]]);
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

/// What an authenticator app reads from a QR code, in the form that Google Authenticator introduced. `secret` in
/// base 32.
pub(crate) fn provisioning_uri(username: &str, secret: &str) -> String {
    format!("otpauth://totp/{POOL_NAME}:{username}?secret={secret}&issuer={POOL_NAME}")
}

/// RFC 4648's base 32 without padding, as authenticator apps take a secret.
pub(crate) fn base32(raw: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |index: usize| raw.get(index / 8).map_or(0, |byte| byte >> (7 - index % 8) & 1);
    (0..(raw.len() * 8).div_ceil(5))
        .map(|group| {
            let digit = (0..5).fold(0, |digit, at| digit << 1 | bit(group * 5 + at));
            char::from(ALPHABET[usize::from(digit)])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (unix, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert!(step_of(secret, code, unix).is_some(), "{unix}");
            assert_eq!(code_now(secret, unix), code);
            assert!(step_of(secret, code, unix + STEP_SECONDS).is_some(), "{unix}: one step late");
            assert!(step_of(secret, code, unix + 2 * STEP_SECONDS).is_none(), "{unix}: too late");
        }
        assert!(step_of(secret, "", 59).is_none());
    }

    /// RFC 4648, section 10, without its padding.
    #[test]
    fn base32_of_the_rfc() {
        for (raw, text) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(raw.as_bytes()), text);
        }
    }
}
