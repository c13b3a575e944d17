//! The attempt machine: one try to sign in, to sign up or to get a new password, from the first click to the last
//! answer.
//!
//! It knows of no session. What it hands over at its end is all that a session ever learns of it.

mod browsing;
mod given;
mod rules;
mod sending;
mod thinking;

use self::given::{Given, Presence};
use self::rules::{answers, goes_to_browser, is_of_account, is_sent};
use self::sending::Sending;
use crate::challenge::{
    Answer, Beginning, BrowserWish, Challenge, Continuation, Credentials, Done, NewAccount, SignInWay,
};
use crate::event::{Effect, Ticket, Tickets};
use crate::fault::Fault;
use crate::secret::{AccessToken, AuthenticatorSecret, RefreshToken};
use crate::session::Present;
use crate::time::Timestamp;
use crate::tokens::Established;
use crate::view::{AttemptView, Purpose};

/// How many requests follow from one word of the person at most. A pool that goes round in circles must not take the
/// attempt along for ever.
const MOST_BY_ITSELF: u8 = 6;

/// The attempt machine.
#[derive(Debug, Default)]
pub(crate) struct Attempt {
    state: State,
    purpose: Purpose,
    given: Option<Given>,
    /// The choice of ways that was met, to go back to. Its `Session` has been used.
    choice: Option<Asked>,
    /// What the attempt has done that stays done.
    achieved: Option<Done>,
    /// How often the code has been sent again.
    resent: u32,
    sending: Sending,
    /// Requests since the person's last word.
    by_itself: u8,
    /// What the browser has brought before anybody knew that it was waited for.
    back: Option<Result<(), Fault>>,
    /// Steps whose attempt was given up while the pool was thinking.
    abandoned: Vec<Ticket>,
    tickets: Tickets,
}

#[derive(Debug)]
enum State {
    Idle {
        fault: Option<Fault>,
        done: Option<Done>,
    },
    /// `asked` is what the window shows meanwhile.
    Deciding {
        ticket: Ticket,
        asked: Option<Asked>,
        thinking: Thinking,
    },
    Challenged {
        asked: Asked,
        fault: Option<Fault>,
    },
}

impl Default for State {
    fn default() -> Self {
        Self::Idle { fault: None, done: None }
    }
}

/// What the pool has asked, and what has to go back with the answer.
#[derive(Clone, Debug)]
struct Asked {
    challenge: Challenge,
    continuation: Continuation,
    /// The pool waits for no answer any more: one is given by beginning again.
    spent: bool,
}

/// What the pool is thinking about.
#[derive(Debug)]
enum Thinking {
    /// What the attempt began with.
    Beginning,
    /// The answer to its challenge.
    Answering { answer: Answer },
    /// The beginning once more, for another code.
    Resending,
    /// The beginning once more, because what it had asked has lapsed; then the answer.
    Resuming { answer: Answer, after: Option<Fault> },
    /// A code that the account needs first, which is what the sign-in was refused for.
    Unlocking { after: Fault },
    /// The sign-in, now that the account is ready for it.
    Continuing,
}

/// What a step leaves behind when it has ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A session.
    Established(Box<Established>),
    /// A refresh token of a session that nobody wants any more.
    Unwanted(RefreshToken),
    /// The user with this `sub` is there. The refresh token is of no use.
    Proved { sub: String, refresh: RefreshToken },
    /// Something to be done before the user is asked again.
    Further(Effect),
    /// The pool does not honour the session's access token; the proof begins again without it.
    TokenRefused(AccessToken, Effect),
}

impl Attempt {
    /// Begins a sign-in, and abandons the attempt that is under way.
    pub(crate) fn sign_in(&mut self, credentials: Credentials) -> Effect {
        self.start(Purpose::SignIn, Given::new(credentials.username.clone(), credentials.password.clone()));
        self.begin(credentials.into(), None, Thinking::Beginning)
    }

    /// Begins a sign-up, and abandons the attempt that is under way.
    pub(crate) fn sign_up(&mut self, account: NewAccount) -> Effect {
        self.start(Purpose::SignUp, Given::new(account.username.clone(), account.password.clone()));
        self.begin(Beginning::SignUp(account), None, Thinking::Beginning)
    }

    /// Begins to replace a password, and abandons the attempt that is under way.
    pub(crate) fn forgot_password(&mut self, username: String) -> Effect {
        self.start(Purpose::ForgotPassword, Given::new(username.clone(), None));
        self.begin(Beginning::Reset { username }, None, Thinking::Beginning)
    }

    /// Begins to have somebody prove to be there, and abandons the attempt that is under way.
    pub(crate) fn prove_presence(&mut self, present: Present) -> Effect {
        let Present { sub, username, login, access, by_browser } = present;
        let presence = Some(Presence { sub, login, access: access.clone(), by_browser });
        self.start(Purpose::ProvePresence, Given { presence, ..Given::new(username.clone(), None) });
        self.begin(Beginning::StepUp { username, access, by_browser }, None, Thinking::Beginning)
    }

    /// Begins a sign-in through the browser, and abandons the attempt that is under way.
    pub(crate) fn sign_in_by_browser(&mut self, wish: BrowserWish) -> Effect {
        self.start(Purpose::SignIn, Given::of_browser(wish.clone()));
        self.begin(Beginning::Browser { wish, presence: false }, None, Thinking::Beginning)
    }

    /// Goes on with a sign-in through the browser of an earlier run, and abandons the attempt that is under way.
    pub(crate) fn back_from_browser(&mut self) -> Effect {
        self.start(Purpose::SignIn, Given::of_browser(BrowserWish::default()));
        self.begin(Beginning::BackFromBrowser, None, Thinking::Beginning)
    }

    /// Nobody is signed in any more: a proof of who that is, and what it has left, mean nothing.
    pub(crate) fn end_with_session(&mut self) {
        if self.purpose == Purpose::ProvePresence {
            self.cancel();
            self.purpose = Purpose::default();
        }
    }

    fn start(&mut self, purpose: Purpose, given: Given) {
        self.cancel();
        self.purpose = purpose;
        self.given = Some(given);
    }

    fn begin(&mut self, beginning: Beginning, asked: Option<Asked>, thinking: Thinking) -> Effect {
        let ticket = self.tickets.next();
        self.state = State::Deciding { ticket, asked, thinking };
        Effect::Begin(ticket, beginning)
    }

    fn reply(
        &mut self,
        continuation: Continuation,
        asked: Option<Asked>,
        thinking: Thinking,
        answer: Answer,
    ) -> Effect {
        let ticket = self.tickets.next();
        self.state = State::Deciding { ticket, asked, thinking };
        Effect::Reply(ticket, continuation, answer)
    }

    /// Begins the sign-in again, so that the answer can be given.
    fn resume(&mut self, asked: Asked, answer: Answer, after: Option<Fault>) -> Option<Effect> {
        let given = self.given.as_mut()?;
        let beginning = if goes_to_browser(&answer) { given.in_browser() } else { given.sign_in() };
        Some(self.begin(beginning, Some(asked), Thinking::Resuming { answer, after }))
    }

    /// Answers the challenge, if there is one that this answers.
    pub(crate) fn answer(&mut self, answer: Answer, now: Timestamp) -> Option<Effect> {
        let answer = match answer {
            Answer::BackFromBrowser(brought) => return self.back_with(brought),
            answer => answer,
        };
        let asked = match &self.state {
            State::Challenged { asked, .. } if answers(&answer, &asked.challenge) => asked.clone(),
            _ => {
                tracing::debug!("an answer to nothing that was asked");
                return None;
            }
        };
        self.by_itself = 0;
        if let Some(given) = &mut self.given {
            given.note(&answer);
        }
        let known = self.given.as_ref().and_then(|given| given.password.clone());
        let answer = match (answer, known) {
            (Answer::Way(SignInWay::Password), Some(password)) => Answer::Password(password),
            (Answer::Way(SignInWay::Password), None) => {
                let challenge = self.password_of(&asked);
                self.state = State::Challenged { asked: Asked { challenge, ..asked }, fault: None };
                return None;
            }
            (answer, _) => answer,
        };
        if asked.spent || asked.has_lapsed_in_browser(now) {
            return self.resume(asked, answer, None);
        }
        let continuation = asked.continuation.clone();
        let thinking = Thinking::Answering { answer: answer.clone() };
        Some(self.reply(continuation, Some(asked), thinking, answer))
    }

    /// The question for the password of whoever is asked this.
    fn password_of(&self, asked: &Asked) -> Challenge {
        self.shown(Challenge::Password { username: asked.continuation.login.clone() })
    }

    /// A challenge as the window shows it.
    fn shown(&self, challenge: Challenge) -> Challenge {
        match &self.given {
            Some(given) => given.shown(challenge),
            None => challenge,
        }
    }

    /// Has the code that was asked for sent once more.
    pub(crate) fn resend_code(&mut self) -> Option<Effect> {
        let asked = match &self.state {
            State::Challenged { asked, .. } if is_sent(&asked.challenge) => asked.clone(),
            _ => {
                tracing::debug!("no code to send again");
                return None;
            }
        };
        self.by_itself = 0;
        let given = self.given.as_mut()?;
        let username = given.username.clone();
        let beginning = match asked.challenge {
            Challenge::ConfirmAccount { .. } => Beginning::Confirmation { username },
            Challenge::ResetPassword { .. } => Beginning::Reset { username },
            _ => given.sign_in(),
        };
        Some(self.begin(beginning, Some(asked), Thinking::Resending))
    }

    /// Goes back to the choice of ways, if there was one.
    pub(crate) fn choose_again(&mut self) {
        if !self.can_go_back() {
            tracing::debug!("no choice to go back to");
            return;
        }
        if let (Some(choice), Some(given)) = (self.choice.clone(), &mut self.given) {
            // The next way may ask for another one.
            given.factor = None;
            self.resent = 0;
            self.state = State::Challenged { asked: choice, fault: None };
        }
    }

    fn can_go_back(&self) -> bool {
        match &self.state {
            State::Challenged { asked, .. } => {
                self.choice.is_some()
                    && self.given.is_some()
                    && !matches!(asked.challenge, Challenge::ChooseWay { .. })
                    && !is_of_account(&asked.challenge)
            }
            State::Idle { .. } | State::Deciding { .. } => false,
        }
    }

    /// Gives up, or closes the notice.
    pub(crate) fn cancel(&mut self) {
        if let State::Deciding { ticket, .. } = self.state {
            tracing::info!("attempt abandoned");
            self.abandoned.push(ticket);
        }
        self.achieved = None;
        self.end(None);
    }

    fn end(&mut self, fault: Option<Fault>) {
        self.state = State::Idle { fault, done: self.achieved.take() };
        self.given = None;
        self.choice = None;
        self.resent = 0;
        self.by_itself = 0;
        self.back = None;
        self.sending = Sending::default();
    }

    /// What the attempt began with, or the last one.
    pub(crate) const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The secret of the authenticator app that the window shows being set up.
    pub(crate) fn authenticator_secret(&self) -> Option<&AuthenticatorSecret> {
        match &self.state {
            State::Challenged { asked, .. } | State::Deciding { asked: Some(asked), .. }
                if matches!(asked.challenge, Challenge::SetUpAuthenticator { .. }) =>
            {
                asked.continuation.secret.as_ref()
            }
            _ => None,
        }
    }

    /// What the window shows.
    pub(crate) fn view(&self) -> AttemptView {
        match &self.state {
            State::Idle { fault, done } => AttemptView::Idle { fault: fault.clone(), done: *done },
            State::Deciding { asked, thinking, .. } => AttemptView::Deciding {
                challenge: asked.as_ref().map(|asked| asked.challenge.clone()),
                resending: match thinking {
                    Thinking::Resending => true,
                    Thinking::Answering { answer } | Thinking::Resuming { answer, .. }
                        if matches!(answer, Answer::OpenAgain) =>
                    {
                        true
                    }
                    Thinking::Resuming { .. } => asked.as_ref().is_some_and(|it| is_sent(&it.challenge)),
                    _ => false,
                },
                purpose: self.purpose,
            },
            State::Challenged { asked, fault } => AttemptView::Challenged {
                challenge: asked.challenge.clone(),
                fault: fault.clone(),
                resent: self.resent,
                lapses: asked.continuation.lapses.filter(|_| !asked.spent),
                can_go_back: self.can_go_back(),
                resend_at: self.resend_at(asked),
                purpose: self.purpose,
            },
        }
    }

    fn resend_at(&self, asked: &Asked) -> Option<Timestamp> {
        self.sending.next_at().filter(|_| is_sent(&asked.challenge) && self.given.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::{CodeMethod, Step};
    use crate::secret::Password;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn challenged(challenge: Challenge) -> Attempt {
        let mut attempt = Attempt::default();
        let password = Some(Password::new("secret"));
        let credentials = Credentials { username: "mika".to_owned(), password };
        let Effect::Begin(ticket, _) = attempt.sign_in(credentials) else {
            panic!("a sign-in begins");
        };
        let continuation = Continuation::of_account("NAME", "mika".to_owned());
        assert!(attempt.step(ticket, Ok(Step::Challenge(challenge, continuation)), NOW).is_none());
        attempt
    }

    #[test]
    fn the_password_is_kept_only_while_it_may_be_needed_again() {
        let code = Challenge::Code { method: CodeMethod::Sms, destination: None, device: None };
        let mut attempt = challenged(code);
        assert!(attempt.given.is_some());
        attempt.cancel();
        assert!(attempt.given.is_none());
        assert!(challenged(Challenge::Unsupported { name: "NAME".to_owned() }).given.is_none());
    }

    #[test]
    fn a_pool_that_goes_round_in_circles_is_left_after_a_few_requests() {
        let mut attempt = challenged(Challenge::Code {
            method: CodeMethod::Authenticator,
            destination: None,
            device: None,
        });
        let mut effect = attempt.answer(Answer::Code("123456".to_owned().into()), NOW);
        let mut requests = 0;
        while let Some(Effect::Begin(ticket, _) | Effect::Reply(ticket, ..)) = effect {
            requests += 1;
            assert!(requests < 50, "for ever");
            let step = match attempt.view() {
                AttemptView::Deciding { .. } if requests % 2 == 1 => {
                    Err(Fault::new(crate::FaultCode::ChallengeExpired))
                }
                _ => Ok(Step::Challenge(
                    Challenge::Code { method: CodeMethod::Authenticator, destination: None, device: None },
                    Continuation::of_account("NAME", "mika".to_owned()),
                )),
            };
            effect = match attempt.step(ticket, step, NOW) {
                Some(Outcome::Further(effect)) => Some(effect),
                _ => None,
            };
        }
        assert!(requests > 2, "{requests}");
        assert!(matches!(attempt.view(), AttemptView::Challenged { fault: Some(_), .. }), "{attempt:?}");
    }
}
