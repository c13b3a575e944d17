//! Devices that a pool remembers: what they are known by, and where that is kept.

use std::pin::Pin;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use crate::srp::{Identity, SrpProblem, encoded_salt, password_verifier};

/// How many random bytes a device's password is made of, as in the clients that AWS publishes.
const PASSWORD_BYTES: usize = 40;
/// How many the salt of its verifier has, as there.
const SALT_BYTES: usize = 16;

/// What this machine is known to a pool by, for one of its users.
///
/// Clones share the password, which is wiped when the last of them goes.
#[derive(Clone)]
pub struct RememberedDevice {
    /// `DeviceKey`, which is no secret.
    pub key: String,
    /// `DeviceGroupKey`, which is none either.
    pub group_key: String,
    password: Arc<Zeroizing<String>>,
}

impl RememberedDevice {
    /// A device as it was kept.
    #[must_use]
    pub fn new(key: String, group_key: String, password: Zeroizing<String>) -> Self {
        Self { key, group_key, password: Arc::new(password) }
    }

    /// The password itself, for the one place that keeps it.
    #[must_use]
    pub fn expose_password(&self) -> &str {
        &self.password
    }

    /// Whose password is proven, and where.
    pub(crate) fn identity(&self) -> Identity<'_> {
        Identity { realm: &self.group_key, name: &self.key, password: &self.password }
    }
}

impl std::fmt::Debug for RememberedDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RememberedDevice(redacted)")
    }
}

/// A device that the pool has just named, with a password of its own and what the pool is told of it.
pub(crate) struct NewDevice {
    pub(crate) device: RememberedDevice,
    /// `DeviceSecretVerifierConfig.Salt`.
    pub(crate) salt: String,
    /// `DeviceSecretVerifierConfig.PasswordVerifier`.
    pub(crate) verifier: String,
}

impl NewDevice {
    /// Gives the device a password.
    ///
    /// # Errors
    /// [`SrpProblem::NoRandomness`].
    pub(crate) fn generate(key: String, group_key: String) -> Result<Self, SrpProblem> {
        let mut password = Zeroizing::new([0; PASSWORD_BYTES]);
        getrandom::fill(password.as_mut()).map_err(|_| SrpProblem::NoRandomness)?;
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|_| SrpProblem::NoRandomness)?;
        let salt: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
        let password = Zeroizing::new(BASE64.encode(password.as_ref()));
        let device = RememberedDevice::new(key, group_key, password);
        let verifier = password_verifier(device.identity(), &salt)?;
        Ok(Self { salt: encoded_salt(&salt)?, verifier, device })
    }
}

/// What comes of a question to a [`DeviceStore`], some time.
pub type Stored<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where devices are kept, for one pool and client. It outlives sessions.
///
/// Nothing here may ask the person for anything, and nothing fails: a device that cannot be read is one that is not
/// known, and the sign-in goes without it.
pub trait DeviceStore: std::fmt::Debug + Send + Sync + 'static {
    /// The device of the user who signs in by this name, as typed.
    fn find<'a>(&'a self, login: &'a str) -> Stored<'a, Option<RememberedDevice>>;

    /// Keeps the device of the user with this identifier, to be found by this name, as typed; in place of what was kept
    /// for that user.
    fn keep<'a>(&'a self, sub: &'a str, login: &'a str, device: RememberedDevice) -> Stored<'a, ()>;

    /// Forgets the device with this key.
    fn forget<'a>(&'a self, key: &'a str) -> Stored<'a, ()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_device_has_a_password_of_its_own_and_shows_none() {
        let fresh = || NewDevice::generate("key".to_owned(), "group".to_owned()).expect("random numbers");
        let (one, other) = (fresh(), fresh());
        assert_eq!(BASE64.decode(one.device.expose_password()).map(|bytes| bytes.len()), Ok(PASSWORD_BYTES));
        assert_ne!(one.device.expose_password(), other.device.expose_password());
        assert_ne!(one.verifier, other.verifier);
        let salt = BASE64.decode(&one.salt).expect("base64");
        assert!((SALT_BYTES..=SALT_BYTES + 1).contains(&salt.len()) && salt[0] & 0x80 == 0, "{salt:?}");
        assert!(!format!("{:?}", one.device).contains(one.device.expose_password()));
    }
}
