//! What a keychain can do with one entry at a time.

use session::{Prompt, VaultFault};
use zeroize::Zeroizing;

/// What a request is about to do, which decides what the user may be asked on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Read or remove what is there, and ask the user to unlock only if that is allowed.
    Existing(Prompt),
    /// Write what may be new. Never asks to unlock: a renewal in the background must not bring up a prompt.
    New,
    /// As [`Access::New`], where there is a keychain already: what can be done without makes nobody create one.
    Optional,
}

/// The entries of one app, by name.
pub(super) trait Entries: Send + 'static {
    /// Kept for as long as one request lasts.
    type Opened;

    /// Finds out whether the entries can be reached, unlocking them if `access` allows it, so that the calls below
    /// do not make the system ask the user.
    ///
    /// # Errors
    /// [`VaultFault::Locked`], [`VaultFault::Absent`], [`VaultFault::Denied`], or [`VaultFault::Busy`] if the
    /// keychain does not answer.
    fn open(&mut self, access: Access) -> Result<Self::Opened, VaultFault>;

    /// Everything that is kept under this name: usually nothing or one content, more only if the keychain itself
    /// has come to hold duplicates.
    ///
    /// # Errors
    /// As [`Entries::open`].
    fn read(&mut self, name: &str) -> Result<Vec<Zeroizing<Vec<u8>>>, VaultFault>;

    /// Writes an entry in one piece, in place of all that was kept under this name.
    ///
    /// # Errors
    /// As [`Entries::open`].
    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), VaultFault>;

    /// Removes all that is kept under this name; there being nothing is a success.
    ///
    /// # Errors
    /// As [`Entries::open`].
    fn delete(&mut self, name: &str) -> Result<(), VaultFault>;
}
