//! What the pool has answered, and what the attempt makes of it by itself.

use super::given::Given;
use super::rules::{
    can_answer_again, can_wait_for_code, goes_to_browser, is_carried_along, is_in_browser, is_of_account,
    is_sent, takes_again, wants_fewer,
};
use super::{Asked, Attempt, MOST_BY_ITSELF, Outcome, State, Thinking};
use crate::challenge::{
    Answer, Beginning, CONFIRM_FORGOT_PASSWORD, CONFIRM_SIGN_UP, Challenge, CodeMethod, Continuation, Done,
    Step,
};
use crate::event::{Effect, Ticket};
use crate::fault::{Disposition, Fault, FaultCode};
use crate::secret::{AccessToken, ChallengeSession};
use crate::time::Timestamp;
use crate::tokens::Established;
use crate::view::Purpose;

impl Attempt {
    /// Takes in the pool's answer.
    pub(crate) fn step(
        &mut self,
        ticket: Ticket,
        result: Result<Step, Fault>,
        now: Timestamp,
    ) -> Option<Outcome> {
        if let Some(index) = self.abandoned.iter().position(|it| *it == ticket) {
            self.abandoned.remove(index);
            return match result {
                Ok(Step::Done(established)) => Some(Outcome::Unwanted(established.tokens.refresh)),
                Ok(_) | Err(_) => None,
            };
        }
        let (asked, thinking) = match std::mem::take(&mut self.state) {
            State::Deciding { ticket: awaited, asked, thinking } if awaited == ticket => (asked, thinking),
            other => {
                self.state = other;
                return None;
            }
        };
        let effect = match result {
            Ok(Step::Done(established)) if self.purpose == Purpose::ProvePresence => {
                return Some(self.proved(*established));
            }
            Ok(Step::Done(established)) => {
                self.end(None);
                // There is a session to show for it.
                self.state = State::default();
                return Some(Outcome::Established(established));
            }
            Ok(Step::Achieved { done, session }) => {
                if let (Thinking::Answering { answer }, Some(given)) = (&thinking, &mut self.given) {
                    given.note_taken(answer);
                }
                self.achieved(done, session, asked)
            }
            Ok(Step::Challenge(challenge, continuation)) => {
                // The password that begins a proof is asked for before anything has begun.
                let spent = self.purpose == Purpose::ProvePresence
                    && matches!(thinking, Thinking::Beginning)
                    && matches!(challenge, Challenge::Password { .. });
                let fresh = Asked { challenge: self.shown(challenge), continuation, spent };
                self.challenged(thinking, asked, fresh, now)
            }
            Err(fault)
                if fault.code == FaultCode::AccessTokenRevoked
                    && matches!(thinking, Thinking::Beginning)
                    && let Some((token, beginning)) = self.without_token() =>
            {
                let effect = self.begin(beginning, asked, Thinking::Beginning);
                return Some(Outcome::TokenRefused(token, effect));
            }
            Err(fault) => {
                tracing::warn!(code = ?fault.code, "a step of an attempt failed");
                self.failed(thinking, asked, fault, now)
            }
        };
        effect.or_else(|| self.take_back()).map(Outcome::Further)
    }

    /// The beginning of a proof without the access token that it was begun with, if it was.
    fn without_token(&mut self) -> Option<(AccessToken, Beginning)> {
        let Given { username, presence, .. } = self.given.as_mut()?;
        let presence = presence.as_mut()?;
        let token = presence.access.take()?;
        let (username, by_browser) = (username.clone(), presence.by_browser);
        Some((token, Beginning::StepUp { username, access: None, by_browser }))
    }

    /// Somebody has signed in to prove who they are.
    fn proved(&mut self, established: Established) -> Outcome {
        let Established { user, tokens, .. } = established;
        let awaited = self.given.as_ref().and_then(|given| given.presence.as_ref());
        if awaited.is_some_and(|presence| presence.sub == user.sub) {
            self.end(None);
            self.state = State::Idle { fault: None, done: Some(Done::PresenceProved) };
            Outcome::Proved { sub: user.sub, refresh: tokens.refresh }
        } else {
            tracing::warn!("somebody else has signed in than the user who is signed in");
            self.end(Some(Fault::new(FaultCode::SomebodyElse)));
            Outcome::Unwanted(tokens.refresh)
        }
    }

    /// The account is ready for a sign-in, which begins by itself where there is something to begin it with.
    fn achieved(
        &mut self,
        done: Done,
        session: Option<ChallengeSession>,
        asked: Option<Asked>,
    ) -> Option<Effect> {
        tracing::info!(?done, "an account is ready to be used");
        self.achieved = Some(done);
        let given = self.given.as_mut().filter(|given| given.password.is_some() || session.is_some());
        match given {
            Some(given) if self.by_itself < MOST_BY_ITSELF => {
                given.session = session;
                let beginning = given.sign_in();
                self.by_itself += 1;
                Some(self.begin(beginning, asked, Thinking::Continuing))
            }
            _ => {
                self.end(None);
                None
            }
        }
    }

    /// `before` is what the window shows, `fresh` what the pool asks now.
    fn challenged(
        &mut self,
        thinking: Thinking,
        before: Option<Asked>,
        fresh: Asked,
        now: Timestamp,
    ) -> Option<Effect> {
        if let (Thinking::Answering { answer }, Some(given)) = (&thinking, &mut self.given) {
            given.note_taken(answer);
        }
        if self.by_itself < MOST_BY_ITSELF
            && let Some(answer) = self.known_answer(&thinking, &fresh.challenge)
        {
            self.by_itself += 1;
            if let (Answer::Password(_), Some(given)) = (&answer, &mut self.given) {
                given.password_used = true;
            }
            if matches!(fresh.challenge, Challenge::ChooseWay { .. }) {
                self.choice = Some(Asked { spent: true, ..fresh.clone() });
            }
            return Some(self.reply(fresh.continuation, before, thinking, answer));
        }
        // A new code confirms the same account: the `Session` of its sign-up is still the way in.
        let fresh = match (&thinking, &before) {
            (Thinking::Resending, Some(before)) if is_of_account(&fresh.challenge) => Asked {
                continuation: Continuation {
                    session: fresh.continuation.session.or_else(|| before.continuation.session.clone()),
                    ..fresh.continuation
                },
                ..fresh
            },
            _ => fresh,
        };
        let mut fault = None;
        match thinking {
            Thinking::Beginning | Thinking::Answering { .. } | Thinking::Continuing => {}
            Thinking::Unlocking { after } => {
                // Somebody who has entered a name and a password is told why that was not enough.
                fault = Some(after);
            }
            Thinking::Resending => self.resent += 1,
            Thinking::Resuming { answer, after } => {
                let same = before.as_ref().is_some_and(|it| takes_again(&fresh.challenge, &it.challenge));
                if same && self.by_itself < MOST_BY_ITSELF {
                    self.by_itself += 1;
                    let thinking = Thinking::Answering { answer: answer.clone() };
                    let continuation = fresh.continuation.clone();
                    return Some(self.reply(continuation, Some(fresh), thinking, answer));
                }
                if !is_carried_along(&answer) {
                    self.resent += u32::from(is_sent(&fresh.challenge));
                    fault = after;
                }
            }
        }
        match fresh.challenge {
            Challenge::ChooseWay { .. } => self.choice = Some(Asked { spent: true, ..fresh.clone() }),
            Challenge::Unsupported { .. } if self.choice.is_none() => self.given = None,
            _ if is_of_account(&fresh.challenge) => self.choice = None,
            _ => {}
        }
        if is_sent(&fresh.challenge) {
            self.sending.sent(now);
        }
        self.state = State::Challenged { asked: fresh, fault };
        None
    }

    /// The answer that need not be asked for, because it has been given before.
    fn known_answer(&self, thinking: &Thinking, challenge: &Challenge) -> Option<Answer> {
        let may = match thinking {
            // The pool asks once more for what it has just been told.
            Thinking::Answering { answer } => {
                matches!(challenge, Challenge::Password { .. }) && !matches!(answer, Answer::Password(_))
            }
            // A choice that the pool leaves open is the person's, whatever was typed.
            Thinking::Beginning => matches!(challenge, Challenge::Password { .. }),
            Thinking::Unlocking { .. } => false,
            Thinking::Resending | Thinking::Resuming { .. } | Thinking::Continuing => true,
        };
        self.given.as_ref().filter(|_| may)?.answer(challenge)
    }

    fn failed(
        &mut self,
        thinking: Thinking,
        asked: Option<Asked>,
        fault: Fault,
        now: Timestamp,
    ) -> Option<Effect> {
        let passing = fault.code.disposition() == Disposition::Retry;
        let resending = matches!(thinking, Thinking::Resending | Thinking::Unlocking { .. });
        if resending && wants_fewer(fault.code) {
            self.sending.refused(now);
        }
        if fault.code == FaultCode::AlreadyConfirmed {
            return self.achieved(Done::AccountConfirmed, None, asked);
        }
        match (thinking, asked) {
            (Thinking::Unlocking { after }, _) => {
                self.not_unlocked(&after, fault);
                None
            }
            (Thinking::Beginning, _)
                if self.purpose == Purpose::SignUp && fault.code == FaultCode::CodeNotSent =>
            {
                // The account is there all the same.
                self.ask_for_code(CONFIRM_SIGN_UP, fault);
                None
            }
            (_, asked) if leads_to_account(fault.code) && self.may_unlock(asked.as_ref()) => {
                self.unlock(fault, asked)
            }
            (Thinking::Answering { answer }, Some(asked)) => self.not_answered(answer, asked, fault, passing),
            (Thinking::Resuming { answer: Answer::Password(_), .. }, Some(asked))
                if is_wrong_password(fault.code) =>
            {
                self.ask_for_password(asked, fault);
                None
            }
            // What was opened before, or chosen from, is as it was.
            (Thinking::Resuming { answer, .. }, Some(asked)) if goes_to_browser(&answer) => {
                self.state = State::Challenged { asked: Asked { spent: true, ..asked }, fault: Some(fault) };
                None
            }
            // The last code may still be good.
            (Thinking::Resending, Some(asked)) if passing || can_wait_for_code(fault.code) => {
                self.state = State::Challenged { asked, fault: Some(fault) };
                None
            }
            (Thinking::Resuming { .. }, Some(asked)) if passing || can_begin_again(fault.code) => {
                self.state = State::Challenged { asked: Asked { spent: true, ..asked }, fault: Some(fault) };
                None
            }
            _ => {
                self.end(Some(fault));
                None
            }
        }
    }

    /// The pool has not taken an answer.
    fn not_answered(&mut self, answer: Answer, asked: Asked, fault: Fault, passing: bool) -> Option<Effect> {
        let of_account = is_of_account(&asked.challenge);
        match fault.code {
            // What the browser brings is good for one try.
            _ if matches!(answer, Answer::BackFromBrowser(_)) => self.end(Some(fault)),
            // The answer was for a `Session` that is no more, or went with a device that the pool has forgotten.
            // Another one is had for what was typed.
            FaultCode::ChallengeExpired | FaultCode::DeviceUnknown if !of_account && self.given.is_some() => {
                if self.by_itself < MOST_BY_ITSELF {
                    self.by_itself += 1;
                    return self.resume(asked, answer, Some(fault));
                }
                self.state = State::Challenged { asked: Asked { spent: true, ..asked }, fault: Some(fault) };
            }
            code if matches!(answer, Answer::Password(_)) && is_wrong_password(code) => {
                self.ask_for_password(asked, fault);
            }
            FaultCode::CodeNotSent if !of_account => {
                self.state = State::Challenged { asked: Asked { spent: true, ..asked }, fault: Some(fault) };
            }
            code if passing || goes_to_browser(&answer) || can_answer_again(code, &asked.challenge) => {
                self.state = State::Challenged { asked, fault: Some(fault) };
            }
            _ => self.end(Some(fault)),
        }
        None
    }

    /// The password that was typed is not right: another one begins anew, since nobody knows whether the pool's
    /// `Session` outlives a wrong one.
    fn ask_for_password(&mut self, asked: Asked, fault: Fault) {
        if let Some(given) = &mut self.given {
            given.password = None;
        }
        let challenge = self.password_of(&asked);
        self.state =
            State::Challenged { asked: Asked { challenge, spent: true, ..asked }, fault: Some(fault) };
    }

    fn may_unlock(&self, asked: Option<&Asked>) -> bool {
        // Whoever signs in in the browser is asked there for whatever the account needs.
        self.given.as_ref().is_some_and(|given| given.wish.is_none())
            && !asked.is_some_and(|asked| is_in_browser(&asked.challenge))
            && self.by_itself < MOST_BY_ITSELF
            && !asked.is_some_and(|asked| is_of_account(&asked.challenge))
    }

    /// Has the code sent that the account needs before anybody can sign in to it.
    fn unlock(&mut self, after: Fault, asked: Option<Asked>) -> Option<Effect> {
        let username = self.given.as_ref()?.username.clone();
        self.by_itself += 1;
        let beginning = match after.code {
            FaultCode::PasswordResetRequired => Beginning::Reset { username },
            _ => Beginning::Confirmation { username },
        };
        Some(self.begin(beginning, asked, Thinking::Unlocking { after }))
    }

    /// That code was not sent. One that was sent earlier may be good all the same.
    fn not_unlocked(&mut self, after: &Fault, fault: Fault) {
        let resets = after.code == FaultCode::PasswordResetRequired;
        if can_wait_for_code(fault.code) {
            self.ask_for_code(if resets { CONFIRM_FORGOT_PASSWORD } else { CONFIRM_SIGN_UP }, fault);
        } else if fault.code == FaultCode::CannotResetPassword {
            // Only an administrator can help, as the first refusal says.
            self.end(Some(after.clone()));
        } else {
            self.end(Some(fault));
        }
    }

    /// Asks for a code although none was sent now; where an earlier one went is not known.
    fn ask_for_code(&mut self, operation: &str, fault: Fault) {
        let Some(username) = self.given.as_ref().map(|given| given.username.clone()) else {
            self.end(Some(fault));
            return;
        };
        let (destination, method) = (None, CodeMethod::Email);
        let continuation = Continuation::of_account(operation, username.clone());
        let challenge = if operation == CONFIRM_SIGN_UP {
            Challenge::ConfirmAccount { username, destination, method }
        } else {
            Challenge::ResetPassword { username, destination, method }
        };
        self.choice = None;
        let asked = Asked { challenge: self.shown(challenge), continuation, spent: false };
        self.state = State::Challenged { asked, fault: Some(fault) };
    }
}

const fn leads_to_account(code: FaultCode) -> bool {
    matches!(code, FaultCode::UserNotConfirmed | FaultCode::PasswordResetRequired)
}

const fn is_wrong_password(code: FaultCode) -> bool {
    matches!(code, FaultCode::WrongCredentials | FaultCode::TooManyAttempts)
}

/// Whether a sign-in that could not be begun again now may be later.
const fn can_begin_again(code: FaultCode) -> bool {
    can_wait_for_code(code) || matches!(code, FaultCode::ChallengeExpired | FaultCode::DeviceUnknown)
}
