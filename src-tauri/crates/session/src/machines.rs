//! Both machines side by side, and the one thing that passes from the one to the other.

use crate::attempt::{Attempt, Outcome};
use crate::challenge::{Continuation, Step};
use crate::event::{Effect, Event};
use crate::secret::{AccessToken, AuthenticatorSecret};
use crate::session::{Access, Session};
use crate::time::Timestamp;
use crate::view::{AttemptView, SessionView};

/// The session machine and the attempt machine.
///
/// Sans-IO: no clock, no thread, no request. Whoever owns it tells it what has happened and when, carries out
/// what it asks for, keeps keychain effects in their order, and gives every result back with its ticket.
#[derive(Debug)]
pub struct Machines {
    session: Session,
    attempt: Attempt,
}

impl Machines {
    /// Machines that begin by reading the keychain. `seed` is for the jitter alone.
    #[must_use]
    pub fn new(seed: u64, now: Timestamp) -> (Self, Vec<Effect>) {
        let (session, effects) = Session::new(seed, now);
        let attempt = Attempt::default();
        (Self { session, attempt }, effects)
    }

    /// Takes in what has happened and says what is to be done, in this order.
    pub fn handle(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        let of_attempt = event.is_of_attempt();
        let waited = Waited::before(&self.attempt, &event);
        let session = &mut self.session;
        match event {
            Event::SignIn(credentials) => effects.push(self.attempt.sign_in(credentials)),
            Event::SignUp(account) => effects.push(self.attempt.sign_up(account)),
            Event::ForgotPassword(username) => effects.push(self.attempt.forgot_password(username)),
            Event::SignInByBrowser(wish) => effects.push(self.attempt.sign_in_by_browser(wish)),
            Event::BackFromBrowser => effects.push(self.attempt.back_from_browser()),
            Event::ProvePresence => match session.present(now) {
                Some(present) => effects.push(self.attempt.prove_presence(present)),
                None => tracing::debug!("nobody is signed in who could prove to be there"),
            },
            Event::PresenceSpent => session.spend_presence(),
            Event::Answer(answer) => effects.extend(self.attempt.answer(answer, now)),
            Event::ResendCode => effects.extend(self.attempt.resend_code()),
            Event::ChooseAgain => self.attempt.choose_again(),
            Event::Cancel => {
                self.attempt.cancel();
                session.close_notice();
            }
            Event::Step(ticket, result) => match self.attempt.step(ticket, result, now) {
                Some(Outcome::Established(established)) => {
                    session.established(*established, now, &mut effects);
                }
                Some(Outcome::Unwanted(refresh)) => session.discard(refresh, &mut effects),
                Some(Outcome::Proved { sub, refresh }) => {
                    session.prove(&sub, now);
                    session.discard(refresh, &mut effects);
                }
                Some(Outcome::Further(effect)) => effects.push(effect),
                Some(Outcome::TokenRefused(token, effect)) => {
                    session.token_refused(&token, now, &mut effects);
                    effects.push(effect);
                }
                None => {}
            },
            Event::SignOut => session.sign_out(now, &mut effects),
            Event::RememberDevice(remember) => session.remember_device(remember),
            Event::SignOutEverywhere => session.sign_out_everywhere(now, &mut effects),
            Event::Retry => session.retry(now, &mut effects),
            Event::ProceedWithoutKeychain => session.proceed_without_keychain(),
            Event::TokenWanted => session.token_wanted(now, &mut effects),
            Event::TokenRefused(token) => session.token_refused(&token, now, &mut effects),
            Event::UserChanged => session.user_changed(now, &mut effects),
            Event::AccountDeleted => session.account_deleted(now, &mut effects),
            Event::AccountMayBeDeleted => session.account_may_be_deleted(now, &mut effects),
            Event::Wake => session.wake(now, &mut effects),
            Event::Tick => session.tick(now, &mut effects),
            Event::Loaded(ticket, result) => session.loaded(ticket, result, now, &mut effects),
            Event::Saved(ticket, result) | Event::Cleared(ticket, result) => {
                session.written(ticket, result, now, &mut effects);
            }
            Event::Renewed(ticket, result) => session.renewed(ticket, result, now, &mut effects),
            Event::Revoked(ticket, result) => session.revoked(ticket, result, now, &mut effects),
            Event::Queued(ticket, result) => session.queued(ticket, result, now, &mut effects),
            Event::SignedOutEverywhere(ticket, result) => {
                session.signed_out_everywhere(ticket, result, now, &mut effects);
            }
            Event::DeviceRemembered(ticket, result) => {
                session.device_remembered(ticket, result, now, &mut effects);
            }
            Event::BrowserSignedOut(ticket, result) => session.browser_signed_out(ticket, result),
            Event::Marked(ticket, result) => session.was_marked(ticket, result),
        }
        if !self.session.is_signed_in() {
            // There is nobody any more whose presence could be proved.
            self.attempt.end_with_session();
        }
        // Before another one begins.
        effects.splice(0..0, waited.left(&self.attempt).map(Effect::Leave));
        if !of_attempt {
            self.session.pursue_everywhere(now, &mut effects);
            self.session.pursue_device(now, &mut effects);
        }
        effects
    }

    /// Whether the pool is being told of a sign-out, or of tokens that nobody will use, that would be lost with this
    /// run. What the keychain has in its queue is not.
    pub(crate) fn revocation_would_be_lost(&self) -> bool {
        self.session.revocation_would_be_lost()
    }

    /// When the next [`Event::Tick`] is needed; none while there is nothing to wait for.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.session.wake_at()
    }

    /// Whether that tick may come late, as after the machine has slept: only revocations wait for it.
    pub(crate) fn is_idle(&self) -> bool {
        self.session.is_idle()
    }

    /// Whether somebody is signed in, or an attempt is under way.
    pub(crate) fn is_engaged(&self) -> bool {
        self.session.is_signed_in() || !matches!(self.attempt.view(), AttemptView::Idle { .. })
    }

    /// The session, for the window. A session that has just begun is shown when it is saved, or when the
    /// keychain has had its time.
    #[must_use]
    pub fn session_view(&self) -> SessionView {
        self.session.view()
    }

    /// The attempt, for the window. It is shown as deciding until the session that it led to is shown.
    #[must_use]
    pub fn attempt_view(&self) -> AttemptView {
        match self.attempt.view() {
            AttemptView::Idle { .. } if self.session.is_veiled() => {
                let purpose = self.attempt.purpose();
                AttemptView::Deciding { challenge: None, resending: false, purpose }
            }
            view => view,
        }
    }

    /// Until when the proof at hand is good that the user who is signed in is there.
    #[must_use]
    pub fn presence_until(&self) -> Option<Timestamp> {
        self.session.presence_until()
    }

    /// Whether there is such a proof that is good now.
    #[must_use]
    pub fn presence_proved(&self, now: Timestamp) -> bool {
        self.session.presence_proved(now)
    }

    /// The secret of the authenticator app that the window shows being set up.
    #[must_use]
    pub fn authenticator_secret(&self) -> Option<&AuthenticatorSecret> {
        self.attempt.authenticator_secret()
    }

    /// The access token that a caller would be given now, if there is one.
    #[must_use]
    pub fn usable_token(&self, now: Timestamp) -> Option<&AccessToken> {
        match self.session.access(now) {
            Access::Good(token, _) => Some(token),
            _ => None,
        }
    }

    pub(crate) fn access(&self, now: Timestamp) -> Access<'_> {
        self.session.access(now)
    }
}

/// What the pool client waits with for a browser while something happens to the attempt.
struct Waited(Vec<Continuation>);

impl Waited {
    /// What it waits with before this event, and what the event says that it waits with.
    fn before(attempt: &Attempt, event: &Event) -> Self {
        let new = match event {
            Event::Step(_, Ok(Step::Challenge(_, continuation))) => Some(continuation),
            _ => None,
        };
        let mut waited: Vec<_> = new.into_iter().chain(attempt.in_browser()).cloned().collect();
        // Whoever is signed in by it has used it.
        let used = attempt.is_back_from_browser() && matches!(event, Event::Step(_, Ok(Step::Done(_))));
        waited.retain(|_| !used);
        waited.retain(|it| it.browser.is_some());
        waited.dedup_by_key(|it| it.browser);
        Self(waited)
    }

    /// What the attempt does not wait for any more.
    fn left(self, attempt: &Attempt) -> impl Iterator<Item = Continuation> {
        let waits = attempt.in_browser().and_then(|continuation| continuation.browser);
        self.0.into_iter().filter(move |it| it.browser != waits)
    }
}
