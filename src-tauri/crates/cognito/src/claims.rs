//! What the pool's tokens say, read from their payloads.
//!
//! The signature is not verified here: these tokens came straight from the pool over TLS, and that is as good as a
//! signature (OpenID Connect Core 1.0, section 3.1.3.7, item 6). Tokens that come by way of a browser do not have
//! that excuse.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use session::{AccessToken, Fault, FaultCode, IdToken, Timestamp, User};
use zeroize::Zeroizing;

use crate::issuer::Issuer;

/// What is expected of every token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    /// The app client they must have been issued to.
    pub(crate) client_id: &'a str,
    /// The pool they should come from.
    pub(crate) issuer: &'a Issuer,
}

/// What the session needs to know from an access token and, where there is one, the id token with it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// The pool's own name for the user.
    pub(crate) username: String,
    /// From the id token.
    pub(crate) user: Option<User>,
    /// By the pool's clock; the moment given as `now` where the tokens do not say.
    pub(crate) issued_at: Timestamp,
    /// When the first of the tokens expires, by the pool's clock.
    pub(crate) expires_at: Timestamp,
}

#[derive(Deserialize)]
struct AccessClaims {
    sub: Option<String>,
    username: Option<String>,
    client_id: Option<String>,
    #[serde(flatten)]
    common: CommonClaims,
}

#[derive(Deserialize)]
struct DeviceClaims {
    device_key: Option<String>,
}

#[derive(Deserialize)]
struct IdClaims {
    sub: Option<String>,
    #[serde(rename = "cognito:username")]
    username: Option<String>,
    aud: Option<Audience>,
    name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    email: Option<String>,
    email_verified: Option<Truth>,
    picture: Option<String>,
    #[serde(rename = "cognito:groups", default)]
    groups: Vec<String>,
    identities: Option<Identities>,
    #[serde(flatten)]
    common: CommonClaims,
}

#[derive(Deserialize)]
struct CommonClaims {
    iss: Option<String>,
    token_use: Option<String>,
    iat: Option<i64>,
    exp: Option<i64>,
}

/// `aud` is one text or a list of them (RFC 7519, section 4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The providers that vouch for a user: a list, or the same as text, as in the attribute. Whatever else it is, somebody
/// does.
#[derive(Deserialize)]
#[serde(untagged)]
enum Identities {
    List(Vec<Identity>),
    Text(String),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Identity {
    #[serde(rename = "providerName")]
    provider: Option<String>,
}

/// A provider whose name is not told.
const UNNAMED: &str = "?";

impl Identities {
    fn providers(self) -> Vec<String> {
        let list = match self {
            Self::List(list) => list,
            Self::Text(text) if text.trim().is_empty() => Vec::new(),
            Self::Text(text) => {
                serde_json::from_str(&text).unwrap_or_else(|_| vec![Identity { provider: None }])
            }
            Self::Other(_) => vec![Identity { provider: None }],
        };
        list.into_iter().map(|identity| identity.provider.unwrap_or_else(|| UNNAMED.to_owned())).collect()
    }
}

/// Federated users can have `email_verified` as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Truth {
    Plain(bool),
    Text(String),
}

/// Reads the tokens and checks that they are of one user, for this client and of the kind they should be.
///
/// A different `iss` is only logged: an endpoint may be set that stands in for the configured pool.
///
/// # Errors
/// [`FaultCode::AnswerUnusable`]; the detail names the claim and never its value.
pub(crate) fn read(
    access: &AccessToken,
    id: Option<&IdToken>,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<Reading, Fault> {
    let claims: AccessClaims = payload(access.expose(), "access token")?;
    if claims.client_id.as_deref() != Some(expected.client_id) {
        return Err(unusable("access token: client_id is another client"));
    }
    let (issued_at, mut expires_at) = life(&claims.common, "access", "access token", expected)?;
    let sub = text(claims.sub, "access token: sub is missing")?;
    let username = text(claims.username, "access token: username is missing")?;
    let mut user = None;
    if let Some(id) = id {
        let claims: IdClaims = payload(id.expose(), "id token")?;
        let for_us = match &claims.aud {
            Some(Audience::One(one)) => one == expected.client_id,
            Some(Audience::Several(several)) => several.iter().any(|one| one == expected.client_id),
            None => false,
        };
        if !for_us {
            return Err(unusable("id token: aud is another client"));
        }
        let (_, id_expires_at) = life(&claims.common, "id", "id token", expected)?;
        expires_at = expires_at.min(id_expires_at);
        if claims.sub.as_deref() != Some(&sub) {
            return Err(unusable("id token: sub is not the access token's"));
        }
        user = Some(claims.user(sub, &username, expected.issuer.pool_id()));
    }
    Ok(Reading { username, user, issued_at: issued_at.unwrap_or(now), expires_at })
}

/// The key of the device that an access token belongs to, where the pool tracks devices.
pub(crate) fn device_of(access: &AccessToken) -> Option<String> {
    let claims: DeviceClaims = payload(access.expose(), "access token").ok()?;
    claims.device_key.filter(|key| !key.is_empty())
}

impl IdClaims {
    fn user(self, sub: String, username: &str, pool_id: &str) -> User {
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let given_and_family: Vec<String> =
            [self.given_name, self.family_name].into_iter().filter_map(filled).collect();
        // Whoever comes by a provider is in a group of its name as well, which every client is told of.
        let of_group = |group: &String| {
            let provider = group.strip_prefix(pool_id)?.strip_prefix('_')?;
            Some(provider.to_owned())
        };
        let mut providers = self.identities.map(Identities::providers).unwrap_or_default();
        providers.extend(self.groups.iter().filter_map(of_group));
        providers.sort();
        providers.dedup();
        User {
            sub,
            username: filled(self.username).unwrap_or_else(|| username.to_owned()),
            name: filled(self.name).or_else(|| filled(Some(given_and_family.join(" ")))),
            email: filled(self.email),
            email_verified: match self.email_verified {
                Some(Truth::Plain(verified)) => verified,
                Some(Truth::Text(text)) => text == "true",
                None => false,
            },
            picture: filled(self.picture),
            groups: self.groups,
            providers,
        }
    }
}

fn life(
    claims: &CommonClaims,
    token_use: &str,
    token: &str,
    expected: Expected<'_>,
) -> Result<(Option<Timestamp>, Timestamp), Fault> {
    if claims.token_use.as_deref() != Some(token_use) {
        return Err(unusable(format!("{token}: token_use is not {token_use:?}")));
    }
    let Some(exp) = claims.exp else {
        return Err(unusable(format!("{token}: exp is missing")));
    };
    if claims.iat.is_some_and(|iat| iat >= exp) {
        return Err(unusable(format!("{token}: exp is not after iat")));
    }
    if !claims.iss.as_deref().is_some_and(|iss| expected.issuer.names(iss)) {
        tracing::warn!(
            token,
            configured = expected.issuer.as_str(),
            found = claims.iss,
            "the token names another issuer"
        );
    }
    Ok((claims.iat.map(Timestamp::from_unix_seconds), Timestamp::from_unix_seconds(exp)))
}

/// The payload of a JWT (RFC 7519, section 7.2, without the signature).
fn payload<T>(token: &str, name: &str) -> Result<T, Fault>
where
    T: serde::de::DeserializeOwned,
{
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(unusable(format!("{name}: not a JWT")));
    };
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('='));
    let bytes = Zeroizing::new(bytes.map_err(|_| unusable(format!("{name}: not base64url")))?);
    // The parser's own words could quote what it read.
    serde_json::from_slice(&bytes).map_err(|_| unusable(format!("{name}: the claims cannot be read")))
}

fn text(claim: Option<String>, missing: &str) -> Result<String, Fault> {
    claim.filter(|claim| !claim.is_empty()).ok_or_else(|| unusable(missing))
}

fn unusable(detail: impl Into<String>) -> Fault {
    Fault::with_detail(FaultCode::AnswerUnusable, detail)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_p";
    const NOW: Timestamp = Timestamp(5_000_000);

    fn token(claims: &Value) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    fn access() -> Value {
        json!({
            "sub": "5e1f", "username": "pool-name", "client_id": "client1", "token_use": "access",
            "iss": ISSUER, "iat": 1_000, "exp": 4_600,
        })
    }

    fn id() -> Value {
        json!({
            "sub": "5e1f", "cognito:username": "pool-name", "aud": "client1", "token_use": "id",
            "iss": ISSUER, "iat": 1_000, "exp": 4_500,
            "name": "Aiko Tanaka", "email": "aiko@example.com", "email_verified": true,
            "picture": "https://example.com/aiko.png", "cognito:groups": ["editors", "staff"],
        })
    }

    fn reading(access: &Value, id: Option<&Value>) -> Result<Reading, Fault> {
        let id = id.map(|claims| IdToken::new(token(claims)));
        read_text(&token(access), id.as_ref())
    }

    fn read_text(access: &str, id: Option<&IdToken>) -> Result<Reading, Fault> {
        let issuer = Issuer::parse(ISSUER).expect("it is one");
        read(&AccessToken::new(access), id, Expected { client_id: "client1", issuer: &issuer }, NOW)
    }

    /// The claims with one of them replaced, or taken away by `null`.
    fn with(mut claims: Value, name: &str, value: Value) -> Value {
        let fields = claims.as_object_mut().expect("claims are an object");
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.to_owned(), value);
        }
        claims
    }

    #[test]
    fn both_tokens_give_user_and_life() {
        let reading = reading(&access(), Some(&id())).expect("they are good");
        assert_eq!(reading.username, "pool-name");
        assert_eq!(reading.issued_at, Timestamp(1_000_000));
        assert_eq!(reading.expires_at, Timestamp(4_500_000), "the id token expires first");
        let user = reading.user.expect("there is an id token");
        assert_eq!(
            user,
            User {
                sub: "5e1f".to_owned(),
                username: "pool-name".to_owned(),
                name: Some("Aiko Tanaka".to_owned()),
                email: Some("aiko@example.com".to_owned()),
                email_verified: true,
                picture: Some("https://example.com/aiko.png".to_owned()),
                groups: vec!["editors".to_owned(), "staff".to_owned()],
                providers: Vec::new(),
            }
        );
    }

    #[test]
    fn an_access_token_alone_gives_its_own_life_and_no_user() {
        let alone = reading(&access(), None).expect("it is good");
        assert_eq!((alone.expires_at, alone.user), (Timestamp(4_600_000), None));
        let no_iat = reading(&with(access(), "iat", Value::Null), None).expect("it is good");
        assert_eq!(no_iat.issued_at, NOW);
    }

    #[test]
    fn names_are_put_together_from_what_there_is() {
        for (claims, expected) in [
            (with(id(), "name", Value::Null), None),
            (with(id(), "name", json!("  ")), None),
            (with(with(id(), "name", Value::Null), "given_name", json!("Aiko")), Some("Aiko")),
            (
                with(
                    with(with(id(), "name", Value::Null), "given_name", json!("Aiko")),
                    "family_name",
                    json!("Tanaka"),
                ),
                Some("Aiko Tanaka"),
            ),
        ] {
            let user = reading(&access(), Some(&claims)).expect("they are good").user.expect("there is one");
            assert_eq!(user.name.as_deref(), expected);
        }
    }

    #[test]
    fn who_vouches_for_a_user_is_known_by_every_sign_of_it() {
        let google = json!([{ "userId": "1", "providerName": "Google", "primary": "true" }]);
        let as_text = json!(google.to_string());
        for (claims, providers) in [
            (id(), vec![]),
            (with(id(), "identities", json!([])), vec![]),
            (with(id(), "identities", google.clone()), vec!["Google"]),
            (with(id(), "identities", as_text), vec!["Google"]),
            (with(id(), "identities", json!([{}, { "providerName": "A" }])), vec!["?", "A"]),
            (with(id(), "identities", json!("rubbish")), vec!["?"]),
            (with(id(), "identities", json!({ "a": 1 })), vec!["?"]),
            (with(id(), "cognito:groups", json!(["eu-west-1_p_Entra", "eu-west-1_px"])), vec!["Entra"]),
            (
                with(with(id(), "identities", google), "cognito:groups", json!(["eu-west-1_p_Google"])),
                vec!["Google"],
            ),
        ] {
            let user = reading(&access(), Some(&claims)).expect("good tokens").user.expect("one");
            assert_eq!(user.providers, providers, "{claims}");
        }
    }

    #[test]
    fn claims_come_in_more_than_one_shape() {
        for (claims, verified) in [
            (with(id(), "email_verified", json!("true")), true),
            (with(id(), "email_verified", json!("false")), false),
            (with(id(), "email_verified", Value::Null), false),
            (with(id(), "aud", json!(["other", "client1"])), true),
            (with(id(), "cognito:groups", Value::Null), true),
            (with(id(), "iss", json!("https://elsewhere.example/r_p")), true),
        ] {
            let user = reading(&access(), Some(&claims)).expect("they are good").user.expect("there is one");
            assert_eq!(user.email_verified, verified);
        }
    }

    #[test]
    fn what_does_not_fit_is_unusable() {
        for (access, id, words) in [
            (with(access(), "client_id", json!("other")), id(), "client_id"),
            (with(access(), "client_id", Value::Null), id(), "client_id"),
            (with(access(), "token_use", json!("id")), id(), "token_use"),
            (with(access(), "exp", Value::Null), id(), "exp"),
            (with(access(), "exp", json!(1_000)), id(), "exp"),
            (with(access(), "exp", json!("soon")), id(), "claims"),
            (with(access(), "sub", Value::Null), id(), "sub"),
            (with(access(), "username", json!("")), id(), "username"),
            (access(), with(id(), "aud", json!("other")), "aud"),
            (access(), with(id(), "aud", Value::Null), "aud"),
            (access(), with(id(), "token_use", json!("access")), "token_use"),
            (access(), with(id(), "exp", Value::Null), "exp"),
            (access(), with(id(), "sub", json!("somebody-else")), "sub"),
        ] {
            let fault = reading(&access, Some(&id)).expect_err(words);
            assert_eq!(fault.code, FaultCode::AnswerUnusable);
            let detail = fault.detail.expect("it says which claim");
            assert!(detail.contains(words), "{detail} does not name {words}");
            assert!(!detail.contains("somebody-else"), "{detail}");
        }
        for text in ["", "abc", "a.b", "a.!!!.c", "a.e30.b.c", &token(&json!("text"))] {
            let fault = read_text(text, None).expect_err(text);
            assert_eq!(fault.code, FaultCode::AnswerUnusable, "{text}");
        }
    }
}
