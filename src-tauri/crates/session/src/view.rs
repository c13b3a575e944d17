//! What the window is told: everything it needs to show, and no token.

use serde::{Deserialize, Serialize};

use crate::challenge::{Challenge, Done, Lapse};
use crate::fault::{Fault, FaultCode};
use crate::ports::VaultFault;
use crate::time::Timestamp;
use crate::tokens::{Origin, User};

/// Both machines at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Grows with every change; of two views the one with the larger revision is the newer.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub revision: u64,
    /// What to add to this machine's clock to get the pool's, in milliseconds. Every moment in a view is the pool's.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub clock_offset_ms: i64,
    /// The session.
    pub session: SessionView,
    /// The sign-in that is under way, if any.
    pub attempt: AttemptView,
    /// Until when the proof at hand is good that the user who is signed in is there; none while there is no proof.
    pub presence_until: Option<Timestamp>,
}

/// Why the keychain cannot tell whether somebody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum UnavailableCause {
    /// It is locked.
    Locked,
    /// There is no keychain service.
    Absent,
    /// It refused.
    Denied,
    /// The record in it cannot be read.
    Corrupt,
    /// The record in it is from a newer version of this program.
    Newer,
    /// It does not answer.
    Silent,
}

impl From<VaultFault> for UnavailableCause {
    fn from(fault: VaultFault) -> Self {
        match fault {
            VaultFault::Locked => Self::Locked,
            VaultFault::Absent => Self::Absent,
            VaultFault::Denied => Self::Denied,
            VaultFault::Corrupt => Self::Corrupt,
            VaultFault::Newer => Self::Newer,
            VaultFault::Busy => Self::Silent,
        }
    }
}

/// The session, for the window.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[expect(clippy::large_enum_variant, reason = "there is one, behind an `Arc`")]
pub enum SessionView {
    /// The keychain is being read.
    Restoring,
    /// The keychain cannot tell: nobody knows yet.
    Unavailable {
        /// Why.
        cause: UnavailableCause,
        /// Whether it is being asked again right now, maybe by a prompt of the system's.
        asking: bool,
    },
    /// Nobody is signed in.
    SignedOut {
        /// Why the last session ended, if there was one.
        ended: Option<Ended>,
        /// The name to offer in the sign-in form.
        login: Option<String>,
        /// Where a session that begins now will be kept.
        storage: Storage,
        /// Sign-outs that the pool has not been told of yet, apart from the one that `ended` speaks of.
        unfinished: Option<Unfinished>,
    },
    /// Somebody is signed in, also while offline.
    SignedIn {
        /// Who.
        user: User,
        /// Since when.
        since: Timestamp,
        /// When the tokens in use were issued.
        renewed_at: Timestamp,
        /// When they expire.
        expires_at: Timestamp,
        /// What is being done about that.
        renewal: RenewalView,
        /// Where the session is kept.
        storage: Storage,
        /// Where signing out everywhere stands, if the user has asked for that.
        everywhere: Option<EverywhereView>,
        /// What the pool holds of this device; none where it does not track devices.
        device: Option<DeviceView>,
        /// Where the session began.
        origin: Origin,
    },
}

/// Whether the pool remembers this device, so that a second factor may be asked for less often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DeviceView {
    /// The pool knows the device and wants the user's word before it remembers it.
    Asking,
    /// It does.
    Remembered,
    /// It does not.
    NotRemembered,
    /// The pool could not be told; the session goes on.
    Failed {
        /// Why.
        fault: Fault,
    },
}

/// Where signing out on every device stands. When the pool has done it, the session ends.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum EverywhereView {
    /// The pool is being asked.
    Running,
    /// The pool has not done it; the session goes on, here and elsewhere.
    Failed {
        /// Why.
        fault: Fault,
    },
}

/// Where a session is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Storage {
    /// In the keychain.
    Keychain,
    /// It should be in the keychain, but writing has not succeeded yet: quitting now would sign the user out.
    Unsaved,
    /// In memory, because the user chose to go on without a keychain.
    ThisRunOnly,
}

/// Where the renewal of the tokens stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RenewalView {
    /// Planned.
    Due {
        /// For when.
        at: Timestamp,
    },
    /// Under way.
    Running {
        /// The fault that the tries before this one ended with, if this is a repetition.
        after: Option<Fault>,
    },
    /// The last try failed; the session goes on.
    Retrying {
        /// When it is tried again.
        at: Timestamp,
        /// How many tries have failed in a row.
        tries: u32,
        /// What went wrong.
        fault: Fault,
    },
}

/// How the last session ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: EndCause,
}

/// Why a session ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum EndCause {
    /// The user signed out.
    ByUser {
        /// What that has ended, and what not yet.
        receipt: Receipt,
    },
    /// The pool ended it.
    ByPool {
        /// As what.
        fault: Fault,
    },
    /// The user has deleted the account.
    AccountDeleted {
        /// What the account was shown as.
        account: String,
        /// Whether the keychain entry is gone.
        keychain_cleared: bool,
    },
}

/// What a sign-out has really ended, what could not be reached, and what lives on until when.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Who was signed out: the name, else the e-mail address, else the user name.
    pub account: String,
    /// Whether on every device.
    pub everywhere: bool,
    /// What became of the refresh token at the pool.
    pub pool: PoolTold,
    /// Whether the keychain entry is gone.
    pub keychain_cleared: bool,
    /// When the session had begun; a refresh token that is not revoked lives on for as long from then as the pool says.
    pub since: Timestamp,
    /// Until when a service that checks an access token by itself still takes the last one.
    pub access_token_until: Timestamp,
    /// What became of the session that the browser has of its own; none where this one did not begin there.
    pub browser: Option<BrowserTold>,
    /// The identity providers that vouch for whoever signed in there: the browser may be signed in with them still.
    pub providers: Vec<String>,
}

/// What became of the browser's own session after signing out of one that began there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum BrowserTold {
    /// The browser has been sent to sign out there.
    Telling,
    /// It has come back from the page for that, which is all that is known: nothing proves where it comes from.
    Ended,
    /// It could not be sent, or did not come back: whoever uses that browser may still be signed in there.
    Failed {
        /// Why.
        code: FaultCode,
    },
}

/// Sign-outs, also of earlier runs, whose refresh tokens the pool has not revoked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Unfinished {
    /// How many.
    pub count: u32,
    /// Why the last try failed.
    pub code: Option<FaultCode>,
}

/// What became of the refresh token at the pool after signing out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PoolTold {
    /// The pool is being told.
    Telling,
    /// It is revoked.
    Revoked,
    /// The pool could not be told yet. It is tried again by itself.
    Waiting {
        /// Why.
        code: FaultCode,
        /// Whether that goes on after a restart, because the keychain holds the token for it.
        kept: bool,
    },
    /// The pool has refused for good; the token lives on there until its own end.
    Failed {
        /// Why.
        code: FaultCode,
    },
}

/// The sign-in that is under way, for the window.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AttemptView {
    /// None.
    Idle {
        /// What the last one failed with.
        fault: Option<Fault>,
        /// What the last one achieved all the same.
        done: Option<Done>,
    },
    /// The pool is thinking.
    Deciding {
        /// The challenge whose answer it is thinking about; none while it looks at what the attempt began with.
        challenge: Option<Challenge>,
        /// Whether the code is being sent again, or the browser opened again, instead of an answer being looked at.
        resending: bool,
        /// What the attempt began with.
        purpose: Purpose,
    },
    /// The pool wants to know more.
    Challenged {
        /// What.
        challenge: Challenge,
        /// What was wrong with the last answer, or with sending the code again.
        fault: Option<Fault>,
        /// How often the code has been sent again.
        resent: u32,
        /// When the pool stops to wait for the answer; none where it does not.
        lapses: Option<Lapse>,
        /// Whether there is a choice of ways before this to which `ChooseAgain` leads.
        can_go_back: bool,
        /// Until when another code had better not be asked for; none where none can be.
        resend_at: Option<Timestamp>,
        /// What the attempt began with.
        purpose: Purpose,
    },
}

/// What an attempt began with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Purpose {
    /// Signing in.
    #[default]
    SignIn,
    /// Making an account.
    SignUp,
    /// A password that was forgotten.
    ForgotPassword,
    /// A proof that the user who is signed in is there.
    ProvePresence,
}
