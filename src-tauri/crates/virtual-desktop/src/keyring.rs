//! A real Secret Service: GNOME Keyring.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use crate::bus::Connection;
use crate::process::{DEADLINE, Running, quiet, wait_for};

const PASSWORD: &str = "password";
const SECRETS: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// GNOME Keyring's own way to unlock without its prompt, for its login program and its tests.
const INTERNAL: &str = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface";

/// A running Secret Service with one collection.
#[derive(Debug)]
pub struct Keyring {
    connection: Connection,
    daemon: Running,
}

impl Keyring {
    pub(crate) fn start(bus: &str, home: &Path, environment: &[(String, String)], unlocked: bool) -> Self {
        let mut command = quiet("gnome-keyring-daemon");
        command
            .args(["--foreground", "--components=secrets", if unlocked { "--unlock" } else { "--start" }])
            .arg(format!("--control-directory={}", home.join("run").display()))
            .envs(environment.iter().cloned())
            .stdin(Stdio::piped());
        let mut daemon = Running::start(&mut command, "gnome-keyring");
        if let Some(mut input) = daemon.0.stdin.take()
            && unlocked
        {
            input
                .write_all(PASSWORD.as_bytes())
                .unwrap_or_else(|error| panic!("gnome-keyring-daemon: {error}"));
        }
        let connection = Connection::open(Some(bus), DEADLINE);
        let keyring = Self { connection, daemon };
        keyring.wait_for_owner(true);
        keyring
    }

    /// Ends it and waits until nobody answers to its name.
    pub fn stop(mut self) {
        self.daemon.stop();
        self.wait_for_owner(false);
    }

    /// Locks the collection, as a desktop does when the user says so.
    pub fn lock(&self) {
        self.call(PATH, SERVICE, "Lock", &(vec![self.collection()],));
        assert!(self.is_locked(), "the keyring did not lock");
    }

    /// Unlocks the collection with its password, as another program's prompt does.
    pub fn unlock(&self) {
        let (_, session): (OwnedValue, OwnedObjectPath) = self
            .call(PATH, SERVICE, "OpenSession", &("plain", Value::from("")))
            .body()
            .deserialize()
            .unwrap_or_else(|error| panic!("OpenSession: {error}"));
        let password = (session, Vec::<u8>::new(), PASSWORD.as_bytes().to_vec(), "text/plain");
        self.call(PATH, INTERNAL, "UnlockWithMasterPassword", &(self.collection(), password));
        assert!(!self.is_locked(), "the keyring did not unlock");
    }

    /// Whether the collection is locked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        let locked = self.property(&self.collection(), "org.freedesktop.Secret.Collection", "Locked");
        bool::try_from(locked).unwrap_or_else(|error| panic!("Locked: {error}"))
    }

    /// The secrets of every entry whose `service` attribute is this, by their `username` attribute.
    #[must_use]
    pub fn entries(&self, service: &str) -> HashMap<String, Vec<u8>> {
        let (_, session): (OwnedValue, OwnedObjectPath) = self
            .call(PATH, SERVICE, "OpenSession", &("plain", Value::from("")))
            .body()
            .deserialize()
            .unwrap_or_else(|error| panic!("OpenSession: {error}"));
        let attributes = HashMap::from([("service", service)]);
        let (unlocked, _locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = self
            .call(PATH, SERVICE, "SearchItems", &(attributes,))
            .body()
            .deserialize()
            .unwrap_or_else(|error| panic!("SearchItems: {error}"));
        // One that is removed while this reads it is no entry any more.
        unlocked.iter().filter_map(|item| Some((self.name(item)?, self.secret(item, &session)?))).collect()
    }

    fn name(&self, item: &OwnedObjectPath) -> Option<String> {
        let reply = self.call_if_there(item.as_str(), PROPERTIES, "Get", &(ITEM, "Attributes"))?;
        let value: OwnedValue =
            reply.body().deserialize().unwrap_or_else(|error| panic!("Attributes: {error}"));
        let attributes = HashMap::<String, String>::try_from(value);
        let mut attributes = attributes.unwrap_or_else(|error| panic!("Attributes: {error}"));
        Some(attributes.remove("username").unwrap_or_default())
    }

    fn secret(&self, item: &OwnedObjectPath, session: &OwnedObjectPath) -> Option<Vec<u8>> {
        let reply = self.call_if_there(item.as_str(), ITEM, "GetSecret", &(session,))?;
        let ((_, _, secret, _),): ((OwnedObjectPath, Vec<u8>, Vec<u8>, String),) =
            reply.body().deserialize().unwrap_or_else(|error| panic!("GetSecret: {error}"));
        Some(secret)
    }

    fn collection(&self) -> OwnedObjectPath {
        let reply = self.call(PATH, SERVICE, "ReadAlias", &"default");
        reply.body().deserialize().unwrap_or_else(|error| panic!("ReadAlias: {error}"))
    }

    fn property(&self, path: &OwnedObjectPath, interface: &str, name: &str) -> OwnedValue {
        let reply = self.call(path.as_str(), PROPERTIES, "Get", &(interface, name));
        reply.body().deserialize().unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn call<B>(&self, path: &str, interface: &str, method: &str, body: &B) -> zbus::Message
    where
        B: zbus::export::serde::Serialize + zbus::zvariant::DynamicType,
    {
        self.call_if_there(path, interface, method, body)
            .unwrap_or_else(|| panic!("{interface}.{method}: there is no {path}"))
    }

    /// The answer; none where the object is not there.
    fn call_if_there<B>(&self, path: &str, interface: &str, method: &str, body: &B) -> Option<zbus::Message>
    where
        B: zbus::export::serde::Serialize + zbus::zvariant::DynamicType,
    {
        match self.connection.call_method(Some(SECRETS), path, Some(interface), method, body) {
            Ok(reply) => Some(reply),
            Err(zbus::Error::MethodError(name, ..))
                if [
                    "org.freedesktop.DBus.Error.UnknownMethod",
                    "org.freedesktop.Secret.Error.NoSuchObject",
                ]
                .contains(&name.as_str()) =>
            {
                None
            }
            Err(error) => panic!("{interface}.{method}: {error}"),
        }
    }

    fn wait_for_owner(&self, expected: bool) {
        let bus = "org.freedesktop.DBus";
        wait_for("the Secret Service to come or go", || {
            let reply = self
                .connection
                .call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), "NameHasOwner", &SECRETS)
                .unwrap_or_else(|error| panic!("the private bus: {error}"));
            (reply.body().deserialize::<bool>().ok() == Some(expected)).then_some(())
        });
    }
}
