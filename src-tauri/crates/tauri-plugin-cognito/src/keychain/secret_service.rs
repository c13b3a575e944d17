//! Whether the Secret Service lets anything be read or written, asked over D-Bus before `keyring` is.
//!
//! `keyring` unlocks what it finds as it goes, and creates no collection. This asks first, and brings up the
//! system's prompt only where that is wanted. By the Secret Service API 0.2 (freedesktop.org); nothing is assumed
//! about names of collections, only the alias `default` is used.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use session::{Prompt, VaultFault};
use zbus::blocking::{Connection, MessageIterator, connection};
use zbus::message::{self, Message};
use zbus::zvariant::{DynamicType, ObjectPath, OwnedObjectPath, OwnedValue, Type, Value};

use super::entries::Access;

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
const BUS: &str = "org.freedesktop.DBus";
const BUS_PATH: &str = "/org/freedesktop/DBus";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// How long the service may think about a question that needs nobody's answer. D-Bus may have to start it first.
const PATIENCE: Duration = Duration::from_secs(20);

/// The way to the entries of one app.
pub(super) struct Gate {
    service: String,
    /// Whether the user was already asked to create a keyring, and may not be asked again without wanting it.
    asked_to_create: bool,
}

impl Gate {
    pub(super) fn new(service: &str) -> Self {
        Self { service: service.to_owned(), asked_to_create: false }
    }

    /// As [`super::entries::Entries::open`].
    ///
    /// Everything is asked over a connection of its own: one that was kept would have to be told from one to a bus
    /// that is gone.
    pub(super) fn open(&mut self, access: Access) -> Result<(), VaultFault> {
        let secrets = Secrets::connect()?;
        let may_prompt = access == Access::Existing(Prompt::Allowed);
        let mut locked = Vec::new();
        match secrets.default_collection()? {
            Some(collection) if secrets.is_locked(&collection)? => locked.push(collection),
            // There is no keyring yet: nothing to be read, and for a write one has to be made. The first write of a
            // process without a keyring follows upon the user's signing in, so that the user is there to be asked.
            None if access == Access::New => {
                if self.asked_to_create {
                    return Err(VaultFault::Denied);
                }
                self.asked_to_create = true;
                secrets.create_default_collection()?;
            }
            None if access == Access::Optional => return Err(VaultFault::Absent),
            Some(_) | None => {}
        }
        // Entries can lie in another collection, if the default was another one when they were written.
        locked.extend(secrets.locked_items(&self.service)?);
        match locked.is_empty() {
            true => Ok(()),
            false if may_prompt => secrets.unlock(&locked),
            false => Err(VaultFault::Locked),
        }
    }
}

/// The Secret Service, over one connection.
struct Secrets {
    connection: Connection,
}

impl Secrets {
    fn connect() -> Result<Self, VaultFault> {
        let connection = || connection::Builder::session()?.method_timeout(PATIENCE).build();
        let connection = connection().map_err(|error| fault(&error))?;
        Ok(Self { connection })
    }

    fn call<B, R>(&self, path: &str, interface: &str, method: &str, body: &B) -> Result<R, VaultFault>
    where
        B: Serialize + DynamicType,
        R: DeserializeOwned + Type,
    {
        let connection = &self.connection;
        let answer = || -> zbus::Result<R> {
            let reply = connection.call_method(Some(NAME), path, Some(interface), method, body)?;
            reply.body().deserialize()
        };
        answer().map_err(|error| fault(&error))
    }

    /// The collection that new entries go to; `None` if there is none yet.
    fn default_collection(&self) -> Result<Option<OwnedObjectPath>, VaultFault> {
        let collection: OwnedObjectPath = self.call(PATH, SERVICE, "ReadAlias", &"default")?;
        Ok(is_something(&collection).then_some(collection))
    }

    fn is_locked(&self, collection: &ObjectPath<'_>) -> Result<bool, VaultFault> {
        let locked: OwnedValue =
            self.call(collection.as_str(), PROPERTIES, "Get", &(COLLECTION, "Locked"))?;
        bool::try_from(locked).map_err(|_| VaultFault::Denied)
    }

    /// The app's entries that cannot be read as they are, in any collection.
    fn locked_items(&self, service: &str) -> Result<Vec<OwnedObjectPath>, VaultFault> {
        let attributes = HashMap::from([("service", service)]);
        let (_unlocked, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
            self.call(PATH, SERVICE, "SearchItems", &(attributes,))?;
        Ok(locked)
    }

    /// Unlocks, asking the user if that is what it takes.
    fn unlock(&self, objects: &[OwnedObjectPath]) -> Result<(), VaultFault> {
        let (_unlocked, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.call(PATH, SERVICE, "Unlock", &(objects,))?;
        self.ask(&prompt)
    }

    /// Has the user make a keyring.
    fn create_default_collection(&self) -> Result<(), VaultFault> {
        tracing::info!("there is no keyring yet: the user is asked to make one");
        let label = "org.freedesktop.Secret.Collection.Label";
        let properties = HashMap::from([(label, Value::from("Login"))]);
        let (_collection, prompt): (OwnedObjectPath, OwnedObjectPath) =
            self.call(PATH, SERVICE, "CreateCollection", &(properties, "default"))?;
        self.ask(&prompt)
    }

    /// Brings up a prompt and waits for its end, however long the user takes.
    fn ask(&self, prompt: &ObjectPath<'_>) -> Result<(), VaultFault> {
        if !is_something(prompt) {
            return Ok(());
        }
        let completed = format!("type='signal',interface='{PROMPT}',member='Completed',path='{prompt}'");
        // A service that ends while it asks will never say that it has.
        let gone = format!("type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{NAME}'");
        let listen = || -> zbus::Result<MessageIterator> {
            let messages = MessageIterator::from(&self.connection);
            for rule in [completed, gone] {
                self.connection.call_method(Some(BUS), BUS_PATH, Some(BUS), "AddMatch", &rule)?;
            }
            Ok(messages)
        };
        let messages = listen().map_err(|error| fault(&error))?;
        // No window of ours to put it in front of: the empty id.
        self.call::<_, ()>(prompt.as_str(), PROMPT, "Prompt", &"")?;
        let mut outcomes = messages.map_while(Result::ok).filter_map(|message| outcome(&message, prompt));
        match outcomes.next() {
            Some(Outcome::Agreed) => Ok(()),
            Some(Outcome::Dismissed) => Err(VaultFault::Denied),
            Some(Outcome::Gone) | None => Err(VaultFault::Absent),
        }
    }
}

/// How a prompt ended.
enum Outcome {
    Agreed,
    Dismissed,
    Gone,
}

/// How the prompt ended, if this message says so.
fn outcome(message: &Message, prompt: &ObjectPath<'_>) -> Option<Outcome> {
    let header = message.header();
    if header.message_type() != message::Type::Signal {
        return None;
    }
    match header.member()?.as_str() {
        "Completed" if header.path() == Some(prompt) => {
            let (dismissed, _result): (bool, OwnedValue) = message.body().deserialize().ok()?;
            Some(if dismissed { Outcome::Dismissed } else { Outcome::Agreed })
        }
        "NameOwnerChanged" => {
            let (name, _before, after): (String, String, String) = message.body().deserialize().ok()?;
            (name == NAME && after.is_empty()).then_some(Outcome::Gone)
        }
        _ => None,
    }
}

/// `/` stands for no object (Secret Service API, "Types").
fn is_something(path: &ObjectPath<'_>) -> bool {
    path.as_str() != "/"
}

/// What an error on the way to the service, or of it, means.
fn fault(error: &zbus::Error) -> VaultFault {
    let fault = match error {
        zbus::Error::MethodError(name, ..) => named(name.as_str()),
        zbus::Error::InputOutput(error) if error.kind() == io::ErrorKind::TimedOut => VaultFault::Busy,
        zbus::Error::InputOutput(_)
        | zbus::Error::Connection(..)
        | zbus::Error::Address(_)
        | zbus::Error::Handshake(_) => VaultFault::Absent,
        _ => VaultFault::Denied,
    };
    tracing::debug!(?fault, %error, "asking the Secret Service");
    fault
}

/// The errors of the bus itself (D-Bus specification and `dbus-protocol.h`) and of the Secret Service API.
fn named(error: &str) -> VaultFault {
    match error.strip_prefix("org.freedesktop.DBus.Error.") {
        Some(
            "ServiceUnknown" | "NameHasNoOwner" | "Disconnected" | "NoServer" | "UnknownObject"
            | "UnknownMethod",
        )
        | Some("UnknownInterface") => VaultFault::Absent,
        Some(spawn) if spawn.starts_with("Spawn.") => VaultFault::Absent,
        Some("NoReply" | "Timeout" | "TimedOut") => VaultFault::Busy,
        Some(_) => VaultFault::Denied,
        None if error == "org.freedesktop.Secret.Error.IsLocked" => VaultFault::Locked,
        None => VaultFault::Denied,
    }
}
