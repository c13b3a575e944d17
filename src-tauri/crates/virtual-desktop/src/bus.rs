//! Blocking D-Bus from tests that are async: zbus waits on a runtime of its own, which a thread that drives another
//! one has to be let out of first.

use std::time::Duration;

use tokio::task::block_in_place;
use zbus::blocking::connection::Builder;
use zbus::export::serde::Serialize;
use zbus::zvariant::{DynamicType, ObjectPath};
use zbus::{Message, blocking};

use crate::process::wait_for;

/// A connection to a bus, for threads outside of a runtime and for those of one with several threads.
#[derive(Debug)]
pub struct Connection(blocking::Connection);

impl Connection {
    /// Connects to the bus at this address, or to the process's own. No call lasts longer than `patience`.
    ///
    /// # Panics
    /// Where there is no such bus.
    #[must_use]
    pub fn open(address: Option<&str>, patience: Duration) -> Self {
        let connection = block_in_place(|| {
            let builder = address.map_or_else(Builder::session, Builder::address)?;
            builder.method_timeout(patience).build()
        });
        Self(connection.unwrap_or_else(|error| panic!("the private bus: {error}")))
    }

    /// Calls a method and waits for the answer.
    ///
    /// # Errors
    /// The bus's own, and those of whom is called.
    pub fn call_method<'p, P>(
        &self,
        destination: Option<&str>,
        path: P,
        interface: Option<&str>,
        method: &str,
        body: &(impl Serialize + DynamicType),
    ) -> zbus::Result<Message>
    where
        P: TryInto<ObjectPath<'p>>,
        P::Error: Into<zbus::Error>,
    {
        block_in_place(|| self.0.call_method(destination, path, interface, method, body))
    }

    /// Waits until a name has an owner, or none any more.
    pub(crate) fn wait_for_owner(&self, name: &str, expected: bool) {
        let bus = "org.freedesktop.DBus";
        wait_for(&format!("{name} to {}", if expected { "come" } else { "go" }), || {
            let reply =
                self.call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), "NameHasOwner", &name);
            let reply = reply.unwrap_or_else(|error| panic!("the private bus: {error}"));
            (reply.body().deserialize::<bool>().ok() == Some(expected)).then_some(())
        });
    }

    /// What comes from now on.
    #[must_use]
    pub fn messages(&self) -> Messages {
        Messages(Some(block_in_place(|| (&self.0).into())))
    }
}

/// Every message of a connection.
#[derive(Debug)]
pub struct Messages(Option<blocking::MessageIterator>);

impl Iterator for Messages {
    type Item = zbus::Result<Message>;

    fn next(&mut self) -> Option<Self::Item> {
        block_in_place(|| self.0.as_mut()?.next())
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        // It takes its rules back from the bus, and waits for that.
        block_in_place(|| drop(self.0.take()));
    }
}
