//! Whether tokens are what they say: this pool's, for this client, of this very sign-in (OpenID Connect Core 1.0,
//! section 3.1.3.7).
//!
//! They came over TLS from the pool, and that would do for their signature. It would not do for the code, which went
//! through a browser: so all of it is checked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use session::{AccessToken, Fault, FaultCode, IdToken, Timestamp};
use sha2::{Digest as _, Sha256};

use super::keys::Keys;
use super::proof::Nonce;
use crate::claims::Audience;
use crate::issuer::Issuer;

/// What tokens have to prove.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    pub(super) client_id: &'a str,
    pub(super) issuer: &'a Issuer,
    /// What the pool's discovery document calls it, which behind an endpoint may be another name.
    pub(super) issuer_there: Option<&'a str>,
    pub(super) nonce: &'a Nonce,
    /// By the pool's clock, so that a wrong clock here makes no token expired.
    pub(super) now: Timestamp,
}

/// How far a token may come from the future: the pool's clock is known to two seconds.
const LEEWAY_S: i64 = 5;

/// What a token does not prove. None of them holds a value of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenProblem {
    NotAToken,
    OtherAlgorithm,
    CriticalHeader,
    KeyIdMissing,
    KeyUnknown,
    Signature,
    Claims,
    Issuer,
    Audience,
    AuthorizedParty,
    Use,
    Nonce,
    Expired,
    FromTheFuture,
    AccessHash,
    Client,
    Subject,
    Origin,
}

impl TokenProblem {
    const fn words(self) -> &'static str {
        match self {
            Self::NotAToken => "it is no token",
            Self::OtherAlgorithm => "alg is not RS256",
            Self::CriticalHeader => "crit asks for what is not known",
            Self::KeyIdMissing => "kid is missing",
            Self::KeyUnknown => "kid is none of the pool's keys",
            Self::Signature => "the signature is not the pool's",
            Self::Claims => "the claims cannot be read",
            Self::Issuer => "iss is another pool",
            Self::Audience => "aud is another client",
            Self::AuthorizedParty => "azp is another client",
            Self::Use => "token_use is another",
            Self::Nonce => "nonce is not this sign-in's",
            Self::Expired => "exp has passed",
            Self::FromTheFuture => "iat is still to come",
            Self::AccessHash => "at_hash is another access token's",
            Self::Client => "client_id is another client",
            Self::Subject => "sub is somebody else",
            Self::Origin => "origin_jti is another sign-in",
        }
    }

    fn of(self, token: &str) -> Fault {
        Fault::with_detail(FaultCode::TokensNotGenuine, format!("{token}: {}", self.words()))
    }
}

/// What is read of both tokens.
#[derive(Deserialize)]
struct Common {
    iss: String,
    sub: String,
    token_use: String,
    exp: i64,
    iat: Option<i64>,
    origin_jti: Option<String>,
}

#[derive(Deserialize)]
struct IdClaims {
    aud: Audience,
    azp: Option<String>,
    nonce: Option<String>,
    at_hash: Option<String>,
    auth_time: Option<i64>,
    #[serde(flatten)]
    common: Common,
}

#[derive(Deserialize)]
struct AccessClaims {
    client_id: String,
    device_key: Option<String>,
    #[serde(flatten)]
    common: Common,
}

/// What tokens say that are verified.
#[derive(Debug)]
pub(super) struct Verified {
    /// The key of the device that the pool tied them to, if it did.
    pub(super) device_key: Option<String>,
    /// When the user has last proved who they are, by `auth_time` (OpenID Connect Core 1.0, section 2).
    pub(super) signed_in_at: Option<Timestamp>,
}

/// Verifies both tokens.
pub(super) async fn verify(
    access: &AccessToken,
    id: &IdToken,
    keys: &Keys,
    expected: Expected<'_>,
) -> Result<Verified, Fault> {
    let id_claims: IdClaims = signed(id.expose(), keys, "id token").await?;
    let access_claims: AccessClaims = signed(access.expose(), keys, "access token").await?;
    check_id(&id_claims, access, expected).map_err(|problem| problem.of("id token"))?;
    check_access(&access_claims, &id_claims, expected).map_err(|problem| problem.of("access token"))?;
    Ok(Verified {
        device_key: access_claims.device_key.filter(|key| !key.is_empty()),
        signed_in_at: id_claims.auth_time.map(Timestamp::from_unix_seconds),
    })
}

fn check_id(claims: &IdClaims, access: &AccessToken, expected: Expected<'_>) -> Result<(), TokenProblem> {
    check_common(&claims.common, "id", expected)?;
    // Item 3: for us, and for nobody beside us whom we do not know.
    let for_us = match &claims.aud {
        Audience::One(one) => one == expected.client_id,
        Audience::Several(several) => matches!(several.as_slice(), [one] if one == expected.client_id),
    };
    if !for_us {
        return Err(TokenProblem::Audience);
    }
    // Item 5.
    if claims.azp.as_deref().is_some_and(|party| party != expected.client_id) {
        return Err(TokenProblem::AuthorizedParty);
    }
    // Item 11. It was sent, so it has to be there.
    if !claims.nonce.as_deref().is_some_and(|nonce| expected.nonce.is(nonce)) {
        return Err(TokenProblem::Nonce);
    }
    // Section 3.1.3.8: it may be left out where the code was changed for both.
    if claims.at_hash.as_deref().is_some_and(|hash| hash.trim_end_matches('=') != access_hash(access)) {
        return Err(TokenProblem::AccessHash);
    }
    Ok(())
}

fn check_access(claims: &AccessClaims, id: &IdClaims, expected: Expected<'_>) -> Result<(), TokenProblem> {
    check_common(&claims.common, "access", expected)?;
    if claims.client_id != expected.client_id {
        return Err(TokenProblem::Client);
    }
    if claims.common.sub != id.common.sub {
        return Err(TokenProblem::Subject);
    }
    match (&claims.common.origin_jti, &id.common.origin_jti) {
        (Some(access), Some(id)) if access != id => Err(TokenProblem::Origin),
        _ => Ok(()),
    }
}

fn check_common(claims: &Common, token_use: &str, expected: Expected<'_>) -> Result<(), TokenProblem> {
    // Item 2.
    if !expected.issuer.names(&claims.iss) && expected.issuer_there != Some(claims.iss.as_str()) {
        return Err(TokenProblem::Issuer);
    }
    if claims.token_use != token_use {
        return Err(TokenProblem::Use);
    }
    if claims.sub.is_empty() {
        return Err(TokenProblem::Subject);
    }
    // Items 9 and 10. How old a token may be is left to the nonce, which no older one has.
    let now = expected.now.unix_seconds();
    if claims.exp <= now {
        return Err(TokenProblem::Expired);
    }
    if claims.iat.is_some_and(|iat| iat > now.saturating_add(LEEWAY_S)) {
        return Err(TokenProblem::FromTheFuture);
    }
    Ok(())
}

/// The left half of the access token's hash, by the hash of the id token's algorithm (section 3.1.3.6).
fn access_hash(access: &AccessToken) -> String {
    let hash = Sha256::digest(access.expose().as_bytes());
    URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
}

/// What is read of a token's header. `jku`, `jwk` and `x5u`, by which a token would bring its own key, are not read.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

/// The claims of a token that is signed with one of the pool's keys, by RS256 and nothing else: whoever could choose the
/// algorithm could choose none, or have the public key taken for a shared secret (RFC 8725, sections 2.1 and 3.1).
async fn signed<T: DeserializeOwned>(token: &str, keys: &Keys, name: &str) -> Result<T, Fault> {
    let kid = key_id(token).map_err(|problem| problem.of(name))?;
    let Some(key) = keys.find(&kid).await? else {
        return Err(TokenProblem::KeyUnknown.of(name));
    };
    claims(token, &key).map_err(|problem| problem.of(name))
}

/// Which key a token says it is signed with.
fn key_id(token: &str) -> Result<String, TokenProblem> {
    let mut parts = token.split('.');
    let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(TokenProblem::NotAToken);
    };
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenProblem::NotAToken)?;
    let header: Header = serde_json::from_slice(&header).map_err(|_| TokenProblem::NotAToken)?;
    if header.alg != "RS256" {
        return Err(TokenProblem::OtherAlgorithm);
    }
    // What a token says must be understood, and is not (RFC 7515, section 4.1.11). The library passes over it.
    if header.crit.is_some() {
        return Err(TokenProblem::CriticalHeader);
    }
    header.kid.filter(|kid| !kid.is_empty()).ok_or(TokenProblem::KeyIdMissing)
}

fn claims<T: DeserializeOwned>(token: &str, key: &DecodingKey) -> Result<T, TokenProblem> {
    let mut validation = Validation::new(Algorithm::RS256);
    // The library's own checks go by this machine's clock and take several audiences for granted; ours come after it.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode(token, key, &validation).map(|data| data.claims).map_err(|error| {
        use jsonwebtoken::errors::ErrorKind;
        match error.kind() {
            ErrorKind::InvalidSignature => TokenProblem::Signature,
            ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => TokenProblem::OtherAlgorithm,
            ErrorKind::Json(_) | ErrorKind::Utf8(_) => TokenProblem::Claims,
            _ => TokenProblem::NotAToken,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // OpenID Connect Core 1.0, appendix A.4.
    #[test]
    fn the_access_tokens_hash_is_the_one_of_the_specification() {
        let access = AccessToken::new("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(access_hash(&access), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn what_is_no_token_has_no_key() {
        let token = |header: &str| format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(header));
        for (text, problem) in [
            (String::new(), TokenProblem::NotAToken),
            ("a.b".to_owned(), TokenProblem::NotAToken),
            ("!.e30.c2ln".to_owned(), TokenProblem::NotAToken),
            (format!("{}.x", token(r#"{"alg":"RS256","kid":"a"}"#)), TokenProblem::NotAToken),
            (token("[]"), TokenProblem::NotAToken),
            (token(r#"{"kid":"a"}"#), TokenProblem::NotAToken),
            (token(r#"{"alg":"none","kid":"a"}"#), TokenProblem::OtherAlgorithm),
            (token(r#"{"alg":"None","kid":"a"}"#), TokenProblem::OtherAlgorithm),
            (token(r#"{"alg":"HS256","kid":"a"}"#), TokenProblem::OtherAlgorithm),
            (token(r#"{"alg":"RS512","kid":"a"}"#), TokenProblem::OtherAlgorithm),
            (token(r#"{"alg":"rs256","kid":"a"}"#), TokenProblem::OtherAlgorithm),
            (token(r#"{"alg":"RS256","kid":"a","crit":["b64"],"b64":false}"#), TokenProblem::CriticalHeader),
            (token(r#"{"alg":"RS256"}"#), TokenProblem::KeyIdMissing),
            (token(r#"{"alg":"RS256","kid":""}"#), TokenProblem::KeyIdMissing),
        ] {
            assert_eq!(key_id(&text), Err(problem), "{text}");
        }
        assert_eq!(
            key_id(&token(r#"{"alg":"RS256","kid":"a","jku":"https://evil.example"}"#)),
            Ok("a".to_owned())
        );
    }
}
