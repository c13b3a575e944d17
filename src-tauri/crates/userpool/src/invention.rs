//! What the pool says of users who do not exist, so that nobody learns who does: the same at every attempt.

use aws_lc_rs::hmac;

/// 32 bytes that only this pool can compute, different for each `purpose`, `name` and `block`.
pub(crate) fn bytes(secret: &[u8], purpose: &str, name: &str, block: u8) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut context = hmac::Context::with_key(&key);
    for part in [purpose.as_bytes(), &[0], &[block], name.as_bytes()] {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// Yes or no, as likely the one as the other.
pub(crate) fn chance(secret: &[u8], purpose: &str, name: &str) -> bool {
    bytes(secret, purpose, name, 0)[0] & 1 == 1
}

/// An e-mail address that is never written to. Only its first letter and that of its domain are shown.
pub(crate) fn address(secret: &[u8], name: &str) -> String {
    let raw = bytes(secret, "address", name, 0);
    let letter = |byte: u8| char::from(b'a' + byte % 26);
    // People's addresses tend to begin as their user names do.
    let first = name.chars().next().filter(char::is_ascii_alphabetic).unwrap_or_else(|| letter(raw[0]));
    format!("{}@{}", first.to_ascii_lowercase(), letter(raw[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inventions_are_stable_and_differ() {
        assert_eq!(address(b"secret", "nobody"), address(b"secret", "nobody"));
        assert!(address(b"secret", "nobody").starts_with("n@"));
        let names: Vec<String> = (0..100).map(|number| format!("nobody{number}")).collect();
        let heads = names.iter().filter(|name| chance(b"secret", "choice", name)).count();
        assert!((20..80).contains(&heads), "{heads}");
        assert_eq!(chance(b"secret", "choice", "x"), chance(b"secret", "choice", "x"));
        assert_ne!(bytes(b"secret", "salt", "x", 0), bytes(b"secret", "salt", "x", 1));
    }
}
