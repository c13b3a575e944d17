//! The attempt machine: one try to sign in, from the first click to the last answer.
//!
//! It knows of no session. What it hands over at its end is all that a session ever learns of it.

use crate::challenge::{Answer, Challenge, Continuation, Credentials, Step};
use crate::event::{Effect, Ticket, Tickets};
use crate::fault::{Disposition, Fault, FaultCode};
use crate::secret::RefreshToken;
use crate::tokens::Established;
use crate::view::AttemptView;

/// The attempt machine.
#[derive(Debug, Default)]
pub(crate) struct Attempt {
    state: State,
    /// Steps whose attempt was given up while the pool was thinking.
    abandoned: Vec<Ticket>,
    tickets: Tickets,
}

#[derive(Debug)]
enum State {
    Idle { fault: Option<Fault> },
    Deciding { ticket: Ticket, asked: Option<(Challenge, Continuation)> },
    Challenged { challenge: Challenge, continuation: Continuation, fault: Option<Fault> },
}

impl Default for State {
    fn default() -> Self {
        Self::Idle { fault: None }
    }
}

/// What an attempt leaves behind when a step has ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A session.
    Established(Box<Established>),
    /// A refresh token of a session that nobody wants any more.
    Unwanted(RefreshToken),
}

impl Attempt {
    /// Begins a sign-in, and abandons the one that is under way.
    pub(crate) fn sign_in(&mut self, credentials: Credentials) -> Effect {
        self.abandon();
        let ticket = self.tickets.next();
        self.state = State::Deciding { ticket, asked: None };
        Effect::Begin(ticket, credentials)
    }

    /// Answers the challenge, if there is one that this answers.
    pub(crate) fn answer(&mut self, answer: Answer) -> Option<Effect> {
        match std::mem::take(&mut self.state) {
            State::Challenged {
                challenge: challenge @ Challenge::NewPassword { .. }, continuation, ..
            } if matches!(answer, Answer::NewPassword { .. }) => {
                let ticket = self.tickets.next();
                self.state = State::Deciding { ticket, asked: Some((challenge, continuation.clone())) };
                Some(Effect::Reply(ticket, continuation, answer))
            }
            other => {
                tracing::debug!("an answer to nothing that was asked");
                self.state = other;
                None
            }
        }
    }

    /// Gives up, or closes the notice.
    pub(crate) fn cancel(&mut self) {
        self.abandon();
        self.state = State::default();
    }

    fn abandon(&mut self) {
        if let State::Deciding { ticket, .. } = self.state {
            tracing::info!("sign-in abandoned");
            self.abandoned.push(ticket);
        }
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
        let State::Deciding { ticket: awaited, asked } = &mut self.state else {
            return None;
        };
        if *awaited != ticket {
            return None;
        }
        let asked = asked.take();
        match result {
            Ok(Step::Done(established)) => {
                self.state = State::default();
                Some(Outcome::Established(established))
            }
            Ok(Step::Challenge(challenge, continuation)) => {
                self.state = State::Challenged { challenge, continuation, fault: None };
                None
            }
            Err(fault) => {
                tracing::warn!(code = ?fault.code, "sign-in step failed");
                self.state = match asked {
                    Some((challenge, continuation)) if can_answer_again(fault.code) => {
                        State::Challenged { challenge, continuation, fault: Some(fault) }
                    }
                    _ => State::Idle { fault: Some(fault) },
                };
                None
            }
        }
    }

    /// What the window shows.
    pub(crate) fn view(&self) -> AttemptView {
        match &self.state {
            State::Idle { fault } => AttemptView::Idle { fault: fault.clone() },
            State::Deciding { asked, .. } => {
                AttemptView::Deciding { challenge: asked.as_ref().map(|(challenge, _)| challenge.clone()) }
            }
            State::Challenged { challenge, fault, .. } => {
                AttemptView::Challenged { challenge: challenge.clone(), fault: fault.clone() }
            }
        }
    }
}

/// Whether the pool's `Session` outlives this fault, so that another answer makes sense.
const fn can_answer_again(code: FaultCode) -> bool {
    matches!(code, FaultCode::PasswordRejected | FaultCode::PasswordReused | FaultCode::AttributeRejected)
        || matches!(code.disposition(), Disposition::Retry)
}
