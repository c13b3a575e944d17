//! What can go wrong between this app and the pool, as a closed set of codes.
//!
//! A code exists for each thing a screen or the session acts on differently. The words belong to the UI.

use serde::{Deserialize, Serialize};

/// What is to be done about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// It may pass by itself: try again later.
    Retry,
    /// The person at the desk can do something about it.
    AskUser,
    /// Whoever set up the app or the pool has to mend it.
    FixSetup,
}

/// One thing that went wrong, by what the app does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum FaultCode {
    /// No connection: name look-up failed, connection refused or reset, no route.
    Unreachable,
    /// The pool did not answer in time.
    TimedOut,
    /// The server's certificate is not trusted, as behind a proxy that inspects TLS.
    CertificateUntrusted,
    /// A proxy between here and the pool refuses, as one does that wants a login (HTTP 407).
    ProxyRefused,
    /// Something answered that is not a user pool, as a captive portal does.
    NotThePool,
    /// The pool asks for fewer requests (`TooManyRequestsException`, `LimitExceededException`).
    Throttled,
    /// The pool failed on its side (5xx, `InternalErrorException`).
    PoolTrouble,
    /// User name or password is wrong, or there is no such user: deliberately the same.
    WrongCredentials,
    /// Too many wrong passwords: the pool refuses for a while.
    TooManyAttempts,
    /// An administrator has disabled the user.
    UserDisabled,
    /// The user has not confirmed the account yet.
    UserNotConfirmed,
    /// The password has to be reset before signing in.
    PasswordResetRequired,
    /// The new password does not meet the pool's policy.
    PasswordRejected,
    /// The new password was used before.
    PasswordReused,
    /// A required attribute is missing or not valid.
    AttributeRejected,
    /// The code of a second factor is wrong.
    CodeWrong,
    /// The code is right and comes too late.
    CodeExpired,
    /// The authenticator app's code was used before: the next one comes within half a minute.
    CodeUsed,
    /// The pool could not send the code.
    CodeNotSent,
    /// The user needs a second factor and has none that the pool could ask for.
    SecondFactorMissing,
    /// The sign-in took longer than the pool allows between its steps.
    ChallengeExpired,
    /// Somebody else has this user name.
    UsernameTaken,
    /// The e-mail address or phone number belongs to another account.
    AliasTaken,
    /// The pool lets nobody sign up by themselves, or not this person.
    SignUpNotAllowed,
    /// The account is confirmed already, as by a link in the message.
    AlreadyConfirmed,
    /// There is no verified address or number that a code could be sent to, or the account is in no state for it.
    CannotResetPassword,
    /// The code does not fit the secret that the authenticator app was given.
    AuthenticatorCodeWrong,
    /// The pool does not know this device any more.
    DeviceUnknown,
    /// The present password, which a new one is to replace, is wrong.
    WrongPassword,
    /// The attribute is one that the user may not change: the app client has no right to, or nobody has.
    AttributeNotWritable,
    /// A second factor cannot be turned on: its address or number is missing or not verified, no app is set up, or the
    /// pool does not have it.
    SecondFactorNotPossible,
    /// The last second factor cannot be turned off, because the pool requires one.
    SecondFactorRequired,
    /// What was to be taken away is not there any more.
    AlreadyGone,
    /// The pool owner's own challenge was not answered as it should be; the sign-in is over.
    CustomAnswerWrong,
    /// A way was chosen that the pool does not offer to this user.
    NotTheUsersChoice,
    /// A rule of the pool's owner (a Lambda trigger) refused; the detail is the owner's text.
    RefusedByRule,
    /// The pool refused the sign-in for a reason it does not name.
    SignInRefused,
    /// The refresh token is past its end.
    RefreshTokenExpired,
    /// The refresh token was revoked: signed out elsewhere, or by an administrator.
    RefreshTokenRevoked,
    /// A refresh token that had been replaced was used again (`RefreshTokenReuseException`).
    RefreshTokenReused,
    /// The user was deleted.
    UserGone,
    /// The pool refused to renew the session for a reason it does not name.
    RenewalRefused,
    /// The pool refused to renew the session, and the keychain cannot be read to see whether another process holds
    /// newer tokens. Until it can, nobody knows that the session is over.
    RefusalUnconfirmed,
    /// The access token is not honoured any more, although it has not expired.
    AccessTokenRevoked,
    /// The access token lacks the scope `aws.cognito.signin.user.admin`.
    ScopeMissing,
    /// There is no such user pool in this region.
    PoolUnknown,
    /// The app client does not exist in this pool or region.
    ClientUnknown,
    /// The client has a secret and none is configured.
    ClientSecretMissing,
    /// The client secret that is configured is wrong, or the client has none.
    ClientSecretWrong,
    /// The client does not allow this way to sign in.
    FlowNotEnabled,
    /// The pool did not accept a parameter that this app sent.
    ParameterRejected,
    /// A web application firewall in front of the pool refused (`ForbiddenException`).
    Blocked,
    /// A Lambda trigger of the pool failed.
    TriggerFailed,
    /// The pool does not offer this operation.
    OperationUnavailable,
    /// The pool answered with something that cannot be used, such as a token without an expiry.
    AnswerUnusable,
    /// A link that came back from the browser cannot be read: it is cut off, mangled or no such link at all.
    LinkUnusable,
    /// A link came back from the browser that belongs to no sign-in that waits for one.
    LinkNotAwaited,
    /// Who was to sign in said no, in the browser.
    BrowserDeclined,
    /// The pool does not take the code that the browser brought: too late, used before, or another program's.
    BrowserCodeRefused,
    /// The tokens do not prove that they are this pool's, for this sign-in; nobody was signed in.
    TokensNotGenuine,
    /// The pool has no managed login that the browser could be sent to.
    ManagedLoginMissing,
    /// No browser could be started.
    BrowserNotOpened,
    /// The browser was sent somewhere and did not come back from there.
    BrowserSilent,
    /// Who was to prove to be there came back from the browser without having signed in again.
    PresenceStale,
    /// Who was to prove to be there has an identity provider vouch for them, which may let a browser in that it knows.
    ProviderMayNotAsk,
    /// Somebody else has signed in than the user who was to prove to be there.
    SomebodyElse,
    /// The pool was asked to delete the account, and its answer was lost: nobody knows yet whether it has.
    DeletionUnknown,
}

impl FaultCode {
    /// Retry, ask the user, or fix the set-up.
    #[must_use]
    pub const fn disposition(self) -> Disposition {
        match self {
            Self::Unreachable
            | Self::TimedOut
            | Self::CertificateUntrusted
            | Self::ProxyRefused
            | Self::NotThePool
            | Self::Throttled
            | Self::PoolTrouble
            | Self::RefusalUnconfirmed
            | Self::DeletionUnknown => Disposition::Retry,
            Self::WrongCredentials
            | Self::TooManyAttempts
            | Self::UserDisabled
            | Self::UserNotConfirmed
            | Self::PasswordResetRequired
            | Self::PasswordRejected
            | Self::PasswordReused
            | Self::AttributeRejected
            | Self::CodeWrong
            | Self::CodeExpired
            | Self::CodeUsed
            | Self::CodeNotSent
            | Self::ChallengeExpired
            | Self::UsernameTaken
            | Self::AliasTaken
            | Self::SignUpNotAllowed
            | Self::AlreadyConfirmed
            | Self::CannotResetPassword
            | Self::AuthenticatorCodeWrong
            | Self::DeviceUnknown
            | Self::WrongPassword
            | Self::AttributeNotWritable
            | Self::SecondFactorNotPossible
            | Self::SecondFactorRequired
            | Self::AlreadyGone
            | Self::CustomAnswerWrong
            | Self::NotTheUsersChoice
            | Self::RefusedByRule
            | Self::SignInRefused
            | Self::RefreshTokenExpired
            | Self::RefreshTokenRevoked
            | Self::RefreshTokenReused
            | Self::UserGone
            | Self::RenewalRefused
            | Self::AccessTokenRevoked
            | Self::LinkUnusable
            | Self::LinkNotAwaited
            | Self::BrowserDeclined
            | Self::BrowserCodeRefused
            | Self::BrowserNotOpened
            | Self::BrowserSilent
            | Self::PresenceStale
            | Self::ProviderMayNotAsk
            | Self::SomebodyElse => Disposition::AskUser,
            Self::ClientUnknown
            | Self::PoolUnknown
            | Self::ScopeMissing
            | Self::SecondFactorMissing
            | Self::ClientSecretMissing
            | Self::ClientSecretWrong
            | Self::FlowNotEnabled
            | Self::ParameterRejected
            | Self::Blocked
            | Self::TriggerFailed
            | Self::OperationUnavailable
            | Self::AnswerUnusable
            | Self::TokensNotGenuine
            | Self::ManagedLoginMissing => Disposition::FixSetup,
        }
    }

    /// Whether a network that comes back may be all that was missing.
    pub(crate) const fn is_of_network(self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::CertificateUntrusted | Self::NotThePool)
    }

    /// Whether this, as the answer to a renewal, means that the session is over.
    ///
    /// A list of what ends a session, never of what does not: anything unforeseen keeps it.
    #[must_use]
    pub const fn ends_session(self) -> bool {
        matches!(
            self,
            Self::RefreshTokenExpired
                | Self::RefreshTokenRevoked
                | Self::RefreshTokenReused
                | Self::UserGone
                | Self::UserDisabled
                | Self::UserNotConfirmed
                | Self::PasswordResetRequired
                | Self::RenewalRefused
        )
    }
}

/// A fault with what the pool itself said about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// What the app acts on.
    pub code: FaultCode,
    /// The pool's or the network layer's own words, for the record and for causes nobody foresaw. Never a secret.
    pub detail: Option<String>,
}

impl Fault {
    /// A fault about which nothing more is known.
    #[must_use]
    pub const fn new(code: FaultCode) -> Self {
        Self { code, detail: None }
    }

    /// A fault with the other side's own words.
    #[must_use]
    pub fn with_detail(code: FaultCode, detail: impl Into<String>) -> Self {
        Self { code, detail: Some(detail.into()) }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.code)?;
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}

impl std::error::Error for Fault {}
