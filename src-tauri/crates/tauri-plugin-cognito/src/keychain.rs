//! The operating system's keychain as the [`Vault`] that sessions are kept in.
//!
//! | platform | where |
//! | --- | --- |
//! | Linux | the Secret Service (GNOME Keyring, KWallet, KeePassXC) over D-Bus, its default collection |
//! | macOS | the login keychain |
//! | Windows | Credential Manager, on this machine only (no roaming) |
//!
//! Never a file and never the kernel's keyring: a session is kept where the user's other secrets are, or the caller
//! is told why not. The tests run on Linux; the macOS and Windows parts follow the sources of the `keyring` stores
//! and of the platforms' documentation.
//!
//! # Layout
//! All entries carry the app identifier as their service. One, `accounts`, is the index; each account has a record,
//! [`records`] says under which names and in which order they are written. A client's secret, the devices that its
//! pool remembers and the revocations that its pool has still to hear of are entries of their own, which outlive
//! signing out; so is the sign-in that waits for the browser, if one does. A file beside the app's other data notes
//! what the keychain could not be told: [`marks`].

mod devices;
mod entries;
mod index;
mod marks;
mod native;
mod records;
mod seal;
#[cfg(target_os = "linux")]
mod secret_service;
mod worker;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cognito::{DeviceStore, RememberedDevice, SharedClientSecret, Stored};
use session::{ClientSecret, MarkChange, Prompt, RefreshToken, Vault, VaultFault};
use zeroize::Zeroizing;

use self::marks::Marks;
use self::native::NativeEntries;
use self::records::{Records, Scope};
use self::worker::Worker;

/// How long a call waits for the one before it until it answers [`VaultFault::Busy`].
const PATIENCE: Duration = Duration::from_secs(1);

/// How many bytes one entry of the keychain can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryLimit(Option<usize>);

impl EntryLimit {
    /// No limit that a session could reach.
    pub const NONE: Self = Self(None);

    /// Windows: `CRED_MAX_CREDENTIAL_BLOB_SIZE`, 5 × 512 bytes (Win32, `wincred.h`), less than one session.
    pub const WINDOWS: Self = Self(Some(5 * 512));

    /// What holds on the platform this was built for.
    #[must_use]
    pub const fn of_this_platform() -> Self {
        if cfg!(windows) { Self::WINDOWS } else { Self::NONE }
    }

    const fn bytes(self) -> Option<usize> {
        self.0
    }
}

/// The platform's keychain, holding the sessions of one app with one user pool client.
///
/// All calls are carried out in order by one thread of its own: the Windows Credential Manager does not order the
/// calls of several threads, and any of them can block for as long as the system asks the user something.
pub struct Keychain {
    worker: Worker<Records<NativeEntries>>,
    /// Where the client secret goes that is kept beside the sessions, once the keychain has been read.
    client_secret: Option<SharedClientSecret>,
    /// The keychain has been read, and does not hold it.
    secret_missing: Arc<AtomicBool>,
    /// Where it is noted that sessions are signed out which are still in here.
    marks: Option<Marks>,
}

impl Keychain {
    /// The keychain of the app `service`, for the sessions of the client `client_id` of the pool `issuer`.
    ///
    /// `service` is the app identifier. Give development builds another one: on macOS the system asks the user
    /// about every entry that a differently signed build has written.
    ///
    /// Nothing is read or opened yet.
    #[must_use]
    pub fn new(service: &str, issuer: &str, client_id: &str, limit: EntryLimit) -> Self {
        let scope = Scope { issuer: issuer.to_owned(), client_id: client_id.to_owned() };
        let records = Records::new(NativeEntries::new(service), scope, limit);
        Self {
            worker: Worker::start(records, PATIENCE),
            client_secret: None,
            secret_missing: Arc::default(),
            marks: None,
        }
    }

    /// The same keychain, which notes in this file what it cannot be told of signing out. Nothing in it is a secret.
    #[must_use]
    pub fn with_marks(self, file: PathBuf) -> Self {
        Self { marks: Some(Marks::new(file)), ..self }
    }

    /// The same keychain, which reads the app client's secret together with the session and makes it known to whoever
    /// shares `secret`. Until the keychain can be read, neither is known.
    #[must_use]
    pub fn with_client_secret(self, secret: SharedClientSecret) -> Self {
        Self { client_secret: Some(secret), ..self }
    }

    /// Whether the keychain has been read and does not hold the secret that it should.
    #[must_use]
    pub fn misses_client_secret(&self) -> bool {
        self.secret_missing.load(Ordering::Acquire)
    }

    /// Opens the keychain; the system asks the user to unlock it where that is needed.
    ///
    /// # Errors
    /// What the keychain answers.
    pub async fn unlock(&self) -> Result<(), VaultFault> {
        self.worker.run(Records::unlock).await
    }

    /// The app client's secret, if there is one that makes sense.
    ///
    /// # Errors
    /// What the keychain answers.
    pub async fn client_secret(&self) -> Result<Option<ClientSecret>, VaultFault> {
        self.worker.run(Records::client_secret).await
    }

    /// Keeps the app client's secret. Signing out does not remove it.
    ///
    /// # Errors
    /// What the keychain answers.
    pub async fn keep_client_secret(&self, secret: ClientSecret) -> Result<(), VaultFault> {
        self.worker.run(move |records| records.keep_client_secret(secret.expose().as_bytes())).await
    }

    /// Removes the app client's secret, if there is one.
    ///
    /// # Errors
    /// What the keychain answers.
    pub async fn forget_client_secret(&self) -> Result<(), VaultFault> {
        self.worker.run(Records::forget_client_secret).await
    }

    /// Keeps what a sign-in through the browser waits with, or removes it, so that a link which comes after a restart
    /// finds it. Asks the user nothing: a locked keychain keeps nothing, and none is made for it.
    ///
    /// # Errors
    /// What the keychain answers.
    pub async fn keep_pending(&self, pending: Option<Zeroizing<Vec<u8>>>) -> Result<(), VaultFault> {
        self.worker.run(move |records| records.keep_pending(pending.as_ref().map(|all| all.as_slice()))).await
    }

    /// What [`Keychain::keep_pending`] has kept, if it makes sense. Asks the user nothing either: any page can send a
    /// link, and must not bring up a prompt by it.
    ///
    /// # Errors
    /// What the keychain answers.
    pub async fn pending(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultFault> {
        self.worker.run(Records::pending).await
    }

    /// What this platform's keychain is called, for the log and for people.
    #[must_use]
    pub const fn describe() -> &'static str {
        native::NAME
    }
}

impl std::fmt::Debug for Keychain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keychain").finish_non_exhaustive()
    }
}

impl Vault for Keychain {
    async fn load(&self, prompt: Prompt) -> Result<Option<Zeroizing<Vec<u8>>>, VaultFault> {
        let shared = self.client_secret.clone().filter(|shared| shared.get().is_none());
        let missing = Arc::clone(&self.secret_missing);
        self.worker
            .run(move |records| {
                let record = records.load(prompt);
                // A session that makes no sense is replaced by signing in, and for that the secret is needed.
                let readable = matches!(record, Ok(_) | Err(VaultFault::Corrupt | VaultFault::Newer));
                if let Some(shared) = shared.filter(|_| readable) {
                    let secret = records.client_secret()?;
                    missing.store(secret.is_none(), Ordering::Release);
                    match secret {
                        Some(secret) => shared.set(secret),
                        None => tracing::warn!("the keychain does not hold the client secret it should"),
                    }
                }
                record
            })
            .await
    }

    async fn save(&self, sub: String, record: Zeroizing<Vec<u8>>) -> Result<(), VaultFault> {
        self.worker.run(move |records| records.save(&sub, &record)).await
    }

    async fn clear(&self) -> Result<(), VaultFault> {
        self.worker.run(Records::clear).await
    }

    async fn load_revocations(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultFault> {
        self.worker.run(Records::load_revocations).await
    }

    async fn save_revocations(&self, queue: Option<Zeroizing<Vec<u8>>>) -> Result<(), VaultFault> {
        self.worker
            .run(move |records| records.save_revocations(queue.as_ref().map(|queue| queue.as_slice())))
            .await
    }

    async fn mark(&self, change: MarkChange) -> Result<(), VaultFault> {
        // Not by the worker: what it waits for may be the keychain that does not answer.
        let marks = self.marks.clone().ok_or(VaultFault::Absent)?;
        let written = tokio::task::spawn_blocking(move || marks.change(&change)).await;
        written.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(|error| {
            tracing::warn!(%error, "the file of sign-outs that the keychain was not told of cannot be written");
            VaultFault::Denied
        })
    }

    async fn is_marked(&self, refresh: RefreshToken) -> bool {
        let Some(marks) = self.marks.clone() else {
            return false;
        };
        let read = tokio::task::spawn_blocking(move || marks.holds(&refresh)).await;
        read.unwrap_or_else(|error| Err(io::Error::other(error))).unwrap_or_else(|error| {
            tracing::warn!(%error, "the file of sign-outs that the keychain was not told of cannot be read");
            false
        })
    }
}

impl DeviceStore for Keychain {
    fn find<'a>(&'a self, login: &'a str) -> Stored<'a, Option<RememberedDevice>> {
        let login = login.to_owned();
        Box::pin(async move {
            let found = self.worker.run(move |records| records.device(&login)).await;
            found.unwrap_or_else(|fault| {
                tracing::debug!(?fault, "the keychain cannot tell whether a pool remembers this device");
                None
            })
        })
    }

    fn keep<'a>(&'a self, sub: &'a str, login: &'a str, device: RememberedDevice) -> Stored<'a, ()> {
        let (sub, login) = (sub.to_owned(), login.to_owned());
        Box::pin(async move {
            let kept = self.worker.run(move |records| records.keep_device(&sub, &login, &device)).await;
            if let Err(fault) = kept {
                tracing::warn!(?fault, "the device was not kept: the next sign-in is by a new one");
            }
        })
    }

    fn forget<'a>(&'a self, key: &'a str) -> Stored<'a, ()> {
        let key = key.to_owned();
        Box::pin(async move {
            if let Err(fault) = self.worker.run(move |records| records.forget_device(&key)).await {
                tracing::debug!(?fault, "the device was not forgotten");
            }
        })
    }
}
