//! The platform's keychain through `keyring`.

use keyring_core::{Entry, Error};
use session::VaultFault;
use zeroize::Zeroizing;

use super::entries::{Access, Entries};

#[cfg(target_os = "linux")]
pub(super) const NAME: &str = "Secret Service";
#[cfg(target_os = "macos")]
pub(super) const NAME: &str = "macOS Keychain";
#[cfg(windows)]
pub(super) const NAME: &str = "Windows Credential Manager";

/// The entries of one app in the platform's keychain.
pub(super) struct NativeEntries {
    service: String,
    #[cfg(target_os = "linux")]
    gate: super::secret_service::Gate,
}

impl NativeEntries {
    /// The entries under this service name. Nothing is opened yet.
    pub(super) fn new(service: &str) -> Self {
        Self {
            service: service.to_owned(),
            #[cfg(target_os = "linux")]
            gate: super::secret_service::Gate::new(service),
        }
    }

    /// Calls the keychain about one entry; once more over a new connection if the present one has become useless,
    /// as it has when the keychain's process was started anew.
    fn call<T>(
        &self,
        name: &str,
        work: impl Fn(&Entry) -> keyring_core::Result<T>,
    ) -> keyring_core::Result<T> {
        match self.entry(name).and_then(|entry| work(&entry)) {
            Err(Error::PlatformFailure(failure)) if reconnect() => {
                tracing::debug!(%failure, "connected to the keychain anew");
                self.entry(name).and_then(|entry| work(&entry))
            }
            result => result,
        }
    }

    fn entry(&self, name: &str) -> keyring_core::Result<Entry> {
        // `keyring` looks for the platform's store once per process and keeps to the answer: it is asked first, and
        // when it found none, a store that came up since is put in its place.
        if keyring::Entry::store_status().is_err() && keyring_core::get_default_store().is_none() {
            reconnect();
        }
        Entry::new_with_modifiers(&self.service, name, &modifiers())
    }
}

/// What the platform's store is to be told about each entry.
fn modifiers() -> std::collections::HashMap<&'static str, &'static str> {
    // The default, `Enterprise`, roams with the user's profile, and a session belongs to one machine
    // (Win32, CREDENTIALW, Persist).
    if cfg!(windows) { [("persistence", "Local")].into() } else { [].into() }
}

/// Makes a new connection to the platform's store the one that is used from now on; whether it did.
#[cfg(target_os = "linux")]
fn reconnect() -> bool {
    match zbus_secret_service_keyring_store::Store::new() {
        Ok(store) => {
            keyring_core::set_default_store(store);
            true
        }
        Err(error) => {
            tracing::debug!(%error, "the Secret Service cannot be connected to");
            false
        }
    }
}

/// The stores of the other platforms hold no connection.
#[cfg(not(target_os = "linux"))]
fn reconnect() -> bool {
    false
}

impl Entries for NativeEntries {
    #[cfg(not(target_os = "macos"))]
    type Opened = ();
    #[cfg(target_os = "macos")]
    type Opened = Option<security_framework::os::macos::keychain::KeychainUserInteractionLock>;

    #[cfg(target_os = "linux")]
    fn open(&mut self, access: Access) -> Result<(), VaultFault> {
        self.gate.open(access)
    }

    /// Without leave to prompt, a locked keychain answers `errSecInteractionNotAllowed` instead of asking the user
    /// (Keychain Services, `SecKeychainSetUserInteractionAllowed`).
    #[cfg(target_os = "macos")]
    fn open(&mut self, access: Access) -> Result<Self::Opened, VaultFault> {
        use security_framework::os::macos::keychain::SecKeychain;

        if access == Access::Existing(session::Prompt::Allowed) {
            return Ok(None);
        }
        SecKeychain::disable_user_interaction().map(Some).map_err(|error| {
            tracing::warn!(%error, "the keychain cannot be kept from prompting");
            VaultFault::Denied
        })
    }

    /// Credential Manager is open for as long as the user is logged on.
    #[cfg(windows)]
    fn open(&mut self, _access: Access) -> Result<(), VaultFault> {
        Ok(())
    }

    fn read(&mut self, name: &str) -> Result<Vec<Zeroizing<Vec<u8>>>, VaultFault> {
        match self.call(name, Entry::get_secret) {
            Ok(content) => Ok(vec![Zeroizing::new(content)]),
            Err(Error::NoEntry) => Ok(Vec::new()),
            Err(Error::Ambiguous(copies)) => copies
                .iter()
                .map(|copy| copy.get_secret().map(Zeroizing::new).map_err(|error| fault(&error)))
                .collect(),
            Err(error) => Err(fault(&error)),
        }
    }

    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), VaultFault> {
        match self.call(name, |entry| entry.set_secret(content)) {
            Ok(()) => Ok(()),
            Err(Error::Ambiguous(copies)) => {
                let mut copies = copies.iter();
                let first = copies.next().ok_or(VaultFault::Denied)?;
                first.set_secret(content).map_err(|error| fault(&error))?;
                tracing::info!(superfluous = copies.len(), "the keychain held an entry more than once");
                copies.try_for_each(remove)
            }
            Err(error) => Err(fault(&error)),
        }
    }

    fn delete(&mut self, name: &str) -> Result<(), VaultFault> {
        match self.call(name, Entry::delete_credential) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(Error::Ambiguous(copies)) => copies.iter().try_for_each(remove),
            Err(error) => Err(fault(&error)),
        }
    }
}

fn remove(copy: &Entry) -> Result<(), VaultFault> {
    match copy.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(fault(&error)),
    }
}

/// What an error of the store means. Only the platform's own words are logged: other errors can carry contents.
fn fault(error: &Error) -> VaultFault {
    let (fault, reason) = match error {
        Error::NoStorageAccess(reason) => (no_access(reason.as_ref()), Some(reason)),
        Error::PlatformFailure(reason) => (platform_failure(reason.as_ref()), Some(reason)),
        Error::NoDefaultStore => (VaultFault::Absent, None),
        Error::BadDataFormat(..) | Error::BadEncoding(_) | Error::BadStoreFormat(_) => {
            (VaultFault::Corrupt, None)
        }
        _ => (VaultFault::Denied, None),
    };
    match reason {
        Some(reason) => tracing::warn!(?fault, %reason, "the keychain failed"),
        None => tracing::warn!(?fault, "the keychain failed"),
    }
    fault
}

type Reason = dyn std::error::Error + Send + Sync;

/// It was open a moment ago: it has been locked meanwhile.
#[cfg(target_os = "linux")]
fn no_access(_reason: &Reason) -> VaultFault {
    VaultFault::Locked
}

/// There is no such keychain, or it is read-only.
#[cfg(target_os = "macos")]
fn no_access(reason: &Reason) -> VaultFault {
    /// `errSecNotAvailable`, `errSecNoSuchKeychain`, `errSecInvalidKeychain` (Security framework, `SecBase.h`).
    const ABSENT: [i32; 3] = [-25291, -25294, -25295];
    match status(reason) {
        Some(status) if ABSENT.contains(&status) => VaultFault::Absent,
        _ => VaultFault::Denied,
    }
}

/// `ERROR_NO_SUCH_LOGON_SESSION`: this logon has no credential set, as with some services and network logons
/// (Win32, `CredReadW`).
#[cfg(windows)]
fn no_access(_reason: &Reason) -> VaultFault {
    VaultFault::Absent
}

#[cfg(not(target_os = "macos"))]
fn platform_failure(_reason: &Reason) -> VaultFault {
    VaultFault::Denied
}

#[cfg(target_os = "macos")]
fn platform_failure(reason: &Reason) -> VaultFault {
    /// `errSecInteractionNotAllowed` (Security framework, `SecBase.h`).
    const LOCKED: i32 = -25308;
    if status(reason) == Some(LOCKED) { VaultFault::Locked } else { VaultFault::Denied }
}

/// The `OSStatus` behind an error.
#[cfg(target_os = "macos")]
fn status(reason: &Reason) -> Option<i32> {
    reason.downcast_ref::<security_framework::base::Error>().map(|error| error.code())
}
