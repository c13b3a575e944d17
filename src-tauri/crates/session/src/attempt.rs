//! The attempt machine: one try to sign in, from the first click to the last answer.
//!
//! It knows of no session. What it hands over at its end is all that a session ever learns of it.

use crate::challenge::{Answer, Challenge, Continuation, Credentials, Step};
use crate::event::{Effect, Ticket, Tickets};
use crate::fault::{Disposition, Fault, FaultCode};
use crate::secret::{Password, RefreshToken};
use crate::tokens::Established;
use crate::view::AttemptView;

/// The attempt machine.
#[derive(Debug, Default)]
pub(crate) struct Attempt {
    state: State,
    /// What the attempt began with, for as long as it may have to begin again: Cognito sends a code once more, and
    /// goes on after a `Session` has lapsed, only for somebody who proves the password again.
    credentials: Option<Credentials>,
    /// How often the code has been sent again.
    resent: u32,
    /// Steps whose attempt was given up while the pool was thinking.
    abandoned: Vec<Ticket>,
    tickets: Tickets,
}

#[derive(Debug)]
enum State {
    Idle { fault: Option<Fault> },
    Deciding { ticket: Ticket, asked: Option<Asked>, purpose: Purpose },
    Challenged { asked: Asked, fault: Option<Fault> },
}

impl Default for State {
    fn default() -> Self {
        Self::Idle { fault: None }
    }
}

/// What the pool has asked, and what has to go back with the answer.
#[derive(Clone, Debug)]
struct Asked {
    challenge: Challenge,
    continuation: Continuation,
}

/// What the pool is thinking about.
#[derive(Debug)]
enum Purpose {
    /// Name and password.
    Beginning,
    /// The answer to its challenge, with the password that is right from now on if the answer sets one.
    Answering { new_password: Option<Password> },
    /// Name and password once more, for another code.
    Resending,
    /// Name and password once more, because what it had asked has lapsed.
    BeginningAgain { after: Fault },
}

/// What a step leaves behind when it has ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A session.
    Established(Box<Established>),
    /// A refresh token of a session that nobody wants any more.
    Unwanted(RefreshToken),
    /// Something to be done before the user is asked again.
    Further(Effect),
}

impl Attempt {
    /// Begins a sign-in, and abandons the one that is under way.
    pub(crate) fn sign_in(&mut self, credentials: Credentials) -> Effect {
        self.cancel();
        self.begin(credentials, None, Purpose::Beginning)
    }

    fn begin(&mut self, credentials: Credentials, asked: Option<Asked>, purpose: Purpose) -> Effect {
        let ticket = self.tickets.next();
        self.state = State::Deciding { ticket, asked, purpose };
        self.credentials = Some(credentials.clone());
        Effect::Begin(ticket, credentials)
    }

    /// Answers the challenge, if there is one that this answers.
    pub(crate) fn answer(&mut self, answer: Answer) -> Option<Effect> {
        let asked = match &self.state {
            State::Challenged { asked, .. } if answers(&answer, &asked.challenge) => asked.clone(),
            _ => {
                tracing::debug!("an answer to nothing that was asked");
                return None;
            }
        };
        let new_password = match &answer {
            Answer::NewPassword { password, .. } => Some(password.clone()),
            Answer::Code(_) => None,
        };
        let ticket = self.tickets.next();
        let continuation = asked.continuation.clone();
        let purpose = Purpose::Answering { new_password };
        self.state = State::Deciding { ticket, asked: Some(asked), purpose };
        Some(Effect::Reply(ticket, continuation, answer))
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
        let credentials = self.credentials.clone()?;
        Some(self.begin(credentials, Some(asked), Purpose::Resending))
    }

    /// Gives up, or closes the notice.
    pub(crate) fn cancel(&mut self) {
        if let State::Deciding { ticket, .. } = self.state {
            tracing::info!("sign-in abandoned");
            self.abandoned.push(ticket);
        }
        self.end(None);
    }

    fn end(&mut self, fault: Option<Fault>) {
        self.state = State::Idle { fault };
        self.credentials = None;
        self.resent = 0;
    }

    /// Takes in the pool's answer.
    pub(crate) fn step(&mut self, ticket: Ticket, result: Result<Step, Fault>) -> Option<Outcome> {
        if let Some(index) = self.abandoned.iter().position(|it| *it == ticket) {
            self.abandoned.remove(index);
            return match result {
                Ok(Step::Done(established)) => Some(Outcome::Unwanted(established.tokens.refresh)),
                Ok(Step::Challenge(..)) | Err(_) => None,
            };
        }
        let (asked, purpose) = match std::mem::take(&mut self.state) {
            State::Deciding { ticket: awaited, asked, purpose } if awaited == ticket => (asked, purpose),
            other => {
                self.state = other;
                return None;
            }
        };
        match result {
            Ok(Step::Done(established)) => {
                self.end(None);
                Some(Outcome::Established(established))
            }
            Ok(Step::Challenge(challenge, continuation)) => {
                self.challenged(purpose, Asked { challenge, continuation });
                None
            }
            Err(fault) => {
                tracing::warn!(code = ?fault.code, "sign-in step failed");
                self.failed(purpose, asked, fault)
            }
        }
    }

    fn challenged(&mut self, purpose: Purpose, asked: Asked) {
        let mut fault = None;
        match purpose {
            Purpose::Beginning => {}
            Purpose::Answering { new_password } => {
                if let (Some(credentials), Some(password)) = (&mut self.credentials, new_password) {
                    credentials.password = password;
                }
            }
            Purpose::Resending => self.resent += 1,
            Purpose::BeginningAgain { after } => {
                self.resent += u32::from(is_sent(&asked.challenge));
                fault = Some(after);
            }
        }
        if matches!(asked.challenge, Challenge::Unsupported { .. }) {
            self.credentials = None;
        }
        self.state = State::Challenged { asked, fault };
    }

    fn failed(&mut self, purpose: Purpose, asked: Option<Asked>, fault: Fault) -> Option<Outcome> {
        let passing = fault.code.disposition() == Disposition::Retry;
        match (purpose, asked, self.credentials.clone()) {
            // The code was for a `Session` that is no more. Another one is had for the same password, so that the
            // user has to enter nothing but a code.
            (Purpose::Answering { .. }, Some(asked), Some(credentials))
                if fault.code == FaultCode::ChallengeExpired
                    && matches!(asked.challenge, Challenge::Code { .. }) =>
            {
                let purpose = Purpose::BeginningAgain { after: fault };
                return Some(Outcome::Further(self.begin(credentials, Some(asked), purpose)));
            }
            (Purpose::Answering { .. }, Some(asked), _) if passing || can_answer_again(fault.code) => {
                self.state = State::Challenged { asked, fault: Some(fault) };
            }
            // The last code may still be good.
            (Purpose::Resending | Purpose::BeginningAgain { .. }, Some(asked), _)
                if passing || can_wait_for_code(fault.code) =>
            {
                self.state = State::Challenged { asked, fault: Some(fault) };
            }
            _ => self.end(Some(fault)),
        }
        None
    }

    /// What the window shows.
    pub(crate) fn view(&self) -> AttemptView {
        match &self.state {
            State::Idle { fault } => AttemptView::Idle { fault: fault.clone() },
            State::Deciding { asked, purpose, .. } => AttemptView::Deciding {
                challenge: asked.as_ref().map(|asked| asked.challenge.clone()),
                resending: matches!(purpose, Purpose::Resending | Purpose::BeginningAgain { .. }),
            },
            State::Challenged { asked, fault } => AttemptView::Challenged {
                challenge: asked.challenge.clone(),
                fault: fault.clone(),
                resent: self.resent,
            },
        }
    }
}

/// Whether this is the kind of answer that the challenge asks for.
const fn answers(answer: &Answer, challenge: &Challenge) -> bool {
    match challenge {
        Challenge::NewPassword { .. } => matches!(answer, Answer::NewPassword { .. }),
        Challenge::Code { .. } => matches!(answer, Answer::Code(_)),
        Challenge::Unsupported { .. } => false,
    }
}

/// Whether the pool sends the code that this asks for.
const fn is_sent(challenge: &Challenge) -> bool {
    matches!(challenge, Challenge::Code { method, .. } if method.is_sent())
}

/// Whether the pool's `Session` outlives this fault, so that another answer makes sense.
const fn can_answer_again(code: FaultCode) -> bool {
    matches!(
        code,
        FaultCode::PasswordRejected
            | FaultCode::PasswordReused
            | FaultCode::AttributeRejected
            | FaultCode::CodeWrong
            | FaultCode::CodeExpired
            | FaultCode::CodeUsed
    )
}

/// Whether a code that could not be sent again leaves the one that was sent before as it was.
const fn can_wait_for_code(code: FaultCode) -> bool {
    matches!(code, FaultCode::CodeNotSent | FaultCode::TooManyAttempts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::CodeMethod;

    fn challenged(challenge: Challenge) -> Attempt {
        let mut attempt = Attempt::default();
        let credentials = Credentials { username: "mika".to_owned(), password: Password::new("secret") };
        let Effect::Begin(ticket, _) = attempt.sign_in(credentials) else {
            panic!("a sign-in begins");
        };
        let continuation = Continuation {
            challenge_name: "NAME".to_owned(),
            session: None,
            username: "mika".to_owned(),
            login: "mika".to_owned(),
        };
        assert!(attempt.step(ticket, Ok(Step::Challenge(challenge, continuation))).is_none());
        attempt
    }

    #[test]
    fn the_password_is_kept_only_while_it_may_be_needed_again() {
        let code = Challenge::Code { method: CodeMethod::Sms, destination: None, device: None };
        let mut attempt = challenged(code);
        assert!(attempt.credentials.is_some());
        attempt.cancel();
        assert!(attempt.credentials.is_none());
        assert!(challenged(Challenge::Unsupported { name: "NAME".to_owned() }).credentials.is_none());
    }
}
