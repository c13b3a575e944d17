//! What the machines are told, and what they ask for. Both are values: nothing happens in here.

use crate::challenge::{Answer, Beginning, BrowserWish, Continuation, Credentials, NewAccount, Step};
use crate::fault::Fault;
use crate::ports::{MarkChange, Prompt, VaultFault};
use crate::queue::QueueChange;
use crate::record::{Record, Stored};
use crate::secret::{AccessToken, RefreshToken};
use crate::tokens::{RenewalRequest, Renewed};

/// Ties a result to the effect it is the result of. A result that nobody waits for any more changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Numbers effects.
#[derive(Debug, Default)]
pub(crate) struct Tickets(u64);

impl Tickets {
    /// A ticket that was never given out before.
    pub(crate) fn next(&mut self) -> Ticket {
        self.0 += 1;
        Ticket(self.0)
    }
}

/// What has happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The user wants to sign in. Abandons an attempt that is under way.
    SignIn(Credentials),
    /// The user wants to make an account. Abandons an attempt that is under way.
    SignUp(NewAccount),
    /// The user has forgotten the password of the account with this name. Abandons an attempt that is under way.
    ForgotPassword(String),
    /// The user wants to sign in through the browser. Abandons an attempt that is under way.
    SignInByBrowser(BrowserWish),
    /// A link has come for a sign-in through the browser that an earlier run had begun. Abandons an attempt that is under
    /// way.
    BackFromBrowser,
    /// The user who is signed in is to prove to be there. Abandons an attempt that is under way.
    ProvePresence,
    /// The proof has been used.
    PresenceSpent,
    /// The user answers the challenge on the screen.
    Answer(Answer),
    /// The user wants the code of the challenge on the screen sent once more.
    ResendCode,
    /// The user goes back to the choice of ways to sign in.
    ChooseAgain,
    /// The user gives up the attempt, or closes the notice that the last one left.
    Cancel,
    /// The user has decided whether the pool is to remember this device.
    RememberDevice(bool),
    /// The user signs out.
    SignOut,
    /// The user signs out here and everywhere else.
    SignOutEverywhere,
    /// The user wants whatever waits to be tried now; the system may show its unlock prompt.
    Retry,
    /// The user goes on without a keychain: a session then lasts for this run only.
    ProceedWithoutKeychain,
    /// A caller wants an access token and the one at hand is not good.
    TokenWanted,
    /// The pool did not honour this access token, although it has not expired.
    TokenRefused(AccessToken),
    /// The user's attributes have changed at the pool.
    UserChanged,
    /// The pool has deleted the account of the user who is signed in.
    AccountDeleted,
    /// The pool was asked to delete the account of the user who is signed in, and its answer was lost.
    AccountMayBeDeleted,
    /// The window got the focus, the network came up, or the machine woke: a good moment to try again.
    Wake,
    /// The result of [`Effect::Load`].
    Loaded(Ticket, Result<Option<Stored>, VaultFault>),
    /// The result of [`Effect::Save`].
    Saved(Ticket, Result<(), VaultFault>),
    /// The result of [`Effect::Clear`].
    Cleared(Ticket, Result<(), VaultFault>),
    /// The result of [`Effect::Queue`]: what waits in the keychain to be revoked.
    Queued(Ticket, Result<Vec<RefreshToken>, VaultFault>),
    /// The result of [`Effect::Begin`] or [`Effect::Reply`].
    Step(Ticket, Result<Step, Fault>),
    /// The result of [`Effect::Renew`].
    Renewed(Ticket, Result<Renewed, Fault>),
    /// The result of [`Effect::Revoke`].
    Revoked(Ticket, Result<(), Fault>),
    /// The result of [`Effect::SignOutEverywhere`].
    SignedOutEverywhere(Ticket, Result<(), Fault>),
    /// The result of [`Effect::RememberDevice`].
    DeviceRemembered(Ticket, Result<(), Fault>),
    /// The result of [`Effect::SignOutBrowser`].
    BrowserSignedOut(Ticket, Result<(), Fault>),
    /// The result of [`Effect::Mark`].
    Marked(Ticket, Result<(), VaultFault>),
    /// Time has passed.
    Tick,
}

impl Event {
    /// Whether it is for the attempt machine.
    pub(crate) const fn is_of_attempt(&self) -> bool {
        matches!(
            self,
            Self::SignIn(_)
                | Self::SignUp(_)
                | Self::ForgotPassword(_)
                | Self::SignInByBrowser(_)
                | Self::BackFromBrowser
                | Self::ProvePresence
                | Self::Answer(_)
                | Self::ResendCode
                | Self::ChooseAgain
                | Self::Cancel
                | Self::Step(..)
        )
    }

    /// Its name, for the log: an event's contents do not belong there.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SignIn(_) => "SignIn",
            Self::SignUp(_) => "SignUp",
            Self::ForgotPassword(_) => "ForgotPassword",
            Self::SignInByBrowser(_) => "SignInByBrowser",
            Self::BackFromBrowser => "BackFromBrowser",
            Self::ProvePresence => "ProvePresence",
            Self::PresenceSpent => "PresenceSpent",
            Self::Answer(_) => "Answer",
            Self::ResendCode => "ResendCode",
            Self::ChooseAgain => "ChooseAgain",
            Self::Cancel => "Cancel",
            Self::RememberDevice(_) => "RememberDevice",
            Self::SignOut => "SignOut",
            Self::SignOutEverywhere => "SignOutEverywhere",
            Self::Retry => "Retry",
            Self::ProceedWithoutKeychain => "ProceedWithoutKeychain",
            Self::TokenWanted => "TokenWanted",
            Self::TokenRefused(_) => "TokenRefused",
            Self::UserChanged => "UserChanged",
            Self::AccountDeleted => "AccountDeleted",
            Self::AccountMayBeDeleted => "AccountMayBeDeleted",
            Self::Wake => "Wake",
            Self::Loaded(..) => "Loaded",
            Self::Saved(..) => "Saved",
            Self::Cleared(..) => "Cleared",
            Self::Queued(..) => "Queued",
            Self::Step(..) => "Step",
            Self::Renewed(..) => "Renewed",
            Self::Revoked(..) => "Revoked",
            Self::SignedOutEverywhere(..) => "SignedOutEverywhere",
            Self::DeviceRemembered(..) => "DeviceRemembered",
            Self::BrowserSignedOut(..) => "BrowserSignedOut",
            Self::Marked(..) => "Marked",
            Self::Tick => "Tick",
        }
    }
}

/// What is to be done. Each that has a ticket answers with the event of the same one.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Read the keychain.
    Load(Ticket, Prompt),
    /// Write the keychain.
    Save(Ticket, Box<Record>),
    /// Empty the keychain.
    Clear(Ticket),
    /// Change and read the keychain's queue of revocations.
    Queue(Ticket, QueueChange),
    /// Begin an attempt.
    Begin(Ticket, Beginning),
    /// Answer a challenge.
    Reply(Ticket, Continuation, Answer),
    /// Ask for new tokens.
    Renew(Ticket, RenewalRequest),
    /// Have a refresh token made worthless.
    Revoke(Ticket, RefreshToken),
    /// Have every session of the user ended, on every device.
    SignOutEverywhere(Ticket, AccessToken),
    /// Tell the pool whether to remember this device.
    RememberDevice(Ticket, DeviceWish),
    /// Forget the sign-in through the browser that this belongs to: nobody wants it any more.
    Leave(Continuation),
    /// Have the browser's own session ended.
    SignOutBrowser(Ticket),
    /// Note outside the keychain which of the sessions in it are signed out, or that they are in it no more.
    Mark(Ticket, MarkChange),
}

/// What the pool is to be told about a device.
#[derive(Clone, Debug)]
pub struct DeviceWish {
    /// Whose device it is.
    pub access: AccessToken,
    /// Which.
    pub device_key: String,
    /// Whether it is to be remembered.
    pub remember: bool,
}

impl Effect {
    /// Its name, for the log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Load(..) => "Load",
            Self::Save(..) => "Save",
            Self::Clear(_) => "Clear",
            Self::Queue(..) => "Queue",
            Self::Begin(..) => "Begin",
            Self::Reply(..) => "Reply",
            Self::Renew(..) => "Renew",
            Self::Revoke(..) => "Revoke",
            Self::SignOutEverywhere(..) => "SignOutEverywhere",
            Self::RememberDevice(..) => "RememberDevice",
            Self::Leave(_) => "Leave",
            Self::SignOutBrowser(_) => "SignOutBrowser",
            Self::Mark(..) => "Mark",
        }
    }
}
