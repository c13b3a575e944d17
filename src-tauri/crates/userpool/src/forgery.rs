//! Tokens that a client must not take: the steps `forge …` of a script.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::random;
use crate::tokens::{self, SigningKey};

/// What is wrong with the tokens of one answer. All but [`Forgery::Client`] is in the id token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forgery {
    /// Issued to another client.
    Audience,
    /// Issued by another pool.
    Issuer,
    /// About another user than the access token beside it.
    Subject,
    /// An access token in place of an id token.
    TokenUse,
    Expired,
    /// The answer to another sign-in.
    Nonce,
    /// The answer to no sign-in that is known of.
    NoNonce,
    /// Belongs to another access token.
    AccessHash,
    /// The user signed in a day ago.
    AuthTime,
    /// Nobody knows when the user signed in.
    NoAuthTime,
    /// `alg` is `none`, and there is no signature.
    Unsigned,
    /// Signed by HS256, with the public key as the secret.
    PublicKeyAsSecret,
    /// Signed with a key that is not in the key set, and says so.
    UnknownKey,
    /// The same under the name of the key that is.
    OtherKey,
    /// The signature does not fit the claims.
    Tampered,
    /// There is no id token.
    Missing,
    /// The access token was issued to another client.
    Client,
}

impl Forgery {
    pub(crate) const ALL: [Self; 17] = [
        Self::Audience,
        Self::Issuer,
        Self::Subject,
        Self::TokenUse,
        Self::Expired,
        Self::Nonce,
        Self::NoNonce,
        Self::AccessHash,
        Self::AuthTime,
        Self::NoAuthTime,
        Self::Unsigned,
        Self::PublicKeyAsSecret,
        Self::UnknownKey,
        Self::OtherKey,
        Self::Tampered,
        Self::Missing,
        Self::Client,
    ];

    /// The word in scripts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Audience => "aud",
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::TokenUse => "token_use",
            Self::Expired => "expired",
            Self::Nonce => "nonce",
            Self::NoNonce => "no-nonce",
            Self::AccessHash => "at_hash",
            Self::AuthTime => "auth_time",
            Self::NoAuthTime => "no-auth_time",
            Self::Unsigned => "none",
            Self::PublicKeyAsSecret => "hs256",
            Self::UnknownKey => "kid",
            Self::OtherKey => "key",
            Self::Tampered => "tampered",
            Self::Missing => "no-id-token",
            Self::Client => "client_id",
        }
    }

    /// Reads the word in scripts.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|forgery| forgery.name() == word)
    }

    /// Changes the claims that an access token and an id token have from the beginning.
    pub(crate) fn alter(self, now: i64, access: &mut Value, id: &mut Value) {
        match self {
            Self::Audience => id["aud"] = json!("somebodyelses"),
            Self::Issuer => {
                let issuer = id["iss"].as_str().unwrap_or_default();
                id["iss"] = json!(format!("{issuer}Elsewhere"));
            }
            Self::Subject => id["sub"] = json!(random::uuid()),
            Self::TokenUse => id["token_use"] = json!("access"),
            // So long ago that no clock is wrong by as much.
            Self::Expired => (id["iat"], id["exp"]) = (json!(now - 172_800), json!(now - 86_400)),
            Self::AuthTime => id["auth_time"] = json!(now - 86_400),
            Self::Client => access["client_id"] = json!("somebodyelses"),
            _ => {}
        }
    }

    /// Signs the claims of an id token, or does what takes its place.
    pub(crate) fn sign(self, key: &SigningKey, id: &mut Value) -> Option<String> {
        match self {
            Self::Nonce => id["nonce"] = json!(random::uuid()),
            Self::NoNonce => {
                id.as_object_mut()?.remove("nonce");
            }
            Self::NoAuthTime => {
                id.as_object_mut()?.remove("auth_time");
            }
            Self::AccessHash => id["at_hash"] = json!(tokens::hash_of("another access token")),
            _ => {}
        }
        match self {
            Self::Unsigned => Some(format!("{}.", tokens::unsigned(&json!({ "alg": "none" }), id))),
            Self::PublicKeyAsSecret => {
                let header = json!({ "kid": key.id(), "alg": "HS256" });
                let token = tokens::unsigned(&header, id);
                let secret = hmac::Key::new(hmac::HMAC_SHA256, key.public_key());
                let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&secret, token.as_bytes()));
                Some(format!("{token}.{tag}"))
            }
            Self::UnknownKey => Some(SigningKey::generate().ok()?.sign(id)),
            Self::OtherKey => Some(SigningKey::generate().ok()?.sign_as(key.id(), id)),
            Self::Tampered => {
                let token = key.sign(id);
                id["email"] = json!("somebody.else@example.com");
                let (header, rest) = token.split_once('.')?;
                let (_, signature) = rest.split_once('.')?;
                Some(format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(id.to_string())))
            }
            Self::Missing => None,
            _ => Some(key.sign(id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read() {
        for forgery in Forgery::ALL {
            assert_eq!(Forgery::parse(forgery.name()), Some(forgery));
        }
        assert_eq!(Forgery::parse("gold"), None);
    }

    #[test]
    fn a_signature_fits_where_only_the_claims_are_wrong() {
        let key = SigningKey::generate().unwrap();
        for forgery in Forgery::ALL {
            let mut id = json!({ "aud": "a", "iss": "i", "sub": "s", "nonce": "n" });
            forgery.alter(0, &mut json!({}), &mut id);
            let token = forgery.sign(&key, &mut id);
            let fits = token.as_deref().map(|token| key.verify(token).is_some());
            let expected = match forgery {
                Forgery::Missing => None,
                Forgery::Unsigned
                | Forgery::PublicKeyAsSecret
                | Forgery::UnknownKey
                | Forgery::OtherKey
                | Forgery::Tampered => Some(false),
                _ => Some(true),
            };
            assert_eq!(fits, expected, "{forgery:?}");
        }
    }
}
