//! What the rest of the program holds of the driver.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::{mpsc, oneshot, watch};

use crate::challenge::{Answer, BrowserWish, Credentials, NewAccount};
use crate::event::Event;
use crate::fault::Fault;
use crate::secret::{AccessToken, AuthenticatorSecret};
use crate::time::{Clock, Timestamp};
use crate::view::View;

/// Why there is no access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// Nobody is signed in.
    SignedOut,
    /// The keychain cannot tell whether somebody is signed in.
    Unavailable,
    /// Somebody is signed in, the last token has expired and this is what renewing it failed with. It goes on
    /// being tried; asking again later is worth it.
    Renewal(Fault),
    /// The driver has been shut down.
    Stopped,
}

impl std::fmt::Display for TokenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SignedOut => f.write_str("nobody is signed in"),
            Self::Unavailable => f.write_str("the keychain cannot tell whether somebody is signed in"),
            Self::Renewal(fault) => write!(f, "the token could not be renewed: {fault}"),
            Self::Stopped => f.write_str("the session has been shut down"),
        }
    }
}

impl std::error::Error for TokenError {}

/// What the driver is asked from outside.
#[derive(Debug)]
pub(crate) enum Command {
    Tell(Box<Event>),
    Token(oneshot::Sender<Result<AccessToken, TokenError>>),
    AuthenticatorSecret(oneshot::Sender<Option<AuthenticatorSecret>>),
    PresenceProved(oneshot::Sender<bool>),
    Prepare,
    Shutdown(oneshot::Sender<()>),
}

/// A token that may be handed out without asking the driver.
#[derive(Clone, Debug)]
pub(crate) struct Cached {
    pub(crate) token: AccessToken,
    pub(crate) good_until: Timestamp,
}

/// The one token that is good now, for any number of threads to read.
#[derive(Debug, Default)]
pub(crate) struct TokenCache(RwLock<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    cached: Option<Cached>,
    /// The token that was refused last. The driver may not have heard of that yet.
    refused: Option<AccessToken>,
}

impl TokenCache {
    pub(crate) fn set(&self, cached: Option<Cached>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).cached = cached;
    }

    fn refuse(&self, token: AccessToken) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).refused = Some(token);
    }

    fn get(&self, now: Timestamp) -> Option<AccessToken> {
        let shelf = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let good = shelf.cached.as_ref().filter(|cached| now < cached.good_until)?;
        let refused = shelf.refused.as_ref().is_some_and(|it| it.expose() == good.token.expose());
        (!refused).then(|| good.token.clone())
    }
}

/// The way to the driver. Clones reach the same one; it stops when it is shut down or the last clone is dropped.
#[derive(Clone)]
pub struct Handle {
    pub(crate) commands: mpsc::UnboundedSender<Command>,
    pub(crate) views: watch::Receiver<Arc<View>>,
    pub(crate) cache: Arc<TokenCache>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl Handle {
    /// The newest view.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.views.borrow())
    }

    /// A receiver that sees every newest view. Views in between may be skipped; revisions only grow.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<View>> {
        self.views.clone()
    }

    /// Says that somebody is typing a name and a password, so that what needs neither is ready when they are done.
    /// Sends nothing to the pool.
    pub fn prepare(&self) {
        if self.commands.send(Command::Prepare).is_err() {
            tracing::debug!("nothing to prepare: the driver has stopped");
        }
    }

    /// Begins to sign in, and abandons an attempt that is under way.
    pub fn sign_in(&self, credentials: Credentials) {
        self.tell(Event::SignIn(credentials));
    }

    /// Begins to make an account, and abandons an attempt that is under way. When the account is confirmed, the sign-in
    /// follows by itself where there is something to begin it with.
    pub fn sign_up(&self, account: NewAccount) {
        self.tell(Event::SignUp(account));
    }

    /// Begins to replace the password of the account with this name, as typed, and abandons an attempt that is under
    /// way. The sign-in follows by itself.
    pub fn forgot_password(&self, username: String) {
        self.tell(Event::ForgotPassword(username));
    }

    /// Begins to sign in through the browser, and abandons an attempt that is under way.
    pub fn sign_in_by_browser(&self, wish: BrowserWish) {
        self.tell(Event::SignInByBrowser(wish));
    }

    /// Says that a link has come for a sign-in through the browser that an earlier run had begun: goes on with it, and
    /// abandons an attempt that is under way. For one that this run waits for, see [`Answer::BackFromBrowser`].
    pub fn back_from_browser(&self) {
        self.tell(Event::BackFromBrowser);
    }

    /// Answers the challenge that the view shows.
    pub fn answer(&self, answer: Answer) {
        self.tell(Event::Answer(answer));
    }

    /// Has the code of the challenge that the view shows sent once more, where it is one that is sent.
    pub fn resend_code(&self) {
        self.tell(Event::ResendCode);
    }

    /// Goes back to the choice of ways to sign in, where the view says that there is one.
    pub fn choose_again(&self) {
        self.tell(Event::ChooseAgain);
    }

    /// The secret of the authenticator app whose set-up the view shows, for the one place that draws it; none
    /// otherwise.
    pub async fn authenticator_secret(&self) -> Option<AuthenticatorSecret> {
        let (sender, receiver) = oneshot::channel();
        self.commands.send(Command::AuthenticatorSecret(sender)).ok()?;
        receiver.await.ok().flatten()
    }

    /// Has the user who is signed in prove to be there, by an attempt that is a fresh sign-in and leaves the session
    /// as it is. Abandons an attempt that is under way; does nothing while nobody is signed in.
    pub fn prove_presence(&self) {
        self.tell(Event::ProvePresence);
    }

    /// Whether there is such a proof that is good now.
    pub async fn presence_proved(&self) -> bool {
        let (sender, receiver) = oneshot::channel();
        if self.commands.send(Command::PresenceProved(sender)).is_err() {
            return false;
        }
        receiver.await.unwrap_or(false)
    }

    /// Says that the proof has been used. The next one has to be given anew.
    pub fn spend_presence(&self) {
        self.tell(Event::PresenceSpent);
    }

    /// Says whether the pool is to remember this device, where it tracks devices.
    pub fn remember_device(&self, remember: bool) {
        self.tell(Event::RememberDevice(remember));
    }

    /// Gives up the attempt, or closes the notice that the last one left, or the one that signing out everywhere
    /// left.
    pub fn cancel(&self) {
        self.tell(Event::Cancel);
    }

    /// Signs out. The view says so at once; what becomes of the keychain entry and of the refresh token at the
    /// pool follows in later views. After the pool has ended the session, closes the notice that says so.
    pub fn sign_out(&self) {
        self.tell(Event::SignOut);
    }

    /// Signs out here and on every other device. The session goes on until the pool has done it; the view says
    /// where that stands.
    pub fn sign_out_everywhere(&self) {
        self.tell(Event::SignOutEverywhere);
    }

    /// Tries what waits now: the keychain, with the system's prompt if it must be, or the renewal.
    pub fn retry(&self) {
        self.tell(Event::Retry);
    }

    /// Goes on without a keychain that cannot tell; sessions then last for this run only.
    pub fn proceed_without_keychain(&self) {
        self.tell(Event::ProceedWithoutKeychain);
    }

    /// Says that now is a good moment: the window got the focus, the network came up, the machine woke.
    pub fn wake(&self) {
        self.tell(Event::Wake);
    }

    /// An access token that has not expired, from memory if possible. Otherwise waits for the one renewal that
    /// is under way, or causes it.
    ///
    /// The token is good for at least five seconds more, or a tenth of its life if that is less.
    ///
    /// # Errors
    /// See [`TokenError`]. While the keychain is being read it waits instead.
    pub async fn access_token(&self) -> Result<AccessToken, TokenError> {
        if let Some(token) = self.cache.get(self.clock.now()) {
            return Ok(token);
        }
        let (sender, receiver) = oneshot::channel();
        self.commands.send(Command::Token(sender)).map_err(|_| TokenError::Stopped)?;
        receiver.await.unwrap_or(Err(TokenError::Stopped))
    }

    /// Says that the pool did not honour this access token although it has not expired. If it is the one in use, it is
    /// renewed at once, and only once; what the pool then answers decides whether the session is over. Whoever asks for
    /// a token after this gets another one.
    pub fn token_refused(&self, token: AccessToken) {
        self.cache.refuse(token.clone());
        self.tell(Event::TokenRefused(token));
    }

    /// Says that the user's attributes have changed at the pool: the session is renewed, so that the view shows them.
    pub fn user_changed(&self) {
        self.tell(Event::UserChanged);
    }

    /// Says that the pool has deleted the account of the user who is signed in. Ends the session.
    pub fn account_deleted(&self) {
        self.tell(Event::AccountDeleted);
    }

    /// Says that the pool was asked to delete the account of the user who is signed in, and that its answer was lost. The
    /// session is renewed at once, and ends as that of a deleted account if the pool does not know it any more.
    pub fn account_may_be_deleted(&self) {
        self.tell(Event::AccountMayBeDeleted);
    }

    /// Stops the driver. Waits, for five seconds at most, for keychain writes, for a renewal that is under way
    /// (its answer may hold the only refresh token that is still good) and for revocations; for those that a later run
    /// would finish, a second.
    pub async fn shutdown(&self) {
        let (sender, receiver) = oneshot::channel();
        if self.commands.send(Command::Shutdown(sender)).is_ok() {
            // An error is the driver's end as well.
            let _ = receiver.await;
        }
    }

    fn tell(&self, event: Event) {
        let name = event.name();
        if self.commands.send(Command::Tell(Box::new(event))).is_err() {
            tracing::debug!(event = name, "told to a driver that has stopped");
        }
    }
}
