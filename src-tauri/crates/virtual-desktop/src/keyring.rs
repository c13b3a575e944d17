//! A real Secret Service: GNOME Keyring.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use crate::bus::Connection;
use crate::process::{DEADLINE, Running, quiet};

const PASSWORD: &str = "password";
const SECRETS: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
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
        keyring.connection.wait_for_owner(SECRETS, true);
        keyring
    }

    /// Ends it and waits until nobody answers to its name.
    pub fn stop(mut self) {
        self.daemon.stop();
        self.connection.wait_for_owner(SECRETS, false);
    }

    /// Locks the collection, as a desktop does when the user says so.
    pub fn lock(&self) {
        self.lock_collection(&self.collection());
        assert!(self.is_locked(), "the keyring did not lock");
    }

    /// Locks any collection.
    pub fn lock_collection(&self, collection: &OwnedObjectPath) {
        self.call(PATH, SERVICE, "Lock", &(vec![collection],));
    }

    /// Unlocks the collection with its password, as another program's prompt does.
    pub fn unlock(&self) {
        self.unlock_collection(&self.collection());
        assert!(!self.is_locked(), "the keyring did not unlock");
    }

    /// Unlocks any collection.
    pub fn unlock_collection(&self, collection: &OwnedObjectPath) {
        let session = self.session();
        let password = secret(&session, PASSWORD.as_bytes(), "text/plain");
        self.call(PATH, INTERNAL, "UnlockWithMasterPassword", &(collection, password));
    }

    /// Makes another collection and puts an entry with this `service` and `username` into it.
    pub fn put_elsewhere(&self, service: &str, username: &str, content: &[u8]) -> OwnedObjectPath {
        let session = self.session();
        let label = HashMap::from([("org.freedesktop.Secret.Collection.Label", Value::from("Elsewhere"))]);
        let password = secret(&session, PASSWORD.as_bytes(), "text/plain");
        let reply = self.call(PATH, INTERNAL, "CreateWithMasterPassword", &(label, password));
        let collection: OwnedObjectPath =
            reply.body().deserialize().unwrap_or_else(|error| panic!("CreateWithMasterPassword: {error}"));
        let attributes = HashMap::from([("service", service), ("username", username)]);
        let properties = HashMap::from([
            ("org.freedesktop.Secret.Item.Label", Value::from("elsewhere")),
            ("org.freedesktop.Secret.Item.Attributes", Value::from(attributes)),
        ]);
        let content = secret(&session, content, "application/octet-stream");
        self.call(collection.as_str(), COLLECTION, "CreateItem", &(properties, content, true));
        collection
    }

    /// Whether the collection is locked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        let locked = self.property(&self.collection(), COLLECTION, "Locked");
        bool::try_from(locked).unwrap_or_else(|error| panic!("Locked: {error}"))
    }

    /// The secrets of every entry whose `service` attribute is this, by their `username` attribute.
    #[must_use]
    pub fn entries(&self, service: &str) -> HashMap<String, Vec<u8>> {
        let session = self.session();
        let (unlocked, _locked) = self.items(service);
        // One that is removed while this reads it is no entry any more.
        unlocked.iter().filter_map(|item| Some((self.name(item)?, self.secret(item, &session)?))).collect()
    }

    /// The `username` attributes of the same entries, sorted; some may be there more than once.
    #[must_use]
    pub fn names(&self, service: &str) -> Vec<String> {
        let (unlocked, locked) = self.items(service);
        assert!(locked.is_empty(), "locked: {locked:?}");
        let mut names: Vec<_> = unlocked.iter().filter_map(|item| self.name(item)).collect();
        names.sort();
        names
    }

    /// Those that are unlocked, and those that are not.
    fn items(&self, service: &str) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        let attributes = HashMap::from([("service", service)]);
        let reply = self.call(PATH, SERVICE, "SearchItems", &(attributes,));
        reply.body().deserialize().unwrap_or_else(|error| panic!("SearchItems: {error}"))
    }

    fn session(&self) -> OwnedObjectPath {
        let reply = self.call(PATH, SERVICE, "OpenSession", &("plain", Value::from("")));
        let (_, session): (OwnedValue, OwnedObjectPath) =
            reply.body().deserialize().unwrap_or_else(|error| panic!("OpenSession: {error}"));
        session
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
}

/// A secret as the service takes it: of a session, without parameters, of a kind.
fn secret<'s>(
    session: &'s OwnedObjectPath,
    content: &[u8],
    kind: &'s str,
) -> (&'s OwnedObjectPath, Vec<u8>, Vec<u8>, &'s str) {
    (session, Vec::new(), content.to_vec(), kind)
}
