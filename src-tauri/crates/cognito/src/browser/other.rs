//! The managed login's other pages that a desktop has a use for: the one that signs the browser out, and the one that adds
//! a passkey. Nothing that comes back from them is secret, and nothing of it touches a sign-in.

use session::Fault;

use super::Browser;
use super::callback;
use super::redirect::Redirect;
use super::request::with_query;

/// What is said of the page that adds a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyTold {
    /// A passkey was added.
    Added,
    /// The browser is not signed in there, so that nobody was asked. A sign-in through the browser is what it takes.
    NotSignedIn,
    /// None was added, for another reason.
    NotAdded,
}

/// What the browser has come back from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OtherPage {
    /// It has signed out.
    SignedOut,
    /// The page that adds a passkey.
    Passkey(PasskeyTold),
}

impl Browser {
    /// The page that adds a passkey to the account that the browser is signed in with, and comes back to `back` (Amazon
    /// Cognito Developer Guide, "User-interactive managed login and classic hosted UI endpoints").
    ///
    /// # Errors
    /// What went wrong while the pool was asked where its managed login is.
    pub async fn add_passkey_address(&self, back: &Redirect) -> Result<String, Fault> {
        let mut page = self.endpoints().await?.authorization.clone();
        page.set_path("/passkeys/add");
        page.set_query(None);
        let parameters = [("client_id", self.pool.client_id()), ("redirect_uri", back.as_str())];
        Ok(std::mem::take(&mut *with_query(page.as_str(), &parameters)))
    }

    /// What a link says that comes from one of these pages, if it comes from one. `back` is a port of this machine that the
    /// browser was sent to sign out with.
    pub(crate) fn other_page(&self, link: &str, back: Option<&Redirect>) -> Option<OtherPage> {
        let signed_out = self.settings.signed_out.as_ref().into_iter().chain(back);
        let (address, result) =
            callback::result(link, signed_out.clone().chain(self.settings.redirects.iter()))?;
        // The values as they have been seen; Cognito's documentation does not tell them.
        match result.as_str() {
            "" => signed_out.into_iter().any(|known| known == address).then_some(OtherPage::SignedOut),
            "success" => Some(OtherPage::Passkey(PasskeyTold::Added)),
            "invalid_session" => Some(OtherPage::Passkey(PasskeyTold::NotSignedIn)),
            _ => Some(OtherPage::Passkey(PasskeyTold::NotAdded)),
        }
    }
}
