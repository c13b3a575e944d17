//! What a pool tells somebody who is signed in about their own account.

use serde::Serialize;
use session::{CodeMethod, SignInWay, Timestamp};

/// The account, as it is at the pool now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// What the app client may read of the user, in the pool's order.
    pub attributes: Vec<Attribute>,
    /// The second factors that are turned on.
    pub second_factors: Vec<CodeMethod>,
    /// The one of them that is asked for; none where the user chooses each time.
    pub preferred: Option<CodeMethod>,
    /// The ways to sign in that the user has; none where the pool does not say.
    pub ways: Option<Vec<SignInWay>>,
}

/// One attribute of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// Its name in the pool, such as `email` or `custom:team`.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Whether the user has proved to own it; none where that is not asked of it.
    pub verified: Option<bool>,
}

/// A code that is on its way, to prove whose an address or a number is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CodeSent {
    /// The attribute that it proves.
    pub attribute: String,
    /// Where it was sent, masked by the pool; none where that is not known.
    pub destination: Option<String>,
    /// How it was sent.
    pub method: CodeMethod,
}

/// A device that the pool knows of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AccountDevice {
    /// `DeviceKey`, which is no secret.
    pub key: String,
    /// What it called itself.
    pub name: Option<String>,
    /// The network address it was seen at last.
    pub last_ip: Option<String>,
    /// Since when the pool knows it.
    pub created_at: Option<Timestamp>,
    /// When somebody signed in from it last.
    pub last_used_at: Option<Timestamp>,
    /// Whether it is the one that this session belongs to.
    pub this: bool,
    /// Whether the pool remembers it, so that a second factor is asked for less often; none where it does not say.
    pub remembered: Option<bool>,
}

/// A passkey of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Passkey {
    /// `CredentialId`.
    pub id: String,
    /// What it is called.
    pub name: Option<String>,
    /// The domain that it is for.
    pub relying_party: String,
    /// When it was added.
    pub created_at: Option<Timestamp>,
}

/// A session of a user, anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct UserSession {
    /// `SessionId`.
    pub id: String,
    /// What it is.
    pub kind: SessionKind,
    /// The app client that it was begun through.
    pub client_id: Option<String>,
    /// When it began.
    pub created_at: Option<Timestamp>,
    /// When it was used or renewed last.
    pub last_active_at: Option<Timestamp>,
    /// What it was used from then, in the pool's words.
    pub device: Option<String>,
    /// From which network address.
    pub ip: Option<String>,
    /// Where that is, in the pool's words.
    pub location: Option<String>,
    /// Whether it is this very session.
    pub current: bool,
}

/// What a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SessionKind {
    /// Tokens that an app holds (`TOKEN`).
    Token,
    /// A browser that signs in to apps without asking again (`SSO`).
    Browser,
}
