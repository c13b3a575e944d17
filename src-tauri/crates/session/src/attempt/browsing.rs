//! What a sign-in through the browser adds to an attempt: an answer that comes when it likes, and something that is
//! waited with and has to be let go.

use super::rules::is_in_browser;
use super::{Asked, Attempt, State, Thinking};
use crate::challenge::{Answer, Continuation};
use crate::event::Effect;
use crate::fault::Fault;
use crate::time::Timestamp;

impl Asked {
    /// Whether it waits for a browser that would bring nothing of use any more.
    pub(super) fn has_lapsed_in_browser(&self, now: Timestamp) -> bool {
        is_in_browser(&self.challenge) && self.continuation.lapses.is_some_and(|lapse| now >= lapse.at)
    }
}

impl Attempt {
    /// The browser has come back.
    pub(super) fn back_with(&mut self, brought: Result<(), Fault>) -> Option<Effect> {
        match &self.state {
            State::Challenged { asked, .. } if is_in_browser(&asked.challenge) => {
                let asked = asked.clone();
                self.go_on_from_browser(asked, brought)
            }
            State::Deciding { thinking, .. } if !is_looked_at(thinking) => {
                // It was quicker than the word that it is waited for, or its address is being opened once more. The
                // first answer counts.
                self.back.get_or_insert(brought);
                None
            }
            _ => {
                tracing::debug!("nobody waits for the browser");
                None
            }
        }
    }

    /// Goes on with what the browser has brought too early, if it is waited for now.
    pub(super) fn take_back(&mut self) -> Option<Effect> {
        let State::Challenged { asked, .. } = &self.state else {
            return None;
        };
        let brought = self.back.take()?;
        if !is_in_browser(&asked.challenge) {
            return None;
        }
        let asked = asked.clone();
        self.go_on_from_browser(asked, brought)
    }

    fn go_on_from_browser(&mut self, asked: Asked, brought: Result<(), Fault>) -> Option<Effect> {
        self.by_itself = 0;
        match brought {
            Ok(()) => {
                let continuation = asked.continuation.clone();
                let answer = Answer::BackFromBrowser(Ok(()));
                let thinking = Thinking::Answering { answer: answer.clone() };
                Some(self.reply(continuation, Some(asked), thinking, answer))
            }
            Err(fault) => {
                tracing::warn!(code = ?fault.code, "the browser has brought nothing to sign in with");
                self.end(Some(fault));
                None
            }
        }
    }

    /// Whether the pool client is looking at what the browser has brought.
    pub(crate) const fn is_back_from_browser(&self) -> bool {
        matches!(&self.state, State::Deciding { thinking, .. } if is_looked_at(thinking))
    }

    /// What the pool client waits with for the browser, on behalf of this attempt.
    pub(crate) fn in_browser(&self) -> Option<&Continuation> {
        match &self.state {
            State::Challenged { asked, .. } | State::Deciding { asked: Some(asked), .. } => {
                Some(&asked.continuation).filter(|continuation| continuation.browser.is_some())
            }
            State::Idle { .. } | State::Deciding { asked: None, .. } => None,
        }
    }
}

/// Whether the pool client has what the browser brought.
const fn is_looked_at(thinking: &Thinking) -> bool {
    matches!(thinking, Thinking::Answering { answer: Answer::BackFromBrowser(_) })
}
