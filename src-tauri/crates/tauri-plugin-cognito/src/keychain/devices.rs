//! The devices that pools remember this machine as: one entry for each pool and client, with one device for each user.
//!
//! Signing out leaves it alone, or nobody's machine would ever be known again.

use std::io;

use cognito::RememberedDevice;
use serde::{Deserialize, Serialize};
use session::VaultFault;
use zeroize::Zeroizing;

use super::seal::LINE;

/// All devices of one pool and client.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Devices {
    devices: Vec<Kept>,
}

/// The device of one user.
#[derive(Serialize, Deserialize)]
struct Kept {
    sub: String,
    /// What this user has signed in by, in lower case.
    names: Vec<String>,
    /// When it was kept, in milliseconds since the Unix epoch.
    kept: i64,
    key: String,
    group: String,
    password: Zeroizing<String>,
}

impl Devices {
    /// The device of whoever signs in by this name.
    pub(super) fn find(&self, login: &str) -> Option<RememberedDevice> {
        let login = login.to_lowercase();
        let kept = self.devices.iter().find(|it| it.names.contains(&login))?;
        Some(RememberedDevice::new(kept.key.clone(), kept.group.clone(), kept.password.clone()))
    }

    /// Keeps a device in place of the user's last one.
    pub(super) fn keep(&mut self, sub: &str, login: &str, device: &RememberedDevice, now: i64) {
        let login = login.to_lowercase();
        let mut names = vec![login.clone()];
        for other in &mut self.devices {
            if other.sub == sub {
                names.extend(other.names.drain(..).filter(|name| *name != login));
            } else {
                // The name belongs to somebody else now.
                other.names.retain(|name| *name != login);
            }
        }
        self.devices.retain(|other| other.sub != sub && !other.names.is_empty());
        self.devices.push(Kept {
            sub: sub.to_owned(),
            names,
            kept: now,
            key: device.key.clone(),
            group: device.group_key.clone(),
            password: Zeroizing::new(device.expose_password().to_owned()),
        });
    }

    /// Forgets the device with this key. Whether there was one.
    pub(super) fn forget(&mut self, key: &str) -> bool {
        let before = self.devices.len();
        self.devices.retain(|kept| kept.key != key);
        self.devices.len() != before
    }

    pub(super) fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// The content of the entry, of this many bytes at most with its line: whose device was kept the longest time ago
    /// makes room.
    ///
    /// # Errors
    /// None that strings and numbers can cause; the serialiser's signature has one.
    pub(super) fn encode(&mut self, limit: Option<usize>) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
        loop {
            let mut size = Counter(0);
            serde_json::to_writer(&mut size, self).map_err(|_| VaultFault::Corrupt)?;
            if limit.is_none_or(|limit| LINE + size.0 <= limit) || self.devices.is_empty() {
                // Of the right size from the start: growing would leave copies of the passwords behind.
                let mut whole = Zeroizing::new(Vec::with_capacity(size.0));
                serde_json::to_writer(&mut *whole, self).map_err(|_| VaultFault::Corrupt)?;
                return Ok(whole);
            }
            let oldest = self.devices.iter().map(|device| device.kept).min();
            let index = self.devices.iter().position(|device| Some(device.kept) == oldest);
            self.devices.remove(index.unwrap_or(0));
        }
    }

    /// Reads what [`Devices::encode`] wrote.
    ///
    /// # Errors
    /// [`VaultFault::Corrupt`].
    pub(super) fn decode(whole: &[u8]) -> Result<Self, VaultFault> {
        serde_json::from_slice(whole).map_err(|_| VaultFault::Corrupt)
    }
}

/// Counts what would be written.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(number: usize) -> RememberedDevice {
        // As long as Cognito's.
        let key = format!("eu-central-1_{number:08}-5a4d-4f3b-9d35-0f1e2d3c4b5a");
        RememberedDevice::new(key, "-8kPy3Wsx".to_owned(), Zeroizing::new(format!("{number:056}")))
    }

    fn key(devices: &Devices, login: &str) -> Option<String> {
        devices.find(login).map(|device| device.key)
    }

    #[test]
    fn a_user_has_one_device_and_is_found_by_every_name_typed() {
        let mut devices = Devices::default();
        devices.keep("sub-1", "Aiko", &device(1), 1);
        devices.keep("sub-2", "ben", &device(2), 2);
        devices.keep("sub-1", "aiko@example.com", &device(3), 3);
        assert_eq!(key(&devices, "AIKO"), Some(device(3).key));
        assert_eq!(key(&devices, "aiko@example.com"), Some(device(3).key));
        assert_eq!(key(&devices, "ben"), Some(device(2).key));
        assert_eq!(key(&devices, "nobody"), None);
        // An address that has passed to somebody else is no way to the first one's device.
        devices.keep("sub-2", "aiko@example.com", &device(4), 4);
        assert_eq!(key(&devices, "aiko@example.com"), Some(device(4).key));
        assert_eq!(key(&devices, "aiko"), Some(device(3).key));
        assert!(devices.forget(&device(4).key) && !devices.forget(&device(4).key));
        assert_eq!((key(&devices, "ben"), key(&devices, "aiko")), (None, Some(device(3).key)));
    }

    #[test]
    fn what_was_kept_comes_back_and_the_oldest_makes_room() {
        let mut devices = Devices::default();
        for number in 0..40 {
            devices.keep(&format!("sub-{number}"), &format!("user{number}"), &device(number), number as i64);
        }
        let whole = devices.encode(Some(2_560)).unwrap();
        assert!(LINE + whole.len() <= 2_560, "{}", whole.len());
        assert_eq!(whole.capacity(), whole.len());
        let read = Devices::decode(&whole).unwrap();
        assert!(read.devices.len() >= 8, "only {}", read.devices.len());
        assert_eq!(key(&read, "user0"), None);
        let newest = read.find("user39").unwrap();
        assert_eq!(
            (newest.key.as_str(), newest.group_key.as_str(), newest.expose_password()),
            (device(39).key.as_str(), "-8kPy3Wsx", device(39).expose_password())
        );
        let mut all = Devices::decode(&devices.encode(None).unwrap()).unwrap();
        assert_eq!(all.devices.len(), read.devices.len());
        assert!(Devices::decode(&all.encode(Some(10)).unwrap()).unwrap().is_empty());
        assert_eq!(Devices::decode(b"{").err(), Some(VaultFault::Corrupt));
    }
}
