//! What a pool hands out, and who it says the user is.

use serde::{Deserialize, Serialize};

use crate::secret::{AccessToken, IdToken, RefreshToken};
use crate::time::Timestamp;
use crate::view::DeviceView;

/// Who is signed in, from the id token's claims (OpenID Connect Core 1.0, section 5.1, and Cognito's own).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// `sub`: the user's identifier in the pool, which never changes.
    pub sub: String,
    /// `cognito:username`: the pool's own name for the user, often equal to `sub`.
    pub username: String,
    /// `name`, or what can be put together from `given_name` and `family_name`.
    pub name: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// `email_verified`.
    pub email_verified: bool,
    /// `picture`: a URL. The window shows it only after Rust has fetched and checked it.
    pub picture: Option<String>,
    /// `cognito:groups`.
    pub groups: Vec<String>,
    /// `identities`: the identity providers that vouch for the user, by the pool's names for them.
    #[serde(default)]
    pub providers: Vec<String>,
}

/// The three tokens of a session.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Handed to callers while it is good.
    pub access: AccessToken,
    /// Who the user is.
    pub id: IdToken,
    /// What the next ones are asked for with.
    pub refresh: RefreshToken,
    /// When access and id token were issued, by the pool's clock.
    pub issued_at: Timestamp,
    /// When the first of access and id token expires, by the pool's clock.
    pub expires_at: Timestamp,
}

/// Where a session began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// In the window.
    #[default]
    Native,
    /// In the browser, which has a session of its own from it.
    Browser,
}

/// A sign-in that succeeded.
#[derive(Clone, Debug)]
pub struct Established {
    /// Who signed in.
    pub user: User,
    /// Their tokens.
    pub tokens: Tokens,
    /// The name as it was typed, to be offered again when the session has ended.
    pub login: String,
    /// The device key that the pool tied the refresh token to, if it tracks devices.
    pub device_key: Option<String>,
    /// What the pool holds of that device.
    pub device: Option<DeviceView>,
    /// Where it was made.
    pub origin: Origin,
}

/// What a renewal needs.
#[derive(Clone, Debug)]
pub struct RenewalRequest {
    /// The refresh token.
    pub refresh: RefreshToken,
    /// The pool's own user name, which the secret hash of `REFRESH_TOKEN_AUTH` is made of.
    pub username: String,
    /// The device key, if the pool tracks devices.
    pub device_key: Option<String>,
}

/// A renewal that succeeded.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// The new access token.
    pub access: AccessToken,
    /// The new id token, where the pool sent one.
    pub id: Option<IdToken>,
    /// The new refresh token, where the pool rotates them; otherwise the old one stays.
    pub refresh: Option<RefreshToken>,
    /// As in [`Tokens::issued_at`].
    pub issued_at: Timestamp,
    /// As in [`Tokens::expires_at`].
    pub expires_at: Timestamp,
    /// Who the user is now, where the pool sent an id token.
    pub user: Option<User>,
}
