//! Signing out on every device: the pool does it for whoever shows an access token, and only then does the session
//! end here.

use super::{Session, State};
use crate::event::{Effect, Ticket};
use crate::fault::{Fault, FaultCode};
use crate::live::Everywhere;
use crate::time::Timestamp;
use crate::tokens::Origin;

impl Session {
    /// The user wants to be signed out on every device.
    pub(crate) fn sign_out_everywhere(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let State::SignedIn(live) = &mut self.state else {
            tracing::debug!("nobody is signed in who could be signed out everywhere");
            return;
        };
        if !matches!(live.everywhere, None | Some(Everywhere::Failed(_))) {
            return;
        }
        live.everywhere = Some(Everywhere::Wanted { again: false });
        if live.good_token(now).is_none() && live.is_retrying() {
            self.renew(effects);
        }
    }

    /// The user has read why it was not done.
    pub(crate) fn close_notice(&mut self) {
        if let State::SignedIn(live) = &mut self.state {
            live.everywhere.take_if(|everywhere| matches!(everywhere, Everywhere::Failed(_)));
        }
    }

    /// Goes on with it as soon as there is a token to show.
    pub(crate) fn pursue_everywhere(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let State::SignedIn(live) = &mut self.state else {
            return;
        };
        let Some(Everywhere::Wanted { again }) = live.everywhere else {
            return;
        };
        if let Some((token, _)) = live.good_token(now) {
            let ticket = self.tickets.next();
            effects.push(Effect::SignOutEverywhere(ticket, token.clone()));
            live.everywhere = Some(Everywhere::Running { ticket, again });
        } else if let Some(fault) = live.failure().cloned() {
            live.everywhere = Some(Everywhere::Failed(fault));
        } else if live.is_wanted(now) {
            self.renew(effects);
        }
    }

    /// The pool has answered.
    pub(crate) fn signed_out_everywhere(
        &mut self,
        ticket: Ticket,
        result: Result<(), Fault>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let State::SignedIn(live) = &mut self.state else {
            return;
        };
        let again = match live.everywhere {
            Some(Everywhere::Running { ticket: awaited, again }) if awaited == ticket => again,
            _ => return,
        };
        match result {
            Ok(()) => {
                let browser = live.origin() == Origin::Browser;
                self.end_by_user(true, browser, now, effects);
            }
            // Renewing tells whether the token alone is spent or the session is over.
            Err(fault) if fault.code == FaultCode::AccessTokenRevoked && !again => {
                live.everywhere = Some(Everywhere::Wanted { again: true });
                live.distrust(now);
            }
            Err(fault) => {
                tracing::warn!(code = ?fault.code, "not signed out everywhere; the session goes on");
                live.everywhere = Some(Everywhere::Failed(fault));
            }
        }
    }
}
