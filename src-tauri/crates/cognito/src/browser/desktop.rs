//! What a sign-in through the browser needs of the desktop that it happens on.

use std::pin::Pin;

use session::{BrowserWay, Fault};
use zeroize::Zeroizing;

use super::loopback::{Loopback, Page};
use super::other::PasskeyTold;
use super::redirect::Redirect;
use super::settings::Redirects;

/// What comes of a question to a [`Desktop`], some time.
pub type Told<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The way by which the browser is expected back, out of those that there are.
#[derive(Debug)]
pub struct Rung {
    /// The address that the browser is given to come back to.
    pub redirect: Redirect,
    /// Who brings the answer from there.
    pub way: BrowserWay,
    /// The port of that address, which is listened at already; none where it is no port of this machine.
    pub loopback: Option<Loopback>,
}

/// The desktop: a browser, the ways back from it, and a keychain.
///
/// None of it may bring up a prompt of the keychain's, and none of it may log an address.
pub trait Desktop: std::fmt::Debug + Send + Sync + 'static {
    /// The first of these addresses that will work: its scheme leads to this program, or its port is free and listened
    /// at from now on. Where none will, one that a person can paste a link of.
    fn choose<'a>(&'a self, redirects: &'a Redirects) -> Told<'a, Rung>;

    /// Opens an address in the browser of the system.
    fn open<'a>(&'a self, address: &'a str) -> Told<'a, Result<(), String>>;

    /// The words of the page that ends a sign-in at a port of this machine, and with its language the app's.
    fn page(&self) -> Page;

    /// The browser has come back at a port of this machine: the session's machine is to be told, as of a link.
    fn returned(&self, result: Result<(), Fault>);

    /// The page that adds a passkey has come back there.
    fn passkey_told(&self, told: PasskeyTold);

    /// Keeps the sign-in that waits in the keychain, in place of the one that was kept there; none removes it. Says
    /// whether that is done.
    fn keep(&self, pending: Option<Zeroizing<Vec<u8>>>) -> Told<'_, bool>;

    /// The sign-in that is kept.
    fn kept(&self) -> Told<'_, Option<Zeroizing<Vec<u8>>>>;
}
