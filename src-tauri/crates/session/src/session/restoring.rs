//! Reading the keychain, from the first question to an answer that tells who is signed in.

use std::time::Duration;

use super::{How, Session, State};
use crate::event::{Effect, Ticket};
use crate::live::Live;
use crate::ports::{Prompt, VaultFault};
use crate::record::{Record, Stored};
use crate::time::{Timestamp, Wait};
use crate::view::UnavailableCause;

/// How long the keychain may be read before the window says that it does not answer.
pub(super) const READING: Duration = Duration::from_secs(4);
/// How often a keychain that could not tell is asked again, without a prompt.
const ASK_AGAIN: Duration = Duration::from_secs(3);

/// The reading of the keychain that is under way.
#[derive(Debug)]
pub(super) struct Loading {
    ticket: Ticket,
    prompt: Prompt,
    patience: Option<Wait>,
    /// The user has asked for a prompt meanwhile.
    then_prompt: bool,
}

impl Loading {
    /// The user wants the system's prompt: the next question may bring it, if this one cannot.
    pub(super) fn prompt_next(&mut self) {
        self.then_prompt = self.prompt == Prompt::Never;
    }

    /// Whether the window says that it is asking. The quiet questions in between are not worth a flicker.
    pub(super) fn is_noticed(&self) -> bool {
        self.prompt == Prompt::Allowed || self.then_prompt || self.patience.is_none()
    }

    /// When it has taken too long.
    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        self.patience.map(Wait::until)
    }
}

impl Session {
    /// Asks the keychain who is signed in.
    pub(super) fn ask(&mut self, prompt: Prompt, now: Timestamp) -> Effect {
        let ticket = self.tickets.next();
        self.load =
            Some(Loading { ticket, prompt, patience: Some(Wait::new(now, READING)), then_prompt: false });
        Effect::Load(ticket, prompt)
    }

    fn unavailable(&mut self, cause: UnavailableCause, now: Timestamp) {
        if !matches!(&self.state, State::Unavailable { cause: before, .. } if *before == cause) {
            tracing::info!(?cause, "the keychain cannot tell");
        }
        self.state = State::Unavailable { cause, ask_again: Wait::new(now, ASK_AGAIN) };
    }

    /// Notices that an answer takes too long, and asks again where the last one could not tell.
    pub(super) fn tick_load(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let overdue = self.load.as_mut().is_some_and(|load| {
            // With a prompt it is the person who takes their time.
            load.patience.take_if(|wait| wait.is_over(now)).is_some() && load.prompt == Prompt::Never
        });
        match &self.state {
            State::Restoring | State::Unavailable { .. } if overdue => {
                tracing::warn!("the keychain does not answer");
                self.unavailable(UnavailableCause::Silent, now);
            }
            State::Unavailable { cause, ask_again }
                if self.load.is_none() && asks_again(*cause) && ask_again.is_over(now) =>
            {
                effects.push(self.ask(Prompt::Never, now));
            }
            _ => {}
        }
    }

    /// The keychain has answered, however late.
    pub(crate) fn loaded(
        &mut self,
        ticket: Ticket,
        result: Result<Option<Stored>, VaultFault>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        if matches!(&self.state, State::SignedIn(live) if live.reading() == Some(ticket)) {
            self.read_again(result, now, effects);
            return;
        }
        let Some(load) = self.load.take_if(|load| load.ticket == ticket) else {
            return;
        };
        let read = result.is_ok();
        match self.state {
            State::Restoring | State::Unavailable { .. } => self.restore(load, result, now, effects),
            State::SignedIn(_) | State::SignedOut { .. } => self.loaded_behind(result, now, effects),
        }
        if read {
            effects.push(self.revocations.read(&mut self.tickets));
        }
        self.settle(now);
    }

    fn restore(
        &mut self,
        load: Loading,
        result: Result<Option<Stored>, VaultFault>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        match result {
            Ok(None) => {
                tracing::info!("the keychain holds no session");
                self.state = State::SignedOut { ended: None, login: None };
            }
            Ok(Some(Stored { record: Record::Ended(ended), .. })) => {
                tracing::info!(code = ?ended.fault.code, "the last session was ended by the pool");
                self.state = State::SignedOut {
                    ended: Some((ended.at, How::ByPool(ended.fault))),
                    login: Some(ended.login),
                };
            }
            Ok(Some(Stored { record: Record::Live(live), saved_at, signed_out, .. })) => {
                self.keeping.found(&live.tokens.refresh, signed_out);
                let live = Live::restored(live, saved_at, now, &mut self.jitter);
                let due = live.is_due(now);
                self.state = State::SignedIn(Box::new(live));
                if signed_out {
                    // The keychain could not be told of it at the time.
                    tracing::info!("a sign-out of an earlier run goes on");
                    self.end_by_user(false, false, now, effects);
                    return;
                }
                tracing::info!("session restored");
                if due {
                    self.renew(effects);
                }
            }
            Err(fault) => {
                self.unavailable(fault.into(), now);
                if load.then_prompt {
                    effects.push(self.ask(Prompt::Allowed, now));
                }
            }
        }
    }

    /// The keychain has answered after somebody signed in without waiting for it, and maybe was signed out since.
    fn loaded_behind(
        &mut self,
        result: Result<Option<Stored>, VaultFault>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        match result {
            Err(VaultFault::Newer) => self.keeping.give_up(),
            Ok(Some(Stored { record: Record::Live(replaced), signed_out, .. })) => {
                let refresh = replaced.tokens.refresh;
                self.keeping.found(&refresh, signed_out);
                effects.push(self.revoke_signed_out(refresh, false, now));
            }
            Ok(_) | Err(_) => {}
        }
        effects.extend(self.keeping.release(&mut self.tickets));
    }
}

/// Whether this may pass without anybody touching this window, as when the keychain is unlocked elsewhere.
pub(super) const fn asks_again(cause: UnavailableCause) -> bool {
    matches!(cause, UnavailableCause::Locked | UnavailableCause::Absent | UnavailableCause::Silent)
}
