//! The conversation of a sign-in: what the pool asks, and what the person answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::secret::{
    AccessToken, AuthenticatorSecret, ChallengeSession, CustomAnswer, OneTimeCode, Password,
};
use crate::time::Timestamp;
use crate::tokens::Established;

/// Who wants to sign in, and with what.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// User name, e-mail address or phone number, as typed.
    pub username: String,
    /// The password, as typed: no trimming, no normalisation. None to sign in without one.
    pub password: Option<Password>,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The name to sign in with, as typed.
    pub username: String,
    /// The password to have; none for an account that signs in by codes or passkeys.
    pub password: Option<Password>,
    /// The attributes to begin with, by their names in the pool.
    pub attributes: BTreeMap<String, String>,
}

/// What somebody wants of a sign-in through the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrowserWish {
    /// The identity provider to go to at once: its key in the settings, which is its name or its identifier.
    pub provider: Option<String>,
    /// The name to have filled in there, as typed.
    pub login_hint: Option<String>,
}

/// The first request of an attempt.
#[derive(Clone, Debug)]
pub enum Beginning {
    /// To sign in.
    SignIn {
        /// Who, and with what.
        credentials: Credentials,
        /// The way that was chosen earlier in the same attempt, where there was a choice.
        way: Option<SignInWay>,
        /// The `Session` that confirming the account has given, which stands for a first factor.
        session: Option<ChallengeSession>,
        /// Whether it proves the presence of somebody who is signed in already.
        presence: bool,
    },
    /// To sign in through the browser.
    Browser {
        /// What the person wants of it.
        wish: BrowserWish,
        /// Whether it proves the presence of somebody who is signed in already.
        presence: bool,
    },
    /// To go on with a sign-in through the browser that an earlier run had begun: its link has come, and the pool client
    /// has what was in it.
    BackFromBrowser,
    /// To find out how somebody who is signed in can prove to be there: by the password ([`Challenge::Password`]), and
    /// without one by a sign-in that begins at once, as a proof.
    StepUp {
        /// The pool's own name for the user.
        username: String,
        /// What the pool can be asked with; none where there is no good one at hand.
        access: Option<AccessToken>,
        /// Whether the session began in the browser, so that the user may have nothing to prove it with elsewhere.
        by_browser: bool,
    },
    /// To make an account.
    SignUp(NewAccount),
    /// To have the code that confirms an account sent again.
    Confirmation {
        /// The account's name, as typed.
        username: String,
    },
    /// To have a code sent that a new password can be set with.
    Reset {
        /// The account's name, as typed.
        username: String,
    },
}

impl Challenge {
    /// The same challenge, with another name for whoever is asked.
    pub(crate) fn shown_as(mut self, name: &str) -> Self {
        match &mut self {
            Self::NewPassword { username: shown, .. }
            | Self::Password { username: shown }
            | Self::SetUpAuthenticator { account: shown }
            | Self::ConfirmAccount { username: shown, .. }
            | Self::ResetPassword { username: shown, .. } => name.clone_into(shown),
            Self::Code { .. }
            | Self::ChooseWay { .. }
            | Self::ChooseSecondFactor { .. }
            | Self::ChooseSetUp { .. }
            | Self::SetUpEmail {}
            | Self::Custom { .. }
            | Self::Browser { .. }
            | Self::Unsupported { .. } => {}
        }
        self
    }
}

impl From<Credentials> for Beginning {
    fn from(credentials: Credentials) -> Self {
        Self::SignIn { credentials, way: None, session: None, presence: false }
    }
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
    /// `SOFTWARE_TOKEN_MFA`, `SMS_MFA`, `EMAIL_OTP` or `SMS_OTP`: a code, as a second factor or instead of a password.
    Code {
        /// Where the code comes from.
        method: CodeMethod,
        /// Where it was sent, masked by the pool (`CODE_DELIVERY_DESTINATION`).
        destination: Option<String>,
        /// What the user called the authenticator app (`FRIENDLY_DEVICE_NAME`).
        device: Option<String>,
    },
    /// `SELECT_CHALLENGE`: how to sign in.
    ChooseWay {
        /// What the pool offers to this user, as far as it is known here; never empty.
        ways: Vec<SignInWay>,
    },
    /// `PASSWORD` or `PASSWORD_SRP`: the password, after it was chosen as the way.
    Password {
        /// The name that is signing in.
        username: String,
    },
    /// `SELECT_MFA_TYPE`: which second factor to prove.
    ChooseSecondFactor {
        /// What the user has; never empty.
        methods: Vec<CodeMethod>,
    },
    /// `MFA_SETUP` with a choice: which second factor to set up.
    ChooseSetUp {
        /// What can be set up here; more than one.
        methods: Vec<CodeMethod>,
    },
    /// `MFA_SETUP` of an authenticator app. Its secret is not in here: see
    /// [`Handle::authenticator_secret`](crate::Handle::authenticator_secret).
    SetUpAuthenticator {
        /// What the app is to call the account: the name that is signing in.
        account: String,
    },
    /// `MFA_SETUP` of codes by e-mail: the address they are to go to.
    SetUpEmail {},
    /// `CUSTOM_CHALLENGE`: whatever the pool's owner asks.
    Custom {
        /// The public challenge parameters of the owner's Lambda trigger, without `USERNAME`.
        parameters: BTreeMap<String, String>,
    },
    /// A code that confirms a sign-up.
    ConfirmAccount {
        /// The account's name, as typed.
        username: String,
        /// Where the code was sent, masked by the pool; none where that is not known.
        destination: Option<String>,
        /// How it was sent.
        method: CodeMethod,
    },
    /// A code, and with it a new password.
    ResetPassword {
        /// The account's name, as typed.
        username: String,
        /// Where the code was sent, masked by the pool; none where that is not known.
        destination: Option<String>,
        /// How it was sent.
        method: CodeMethod,
    },
    /// The browser asks whatever the pool's managed login wants to know; the window waits for the answer to come back.
    Browser {
        /// The way by which it is expected. Pasting the link is possible with each.
        way: BrowserWay,
        /// What to call the identity provider that was chosen.
        provider: Option<String>,
        /// Whether the browser could be started. Otherwise the address has to be copied.
        opened: bool,
    },
    /// A challenge that this version cannot answer.
    Unsupported {
        /// Cognito's name for it, such as `WEB_AUTHN`.
        name: String,
    },
}

/// How the answer comes back from the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum BrowserWay {
    /// By a link that the system opens with this program.
    Link,
    /// By a port of this machine that this program listens on.
    Loopback,
    /// By the person, who copies the link.
    Paste,
}

/// A way to prove who one is before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SignInWay {
    /// The password: `PASSWORD` or `PASSWORD_SRP`, of which SRP is used where it is offered.
    Password,
    /// A code by e-mail (`EMAIL_OTP`).
    EmailCode,
    /// A code by text message (`SMS_OTP`).
    SmsCode,
    /// A passkey (`WEB_AUTHN`), which is bound to the pool's domain: it leads to the browser.
    Passkey,
}

/// Where a code comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// To [`Challenge::Code`] and [`Challenge::ConfirmAccount`].
    Code(OneTimeCode),
    /// To [`Challenge::ChooseWay`].
    Way(SignInWay),
    /// To [`Challenge::Password`], and to [`Challenge::ChooseWay`] when the password was typed before.
    Password(Password),
    /// To [`Challenge::ChooseSecondFactor`] and [`Challenge::ChooseSetUp`].
    SecondFactor(CodeMethod),
    /// To [`Challenge::SetUpAuthenticator`].
    Authenticator {
        /// What the app shows, which proves that it has the secret.
        code: OneTimeCode,
        /// What to call the app from now on.
        device: Option<String>,
    },
    /// To [`Challenge::SetUpEmail`]: the address.
    Email(String),
    /// To [`Challenge::Custom`].
    Custom(CustomAnswer),
    /// To [`Challenge::ResetPassword`].
    NewPasswordByCode {
        /// The code that was sent.
        code: OneTimeCode,
        /// The password to have from now on.
        password: Password,
    },
    /// To [`Challenge::Browser`]: the browser has come back. What it brought is with the pool client. A fault ends the
    /// sign-in.
    BackFromBrowser(Result<(), Fault>),
    /// To [`Challenge::Browser`]: the same address once more, or another one where that has lapsed.
    OpenAgain,
}

/// When the pool's `Session` for a challenge ends, and with it the chance to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Lapse {
    /// When, by the pool's clock.
    pub at: Timestamp,
    /// Whether that is known. Otherwise it is the earliest moment: no client can ask for `AuthSessionValidity`, and
    /// what Cognito allows least is three minutes.
    pub exact: bool,
}

/// What has to go back to the pool with the next answer. The machine keeps it and does not look inside, but for what
/// it shows.
#[derive(Clone, Debug)]
pub struct Continuation {
    /// Cognito's name of the challenge; of the operation that takes the answer, where it is no challenge of a sign-in
    /// (`ConfirmSignUp`, `ConfirmForgotPassword`).
    pub challenge_name: String,
    /// Cognito's newest `Session`, where it sent one.
    pub session: Option<ChallengeSession>,
    /// The pool's own name for the user (`USERNAME` or `USER_ID_FOR_SRP`), which later answers must carry.
    pub username: String,
    /// The name as it was typed.
    pub login: String,
    /// When the `Session` ends.
    pub lapses: Option<Lapse>,
    /// Cognito's own names of what can be chosen, where the challenge is a choice.
    pub offered: Vec<String>,
    /// The secret of the authenticator app that is being set up.
    pub secret: Option<AuthenticatorSecret>,
    /// Whether the sign-in proves the presence of somebody who is signed in already: it goes without the device that
    /// the pool remembers, so that a second factor is asked for, and makes none known.
    pub presence: bool,
    /// The sign-in through the browser that the pool client waits with. Whoever gives up the attempt says so
    /// ([`Pool::leave`](crate::Pool::leave)).
    pub browser: Option<u64>,
}

impl Continuation {
    /// What the code of an account goes back with: no challenge of a sign-in, and no `Session`.
    /// `operation` takes it.
    #[must_use]
    pub fn of_account(operation: &str, login: String) -> Self {
        Self {
            challenge_name: operation.to_owned(),
            session: None,
            username: login.clone(),
            login,
            lapses: None,
            offered: Vec::new(),
            secret: None,
            presence: false,
            browser: None,
        }
    }
}

/// The operation that takes the code of [`Challenge::ConfirmAccount`].
pub const CONFIRM_SIGN_UP: &str = "ConfirmSignUp";
/// The operation that takes the code and the password of [`Challenge::ResetPassword`].
pub const CONFIRM_FORGOT_PASSWORD: &str = "ConfirmForgotPassword";

/// What an attempt has achieved without becoming a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Done {
    /// The account may be used from now on.
    AccountConfirmed,
    /// The account has the new password.
    PasswordReset,
    /// The user who is signed in has proved to be there.
    PresenceProved,
}

/// Where an attempt stands after the pool has answered.
#[derive(Clone, Debug)]
pub enum Step {
    /// It wants to know more.
    Challenge(Challenge, Continuation),
    /// It is satisfied, and nobody is signed in yet.
    Achieved {
        /// What it has done.
        done: Done,
        /// What a sign-in can begin with instead of a first factor, where the pool gave it.
        session: Option<ChallengeSession>,
    },
    /// Somebody is signed in.
    Done(Box<Established>),
}
