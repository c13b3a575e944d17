//! The conversation of a sign-in: what the pool asks, and what the person answers.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::secret::{ChallengeSession, OneTimeCode, Password};
use crate::tokens::Established;

/// How a sign-in begins.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// User name, e-mail address or phone number, as typed.
    pub username: String,
    /// The password, as typed: no trimming, no normalisation.
    pub password: Password,
}

/// What the pool wants to know before it signs somebody in. This is what the window shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Challenge {
    /// `NEW_PASSWORD_REQUIRED`: an administrator made the account; its first password has to be replaced.
    NewPassword {
        /// The name that is signing in.
        username: String,
        /// Attributes that have no value yet and must be given one, without the `userAttributes.` prefix.
        missing_attributes: Vec<String>,
    },
    /// `SOFTWARE_TOKEN_MFA`, `SMS_MFA` or `EMAIL_OTP`: a code that proves a second factor.
    Code {
        /// Where the code comes from.
        method: CodeMethod,
        /// Where it was sent, masked by the pool (`CODE_DELIVERY_DESTINATION`).
        destination: Option<String>,
        /// What the user called the authenticator app (`FRIENDLY_DEVICE_NAME`).
        device: Option<String>,
    },
    /// A challenge that this version cannot answer.
    Unsupported {
        /// Cognito's name for it, such as `WEB_AUTHN`.
        name: String,
    },
}

/// Where the code of a second factor comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum CodeMethod {
    /// An authenticator app (RFC 6238).
    Authenticator,
    /// A text message.
    Sms,
    /// An e-mail.
    Email,
}

impl CodeMethod {
    /// Whether the pool sends the code, so that it can be sent again.
    #[must_use]
    pub const fn is_sent(self) -> bool {
        matches!(self, Self::Sms | Self::Email)
    }
}

/// What the person answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// To [`Challenge::NewPassword`].
    NewPassword {
        /// The password to have from now on.
        password: Password,
        /// A value for each missing attribute.
        attributes: BTreeMap<String, String>,
    },
    /// To [`Challenge::Code`].
    Code(OneTimeCode),
}

/// What has to go back to the pool with the next answer. The machine keeps it and does not look inside.
#[derive(Clone, Debug)]
pub struct Continuation {
    /// Cognito's name of the challenge.
    pub challenge_name: String,
    /// Cognito's newest `Session`, where it sent one.
    pub session: Option<ChallengeSession>,
    /// The pool's own name for the user (`USERNAME` or `USER_ID_FOR_SRP`), which later answers must carry.
    pub username: String,
    /// The name as it was typed.
    pub login: String,
}

/// Where a sign-in stands after the pool has answered.
#[derive(Clone, Debug)]
pub enum Step {
    /// It wants to know more.
    Challenge(Challenge, Continuation),
    /// It is satisfied.
    Done(Box<Established>),
}
