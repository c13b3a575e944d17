//! `SECRET_HASH`: how a client with a secret shows that it knows it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use session::ClientSecret;

use crate::srp::authenticate;

/// `base64(HMAC-SHA-256(secret, username | client id))`.
///
/// Source: "Computing secret hash values" in the Amazon Cognito Developer Guide. The user name is the one submitted
/// in the first request of a sign-in, and the pool's own name for the user in all others.
pub(crate) fn secret_hash(secret: &ClientSecret, username: &str, client_id: &str) -> String {
    STANDARD.encode(authenticate(secret.expose().as_bytes(), &[username.as_bytes(), client_id.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Computed with `openssl dgst -sha256 -hmac` over the same text.
    #[test]
    fn agrees_with_openssl() {
        let secret = ClientSecret::new("devsecretdevsecretdevsecretdevsecret0123456789abcd");
        assert_eq!(secret_hash(&secret, "aiko", "devsecret"), "UjXC2bLn7wqoLxlBFy4USu7ekL9bS+Zk/rS7MR4tJKo=");
        let long = ClientSecret::new("0123456789".repeat(7));
        assert_eq!(secret_hash(&long, "aiko", "devsecret"), "jKU8AcnoDKLZyKZl+0Ik1h6BPrlt1X01dmWRXKnyqVk=");
    }
}
