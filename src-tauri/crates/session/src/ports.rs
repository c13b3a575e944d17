//! What the driver needs from the world: a pool to speak to, and a vault to keep a session in.

use std::future::Future;

use zeroize::Zeroizing;

use crate::challenge::{Answer, Beginning, Continuation, Step};
use crate::event::DeviceWish;
use crate::fault::{Fault, FaultCode};
use crate::secret::{AccessToken, RefreshToken};
use crate::tokens::{RenewalRequest, Renewed};

/// A user pool. Each call is one try: the machine owns every retry.
pub trait Pool: Send + Sync + 'static {
    /// Somebody is typing a name and a password: makes ready what needs neither. Sends nothing.
    fn prepare(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Begins an attempt.
    fn begin(&self, beginning: Beginning) -> impl Future<Output = Result<Step, Fault>> + Send;

    /// Answers a challenge. [`FaultCode::DeviceUnknown`] means that the same sign-in,
    /// begun again, will go without the device. [`FaultCode::ChallengeExpired`] for [`Answer::OpenAgain`] means that it
    /// has to be begun again.
    fn reply(
        &self,
        continuation: Continuation,
        answer: Answer,
    ) -> impl Future<Output = Result<Step, Fault>> + Send;

    /// Asks for new tokens with a refresh token.
    fn renew(&self, request: RenewalRequest) -> impl Future<Output = Result<Renewed, Fault>> + Send;

    /// Tells the pool to honour a refresh token, and the access tokens made from it, no more.
    fn revoke(&self, refresh: RefreshToken) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Ends every session of the user to whom this access token belongs, on every device.
    fn sign_out_everywhere(&self, access: AccessToken) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Tells the pool whether to remember a device.
    fn remember_device(&self, wish: DeviceWish) -> impl Future<Output = Result<(), Fault>> + Send;

    /// The attempt that this belongs to is given up: what is kept for its sign-in through the browser is forgotten.
    fn leave(&self, continuation: Continuation) {
        drop(continuation);
    }

    /// Somebody is signed in, or about to be, for the first time in this run: what an earlier run waited for is nothing any
    /// more. It has been said before any view says so.
    fn engaged(&self) {}

    /// Ends the session that the browser has of its own. Done when the browser has come back from that.
    fn sign_out_browser(&self) -> impl Future<Output = Result<(), Fault>> + Send {
        std::future::ready(Err(Fault::new(FaultCode::ManagedLoginMissing)))
    }
}

/// Why the vault could not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultFault {
    /// It is locked, and was not to be unlocked by this call.
    Locked,
    /// There is none: no service, no store.
    Absent,
    /// It is there and refused: the user dismissed the prompt, or policy forbids.
    Denied,
    /// What it holds cannot be read as what this program writes.
    Corrupt,
    /// What it holds was written by a newer version of this program, and is left alone.
    Newer,
    /// An earlier request is still waiting, most likely for the user at a system prompt.
    Busy,
}

/// What is to become of the notes of sessions that are signed out and still in the keychain.
#[derive(Clone, Debug, Default)]
pub struct MarkChange {
    /// Signed out, and still in the keychain for all that is known.
    pub add: Vec<RefreshToken>,
    /// In the keychain no more.
    pub remove: Vec<RefreshToken>,
}

/// Whether the system may ask the user to unlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Never: answer [`VaultFault::Locked`] instead.
    Never,
    /// The user has asked for it.
    Allowed,
}

/// The operating system's keychain, holding at most one encoded record for the configured pool and client, and beside
/// it the queue of what the pool has still to revoke.
///
/// The driver calls one method at a time and in the order the machine said. Any call may take as long as a
/// system prompt stays open; a late answer is still an answer.
pub trait Vault: Send + Sync + 'static {
    /// Reads the record that was used last; `None` only when the vault could be read and has none.
    fn load(
        &self,
        prompt: Prompt,
    ) -> impl Future<Output = Result<Option<Zeroizing<Vec<u8>>>, VaultFault>> + Send;

    /// Writes the record of the account `sub`, whole or not at all. Replaces what could not be read.
    fn save(
        &self,
        sub: String,
        record: Zeroizing<Vec<u8>>,
    ) -> impl Future<Output = Result<(), VaultFault>> + Send;

    /// Removes every record of the configured pool and client; not the queue.
    fn clear(&self) -> impl Future<Output = Result<(), VaultFault>> + Send;

    /// Reads the queue, without a prompt; `None` only when the vault could be read and has none.
    fn load_revocations(&self)
    -> impl Future<Output = Result<Option<Zeroizing<Vec<u8>>>, VaultFault>> + Send;

    /// Writes the queue, whole or not at all, or removes it.
    fn save_revocations(
        &self,
        queue: Option<Zeroizing<Vec<u8>>>,
    ) -> impl Future<Output = Result<(), VaultFault>> + Send;

    /// Notes outside the keychain that sessions which are still in it are signed out: it cannot be told itself. Nothing
    /// that is written there is a secret.
    fn mark(&self, change: MarkChange) -> impl Future<Output = Result<(), VaultFault>> + Send {
        drop(change);
        std::future::ready(Err(VaultFault::Absent))
    }

    /// Whether there is such a note of the session with this refresh token. A note that cannot be read is none.
    fn is_marked(&self, refresh: RefreshToken) -> impl Future<Output = bool> + Send {
        drop(refresh);
        std::future::ready(false)
    }
}
