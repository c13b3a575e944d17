//! Time-based one-time passwords (RFC 6238: SHA-1, six digits, thirty seconds), Cognito's `SOFTWARE_TOKEN_MFA`.

use aws_lc_rs::{constant_time, hmac};

const STEP_SECONDS: i64 = 30;

/// Whether `code` is right at `unix` (seconds), or one step before or after it.
pub(crate) fn accepts(secret: &[u8], code: &str, unix: i64) -> bool {
    let step = unix.div_euclid(STEP_SECONDS);
    (step - 1..=step + 1).any(|step| {
        let right = code_at(secret, step.unsigned_abs());
        constant_time::verify_slices_are_equal(right.as_bytes(), code.as_bytes()).is_ok()
    })
}

fn code_at(secret: &[u8], step: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let start = usize::from(tag[tag.len() - 1] & 0x0f);
    let word = u32::from_be_bytes([tag[start], tag[start + 1], tag[start + 2], tag[start + 3]]);
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
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
            assert!(accepts(secret, code, unix), "{unix}");
            assert!(accepts(secret, code, unix + STEP_SECONDS), "{unix}: one step late");
            assert!(!accepts(secret, code, unix + 2 * STEP_SECONDS), "{unix}: too late");
        }
        assert!(!accepts(secret, "", 59));
    }

    /// RFC 4648, section 10, without its padding.
    #[test]
    fn base32_of_the_rfc() {
        for (raw, text) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(raw.as_bytes()), text);
        }
    }
}
