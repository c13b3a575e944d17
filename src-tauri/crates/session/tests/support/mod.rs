//! Sessions made up for tests. Every secret text contains `SENTINEL`, every personal one `PERSONAL`.

use session::{
    AccessToken, Established, IdToken, LiveRecord, Origin, Record, RefreshToken, Timestamp, Tokens, User,
};

/// The user of all tests.
pub(crate) fn user() -> User {
    User {
        sub: "5ab0-PERSONAL".into(),
        username: "user-PERSONAL".into(),
        name: Some("Mika PERSONAL".into()),
        email: Some("mika@PERSONAL.example".into()),
        email_verified: true,
        picture: None,
        groups: vec!["staff".into()],
        providers: vec!["Provider-PERSONAL".into()],
    }
}

/// The text of an access token, which says when it expires.
pub(crate) fn access_text(expires: Timestamp) -> String {
    format!("SENTINEL-access {}", expires.0)
}

/// When an access token that was made here expires.
pub(crate) fn expiry_of(token: &AccessToken) -> Timestamp {
    let (_, expires) = token.expose().split_once(' ').expect("a token that was made here");
    Timestamp(expires.parse().expect("a number"))
}

/// Tokens with the given refresh token.
pub(crate) fn tokens(refresh: &str, issued: Timestamp, expires: Timestamp) -> Tokens {
    Tokens {
        access: AccessToken::new(access_text(expires)),
        id: IdToken::new("SENTINEL-id"),
        refresh: RefreshToken::new(refresh),
        issued_at: issued,
        expires_at: expires,
    }
}

/// A sign-in that has succeeded.
pub(crate) fn established(tokens: Tokens) -> Established {
    Established {
        user: user(),
        tokens,
        login: "typed-PERSONAL".into(),
        device_key: None,
        device: None,
        origin: Origin::Native,
    }
}

/// A session as the keychain holds it.
pub(crate) fn live(tokens: Tokens) -> Record {
    Record::Live(LiveRecord {
        user: user(),
        login: "typed-PERSONAL".into(),
        signed_in_at: tokens.issued_at,
        tokens,
        device_key: None,
        device: None,
        origin: Origin::Native,
    })
}
